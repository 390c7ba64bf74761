// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/testdata"
)

// Golden bills hold the rules of evaluation for ever. Each folder of
// testdata/v1/tariff is a tariff, a session with what was worked out for it by
// hand, and the bill. A change of the engine that changes a bill is an error of
// the change, or needs a new revision of the rules.

const (
	goldenFolder = "v1/tariff"
	goldenLeast  = 189 // folders
)

var goldenFiles = []string{"bill.json", "session.json", "tariff.json"}

var update = flag.Bool("update", false, "write the golden bills anew where they agree with what was worked out by hand")

// worked is what session.json holds: the session, and what its bill must say.
type worked struct {
	Title    string   `json:"title"`
	Why      string   `json:"why"` // the arithmetic
	Expected expected `json:"expected"`
	Session  Session  `json:"session"`
}

// expected is worked out by hand, not by this package. Fractions are in lowest
// terms, amounts have the decimals of the order.
type expected struct {
	Exact      string `json:"exact"`
	ExactGross string `json:"exact_gross"`
	Net        string `json:"net"`
	Gross      string `json:"gross"`
	Payable    string `json:"payable"`
	Waived     string `json:"waived"`
}

func expectedOf(b *Bill) expected {
	text := func(m Money) string { return string(AppendDecimal(nil, m.Units, m.Scale)) }
	return expected{b.Exact.String(), b.ExactGross.String(), text(b.Net), text(b.Gross), text(b.Payable), text(b.Waived)}
}

// goldenNames lists the folders. It fails where one lacks a part or has another
// one, where there is something else, and where there are too few.
func goldenNames(files fs.FS, root string, least int, parts []string) ([]string, error) {
	entries, err := fs.ReadDir(files, root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Name() == "README.md" {
			continue
		}
		inside, err := fs.ReadDir(files, path.Join(root, e.Name()))
		if err != nil {
			return nil, err
		}
		var have []string
		for _, f := range inside {
			have = append(have, f.Name())
		}
		if !slices.Equal(have, parts) {
			return nil, fmt.Errorf("%s has %v, want %v", e.Name(), have, parts)
		}
		names = append(names, e.Name())
	}
	if len(names) < least {
		return nil, fmt.Errorf("%d scenarios, want %d", len(names), least)
	}
	return names, nil
}

// TestGoldenFoldersAreWhole: what goldenNames refuses.
func TestGoldenFoldersAreWhole(t *testing.T) {
	file := &fstest.MapFile{}
	whole := func() fstest.MapFS {
		return fstest.MapFS{"r/README.md": file, "r/a/bill.json": file, "r/a/session.json": file, "r/a/tariff.json": file}
	}
	for name, c := range map[string]struct {
		least  int
		change func(fstest.MapFS)
	}{
		"too few":             {2, func(fstest.MapFS) {}},
		"a missing bill":      {1, func(f fstest.MapFS) { delete(f, "r/a/bill.json") }},
		"a missing session":   {1, func(f fstest.MapFS) { delete(f, "r/a/session.json") }},
		"a missing tariff":    {1, func(f fstest.MapFS) { delete(f, "r/a/tariff.json") }},
		"an extra file":       {1, func(f fstest.MapFS) { f["r/a/notes.json"] = file }},
		"a file for a folder": {1, func(f fstest.MapFS) { f["r/b.json"] = file }},
	} {
		if names, err := goldenNames(whole(), "r", 1, goldenFiles); err != nil || !slices.Equal(names, []string{"a"}) {
			t.Fatal(names, err)
		}
		f := whole()
		c.change(f)
		if names, err := goldenNames(f, "r", c.least, goldenFiles); err == nil {
			t.Errorf("%s: %v", name, names)
		}
	}
}

// TestGoldenBills: each bill comes out of its tariff and session to the last
// byte, agrees with what was worked out by hand, and is sound.
func TestGoldenBills(t *testing.T) {
	if *update {
		updateGolden(t)
		return
	}
	names, err := goldenNames(testdata.V1, goldenFolder, goldenLeast, goldenFiles)
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			c := readGolden(t, testdata.V1, path.Join(goldenFolder, name))
			if before := titles[c.Title]; before != "" {
				t.Errorf("the title of %s", before)
			}
			titles[c.Title] = name
			bill := c.price(t)
			want := must[[]byte](t)(fs.ReadFile(testdata.V1, path.Join(goldenFolder, name, "bill.json")))
			if got := layout(t, bill); got != string(want) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			var back Bill
			if err := json.Unmarshal(want, &back); err != nil {
				t.Fatal(err)
			}
			if err := back.Check(); err != nil {
				t.Error(err)
			}
			if again := layout(t, &back); again != string(want) {
				t.Errorf("comes back as %s", again)
			}
		})
	}
}

