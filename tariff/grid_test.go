// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

func TestGridRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 2000 {
		want := must[*Tariff](t)(FromGrid(randomGrid(r), "CNY"))
		grid, ok := want.Grid()
		if !ok {
			t.Fatalf("no grid: %+v", want)
		}
		if got := must[*Tariff](t)(FromGrid(grid, "CNY")); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v comes back as %+v", want, got)
		}
	}
}

// randomGrid uses each of its rates at least once.
func randomGrid(r *rand.Rand) Grid {
	g := Grid{Scale: uint8(r.IntN(6)), Rounding: halfUp2}
	names := r.Perm(9)
	for i := range 1 + r.IntN(8) {
		name := Rate(names[i])
		if r.IntN(4) == 0 {
			name = 0
		}
		g.Rates = append(g.Rates, GridRate{name, randomPrice(r), randomPrice(r)})
	}
	for i := range g.Slots {
		g.Slots[i] = uint8(r.IntN(len(g.Rates)))
		if i < len(g.Rates) {
			g.Slots[i] = uint8(i)
		}
	}
	return g
}

// TestGridSaysWhatWasWritten compares each half hour of the view with the grid.
func TestGridSaysWhatWasWritten(t *testing.T) {
	in := fourRates()
	out, ok := must[*Tariff](t)(FromGrid(in, "CNY")).Grid()
	if !ok || out.Scale != 5 || out.Rounding != in.Rounding || len(out.Rates) != 4 {
		t.Fatalf("%+v, %v", out, ok)
	}
	for i := range in.Slots {
		if out.Rates[out.Slots[i]] != in.Rates[in.Slots[i]] {
			t.Errorf("slot %d: %+v, want %+v", i, out.Rates[out.Slots[i]], in.Rates[in.Slots[i]])
		}
	}
}

func TestFromGridRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Grid)
		want   error
		path   string
	}{
		{"no rate", func(g *Grid) { g.Rates = nil }, ErrGrid, "Rates"},
		{"nine rates", func(g *Grid) { g.Rates = make([]GridRate, 9) }, ErrGrid, "Rates"},
		{"slot without a rate", func(g *Grid) { g.Slots[47] = 4 }, ErrGrid, "Slots[47]"},
		{"rate without a slot", func(g *Grid) { g.Rates = append(g.Rates, GridRate{Name: DeepValley}) }, ErrRate, "Rates[4]"},
		{"name twice", func(g *Grid) { g.Rates[2].Name = Sharp }, ErrRate, "Rates[2].Name"},
		{"name unknown", func(g *Grid) { g.Rates[1].Name = 9 }, ErrRate, "Rates[1].Name"},
		{"scale", func(g *Grid) { g.Scale = 10 }, ErrScale, "Scale"},
		{"rounding", func(g *Grid) { g.Rounding = Rounding{} }, ErrRounding, "Rounding.Unit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := fourRates()
			c.change(&g)
			_, err := FromGrid(g, "CNY")
			wantError(t, err, c.want, c.path)
		})
	}
	_, err := FromGrid(fourRates(), "RMB")
	wantError(t, err, ErrCurrency, "Currency")
}

func TestWhatIsNoGrid(t *testing.T) {
	both := []Component{energy(1), service(1)}
	other := []Component{energy(2), service(1)}
	nine := []Element{}
	for i := range int32(9) {
		nine = append(nine, Element{When: Restrictions{Windows: []Window{hours(i, i+1)}}, Components: []Component{energy(int64(i)), service(1)}})
	}
	nine[8].When.Windows[0].To = 24 * 3600
	for name, elements := range map[string][]Element{
		"one fee only":      {{Components: both[:1]}},
		"part of the day":   {{When: Restrictions{Windows: []Window{hours(6, 22)}}, Components: both}},
		"a quarter hour":    {{When: Restrictions{Windows: []Window{{0, 900}}}, Components: both}, {Components: other}},
		"one name, 2 rates": {{Peak, Restrictions{Windows: []Window{hours(6, 22)}}, both}, {Peak, Restrictions{}, other}},
		"nine rates":        nine,
		"no tariff":         {},
	} {
		tariff := always()
		tariff.Elements = elements
		if g, ok := tariff.Grid(); ok {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

func ExampleFromGrid() {
	grid := Grid{
		Scale:    4, // prices in 1/10000 yuan
		Rates:    []GridRate{{Peak, 9_500, 4_000}, {Valley, 3_200, 4_000}},
		Rounding: Rounding{Unit: PerSession, Mode: HalfUp, Payable: 2},
	}
	for i := range grid.Slots {
		if i < 14 || i >= 46 {
			grid.Slots[i] = 1 // valley from 23:00 to 07:00
		}
	}
	t, err := FromGrid(grid, "CNY")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range t.Elements {
		fmt.Println(e.Rate, e.When.Windows, e.Components[0].Price, e.Components[1].Price, "at scale", t.Scale)
	}
	// Output:
	// peak [07:00-23:00] 95 40 at scale 2
	// valley [23:00-07:00] 32 40 at scale 2
}

func ExampleTariff_Grid() {
	t := &Tariff{Rules: Rules1, Currency: "CNY", Scale: 2,
		Rounding: Rounding{Unit: PerSession, Mode: HalfUp, Payable: 2},
		Elements: []Element{
			{Rate: Valley, When: Restrictions{Windows: []Window{{22 * 3600, 6 * 3600}}}, Components: []Component{energy(32)}},
			{Rate: Peak, Components: []Component{energy(95)}},
		}}
	_, ok := t.Grid()
	fmt.Println("without a service fee:", ok)
	for i := range t.Elements {
		t.Elements[i].Components = append(t.Elements[i].Components, Component{Dimension: Energy, Class: Service, Price: 40})
	}
	g, ok := t.Grid()
	fmt.Println("with one:", ok, g.Rates, g.Slots[43:])
	// Output:
	// without a service fee: false
	// with one: true [{peak 95 40} {valley 32 40}] [0 1 1 1 1]
}
