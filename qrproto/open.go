// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"errors"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto/internal/cose"
)

// Opened is a code whose signature, kind, key and every rule hold. The payload
// shares no memory with the keys.
type Opened struct {
	Payload Payload
	Key     *Key // that verified it, as Keys returned it: not to be changed
	Sum     Hash // of the payload
}

// Open reads and verifies the text of a code, bare or as a link, of any kind.
//
// It returns a payload only if everything holds: a trusted key for that kind,
// the signature, the one encoding, every field in its range, no critical extension
// that is unknown (keys that are a Knower may know some). Otherwise the
// error is an *Error with its code, and what could be read although it could
// not be verified stands only inside that error. Where keys could not look, it is
// ErrUnknownKey with their error as its Err: that one is worth another try.
//
// Open does not hold a code against the Caps of its key, nor against what is
// fresh: the packages charger and server do.
func Open(text string, keys Keys) (*Opened, error) {
	kind, b, err := parseText(text)
	if err != nil {
		return nil, err
	}
	m, err := parseEnvelope(kind, b)
	if err != nil {
		return nil, err
	}
	scratch := b[len(b):]
	key, err := verify(kind, &m, keys, scratch)
	if err != nil {
		return nil, unverified(kind, &m, keys, err)
	}
	p := kind.newPayload()
	if err := decode(p, keys, deviceNumber(kind, m.KeyID), m.Payload, scratch); err != nil {
		return nil, refusal(kind, &m, err)
	}
	return &Opened{p, key, sum(kind.domain(), p.number(), m.Payload)}, nil
}

// parseEnvelope checks the size and the shape.
func parseEnvelope(kind Kind, b []byte) (cose.Message, error) {
	if len(b) > MaxBytes {
		return cose.Message{}, &Error{Code: ErrTooLarge, Kind: kind}
	}
	m, err := cose.Parse(b)
	if err != nil {
		return m, &Error{Code: ErrEnvelope, Kind: kind, Err: err}
	}
	return m, nil
}

func verify(kind Kind, m *cose.Message, keys Keys, scratch []byte) (*Key, error) {
	id := KeyID(m.KeyID)
	if keys == nil {
		return nil, &Error{Code: ErrUnknownKey, Why: "no keys"}
	}
	key, err := keys.Key(id)
	if err != nil {
		return nil, &Error{Code: ErrUnknownKey, Err: err}
	}
	alg, err := key.check(id, kind)
	if err != nil {
		return nil, err
	}
	if alg.id() != m.Algorithm {
		return nil, &Error{Code: ErrAlgorithm, Why: fmt.Sprintf("header says %d, key is for %d", m.Algorithm, alg.id())}
	}
	message := m.AppendToBeSigned(scratch, kind.domain())
	if !alg.verify(message, m.Signature) {
		return nil, &Error{Code: ErrSignature}
	}
	return key, nil
}

// unverified puts what can be read of a refused code into its error.
func unverified(kind Kind, m *cose.Message, keys Keys, err error) error {
	out := refusal(kind, m, err)
	p := kind.newPayload()
	if decode(p, keys, deviceNumber(kind, m.KeyID), m.Payload, nil) == nil {
		out.Unverified = p
	}
	return out
}

// deviceNumber is the number in the id of a device's key, nil for what no device
// signs. It is that of the key, which check compares, in memory of the code's own.
func deviceNumber(kind Kind, id []byte) []byte {
	n := len(id) - 1
	if n < 1 || kind != KindIdentity && kind != KindSettlement {
		return nil
	}
	return id[:n:n]
}

// refusal is an error with what the envelope says.
func refusal(kind Kind, m *cose.Message, err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: ErrOther, Err: err}
	}
	out := *e
	out.Kind, out.UnverifiedKey = kind, KeyID(m.KeyID)
	return &out
}

// As returns the payload of an opened code as the type that the caller
// expects, or ErrKind. It takes the results of Open, so that the two can be
// written as one: As[*StartOrder](Open(text, keys)).
func As[P Payload](o *Opened, err error) (P, error) {
	var none P
	if err != nil {
		return none, err
	}
	if o == nil {
		return none, &Error{Code: ErrKind, Why: "nothing was opened"}
	}
	p, ok := o.Payload.(P)
	if !ok {
		return none, &Error{Code: ErrKind, Kind: o.Payload.Kind(), Why: fmt.Sprintf("want %T", none)}
	}
	return p, nil
}

// Peek tells the kind and the key id that a code names, to fetch the key
// before Open. It verifies nothing: anybody can write any id. It fails as Open
// does for what is no code, with ErrPart for a part of one, which an Assembly
// takes.
func Peek(text string) (Kind, KeyID, error) {
	kind, b, err := parseText(text)
	if err != nil {
		return 0, "", err
	}
	m, err := parseEnvelope(kind, b)
	if err != nil {
		return 0, "", err
	}
	return kind, KeyID(m.KeyID), nil
}
