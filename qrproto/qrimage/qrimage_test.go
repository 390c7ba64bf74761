// SPDX-License-Identifier: Apache-2.0

package qrimage_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// base is a link base of 28 characters, the length the size budgets assume.
const base = "HTTPS://CHARGE.EXAMPLE/QR/A/"

// digitsOf is a run of decimal digits as long as the text form of n bytes: 17
// digits for 7 bytes, a rest of 1 to 6 bytes as 3, 5, 8, 10, 13 or 15.
func digitsOf(n int) string {
	length := n/7*17 + [7]int{0, 3, 5, 8, 10, 13, 15}[n%7]
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	b := make([]byte, length)
	for i := range b {
		b[i] = byte('0' + rng.IntN(10))
	}
	return string(b)
}

// dataCodewords is the capacity at level M by version, ISO/IEC 18004 table 7.
var dataCodewords = []int{1: 16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669}

// mode is an encoding mode: its price in sixths of a bit a character and the
// widths of its character count for versions 1–9, 10–26 and 27–40, ISO/IEC
// 18004 table 3.
type mode struct {
	sixths int
	count  [3]int
	holds  func(c byte) bool
}

var modes = [3]mode{
	{20, [3]int{10, 12, 14}, func(c byte) bool { return '0' <= c && c <= '9' }},
	{33, [3]int{9, 11, 13}, func(c byte) bool { return strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", c) >= 0 }},
	{48, [3]int{8, 16, 16}, func(byte) bool { return true }},
}

// optimalBits is the length of the shortest division of text into segments, by
// dynamic programming over the mode of each character. The sixths of a bit are
// rounded up where a segment ends, as the standard's remainders do: one digit
// takes 4 bits, two take 7, one alphanumeric character takes 6.
func optimalBits(text string, class int) int {
	const never = 1 << 30
	ends := 0 // cheapest way to have closed all segments, in sixths
	cost := [3]int{never, never, never}
	for i := range len(text) {
		next := never
		for m, mode := range modes {
			open := ends + 6*(4+mode.count[class])
			if !mode.holds(text[i]) {
				cost[m] = never
				continue
			}
			cost[m] = min(cost[m], open) + mode.sixths
			next = min(next, (cost[m]+5)/6*6)
		}
		ends = next
	}
	return ends / 6
}

// optimalVersion is the smallest version at level M that holds text, 0 above 20.
func optimalVersion(text string) int {
	for v := 1; v < len(dataCodewords); v++ {
		class := 0
		if v >= 10 {
			class = 1
		}
		if optimalBits(text, class) <= 8*dataCodewords[v] {
			return v
		}
	}
	return 0
}

func TestOptimalBitsAgainstWorkedExamples(t *testing.T) {
	for _, tc := range []struct {
		text string
		bits int
	}{
		{"01234567", 41}, // ISO/IEC 18004, 7.4.3, the standard's own example
		{"AC-42", 41},    // ISO/IEC 18004, 7.4.4
		{"a", 20},
		{"QI1/" + strings.Repeat("7", 30), 4 + 9 + 22 + 4 + 10 + 100},
	} {
		if got := optimalBits(tc.text, 0); got != tc.bits {
			t.Errorf("%q: %d bits, want %d", tc.text, got, tc.bits)
		}
	}
}

// stride is the step through payload lengths: coprime to 7, so that every
// remainder of the digit form occurs in a brief test too.
func stride() int {
	if testing.Short() || raceDetector {
		return 9
	}
	return 1
}

func TestVersionIsOptimalForTexts(t *testing.T) {
	for n := 10; n <= 400; n += stride() {
		for _, prefix := range []string{"QI1/", base + "QI1/"} {
			text := prefix + digitsOf(n)
			m, err := qrimage.Encode(text)
			if err != nil {
				t.Fatalf("%d bytes after %q: %v", n, prefix, err)
			}
			if want := optimalVersion(text); m.Version() != want {
				t.Errorf("%d bytes after %q: version %d, want %d", n, prefix, m.Version(), want)
			}
		}
	}
}

// Each capacity is filled to the last bit that a text can reach and then
// exceeded by a single digit, which must cost one version.
func TestVersionAtTheEdges(t *testing.T) {
	for v := 5; v <= 14; v++ {
		n := 1
		for optimalVersion(base+"QI1/"+strings.Repeat("9", n)) <= v {
			n++
		}
		for digits, want := range map[int]int{n - 1: v, n: v + 1} {
			m, err := qrimage.Encode(base + "QI1/" + strings.Repeat("9", digits))
			if err != nil || m.Version() != want {
				t.Errorf("%d digits: version %v (%v), want %d", digits, m, err, want)
			}
		}
	}
}

// Digits inside the base are where the greedy division loses: how much is
// documented, so it is measured here. A run of 7 digits is the shortest that is
// cut out; from 15 on, cutting pays for the way back as well.
func TestDigitsInsideTheBaseCostAtMostOneVersion(t *testing.T) {
	worse, total := 0, 0
	if stride() > 1 {
		t.Skip("many encodings")
	}
	for run := 0; run <= 18; run++ {
		prefix := "HTTPS://CHARGE.EXAMPLE/" + strings.Repeat("4", run) + "/QI1/"
		for n := 100 + run%5; n <= 300; n += 5 {
			text := prefix + digitsOf(n)
			m, err := qrimage.Encode(text)
			if err != nil {
				t.Fatal(err)
			}
			want := optimalVersion(text)
			total++
			switch {
			case m.Version() == want:
			case m.Version() == want+1 && run >= 7 && run <= 14:
				worse++
			default:
				t.Errorf("run of %d, %d bytes: version %d, optimum %d", run, n, m.Version(), want)
			}
		}
	}
	t.Logf("%d of %d links one version above the optimum", worse, total)
}

func TestSizeAndFixedPatterns(t *testing.T) {
	for n := 10; n <= 400; n += 30 {
		m, err := qrimage.Encode(base + "QI1/" + digitsOf(n))
		if err != nil {
			t.Fatal(err)
		}
		if m.Size() != 17+4*m.Version() {
			t.Errorf("version %d: size %d", m.Version(), m.Size())
		}
		for _, corner := range [][2]int{{0, 0}, {m.Size() - 7, 0}, {0, m.Size() - 7}} {
			checkFinder(t, m, corner[0], corner[1])
		}
		if !m.Dark(8, m.Size()-8) {
			t.Errorf("version %d: the module that is always dark is light", m.Version())
		}
		if level := levelBits(m); level != 0 {
			t.Errorf("version %d: level bits %02b, want 00 for M", m.Version(), level)
		}
	}
}

// checkFinder compares a finder pattern at (left, top) with its definition.
func checkFinder(t *testing.T, m *qrimage.Matrix, left, top int) {
	t.Helper()
	for y := range 7 {
		for x := range 7 {
			ring := max(x-3, 3-x, y-3, 3-y)
			if m.Dark(left+x, top+y) != (ring != 2) {
				t.Fatalf("version %d: finder pattern at (%d,%d) broken", m.Version(), left, top)
			}
		}
	}
}

// levelBits reads the two bits of the correction level from the format
// information and takes the standard's mask 10… from them.
func levelBits(m *qrimage.Matrix) int {
	bits := 0
	for x := range 2 {
		bits <<= 1
		if m.Dark(x, 8) {
			bits |= 1
		}
	}
	return bits ^ 0b10
}

func TestDarkOutsideTheSymbolIsLight(t *testing.T) {
	m, err := qrimage.Encode("QI1/")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range [][2]int{{-1, 0}, {0, -1}, {m.Size(), 0}, {0, m.Size()}, {-1 << 31, 1<<31 - 1}} {
		if m.Dark(p[0], p[1]) {
			t.Errorf("(%d,%d) is dark", p[0], p[1])
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       error
	}{
		{"empty", "", qrimage.ErrEmpty},
		{"digits that fill 40-M", strings.Repeat("1", 5596), nil},
		{"one digit more", strings.Repeat("1", 5597), qrimage.ErrTooLong},
		{"characters that fill 40-M", strings.Repeat("A", 3391), nil},
		{"one character more", strings.Repeat("A", 3392), qrimage.ErrTooLong},
		{"bytes that fill 40-M", strings.Repeat("a", 2331), nil},
		{"one byte more", strings.Repeat("a", 2332), qrimage.ErrTooLong},
		{"very long", strings.Repeat("1", 1<<20), qrimage.ErrTooLong},
	} {
		m, err := qrimage.Encode(tc.text)
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", tc.name, err, tc.want)
		}
		if (m != nil) != (tc.want == nil) {
			t.Errorf("%s: matrix %v with error %v", tc.name, m, err)
		}
	}
}

// The encoder below has calls to panic; no text of any kind reaches them.
func TestEncodeNeverPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	alphabets := []string{"0123456789", "0123456789AB:/", "01aé\x00\xff", "Aa0"}
	rounds := 200
	if stride() > 1 {
		rounds = 20
	}
	for range rounds {
		alphabet := alphabets[rng.IntN(len(alphabets))]
		b := make([]byte, 1+rng.IntN(700))
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		if _, err := qrimage.Encode(string(b)); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
	}
}

func BenchmarkEncodeAndPNG(b *testing.B) {
	text := base + "QI1/" + digitsOf(200)
	for b.Loop() {
		m, err := qrimage.Encode(text)
		if err != nil {
			b.Fatal(err)
		}
		if err := m.PNG(discard{}, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	text := base + "QI1/" + digitsOf(200)
	for b.Loop() {
		if _, err := qrimage.Encode(text); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
