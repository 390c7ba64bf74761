// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// withP256 is the same owner with a key of P-256; the seed is its scalar.
func (s signer) withP256(seed byte) signer {
	s.Seed = slices.Repeat([]byte{seed}, 32)
	s.Alg, s.Public = algESP256, publicP256(s.Seed)
	return s
}

func deviceP256() signer { return device().withP256(0x21) }
func issuerP256() signer { return issuer().withP256(0x22) }

// newP256Draft is a code without a fault by the usual signer of its kind with a
// key of P-256.
func newP256Draft(kind string, payload item) draft {
	d := newDraft(kind, payload)
	d.keys = []key{deviceP256().key, issuerP256().key}
	switch kind {
	case "I", "S":
		return d.signedBy(deviceP256())
	case "T":
		return d.signedBy(root().withP256(0x24))
	}
	by := usual(kind).withP256(0x22)
	d.keys[1] = by.key
	return d.signedBy(by)
}

// public is a key as qrproto takes it. What is not the uncompressed form of SEC 1
// becomes a point without coordinates.
func (k key) public() crypto.PublicKey {
	if k.Alg != algESP256 {
		return ed25519.PublicKey(k.Public)
	}
	out := &ecdsa.PublicKey{Curve: elliptic.P256()}
	if len(k.Public) == 65 && k.Public[0] == 4 {
		out.X, out.Y = cut(k.Public[1:])
	}
	return out
}

// private is a signer as qrproto takes it.
func (s signer) private() (crypto.Signer, error) {
	if s.Alg != algESP256 {
		return ed25519.NewKeyFromSeed(s.Seed), nil
	}
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), s.Seed)
}

// byP256 are codes under ESP256: of each kind the smallest and a full one, and
// a device whose next key is of the other algorithm.
func byP256() []positive {
	var all []positive
	for _, kind := range kinds() {
		all = append(all,
			positive{word(kind) + "-esp256", "ESP256: every field, by a key of P-256", newP256Draft(kind, full(kind))},
			positive{word(kind) + "-esp256-minimal", "ESP256: only the required fields", newP256Draft(kind, minimal(kind))})
	}
	// These amounts were tried one after the other; a test holds what they are for.
	all = append(all,
		positive{"receipt-esp256-short-r", "r begins with a byte of zero, which DER leaves away", newP256Draft("R", minimal("R").with(2, number(253)))},
		positive{"receipt-esp256-short-s", "s begins with a byte of zero, which DER leaves away", newP256Draft("R", minimal("R").with(2, number(21)))})
	next := newDevice(1, deviceNumber(), 2).withP256(0x23)
	return append(all, positive{"settlement-esp256-second-key", "the device's second key is of P-256, its first of Ed25519; both are trusted",
		newDraft("S", full("S")).signedBy(next)})
}

// badP256 are codes under ESP256 with a fault.
func badP256() []negative {
	all := badP256Signatures()
	all = append(all, crossedAlgorithms()...)
	return append(all, badPoints()...)
}

func badP256Signatures() []negative {
	sound := newP256Draft("O", full("O"))
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment string, f func(r, s *big.Int) []byte) {
		seed := sound.by.Seed
		all = append(all, altered(code, "esp256-"+name, comment, sound, func(d *draft) {
			d.sign = func(m []byte) []byte { return f(cut(signP256(seed, m))) }
		}))
	}
	n, zero := p256Order(), new(big.Int)
	add(qrproto.ErrSignature, "r-zero", "r is zero", func(r, s *big.Int) []byte { return pair(zero, s) })
	add(qrproto.ErrSignature, "s-zero", "s is zero", func(r, s *big.Int) []byte { return pair(r, zero) })
	add(qrproto.ErrSignature, "zero", "64 bytes of zero", func(r, s *big.Int) []byte { return pair(zero, zero) })
	add(qrproto.ErrSignature, "r-order", "r is the order of the group", func(r, s *big.Int) []byte { return pair(n, s) })
	add(qrproto.ErrSignature, "s-order", "s is the order of the group", func(r, s *big.Int) []byte { return pair(r, n) })
	add(qrproto.ErrSignature, "r-all-ones", "r is as large as 32 bytes can be", func(r, s *big.Int) []byte {
		return append(slices.Repeat([]byte{0xff}, 32), big32(s)...)
	})
	add(qrproto.ErrSignature, "s-all-ones", "s is as large as 32 bytes can be", func(r, s *big.Int) []byte {
		return append(big32(r), slices.Repeat([]byte{0xff}, 32)...)
	})
	add(qrproto.ErrSignature, "swapped", "s before r", func(r, s *big.Int) []byte { return pair(s, r) })
	add(qrproto.ErrSignature, "little-endian", "r and s with their lowest byte first", func(r, s *big.Int) []byte {
		return append(littleBytes(r), littleBytes(s)...)
	})
	add(qrproto.ErrSignature, "bit-in-r", "the lowest bit of r is flipped", func(r, s *big.Int) []byte { return flip(pair(r, s), 31) })
	add(qrproto.ErrSignature, "bit-in-s", "the lowest bit of s is flipped", func(r, s *big.Int) []byte { return flip(pair(r, s), 63) })
	add(qrproto.ErrEnvelope, "der", "the signature is in DER, as a crypto library gives it", func(r, s *big.Int) []byte { return der(pair(r, s)) })
	add(qrproto.ErrEnvelope, "63-bytes", "the last byte of s is missing", func(r, s *big.Int) []byte { return pair(r, s)[:63] })
	add(qrproto.ErrEnvelope, "65-bytes", "a zero before r", func(r, s *big.Int) []byte { return append([]byte{0}, pair(r, s)...) })
	otherS := sound
	otherS.sign = func(m []byte) []byte {
		r, s := cut(signP256(sound.by.Seed, m))
		return pair(r, sub(n, s))
	}
	all = append(all, negative{qrproto.ErrSignature, "esp256-other-r", "r is the order less r; the sound one has the order less s, which verifies too",
		altered(0, "", "", sound, func(d *draft) {
			d.sign = func(m []byte) []byte {
				r, s := cut(signP256(sound.by.Seed, m))
				return pair(sub(n, r), s)
			}
		}).faulty, otherS})
	return append(all, altered(qrproto.ErrSignature, "esp256-other-key", "signed with another key than the one named", sound, func(d *draft) {
		d.sign = func(m []byte) []byte { return signP256(repeat(9, 32), m) }
	}))
}

