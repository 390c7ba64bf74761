// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
)

// What follows is the normal form as the text of SPEC.md, section 14.4, tells
// it, with the steps of that section as names. The day of random tariffs has
// eight pieces, so a set of windows is eight bits.

// atoms are all edges that random windows have.
var atoms = [9]int32{0, 900, 1800, 21_600, 25_201, 61_200, 79_200, 86_399, 86_400}

// pieces are the parts of the day in which windows hold.
func pieces(windows []tariff.Window) (set uint8) {
	if len(windows) == 0 {
		return 0xff
	}
	for p, second := range atoms[:8] {
		for _, w := range windows {
			if w.From < w.To && w.From <= second && second < w.To || w.From > w.To && (second >= w.From || second < w.To) {
				set |= 1 << p
			}
		}
	}
	return set
}

// windowsOf is step 1 for windows.
func windowsOf(set uint8) (windows []tariff.Window) {
	if set == 0xff {
		return nil
	}
	for p := range 8 {
		switch now, before := set>>p&1, p > 0 && set>>(p-1)&1 == 1; {
		case now == 1 && before:
			windows[len(windows)-1].To = atoms[p+1]
		case now == 1:
			windows = append(windows, tariff.Window{From: atoms[p], To: atoms[p+1]})
		}
	}
	if set&1 == 1 && set>>7 == 1 {
		windows[len(windows)-1].To = windows[0].To
		windows = windows[1:]
	}
	return windows
}

// specTaxes is step 1 for taxes.
func specTaxes(taxes []tariff.Tax) []tariff.Tax {
	out := slices.Clone(taxes)
	slices.SortStableFunc(out, func(a, b tariff.Tax) int {
		return cmp.Or(cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rate, b.Rate))
	})
	var stacks []uint8
	for i := range out {
		if !slices.Contains(stacks, out[i].Stack) {
			stacks = append(stacks, out[i].Stack)
		}
		out[i].Stack = uint8(slices.Index(stacks, out[i].Stack))
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// specColumn is steps 1 and 2 for a pair of dimension and class.
func specColumn(t *tariff.Tariff, d tariff.Dimension, class tariff.Class) (column []tariff.Element) {
	for _, e := range t.Elements {
		for _, c := range e.Components {
			if c.Dimension != d || c.Class != class {
				continue
			}
			w := e.When
			w.Windows = windowsOf(pieces(w.Windows))
			if w.Days == 127 {
				w.Days = 0
			}
			c.Taxes = specTaxes(c.Taxes)
			left := slices.ContainsFunc(column, func(o tariff.Element) bool {
				always := tariff.Restrictions{Reservation: w.Reservation}
				return reflect.DeepEqual(o.When, w) || w.Reservation != tariff.ExpiredReservation && reflect.DeepEqual(o.When, always)
			})
			if !left {
				column = append(column, tariff.Element{Rate: e.Rate, When: w, Components: []tariff.Component{c}})
			}
		}
	}
	return column
}

// specPlain is step 3.
func specPlain(columns [][]tariff.Element) (out []tariff.Element) {
	sets := map[string]uint8{}
	elements := map[string]tariff.Element{}
	for p := range 8 {
		now := map[tariff.Rate]tariff.Element{}
		for _, column := range columns {
			for _, e := range column {
				if pieces(e.When.Windows)>>p&1 == 1 {
					n := now[e.Rate]
					n.Rate, n.Components = e.Rate, append(n.Components, e.Components...)
					now[e.Rate] = n
					break
				}
			}
		}
		for _, e := range now {
			key := fmt.Sprint(e)
			sets[key] |= 1 << p
			elements[key] = e
		}
	}
	for key, e := range elements {
		e.When.Windows = windowsOf(sets[key])
		out = append(out, e)
	}
	begin := func(e tariff.Element) int32 {
		if len(e.When.Windows) == 0 {
			return 0
		}
		return e.When.Windows[0].From
	}
	slices.SortFunc(out, func(a, b tariff.Element) int {
		return cmp.Or(cmp.Compare(a.Rate, b.Rate), cmp.Compare(begin(a), begin(b)))
	})
	return out
}

// specRest is step 4.
func specRest(columns [][]tariff.Element) (out []tariff.Element) {
	label := func(column []tariff.Element) (text string) {
		for _, e := range column {
			text += fmt.Sprintf("%d %+v;", e.Rate, e.When)
		}
		return text
	}
	var order []string
	groups := map[string][]tariff.Element{}
	for _, column := range columns {
		key := label(column)
		if groups[key] == nil {
			order = append(order, key)
			groups[key] = column
			continue
		}
		for i := range column {
			groups[key][i].Components = append(groups[key][i].Components, column[i].Components...)
		}
	}
	for _, key := range order {
		out = append(out, groups[key]...)
	}
	return out
}

func specNormal(t *tariff.Tariff) *tariff.Tariff {
	n := *t
	n.Elements = nil
	for d := tariff.Energy; d <= tariff.Volume; d++ {
		var plain, rest [][]tariff.Element
		for class := tariff.Electricity; class <= tariff.OtherFee; class++ {
			column := specColumn(t, d, class)
			other := slices.ContainsFunc(column, func(e tariff.Element) bool {
				return !reflect.DeepEqual(e.When, tariff.Restrictions{Windows: e.When.Windows})
			})
			switch {
			case other:
				rest = append(rest, column)
			case len(column) > 0:
				plain = append(plain, column)
			}
		}
		n.Elements = append(append(n.Elements, specPlain(plain)...), specRest(rest)...)
	}
	specRules(&n)
	return &n
}

// specRules is steps 5 and 6.
func specRules(n *tariff.Tariff) {
	has := func(f func(c tariff.Component) bool) bool {
		return slices.ContainsFunc(n.Elements, func(e tariff.Element) bool { return slices.ContainsFunc(e.Components, f) })
	}
	taxed := has(func(c tariff.Component) bool { return len(c.Taxes) > 0 })
	n.TaxIncluded = n.TaxIncluded && taxed
	n.Limit.Gross = n.Limit.Gross && taxed && (n.Limit.Min != 0 || n.Limit.Max != 0)
	if !has(func(c tariff.Component) bool { return c.Dimension == tariff.IdleTime }) {
		n.Idle = tariff.IdleRule{}
	}
	if n.Idle.Grace == 0 {
		n.Idle.PerEpisode, n.Idle.Retroactive = false, false
	}
	if !has(func(c tariff.Component) bool { return c.Dimension == tariff.IdleTime && c.Class == tariff.Occupancy }) {
		n.Idle.SessionCap, n.Idle.PeriodCap, n.Idle.Period = 0, 0, tariff.NoPeriod
	}
	amounts := []*int64{&n.Limit.Min, &n.Limit.Max, &n.Idle.SessionCap, &n.Idle.PeriodCap}
	for i := range n.Elements {
		for j := range n.Elements[i].Components {
			amounts = append(amounts, &n.Elements[i].Components[j].Price)
		}
	}
	for n.Scale > 0 && !slices.ContainsFunc(amounts, func(a *int64) bool { return *a%10 != 0 }) {
		n.Scale--
		for _, a := range amounts {
			*a /= 10
		}
	}
}

// TestSpecNormalForm: the text of the specification gives what the library does.
func TestSpecNormalForm(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for range randomRuns(t) {
		list := randomTariff(rng)
		want, err := list.Normalize()
		if err != nil {
			continue
		}
		if got := specNormal(list); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nby the text is\n%+v\nand is\n%+v", list, got, want)
		}
	}
}
