// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/big"
	"testing"

	"github.com/cockroachdb/apd/v3"

	"github.com/seed81979277/qrcharge/tariff"
)

// dayGrid has 48 slots under four rates, prices of five decimals, cents to pay.
func dayGrid() tariff.Grid {
	g := tariff.Grid{
		Scale:    5,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates: []tariff.GridRate{
			{Name: tariff.Sharp, Electricity: 134_520, Service: 45_000}, {Name: tariff.Peak, Electricity: 108_770, Service: 40_000},
			{Name: tariff.Flat, Electricity: 68_250, Service: 35_000}, {Name: tariff.Valley, Electricity: 29_610, Service: 30_005},
		},
	}
	for i := range g.Slots {
		g.Slots[i] = []uint8{3, 3, 3, 2, 1, 1, 2, 1, 2, 0, 1, 3}[i/4]
	}
	return g
}

const eastOfUTC = 8 * 3600

// night is eight hours with a reading each minute. It begins at 17:40 in UTC+8
// and passes through all rates.
func night() []tariff.Reading {
	var readings []tariff.Reading
	for i := range int64(8*60 + 1) {
		readings = append(readings, tariff.Reading{At: 1_772_444_400 + 60*i, Energy: 116_661*i + i*i%97, Power: 7000})
	}
	return readings
}

// A pricer returns what a session costs in cents.
type pricer func([]tariff.Reading) (int64, error)

// ours measures and prices with a compiled plan, which also writes the lines of
// the bill. Quantities and bill are used again, as a charger does.
func ours(t testing.TB) pricer {
	grid, err := tariff.FromGrid(dayGrid(), "CNY")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := grid.Compile(tariff.Limits{Amount: 20_000, Scale: 2}, []tariff.Offset{{Seconds: eastOfUTC}})
	if err != nil {
		t.Fatal(err)
	}
	var q tariff.Quantities
	var bill tariff.Bill
	return func(readings []tariff.Reading) (int64, error) {
		if err := plan.Measure(&q, readings); err != nil {
			return 0, err
		}
		err := plan.Price(&bill, q)
		return bill.Payable.Units, err
	}
}

// The yardsticks take the rate of each interval from its slot, multiply, add,
// and round once at the end. They get what can be worked out beforehand: both
// fees as one price, for each slot. They check nothing, have no limit, and
// write no lines.

func slotAt(at int64) int64 { return (at + eastOfUTC) % 86_400 / 1800 }

// slotPrices are both fees of each slot in 10^-5 a kWh.
func slotPrices() (prices [48]int64) {
	g := dayGrid()
	for i, rate := range g.Slots {
		prices[i] = g.Rates[rate].Electricity + g.Rates[rate].Service
	}
	return prices
}

func withApd(testing.TB) pricer {
	var prices [48]apd.Decimal
	for i, p := range slotPrices() {
		prices[i].SetFinite(p, -5)
	}
	ctx := apd.BaseContext.WithPrecision(30)
	ctx.Rounding = apd.RoundHalfUp
	ctx.Traps = apd.DefaultTraps
	return func(readings []tariff.Reading) (int64, error) {
		var sum, energy, cost apd.Decimal
		for i, r := range readings[1:] {
			energy.SetFinite(r.Energy-readings[i].Energy, -6) // mWh to kWh
			if _, err := ctx.Mul(&cost, &energy, &prices[slotAt(readings[i].At)]); err != nil {
				return 0, err
			}
			if _, err := ctx.Add(&sum, &sum, &cost); err != nil {
				return 0, err
			}
		}
		if _, err := ctx.Quantize(&sum, &sum, -2); err != nil {
			return 0, err
		}
		return sum.Coeff.Int64(), nil
	}
}

func withRat(testing.TB) pricer {
	var prices [48]big.Rat
	for i, p := range slotPrices() {
		prices[i].SetFrac64(p, 100_000)
	}
	cents, half := big.NewRat(100, 1), big.NewRat(1, 2)
	return func(readings []tariff.Reading) (int64, error) {
		var sum, energy, cost big.Rat
		for i, r := range readings[1:] {
			energy.SetFrac64(r.Energy-readings[i].Energy, 1_000_000)
			sum.Add(&sum, cost.Mul(&energy, &prices[slotAt(readings[i].At)]))
		}
		sum.Add(sum.Mul(&sum, cents), half)
		var units big.Int
		return units.Div(sum.Num(), sum.Denom()).Int64(), nil
	}
}

// withInt is the sum by somebody who knows that it is one of integers.
func withInt(testing.TB) pricer {
	var prices [48]big.Int
	for i, p := range slotPrices() {
		prices[i].SetInt64(p)
	}
	half, cent := big.NewInt(500_000_000), big.NewInt(1_000_000_000)
	return func(readings []tariff.Reading) (int64, error) {
		var sum, energy, cost big.Int // 10^-11
		for i, r := range readings[1:] {
			energy.SetInt64(r.Energy - readings[i].Energy)
			sum.Add(&sum, cost.Mul(&energy, &prices[slotAt(readings[i].At)]))
		}
		return sum.Div(sum.Add(&sum, half), cent).Int64(), nil
	}
}

var yardsticks = []struct {
	name string
	make func(testing.TB) pricer
}{{"apd", withApd}, {"big.Rat", withRat}, {"big.Int", withInt}}

// TestYardsticksAgree: what is compared does the same. Each prefix of the night
// costs the same by all of them.
func TestYardsticksAgree(t *testing.T) {
	price, readings := ours(t), night()
	var last int64
	for n := 1; n <= len(readings); n++ {
		want, err := price(readings[:n])
		if err != nil {
			t.Fatal(err)
		}
		if want < last || n == len(readings) && want != 6367 { // 55.997 kWh, 6366.794… cents
			t.Errorf("%d readings: %d cents after %d", n, want, last)
		}
		last = want
		for _, y := range yardsticks {
			if got, err := y.make(t)(readings[:n]); err != nil || got != want {
				t.Fatalf("%s, %d readings: %d cents, %v; ours %d", y.name, n, got, err, want)
			}
		}
	}
}

// BenchmarkMeasureAndPrice is the price of the night, from its readings to what
// there is to pay.
func BenchmarkMeasureAndPrice(b *testing.B) {
	for _, y := range yardsticks {
		b.Run(y.name, func(b *testing.B) {
			theirs, price, readings := y.make(b), ours(b), night()
			yardstick := func() error { _, err := theirs(readings); return err }
			full := func() error { _, err := price(readings); return err }
			compare(b, yardstick, full)
			b.ReportMetric(testing.AllocsPerRun(20, func() { _ = yardstick() }), "yardstick-allocs")
			b.ReportMetric(testing.AllocsPerRun(20, func() { _ = full() }), "ours-allocs")
		})
	}
}
