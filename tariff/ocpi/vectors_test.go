// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// The published cases of other implementations, where they are at hand: each
// folder has a tariff and CDRs that tell their cost.
func TestVectors(t *testing.T) {
	root := os.Getenv("QRCHARGE_VECTORS")
	folders, err := filepath.Glob(filepath.Join(root, "ocpi", "v*", "*", "tariff.json"))
	if root == "" || len(folders) == 0 {
		if os.Getenv("QRCHARGE_REQUIRE_TOOLS") == "1" {
			t.Fatal("no vectors: QRCHARGE_VECTORS is ", root, err)
		}
		t.Skip("QRCHARGE_VECTORS names no folder with ocpi/v*/*/tariff.json")
	}
	for _, file := range folders {
		cdrs, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "cdr*.json"))
		if len(cdrs) == 0 {
			t.Errorf("%s: no CDR", filepath.Dir(file))
		}
		for _, cdr := range cdrs {
			name, _ := filepath.Rel(root, cdr)
			t.Run(name, func(t *testing.T) { vector(t, file, cdr) })
		}
	}
}

// vector prices a case and holds it against the total_cost in it.
func vector(t *testing.T, tariffFile, cdrFile string) {
	text, err := os.ReadFile(tariffFile)
	if err != nil {
		t.Fatal(err)
	}
	price, _, err := ReadTariff(text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(cdrFile); err != nil {
		t.Fatal(err)
	}
	cdr, _, err := ReadCDR(text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Price(cdr, []*Tariff{price}, PriceOptions{Offsets: []tariff.Offset{{}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Code == CostDiffers {
			t.Errorf("%v; total %v %v", f, r.Total.ExclTax, r.Total.InclTax)
		}
	}
	if r.Total.TaxUnknown != (cdr.TotalCost.InclTax == nil) {
		t.Errorf("tax unknown: %v", r.Total.TaxUnknown)
	}
}
