// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto"
	"crypto/ed25519"
	"math/big"
	"slices"
)

// ed25519Key verifies as crypto/ed25519 does, which agrees with OpenSSL 3 and
// WebCrypto on every edge case: the cofactorless equation, s below the group
// order. COSE algorithm -19 (RFC 9864).
type ed25519Key [ed25519.PublicKeySize]byte

// newEd25519 refuses keys for which the same signature can verify for several
// messages (points of small order) and second encodings of a point.
func newEd25519(key ed25519.PublicKey) (algorithm, error) {
	switch {
	case len(key) != ed25519.PublicKeySize:
		return nil, &Error{Code: ErrBadKey, Why: "an Ed25519 public key has 32 bytes"}
	case !canonicalY(key):
		return nil, &Error{Code: ErrBadKey, Why: "y is not below 2^255-19"}
	case smallOrder(key):
		return nil, &Error{Code: ErrBadKey, Why: "a point of small order"}
	}
	return (*ed25519Key)(key), nil
}

func (*ed25519Key) id() int8 { return -19 }

func (k *ed25519Key) verify(message, signature []byte) bool {
	return ed25519.Verify(k[:], message, signature)
}

func (*ed25519Key) sign(key crypto.Signer, message []byte) ([]byte, error) {
	return key.Sign(nil, message, crypto.Hash(0))
}

// canonicalY tells whether the 255 bits of y are below the field's prime
// 2^255-19. The sign bit of x is free: only x = 0 has a second encoding by it,
// and there y is 1 or -1, of small order.
func canonicalY(key []byte) bool {
	if key[31]&0x7f != 0x7f {
		return true
	}
	for _, b := range key[1:31] {
		if b != 0xff {
			return true
		}
	}
	return key[0] < 0xed
}

// isPoint tells whether a point of the curve -x² + y² = 1 + dx²y² with
// d = -121665/121666 has this y: whether (y² - 1) / (dy² + 1) is a square. It
// costs as much as a verification, so that only Validate asks; no signature
// verifies under a key that is no point.
func isPoint(key ed25519.PublicKey) bool {
	b := slices.Repeat([]byte{0xff}, ed25519.PublicKeySize)
	b[0], b[31] = 0x7f, 0xed
	p := new(big.Int).SetBytes(b) // 2^255 - 19
	copy(b, key)
	slices.Reverse(b)
	b[0] &= 0x7f
	y := new(big.Int).SetBytes(b)
	square := new(big.Int).Mul(y, y)
	y.Mod(square, p)
	// A quotient is a square where the product is, here times 121666².
	factor := big.NewInt(-121665)
	square.Mul(y, factor)
	square.Add(square, factor.SetInt64(121666))
	square.Mul(square, factor)
	y.Sub(y, factor.SetInt64(1))
	factor.Mul(square, y)
	return big.Jacobi(y.Mod(factor, p), p) >= 0
}

// smallOrder knows the y of the 8 points of small order, little-endian: of
// order 1, 2, 4 (two points, y = 0) and 8 (four points, two values of y). They
// follow from the curve's equation.
func smallOrder(key []byte) bool {
	const (
		zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		ones  = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	)
	y := [32]byte(key)
	y[31] &= 0x7f
	switch string(y[:]) {
	case "\x01" + zeros + zeros + zeros + "\x00",
		"\xec" + ones + ones + ones + "\x7f",
		"\x00" + zeros + zeros + zeros + "\x00",
		"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0" +
			"\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
		"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f" +
			"\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a":
		return true
	}
	return false
}
