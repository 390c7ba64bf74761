// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ed25519"
	"encoding/hex"
	"slices"
)

// KeyID names a key in the header of a code: 1 to 8 raw bytes. That of a device
// is its number followed by one byte for the generation of its key.
type KeyID string

// String is the id in hex.
func (id KeyID) String() string { return hex.EncodeToString([]byte(id)) }

// DeviceKeyID returns the key id of a device: its number, 1 to 7 bytes, and
// the generation of its key, which rises when the key is replaced. It looks at
// nothing: Validate refuses a key whose number is longer.
func DeviceKeyID(number []byte, generation uint8) KeyID {
	return KeyID(number) + KeyID([]byte{generation})
}

// Key is a public key and what it is trusted for. The type of Public decides the
// algorithm: Ed25519, or ESP256 for a point of P-256.
type Key struct {
	ID     KeyID
	Public crypto.PublicKey // ed25519.PublicKey or *ecdsa.PublicKey
	Kinds  []Kind           // that it may sign
	// Number is the device's number, 1 to 7 bytes, for a key that may sign
	// identities and settlements; nil for an issuer's.
	Number []byte
	// Agreement is the device's public key of X25519 for the records that its
	// identities carry; see Carrier. nil says that it carries them in the clear.
	// It belongs to this generation of its keys.
	Agreement *ecdh.PublicKey
	// Caps are the bounds of a key that a root has delegated; nil are none. They
	// stand in no key file.
	Caps *Caps
}

// check holds a key that somebody's Keys returned against what it must be.
func (k *Key) check(id KeyID, kind Kind) (algorithm, error) {
	fail := func(code ErrorCode, why string) (algorithm, error) {
		return nil, &Error{Code: code, Kind: kind, Why: why}
	}
	if k == nil || k.ID != id {
		return fail(ErrUnknownKey, "no key "+id.String())
	}
	if !slices.Contains(k.Kinds, kind) {
		return fail(ErrKeyUsage, "key "+id.String())
	}
	if kind == KindIdentity || kind == KindSettlement {
		n := len(k.Number)
		if n < 1 || n > MaxNumber || len(id) != n+1 || id[:n] != KeyID(k.Number) {
			return fail(ErrBadKey, "the id of a device's key is its number and one byte")
		}
	}
	return algorithmOf(k.Public)
}

// Generation returns the generation of a device's key, the last byte of its id,
// and 0 for an issuer's.
func (k *Key) Generation() uint8 {
	if k == nil || len(k.Number) == 0 || len(k.ID) == 0 {
		return 0
	}
	return k.ID[len(k.ID)-1]
}

// Validate tells whether Open could use a key at all: a sound public key (an
// Ed25519 point in its one encoding and not of small order, or a point of P-256
// other than the neutral one), an id of 1 to 8 bytes, at least one kind; and an
// agreement key, if there is one, that is a device's, in its one encoding and not
// of small order. Call it when keys are loaded. Open checks again, but for whether
// an Ed25519 key is a point at all: no signature verifies under one that is none.
func (k *Key) Validate() error {
	if k == nil || len(k.ID) < 1 || len(k.ID) > 8 || len(k.Kinds) == 0 {
		return &Error{Code: ErrBadKey, Why: "no kind, or an id not of 1 to 8 bytes"}
	}
	if len(k.Number) > MaxNumber {
		return &Error{Code: ErrBadKey, Why: "a number above 7 bytes"}
	}
	for _, kind := range k.Kinds {
		if kind < 'A' || kind > 'Z' {
			return &Error{Code: ErrBadKey, Why: "a kind that is no capital letter"}
		}
		if _, err := k.check(k.ID, kind); err != nil {
			return err
		}
	}
	if key, ok := k.Public.(ed25519.PublicKey); ok && !isPoint(key) {
		return &Error{Code: ErrBadKey, Why: "not a point of Ed25519's curve"}
	}
	return k.validateAgreement()
}

func (k *Key) validateAgreement() error {
	if k.Agreement == nil {
		return nil
	}
	if len(k.Number) == 0 {
		return &Error{Code: ErrBadKey, Why: "an agreement key that is no device's"}
	}
	return ValidateAgreement(k.Agreement)
}

// Keys finds a key by its id. Ids are chosen by their owners and nothing keeps
// strangers from reusing one: the id is a hint, the signature decides. A nil
// key is an unknown one; an error means that looking was not possible.
type Keys interface {
	Key(KeyID) (*Key, error)
}

// Knower is what the Keys of an application may also be that understands critical
// extensions of its own: Open hands on a code with critical ones only if Knows
// says yes to each. What they mean is then the application's to see to.
type Knower interface {
	Knows(kind Kind, extension int16) bool
}

// KeyFunc makes Keys of a function, as http.HandlerFunc does a Handler.
type KeyFunc func(KeyID) (*Key, error)

// Key calls f; a nil f knows no key.
func (f KeyFunc) Key(id KeyID) (*Key, error) {
	if f == nil {
		return nil, nil
	}
	return f(id)
}

// KeyList makes Keys of a list. The first key of an id wins.
type KeyList []Key

// Key returns the first key of that id, or nil.
func (l KeyList) Key(id KeyID) (*Key, error) {
	for i := range l {
		if l[i].ID == id {
			return &l[i], nil
		}
	}
	return nil, nil
}

var (
	_ Keys = KeyFunc(nil)
	_ Keys = KeyList(nil)
)

// Signer is a private key and its id. The key stays wherever crypto.Signer
// keeps it: a file, a secure element, an HSM. One of Ed25519 is given the message
// itself, one of P-256 its SHA-256 (crypto.SHA256), and answers as in crypto/ecdsa,
// in ASN.1. No randomness is handed to it.
type Signer struct {
	ID  KeyID
	Key crypto.Signer
}
