// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// The oracle prices a session anew in big fractions, from the tariff as it was
// written, second by second, by asking each element in order. It knows no normal
// form, no segments, no cells and no numerators.

// share is what the oracle books energy under: what a driver would call one
// position of the bill.
type share struct {
	rate               Rate
	electricity, serve fee
}

// fee is a price as written, or none.
type fee struct {
	price int64
	set   bool
}

// book is the energy of each position in mWh.
type book map[share]int64

// oracleSelect finds the first element with a component of this class by the
// letter of the rule.
func oracleSelect(t *Tariff, second int64, class Class) (Rate, fee) {
	for _, e := range t.Elements {
		holds := len(e.When.Windows) == 0
		for _, w := range e.When.Windows {
			from, to := int64(w.From), int64(w.To)
			if to <= from {
				to += 86_400
			}
			holds = holds || from <= second && second < to || from <= second+86_400 && second+86_400 < to
		}
		for _, c := range e.Components {
			if holds && c.Class == class {
				return e.Rate, fee{c.Price, true}
			}
		}
	}
	return 0, fee{}
}

func tenTo(n uint8) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// oracleDay remembers what holds at each second of the local day it was asked for.
type oracleDay struct {
	tariff  *Tariff
	seconds map[int64][]share
}

// at returns the positions that hold at a unix second.
func (d *oracleDay) at(offsets []Offset, at int64) []share {
	local := at + int64(offsets[0].Seconds)
	for _, o := range offsets[1:] {
		if at >= o.From {
			local = at + int64(o.Seconds)
		}
	}
	second := (local%86_400 + 86_400) % 86_400
	shares, known := d.seconds[second]
	if !known {
		shares = oracleSecond(d.tariff, second)
		d.seconds[second] = shares
	}
	return shares
}

// oracleSecond returns the positions that hold at a second of the local day.
func oracleSecond(t *Tariff, second int64) []share {
	er, e := oracleSelect(t, second, Electricity)
	sr, s := oracleSelect(t, second, Service)
	switch {
	case e.set && s.set && er == sr:
		return []share{{er, e, s}}
	case e.set && s.set:
		return []share{{er, e, fee{}}, {sr, fee{}, s}}
	case e.set:
		return []share{{er, e, fee{}}}
	case s.set:
		return []share{{sr, fee{}, s}}
	}
	return nil
}

// oracleMeasure books the energy between readings by the earlier one.
func oracleMeasure(t *Tariff, offsets []Offset, readings []Reading) book {
	b, day := book{}, oracleDay{t, map[int64][]share{}}
	for i := 1; i < len(readings); i++ {
		if readings[i-1].Phase == Reserved {
			continue
		}
		for _, s := range day.at(offsets, readings[i-1].At) {
			b[s] += readings[i].Energy - readings[i-1].Energy
		}
	}
	return b
}

// oracleRound rounds to units of 10^-scale.
func oracleRound(v *big.Rat, scale uint8, mode RoundingMode) *big.Int {
	scaled := new(big.Rat).Mul(v, new(big.Rat).SetInt(tenTo(scale)))
	down := new(big.Int).Quo(scaled.Num(), scaled.Denom()) // towards zero
	rest := new(big.Rat).Sub(scaled, new(big.Rat).SetInt(down))
	away := new(big.Int).Add(down, big.NewInt(int64(scaled.Sign())))
	c := new(big.Rat).Abs(rest).Cmp(big.NewRat(1, 2))
	if rest.Sign() != 0 && (mode == Up || mode == HalfUp && c >= 0 || mode == HalfEven && (c > 0 || c == 0 && down.Bit(0) == 1)) {
		return away
	}
	return down
}

// oracleBill is what the oracle knows of a bill.
type oracleBill struct {
	exact                *big.Rat
	net, payable, waived *big.Int
	positions            int
}

func oraclePrice(b book, t *Tariff, l Limits) oracleBill {
	r := t.Rounding
	groups := map[string]*big.Rat{}
	o := oracleBill{exact: new(big.Rat), net: new(big.Int)}
	for s, mWh := range b {
		if mWh == 0 {
			continue
		}
		for class, price := range map[string]fee{"electricity": s.electricity, "service": s.serve} {
			if !price.set {
				continue
			}
			p := new(big.Rat).SetFrac(big.NewInt(price.price), tenTo(t.Scale))
			amount := new(big.Rat).Mul(p, big.NewRat(mWh, 1_000_000))
			key := map[RoundingUnit]string{PerSession: "", PerGroup: class, PerComponent: fmt.Sprint(class, s)}[r.Unit]
			if groups[key] == nil {
				groups[key] = new(big.Rat)
			}
			groups[key].Add(groups[key], amount)
			o.exact.Add(o.exact, amount)
			o.positions++
		}
	}
	for _, sum := range groups {
		o.net.Add(o.net, oracleRound(sum, l.Scale, r.Mode))
	}
	paid := oracleRound(new(big.Rat).SetFrac(o.net, tenTo(l.Scale)), r.Payable, r.Mode)
	o.payable, o.waived = new(big.Int).Mul(paid, tenTo(l.Scale-r.Payable)), new(big.Int)
	if l.Amount > 0 {
		step := tenTo(l.Scale - r.Payable)
		most := new(big.Int).Mul(new(big.Int).Quo(big.NewInt(l.Amount), step), step)
		if o.payable.Cmp(most) > 0 {
			o.waived.Sub(o.payable, most)
			o.payable = most
		}
	}
	return o
}

// session is a true course of a register, second by second.
type session struct {
	start    int64
	register []int64
	phase    []Phase
}

