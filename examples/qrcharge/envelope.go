// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"

	"github.com/fxamacker/cbor/v2"
)

// envelope is the array of a COSE_Sign1 (RFC 9052, section 4.2).
type envelope struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected cbor.RawMessage
	Payload     []byte
	Signature   []byte
}

// diagnoseEnvelope writes a COSE_Sign1 in diagnostic notation (RFC 8949,
// section 8), one item a line. Only what is known to be CBOR inside a byte
// string is written as such: a hash may look like CBOR by chance.
func diagnoseEnvelope(b []byte) []string {
	var tag cbor.RawTag
	var e envelope
	if cbor.Unmarshal(b, &tag) != nil || cbor.Unmarshal(tag.Content, &e) != nil {
		return []string{diagnose(b)}
	}
	return []string{
		"18([",
		"  " + embedded(e.Protected) + ",",
		"  " + diagnose(e.Unprotected) + ",",
		"  " + embedded(e.Payload) + ",",
		"  h'" + hex.EncodeToString(e.Signature) + "'",
		"])",
	}
}

func embedded(b []byte) string {
	if cbor.Wellformed(b) != nil {
		return "h'" + hex.EncodeToString(b) + "'"
	}
	return "<< " + diagnose(b) + " >>"
}

// diagnose falls back to hex for what is not CBOR.
func diagnose(b []byte) string {
	text, err := cbor.Diagnose(b)
	if err != nil {
		return "h'" + hex.EncodeToString(b) + "'"
	}
	return printable(text)
}
