// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"cmp"
	"slices"
)

// Normalize returns the normal form of t as a new Tariff. It is what is hashed,
// and what a plan evaluates; cells and bill lines count its components.
//
// Selection is by pair of dimension and class, so the normal form takes the
// tariff apart into these columns. In a column nothing is left that never
// applies because an element before it always does, or says the same. Then
//
//   - a column that only the time of day restricts is cut into disjoint windows;
//     those of one dimension that hold at the same time under the same rate are
//     one element, and elements of the same rate and components are one element
//     with several windows. Two tariffs made of such columns that charge the
//     same under the same names at every second have the same normal form;
//   - any other column keeps its elements in their order, for which prices go
//     with which restrictions is decided by the first that holds. Columns of one
//     dimension with the same restrictions throughout stay together. Two tariffs
//     that charge the same by other restrictions, such as a range written as
//     two, have two normal forms here: [Tariff.Lint] names what never applies;
//   - elements are sorted by dimension, first those that only the time of day
//     restricts by Rate and the From of their first window, then the others by
//     class; components by class;
//   - windows are disjoint, do not touch, and are sorted by From; the only one
//     that runs over midnight is the last; the end of the day is written 86400,
//     and the whole day is no window;
//   - taxes are sorted by stack, name and rate, and stacks are counted from 0;
//   - Scale is the smallest that holds every price, and rules without effect are zero.
//
// An element of a normal form has components of one dimension that are always
// selected together: it is one cell, counted by the index of its first
// component. A price of zero is kept: it puts the quantity on the bill, as
// "free". It fails as [Tariff.Check] does, or with [ErrElement] or [ErrWindow]
// where the normal form would exceed the bounds of the model.
func (t *Tariff) Normalize() (*Tariff, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if _, n, ok := t.normalGrid(); ok {
		return n, nil
	}
	n := &Tariff{Rules: t.Rules, Currency: t.Currency, Scale: t.Scale, Rounding: t.Rounding,
		TaxIncluded: t.TaxIncluded, Limit: t.Limit, Idle: t.Idle}
	columns := t.columns()
	for d := Energy; d < dimensions; d++ {
		plain, rest := splitPlain(columns[d])
		parts := cutDays(plain)
		slices.SortFunc(parts, compareElements)
		n.Elements = append(append(n.Elements, parts...), joinColumns(rest)...)
	}
	n.dropRules()
	n.shrinkScale()
	if err := n.Check(); err != nil {
		return nil, within("normal form", err)
	}
	return n, nil
}

// dropRules removes what has no effect.
func (t *Tariff) dropRules() {
	taxed, idle, occupied := false, false, false
	t.every(func(c *Component) bool {
		taxed = taxed || len(c.Taxes) > 0
		idle = idle || c.Dimension == IdleTime
		occupied = occupied || c.Dimension == IdleTime && c.Class == Occupancy
		return true
	})
	t.TaxIncluded = t.TaxIncluded && taxed
	if t.Limit.Min == 0 && t.Limit.Max == 0 || !taxed {
		t.Limit.Gross = false
	}
	if !idle || t.Idle.Grace == 0 {
		t.Idle.Grace, t.Idle.PerEpisode, t.Idle.Retroactive = 0, false, false
	}
	if !occupied {
		t.Idle.SessionCap, t.Idle.PeriodCap, t.Idle.Period = 0, 0, NoPeriod
	}
}

// shrinkScale removes the zeros that all prices end in.
func (t *Tariff) shrinkScale() {
	amounts := [...]*int64{&t.Limit.Min, &t.Limit.Max, &t.Idle.SessionCap, &t.Idle.PeriodCap}
	for t.Scale > 0 && t.every(func(c *Component) bool { return c.Price%10 == 0 }) {
		for _, a := range amounts {
			if *a%10 != 0 {
				return
			}
		}
		for _, a := range amounts {
			*a /= 10
		}
		t.every(func(c *Component) bool { c.Price /= 10; return true })
		t.Scale--
	}
}

// every reports whether f holds for all components.
func (t *Tariff) every(f func(*Component) bool) bool {
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			if !f(&t.Elements[i].Components[j]) {
				return false
			}
		}
	}
	return true
}

// compareElements orders the elements that only the time of day restricts. Two
// of one rate never begin at the same second: there they would be one.
func compareElements(a, b Element) int {
	return cmp.Or(cmp.Compare(a.Rate, b.Rate), cmp.Compare(a.When.start(), b.When.start()))
}

// start returns the From of the first window, 0 where there is none.
func (r *Restrictions) start() int32 {
	if len(r.Windows) == 0 {
		return 0
	}
	return r.Windows[0].From
}
