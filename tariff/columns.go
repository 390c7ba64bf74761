// SPDX-License-Identifier: Apache-2.0

package tariff

import "slices"

// column is one pair of dimension and class: elements of one component each, in
// the order of selection, without what is never selected.
type column []Element

// columns takes a tariff apart: by dimension, the columns that have elements,
// ascending by class.
func (t *Tariff) columns() (columns [dimensions][]column) {
	for d := Energy; d < dimensions; d++ {
		for class := Electricity; class < classes; class++ {
			if c := t.column(d, class); len(c) > 0 {
				columns[d] = append(columns[d], c)
			}
		}
	}
	return columns
}

// column returns one column with its restrictions and taxes in normal form.
func (t *Tariff) column(d Dimension, class Class) (c column) {
	var done [2]bool // a session, a reservation: nothing that follows is ever selected
	for i := range t.Elements {
		e := &t.Elements[i]
		j := slices.IndexFunc(e.Components, func(c Component) bool { return c.Dimension == d && c.Class == class })
		if j < 0 {
			continue
		}
		reserved := e.When.Reservation == AnyReservation
		if done[btoi(reserved)] && e.When.Reservation != ExpiredReservation {
			continue
		}
		when := e.When.normal()
		if slices.ContainsFunc(c, func(o Element) bool { return o.When.equal(&when) }) {
			continue
		}
		component := e.Components[j]
		component.Taxes = sortedTaxes(component.Taxes)
		c = append(c, Element{Rate: e.Rate, When: when, Components: []Component{component}})
		free := when
		free.Reservation = NoReservation
		if free.always() && e.When.Reservation != ExpiredReservation {
			done[btoi(reserved)] = true
		}
	}
	return c
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// normal returns the normal form of restrictions.
func (r *Restrictions) normal() Restrictions {
	n := *r
	n.Windows = joinWindows(r.Windows)
	if n.Days == allDays {
		n.Days = 0
	}
	return n
}

// joinWindows returns windows in normal form.
func joinWindows(windows []Window) []Window {
	if len(windows) == 0 {
		return nil
	}
	all := Restrictions{Windows: windows}
	edges := cutEdges(windows)
	var e Element
	for i, from := range edges[:len(edges)-1] {
		if all.hold(from) {
			e.extend(Window{from, edges[i+1]})
		}
	}
	return joinMidnight(e.When.Windows)
}

// splitPlain separates the columns that only the time of day restricts.
func splitPlain(columns []column) (plain, rest []column) {
	for _, c := range columns {
		if slices.ContainsFunc(c, func(e Element) bool { return !e.When.plain() }) {
			rest = append(rest, c)
		} else {
			plain = append(plain, c)
		}
	}
	return plain, rest
}

// joinColumns returns the elements of columns in their order; columns with the
// same restrictions throughout are one.
func joinColumns(columns []column) (elements []Element) {
	joined := make([]bool, len(columns))
	for i, c := range columns {
		if joined[i] {
			continue
		}
		for j := i + 1; j < len(columns); j++ {
			if !joined[j] && slices.EqualFunc(c, columns[j], sameLabel) {
				joined[j] = true
				for k := range c {
					c[k].Components = append(c[k].Components, columns[j][k].Components...)
				}
			}
		}
		elements = append(elements, c...)
	}
	return elements
}

func sameLabel(a, b Element) bool { return a.Rate == b.Rate && a.When.equal(&b.When) }

// cutDays cuts the day at every edge of a window, and collects for each set of
// prices that holds somewhere the windows in which it does, in the day's order.
func cutDays(columns []column) []Element {
	var parts, here []Element
	var windows []Window
	for _, c := range columns {
		for i := range c {
			windows = append(windows, c[i].When.Windows...)
		}
	}
	edges := cutEdges(windows)
	for i, from := range edges[:len(edges)-1] {
		here = holding(columns, from, here)
		for _, now := range here {
			k := slices.IndexFunc(parts, func(p Element) bool {
				return p.Rate == now.Rate && sameComponents(p.Components, now.Components)
			})
			if k < 0 {
				now.Components = slices.Clone(now.Components)
				k, parts = len(parts), append(parts, now)
			}
			parts[k].extend(Window{from, edges[i+1]})
		}
	}
	for i := range parts {
		parts[i].When.Windows = joinMidnight(parts[i].When.Windows)
	}
	return parts
}

// cutEdges returns the seconds of the day where anything may change, from 0 to
// 86400, both included, ascending.
func cutEdges(windows []Window) []int32 {
	edges := append(make([]int32, 0, 2+2*len(windows)), 0, day)
	for _, w := range windows {
		edges = append(edges, w.From, w.To)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// holding returns what holds at a second of the local day: the components
// selected in each column, those under one rate together as one element
// without windows. It writes over dst, which may be nil.
func holding(columns []column, second int32, dst []Element) []Element {
	now := dst[:0]
	for _, c := range columns {
		k := slices.IndexFunc(c, func(e Element) bool { return e.When.hold(second) })
		if k < 0 {
			continue
		}
		n := slices.IndexFunc(now, func(e Element) bool { return e.Rate == c[k].Rate })
		if n < 0 {
			n, now = len(now), append(now, Element{Rate: c[k].Rate})
		}
		now[n].Components = append(now[n].Components, c[k].Components[0])
	}
	return now
}

// hold reports whether the windows hold at a second of the local day.
func (r *Restrictions) hold(second int32) bool {
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
