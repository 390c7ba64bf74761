// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// stopWorld is a dense world in which limits and taxes matter: most prices have
// one sign, and a limit lies within reach.
func stopWorld(r *rand.Rand) world {
	w := denseWorld(r)
	t := w.tariff
	taxes := randomTaxes(r)
	unsigned := !chance(r, 4)
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			c := &t.Elements[i].Components[j]
			if c.Taxes = taxes[c.Class]; unsigned {
				c.Price = max(c.Price, -c.Price)
			}
		}
	}
	unit := int64(1)
	for range t.Scale {
		unit *= 10
	}
	t.Limit = PriceLimit{Min: r.Int64N(2) * r.Int64N(3), Max: 1 + r.Int64N(9), Gross: chance(r, 2)}
	t.Limit.Min, t.Limit.Max = t.Limit.Min*unit, t.Limit.Max*unit
	return w
}

// TestStopAtUnderLimits: limits without taxes and with them, under which each
// second was looked at once, against brute force.
func TestStopAtUnderLimits(t *testing.T) {
	if kinds := stopRuns(t, worlds(4000, 400), 33, stopWorld, 400); len(kinds) != 3 {
		t.Error("an answer was never given")
	}
}

// TestStopAtFarAhead: 36 W at 1.00 a kWh draw 10 mWh a second, and cost a cent
// in 1000 s, without the tax of 19 %.
func TestStopAtFarAhead(t *testing.T) {
	taxed := func(limit PriceLimit, c ...Component) *Tariff {
		n := eur(element(c...))
		n.Limit = limit
		return n
	}
	fee := part(Energy, Electricity, 100, 190, 0)
	for _, c := range []struct {
		name   string
		tariff *Tariff
		budget int64
		want   Stop
	}{
		// 5.00 and 19 % are 5.95; the budget is 2.38, or 200.499… cents without.
		{"a limit without taxes, below it", taxed(PriceLimit{Max: 500}, fee), 238, Stop{StopAfter, 200_420, 2_004_200, 0, Money{238, 2, "EUR"}}},
		{"a limit with taxes, below it", taxed(PriceLimit{Max: 500, Gross: true}, fee), 238, Stop{StopAfter, 200_420, 2_004_200, 0, Money{238, 2, "EUR"}}},
		{"at the limit with taxes", taxed(PriceLimit{Max: 500, Gross: true}, fee), 500, Stop{StopNoLimit, MaxHorizon, 26_784_000, 0, Money{500, 2, "EUR"}}},
		// Before the maximum binds 500.49 cents are 595.58 with taxes, which is 596.
		{"above the peak below the limit", taxed(PriceLimit{Max: 500}, fee), 596, Stop{StopNoLimit, MaxHorizon, 26_784_000, 0, Money{595, 2, "EUR"}}},
		{"at the limit", taxed(PriceLimit{Max: 500}, fee), 595, Stop{StopAfter, 500_420, 5_004_200, 0, Money{595, 2, "EUR"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := must[*Plan](t)(c.tariff.Compile(Limits{Scale: 2}, utc8)).Meter()
			if err := m.Add(Reading{At: atLocal(0, 0, 0)}); err != nil {
				t.Fatal(err)
			}
			got, err := m.StopAt(Money{c.budget, 2, "EUR"}, Load{Power: 36}, MaxHorizon)
			if err != nil || got != c.want {
				t.Errorf("%+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

// TestStopAtEndsWhereReadingsDo: under a limit of 30 kWh readings are taken up to
// 130 kWh, which 100 kW reach after 4680 s.
func TestStopAtEndsWhereReadingsDo(t *testing.T) {
	plan := must[*Plan](t)(eur(element(part(Energy, Electricity, 100, -1, 0))).Compile(Limits{Energy: 30_000_000, Scale: 2}, utc8))
	m := plan.Meter()
	if err := m.Add(Reading{At: atLocal(0, 0, 0)}); err != nil {
		t.Fatal(err)
	}
	load := Load{Power: 100_000}
	for budget, want := range map[int64]Stop{
		100_000: {StopNoLimit, 4680, 130_000_000, 0, Money{13_000, 2, "EUR"}},
		13_000:  {StopNoLimit, 4680, 130_000_000, 0, Money{13_000, 2, "EUR"}},
		10_000:  {StopAfter, 3600, 100_000_000, 0, Money{10_000, 2, "EUR"}},
	} {
		if got, err := m.StopAt(Money{budget, 2, "EUR"}, load, 4*3600); err != nil || got != want {
			t.Errorf("%d: %+v, %v, want %+v", budget, got, err, want)
		}
	}
}

// BenchmarkStopAtManyWindows: 31 days under 16 windows, three taxes and a limit.
func BenchmarkStopAtManyWindows(b *testing.B) {
	for _, gross := range []bool{true, false} {
		b.Run(map[bool]string{true: "gross", false: "net"}[gross], func(b *testing.B) {
			var elements []Element
			for i := range int32(16) {
				c := []Component{part(Energy, Electricity, 40+int64(i), 190, 0), part(Energy, Service, 20, 70, 0), part(TimeSpent, OtherFee, 1, 50, 0)}
				elements = append(elements, when(Restrictions{Windows: []Window{{i * 5400, (i + 1) * 5400}}}, c...))
			}
			t := eur(elements...)
			t.Limit = PriceLimit{Max: 10_000_000, Gross: gross}
			m := must[*Plan](b)(t.Compile(Limits{Scale: 2}, utc8)).Meter()
			if err := m.Add(Reading{At: atLocal(0, 0, 0)}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := m.StopAt(Money{9_000_000, 2, "EUR"}, Load{Power: 7000}, MaxHorizon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
