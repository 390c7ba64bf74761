// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// priced returns the bill of these cells.
func priced(t testing.TB, tariff *Tariff, limits Limits, cells ...Cell) *Bill {
	t.Helper()
	plan := must[*Plan](t)(tariff.Compile(limits, utc8))
	bill := new(Bill)
	if err := plan.Price(bill, Quantities{Cells: cells}); err != nil {
		t.Fatal(err)
	}
	if err := bill.Check(); err != nil {
		t.Fatalf("%v: %+v", err, bill)
	}
	return bill
}

// twoPrices is a published case of rounding order: 7.293 kWh × .22 + 0.969 kWh × .24.
func twoPrices(r Rounding) *Tariff {
	return &Tariff{Rules: Rules1, Currency: "EUR", Scale: 2, Rounding: r, Elements: []Element{
		{Rate: Valley, When: Restrictions{Windows: []Window{hours(22, 6)}}, Components: []Component{energy(22)}},
		{Rate: Peak, Components: []Component{energy(24)}},
	}}
}

// TestRoundingOrder: the exact sum is 1.83702, and how it is paid is the policy's choice.
func TestRoundingOrder(t *testing.T) {
	for _, c := range []struct {
		rounding     Rounding
		scale        uint8
		net, payable string
		lines        []string // kind and amount
	}{
		{Rounding{PerSession, HalfUp, 2}, 2, "1.84 EUR", "1.84 EUR", []string{"charge 0.23 EUR", "charge 1.60 EUR", "residue 0.01 EUR"}},
		{Rounding{PerComponent, HalfUp, 2}, 2, "1.83 EUR", "1.83 EUR", []string{"charge 0.23 EUR", "charge 1.60 EUR"}},
		{Rounding{PerGroup, HalfUp, 2}, 2, "1.84 EUR", "1.84 EUR", []string{"charge 0.23 EUR", "charge 1.60 EUR", "residue 0.01 EUR"}},
		{Rounding{PerSession, Down, 2}, 2, "1.83 EUR", "1.83 EUR", []string{"charge 0.23 EUR", "charge 1.60 EUR"}},
		{Rounding{PerComponent, Up, 2}, 2, "1.85 EUR", "1.85 EUR", []string{"charge 0.24 EUR", "charge 1.61 EUR"}},
		{Rounding{PerSession, Up, 2}, 2, "1.84 EUR", "1.84 EUR", []string{"charge 0.24 EUR", "charge 1.61 EUR", "residue -0.01 EUR"}},
		{Rounding{PerSession, HalfUp, 2}, 5, "1.83702 EUR", "1.84000 EUR", []string{"charge 0.23256 EUR", "charge 1.60446 EUR", "payable-rounding 0.00298 EUR"}},
		{Rounding{PerSession, HalfUp, 1}, 4, "1.8370 EUR", "1.8000 EUR", []string{"charge 0.2326 EUR", "charge 1.6045 EUR", "residue -0.0001 EUR", "payable-rounding -0.0370 EUR"}},
		{Rounding{PerSession, Down, 0}, 2, "1.83 EUR", "1.00 EUR", []string{"charge 0.23 EUR", "charge 1.60 EUR", "payable-rounding -0.83 EUR"}},
	} {
		t.Run(fmt.Sprint(c.rounding, c.scale), func(t *testing.T) {
			bill := priced(t, twoPrices(c.rounding), Limits{Scale: c.scale}, Cell{0, 969_000}, Cell{1, 7_293_000})
			if got := bill.Exact.String(); got != "91851/50000" {
				t.Errorf("exact %s", got)
			}
			if bill.Net.String() != c.net || bill.Payable.String() != c.payable {
				t.Errorf("net %v, payable %v; want %s, %s", bill.Net, bill.Payable, c.net, c.payable)
			}
			if got := lineTexts(bill); fmt.Sprint(got) != fmt.Sprint(c.lines) {
				t.Errorf("lines %q, want %q", got, c.lines)
			}
		})
	}
}

