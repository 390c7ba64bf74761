// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A receipt in CBOR, put together by hand: the settlement's hash, what was paid,
// the time.
const (
	hashItem = "0150404142434445464748494a4b4c4d4e4f"
	paidItem = "02190db8"
	timeItem = "041a6b02bc5b"
)

// brokenCodes are codes with one fault each, named by the number of the error
// that they must be refused with. Whatever can be signed is signed.
func brokenCodes(t testing.TB) map[string]string {
	signed := func(payload string) string { return craft(t, -19, payload) }
	good, err := qrproto.Seal(receipt(), issuerSigner())
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(good.Bytes())
	forged[len(forged)-1] ^= 1
	return map[string]string{
		"crafted": signed("a3" + hashItem + paidItem + timeItem), // nothing wrong: shows that the others fail for their own reason
		"e101":    "QR1/" + digits(make([]byte, 1025)),
		"e102":    "HTTPS://PAY.EXAMPLE.COM/C/A/12345",
		"e103":    "QR2/12345",
		"e104":    "QZ1/12345",
		"e105":    strings.TrimSuffix(good.Text(), "0") + "x",
		"e106":    "QR1/" + digits(forged),
		"e107":    "QR1/" + digits([]byte{0xd2, 0x84, 0x40}),
		"e108":    craft(t, -8, "a3"+hashItem+paidItem+timeItem),
		"e112":    signed("a3" + hashItem),
		"e113":    signed("a3" + hashItem + "021a00000db8" + timeItem),
		"e114":    signed("a3" + hashItem + paidItem + "0400"),
		"e115":    signed("a2" + hashItem + paidItem),
		"e116":    signed("a4" + hashItem + paidItem + timeItem + "1863" + "01"),
		"e117":    signed("a4" + "00a12041ff" + hashItem + paidItem + timeItem),
		"esc":     signed("a1" + "01" + "661b5b324a41" + "0a"), // a terminal's "clear screen"
	}
}

// craft signs any bytes as the payload of a receipt under the issuer's key, as
// RFC 9052, section 4.4, says.
func craft(t testing.TB, algorithm int, payload string) string {
	body, err := hex.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	protected := marshal(t, map[int]any{1: algorithm, 4: []byte(issuerID)})
	message := marshal(t, []any{"Signature1", protected, []byte("qrcharge/1/R"), body})
	signature := ed25519.Sign(testKey(2), message)
	return "QR1/" + digits(marshal(t, cbor.Tag{Number: 18, Content: []any{protected, map[int]any{}, body, signature}}))
}

func marshal(t testing.TB, v any) []byte {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
