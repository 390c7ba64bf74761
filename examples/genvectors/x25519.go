// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"math/big"
	"slices"
)

// X25519 (RFC 7748, section 5), HKDF with SHA-256 (RFC 5869) and ChaCha20 (RFC
// 8439), as they are written there. None of it is made to keep a secret.

// x25519 multiplies a u-coordinate by a scalar.
func x25519(scalar, u []byte) []byte {
	k, p := slices.Clone(scalar), fieldPrime()
	k[0] &= 248
	k[31] = k[31]&127 | 64
	x1 := slices.Clone(u)
	x1[31] &= 127
	x := mod(little(x1), p)
	x2, z2, x3, z3 := big.NewInt(1), new(big.Int), x, big.NewInt(1)
	for t := 254; t >= 0; t-- {
		bit := k[t/8]>>(t%8)&1 == 1
		if bit {
			x2, z2, x3, z3 = x3, z3, x2, z2
		}
		x2, z2, x3, z3 = rung(x, x2, z2, x3, z3)
		if bit {
			x2, z2, x3, z3 = x3, z3, x2, z2
		}
	}
	inverse := new(big.Int).Exp(z2, sub(p, big.NewInt(2)), p) // 0 of 0
	return littleBytes(mod(mul(x2, inverse), p))
}

// rung doubles one point of the ladder and adds both.
func rung(x, x2, z2, x3, z3 *big.Int) (_, _, _, _ *big.Int) {
	p := fieldPrime()
	times := func(a, b *big.Int) *big.Int { return mod(mul(a, b), p) }
	plus := func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }
	a, b := plus(x2, z2), sub(x2, z2)
	aa, bb := times(a, a), times(b, b)
	e := sub(aa, bb)
	da, cb := times(sub(x3, z3), a), times(plus(x3, z3), b)
	sum, difference := plus(da, cb), sub(da, cb)
	return times(aa, bb), times(e, plus(aa, times(big.NewInt(121665), e))),
		times(sum, sum), times(x, times(difference, difference))
}

func x25519Public(scalar []byte) []byte {
	return x25519(scalar, append([]byte{9}, make([]byte, 31)...))
}

// hkdf32 is HKDF for 32 bytes: one block.
func hkdf32(secret, salt, info []byte) []byte {
	return mac(mac(salt, secret), info, []byte{1})
}

// chacha20 is the keystream from block 0 on, under a nonce of zeros.
func chacha20(key []byte, n int) []byte {
	var out []byte
	for block := uint32(0); len(out) < n; block++ {
		var state [16]uint32
		for i := range 4 {
			state[i] = binary.LittleEndian.Uint32([]byte("expand 32-byte k")[4*i:])
		}
		for i := range 8 {
			state[4+i] = binary.LittleEndian.Uint32(key[4*i:])
		}
		state[12] = block
		mixed := state
		for range 10 {
			for i := range 4 {
				quarter(&mixed, i, 4+i, 8+i, 12+i)
			}
			for i := range 4 {
				quarter(&mixed, i, 4+(i+1)%4, 8+(i+2)%4, 12+(i+3)%4)
			}
		}
		for i := range mixed {
			out = binary.LittleEndian.AppendUint32(out, mixed[i]+state[i])
		}
	}
	return out[:n]
}

func quarter(s *[16]uint32, a, b, c, d int) {
	for _, turn := range [][2]int{{16, 12}, {8, 7}} {
		s[a] += s[b]
		s[d] = rotate(s[d]^s[a], turn[0])
		s[c] += s[d]
		s[b] = rotate(s[b]^s[c], turn[1])
	}
}

func rotate(n uint32, by int) uint32 { return n<<by | n>>(32-by) }
