// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

func TestLint(t *testing.T) {
	window := func(from, to int32) Restrictions { return Restrictions{Windows: []Window{hours(from, to)}} }
	idle := Component{Dimension: IdleTime, Class: Occupancy, Price: 2000}
	taxed := func(rate int32) Component {
		c := energy(10)
		c.Taxes = []Tax{{Rate: rate}}
		return c
	}
	stepped := func(d Dimension, step int64) Component {
		return Component{Dimension: d, Class: Electricity, Price: 1, Step: step}
	}
	for _, c := range []struct {
		name   string
		tariff *Tariff
		change func(*Tariff)
		want   []Finding
	}{
		{"a plain tariff", eur(when(window(22, 6), energy(1)), element(energy(2))), nil, nil},
		{"no tariff", eur(element()), nil, []Finding{{"Elements[0].Components", Fault, Invalid}}},
		{"behind one that always holds", eur(element(energy(2)), when(window(22, 6), energy(1))), nil,
			[]Finding{{"Elements[1].Components[0]", Warning, NeverApplies}}},
		{"behind a wider window", eur(when(window(20, 8), energy(2)), when(window(22, 6), energy(1)), element(energy(3))), nil,
			[]Finding{{"Elements[1].Components[0]", Warning, NeverApplies}}},
		{"charging time after idling", eur(when(Restrictions{Idle: Span{Min: 60}}, part(TimeSpent, OtherFee, 1, -1, 0))), nil,
			[]Finding{{"Elements[0].Components[0]", Warning, NeverApplies}}},
		// 2026-03-02 is a Monday.
		{"a Sunday from Monday to Saturday", eur(when(Restrictions{Days: 1, From: DateOf(2026, 3, 2), Until: DateOf(2026, 3, 8)}, energy(1)), element(energy(2))), nil,
			[]Finding{{"Elements[0].Components[0]", Warning, NeverApplies}}},
		{"a Sunday from Monday to Sunday", eur(when(Restrictions{Days: 1, From: DateOf(2026, 3, 2), Until: DateOf(2026, 3, 9)}, energy(1)), element(energy(2))), nil, nil},
		{"behind both halves of the day", eur(when(window(0, 12), energy(1)), when(window(12, 24), energy(2)), element(energy(3))), nil,
			[]Finding{{"Elements[2].Components[0]", Warning, NeverApplies}}},
		{"behind all tiers", eur(when(Restrictions{Energy: Span{0, 10}}, energy(1)), when(Restrictions{Energy: Span{10, 0}}, energy(2)), element(energy(3))), nil,
			[]Finding{{"Elements[2].Components[0]", Warning, NeverApplies}}},
		{"behind all days of the week", eur(when(Restrictions{Days: 0b0111110}, energy(1)), when(Restrictions{Days: 0b1000001}, energy(2)), element(energy(3))), nil,
			[]Finding{{"Elements[2].Components[0]", Warning, NeverApplies}}},
		{"behind all but Sunday", eur(when(Restrictions{Days: 0b0111110}, energy(1)), when(Restrictions{Days: 0b1000000}, energy(2)), element(energy(3))), nil, nil},
		{"behind half of the day and the rest of the tiers", eur(when(window(0, 12), energy(1)), when(Restrictions{Energy: Span{10, 0}}, energy(2)), element(energy(3))), nil,
			[]Finding{{"Elements[1].Components[0]", Info, Overlap}}},
		{"another dimension is no rival", eur(element(energy(2)), element(idle)), nil, nil},
		{"windows that overlap", eur(when(window(20, 6), energy(2)), when(window(5, 9), energy(1)), element(energy(3))), nil,
			[]Finding{{"Elements[1].Components[0]", Info, Overlap}}},
		{"tiers that overlap", eur(when(Restrictions{Energy: Span{0, 10}}, energy(2)), when(Restrictions{Energy: Span{9, 20}}, energy(1)), element(energy(3))), nil,
			[]Finding{{"Elements[1].Components[0]", Info, Overlap}}},
		{"hours without a price", eur(when(window(6, 22), energy(1))), nil, []Finding{{"Elements (energy, electricity)", Warning, Gap}}},
		{"tiers with a hole", eur(when(Restrictions{Energy: Span{0, 10}}, energy(2)), when(Restrictions{Energy: Span{12, 0}}, energy(1))), nil,
			[]Finding{{"Elements (energy, electricity)", Warning, Gap}}},
		{"tiers without a hole", eur(when(Restrictions{Energy: Span{0, 10}}, energy(2)), when(Restrictions{Energy: Span{10, 0}}, energy(1))), nil, nil},
		{"minimum above maximum", eur(element(energy(1))), func(t *Tariff) { t.Limit = PriceLimit{Min: 5, Max: 4} },
			[]Finding{{"Limit.Min", Warning, MinAboveMax}}},
		{"maximum below a flat fee", eur(element(part(FlatFee, Service, 50, -1, 0))), func(t *Tariff) { t.Limit.Max = 49 },
			[]Finding{{"Elements[0].Components[0].Price", Warning, MaxBelowFlat}}},
		{"maximum below two flat fees together", eur(element(part(FlatFee, Service, 50, -1, 0), part(FlatFee, OtherFee, 60, -1, 0))), func(t *Tariff) { t.Limit.Max = 109 },
			[]Finding{{"Elements[0].Components[1].Price", Warning, MaxBelowFlat}}},
		{"maximum that holds two flat fees", eur(element(part(FlatFee, Service, 50, -1, 0), part(FlatFee, OtherFee, 60, -1, 0))), func(t *Tariff) { t.Limit.Max = 110 }, nil},
		{"steps in the wrong unit", eur(element(stepped(Energy, 500)), when(window(1, 2), stepped(TimeSpent, 900_000))), nil,
			[]Finding{{"Elements[0].Components[0].Step", Warning, FineStep}, {"Elements[1].Components[0].Step", Warning, LargeStep},
				{"Elements (time, electricity)", Warning, Gap}}},
		{"steps that differ", eur(when(window(1, 2), stepped(TimeSpent, 60)), element(stepped(TimeSpent, 900))), nil,
			[]Finding{{"Elements[1].Components[0].Step", Info, StepsDiffer}}},
		{"taxes that differ within a class", eur(when(window(1, 2), taxed(7000)), element(taxed(19_000))), nil,
			[]Finding{{"Elements[1].Components[0].Taxes", Warning, TaxesDiffer}}},
		{"no tax and 0 %", eur(element(taxed(0))), nil, []Finding{{"Elements[0].Components[0].Taxes[0]", Info, ZeroTax}}},
		{"a negative price", eur(element(energy(-1))), nil, []Finding{{"Elements[0].Components[0].Price", Info, NegativePrice}}},
		{"grace of nothing", eur(element(energy(1))), func(t *Tariff) { t.Idle = IdleRule{Grace: 60, SessionCap: 5} },
			[]Finding{{"Idle.Grace", Warning, NoEffect}, {"Idle", Warning, NoEffect}}},
		{"a retroactive fee above its cap", eur(element(idle)), func(t *Tariff) { t.Idle = IdleRule{Grace: 7200, Retroactive: true, SessionCap: 3000} },
			[]Finding{{"Idle.Grace", Info, GraceAboveCap}}},
		{"a night of some days", eur(when(Restrictions{Windows: []Window{hours(22, 6)}, Days: 1}, energy(1)), element(energy(2))), nil,
			[]Finding{{"Elements[0].When.Windows", Info, NightAndDays}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.tariff)
			}
			if got := c.tariff.Lint(); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// TestWhatNeverAppliesIsGone: removing what Lint says never applies leaves the
// normal form as it was.
func TestWhatNeverAppliesIsGone(t *testing.T) {
	found := 0
	for run := range 400 {
		r := rand.New(rand.NewPCG(41, uint64(run)))
		w := randomWorld(r)
		w.tariff.Idle = IdleRule{}
		before := prices(t, &w)
		removed := false
		for i := len(w.tariff.Elements) - 1; i >= 0; i-- {
			for j := len(w.tariff.Elements[i].Components) - 1; j >= 0; j-- {
				for _, f := range w.tariff.Lint() {
					if f.Code == NeverApplies && f.Path == fmt.Sprintf("Elements[%d].Components[%d]", i, j) {
						c := w.tariff.Elements[i].Components
						w.tariff.Elements[i].Components = append(c[:j:j], c[j+1:]...)
						removed = true
						break
					}
				}
			}
			if len(w.tariff.Elements[i].Components) == 0 {
				w.tariff.Elements = append(w.tariff.Elements[:i:i], w.tariff.Elements[i+1:]...)
			}
		}
		if !removed {
			continue
		}
		found++
		if after := prices(t, &w); !reflect.DeepEqual(before, after) {
			t.Fatalf("run %d: %v, then %v", run, before, after)
		}
	}
	if found < 20 {
		t.Errorf("only %d tariffs had something to remove", found)
	}
}

// prices returns the totals of a world.
func prices(t *testing.T, w *world) []any {
	t.Helper()
	w.tariff.Rounding.Unit = PerSession
	plan, err := w.tariff.Compile(w.limits, w.offsets)
	if err != nil {
		return nil
	}
	var q Quantities
	var bill Bill
	if err := plan.Measure(&q, w.readings); err != nil {
		t.Fatal(err)
	}
	if err := plan.Price(&bill, q); err != nil {
		t.Fatal(err)
	}
	return []any{bill.Exact, bill.ExactGross, bill.Payable}
}
