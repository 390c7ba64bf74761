// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"math/rand/v2"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// randomTariff is a tariff with any of what the model has; most are sound. It
// draws edges and prices from few values, so that they meet.
func randomTariff(rng *rand.Rand) *tariff.Tariff {
	currency := []tariff.Currency{"CNY", "JPY", "KWD", "EUR"}[rng.IntN(4)]
	exponent, _ := currency.Exponent()
	t := &tariff.Tariff{Rules: tariff.Rules1, Currency: currency, Scale: uint8(rng.IntN(6)),
		Rounding:    tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: uint8(exponent)},
		TaxIncluded: rng.IntN(2) == 0}
	if rng.IntN(2) == 0 {
		t.Rounding = tariff.Rounding{Unit: tariff.RoundingUnit(1 + rng.IntN(3)), Mode: tariff.RoundingMode(1 + rng.IntN(4)), Payable: uint8(rng.IntN(10))}
	}
	if rng.IntN(3) == 0 {
		t.Limit = tariff.PriceLimit{Min: few[int64](rng, 0, 100, 12345), Max: few[int64](rng, 0, 5000, 1<<40), Gross: rng.IntN(2) == 0}
	}
	if rng.IntN(2) == 0 {
		t.Idle = randomIdleRule(rng)
	}
	sets := [][]tariff.Tax{nil, randomTaxes(rng), randomTaxes(rng)}
	plain := rng.IntN(3) == 0
	for range 1 + rng.IntN(6) {
		t.Elements = append(t.Elements, randomElement(rng, sets, plain))
	}
	return t
}

func few[T any](rng *rand.Rand, values ...T) T { return values[rng.IntN(len(values))] }

func randomIdleRule(rng *rand.Rand) tariff.IdleRule {
	r := tariff.IdleRule{Grace: few[int64](rng, 0, 900, 901, 14400), PerEpisode: rng.IntN(2) == 0, Retroactive: rng.IntN(2) == 0,
		SessionCap: few[int64](rng, 0, 10_000_000, 123)}
	if rng.IntN(2) == 0 {
		r.PeriodCap, r.Period = few[int64](rng, 5_000, 77), tariff.Period(1+rng.IntN(2))
	}
	return r
}

func randomTaxes(rng *rand.Rand) (taxes []tariff.Tax) {
	for range rng.IntN(4) {
		taxes = append(taxes, tariff.Tax{Name: few(rng, "VAT", "GST", "", "city tax"), Rate: few[int32](rng, 0, 19_000, 5_000, 9_975), Stack: uint8(rng.IntN(4))})
	}
	return taxes
}

func randomElement(rng *rand.Rand, sets [][]tariff.Tax, plain bool) tariff.Element {
	e := tariff.Element{Rate: tariff.Rate(few(rng, 0, 0, 1, 2, 8))}
	if rng.IntN(2) == 0 {
		e.When.Windows = randomWindows(rng)
	}
	if !plain {
		restrict(rng, &e.When)
	}
	var seen [6][5]bool
	for range 1 + rng.IntN(3) {
		c := tariff.Component{Dimension: tariff.Dimension(1 + rng.IntN(5)), Class: tariff.Class(1 + rng.IntN(4)),
			Price: few[int64](rng, 0, 49, 5000, 135_468, 1<<40, -7), Taxes: few(rng, sets...)}
		if e.When.Reservation != 0 {
			c.Dimension = few(rng, tariff.TimeSpent, tariff.FlatFee)
		}
		if seen[c.Dimension][c.Class] {
			continue
		}
		seen[c.Dimension][c.Class] = true
		if c.Dimension != tariff.FlatFee && rng.IntN(3) == 0 {
			c.Step = few[int64](rng, 1, 60, 900, 1000, 500_000)
		}
		e.Components = append(e.Components, c)
	}
	return e
}

func restrict(rng *rand.Rand, w *tariff.Restrictions) {
	span := func(s *tariff.Span, edges ...int64) {
		if rng.IntN(8) == 0 {
			i := rng.IntN(len(edges) - 1)
			*s = tariff.Span{Min: edges[i], Max: edges[i+1]}
		}
	}
	if rng.IntN(4) == 0 {
		w.Days = tariff.Days(few(rng, 0b0111110, 0b1000001, 127, 1))
	}
	if rng.IntN(6) == 0 {
		w.From = few[tariff.Date](rng, 0, 20454)
		w.Until = few[tariff.Date](rng, 0, 20500, 20819)
	}
	if rng.IntN(6) == 0 {
		w.Reservation = tariff.Reservation(1 + rng.IntN(2))
	}
	span(&w.Energy, 0, 20_000_000, 20_000_001, tariff.MaxTier, 0)
	span(&w.Time, 0, 3600, 3601, 0)
	span(&w.Volume, 0, 250_000, 250_001, 0)
	span(&w.Power, 0, 16_000, 32_500, 0)
	span(&w.Current, 0, 16_000, 96_001, 0)
	span(&w.Duration, 0, 14_400, 86_399, 0)
	span(&w.Idle, 0, 900, 901, 0)
}

func randomWindows(rng *rand.Rand) (windows []tariff.Window) {
	edges := []int32{0, 900, 1800, 21_600, 25_201, 61_200, 79_200, 86_399, 86_400}
	for range 1 + rng.IntN(3) {
		from, to := few(rng, edges[:8]...), few(rng, edges...)
		if from != to%86_400 || from == 0 && to != 0 {
			windows = append(windows, tariff.Window{From: from, To: to})
		}
	}
	return windows
}

