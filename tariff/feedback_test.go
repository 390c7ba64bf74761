// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// feeds is an order under which a vehicle may feed 50 kWh back.
var feeds = Limits{Scale: 2, Feedback: 50 * kWh}

// TestFeedback: what the register falls by is taken off where it falls. Worked
// by hand: 1.00 and .50 a kWh in two tiers of 10 kWh each, then .20.
func TestFeedback(t *testing.T) {
	tiers := []Element{when(Restrictions{Energy: Span{0, 10 * kWh}}, energy(100)),
		when(Restrictions{Energy: Span{10 * kWh, 20 * kWh}}, energy(50)), element(energy(20))}
	byPower := []Element{when(Restrictions{Power: Span{Min: 1}}, energy(30)), element(energy(70))}
	stepped := func(first, second int64) []Element {
		a, b := energy(100), energy(200)
		a.Step, b.Step = first*kWh, second*kWh
		return []Element{when(Restrictions{Power: Span{Min: 1}}, a), element(b)}
	}
	for _, c := range []struct {
		name     string
		elements []Element
		kWh      []int64 // registers above the first, a reading each minute
		power    []int32 // labels, by reading
		cells    string
		want     string
	}{
		{"down through the tiers", tiers, []int64{0, 25, 15}, nil, "[{0 10000000} {1 5000000}]", "12.50 EUR"},
		{"and up again", tiers, []int64{0, 25, 5, 12}, nil, "[{0 10000000} {1 2000000}]", "11.00 EUR"},
		{"from the edge of a tier down", tiers, []int64{0, 20, 18}, nil, "[{0 10000000} {1 8000000}]", "14.00 EUR"},
		{"below where it began", tiers, []int64{0, 5, -3}, nil, "[{0 -3000000}]", "-3.00 EUR"},
		{"back to where it began", tiers, []int64{0, 25, 0}, nil, "[]", "0.00 EUR"},
		{"drawn at one price, fed back at another", byPower, []int64{0, 10, 4}, []int32{5, 0, 0}, "[{0 10000000} {1 -6000000}]", "-1.20 EUR"},
		{"a step rounds what is left", stepped(5, 1), []int64{0, 12, 8}, []int32{5, 5, 5}, "[{0 8000000}]", "10.00 EUR"},
		{"a credit is not rounded", stepped(5, 1), []int64{0, 1, -2}, []int32{5, 5, 5}, "[{0 -2000000}]", "-2.00 EUR"},
		{"the step of what rose last", stepped(5, 4), []int64{0, 12, 9}, []int32{5, 0, 0}, "[{0 12000000} {1 -3000000}]", "7.00 EUR"},
		{"although it is a credit now", stepped(5, 4), []int64{0, 12, 13, 10}, []int32{5, 0, 0, 0}, "[{0 12000000} {1 -2000000}]", "12.00 EUR"},
		{"although nothing of it is left", stepped(5, 4), []int64{0, 9, 10, 9}, []int32{5, 0, 0, 0}, "[{0 9000000}]", "15.00 EUR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := must[*Plan](t)(eur(c.elements...).Compile(feeds, []Offset{{}}))
			var readings []Reading
			for i, v := range c.kWh {
				r := Reading{At: int64(i) * 60, Energy: 100*kWh + v*kWh}
				if c.power != nil {
					r.Power = c.power[i]
				}
				readings = append(readings, r)
			}
			var q Quantities
			if err := plan.Measure(&q, readings); err != nil {
				t.Fatal(err)
			}
			var b Bill
			if err := plan.Price(&b, q); err != nil {
				t.Fatal(err)
			}
			if err := b.Check(); err != nil || fmt.Sprint(q.Cells) != c.cells || b.Payable.String() != c.want {
				t.Errorf("%v, %v, %v; want %s, %s", err, q.Cells, b.Payable, c.cells, c.want)
			}
		})
	}
}

