// SPDX-License-Identifier: Apache-2.0

// Package keyfile keeps private keys in files, and public ones in the forms of
// others. Firmware whose key is in a secure element, and whoever only opens
// codes, needs none of it: a JWK Set of trusted keys is read by
// [qrproto.KeyList].
//
// # Private keys
//
// A [Private] is a key with its private half: made by [Generate], or by [New] of
// a key that is there. It has three forms.
//
//   - [Encrypt] and [Decrypt]: a file under a passphrase. This is how an
//     issuer's key should be kept that has to be in a file at all.
//   - [EncodeJWK] and [DecodeJWK]: a private JWK (RFC 7517; RFC 8037, RFC 7518).
//     Who can read it can sign.
//   - [EncodeCOSE] and [DecodeCOSE]: a private COSE_Key (RFC 9052, section 7), in
//     core deterministic encoding. Likewise.
//
// The encrypted file is an age file, version 1 (age-encryption.org/v1), for a
// passphrase, with the private JWK in it. The format is public and small, its key
// derivation (scrypt) costs an attacker memory as well as time, what it holds is
// authenticated, and the age program opens the file without this library:
//
//	age --decrypt issuer.age
//
// # Agreement keys
//
// An [Agreement] is a private key of X25519 for the records that identities carry,
// a server's or a device's: a key of its own beside the one that signs. It has two
// forms, [EncryptAgreement] and [EncodeAgreement], an age file and a JWK (RFC 8037);
// [EncodePeer] writes its public half.
//
// # Public keys
//
// [EncodeKeySet] and [DecodeKeySet] write and read trusted keys as a
// COSE_KeySet.
//
// # Limits
//
// A file is read up to [MaxFile]. Its cost is looked at before it is paid: a file
// that asks for more than [MaxWorkFactor] is refused, so that a hostile one
// cannot hold up its reader, and so is one that asks for less than
// [MinWorkFactor], so that a careless one does not pass for safe.
//
// Nothing here reads a file, a terminal or a clock. Randomness is handed in;
// give crypto/rand.Reader.
package keyfile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"io"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/internal/keyform"
)

// MaxFile is the largest file of a private key that is read, in bytes.
const MaxFile = 4096

// Algorithm is an algorithm of signatures by its COSE identifier (RFC 9864).
type Algorithm int8

// The algorithms.
const (
	Ed25519 Algorithm = -19
	ESP256  Algorithm = -9 // ECDSA over P-256 with SHA-256
)

// Private is a private key and what its public half is trusted for. As text it
// is its id.
type Private struct {
	key    qrproto.Key
	secret crypto.Signer
}

// New joins a private key, an ed25519.PrivateKey or an *ecdsa.PrivateKey of
// P-256, to what it may be used for: the id, the kinds and the number of k. The
// public key of k may be nil; otherwise it must be that of the private one. It
// fails with qrproto.ErrBadKey.
func New(k qrproto.Key, secret crypto.Signer) (*Private, error) {
	switch s := secret.(type) {
	case ed25519.PrivateKey:
		if len(s) != ed25519.PrivateKeySize || !ed25519.NewKeyFromSeed(s.Seed()).Equal(s) {
			return nil, badKey("an ed25519.PrivateKey that is not its seed and its public key")
		}
	case *ecdsa.PrivateKey:
		if s == nil || s.Curve != elliptic.P256() {
			return nil, badKey("a private key that is not of P-256")
		}
	default:
		return nil, badKey(fmt.Sprintf("a private key of type %T", secret))
	}
	if k.Public != nil {
		public, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !public.Equal(secret.Public()) {
			return nil, badKey("the private key is not that of the public one")
		}
	}
	k.Public = secret.Public()
	if err := k.Validate(); err != nil {
		return nil, err
	}
	return &Private{k, secret}, nil
}

func badKey(why string) error { return &qrproto.Error{Code: qrproto.ErrBadKey, Why: why} }

// Generate makes a new key for the id, the kinds and the number of k. Random is
// where the key comes from: 32 bytes, and under ESP256 32 more as often as they
// are no scalar, whose chance is 2^-32. It fails with the error of random, and with
// qrproto.ErrBadKey for an algorithm unknown here and for what Validate of k
// refuses.
func Generate(k qrproto.Key, a Algorithm, random io.Reader) (*Private, error) {
	k.Public = nil
	for range 8 {
		seed := make([]byte, 32)
		if _, err := io.ReadFull(random, seed); err != nil {
			return nil, err
		}
		switch a {
		case Ed25519:
			return New(k, ed25519.NewKeyFromSeed(seed))
		case ESP256:
			secret, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
			if err == nil {
				return New(k, secret)
			}
		default:
			return nil, badKey(fmt.Sprintf("no algorithm %d", a))
		}
	}
	return nil, errors.New("keyfile: what should be random is not")
}

// Key returns the public half.
func (p *Private) Key() qrproto.Key { return p.key }

// Signer returns what qrproto.Seal takes.
func (p *Private) Signer() qrproto.Signer { return qrproto.Signer{ID: p.key.ID, Key: p.secret} }

// String is the id of the key, so that no log shows more.
func (p Private) String() string { return "private key " + p.key.ID.String() }

// Format writes String, whatever the verb: %d would write the bytes of the key.
func (p Private) Format(f fmt.State, _ rune) { fmt.Fprint(f, p.String()) }

// form is the key as writers of forms take it.
func (p *Private) form() (*keyform.Key, error) {
	if err := unbounded(&p.key); err != nil {
		return nil, err
	}
	f := public(&p.key)
	f.Private = p.secret
	return f, nil
}

// unbounded refuses a key with Caps: no form has a place for them, and whoever
// read it again would delegate without bounds.
func unbounded(k *qrproto.Key) error {
	if k.Caps != nil {
		return badKey("bounds, which a file would lose")
	}
	return nil
}

func public(k *qrproto.Key) *keyform.Key {
	f := &keyform.Key{ID: []byte(k.ID), Number: k.Number, Public: k.Public, Agreement: k.Agreement}
	for _, kind := range k.Kinds {
		f.Add(kind.String())
	}
	return f
}

// keyOf is a form as a key.
func keyOf(f *keyform.Key) qrproto.Key {
	k := qrproto.Key{ID: qrproto.KeyID(f.ID), Public: f.Public, Number: f.Number, Agreement: f.Agreement}
	for _, letter := range []byte(f.Kinds) {
		k.Kinds = append(k.Kinds, qrproto.Kind(letter))
	}
	return k
}

// privateOf is a form as a private key.
func privateOf(f *keyform.Key) (*Private, error) {
	if f.Private == nil {
		return nil, unreadable(errors.New("a public key where a private one is wanted"))
	}
	return New(keyOf(f), f.Private)
}

// unreadable gives an error of a form its code.
func unreadable(err error) error {
	if errors.Is(err, keyform.ErrUse) {
		return &qrproto.Error{Code: qrproto.ErrBadKey, Err: err}
	}
	return &qrproto.Error{Code: qrproto.ErrKeyFile, Err: err}
}
