// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

const slot = day / 48 // half an hour

// Grid is the tariff of the Chinese market: the day in 48 half hours, each
// under one of up to eight rates, each rate with an electricity and a service
// fee per kWh. It is a way to write a [Tariff], not another kind of one.
type Grid struct {
	Slots    [48]uint8  // index into Rates of the half hour from 30×i minutes on
	Rates    []GridRate // 1 to 8, each used by a slot, no name twice
	Scale    uint8      // decimals of the prices, at most MaxPriceScale
	Rounding Rounding
}

// GridRate is one rate of a grid.
type GridRate struct {
	Name                 Rate
	Electricity, Service int64 // in units of 10^-Scale per kWh
}

// FromGrid returns the tariff of a grid in its normal form. It fails with
// [ErrGrid] where the number of rates is not 1 to 8 or a slot names none of
// them, with [ErrRate] for a rate that no slot uses or a name given twice, and
// as [Tariff.Check] does. Rates without a name may be several.
func FromGrid(g Grid, currency Currency) (*Tariff, error) {
	if len(g.Rates) < 1 || len(g.Rates) > maxRate {
		return nil, &Error{"Rates", ErrGrid}
	}
	t := &Tariff{Rules: Rules1, Currency: currency, Scale: g.Scale, Rounding: g.Rounding}
	t.Elements = make([]Element, len(g.Rates))
	components := make([]Component, 0, 2*len(g.Rates))
	var named [maxRate + 1]bool
	for i, r := range g.Rates {
		if r.Name > maxRate || r.Name != 0 && named[r.Name] {
			return nil, &Error{fmt.Sprintf("Rates[%d].Name", i), ErrRate}
		}
		named[r.Name] = true
		components = append(components,
			Component{Dimension: Energy, Class: Electricity, Price: r.Electricity},
			Component{Dimension: Energy, Class: Service, Price: r.Service})
		t.Elements[i] = Element{Rate: r.Name, Components: components[2*i : 2*i+2 : 2*i+2]}
	}
	if err := g.windows(t.Elements); err != nil {
		return nil, err
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	t.settleGrid()
	return t, nil
}

// windows gives each element the slots of its rate. Those of rates that are
// alike go to the first of them.
func (g *Grid) windows(elements []Element) error {
	var first [len(g.Slots)]int // index of the rate, by slot
	var used [maxRate]bool
	for i, s := range g.Slots {
		if int(s) >= len(elements) {
			return &Error{fmt.Sprintf("Slots[%d]", i), ErrGrid}
		}
		used[s] = true
		first[i] = slices.Index(g.Rates, g.Rates[s])
	}
	free := make([]Window, len(g.Slots)) // enough for all, as none is shared
	for k := range elements {
		if !used[k] {
			return &Error{fmt.Sprintf("Rates[%d]", k), ErrRate}
		}
		e := &elements[k]
		e.When.Windows = free[:0]
		for i := range g.Slots {
			if first[i] == k {
				e.extend(Window{int32(i) * slot, int32(i+1) * slot})
			}
		}
		n := len(e.When.Windows)
		e.When.Windows, free = e.When.Windows[:n:n], free[n:]
	}
	return nil
}

// settleGrid gives the elements of a grid, whose windows are disjoint and in
// the day's order, their normal form: what [Tariff.Normalize] would make of
// them, at a fraction of the cost.
func (t *Tariff) settleGrid() {
	t.Elements = slices.DeleteFunc(t.Elements, func(e Element) bool { return len(e.When.Windows) == 0 })
	for i := range t.Elements {
		e := &t.Elements[i]
		e.When.Windows = joinMidnight(e.When.Windows)
	}
	slices.SortFunc(t.Elements, compareElements)
	t.shrinkScale()
}

// normalGrid returns a tariff that is a grid in its normal form as a grid, and a
// copy of it. It is quick to say no, also where t is a grid written otherwise.
func (t *Tariff) normalGrid() (Grid, *Tariff, bool) {
	if len(t.Elements) > maxRate || !t.gridOnly() {
		return Grid{}, nil, false
	}
	g, ok := t.readGrid()
	if !ok {
		return Grid{}, nil, false
	}
	n, err := FromGrid(g, t.Currency)
	return g, n, err == nil && n.sameGrid(t)
}

// sameGrid compares two tariffs of which gridOnly is true.
func (t *Tariff) sameGrid(o *Tariff) bool {
	return t.Rules == o.Rules && t.Scale == o.Scale && t.Rounding == o.Rounding &&
		slices.EqualFunc(t.Elements, o.Elements, func(a, b Element) bool {
			return a.Rate == b.Rate && slices.Equal(a.When.Windows, b.When.Windows) && sameComponents(a.Components, b.Components)
		})
}

// Grid returns t as a grid, and false where it is none: where a price changes
// within a half hour, some part of the day has no price or only one of the two
// fees, there are more than eight rates, one name has two prices, or where
// there are other fees, restrictions, steps, taxes or limits. For every
// t that is one, FromGrid(t.Grid()) is the normal form of t.
func (t *Tariff) Grid() (Grid, bool) {
	if g, _, ok := t.normalGrid(); ok {
		return g, true
	}
	n, err := t.Normalize()
	if err != nil || len(n.Elements) > maxRate || !n.gridOnly() {
		return Grid{}, false
	}
	return n.readGrid()
}

// readGrid reads a grid off elements that are those of one.
func (t *Tariff) readGrid() (Grid, bool) {
	g := Grid{Scale: t.Scale, Rounding: t.Rounding, Rates: make([]GridRate, 0, len(t.Elements))}
	filled := 0
	for i := range t.Elements {
		e := &t.Elements[i]
		twice := i > 0 && e.Rate != 0 && e.Rate == t.Elements[i-1].Rate
		if twice || len(e.Components) != 2 || !e.When.halfHours() {
			return Grid{}, false
		}
		filled += g.fill(uint8(i), &e.When)
		g.Rates = append(g.Rates, GridRate{e.Rate, e.Components[0].Price, e.Components[1].Price})
	}
	return g, filled == len(g.Slots)
}

// gridOnly reports whether a normal form has nothing that a grid cannot say.
func (t *Tariff) gridOnly() bool {
	if t.TaxIncluded || t.Limit != (PriceLimit{}) || t.Idle != (IdleRule{}) {
		return false
	}
	for i := range t.Elements {
		if !t.Elements[i].When.plain() {
			return false
		}
	}
	return t.every(func(c *Component) bool {
		return c.Dimension == Energy && c.Class <= Service && c.Step == 0 && len(c.Taxes) == 0
	})
}

// halfHours reports whether every edge is at a half hour.
func (r *Restrictions) halfHours() bool {
	for _, w := range r.Windows {
		if w.From%slot != 0 || w.To%slot != 0 {
			return false
		}
	}
	return true
}

// fill marks the slots in which the restrictions hold and counts them.
func (g *Grid) fill(rate uint8, r *Restrictions) (filled int) {
	for i := range g.Slots {
		if r.hold(int32(i) * slot) {
			g.Slots[i] = rate
			filled++
		}
	}
	return filled
}