// golden is a scenario without its bill.
type golden struct {
	worked
	tariff Tariff
}

// readGolden reads a scenario. Its files are written as layout writes them.
func readGolden(t *testing.T, files fs.FS, folder string) (c golden) {
	t.Helper()
	for name, dst := range map[string]any{"tariff.json": &c.tariff, "session.json": &c.worked} {
		text := must[[]byte](t)(fs.ReadFile(files, path.Join(folder, name)))
		if err := json.Unmarshal(text, dst); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if again := layout(t, dst); again != string(text) {
			t.Fatalf("%s: written as\n%s", name, again)
		}
	}
	if err := c.tariff.Check(); err != nil {
		t.Fatal(err)
	}
	if c.Title == "" || c.Why == "" {
		t.Error("nothing says what this shows")
	}
	return c
}

// price returns the bill, which must be what was worked out, whether measured
// at once or reading by reading, under the tariff as written or its normal form.
func (c *golden) price(t *testing.T) *Bill {
	t.Helper()
	plan := must[*Plan](t)(c.tariff.Compile(c.Session.Limits, c.Session.Offsets))
	var q Quantities
	if err := plan.Measure(&q, c.Session.Readings); err != nil {
		t.Fatal(err)
	}
	bill := new(Bill)
	if err := plan.Price(bill, q); err != nil {
		t.Fatal(err)
	}
	if err := bill.Check(); err != nil {
		t.Errorf("%v: %+v", err, bill)
	}
	for i, l := range bill.Lines {
		if l.Kind == ChargeLine && !reflect.DeepEqual(l.When, plan.Tariff().Elements[l.Element].When) {
			t.Errorf("line %d says %+v, not why it applies", i, l.When)
		}
	}
	if got := expectedOf(bill); got != c.Expected {
		t.Errorf("%s\ngot  %+v\nwant %+v", c.Why, got, c.Expected)
	}
	c.meter(t, plan, q)
	again := new(Bill)
	normal := must[*Plan](t)(plan.Tariff().Compile(c.Session.Limits, c.Session.Offsets))
	if err := normal.Price(again, q); err != nil || !reflect.DeepEqual(again, bill) {
		t.Errorf("in its normal form %v, %+v\nwant %+v", err, again, bill)
	}
	return bill
}

// meter measures reading by reading.
func (c *golden) meter(t *testing.T, plan *Plan, want Quantities) {
	t.Helper()
	m := plan.Meter()
	for i, r := range c.Session.Readings {
		if err := m.Add(r); err != nil {
			t.Fatalf("reading %d: %v", i, err)
		}
		var part Quantities
		if err := plan.Measure(&part, c.Session.Readings[:i+1]); err != nil {
			t.Fatal(err)
		}
		if got := m.Quantities(); !sameQuantities(got, part) {
			t.Fatalf("after reading %d: %+v, want %+v", i, got, part)
		}
	}
	if got := m.Quantities(); !sameQuantities(got, want) {
		t.Errorf("metered %+v, want %+v", got, want)
	}
}

func sameQuantities(a, b Quantities) bool {
	return slices.Equal(a.Cells, b.Cells) && slices.Equal(a.Last, b.Last) && slices.Equal(a.Flats, b.Flats)
}

// updateGolden writes the bills. One that is there already changes only if the
// new one agrees with what was worked out by hand, as new ones must.
func updateGolden(t *testing.T) {
	disk := os.DirFS("../testdata")
	for _, e := range must[[]fs.DirEntry](t)(fs.ReadDir(disk, goldenFolder)) {
		if !e.IsDir() {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			folder := path.Join(goldenFolder, e.Name())
			c := readGolden(t, disk, folder)
			if bill := c.price(t); !t.Failed() {
				if err := os.WriteFile(path.Join("../testdata", folder, "bill.json"), []byte(layout(t, bill)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestGoldenReadingsDoNotMatter: a complete record has the bill of any other
// complete record of the same session.
func TestGoldenReadingsDoNotMatter(t *testing.T) {
	a := must[[]byte](t)(testdata.V1.ReadFile(goldenFolder + "/read-at-the-edges/bill.json"))
	b := must[[]byte](t)(testdata.V1.ReadFile(goldenFolder + "/read-every-five-minutes/bill.json"))
	if string(a) != string(b) {
		t.Errorf("%s\n%s", a, b)
	}
}

// layout writes a value as the golden files have it: its JSON, two spaces deep,
// with what fits into a line of 110 characters in one.
func layout(t *testing.T, value any) string {
	t.Helper()
	var b strings.Builder
	write(t, &b, must[[]byte](t)(json.Marshal(value)), 0, 0)
	return b.String() + "\n"
}
