// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// cost is an amount in the JSON of price; nil is an unknown tax.
type cost struct {
	Excl string  `json:"excl_tax"`
	Incl *string `json:"incl_tax"`
}

func (c cost) String() string {
	if c.Incl == nil {
		return c.Excl + " without tax, unknown with it"
	}
	return c.Excl + " without tax, " + *c.Incl + " with it"
}

// priceOutput is what these tests read of the JSON of price.
type priceOutput struct {
	Currency string `json:"currency"`
	Total    cost   `json:"total"`
	Exact    cost   `json:"exact"`
	Parts    map[string]struct {
		Total, Exact cost
	} `json:"by_dimension"`
	Lines []struct {
		Total, Exact cost
	} `json:"lines"`
	Findings []struct {
		Code, Path, Severity string
	} `json:"findings"`
}

// runPrice prices files as the command does.
func runPrice(t *testing.T, args ...string) priceOutput {
	t.Helper()
	var out, errors bytes.Buffer
	std := &stdio{in: &bytes.Buffer{}, out: &out, err: &errors}
	if exit := run(append([]string{"price", "--json"}, args...), std); exit != exitDone {
		t.Fatalf("exit code %d: %s", exit, errors.String())
	}
	var p priceOutput
	if err := json.Unmarshal(out.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	p.adds(t)
	return p
}

// adds checks that the lines and the parts add up to the total, before rounding
// and after it.
func (p *priceOutput) adds(t *testing.T) {
	t.Helper()
	var lines, parts, rounded [2]big.Rat
	sum := func(to *[2]big.Rat, c cost) {
		to[0].Add(&to[0], rational(t, c.Excl))
		if c.Incl != nil {
			to[1].Add(&to[1], rational(t, *c.Incl))
		}
	}
	for _, l := range p.Lines {
		sum(&lines, l.Exact)
		sum(&rounded, l.Total)
	}
	for _, d := range p.Parts {
		sum(&parts, d.Exact)
	}
	known := p.Exact.Incl != nil
	for name, got := range map[string]*[2]big.Rat{"lines": &lines, "parts": &parts} {
		if got[0].Cmp(rational(t, p.Exact.Excl)) != 0 || known && got[1].Cmp(rational(t, *p.Exact.Incl)) != 0 {
			t.Errorf("the %s add up to %s and %s, the total is %s", name, got[0].String(), got[1].String(), p.Exact)
		}
	}
	if rounded[0].Cmp(rational(t, p.Total.Excl)) != 0 || known && rounded[1].Cmp(rational(t, *p.Total.Incl)) != 0 {
		t.Errorf("the rounded lines add up to %s and %s, the total is %s", rounded[0].FloatString(6), rounded[1].FloatString(6), p.Total)
	}
}

func rational(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

// TestWorkedExamples prices the folders of testdata/ocpi: a record, a tariff
// unless the record has it, and what a person worked out. Costs that stand in
// the records are the same, so nothing may be found to differ.
func TestWorkedExamples(t *testing.T) {
	folders, err := filepath.Glob("testdata/ocpi/*")
	if err != nil || len(folders) < 20 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(folder, "want.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want priceOutput
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			args := []string{"--cdr", filepath.Join(folder, "cdr.json")}
			if tariff := filepath.Join(folder, "tariff.json"); isFile(tariff) && !hasTariffs(t, args[1]) {
				args = append(args, "--tariff", tariff)
			}
			got := runPrice(t, args...)
			if got.Currency != want.Currency || got.Total.String() != want.Total.String() || got.Exact.String() != want.Exact.String() {
				t.Errorf("%s %s, exactly %s; want %s, exactly %s", got.Currency, got.Total, got.Exact, want.Total, want.Exact)
			}
			for _, f := range got.Findings {
				if slices.Contains([]string{"cost-differs", "total-differs", "unknown-field", "misspelt-field", "other-version", "missing-field", "no-timezone"}, f.Code) {
					t.Errorf("%s at %s", f.Code, f.Path)
				}
			}
		})
	}
}

// hasTariffs reports whether a record has tariffs in it.
func hasTariffs(t *testing.T, cdr string) bool {
	t.Helper()
	b, err := os.ReadFile(cdr)
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		Tariffs []json.RawMessage `json:"tariffs"`
	}
	if err := json.Unmarshal(b, &record); err != nil {
		t.Fatal(err)
	}
	return len(record.Tariffs) > 0
}

// vectors are the OCPI cases of the open library ocpi-tariffs, with what a
// person worked out from the tariffs. The records print the same costs, but for
// one that is cut to three decimals.
var vectors = []struct{ folder, cdr, excl, incl, exactExcl, exactIncl string }{
	{"v211/025kwh", "cdr.json", "5.0000", "", "5/1", ""},
	// 14.342 kWh at 0.20, 2 h at 2.00 and 1 h at 3.00; the record says 9.868.
	{"v211/first_hour_kwh_free", "cdr.json", "9.8684", "", "24671/2500", ""},
	{"v211/free_of_charge", "cdr.json", "0.0000", "", "0/1", ""},
	{"v211/step_size_energy", "cdr.json", "30.0000", "", "30/1", ""},
	{"v221/025kwh_min_price", "cdr1.json", "5.0000", "5.5000", "5/1", "11/2"},
	{"v221/025kwh_start", "cdr1.json", "5.5000", "6.1000", "11/2", "61/10"},
	{"v221/grace_period_parking_time", "cdr.json", "3.2500", "3.5000", "13/4", "7/2"},
	{"v221/simple_025kwh", "cdr1.json", "5.0000", "5.5000", "5/1", "11/2"},
	{"v221/step_size_energy", "cdr1.json", "30.0000", "30.0000", "30/1", "30/1"},
}

// vectorsFolder is where the vectors of others are, on machines that have them.
func vectorsFolder(t *testing.T) string {
	folder := os.Getenv("QRCHARGE_VECTORS")
	why := "QRCHARGE_VECTORS is not set to a folder with ocpi/ in it"
	if folder != "" && isFile(filepath.Join(folder, "ocpi")) {
		return filepath.Join(folder, "ocpi")
	}
	if os.Getenv("QRCHARGE_REQUIRE_TOOLS") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

func TestVectors(t *testing.T) {
	base := vectorsFolder(t)
	for _, v := range vectors {
		t.Run(v.folder, func(t *testing.T) {
			got := runPrice(t, "--cdr", filepath.Join(base, v.folder, v.cdr), "--tariff", filepath.Join(base, v.folder, "tariff.json"))
			want := priceOutput{Currency: "EUR", Total: cost{Excl: v.excl}, Exact: cost{Excl: v.exactExcl}}
			want.Total.Incl = &v.excl // where a tax is unknown, the amount without it
			if v.incl != "" {
				want.Total.Incl, want.Exact.Incl = &v.incl, &v.exactIncl
			}
			if got.Currency != want.Currency || got.Total.String() != want.Total.String() || got.Exact.String() != want.Exact.String() {
				t.Errorf("%s %s, exactly %s; want %s, exactly %s", got.Currency, got.Total, got.Exact, want.Total, want.Exact)
			}
		})
	}
}

// TestVectorsAreAllPriced fails for a record that the table does not have.
func TestVectorsAreAllPriced(t *testing.T) {
	base := vectorsFolder(t)
	err := filepath.WalkDir(base, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(path) == "tariff.json" || filepath.Ext(path) != ".json" {
			return err
		}
		for _, v := range vectors {
			if filepath.Join(base, v.folder, v.cdr) == path {
				return nil
			}
		}
		t.Errorf("%s is not in the table", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
