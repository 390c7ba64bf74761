// SPDX-License-Identifier: Apache-2.0

package cose

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

// valid is written by hand from RFC 9052: tag 18, four items, alg -19, a key
// id of two bytes, a payload of one, a signature of 64.
var valid = "d284" + "47a2013204420102" + "a0" + "41a0" + "5840" + strings.Repeat("5a", 64)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseReadsTheOneShape(t *testing.T) {
	m, err := Parse(unhex(t, valid))
	if err != nil {
		t.Fatal(err)
	}
	if m.Algorithm != -19 || !bytes.Equal(m.KeyID, []byte{1, 2}) || !bytes.Equal(m.Payload, []byte{0xa0}) {
		t.Errorf("read %+v", m)
	}
	if got := Append(nil, m.Algorithm, m.KeyID, m.Payload, m.Signature); hex.EncodeToString(got) != valid {
		t.Errorf("written again: %x", got)
	}
}

// Each length of a payload and of a key id is read and written, at the edges of
// their heads.
func TestMessagesOfEachLengthComeBack(t *testing.T) {
	signature := bytes.Repeat([]byte{0x5a}, SignatureSize)
	for _, alg := range []int8{-1, -9, -19, -24} {
		for kid := 1; kid <= MaxKeyID; kid++ {
			for _, n := range []int{1, 23, 24, 255, 256, 257, 300, 65535} {
				payload := bytes.Repeat([]byte{0xa5}, n)
				payload[n-1] = 0x17
				b := Append(nil, alg, []byte("12345678")[:kid], payload, signature)
				m, err := Parse(b)
				if err != nil || m.Algorithm != alg || string(m.KeyID) != "12345678"[:kid] || !bytes.Equal(m.Payload, payload) || !bytes.Equal(m.Signature, signature) {
					t.Fatalf("algorithm %d, key id of %d, payload of %d: %+v, %v", alg, kid, n, m, err)
				}
				if want := len(m.protected) + 1 + headLen(n) + n; len(b) != 2+1+want+2+SignatureSize {
					t.Errorf("payload of %d: %d bytes", n, len(b))
				}
			}
		}
	}
}

// headLen is the length of the shortest head for n.
func headLen(n int) int {
	switch {
	case n < 24:
		return 1
	case n < 256:
		return 2
	}
	return 3
}

