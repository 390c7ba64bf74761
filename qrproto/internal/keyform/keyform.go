// SPDX-License-Identifier: Apache-2.0

// Package keyform reads and writes keys as JSON Web Keys (RFC 7517) and as
// COSE_Keys (RFC 9052, section 7), public and private, of the two types used:
//
//	OKP, curve Ed25519    x: 32 bytes          d: the seed, 32 bytes (RFC 8037)
//	EC, curve P-256       x, y: 32 bytes each  d: the scalar, 32 bytes (RFC 7518, section 6.2)
//
// What a key is trusted for, which neither standard has a name for, stands in
// private members. Whether a public key is weak is for who loads it; a point
// that is not on its curve is refused here, because it has no Go value.
package keyform

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"strings"
)

// Errors of readers and writers.
var (
	// ErrForm: not of the form that is read.
	ErrForm = errors.New("keyform: not a key of the form used")
	// ErrPrivate: a private key where only public ones may be.
	ErrPrivate = errors.New("keyform: a private key among public ones")
	// ErrUse: a sound form, of a key that must not be used for signatures of
	// the two algorithms.
	ErrUse = errors.New("keyform: not a key for Ed25519 or ESP256")
)

// Key is a key and what it is trusted for.
type Key struct {
	ID      []byte
	Kinds   string           // letters
	Number  []byte           // of the device; nil for an issuer's
	Public  crypto.PublicKey // ed25519.PublicKey or *ecdsa.PublicKey
	Private crypto.Signer    // ed25519.PrivateKey or *ecdsa.PrivateKey; nil in a public key
	// Agreement is the device's public key of X25519 beside it; nil where it has
	// none.
	Agreement *ecdh.PublicKey

	// PublicOnly tells a reader to refuse a private key, sound or not.
	PublicOnly bool
}

// checkTrusted tells what no list of kinds and no number of a file may be: a letter
// that stands twice, and no byte at all.
func (k *Key) checkTrusted() error {
	for i := range k.Kinds {
		if strings.IndexByte(k.Kinds, k.Kinds[i]) < i {
			return fmt.Errorf("%w: a kind twice", ErrUse)
		}
	}
	if k.Number != nil && len(k.Number) == 0 {
		return fmt.Errorf("%w: a number of no byte", ErrUse)
	}
	return nil
}

// Add adds a kind, once.
func (k *Key) Add(letter string) {
	if !strings.Contains(k.Kinds, letter) {
		k.Kinds += letter
	}
}

var errHalves = fmt.Errorf("%w: the private key is not that of the public one", ErrForm)

const size = 32 // bytes of a coordinate, a seed and a scalar

// parts are the numbers of a key. Y is nil for Ed25519, D in a public key, A where
// there is no agreement key.
type parts struct{ X, Y, D, A []byte }

// parts takes a key apart.
func (k *Key) parts() (p parts, err error) {
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		p.X = public
	case *ecdsa.PublicKey:
		if p.X, p.Y, err = coordinates(public); err != nil {
			return p, err
		}
	default:
		return p, fmt.Errorf("%w: a %T", ErrUse, k.Public)
	}
	if k.Agreement != nil {
		p.A = k.Agreement.Bytes()
	}
	if k.Private != nil {
		p.D, err = k.secret()
	}
	return p, err
}

// secret is the seed or the scalar of the private half, which must be that of
// the public one.
func (k *Key) secret() (d []byte, err error) {
	switch private := k.Private.(type) {
	case ed25519.PrivateKey:
		d = private.Seed()
	case *ecdsa.PrivateKey:
		if d, err = private.Bytes(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUse, err)
		}
	default:
		return nil, fmt.Errorf("%w: a private key that stays where it is, a %T", ErrUse, k.Private)
	}
	if public, ok := k.Private.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(k.Public) {
		return nil, errHalves
	}
	return d, nil
}

func coordinates(public *ecdsa.PublicKey) (x, y []byte, err error) {
	if public == nil || public.Curve != elliptic.P256() || public.X == nil || public.Y == nil {
		return nil, nil, fmt.Errorf("%w: not P-256", ErrUse)
	}
	point, err := public.Bytes()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrUse, err)
	}
	return point[1 : 1+size], point[1+size:], nil
}

// join makes the key of its parts. Private and public half must belong together.
func (k *Key) join(p parts) error {
	if p.A != nil {
		agreement, err := ecdh.X25519().NewPublicKey(p.A)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUse, err)
		}
		k.Agreement = agreement
	}
	if p.Y == nil {
		return k.joinEd25519(p)
	}
	return k.joinP256(p)
}

func (k *Key) joinP256(p parts) error {
	if len(p.X) != size || len(p.Y) != size {
		return fmt.Errorf("%w: a coordinate of P-256 has 32 bytes", ErrUse)
	}
	point := append(append([]byte{4}, p.X...), p.Y...)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUse, err)
	}
	k.Public = public
	if p.D == nil {
		return nil
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), p.D)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUse, err)
	}
	if !private.PublicKey.Equal(public) {
		return errHalves
	}
	k.Private = private
	return nil
}

func (k *Key) joinEd25519(p parts) error {
	if len(p.X) != size || p.D != nil && len(p.D) != size {
		return fmt.Errorf("%w: an Ed25519 key has 32 bytes", ErrUse)
	}
	public := ed25519.PublicKey(p.X)
	k.Public = public
	if p.D == nil {
		return nil
	}
	private := ed25519.NewKeyFromSeed(p.D)
	if !public.Equal(private.Public()) {
		return errHalves
	}
	k.Private = private
	return nil
}
