// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdh"
	"errors"

	"github.com/seed81979277/qrcharge/qrproto"
)

// carried is what is known about the records of an identity. Where nothing is,
// they are shown if they are settlements as they stand.
type carried struct {
	encrypted bool     // the device's key is trusted with an agreement key
	clear     [][]byte // decrypted; nil where that was not asked for
}

var (
	errNoRecords   = errors.New("--agreement: nothing to decrypt, as this is no identity")
	errNoAgreement = errors.New("--agreement: the device's key is trusted without an agreement key: its records are not encrypted")
)

// read returns the record at a place, or why it cannot be read.
func (c carried) read(number []byte, place int, b []byte) (*qrproto.Settlement, string) {
	why := "encrypted to the server, or damaged"
	switch {
	case c.clear != nil:
		b, why = c.clear[place], "no settlement under this agreement key"
	case c.encrypted:
		return nil, "encrypted to the server (--agreement FILE)"
	}
	record, err := qrproto.DecodeRecord(number, b)
	if err != nil {
		return nil, why
	}
	return record, ""
}

// carriedBy decrypts the records of an identity that a key has verified, with the
// server's private key, if there is one.
func carriedBy(key *qrproto.Key, p qrproto.Payload, server *ecdh.PrivateKey) (carried, error) {
	identity, ok := p.(*qrproto.Identity)
	switch {
	case server == nil:
		return carried{encrypted: key.Agreement != nil}, nil
	case !ok:
		return carried{}, errNoRecords
	case key.Agreement == nil:
		return carried{}, errNoAgreement
	}
	carrier, err := qrproto.NewCarrier(server, key.Agreement)
	if err != nil {
		return carried{}, err
	}
	clear, err := carrier.Apply(identity)
	return carried{encrypted: true, clear: clear}, err
}
