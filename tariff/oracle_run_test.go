// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// worlds is how many random worlds a test draws: runs, or short under -short and
// under the race detector, or as many as QRCHARGE_ORACLE_RUNS says.
func worlds(runs, short int) int {
	if n, err := strconv.Atoi(os.Getenv("QRCHARGE_ORACLE_RUNS")); err == nil {
		return n
	}
	if testing.Short() || raceDetector {
		return short
	}
	return runs
}

// oracleSeed is the seed of random worlds, QRCHARGE_ORACLE_SEED or 1.
func oracleSeed() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("QRCHARGE_ORACLE_SEED"), 10, 64); err == nil {
		return n
	}
	return 1
}

// judge prices worlds by the engine and by the oracle.
type judge struct {
	oracle  fullOracle
	q       Quantities
	bill    Bill
	refused int // too many compound taxes for one denominator
}

// errRefused: a world that Compile refuses with ErrOverflow.
var errRefused = errors.New("refused")

// engine prices by the engine, into j.bill.
func (j *judge) engine(w *world) (*Plan, error) {
	plan, err := w.tariff.Compile(w.limits, w.offsets)
	if errors.Is(err, ErrOverflow) {
		return nil, errRefused
	}
	if err != nil {
		return nil, err
	}
	if err := plan.Measure(&j.q, w.readings); err != nil {
		return nil, err
	}
	if err := plan.Price(&j.bill, j.q); err != nil {
		return nil, err
	}
	return plan, j.bill.Check()
}

// price prices by the oracle.
func (j *judge) price(w *world, asWritten *Tariff) total {
	j.oracle.begin(asWritten, w.limits.Facts, w.offsets)
	j.oracle.run(w.readings)
	return j.oracle.total(w.limits)
}

// written is what the oracle reads. Where each component is rounded, what a
// component is only the normal form says.
func (w *world) written() (*Tariff, error) {
	if w.tariff.Rounding.Unit == PerComponent {
		return w.tariff.Normalize()
	}
	return w.tariff, nil
}

// compare prices a world by both, and says where they differ.
func (j *judge) compare(w *world) (total, error) {
	plan, err := j.engine(w)
	if err != nil {
		return total{}, err
	}
	asWritten := w.tariff
	if w.tariff.Rounding.Unit == PerComponent {
		asWritten = plan.Tariff()
	}
	want := j.price(w, asWritten)
	b := &j.bill
	if !sameExact(b.Exact, &want.exactNet) || !sameExact(b.ExactGross, &want.exactGross) || b.Net.Units != want.net.Int64() ||
		b.Gross.Units != want.gross.Int64() || b.Payable.Units != want.payable.Int64() || b.Waived.Units != want.waived.Int64() {
		return want, fmt.Errorf("exact %v %v, net %v, gross %v, payable %v, waived %v; want %v %v, %v, %v, %v, %v\n%+v", b.Exact, b.ExactGross,
			b.Net, b.Gross, b.Payable, b.Waived, &want.exactNet, &want.exactGross, &want.net, &want.gross, &want.payable, &want.waived, j.q)
	}
	return want, nil
}

// sameExact compares numerator and denominator, both in lowest terms.
func sameExact(e Exact, want *big.Rat) bool {
	var text [96]byte
	got, _ := e.AppendText(text[:0])
	var wanted [96]byte
	digits := want.Num().Append(wanted[:0], 10)
	digits = want.Denom().Append(append(digits, '/'), 10)
	return string(got) == string(digits)
}

