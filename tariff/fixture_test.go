// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// halfUp2 rounds the session to cents, and is paid in cents.
var halfUp2 = Rounding{Unit: PerSession, Mode: HalfUp, Payable: 2}

// utc8 is China's only offset.
var utc8 = []Offset{{Seconds: 8 * 3600}}

// fourRates is a day of 尖峰平谷 with prices of five decimals.
func fourRates() Grid {
	g := Grid{Scale: 5, Rounding: halfUp2, Rates: []GridRate{
		{Sharp, 134_520, 45_000}, {Peak, 108_770, 40_000}, {Flat, 68_250, 35_000}, {Valley, 29_610, 30_005},
	}}
	for i := range g.Slots {
		switch {
		case i < 14 || i >= 46: // 23:00 to 07:00
			g.Slots[i] = 3
		case i >= 20 && i < 30, i >= 36 && i < 38, i >= 42: // 10 to 15, 18 to 19, 21 to 23
			g.Slots[i] = 1
		case i >= 38 && i < 42: // 19 to 21
			g.Slots[i] = 0
		default:
			g.Slots[i] = 2
		}
	}
	return g
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// fourRatePlan is fourRates under a limit of 200 CNY in cents.
func fourRatePlan(t testing.TB) *Plan {
	tariff := must[*Tariff](t)(FromGrid(fourRates(), "CNY"))
	return must[*Plan](t)(tariff.Compile(Limits{Amount: 20_000, Scale: 2}, utc8))
}

// atLocal is a moment of 2026-03-02 in UTC+8.
func atLocal(hour, minute, second int64) int64 {
	return 1_772_380_800 + hour*3600 + minute*60 + second
}

func energy(price int64) Component {
	return Component{Dimension: Energy, Class: Electricity, Price: price}
}
func service(price int64) Component {
	return Component{Dimension: Energy, Class: Service, Price: price}
}

func hours(from, to int32) Window { return Window{from * 3600, to * 3600} }

// always is a tariff of one element that always holds.
func always(components ...Component) *Tariff {
	return &Tariff{Rules: Rules1, Currency: "CNY", Scale: 2, Rounding: halfUp2,
		Elements: []Element{{Components: components}}}
}

// randomTariff draws overlapping elements with windows of any second, some of
// them over midnight, in all roundings, with zero and negative prices.
func randomTariff(r *rand.Rand) *Tariff {
	t := &Tariff{Rules: Rules1, Currency: "CNY", Scale: uint8(r.IntN(6)), Rounding: Rounding{
		Unit: RoundingUnit(1 + r.IntN(3)), Mode: RoundingMode(1 + r.IntN(4)), Payable: uint8(r.IntN(3)),
	}}
	for range 1 + r.IntN(6) {
		e := Element{Rate: Rate(r.IntN(9))}
		for range r.IntN(4) {
			e.When.Windows = append(e.When.Windows, randomWindow(r))
		}
		kinds := 1 + r.IntN(3)
		if kinds&2 != 0 {
			e.Components = append(e.Components, service(randomPrice(r)))
		}
		if kinds&1 != 0 {
			e.Components = append(e.Components, energy(randomPrice(r)))
		}
		t.Elements = append(t.Elements, e)
	}
	return t
}

func randomPrice(r *rand.Rand) int64 {
	switch r.IntN(8) {
	case 0:
		return 0
	case 1:
		return -r.Int64N(50_000)
	case 2:
		return 1000 * r.Int64N(200)
	}
	return r.Int64N(300_000)
}

// randomWindow is mostly on a half hour, so that windows often touch.
func randomWindow(r *rand.Rand) Window {
	for {
		w := Window{r.Int32N(48) * 1800, r.Int32N(49) * 1800}
		if r.IntN(4) == 0 {
			w = Window{r.Int32N(86_400), r.Int32N(86_401)}
		}
		if w.From != w.To%86_400 || w.From == 0 && w.To != 0 {
			return w
		}
	}
}
