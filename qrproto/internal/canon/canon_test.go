// SPDX-License-Identifier: Apache-2.0

package canon_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
)

// The tests below write CBOR by hand, as RFC 8949 says: a1 is a map of one, 01
// the number 1, 41 a byte string of one.

// record has the shapes that payloads have.
type record struct {
	Count uint16  `cbor:"1,keyasint"`
	Bytes [1]byte `cbor:"2,keyasint"`
	Note  string  `cbor:"3,keyasint,omitempty"`
	Pair  *pair   `cbor:"24,keyasint,omitempty"`
	Below uint8   `cbor:"-1,keyasint,omitempty"`
}

type pair struct {
	_    struct{} `cbor:",toarray"`
	A, B uint8
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOneEncoding: keys ascend by their encoded bytes, so those from 0 on come
// before those below 0, whatever their length.
func TestOneEncoding(t *testing.T) {
	for want, v := range map[string]record{
		"a201000241ff": {Bytes: [1]byte{0xff}},
		"a5" + "01" + "19012c" + "02" + "4107" + "03" + "626f6b" + "1818" + "820117" + "20" + "05": {
			Count: 300, Bytes: [1]byte{7}, Note: "ok", Pair: &pair{A: 1, B: 23}, Below: 5,
		},
	} {
		c := canon.New(4)
		got, err := c.Marshal(&v)
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%x, %v, want %s", got, err, want)
		}
		var back record
		if err := c.Unmarshal(got, &back, nil); err != nil {
			t.Error(err)
		}
		again, err := c.Marshal(&back)
		if err != nil || !bytes.Equal(got, again) {
			t.Errorf("%x became %x, %v", got, again, err)
		}
	}
}

// TestMapsAreSorted: Go walks a map in an order of its own.
func TestMapsAreSorted(t *testing.T) {
	m := map[int]int{}
	for _, key := range []int{-2, 300, 24, 0, -25, 23, -1} {
		m[key] = 0
	}
	const want = "a7" + "0000" + "1700" + "181800" + "19012c00" + "2000" + "2100" + "381800"
	for range 20 {
		got, err := canon.New(4).Marshal(m)
		if err != nil || hex.EncodeToString(got) != want {
			t.Fatalf("%x, %v, want %s", got, err, want)
		}
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       error
		key        int
	}{
		{"nothing", "", canon.ErrMalformed, -1},
		{"the half of a map", "a20100", canon.ErrMalformed, -1},
		{"a byte behind the end", "a201000241ff00", canon.ErrMalformed, -1},
		{"a tag", "a201c1000241ff", canon.ErrMalformed, -1},
		{"an indefinite length", "bf01000241ffff", canon.ErrMalformed, -1},
		{"text that is not UTF-8", "a301000241ff0361ff", canon.ErrMalformed, -1},
		{"nested too deep", "a301000241ff1818828181818101" + "01", canon.ErrMalformed, -1},
		{"an array of 65", "a3010002" + "41ff" + "181a" + "9841" + strings.Repeat("00", 65), canon.ErrMalformed, -1},
		{"a map of 33", "b821" + strings.Repeat("0100", 33), canon.ErrMalformed, -1},
		{"text for a number", "a20161780241ff", canon.ErrType, -1},
		{"a number too large", "a2011a000100000241ff", canon.ErrType, -1},
		{"null for a number", "a201f60241ff", canon.ErrType, 1},
		{"undefined for a number", "a201f70241ff", canon.ErrType, 1},
		{"an optional zero in long form", "a301000241ff201800", canon.ErrType, -1},
		{"a byte string too short", "a201000240", canon.ErrType, 2},
		{"an optional field that says nothing", "a301000241ff0360", canon.ErrType, 3},
		{"a key without a field", "a301000241ff0400", canon.ErrUnknown, -1},
		{"no second field", "a10100", canon.ErrMissing, 2},
		{"no first field", "a10241ff", canon.ErrMissing, 1},
		{"a key twice", "a3010001000241ff", canon.ErrNotCanonical, -1},
		{"a number in long form", "a20118000241ff", canon.ErrNotCanonical, 1},
		{"a length in long form", "a201000258" + "01ff", canon.ErrNotCanonical, 2},
		{"a key in long form", "a21801000241ff", canon.ErrNotCanonical, -1},
		{"keys out of order", "a20241ff0100", canon.ErrNotCanonical, -1},
		{"a key below 0 in front", "a3200501000241ff", canon.ErrNotCanonical, -1},
	} {
		var v record
		err := canon.New(4).Unmarshal(fromHex(t, c.data), &v, nil)
		var at *canon.Error
		if !errors.Is(err, c.want) || !errors.As(err, &at) || at.Key != c.key {
			t.Errorf("%s: %v, want %v at %d", c.name, err, c.want, c.key)
		}
	}
}

// TestScratchIsOnlyMemory: what stood in it does not count, and too little of it
// is no fault.
func TestScratchIsOnlyMemory(t *testing.T) {
	data := fromHex(t, "a201000241ff")
	for _, scratch := range [][]byte{nil, make([]byte, 1), bytes.Repeat([]byte{0xa2}, 64)} {
		var v record
		if err := canon.New(4).Unmarshal(data, &v, scratch); err != nil || v.Bytes[0] != 0xff {
			t.Errorf("with %d bytes: %v, %v", len(scratch), v, err)
		}
	}
}

// TestSplitAndRead leave alone what Unmarshal compares.
func TestSplitAndRead(t *testing.T) {
	c := canon.New(4)
	items, err := c.Split(fromHex(t, "83"+"1800"+"8101"+"4102"))
	if err != nil || len(items) != 3 {
		t.Fatalf("%x, %v", items, err)
	}
	for i, want := range []string{"1800", "8101", "4102"} {
		if got := hex.EncodeToString(items[i]); got != want {
			t.Errorf("item %d is %s, want %s", i, got, want)
		}
	}
	var n uint8
	if err := c.Read(items[0], &n); err != nil || n != 0 {
		t.Errorf("0 in long form: %d, %v", n, err)
	}
	if err := c.Read(items[2], &n); !errors.Is(err, canon.ErrType) {
		t.Errorf("bytes as a number: %v", err)
	}
	if _, err := c.Split([]byte{0x82, 0}); !errors.Is(err, canon.ErrMalformed) {
		t.Errorf("the half of an array: %v", err)
	}
	if _, err := c.Split([]byte{0xa0}); !errors.Is(err, canon.ErrType) {
		t.Errorf("a map: %v", err)
	}
}
