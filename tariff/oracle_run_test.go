// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// TestFullOracle holds the engine against the full oracle on random worlds over
// all features, and counts how often each decided something. QRCHARGE_ORACLE_RUNS
// is the number of worlds, QRCHARGE_ORACLE_SEED their seed.
func TestFullOracle(t *testing.T) {
	runs, seed := worlds(400, 150), uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("QRCHARGE_ORACLE_SEED"), 10, 64); err == nil {
		seed = n
	}
	hits := map[string]int{}
	for run := range runs {
		r := rand.New(rand.NewPCG(seed, uint64(run)))
		w := randomWorld(r)
		if err := w.compare(hits); err != nil {
			t.Fatalf("run %d: %v\n%+v\n%+v\n%v\n%+v", run, err, w.tariff, w.limits, w.offsets, w.readings)
		}
	}
	t.Logf("%d worlds: %v", runs, hits)
	if hits["refused"] > runs/20 {
		t.Errorf("%d of %d worlds refused", hits["refused"], runs)
	}
	for _, feature := range []string{"grace", "flat", "step", "period cap", "session cap", "limit", "taxes", "tax included",
		"reservation", "expired", "opening", "several offsets"} {
		if hits[feature] == 0 && runs >= 400 {
			t.Errorf("%s never mattered", feature)
		}
	}
}

// worlds is how many random worlds a test draws.
func worlds(runs, short int) int {
	if n, err := strconv.Atoi(os.Getenv("QRCHARGE_ORACLE_RUNS")); err == nil {
		return n
	}
	if testing.Short() {
		return short
	}
	return runs
}

// compare prices a world by both.
func (w *world) compare(hits map[string]int) error {
	plan, err := w.tariff.Compile(w.limits, w.offsets)
	if errors.Is(err, ErrOverflow) { // too many compound taxes for one denominator
		hits["refused"]++
		return nil
	}
	if err != nil {
		return err
	}
	var q Quantities
	if err := plan.Measure(&q, w.readings); err != nil {
		return err
	}
	var bill Bill
	if err := plan.Price(&bill, q); err != nil {
		return err
	}
	if err := bill.Check(); err != nil {
		return fmt.Errorf("%w: %+v", err, bill)
	}
	asWritten := w.tariff
	if w.tariff.Rounding.Unit == PerComponent { // what a component is, only the normal form says
		asWritten = plan.Tariff()
	}
	o := fullOracle{t: asWritten, facts: w.limits.Facts, offsets: w.offsets, hits: hits}
	o.run(w.readings)
	want := o.total(w.limits)
	w.count(hits, &bill)
	exact := want.exactNet.Num().String() + "/" + want.exactNet.Denom().String()
	gross := want.exactGross.Num().String() + "/" + want.exactGross.Denom().String()
	if bill.Exact.String() != exact || bill.ExactGross.String() != gross || bill.Net.Units != want.net.Int64() ||
		bill.Gross.Units != want.gross.Int64() || bill.Payable.Units != want.payable.Int64() {
		return fmt.Errorf("exact %v %v, net %v, gross %v, payable %v; want %s %s, %v, %v, %v\n%+v", bill.Exact, bill.ExactGross,
			bill.Net, bill.Gross, bill.Payable, exact, gross, want.net, want.gross, want.payable, q)
	}
	return nil
}

// count notes which features the bill shows.
func (w *world) count(hits map[string]int, b *Bill) {
	note := func(feature string, shown bool) {
		if shown {
			hits[feature]++
		}
	}
	f := w.limits.Facts
	note("reservation", f.Reserved > 0)
	note("expired", f.Expired && f.Reserved > 0)
	note("opening", f.Energy > 0)
	note("several offsets", len(w.offsets) > 1)
	note("tax included", b.TaxIncluded)
	note("nothing due", len(b.Lines) == 0)
	for _, l := range b.Lines {
		note("taxes", l.Kind == TaxLine)
		note("tax residue", l.Kind == TaxResidueLine)
		note("residue", l.Kind == ResidueLine)
		note("negative", l.Kind == ChargeLine && l.Amount.Units < 0)
		if l.Kind == ChargeLine {
			hits[l.Dimension.String()]++
			hits[l.Class.String()]++
		}
	}
}

// TestWorldsThatOnceFailed: a bill whose denominators were larger than its
// plan's, and a credit under a maximum without a minimum.
func TestWorldsThatOnceFailed(t *testing.T) {
	for _, w := range [][2]uint64{{4, 106}} {
		world := randomWorld(rand.New(rand.NewPCG(w[0], w[1])))
		if err := world.compare(map[string]int{}); err != nil {
			t.Errorf("%v: %v", w, err)
		}
	}
	bill := priced(t, func() *Tariff {
		tariff := eur(element(energy(-100)))
		tariff.Limit.Max = 500
		return tariff
	}(), Limits{Scale: 2}, Cell{0, kWh})
	if bill.Payable.String() != "-1.00 EUR" || bill.Limit != (PriceLimit{}) {
		t.Errorf("a credit is bound by a maximum: %+v", bill)
	}
}
