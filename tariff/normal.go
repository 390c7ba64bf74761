// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"cmp"
	"slices"
)

// Normalize returns the normal form of t as a new Tariff: two tariffs that
// charge the same under the same names at every second of the day, and round
// alike, have the same normal form. It is what is hashed, and what a plan
// evaluates; cells and bill lines count its components.
//
// In the normal form
//
//   - Scale is the smallest that holds every price,
//   - no two elements apply to the same class at one moment: what an earlier
//     element hides is cut out of the later ones, and what never applies is gone,
//   - components that apply at the same time under the same rate are one element,
//     and elements of the same rate and prices are one element with several windows,
//   - windows are disjoint, do not touch, and are sorted by From; the only one
//     that runs over midnight is the last; the end of the day is written 86400,
//     and the whole day is no window,
//   - elements are sorted by Rate, then by the From of their first window, and
//     components by dimension and class.
//
// A price of zero is kept: it puts the energy on the bill, as "free". It fails
// as [Tariff.Check] does, or with [ErrElement] or [ErrWindow] where the normal
// form would exceed the bounds of the model.
func (t *Tariff) Normalize() (*Tariff, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	n := &Tariff{Rules: t.Rules, Currency: t.Currency, Scale: t.Scale, Rounding: t.Rounding}
	n.Elements = t.parts()
	n.shrinkScale()
	for i := range n.Elements {
		e := &n.Elements[i]
		e.When.Windows = joinMidnight(e.When.Windows)
	}
	slices.SortFunc(n.Elements, compareElements)
	if err := n.Check(); err != nil {
		return nil, within("normal form", err)
	}
	return n, nil
}

// parts cuts the day at every edge of a window, and collects for each set of
// prices that holds somewhere the windows in which it does, in the day's order.
func (t *Tariff) parts() []Element {
	var parts, here []Element
	edges := t.edges()
	for i, from := range edges[:len(edges)-1] {
		here = t.at(from, here)
		for _, now := range here {
			k := slices.IndexFunc(parts, func(p Element) bool {
				return p.Rate == now.Rate && slices.Equal(p.Components, now.Components)
			})
			if k < 0 {
				now.Components = slices.Clone(now.Components)
				k, parts = len(parts), append(parts, now)
			}
			parts[k].extend(Window{from, edges[i+1]})
		}
	}
	return parts
}

// edges returns the seconds of the day where anything may change, from 0 to
// 86400, both included, ascending.
func (t *Tariff) edges() []int32 {
	n := 2
	for i := range t.Elements {
		n += 2 * len(t.Elements[i].When.Windows)
	}
	edges := append(make([]int32, 0, n), 0, day)
	for i := range t.Elements {
		for _, w := range t.Elements[i].When.Windows {
			edges = append(edges, w.From, w.To)
		}
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// at returns what holds at a second of the local day: the selected components,
// those under one rate together as one element without windows. It writes over
// dst, which may be nil.
func (t *Tariff) at(second int32, dst []Element) []Element {
	now := slices.Grow(dst[:0], int(Service))
	for class := Electricity; class <= Service; class++ {
		e, price, ok := t.find(second, class)
		if !ok {
			continue
		}
		n := len(now)
		if n == 0 || now[n-1].Rate != e.Rate {
			now = now[:n+1]
			now[n] = Element{Rate: e.Rate, Components: now[n].Components[:0]}
		}
		last := &now[len(now)-1]
		last.Components = append(last.Components, Component{Energy, class, price})
	}
	return now
}

// find returns the first element that prices energy in this class at this second.
func (t *Tariff) find(second int32, class Class) (*Element, int64, bool) {
	for i := range t.Elements {
		e := &t.Elements[i]
		if !e.When.hold(second) {
			continue
		}
		for _, c := range e.Components {
			if c.Class == class {
				return e, c.Price, true
			}
		}
	}
	return nil, 0, false
}

// hold reports whether the restrictions hold at a second of the local day.
func (r Restrictions) hold(second int32) bool {
	for _, w := range r.Windows {
		if w.From < w.To && w.From <= second && second < w.To ||
			w.From > w.To && (w.From <= second || second < w.To) {
			return true
		}
	}
	return len(r.Windows) == 0
}

// extend adds a window that does not begin before the last one ends.
func (e *Element) extend(w Window) {
	if n := len(e.When.Windows); n > 0 && e.When.Windows[n-1].To == w.From {
		e.When.Windows[n-1].To = w.To
		return
	}
	e.When.Windows = append(e.When.Windows, w)
}

// joinMidnight turns a window at the start of the day and one at its end into
// one over midnight, and the whole day into none.
func joinMidnight(windows []Window) []Window {
	first, last := windows[0], windows[len(windows)-1]
	if first.From != 0 || last.To != day {
		return windows
	}
	if len(windows) == 1 {
		return nil
	}
	windows[len(windows)-1].To = first.To
	return slices.Delete(windows, 0, 1)
}

// shrinkScale removes the zeros that all prices end in.
func (t *Tariff) shrinkScale() {
	for t.Scale > 0 && t.every(func(c *Component) bool { return c.Price%10 == 0 }) {
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

// compareElements orders the elements of a normal form. Two of one rate never
// begin at the same second: there they would be one.
func compareElements(a, b Element) int {
	if c := cmp.Compare(a.Rate, b.Rate); c != 0 {
		return c
	}
	return cmp.Compare(a.When.start(), b.When.start())
}

// start returns the From of the first window, 0 where there is none.
func (r Restrictions) start() int32 {
	if len(r.Windows) == 0 {
		return 0
	}
	return r.Windows[0].From
}
