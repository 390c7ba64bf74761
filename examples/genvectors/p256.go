// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"math/big"
	"slices"
)

// ECDSA over P-256 with SHA-256, as FIPS 186-5 has it, with the nonces of RFC
// 6979: slow, in big numbers, and not written to keep a secret.

func hexNumber(s string) *big.Int { return new(big.Int).SetBytes(unhex(s)) }

// The numbers of the curve y² = x³ - 3x + b (FIPS 186-5; SP 800-186, section 3.2.1.3).
func p256Prime() *big.Int {
	return hexNumber("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
}

func p256Order() *big.Int {
	return hexNumber("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
}

func p256B() *big.Int {
	return hexNumber("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
}

func p256Base() affine {
	return affine{hexNumber("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
		hexNumber("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")}
}

// affine is a point; x is nil at infinity.
type affine struct{ x, y *big.Int }

func mod(n, m *big.Int) *big.Int { return new(big.Int).Mod(n, m) }
func mul(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }
func sub(a, b *big.Int) *big.Int { return new(big.Int).Sub(a, b) }
func add(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }

// plus adds points.
func (a affine) plus(b affine) affine {
	p := p256Prime()
	var slope *big.Int
	switch {
	case a.x == nil:
		return b
	case b.x == nil:
		return a
	case a.x.Cmp(b.x) != 0:
		slope = mul(sub(b.y, a.y), new(big.Int).ModInverse(mod(sub(b.x, a.x), p), p))
	case mod(add(a.y, b.y), p).Sign() == 0:
		return affine{}
	default: // (3x² - 3) / 2y
		three := big.NewInt(3)
		slope = mul(sub(mul(three, mul(a.x, a.x)), three), new(big.Int).ModInverse(add(a.y, a.y), p))
	}
	x := mod(sub(sub(mul(slope, slope), a.x), b.x), p)
	return affine{x, mod(sub(mul(slope, sub(a.x, x)), a.y), p)}
}

// times multiplies a point.
func (a affine) times(n *big.Int) affine {
	var out affine
	for i := n.BitLen() - 1; i >= 0; i-- {
		out = out.plus(out)
		if n.Bit(i) == 1 {
			out = out.plus(a)
		}
	}
	return out
}

// bytes is the uncompressed form of SEC 1.
func (a affine) bytes() []byte { return slices.Concat([]byte{4}, big32(a.x), big32(a.y)) }

func big32(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }

func publicP256(seed []byte) []byte { return p256Base().times(new(big.Int).SetBytes(seed)).bytes() }

// signP256 returns r ‖ s.
func signP256(seed, message []byte) []byte {
	n, digest := p256Order(), sha256.Sum256(message)
	e, d := new(big.Int).SetBytes(digest[:]), new(big.Int).SetBytes(seed)
	k := nonceRFC6979(seed, digest[:])
	r := mod(p256Base().times(k).x, n)
	s := mod(mul(new(big.Int).ModInverse(k, n), add(e, mul(r, d))), n)
	return pair(r, s)
}

func pair(r, s *big.Int) []byte { return append(big32(r), big32(s)...) }

// cut returns r and s.
func cut(signature []byte) (r, s *big.Int) {
	return new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
}

// nonceRFC6979 is section 3.2 for an order of 256 bits: one block of HMAC is a
// candidate.
func nonceRFC6979(seed, digest []byte) *big.Int {
	n := p256Order()
	reduced := big32(mod(new(big.Int).SetBytes(digest), n)) // bits2octets
	key, v := make([]byte, 32), slices.Repeat([]byte{1}, 32)
	for _, step := range []byte{0, 1} {
		key = mac(key, v, []byte{step}, seed, reduced)
		v = mac(key, v)
	}
	for {
		v = mac(key, v)
		if k := new(big.Int).SetBytes(v); k.Sign() > 0 && k.Cmp(n) < 0 {
			return k
		}
		key = mac(key, v, []byte{0})
		v = mac(key, v)
	}
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(slices.Concat(parts...))
	return h.Sum(nil)
}

// der is a signature as SEQUENCE { INTEGER r, INTEGER s }.
func der(signature []byte) []byte {
	var body []byte
	for part := range slices.Chunk(signature, 32) {
		b := new(big.Int).SetBytes(part).Bytes()
		if len(b) == 0 || b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		body = slices.Concat(body, []byte{2, byte(len(b))}, b)
	}
	return slices.Concat([]byte{0x30, byte(len(body))}, body)
}