func lineTexts(b *Bill) (lines []string) {
	for _, l := range b.Lines {
		lines = append(lines, l.Kind.String()+" "+l.Amount.String())
	}
	return lines
}

// TestGroupsAreFeeClasses: electricity and service are rounded apart.
func TestGroupsAreFeeClasses(t *testing.T) {
	tariff := always(energy(1), service(1))
	tariff.Rounding = Rounding{PerGroup, HalfUp, 2}
	got := priced(t, tariff, Limits{Scale: 2}, Cell{0, 500_000}) // half a cent each
	if got.Net.String() != "0.02 CNY" {
		t.Errorf("per group: %v", got.Net)
	}
	tariff.Rounding.Unit = PerSession
	got = priced(t, tariff, Limits{Scale: 2}, Cell{0, 500_000})
	if fmt.Sprint(lineTexts(got)) != "[charge 0.01 CNY charge 0.01 CNY residue -0.01 CNY]" || got.Net.String() != "0.01 CNY" {
		t.Errorf("per session: %v, %v", lineTexts(got), got.Net)
	}
}

func TestLimitWaivesTheOverrun(t *testing.T) {
	for _, c := range []struct {
		amount          int64
		payable         uint8
		paid, waived    string
		price, quantity int64
	}{
		{0, 2, "10.00 CNY", "0.00 CNY", 100, 10_000_000},
		{1000, 2, "10.00 CNY", "0.00 CNY", 100, 10_000_000},
		{999, 2, "9.99 CNY", "0.01 CNY", 100, 10_000_000},
		{1, 2, "0.01 CNY", "9.99 CNY", 100, 10_000_000},
		{999, 0, "9.00 CNY", "1.00 CNY", 100, 10_000_000}, // the limit is cut to what can be paid
		{99, 0, "0.00 CNY", "10.00 CNY", 100, 10_000_000},
		{999, 0, "9.00 CNY", "0.00 CNY", 100, 9_100_000},
		{1, 2, "-10.00 CNY", "0.00 CNY", -100, 10_000_000}, // a credit is below every limit
	} {
		tariff := always(energy(c.price))
		tariff.Rounding.Payable = c.payable
		bill := priced(t, tariff, Limits{Amount: c.amount, Scale: 2}, Cell{0, c.quantity})
		if bill.Payable.String() != c.paid || bill.Waived.String() != c.waived {
			t.Errorf("%+v: payable %v, waived %v", c, bill.Payable, bill.Waived)
		}
		last := bill.Lines[len(bill.Lines)-1]
		if (last.Kind == WaivedLine) != (bill.Waived.Units > 0) || last.Kind == WaivedLine && last.Amount.Units != -bill.Waived.Units {
			t.Errorf("%+v: last line %+v", c, last)
		}
	}
}

// TestOtherCurrencies: 0, 3 and 4 decimals.
func TestOtherCurrencies(t *testing.T) {
	for _, c := range []struct {
		currency Currency
		decimals uint8
		want     string
	}{{"JPY", 0, "52 JPY"}, {"KWD", 3, "51.842 KWD"}, {"CLF", 4, "51.8420 CLF"}} {
		tariff := always(energy(4200))
		tariff.Currency, tariff.Rounding.Payable = c.currency, c.decimals
		if got := priced(t, tariff, Limits{Scale: c.decimals}, Cell{0, 1_234_333}).Payable.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.currency, got, c.want)
		}
	}
}

func TestEmptySessionHasAnEmptyBill(t *testing.T) {
	bill := priced(t, twoPrices(halfUp2), Limits{Scale: 2, Amount: 5})
	if len(bill.Lines) != 0 || bill.Payable.String() != "0.00 EUR" || bill.Waived.String() != "0.00 EUR" || bill.Exact.String() != "0/1" {
		t.Errorf("%+v", bill)
	}
}

