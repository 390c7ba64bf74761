// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// occupied adds an occupancy fee to a grid: 15 minutes of grace, then 5 yuan
// for each 15 minutes begun, at most 100 a session and 200 a day.
func occupied(t testing.TB, list *tariff.Tariff) *tariff.Tariff {
	t.Helper()
	return withFee(t, list, tariff.Component{Price: 20_00000, Step: 900},
		tariff.IdleRule{Grace: 900, SessionCap: 100_00000, PeriodCap: 200_00000, Period: tariff.PerLocalDay})
}

// withFee adds an occupancy fee in windows.
func withFee(t testing.TB, list *tariff.Tariff, fee tariff.Component, rule tariff.IdleRule, windows ...tariff.Window) *tariff.Tariff {
	t.Helper()
	fee.Dimension, fee.Class = tariff.IdleTime, tariff.Occupancy
	o := *list
	o.Idle = rule
	o.Elements = append(o.Elements[:len(o.Elements):len(o.Elements)],
		tariff.Element{When: tariff.Restrictions{Windows: windows}, Components: []tariff.Component{fee}})
	n, err := o.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func encoded(t testing.TB, list *tariff.Tariff) []byte {
	t.Helper()
	b, err := qrproto.EncodeTariff(list)
	if err != nil {
		t.Fatal(err)
	}
	again, err := qrproto.DecodeTariff(b)
	if err != nil || !reflect.DeepEqual(again, list) {
		t.Fatalf("% x reads as\n%+v, %v, want\n%+v", b, again, err, list)
	}
	return b
}

// The bytes of an occupancy fee, written by hand.
func TestAnOccupancyFeeIsAnOptionOfTheGrid(t *testing.T) {
	bare := encoded(t, fourRates(t))
	fee := func(price, step int64) tariff.Component { return tariff.Component{Price: price, Step: step} }
	for name, tc := range map[string]struct {
		list *tariff.Tariff
		want []any
	}{
		"usual":         {occupied(t, fourRates(t)), []any{6, 2, 15, 15, 8, 10, 20}},
		"price alone":   {withFee(t, fourRates(t), fee(12_50000, 0), tariff.IdleRule{}), []any{4, 125}},
		"nothing":       {withFee(t, fourRates(t), fee(0, 0), tariff.IdleRule{}), []any{0, 0}},
		"by day":        {withFee(t, fourRates(t), fee(1, 0), tariff.IdleRule{}, tariff.Window{From: 28_800, To: 79_200}), []any{0, 1, 0, 0, 0, 0, 0, 32, 88}},
		"by the minute": {withFee(t, fourRates(t), fee(1_00000, 60), tariff.IdleRule{Grace: 1, Retroactive: true, PerEpisode: true}, tariff.Window{From: 79_201, To: 60}), []any{5, 1, 1, -1, 3, 0, 0, -79_201, -60}},
		"a fine cap":    {withFee(t, fourRates(t), fee(1_00000, 61), tariff.IdleRule{SessionCap: 1_00001}), []any{0, 100_000, -61, 0, 0, 100_001}},
	} {
		want := bytes.Clone(bare)
		want[0]++
		want = append(want, deterministic(t, map[int]any{3: tc.want})...)
		if got := encoded(t, tc.list); !bytes.Equal(got, want) {
			t.Errorf("%s: % x, want % x", name, got[len(bare):], want[len(bare):])
		}
	}
}

// What is beside the fee that a grid can have, the general form holds.
func TestOtherFeesForIdleTimeTakeTheGeneralForm(t *testing.T) {
	for name, change := range map[string]func(*tariff.Tariff){
		"taxed":           func(l *tariff.Tariff) { l.Elements[4].Components[0].Taxes = []tariff.Tax{{Name: "VAT", Rate: 6000}} },
		"with a name":     func(l *tariff.Tariff) { l.Elements[4].Rate = tariff.Peak },
		"a service fee":   func(l *tariff.Tariff) { l.Elements[4].Components[0].Class = tariff.Service },
		"on Sundays":      func(l *tariff.Tariff) { l.Elements[4].When.Days = 1 },
		"in two prices":   func(l *tariff.Tariff) { l.Elements = slices.Insert(l.Elements, 4, onMondays()) },
		"below a minimum": func(l *tariff.Tariff) { l.Limit.Min = 1 },
		"energy in steps": func(l *tariff.Tariff) { l.Elements[0].Components[0].Step = 1000 },
		"by time":         func(l *tariff.Tariff) { l.Elements[4].Components[0].Dimension = tariff.TimeSpent },
		"by the quarter":  func(l *tariff.Tariff) { l.Elements[0].When.Windows[0].To += 900 },
		"a hole":          func(l *tariff.Tariff) { l.Elements = l.Elements[1:] },
	} {
		list := *occupied(t, fourRates(t))
		list.Elements = append([]tariff.Element{}, list.Elements...)
		for i := range list.Elements {
			list.Elements[i].Components = append([]tariff.Component{}, list.Elements[i].Components...)
		}
		change(&list)
		n, err := list.Normalize()
		if err != nil {
			t.Fatal(name, err)
		}
		var items []cbor.RawMessage
		if err := cbor.Unmarshal(encoded(t, n), &items); err != nil || len(items) < 4 || items[3][0]>>5 != 4 {
			t.Errorf("%s: % x", name, items)
		}
	}
}

// onMondays is an occupancy fee of another price, on one day.
func onMondays() tariff.Element {
	return tariff.Element{When: tariff.Restrictions{Days: 2},
		Components: []tariff.Component{{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: 7}}}
}

// The prices of energy end in a zero more than the fee: the scale holds all.
func TestAFeeMayBeFinerThanTheRates(t *testing.T) {
	g, ok := fourRates(t).Grid()
	if !ok {
		t.Fatal("not a grid")
	}
	g.Rates = slices.Clone(g.Rates)
	for i := range g.Rates {
		g.Rates[i].Electricity, g.Rates[i].Service = 1_000_000+int64(i)*10_000, 400_000
	}
	list, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	if list.Scale != 1 {
		t.Fatalf("scale %d", list.Scale)
	}
	fine := *list
	fine.Scale = 5
	fine.Elements = slices.Clone(list.Elements)
	for i := range fine.Elements {
		c := slices.Clone(fine.Elements[i].Components)
		c[0].Price, c[1].Price = c[0].Price*10_000, c[1].Price*10_000
		fine.Elements[i].Components = c
	}
	n := withFee(t, &fine, tariff.Component{Price: 7}, tariff.IdleRule{})
	if b := encoded(t, n); n.Scale != 5 || b[2] != 5 {
		t.Errorf("scale %d, % x", n.Scale, b)
	}
	for name, fee := range map[string][]int64{"a zero too many": {19, 1}, "beyond 64 bits": {18, 10}, "below 64 bits": {18, -10}, "zeros below zero": {-1, 1}} {
		items := []any{1, 0, "EUR", []byte{}, 49, 5, map[int]any{3: fee}}
		if _, err := qrproto.DecodeTariff(deterministic(t, items)); !errors.Is(err, qrproto.ErrTariff) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRandomGridsWithOccupancyComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		g, currency := randomGrid(rng, 1+rng.IntN(8))
		list, err := tariff.FromGrid(g, currency)
		if err != nil {
			t.Fatal(err)
		}
		fee := tariff.Component{Price: few[int64](rng, 0, 1, 500, 2_000_000), Step: few[int64](rng, 0, 60, 901)}
		if b := encoded(t, withFee(t, list, fee, randomIdleRule(rng), randomWindows(rng)...)); b[7] == 0x8 {
			t.Fatalf("% x", b)
		}
	}
}

// sizesOfTariffs are what section 18 tells of tariffs.
func sizesOfTariffs(t testing.TB) []measured {
	t.Helper()
	dear := worst(t)
	rounded := func(list *tariff.Tariff) *tariff.Tariff {
		o := *list
		o.Rounding = tariff.Rounding{Unit: tariff.PerGroup, Mode: tariff.Down, Payable: 1}
		return &o
	}
	// 88.50 an hour in steps of 15 minutes after 30 of grace, at most 500 a session.
	dearFee := withFee(t, dear, tariff.Component{Price: 88_50000, Step: 900}, tariff.IdleRule{Grace: 1800, SessionCap: 500_00000})
	finest := withFee(t, fourRates(t), tariff.Component{Price: math.MaxInt32, Step: 65_537},
		tariff.IdleRule{Grace: 65_537, PerEpisode: true, SessionCap: math.MaxInt32, PeriodCap: math.MaxInt32, Period: tariff.PerLocalDay})
	var rows []measured
	for _, r := range []struct {
		name string
		list *tariff.Tariff
		most int
	}{
		{"four rates", fourRates(t), 60},
		{"four rates, each price in 5 bytes", dear, 60},
		{"four rates with occupancy fee", occupied(t, fourRates(t)), 80},
		{"four rates with occupancy fee and rounding", rounded(occupied(t, fourRates(t))), 80},
		{"the same, each number of the fee in 5 bytes, as none has", rounded(finest), 85},
		{"the same, each price in 5 bytes", rounded(occupied(t, dear)), 80},
		{"the same, an uneven fee", rounded(dearFee), 80},
	} {
		rows = append(rows, measured{name: r.name, bytes: len(encoded(t, r.list)), most: r.most})
	}
	return rows
}

func TestTariffsKeepToTheirBudgets(t *testing.T) {
	for _, r := range sizesOfTariffs(t) {
		if r.bytes > r.most {
			t.Errorf("%s: %d bytes, at most %d", r.name, r.bytes, r.most)
		}
		t.Logf("%s: %d bytes", r.name, r.bytes)
	}
}

// worst is the tariff of four rates with prices that take 5 bytes each.
func worst(t testing.TB) *tariff.Tariff {
	t.Helper()
	g, ok := fourRates(t).Grid()
	if !ok {
		t.Fatal("not a grid")
	}
	for i := range g.Rates {
		g.Rates[i].Electricity, g.Rates[i].Service = 135_461+int64(i), 65_537+int64(i)
	}
	list, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	return list
}
