// SPDX-License-Identifier: Apache-2.0

package qrproto

import "testing"

// numericAtM is how many digits a QR code of each version holds at level M when
// it holds nothing else, ISO/IEC 18004, table 7. The code under test has the
// codewords instead, of which these follow.
var numericAtM = [...]int{
	1: 34, 63, 101, 149, 202, 255, 293, 365, 432, 513, 604, 691, 796, 871, 991, 1082, 1212, 1346, 1500, 1600,
	1708, 1872, 2059, 2188, 2395, 2544, 2701, 2857, 3035, 3289, 3486, 3693, 3909, 4134, 4343, 4588, 4775, 5039, 5313, 5596,
}

// numericBits is the length of n digits, without mode and count.
func numericBits(n int) int { return n/3*10 + [...]int{0, 4, 7}[n%3] }

// countBits are the lengths of the counts of a numeric and of an alphanumeric
// segment, table 3.
func countBits(version int) (numeric, alphanumeric int) {
	switch {
	case version <= 9:
		return 10, 9
	case version <= 26:
		return 12, 11
	}
	return 14, 13
}

func TestCapacityIsThatOfTheStandard(t *testing.T) {
	for version := 1; version <= 40; version++ {
		numeric, alphanumeric := countBits(version)
		bits := 8 * dataCodewords[version]
		if n := numericAtM[version]; 4+numeric+numericBits(n) > bits || 4+numeric+numericBits(n+1) <= bits {
			t.Errorf("version %d: %d codewords are not %d digits", version, dataCodewords[version], n)
		}
		for front := 0; front <= 300; front++ {
			room := bits - (4 + alphanumeric + front/2*11 + front%2*6) - (4 + numeric)
			want := 0
			for numericBits(want+1) <= room {
				want++
			}
			if got := capacity(version, front); got != want {
				t.Fatalf("version %d behind %d characters: %d digits, want %d", version, front, got, want)
			}
		}
	}
	for _, version := range []int{-1, 0, 41} {
		if got := capacity(version, 0); got != 0 {
			t.Errorf("version %d: %d digits", version, got)
		}
	}
}
