// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

const (
	before11 = `{"price_components": [{"type": "ENERGY", "price": %s, "step_size": %d}], "restrictions": {"end_time": "11:00"}}, `
	after11  = `{"price_components": [{"type": "ENERGY", "price": %s, "step_size": %d}]}`
)

// TestSplitIsExact holds sessions across boundaries against fractions worked
// out by hand.
func TestSplitIsExact(t *testing.T) {
	prices := func(first, rest string, step int) string {
		return fmt.Sprintf(before11, first, step) + fmt.Sprintf(after11, rest, step)
	}
	const ten, thirteen = "2025-06-02T10:00:00Z", "2025-06-02T13:00:00Z"
	tiers := `{"price_components": [{"type": "TIME", "price": 6.00, "step_size": %d}], "restrictions": {"max_kwh": 7}},
		{"price_components": [{"type": "TIME", "price": 12.00, "step_size": %d}]}`
	for _, tt := range []struct {
		name, elements, energy, exact, rounded string
		quantities                             string
	}{
		// 10/3 kWh at the first price, 20/3 at the second.
		{"rounded up by less than a mWh", prices("0.600015", "0.3", 0), "ENERGY 10", "80001/20000", "4.0001", "3.333333 6.666667"},
		{"whole after all", prices("0.6", "0.3", 0), "ENERGY 10", "4/1", "4.0000", "3.333333 6.666667"},
		{"two of three", prices("0.3", "0.6", 0), "ENERGY 10", "5/1", "5.0000", "3.333333 6.666667"},
		// 10 kWh are 3 1/3 steps of 3 kWh, so 2 kWh are added to the second price: 10/3 × .6 + 26/3 × .3.
		{"with a step", prices("0.6", "0.3", 3000), "ENERGY 10", "23/5", "4.6000", "3.333333 8.666667"},
		{"a step that is met", prices("0.6", "0.3", 5000), "ENERGY 10", "4/1", "4.0000", "3.333333 6.666667"},
		{"one mWh", prices("1", "4", 0), "ENERGY 0.000001", "3/1000000", "0.0000", "0 0.000001"},
		// 7 of 11 kWh are drawn in 21/11 h at 6.00, the rest in 12/11 h at 12.00.
		{"time at a tier", fmt.Sprintf(tiers, 0, 0), "ENERGY 11", "270/11", "24.5455", "6872.7273 3927.2727"},
		// 3 h are 1.5 steps of 2 h: 12/11 + 1 h.
		{"time at a tier, with a step", fmt.Sprintf(tiers, 7200, 7200), "ENERGY 11", "402/11", "36.5455", "6872.7273 7527.2727"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustCDR(t, V221, cdrText(V221, ten, thirteen, "", period(ten, tt.energy, "TIME 3")))
			r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", tt.elements)))
			var billed []string
			for _, l := range r.Lines {
				if l.Kind == Charge {
					billed = append(billed, l.Billed.String())
				}
			}
			total := Decimal{r.Total.ExclTax.Units, r.Total.ExclTax.Scale}
			if got := strings.Join(billed, " "); r.Total.ExactExcl.String() != tt.exact || total.String() != tt.rounded || got != tt.quantities {
				t.Errorf("%v, %v for %q; want %s, %s for %q", r.Total.ExactExcl, total, got, tt.exact, tt.rounded, tt.quantities)
			}
			if r.Bill != nil {
				t.Error("a bill of whole quantities")
			}
			if path := findPath(r.Findings, Rounded); path != "" {
				t.Errorf("rounded at %s", path)
			}
		})
	}
}

// TestTooFineIsRounded: each of these periods is split, and their lengths are
// primes: the product of 20 of them fits nothing. The price is as of whole mWh
// then, which is told.
func TestTooFineIsRounded(t *testing.T) {
	primes := []int{1009, 1013, 1019, 1021, 1031, 1033, 1039, 1049, 1051, 1061, 1063, 1069, 1087, 1091, 1093, 1097, 1103, 1109, 1117, 1123}
	elements := `{"price_components": [{"type": "ENERGY", "price": 0.3, "step_size": 0}], "restrictions": {"end_time": "12:00"}},
		{"price_components": [{"type": "ENERGY", "price": 0.6, "step_size": 0}]}`
	var periods []string
	want := new(big.Rat)
	for i, n := range primes { // from 500 s before noon of a day of its own
		start := fmt.Sprintf("2025-06-%02dT11:51:40Z", 1+i)
		periods = append(periods, period(start, "ENERGY 1", fmt.Sprintf("TIME 0.%06d", (n*1_000_000+1800)/3600)),
			period(fmt.Sprintf("2025-06-%02dT12:%02d:%02dZ", 1+i, (n-500)/60, (n-500)%60), "ENERGY 0"))
		want.Add(want, new(big.Rat).Mul(big.NewRat(500, int64(n)), big.NewRat(3, 10)))
		want.Add(want, new(big.Rat).Mul(big.NewRat(int64(n)-500, int64(n)), big.NewRat(6, 10)))
	}
	c := mustCDR(t, V221, cdrText(V221, "2025-06-01T11:51:40Z", "2025-06-20T12:30:00Z", "", strings.Join(periods, ",")))
	r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", elements)))
	if path := findPath(r.Findings, Rounded); path != "$.charging_periods" {
		t.Errorf("told at %q; all: %v", path, r.Findings)
	}
	gap := new(big.Rat).Sub(want, rat(r.Total.ExactExcl))
	if gap.Abs(gap).Cmp(big.NewRat(20, 1_000_000)) > 0 {
		t.Errorf("%v is not within 20 mWh of %v", r.Total.ExactExcl, want)
	}
}

// TestLineSaysWhy: power, energy and duration of a line are those of its element.
func TestLineSaysWhy(t *testing.T) {
	elements := `{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 0}], "restrictions": {"min_power": 10, "max_power": 22, "max_kwh": 5, "min_duration": 60}},
		{"price_components": [{"type": "ENERGY", "price": 2, "step_size": 0}]}`
	c := mustCDR(t, V221, cdrText(V221, noon, one, "", period(noon, "ENERGY 4", "TIME 1", "POWER 11")))
	r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", elements)))
	var got []string
	for _, l := range r.Lines {
		if l.Kind == Charge {
			got = append(got, fmt.Sprintf("%v: %v %v %v %v", l.Price.Units, l.When.Power, l.When.Energy, l.When.Duration, l.When.Current))
		}
	}
	want := []string{"1: {10000 22000} {0 5000000} {60 0} {0 0}", "2: {0 0} {0 0} {0 0} {0 0}"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
