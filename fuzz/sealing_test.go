// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"slices"
)

// Signing and writing without the library, for payloads that it would not seal.

func cborHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	}
	return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
}

func cborBytes(b []byte) []byte { return slices.Concat(cborHead(2, len(b)), b) }

// COSE algorithms (RFC 9864).
const (
	algEd25519 = -19
	algESP256  = -9
)

// seal returns the envelope of a payload and what was signed.
func seal(kind byte, by vectorKey, payload []byte) (envelope, message []byte) {
	protected, message := toBeSigned(kind, by.Alg, by.ID, payload)
	return envelopeOf(protected, payload, sign(by, message)), message
}

// toBeSigned returns the protected header, as a byte string, and the message.
func toBeSigned(kind byte, alg int, id, payload []byte) (protected, message []byte) {
	protected = cborBytes(slices.Concat([]byte{0xa2, 1, 0x20 | byte(-1-alg), 4}, cborBytes(id)))
	return protected, slices.Concat([]byte("\x84\x6aSignature1"), protected, cborBytes([]byte("qrcharge/1/"+string(kind))), cborBytes(payload))
}

func envelopeOf(protected, payload, signature []byte) []byte {
	return slices.Concat([]byte{0xd2, 0x84}, protected, []byte{0xa0}, cborBytes(payload), cborBytes(signature))
}

func sign(by vectorKey, message []byte) []byte {
	if by.Alg == algEd25519 {
		return ed25519.Sign(ed25519.NewKeyFromSeed(by.Seed), message)
	}
	digest := sha256.Sum256(message)
	der, err := by.private().Sign(nil, digest[:], crypto.SHA256) // RFC 6979
	var pair struct{ R, S *big.Int }
	if _, err2 := asn1.Unmarshal(der, &pair); err != nil || err2 != nil {
		panic(err)
	}
	return append(pair.R.FillBytes(make([]byte, 32)), pair.S.FillBytes(make([]byte, 32))...)
}

func textOf(kind byte, envelope []byte) string {
	widths := [...]int{0, 3, 5, 8, 10, 13, 15, 17}
	text := []byte{'Q', kind, '1', '/'}
	for part := range slices.Chunk(envelope, 7) {
		var word [8]byte
		copy(word[:], part)
		n, at := binary.LittleEndian.Uint64(word[:]), len(text)
		text = append(text, "00000000000000000"[:widths[len(part)]]...)
		for i := len(text) - 1; i >= at; i-- {
			text[i] = '0' + byte(n%10)
			n /= 10
		}
	}
	return string(text)
}