func TestToBeSignedIsTheSigStructure(t *testing.T) {
	m, err := Parse(unhex(t, valid))
	if err != nil {
		t.Fatal(err)
	}
	want := "84" + "6a" + hex.EncodeToString([]byte("Signature1")) + "47a2013204420102" + "43414141" + "41a0"
	if got := hex.EncodeToString(m.AppendToBeSigned(nil, "AAA")); got != want {
		t.Errorf("parsed: %s, want %s", got, want)
	}
	if got := hex.EncodeToString(AppendToBeSigned(nil, -19, []byte{1, 2}, "AAA", []byte{0xa0})); got != want {
		t.Errorf("built: %s, want %s", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	signature := "5840" + strings.Repeat("5a", 64)
	for _, c := range []struct {
		name, hex string
		want      error
	}{
		{"nothing", "", ErrMalformed},
		{"no tag", valid[2:], ErrMalformed},
		{"tag 98, COSE_Sign", "d862" + valid[2:], ErrMalformed},
		{"no head at all", valid[4:], ErrMalformed},
		{"no protected header", "d284" + "a0" + "41a0" + signature, ErrMalformed},
		{"no unprotected header", "d284" + "47a2013204420102" + "41a0" + signature, ErrMalformed},
		{"three items", "d283" + valid[4:], ErrMalformed},
		{"indefinite array", "d29f" + valid[4:] + "ff", ErrMalformed},
		{"unprotected header not empty", "d284" + "47a2013204420102" + "a10400" + "41a0" + signature, ErrMalformed},
		{"detached payload", "d284" + "47a2013204420102" + "a0" + "f6" + signature, ErrMalformed},
		{"empty payload", "d284" + "47a2013204420102" + "a0" + "40" + signature, ErrMalformed},
		{"long form of a short length", "d284" + "5807a2013204420102" + "a0" + "41a0" + signature, ErrMalformed},
		{"two bytes for a length of one", "d284" + "47a2013204420102" + "a0" + "590001a0" + signature, ErrMalformed},
		{"four-byte length", "d284" + "47a2013204420102" + "a0" + "5a00000001a0" + signature, ErrMalformed},
		{"signature of 63", "d284" + "47a2013204420102" + "a0" + "41a0" + "583f" + strings.Repeat("5a", 63), ErrMalformed},
		{"signature of 65", "d284" + "47a2013204420102" + "a0" + "41a0" + "5841" + strings.Repeat("5a", 65), ErrMalformed},
		{"byte behind", valid + "00", ErrTrailing},
		{"no kid", "d284" + "43a10132" + "a0" + "41a0" + signature, ErrHeader},
		{"no alg", "d284" + "45a104420102" + "a0" + "41a0" + signature, ErrHeader},
		{"empty protected", "d284" + "40" + "a0" + "41a0" + signature, ErrHeader},
		{"kid before alg", "d284" + "47a2044201020132" + "a0" + "41a0" + signature, ErrHeader},
		{"empty kid", "d284" + "45a201320440" + "a0" + "41a0" + signature, ErrHeader},
		{"kid of nine", "d284" + "4ea2013204490102030405060708" + "09a0" + "41a0" + signature, ErrHeader},
		{"alg as two bytes, -257", "d284" + "49a201390100044201" + "02a0" + "41a0" + signature, ErrHeader},
		{"alg positive", "d284" + "47a2011304420102" + "a0" + "41a0" + signature, ErrHeader},
		{"alg as one byte, -25", "d284" + "48a201381804420102" + "a0" + "41a0" + signature, ErrHeader},
		{"an alg of two bytes in place of kid", "d284" + "47a2013804420102" + "a0" + "41a0" + signature, ErrHeader},
		{"crit for alg", "d284" + "47a2023204420102" + "a0" + "41a0" + signature, ErrHeader},
		{"four bytes for a length, as if two", "d284" + "47a2013204420102" + "a0" + "5a0100" + strings.Repeat("a0", 256) + signature, ErrMalformed},
		{"crit for kid", "d284" + "47a2013202420102" + "a0" + "41a0" + signature, ErrHeader},
		{"three pairs said", "d284" + "47a3013204420102" + "a0" + "41a0" + signature, ErrHeader},
		{"text as a kid", "d284" + "47a2013204620102" + "a0" + "41a0" + signature, ErrHeader},
		{"a byte behind the kid", "d284" + "48a201320442010203" + "a0" + "41a0" + signature, ErrHeader},
		{"a kid cut short", "d284" + "46a20132044201" + "a0" + "41a0" + signature, ErrHeader},
		{"a header that ends before the kid", "d284" + "44a2013204" + "a0" + "41a0" + signature, ErrHeader},
		{"text as a payload", "d284" + "47a2013204420102" + "a0" + "61a0" + signature, ErrMalformed},
		{"two bytes for a length of 255", "d284" + "47a2013204420102" + "a0" + "5900ff" + strings.Repeat("a0", 255) + signature, ErrMalformed},
		{"one byte for a length of 23", "d284" + "47a2013204420102" + "a0" + "5817" + strings.Repeat("a0", 23) + signature, ErrMalformed},
		{"text as a signature", "d284" + "47a2013204420102" + "a0" + "41a0" + "7840" + strings.Repeat("5a", 64), ErrMalformed},
		{"third header", "d284" + "49a30132044201020500" + "a0" + "41a0" + signature, ErrHeader},
	} {
		if _, err := Parse(unhex(t, c.hex)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestParseRefusesEveryTruncation(t *testing.T) {
	long := Append(nil, -19, []byte{1, 2}, bytes.Repeat([]byte{1}, 300), bytes.Repeat([]byte{0x5a}, SignatureSize))
	for _, whole := range [][]byte{unhex(t, valid), long} {
		for n := range whole {
			if _, err := Parse(slices.Clone(whole[:n])); !errors.Is(err, ErrMalformed) {
				t.Errorf("%d of %d bytes: %v", n, len(whole), err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(unhex(f, valid))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		if again := Append(nil, m.Algorithm, m.KeyID, m.Payload, m.Signature); !bytes.Equal(again, b) {
			t.Fatalf("%x and %x are the same message", b, again)
		}
	})
}
