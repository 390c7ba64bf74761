// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"slices"
	"strings"
	"testing"
)

// TestCurrencyTable: lookup relies on codes of three capitals, each followed by
// one space; a code stands once, in the order of the alphabet.
func TestCurrencyTable(t *testing.T) {
	seen := map[string]bool{}
	for exponent, codes := range currencies {
		list := strings.Fields(codes)
		if joined := strings.Join(list, " "); codes != "" && codes != joined+" " || !slices.IsSorted(list) {
			t.Errorf("exponent %d: %q", exponent, codes)
		}
		for _, code := range list {
			if got, ok := Currency(code).Exponent(); !ok || got != exponent || seen[code] {
				t.Errorf("%s: %d, %v; want %d, once", code, got, ok, exponent)
			}
			seen[code] = true
		}
	}
	if len(seen) != 165 { // 156 national and supranational currencies, 9 fund codes
		t.Errorf("%d codes", len(seen))
	}
}