// randomSession lasts up to some hours; its phase changes rarely.
func randomSession(r *rand.Rand, offsets []Offset) session {
	s := session{start: offsets[0].From + r.Int64N(100_000)}
	phases := []Phase{Charging, Charging, Charging, Idle, Reserved}
	register, phase, power := r.Int64N(1<<40), phases[r.IntN(5)], r.Int64N(40_000)
	for range 1 + r.IntN(8*3600) {
		if r.IntN(3000) == 0 {
			phase = phases[r.IntN(5)]
		}
		if r.IntN(500) == 0 {
			power = r.Int64N(40_000)
		}
		s.register, s.phase = append(s.register, register), append(s.phase, phase)
		register += power + r.Int64N(20)
	}
	return s
}

func (s *session) reading(i int) Reading {
	return Reading{At: s.start + int64(i), Energy: s.register[i], Phase: s.phase[i]}
}

// every returns all seconds as readings.
func (s *session) every() []Reading {
	all := make([]Reading, len(s.register))
	for i := range all {
		all[i] = s.reading(i)
	}
	return all
}

// complete meters the session at its first and last second, at each change of
// phase, at each due moment, and at some others.
func (s *session) complete(t *testing.T, plan *Plan, r *rand.Rand, sparse int) (*Meter, []Reading) {
	meter := plan.Meter()
	var taken []Reading
	for i := range s.register {
		due, ok := meter.Due()
		if i == 0 || i == len(s.register)-1 || s.phase[i] != s.phase[i-1] || ok && s.start+int64(i) >= due || r.IntN(sparse) == 0 {
			if err := meter.Add(s.reading(i)); err != nil {
				t.Fatal(err)
			}
			taken = append(taken, s.reading(i))
		}
	}
	return meter, taken
}

// randomOffsets has up to two changes, a few hours apart and often in the session.
func randomOffsets(r *rand.Rand) []Offset {
	offsets := []Offset{{1_700_000_000 + r.Int64N(100_000_000), 900 * int32(r.IntN(100)-50)}}
	for range r.IntN(3) {
		last := offsets[len(offsets)-1]
		offsets = append(offsets, Offset{last.From + 1 + r.Int64N(60_000), last.Seconds + 1800*int32(r.IntN(5)-2)})
	}
	return offsets
}

// TestOracle holds the engine against the oracle on random tariffs, offsets and
// sessions; the readings of each session are all its seconds, and a complete
// record of few, by Measure and by a Meter.
func TestOracle(t *testing.T) {
	runs := 300
	if testing.Short() {
		runs = 50
	}
	r := rand.New(rand.NewPCG(5, 6))
	var positions, waived, switched int
	for run := range runs {
		tariff, offsets := randomTariff(r), randomOffsets(r)
		if run%3 == 0 {
			tariff = must[*Tariff](t)(FromGrid(randomGrid(r), "CNY"))
		}
		limits := Limits{Scale: tariff.Rounding.Payable + uint8(r.IntN(3)), Amount: r.Int64N(3) * r.Int64N(5000)}
		plan := must[*Plan](t)(tariff.Compile(limits, offsets))
		s := randomSession(r, offsets)
		want := oraclePrice(oracleMeasure(tariff, offsets, s.every()), tariff, limits)

		meter, record := s.complete(t, plan, r, 600)
		var whole, few Quantities
		if err := plan.Measure(&whole, s.every()); err != nil {
			t.Fatal(err)
		}
		if err := plan.Measure(&few, record); err != nil {
			t.Fatal(err)
		}
		for name, q := range map[string]Quantities{"all seconds": whole, "complete record": few, "meter": meter.Quantities()} {
			var bill Bill
			if err := plan.Price(&bill, q); err != nil {
				t.Fatalf("run %d, %s: %v", run, name, err)
			}
			compareBill(t, fmt.Sprintf("run %d, %s", run, name), &bill, want)
		}
		positions += want.positions
		waived += want.waived.Sign()
		switched += len(offsets) - 1
	}
	t.Logf("%d sessions, %d positions, %d with a waiver, %d changes of offset", runs, positions, waived, switched)
}

func compareBill(t *testing.T, where string, bill *Bill, want oracleBill) {
	t.Helper()
	if err := bill.Check(); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	exact := want.exact.Num().String() + "/" + want.exact.Denom().String()
	if bill.Exact.String() != exact {
		t.Fatalf("%s: exact %v, want %s", where, bill.Exact, exact)
	}
	charges := 0
	for _, l := range bill.Lines {
		if l.Kind == ChargeLine {
			charges++
		}
	}
	if bill.Net.Units != want.net.Int64() || bill.Gross != bill.Net || bill.Payable.Units != want.payable.Int64() ||
		bill.Waived.Units != want.waived.Int64() || charges != want.positions {
		t.Fatalf("%s: net %v, payable %v, waived %v, %d charges; want %v, %v, %v, %d", where,
			bill.Net, bill.Payable, bill.Waived, charges, want.net, want.payable, want.waived, want.positions)
	}
}

// TestFurtherReadingsChangeNothing: a complete record and any record that adds
// true readings to it have the same quantities.
func TestFurtherReadingsChangeNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		tariff, offsets := randomTariff(r), randomOffsets(r)
		plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 4}, offsets))
		s := randomSession(r, offsets)
		base, few := s.complete(t, plan, r, 1<<30)
		want := fmt.Sprint(base.Quantities())
		for _, sparse := range []int{3600, 300, 10} {
			more, all := s.complete(t, plan, r, sparse)
			if got := fmt.Sprint(more.Quantities()); got != want {
				t.Fatalf("%d readings: %s; %d readings: %s", len(few), want, len(all), got)
			}
		}
	}
}
