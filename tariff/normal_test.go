// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

func TestNormalForms(t *testing.T) {
	for _, c := range []struct {
		name      string
		in        []Element
		scale     uint8
		want      []Element
		wantScale uint8
	}{
		{"scale shrinks to what all prices need", []Element{{Components: []Component{energy(1200), service(50)}}}, 3,
			[]Element{{Components: []Component{energy(120), service(5)}}}, 2},
		{"only zeros need no decimals", []Element{{Components: []Component{energy(0)}}}, 5,
			[]Element{{Components: []Component{energy(0)}}}, 0},
		{"components are sorted", []Element{{Components: []Component{service(1), energy(2)}}}, 0,
			[]Element{{Components: []Component{energy(2), service(1)}}}, 0},
		{"components of two elements that always hold become one element",
			[]Element{{Components: []Component{service(1)}}, {Components: []Component{energy(2)}}}, 0,
			[]Element{{Components: []Component{energy(2), service(1)}}}, 0},
		{"two names stay two elements",
			[]Element{{Rate: Valley, Components: []Component{service(1)}}, {Rate: Peak, Components: []Component{energy(2)}}}, 0,
			[]Element{{Rate: Peak, Components: []Component{energy(2)}}, {Rate: Valley, Components: []Component{service(1)}}}, 0},
		{"what an earlier element hides is cut out, what never applies is gone",
			[]Element{
				{Rate: Valley, When: Restrictions{Windows: []Window{hours(22, 6)}}, Components: []Component{energy(1)}},
				{Rate: Peak, Components: []Component{energy(2)}},
				{Rate: Sharp, When: Restrictions{Windows: []Window{hours(10, 12)}}, Components: []Component{energy(3)}},
			}, 0,
			[]Element{
				{Rate: Peak, When: Restrictions{Windows: []Window{hours(6, 22)}}, Components: []Component{energy(2)}},
				{Rate: Valley, When: Restrictions{Windows: []Window{hours(22, 6)}}, Components: []Component{energy(1)}},
			}, 0},
		{"touching windows join, also over midnight, and are sorted",
			[]Element{{Rate: Peak, When: Restrictions{Windows: []Window{hours(23, 24), hours(9, 11), hours(0, 3), hours(8, 9), hours(2, 5)}},
				Components: []Component{energy(1)}}}, 0,
			[]Element{{Rate: Peak, When: Restrictions{Windows: []Window{hours(8, 11), hours(23, 5)}}, Components: []Component{energy(1)}}}, 0},
		{"the end of the day is written 24:00",
			[]Element{{When: Restrictions{Windows: []Window{hours(20, 0)}}, Components: []Component{energy(1)}}}, 0,
			[]Element{{When: Restrictions{Windows: []Window{hours(20, 24)}}, Components: []Component{energy(1)}}}, 0},
		{"windows that fill the day are none",
			[]Element{{When: Restrictions{Windows: []Window{hours(6, 20), hours(20, 6)}}, Components: []Component{energy(1)}}}, 0,
			[]Element{{Components: []Component{energy(1)}}}, 0},
		{"same name and prices are one element, whatever lies between",
			[]Element{
				{Rate: Flat, When: Restrictions{Windows: []Window{hours(12, 24)}}, Components: []Component{energy(1)}},
				{Rate: Flat, When: Restrictions{Windows: []Window{hours(0, 8)}}, Components: []Component{energy(1)}},
				{Rate: Peak, Components: []Component{energy(2)}},
			}, 0,
			[]Element{
				{Rate: Peak, When: Restrictions{Windows: []Window{hours(8, 12)}}, Components: []Component{energy(2)}},
				{Rate: Flat, When: Restrictions{Windows: []Window{hours(12, 8)}}, Components: []Component{energy(1)}},
			}, 0},
		{"free and unpriced are two things",
			[]Element{
				{Rate: Valley, When: Restrictions{Windows: []Window{hours(0, 6)}}, Components: []Component{energy(0)}},
				{Rate: Valley, When: Restrictions{Windows: []Window{hours(6, 7)}}, Components: []Component{service(0)}},
			}, 0,
			[]Element{
				{Rate: Valley, When: Restrictions{Windows: []Window{hours(0, 6)}}, Components: []Component{energy(0)}},
				{Rate: Valley, When: Restrictions{Windows: []Window{hours(6, 7)}}, Components: []Component{service(0)}},
			}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := &Tariff{Rules: Rules1, Currency: "EUR", Scale: c.scale, Elements: c.in, Rounding: halfUp2}
			want := &Tariff{Rules: Rules1, Currency: "EUR", Scale: c.wantScale, Elements: c.want, Rounding: halfUp2}
			if got := must[*Tariff](t)(in.Normalize()); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestNormalFormIsItsOwn(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		in := randomTariff(r)
		once := must[*Tariff](t)(in.Normalize())
		if twice := must[*Tariff](t)(once.Normalize()); !reflect.DeepEqual(once, twice) {
			t.Fatalf("once  %+v\ntwice %+v", once, twice)
		}
	}
}

// TestEqualMeaningIsOneNormalForm rewrites tariffs in ways that cannot change
// what anyone pays or reads.
func TestEqualMeaningIsOneNormalForm(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for range 2000 {
		in := randomTariff(r)
		want := must[*Tariff](t)(in.Normalize())
		other := rewrite(in, r)
		if got := must[*Tariff](t)(other.Normalize()); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nrewritten %+v\ngives %+v\nnot   %+v", in, other, got, want)
		}
	}
}

// rewrite says the same in other words.
func rewrite(t *Tariff, r *rand.Rand) *Tariff {
	out := *t
	out.Elements = nil
	out.Scale++
	for _, e := range t.Elements {
		e.Components = slices.Clone(e.Components)
		for i := range e.Components {
			e.Components[i].Price *= 10
		}
		slices.Reverse(e.Components)
		e.When.Windows = cut(e.When.Windows, r)
		if len(e.Components) == 2 && r.IntN(2) == 0 { // an element apart for each class
			out.Elements = append(out.Elements, Element{e.Rate, e.When, e.Components[:1]})
			e.Components = e.Components[1:]
		}
		out.Elements = append(out.Elements, e)
		if r.IntN(3) == 0 { // hidden by the one before
			hidden := Element{Rate(r.IntN(9)), e.When, []Component{{Dimension: Energy, Class: e.Components[0].Class, Price: 77}}}
			out.Elements = append(out.Elements, hidden)
		}
	}
	return &out
}

// cut splits, repeats and reorders windows.
func cut(windows []Window, r *rand.Rand) []Window {
	var out []Window
	for _, w := range windows {
		length := (w.To - w.From + 86_400) % 86_400
		if length == 0 {
			length = 86_400
		}
		if length < 2 {
			out = append(out, w)
			continue
		}
		middle := (w.From + 1 + r.Int32N(length-1)) % 86_400
		out = append(out, Window{middle, w.To}, Window{w.From, middle})
		if middle == 0 {
			out = append(out[:len(out)-2], w)
		}
	}
	return append(out, out...)
}

// TestOtherMeaningIsAnotherNormalForm changes one thing that someone would notice.
func TestOtherMeaningIsAnotherNormalForm(t *testing.T) {
	base := func() *Tariff { return must[*Tariff](t)(FromGrid(fourRates(), "CNY")) }
	want := base()
	for name, change := range map[string]func(*Tariff){
		"currency":       func(t *Tariff) { t.Currency = "TWD" },
		"price":          func(t *Tariff) { t.Elements[0].Components[0].Price++ },
		"service price":  func(t *Tariff) { t.Elements[3].Components[1].Price-- },
		"a second":       func(t *Tariff) { t.Elements[0].When.Windows[0].From++ },
		"name":           func(t *Tariff) { t.Elements[0].Rate = DeepValley },
		"rounding unit":  func(t *Tariff) { t.Rounding.Unit = PerGroup },
		"rounding mode":  func(t *Tariff) { t.Rounding.Mode = HalfEven },
		"payable":        func(t *Tariff) { t.Rounding.Payable = 1 },
		"no service fee": func(t *Tariff) { t.Elements[0].Components = t.Elements[0].Components[:1] },
	} {
		other := base()
		change(other)
		if got := must[*Tariff](t)(other.Normalize()); reflect.DeepEqual(got, want) {
			t.Errorf("%s: same normal form", name)
		}
	}
}

func TestCheckRefusals(t *testing.T) {
	many := make([]Element, MaxElements+1)
	windows := make([]Window, MaxWindows+1)
	for i := range many {
		many[i] = Element{Components: []Component{energy(1)}}
	}
	for i := range windows {
		windows[i] = hours(1, 2)
	}
	within := func(w ...Window) func(*Tariff) {
		return func(t *Tariff) { t.Elements[0].When.Windows = w }
	}
	components := func(c ...Component) func(*Tariff) {
		return func(t *Tariff) { t.Elements[0].Components = c }
	}
	for _, c := range []struct {
		name   string
		change func(*Tariff)
		want   error
		path   string
	}{
		{"no rules", func(t *Tariff) { t.Rules = 0 }, ErrRules, "Rules"},
		{"rules of the future", func(t *Tariff) { t.Rules = 2 }, ErrRules, "Rules"},
		{"no currency", func(t *Tariff) { t.Currency = "" }, ErrCurrency, "Currency"},
		{"gold", func(t *Tariff) { t.Currency = "XAU" }, ErrCurrency, "Currency"},
		{"ten decimals", func(t *Tariff) { t.Scale = 10 }, ErrScale, "Scale"},
		{"no rounding unit", func(t *Tariff) { t.Rounding.Unit = 0 }, ErrRounding, "Rounding.Unit"},
		{"unknown rounding unit", func(t *Tariff) { t.Rounding.Unit = 4 }, ErrRounding, "Rounding.Unit"},
		{"no rounding mode", func(t *Tariff) { t.Rounding.Mode = 0 }, ErrRounding, "Rounding.Mode"},
		{"unknown rounding mode", func(t *Tariff) { t.Rounding.Mode = 5 }, ErrRounding, "Rounding.Mode"},
		{"payable decimals", func(t *Tariff) { t.Rounding.Payable = 10 }, ErrScale, "Rounding.Payable"},
		{"no element", func(t *Tariff) { t.Elements = nil }, ErrElement, "Elements"},
		{"too many elements", func(t *Tariff) { t.Elements = many }, ErrElement, "Elements"},
		{"unknown rate", func(t *Tariff) { t.Elements[0].Rate = 9 }, ErrRate, "Elements[0].Rate"},
		{"no component", components(), ErrElement, "Elements[0].Components"},
		{"unknown dimension", components(Component{Dimension: 6, Class: Electricity, Price: 1}), ErrElement, "Elements[0].Components[0]"},
		{"unknown class", components(energy(1), Component{Dimension: Energy, Class: 5, Price: 1}), ErrElement, "Elements[0].Components[1]"},
		{"component twice", components(energy(1), energy(2)), ErrElement, "Elements[0].Components[1]"},
		{"price without a magnitude", components(energy(math.MinInt64)), ErrOverflow, "Elements[0].Components[0].Price"},
		{"too many windows", within(windows...), ErrWindow, "Elements[0].When.Windows"},
		{"empty window", within(hours(1, 2), hours(5, 5)), ErrWindow, "Elements[0].When.Windows[1]"},
		{"empty window at midnight", within(hours(0, 0)), ErrWindow, "Elements[0].When.Windows[0]"},
		{"window from 24:00", within(hours(24, 1)), ErrWindow, "Elements[0].When.Windows[0]"},
		{"window before the day", within(Window{-1, 5}), ErrWindow, "Elements[0].When.Windows[0]"},
		{"window after the day", within(Window{1, 86_401}), ErrWindow, "Elements[0].When.Windows[0]"},
		{"window that ends before the day", within(Window{1, -1}), ErrWindow, "Elements[0].When.Windows[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tariff := always(energy(1), service(1))
			c.change(tariff)
			wantError(t, tariff.Check(), c.want, c.path)
			_, err := tariff.Normalize()
			wantError(t, err, c.want, c.path)
			_, err = tariff.Compile(Limits{Scale: 2}, utc8)
			wantError(t, err, c.want, c.path)
		})
	}
}

// TestNormalFormStaysWithinBounds: overlaps can need more elements than were written.
func TestNormalFormStaysWithinBounds(t *testing.T) {
	tariff := always()
	tariff.Elements = nil
	for i := range int32(40) { // 40 × 1 electricity prices against a service price that changes inside each
		tariff.Elements = append(tariff.Elements, Element{When: Restrictions{Windows: []Window{{i * 2000, i*2000 + 2000}}}, Components: []Component{energy(int64(i))}})
	}
	for i := range int32(24) {
		tariff.Elements = append(tariff.Elements, Element{When: Restrictions{Windows: []Window{{i*2000 + 1000, i*2000 + 3000}}}, Components: []Component{service(int64(i))}})
	}
	_, err := tariff.Normalize()
	wantError(t, err, ErrElement, "normal form.Elements")
}

// wantError checks the sentinel and, where path is not empty, the path.
func wantError(t *testing.T, err, want error, path string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
		return
	}
	var where *Error
	if path != "" && (!errors.As(err, &where) || where.Path != path) {
		t.Errorf("%v, want path %s", err, path)
	}
}
