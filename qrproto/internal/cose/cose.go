// SPDX-License-Identifier: Apache-2.0

// Package cose reads and writes the one shape of COSE_Sign1 (RFC 9052,
// section 4.2) that qrcharge uses, and nothing else:
//
//	18([ << {1: alg, 4: kid} >>, {}, payload, signature ])
//
// The message is tagged, the protected header holds exactly the algorithm and
// a key id of 1 to 8 bytes, the unprotected header is empty, the payload is
// embedded, the signature has 64 bytes. Every length is written in its
// shortest form, so that a message has one encoding. It is small enough to be
// read by hand, which costs no allocation; a general decoder accepts shapes
// that would have to be refused afterwards.
package cose

import (
	"bytes"
	"errors"
)

// Errors of Parse.
var (
	// ErrMalformed: not the one shape of a COSE_Sign1 described above.
	ErrMalformed = errors.New("cose: not a COSE_Sign1 of the one shape used here")
	// ErrHeader: the protected header is not exactly {1: alg, 4: kid}.
	ErrHeader = errors.New("cose: protected header is not {1: alg, 4: kid}")
	// ErrTrailing: bytes behind the message.
	ErrTrailing = errors.New("cose: bytes behind the message")
)

// SignatureSize is the length of every signature used: Ed25519, and P-256 as
// r ‖ s (RFC 9053, section 2.1).
const SignatureSize = 64

// MaxKeyID is the largest length of a key id.
const MaxKeyID = 8

// Major types of CBOR (RFC 8949, section 3.1).
const (
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
)

// Message is a parsed COSE_Sign1. All slices point into the input.
type Message struct {
	Algorithm int8 // COSE algorithm identifier, -24 to -1
	KeyID     []byte
	Payload   []byte
	Signature []byte
	protected []byte
}

// Parse reads a message. It verifies nothing.
func Parse(b []byte) (m Message, err error) {
	rest, ok := bytes.CutPrefix(b, []byte{0xd2, majorArray | 4})
	if !ok {
		return m, ErrMalformed
	}
	if m.protected, rest, ok = cutBytes(rest); !ok {
		return m, ErrMalformed
	}
	if rest, ok = bytes.CutPrefix(rest, []byte{0xa0}); !ok {
		return m, ErrMalformed
	}
	if m.Payload, rest, ok = cutBytes(rest); !ok || len(m.Payload) == 0 {
		return m, ErrMalformed
	}
	if m.Signature, rest, ok = cutBytes(rest); !ok || len(m.Signature) != SignatureSize {
		return m, ErrMalformed
	}
	if len(rest) > 0 {
		return m, ErrTrailing
	}
	err = m.parseProtected() // on its own: in one statement, the language leaves open which value of m is returned
	return m, err
}

func (m *Message) parseProtected() error {
	p := m.protected
	const algorithmAt, keyIDAt = 2, 4
	if len(p) <= keyIDAt || p[0] != 0xa2 || p[1] != 1 || p[algorithmAt]>>5 != 1 || p[algorithmAt]&31 > 23 || p[3] != 4 {
		return ErrHeader
	}
	m.Algorithm = -1 - int8(p[algorithmAt]&31)
	kid, rest, ok := cutBytes(p[keyIDAt:])
	if !ok || len(rest) > 0 || len(kid) == 0 || len(kid) > MaxKeyID {
		return ErrHeader
	}
	m.KeyID = kid
	return nil
}

// cutBytes reads a byte string of up to 65535 bytes, length in shortest form.
func cutBytes(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 || b[0]>>5 != majorBytes>>5 {
		return nil, nil, false
	}
	n, head := int(b[0]&31), 1
	switch {
	case n < 24:
	case n == 24 && len(b) > 1 && b[1] >= 24:
		n, head = int(b[1]), 2
	case n == 25 && len(b) > 2 && b[1] > 0:
		n, head = int(b[1])<<8|int(b[2]), 3
	default:
		return nil, nil, false
	}
	if len(b)-head < n {
		return nil, nil, false
	}
	return b[head : head+n : head+n], b[head+n:], true
}

// Append appends a message to dst. The caller keeps to the limits: an
// algorithm of -24 to -1, a key id of 1 to 8 bytes, a signature of 64.
func Append(dst []byte, algorithm int8, keyID, payload, signature []byte) []byte {
	dst = append(dst, 0xd2, majorArray|4)
	dst = AppendBytes(dst, protected(algorithm, keyID))
	dst = append(dst, 0xa0)
	dst = AppendBytes(dst, payload)
	return AppendBytes(dst, signature)
}

func protected(algorithm int8, keyID []byte) []byte {
	dst := make([]byte, 0, 5+MaxKeyID)
	dst = append(dst, 0xa2, 1, 1<<5|byte(-1-algorithm), 4)
	return AppendBytes(dst, keyID)
}

// AppendToBeSigned appends the Sig_structure (RFC 9052, section 4.4) of a
// message: what is signed, with aad as the external data.
func AppendToBeSigned(dst []byte, algorithm int8, keyID []byte, aad string, payload []byte) []byte {
	return appendToBeSigned(dst, protected(algorithm, keyID), aad, payload)
}

// AppendToBeSigned appends the Sig_structure of a parsed message.
func (m *Message) AppendToBeSigned(dst []byte, aad string) []byte {
	return appendToBeSigned(dst, m.protected, aad, m.Payload)
}

func appendToBeSigned(dst, protected []byte, aad string, payload []byte) []byte {
	dst = append(dst, majorArray|4)
	dst = AppendText(dst, "Signature1")
	dst = AppendBytes(dst, protected)
	dst = append(appendHead(dst, majorBytes, len(aad)), aad...)
	return AppendBytes(dst, payload)
}

// AppendArray appends the head of an array of n items.
func AppendArray(dst []byte, n int) []byte { return appendHead(dst, majorArray, n) }

// AppendBytes appends b as a byte string.
func AppendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, majorBytes, len(b)), b...)
}

// AppendText appends s as a text string.
func AppendText(dst []byte, s string) []byte {
	return append(appendHead(dst, majorText, len(s)), s...)
}

// appendHead writes a head in its shortest form, for lengths up to 65535.
func appendHead(dst []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n < 1<<8:
		return append(dst, major|24, byte(n))
	default:
		return append(dst, major|25, byte(n>>8), byte(n))
	}
}
