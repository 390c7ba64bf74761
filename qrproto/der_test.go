// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"testing"
)

// The numbers of a signature become the INTEGERs that encoding/asn1 writes: as
// short as can be, and none below zero.
func TestNumbersOfASignatureAreIntegersInDER(t *testing.T) {
	for _, first := range []byte{0, 1, 0x7e, 0x7f, 0x80, 0x81, 0xff} {
		for zeros := range scalarSize {
			n := bytes.Repeat([]byte{0x55}, scalarSize)
			copy(n, make([]byte, zeros))
			n[zeros] = first
			want, err := asn1.Marshal(new(big.Int).SetBytes(n))
			if err != nil {
				t.Fatal(err)
			}
			if got := appendInteger(nil, n); !bytes.Equal(got, want) {
				t.Errorf("% x: % x, want % x", n, got, want)
			}
		}
	}
}
