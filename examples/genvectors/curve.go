// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"crypto/sha512"
	"math/big"
	"slices"
)

// What of Ed25519 (RFC 8032, section 5.1) the edge cases need. None of it is
// written to keep a secret.

// groupOrder is 2^252 + 27742317777372353535851937790883648493.
func groupOrder() *big.Int {
	l, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	return l.Add(l, new(big.Int).Lsh(big.NewInt(1), 252))
}

// fieldPrime is 2^255 - 19.
func fieldPrime() *big.Int {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	return p.Sub(p, big.NewInt(19))
}

// little reads a little-endian number; littleBytes writes one of 32 bytes.
func little(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

func littleBytes(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// addOrder returns the signature with s + order for s.
func addOrder(signature []byte) []byte {
	s := little(signature[32:])
	return append(signature[:32:32], littleBytes(s.Add(s, groupOrder()))...)
}

// signTorsion signs with R + T for R, where T is the point (0, -1) of order 2.
// Multiplied by the cofactor the equation holds, without it it does not.
func signTorsion(seed, message []byte) []byte {
	private := ed25519.NewKeyFromSeed(seed)
	honest := ed25519.Sign(private, message)
	public := private.Public().(ed25519.PublicKey)
	// s = r + k·a, so r = s - k·a; with the same r and another k follows another s.
	a := secretScalar(seed)
	r := new(big.Int).Sub(little(honest[32:]), new(big.Int).Mul(challenge(honest[:32], public, message), a))
	moved := addTorsion(honest[:32])
	s := new(big.Int).Add(r, new(big.Int).Mul(challenge(moved, public, message), a))
	return append(moved, littleBytes(s.Mod(s, groupOrder()))...)
}

func secretScalar(seed []byte) *big.Int {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] &= 127
	h[31] |= 64
	return little(h[:32])
}

func challenge(r, public, message []byte) *big.Int {
	h := sha512.Sum512(slices.Concat(r, public, message))
	k := little(h[:])
	return k.Mod(k, groupOrder())
}

// addTorsion encodes (x, y) + (0, -1) = (-x, -y).
func addTorsion(point []byte) []byte {
	y := slices.Clone(point)
	sign := y[31] >> 7
	y[31] &= 0x7f
	out := littleBytes(new(big.Int).Sub(fieldPrime(), little(y)))
	out[31] |= (1 - sign) << 7
	return out
}
