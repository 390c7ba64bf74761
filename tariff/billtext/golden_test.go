// SPDX-License-Identifier: Apache-2.0

package billtext_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/billtext"
	"github.com/seed81979277/qrcharge/testdata"
)

var update = flag.Bool("update", false, "write the golden texts anew; read them before they are committed")

// golden are the golden bills whose texts were read aloud and kept.
var golden = []string{
	"chinese-night-with-occupancy",
	"deep-valley-at-noon-in-summer",
	"european-evening-with-blocking-fee",
	"every-dimension",
	"expired-reservation-with-flat",
	"fed-back-more-than-drawn",
	"idle-fee-that-rises-after-a-boundary",
	"jpy-no-decimals",
	"minimum-gross-shared-over-two-tax-groups",
	"parking-40-minutes-billed-as-45",
	"power-bands",
	"reservation-across-a-price-boundary",
	"step-of-one-class-only",
	"tier-cut-over-a-month-opening",
	"tiers-within-a-window",
	"waived-with-tax-and-minimum",
	"water-by-the-litre-with-a-step",
}

// TestGoldenTexts: the texts of golden bills are those in testdata.
func TestGoldenTexts(t *testing.T) {
	for _, name := range golden {
		t.Run(name, func(t *testing.T) {
			got := textOf(t, name)
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != len(golden) {
		t.Errorf("%d texts for %d bills, %v", len(files), len(golden), err)
	}
}

// widestGolden is what a screen or a sheet of paper holds: the widest has a
// named rate, a date, two fees and their sums.
const widestGolden = 100

// TestEveryGoldenBillHasAText: in both languages, without a trailing space,
// no wider than a page, and with the amount to pay in each.
func TestEveryGoldenBillHasAText(t *testing.T) {
	folders, err := testdata.V1.ReadDir("v1/tariff")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		text := textOf(t, f.Name())
		lines := strings.Split(text, "\n")
		if slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(l, " ") }) {
			t.Errorf("%s: a space at the end of a line\n%s", f.Name(), text)
		}
		if slices.ContainsFunc(lines, func(l string) bool { return columnsOf(l) > widestGolden }) {
			t.Errorf("%s: wider than %d\n%s", f.Name(), widestGolden, text)
		}
		if strings.Count(text, "\n应付")+strings.Count(text, "\n应退") != 1 || strings.Count(text, "\nTo pay")+strings.Count(text, "\nTo be refunded") != 1 {
			t.Errorf("%s: not two amounts to pay\n%s", f.Name(), text)
		}
	}
}

// columnsOf counts Chinese characters and punctuation twice.
func columnsOf(line string) (n int) {
	for _, r := range line {
		if n++; r >= '、' {
			n++
		}
	}
	return n
}

// textOf returns the text of a golden bill in both languages.
func textOf(t *testing.T, name string) string {
	t.Helper()
	text, err := testdata.V1.ReadFile("v1/tariff/" + name + "/bill.json")
	if err != nil {
		t.Fatal(err)
	}
	var b tariff.Bill
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	got, err := billtext.Append(nil, &b, billtext.Both)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}