// crossedAlgorithms name, in the header, what the key is not for. Each is signed
// well by the rules of the algorithm that it names.
func crossedAlgorithms() []negative {
	ed, p256 := newDraft("O", full("O")), newP256Draft("O", full("O"))
	var all []negative
	add := func(name, comment string, sound draft, alg int64, sign func(message []byte) []byte) {
		all = append(all, altered(qrproto.ErrAlgorithm, name, comment, sound, func(d *draft) { d.alg, d.sign = alg, sign }))
	}
	byEd := func(m []byte) []byte { return sign(ed.by.Seed, m) }
	byP256 := func(m []byte) []byte { return signP256(p256.by.Seed, m) }
	add("esp256-for-ed25519-key", "a sound signature under ESP256; the key of that id is for Ed25519", ed, algESP256, byP256)
	add("ed25519-for-esp256-key", "a sound signature under Ed25519; the key of that id is for ESP256", p256, algEd25519, byEd)
	add("es256-for-esp256-key", "algorithm -7, ES256, which is the same mathematics; the key is for -9", p256, -7, byP256)
	add("eddsa-for-esp256-key", "algorithm -8, EdDSA; the key is for -9", p256, -8, byP256)
	add("minus-10-for-esp256-key", "algorithm -10; the key is for -9", p256, -10, byP256)
	return all
}

// badPoints are keys that no reader may load, in place of the right one.
func badPoints() []negative {
	sound := newP256Draft("O", full("O"))
	right := sound.by.Public
	x, y := cut(right[1:])
	five := affine{big.NewInt(5), p256Y(5)}
	var all []negative
	point := func(name, comment string, public []byte) {
		all = append(all, altered(qrproto.ErrBadKey, "point-"+name, comment, sound, func(d *draft) {
			k := sound.by.key
			k.Public = public
			d.keys = []key{deviceP256().key, k}
		}))
	}
	point("off-curve", "y is larger by one", append([]byte{4}, pair(x, add(y, big.NewInt(1)))...))
	point("swapped", "y before x: not on the curve", append([]byte{4}, pair(y, x)...))
	point("zeros", "the coordinates (0, 0), which some write for the neutral point", append([]byte{4}, make([]byte, 64)...))
	point("infinity", "the neutral point: one byte of zero", []byte{0})
	point("not-reduced", "x is larger than 5 by the field's prime: a second encoding of a point", append([]byte{4}, pair(add(five.x, p256Prime()), five.y)...))
	point("compressed", "the compressed form, of 33 bytes", append([]byte{2 + byte(y.Bit(0))}, big32(x)...))
	point("hybrid", "the hybrid form, which says the parity of y too", append([]byte{6 + byte(y.Bit(0))}, right[1:]...))
	point("64-bytes", "without its first byte", right[1:])
	point("66-bytes", "a byte behind y", append(bytes.Clone(right), 0))
	point("ed25519", "the 32 bytes of a key for Ed25519", issuer().Public)
	return all
}

// p256Y is a y for an x.
func p256Y(x int64) *big.Int {
	square := mod(add(big.NewInt(x*x*x-3*x), p256B()), p256Prime())
	y := new(big.Int).ModSqrt(square, p256Prime())
	if y == nil {
		panic(fmt.Sprintf("no point has x = %d", x)) // a slip in a table of this program
	}
	return y
}