func TestPriceRefusals(t *testing.T) {
	plan := must[*Plan](t)(must[*Tariff](t)(FromGrid(fourRates(), "CNY")).Compile(Limits{Energy: 1000, Scale: 2}, utc8))
	const most = 1000 + EnergyOverrun
	for _, c := range []struct {
		name string
		q    Quantities
		want error
		path string
	}{
		{"no such component", Quantities{Cells: []Cell{{8, 1}}}, ErrQuantities, "Cells[0].Index"},
		{"negative index", Quantities{Cells: []Cell{{-1, 1}}}, ErrQuantities, "Cells[0].Index"},
		{"not the first of its cell", Quantities{Cells: []Cell{{0, 1}, {1, 1}}}, ErrQuantities, "Cells[1].Index"},
		{"index twice", Quantities{Cells: []Cell{{0, 1}, {0, 1}}}, ErrQuantities, "Cells[1].Index"},
		{"descending", Quantities{Cells: []Cell{{2, 1}, {0, 1}}}, ErrQuantities, "Cells[1].Index"},
		{"zero", Quantities{Cells: []Cell{{2, 0}}}, ErrQuantities, "Cells[0].Quantity"},
		{"negative", Quantities{Cells: []Cell{{2, -1}}}, ErrQuantities, "Cells[0].Quantity"},
		{"above the ceiling", Quantities{Cells: []Cell{{2, most + 1}}}, ErrAboveLimit, "Cells[0].Quantity"},
		{"above the ceiling together", Quantities{Cells: []Cell{{2, most}, {4, 1}}}, ErrAboveLimit, "Cells[1].Quantity"},
		{"sum beyond int64", Quantities{Cells: []Cell{{2, most}, {4, 1<<63 - 1}}}, ErrAboveLimit, "Cells[1].Quantity"},
		{"last component of a step group", Quantities{Last: []int{0}}, ErrQuantities, "Last[0]"},
		{"flat fee", Quantities{Flats: []int{0}}, ErrQuantities, "Flats[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bill := Bill{Payable: cny(5, 2), Lines: make([]Line, 3)}
			wantError(t, plan.Price(&bill, c.q), c.want, c.path)
			if bill.Payable != (Money{}) || len(bill.Lines) != 0 {
				t.Errorf("left %+v", bill)
			}
		})
	}
	var bill Bill
	if err := plan.Price(&bill, Quantities{Cells: []Cell{{2, 1}, {4, most - 1}}}); err != nil {
		t.Errorf("at the ceiling: %v", err)
	}
}

// eightHours is a night at 7 kW, a reading each minute, from flat through peak to valley.
func eightHours() []Reading {
	var readings []Reading
	for i := range int64(481) {
		readings = append(readings, Reading{At: atLocal(19, 40, 0) + 60*i, Energy: 116_666 * i, Power: 7000, Current: 32_000})
	}
	return readings
}

func TestMeasureAndPriceDoNotAllocate(t *testing.T) {
	plan, readings := fourRatePlan(t), eightHours()
	var q Quantities
	var bill Bill
	run := func() {
		if err := plan.Measure(&q, readings); err != nil {
			t.Fatal(err)
		}
		if err := plan.Price(&bill, q); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if allocs := testing.AllocsPerRun(100, run); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
	meter := plan.Meter()
	next := 0
	if allocs := testing.AllocsPerRun(400, func() {
		if err := meter.Add(readings[next]); err != nil {
			t.Fatal(err)
		}
		next++
	}); allocs != 0 {
		t.Errorf("%v allocations in Meter.Add", allocs)
	}
}

func BenchmarkMeasureAndPrice(b *testing.B) {
	plan, readings := fourRatePlan(b), eightHours()
	var q Quantities
	var bill Bill
	b.ReportAllocs()
	for b.Loop() {
		if err := plan.Measure(&q, readings); err != nil {
			b.Fatal(err)
		}
		if err := plan.Price(&bill, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrice(b *testing.B) {
	plan := fourRatePlan(b)
	var q Quantities
	var bill Bill
	if err := plan.Measure(&q, eightHours()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := plan.Price(&bill, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	tariff := must[*Tariff](b)(FromGrid(fourRates(), "CNY"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tariff.Compile(Limits{Amount: 20_000, Scale: 2}, utc8); err != nil {
			b.Fatal(err)
		}
	}
}
