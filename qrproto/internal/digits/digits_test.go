// SPDX-License-Identifier: Apache-2.0

package digits

import (
	"bytes"
	"errors"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// oracle encodes with big numbers and strings, sharing nothing with the code.
func oracle(src []byte) string {
	widths := []int{0, 3, 5, 8, 10, 13, 15, 17}
	var out strings.Builder
	for len(src) > 0 {
		n := min(7, len(src))
		reversed := make([]byte, n)
		for i := range n {
			reversed[n-1-i] = src[i]
		}
		text := new(big.Int).SetBytes(reversed).String()
		out.WriteString(strings.Repeat("0", widths[n]-len(text)) + text)
		src = src[n:]
	}
	return out.String()
}

func TestEncodeAgreesWithBigNumbersAndDecodesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		src := make([]byte, n)
		for i := range src {
			src[i] = byte(r.Uint32())
		}
		if n%3 == 0 {
			for i := range src {
				src[i] = 0xff
			}
		}
		got := string(AppendEncode(nil, src))
		if want := oracle(src); got != want {
			t.Fatalf("%d bytes: %s, want %s", n, got, want)
		}
		if len(got) != EncodedLen(n) {
			t.Errorf("EncodedLen(%d) = %d, have %d digits", n, EncodedLen(n), len(got))
		}
		back, err := AppendDecode([]byte("x"), got)
		if err != nil || !bytes.Equal(back[1:], src) {
			t.Fatalf("%d bytes come back as %x, %v", n, back, err)
		}
	}
}

// TestKnownDigits holds figures worked out by hand: 2^56-1, 2^48-1, …
func TestKnownDigits(t *testing.T) {
	for hexBytes, want := range map[string]string{
		"\xff":                         "255",
		"\x01\x00":                     "00001",
		"\xff\xff":                     "65535",
		"\xff\xff\xff":                 "16777215",
		"\xff\xff\xff\xff":             "4294967295",
		"\xff\xff\xff\xff\xff":         "1099511627775",
		"\xff\xff\xff\xff\xff\xff":     "281474976710655",
		"\xff\xff\xff\xff\xff\xff\xff": "72057594037927935",
	} {
		if got := string(AppendEncode(nil, []byte(hexBytes))); got != want {
			t.Errorf("%x: %s, want %s", hexBytes, got, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		name, digits string
		want         error
	}{
		{"one digit", "1", ErrLength},
		{"sixteen digits", "1234567890123456", ErrLength},
		{"eighteen digits", "123456789012345678", ErrLength},
		{"group above 2^56-1", "72057594037927936", ErrRange},
		{"all nines", "99999999999999999", ErrRange},
		{"rest above 255", "256", ErrRange},
		{"rest above 65535", "65536", ErrRange},
		{"rest of six above", "281474976710656", ErrRange},
		{"colon in the first place", ":0000000000000000", ErrDigit},
		{"letter in the first place", "A0000000000000000", ErrDigit},
		{"colon, the byte after 9", "0000000:000000000", ErrDigit},
		{"slash, the byte before 0", "00000000000000/00", ErrDigit},
		{"high bytes", "0\xff\xff\xff\xff\xff\xff\xff\xff00000000", ErrDigit},
		{"space in the rest", "1 2", ErrDigit},
	} {
		got, err := AppendDecode([]byte("kept"), c.digits)
		if !errors.Is(err, c.want) || string(got) != "kept" {
			t.Errorf("%s: %q, %v, want %v", c.name, got, err, c.want)
		}
	}
}

// No number of digits is that of two numbers of bytes, and those between are of
// none: not even zeros.
func TestLengthsComeBack(t *testing.T) {
	possible := map[int]int{}
	for n := range 40 {
		possible[EncodedLen(n)] = n
	}
	for n := 0; n < EncodedLen(39); n++ {
		want, ok := possible[n]
		got, err := DecodedLen(n)
		if (err == nil) != ok || got != want || !ok && !errors.Is(err, ErrLength) {
			t.Errorf("%d digits: %d, %v, want %d, %v", n, got, err, want, ok)
		}
		if _, err := AppendDecode(nil, strings.Repeat("0", n)); (err == nil) != ok {
			t.Errorf("%d zeros: %v", n, err)
		}
	}
}

// The halves of a group meet between the ninth and the tenth digit.
func TestGroupsAtTheMeetingOfTheirHalves(t *testing.T) {
	for _, want := range []string{"19999999999999999", "09999999900000000", "00000000099999999", "10000000000000000", "69999999999999998"} {
		b, err := AppendDecode(nil, want)
		if got := string(AppendEncode(nil, b)); err != nil || got != want || got != oracle(b) {
			t.Errorf("%s: %s, %v", want, got, err)
		}
	}
}

// TestEveryByteAtEveryPlace shows that only ten byte values pass as a digit.
func TestEveryByteAtEveryPlace(t *testing.T) {
	for place := range groupDigits {
		for b := range 256 {
			s := []byte(strings.Repeat("0", groupDigits))
			s[place] = byte(b)
			_, err := AppendDecode(nil, string(s))
			if ok := b >= '0' && b <= '9'; !ok && !errors.Is(err, ErrDigit) {
				t.Fatalf("byte %#x at %d: %v", b, place, err)
			} else if ok && err != nil && !(place == 0 && b > '0') {
				t.Fatalf("digit %c at %d: %v", b, place, err)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("72057594037927935255")
	f.Fuzz(func(t *testing.T, s string) {
		b, err := AppendDecode(nil, s)
		if err == nil && string(AppendEncode(nil, b)) != s {
			t.Fatalf("%q has two forms", s)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	benchmark(b, func(dst, src []byte, _ string) { AppendEncode(dst, src) })
}
func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(dst, _ []byte, s string) {
		if _, err := AppendDecode(dst, s); err != nil {
			b.Fatal(err)
		}
	})
}

func benchmark(b *testing.B, f func(dst, src []byte, digits string)) {
	src := bytes.Repeat([]byte{0xa7}, 251)
	dst := make([]byte, 0, 1024)
	text := string(AppendEncode(nil, src))
	b.ReportAllocs()
	for b.Loop() {
		f(dst, src, text)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/char")
}