// fullRun draws worlds and compares each; every 50th, or in a short run every
// 10th, is taken apart to see what decided its price.
func fullRun(t *testing.T, runs int, draw func(*rand.Rand) world) {
	var j judge
	seed, counts := oracleSeed(), newAblation()
	for run := range runs {
		w := draw(rand.New(rand.NewPCG(seed, uint64(run))))
		want, err := j.compare(&w)
		if err == errRefused {
			j.refused++
			continue
		}
		if err != nil {
			small := j.shrink(w)
			_, err = j.compare(&small)
			t.Fatalf("seed %d, run %d: %v\n%s", seed, run, err, small.text())
		}
		if run%50 == 0 || run%10 == 0 && runs <= 100_000 {
			counts.take(&j, &w, &want)
		}
		if run%1_000_000 == 999_999 {
			t.Logf("%d worlds, 0 differences", run+1)
		}
	}
	t.Logf("%d worlds, 0 differences, %d refused\n%s", runs, j.refused, counts)
	if j.refused > runs/20 {
		t.Errorf("%d of %d worlds refused", j.refused, runs)
	}
	counts.demand(t)
}

// TestFullOracle holds the engine against the full oracle on dense worlds over
// all features. QRCHARGE_ORACLE_RUNS is the number of worlds,
// QRCHARGE_ORACLE_SEED their seed.
func TestFullOracle(t *testing.T) { fullRun(t, worlds(20_000, 2000), denseWorld) }

// TestFullOracleLongSessions: the same on sessions of up to days.
func TestFullOracleLongSessions(t *testing.T) { fullRun(t, worlds(400, 100), randomWorld) }

// TestWorldsThatOnceFailed: a bill whose denominators were larger than its
// plan's, and a credit under a maximum without a minimum.
func TestWorldsThatOnceFailed(t *testing.T) {
	var j judge
	for _, seed := range [][2]uint64{{4, 106}} {
		w := randomWorld(rand.New(rand.NewPCG(seed[0], seed[1])))
		if _, err := j.compare(&w); err != nil {
			t.Errorf("%v: %v", seed, err)
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

// TestSharesThatDoNotFit: the denominators of these taxes fit 64 bits together,
// but an amount with its taxes is more than the whole and does not.
func TestSharesThatDoNotFit(t *testing.T) {
	litres := func(class Class, price int64, taxes ...Tax) Component {
		return Component{Dimension: Volume, Class: class, Price: price, Taxes: taxes}
	}
	a, b, c, d := Tax{"A", 5200, 0}, Tax{"B", 9975, 1}, Tax{"C", 19_000, 0}, Tax{"D", 20_000, 0}
	tariff := eur(element(litres(Electricity, 0, a, Tax{"B", 9975, 0}), litres(Service, 0, a, b),
		litres(Occupancy, 1500, c, Tax{"C", 19_000, 1}), litres(OtherFee, 0, d, b)))
	tariff.Limit = PriceLimit{Min: 100, Gross: true}
	_, err := tariff.Compile(Limits{Scale: 2}, []Offset{{}})
	wantError(t, err, ErrOverflow, "Taxes")
	tariff.Elements[0].Components = tariff.Elements[0].Components[2:]
	if b := priced(t, tariff, Limits{Scale: 2}, Cell{0, 4}); b.Gross.String() != "1.00 EUR" || b.Check() != nil {
		t.Errorf("%+v", b)
	}
}

// TestNamesDoNotPrice: rates name elements for people. Only where each component
// is rounded by itself do names that tell components apart matter.
func TestNamesDoNotPrice(t *testing.T) {
	var j judge
	for run := range worlds(3000, 300) {
		w := denseWorld(rand.New(rand.NewPCG(7, uint64(run))))
		if w.tariff.Rounding.Unit == PerComponent {
			w.tariff.Rounding.Unit = PerGroup
		}
		if _, err := j.engine(&w); err != nil {
			continue
		}
		want := j.bill
		for i := range w.tariff.Elements {
			w.tariff.Elements[i].Rate = Rate(i % 3 * (run % 2))
		}
		if _, err := j.engine(&w); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if j.bill.Exact != want.Exact || j.bill.ExactGross != want.ExactGross || j.bill.Payable != want.Payable || j.bill.Waived != want.Waived {
			t.Fatalf("run %d: %v, %v by other names\n%s", run, want.Exact, j.bill.Exact, w.text())
		}
	}
}