// TestFeedbackRefusals: by default a register that falls is a faulty one.
func TestFeedbackRefusals(t *testing.T) {
	two := eur(element(energy(1)), when(Restrictions{Reservation: AnyReservation}, part(TimeSpent, OtherFee, 1, -1, 0)))
	plan := must[*Plan](t)(two.Compile(Limits{Scale: 2, Feedback: 5, Energy: 7}, []Offset{{}}))
	none := must[*Plan](t)(two.Compile(Limits{Scale: 2}, []Offset{{}}))
	const first, most = 10 * EnergyOverrun, EnergyOverrun + 5
	m := plan.Meter()
	for i, c := range []struct {
		energy int64
		want   error
	}{{first, nil}, {first - most - 1, ErrAboveLimit}, {first - most + 2, nil}, {first, nil}, {first - 3, ErrAboveLimit},
		{first - 2, nil}, {first - 3, ErrAboveLimit}, {first + EnergyOverrun + 7, nil}, {first + EnergyOverrun + 8, ErrAboveLimit}} {
		if err := m.Add(Reading{At: int64(i), Energy: c.energy}); !errors.Is(err, c.want) {
			t.Errorf("%d: %v, want %v", i, err, c.want)
		}
	}
	var bill Bill
	for _, c := range []struct {
		name string
		plan *Plan
		q    Quantities
		want error
		path string
	}{
		{"nothing may be fed back", none, Quantities{Cells: []Cell{{0, -1}}}, ErrQuantities, "Cells[0].Quantity"},
		{"zero is absent", plan, Quantities{Cells: []Cell{{0, 0}}}, ErrQuantities, "Cells[0].Quantity"},
		{"time does not run backwards", plan, Quantities{Cells: []Cell{{1, -1}}}, ErrQuantities, "Cells[0].Quantity"},
		{"more than may be fed back", plan, Quantities{Cells: []Cell{{0, -most - 1}}}, ErrAboveLimit, "Cells[0].Quantity"},
		{"more than it can rise", plan, Quantities{Cells: []Cell{{0, 2*EnergyOverrun + 13}}}, ErrAboveLimit, "Cells[0].Quantity"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.plan.Price(&bill, c.q), c.want, c.path) })
	}
	wantError(t, none.Meter().Add(Reading{Energy: -1}), ErrReading, "Energy")
	_, err := two.Compile(Limits{Scale: 2, Feedback: -1}, []Offset{{}})
	wantError(t, err, ErrLimits, "Limits.Feedback")
	_, err = two.Compile(Limits{Scale: 2, Feedback: MaxEnergy + 1}, []Offset{{}})
	wantError(t, err, ErrLimits, "Limits.Feedback")
	fed := none.Meter()
	if err := fed.Add(Reading{}); err != nil {
		t.Fatal(err)
	}
	_, err = fed.StopAt(Money{1, 2, "EUR"}, Load{Power: -1}, 60)
	wantError(t, err, ErrReading, "Load")
}

// TestFeedbackNeverOverflows: the dearest sessions that feed back as much as
// they may, near the ends of int64, can be measured, priced and checked.
func TestFeedbackNeverOverflows(t *testing.T) {
	passed, refused := 0, 0
	for run := range 3000 {
		r := rand.New(rand.NewPCG(83, uint64(run)))
		shift := r.UintN(44)
		price := func() Component { return energy((r.Int64() - 1<<62) >> shift) }
		tariff := eur(when(Restrictions{Power: Span{Min: 1}}, price()), element(price()))
		limits := Limits{Scale: 2, Energy: r.Int64N(1 << r.UintN(40)), Feedback: 1 + r.Int64N(1<<r.UintN(39))}
		plan, err := tariff.Compile(limits, []Offset{{}})
		if errors.Is(err, ErrOverflow) {
			refused++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		passed++
		rise := limits.Energy + EnergyOverrun
		if limits.Energy == 0 {
			rise = MaxEnergy
		}
		const first = 1 << 41
		fall := limits.Feedback + EnergyOverrun
		m := plan.Meter()
		for i, reading := range []Reading{{Energy: first, Power: 5}, {Energy: first + rise}, {Energy: first + rise - fall, Power: 5}, {Energy: first + rise}} {
			reading.At = int64(i)
			if err := m.Add(reading); err != nil {
				t.Fatalf("run %d: %v", run, err)
			}
		}
		var b Bill
		if err := plan.Price(&b, m.Quantities()); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if err := b.Check(); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
	}
	if passed < 300 || refused < 300 {
		t.Errorf("%d passed, %d refused: the test is one-sided", passed, refused)
	}
}

// TestFeedbackInterpolated: a straight line down as well as up.
func TestFeedbackInterpolated(t *testing.T) {
	tariff := eur(when(Restrictions{Windows: []Window{{0, 3600}}}, energy(10)), element(energy(20)))
	plan := must[*Plan](t)(tariff.Compile(feeds, []Offset{{}}))
	all, err := plan.Interpolate(nil, []Reading{{At: 3000, Energy: 10 * kWh}, {At: 4200, Energy: 4 * kWh}})
	if err != nil || len(all) != 3 || all[1].At != 3600 || all[1].Energy != 7*kWh {
		t.Errorf("%v, %v", all, err)
	}
}

// TestFeedbackBills: bills with credits for energy go through JSON unchanged,
// and are found out where a credit is made a charge.
func TestFeedbackBills(t *testing.T) {
	credits := 0
	for run := range 600 {
		w := denseWorld(rand.New(rand.NewPCG(85, uint64(run))))
		var j judge
		if _, err := j.engine(&w); err != nil {
			continue
		}
		i := slices.IndexFunc(j.bill.Lines, func(l Line) bool { return l.Measured < 0 && l.Price.Units != 0 })
		if i < 0 {
			continue
		}
		credits++
		text := must[[]byte](t)(json.Marshal(&j.bill))
		var back Bill
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if again := must[[]byte](t)(json.Marshal(&back)); string(again) != string(text) || back.Check() != nil {
			t.Fatalf("run %d: %s\ncomes back as %s", run, text, again)
		}
		back.Lines[i].Measured, back.Lines[i].Billed = -back.Lines[i].Measured, -back.Lines[i].Billed
		if err := back.Check(); !errors.Is(err, ErrBill) {
			t.Errorf("run %d: a credit made a charge: %v\n%s", run, err, text)
		}
	}
	if credits < 20 {
		t.Errorf("%d bills with credits", credits)
	}
}
