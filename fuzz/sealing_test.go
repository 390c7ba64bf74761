// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
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

// seal returns the envelope of a payload and what was signed.
func seal(kind byte, by vectorKey, payload []byte) (envelope, message []byte) {
	protected := cborBytes(slices.Concat([]byte{0xa2, 1, 0x32, 4}, cborBytes(by.ID)))
	message = slices.Concat([]byte("\x84\x6aSignature1"), protected, cborBytes([]byte("qrcharge/1/"+string(kind))), cborBytes(payload))
	signature := ed25519.Sign(ed25519.NewKeyFromSeed(by.Seed), message)
	return slices.Concat([]byte{0xd2, 0x84}, protected, []byte{0xa0}, cborBytes(payload), cborBytes(signature)), message
}

func textOf(kind byte, envelope []byte) string {
	widths := [...]int{0, 3, 5, 8, 10, 13, 15, 17}
	text := []byte{'Q', kind, '1', '/'}
	for part := range slices.Chunk(envelope, 7) {
		var word [8]byte
		copy(word[:], part)
		text = fmt.Appendf(text, "%0*d", widths[len(part)], binary.LittleEndian.Uint64(word[:]))
	}
	return string(text)
}