// rewritten writes a tariff otherwise: each element once for each component,
// these apart by column; windows cut, in another order; all days for none; an
// end of the day as 0; more decimals; taxes in another order on higher stacks;
// and what is never selected behind.
func rewritten(rng *rand.Rand, t *tariff.Tariff) *tariff.Tariff {
	o := *t
	o.Elements = nil
	type column struct {
		d tariff.Dimension
		c tariff.Class
	}
	columns := map[column][]tariff.Element{}
	for _, e := range t.Elements {
		for _, c := range e.Components {
			one := tariff.Element{Rate: e.Rate, When: e.When, Components: []tariff.Component{rewrittenComponent(rng, c)}}
			one.When.Windows = cutWindows(rng, e.When.Windows)
			if one.When.Days == 0 && rng.IntN(2) == 0 {
				one.When.Days = 127
			}
			key := column{c.Dimension, c.Class}
			columns[key] = append(columns[key], one)
			if rng.IntN(4) == 0 { // again, where it is never selected
				again := one
				again.Components = []tariff.Component{{Dimension: c.Dimension, Class: c.Class, Taxes: one.Components[0].Taxes}}
				columns[key] = append(columns[key], again)
			}
		}
	}
	for _, d := range rng.Perm(5) {
		for _, c := range rng.Perm(4) {
			o.Elements = append(o.Elements, columns[column{tariff.Dimension(d + 1), tariff.Class(c + 1)}]...)
		}
	}
	if o.Scale < 5 {
		finer(&o)
	}
	return &o
}

func rewrittenComponent(rng *rand.Rand, c tariff.Component) tariff.Component {
	c.Taxes = slices.Clone(c.Taxes)
	rng.Shuffle(len(c.Taxes), func(i, j int) { c.Taxes[i], c.Taxes[j] = c.Taxes[j], c.Taxes[i] })
	if !slices.ContainsFunc(c.Taxes, func(t tariff.Tax) bool { return t.Stack == 3 }) {
		for i := range c.Taxes {
			c.Taxes[i].Stack++
		}
	}
	return c
}

func cutWindows(rng *rand.Rand, windows []tariff.Window) (out []tariff.Window) {
	for _, w := range windows {
		if w.To == 86_400 && w.From != 0 && rng.IntN(2) == 0 {
			w.To = 0
		}
		if w.From+2 < w.To && rng.IntN(2) == 0 {
			middle := (w.From + w.To) / 2
			out = append(out, tariff.Window{From: middle, To: w.To})
			w.To = middle
		}
		out = append(out, w)
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func finer(t *tariff.Tariff) {
	t.Scale++
	for i := range t.Elements {
		t.Elements[i].Components[0].Price *= 10
	}
	for _, v := range []*int64{&t.Limit.Min, &t.Limit.Max, &t.Idle.SessionCap, &t.Idle.PeriodCap} {
		*v *= 10
	}
}

// disturbed changes a normal form in one place, so that it may be none any more.
func disturbed(rng *rand.Rand, n *tariff.Tariff) *tariff.Tariff {
	o := *n
	o.Elements = slices.Clone(n.Elements)
	for i := range o.Elements {
		e := &o.Elements[i]
		e.Components, e.When.Windows = slices.Clone(e.Components), slices.Clone(e.When.Windows)
	}
	i, j := rng.IntN(len(o.Elements)), rng.IntN(len(o.Elements))
	e, f := &o.Elements[i], &o.Elements[j]
	c := &e.Components[rng.IntN(len(e.Components))]
	switch rng.IntN(16) {
	case 0:
		*e, *f = *f, *e
	case 1:
		o.Elements = slices.Insert(o.Elements, i, *f)
	case 2:
		o.Elements = slices.Delete(o.Elements, i, min(i+1, len(o.Elements)-1))
	case 3:
		e.When.Windows = append(e.When.Windows, randomWindows(rng)...)
	case 4:
		e.When.Windows = f.When.Windows
	case 5:
		e.Rate = f.Rate
	case 6:
		e.When.Days = few[tariff.Days](rng, 0, 127, f.When.Days)
	case 7:
		e.When = f.When
	case 8:
		c.Class = few(rng, tariff.Electricity, tariff.Service, tariff.Occupancy, tariff.OtherFee)
	case 9:
		e.Components = append(e.Components, f.Components[0])
	case 10:
		c.Price, c.Step, c.Taxes = f.Components[0].Price, f.Components[0].Step, f.Components[0].Taxes
	case 11:
		c.Taxes = randomTaxes(rng)
		for i, stack := 0, 0; i < len(c.Taxes); i++ {
			c.Taxes[i].Stack = uint8(stack) // in another order of names perhaps
			stack += rng.IntN(2)
		}
	case 12:
		o.Scale++
	case 13:
		o.Limit.Gross = rng.IntN(2) == 0 && o.Limit.Min|o.Limit.Max != 0 // what bytes cannot say is not asked
	case 14:
		o.Idle = randomIdleRule(rng)
	case 15:
		e.When.Reservation = tariff.Reservation(rng.IntN(3))
	}
	o.TaxIncluded = o.TaxIncluded && slices.ContainsFunc(o.Elements, func(e tariff.Element) bool {
		return slices.ContainsFunc(e.Components, func(c tariff.Component) bool { return len(c.Taxes) > 0 })
	})
	return &o
}
