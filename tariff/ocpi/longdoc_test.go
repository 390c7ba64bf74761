// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// TestLongKeyAboveManyValues: what a value costs does not depend on the length of
// the names above it. 20 000 paths with a key of 100 kB would be 2 GB.
func TestLongKeyAboveManyValues(t *testing.T) {
	key := strings.Repeat("é", 50_000)
	more := fmt.Sprintf(`"%s": [%s0], `, key, strings.Repeat("0,", 19_999))
	text := []byte(tariffText(V221, more, energy25))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, findings, err := ReadTariff(text, Options{V221})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
		t.Errorf("%d bytes for a document of %d", used, len(text))
	}
	if want := "$." + strings.Repeat("é", 32) + "…"; findPath(findings, UnknownField) != want {
		t.Errorf("findings are %.300q, want one at %q", findings, want)
	}
	_, _, err = ReadTariff([]byte(`{"`+key+`": [{"a": 1}, x]}`), Options{})
	var e *Error
	if !errors.As(err, &e) || e.Err != ErrSyntax || e.Path != "$."+strings.Repeat("é", 32)+"…[1]" {
		t.Errorf("an error at %.300v", err)
	}
}

// TestManyUnknownKeys: so many keys are compared with those seen before, and
// with all fields, only once; the findings end at some point and say so. The
// time is bounded loosely: pairs of keys would take minutes.
func TestManyUnknownKeys(t *testing.T) {
	const n = 60_000
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"x%d": 0, `, i)
	}
	_, findings, err := ReadTariff([]byte(tariffText(V221, b.String(), energy25)), Options{V221})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[Code]int{}
	for _, f := range findings {
		counts[f.Code]++
		if f.Code == MoreFields && (f.Path != "$" || f.Hint != "and 59900 more" || f.Severity != tariff.Warning) {
			t.Errorf("%+v", f)
		}
	}
	if counts[UnknownField] != 100 || counts[MoreFields] != 1 || len(findings) != 101 {
		t.Errorf("%d findings: %v", len(findings), counts)
	}
}

// TestManyDuplicateKeys: a key that stands there twice is told also beyond the
// keys that are told one by one, by its number.
func TestManyDuplicateKeys(t *testing.T) {
	text := tariffText(V221, strings.Repeat(`"type": "REGULAR", `, 201), energy25)
	_, findings, err := ReadTariff([]byte(text), Options{V221})
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 101 || findings[99].Code != DuplicateField || findings[100].Hint != "and 100 more" {
		t.Errorf("%d findings: %.600v", len(findings), findings)
	}
}
