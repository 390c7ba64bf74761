// SPDX-License-Identifier: Apache-2.0

package tariff

import "slices"

// covers reports whether r holds whenever o does. Both are in normal form.
func (r *Restrictions) covers(o *Restrictions) bool {
	if r.Reservation != o.Reservation || r.Days != 0 && (o.Days == 0 || o.Days&^r.Days != 0) ||
		o.From < r.From || r.Until != 0 && (o.Until == 0 || o.Until > r.Until) {
		return false
	}
	for i, s := range r.spans() {
		if !s.covers(o.spans()[i]) {
			return false
		}
	}
	return !slices.ContainsFunc(instants(r, o), func(second int32) bool { return o.hold(second) && !r.hold(second) })
}

// impossible reports whether restrictions never hold while something of a
// dimension is measured: dates without such a day of the week, or charging time
// after so much idle time, which ends where charging begins.
func (r *Restrictions) impossible(d Dimension) bool {
	if d == TimeSpent && r.Idle.Min > 0 {
		return true
	}
	if r.Days == 0 || r.Until == 0 || r.From == 0 || r.Until-r.From >= 7 {
		return false
	}
	for date := r.From; date < r.Until; date++ {
		if r.Days>>((date+4)%7)&1 == 1 { // 1970-01-01 was a Thursday
			return false
		}
	}
	return true
}

// meets reports whether r and o can hold at once.
func (r *Restrictions) meets(o *Restrictions) bool {
	if r.Reservation != o.Reservation || r.Days != 0 && o.Days != 0 && r.Days&o.Days == 0 ||
		r.Until != 0 && o.From >= r.Until || o.Until != 0 && r.From >= o.Until {
		return false
	}
	for i, s := range r.spans() {
		if p := o.spans()[i]; s.Max != 0 && p.Min >= s.Max || p.Max != 0 && s.Min >= p.Max {
			return false
		}
	}
	return slices.ContainsFunc(instants(r, o), func(second int32) bool { return o.hold(second) && r.hold(second) })
}

// covers reports whether s has every value that p has.
func (s Span) covers(p Span) bool {
	return s.Min <= p.Min && (s.Max == 0 || p.Max != 0 && p.Max <= s.Max)
}

// instants returns a second of each part of the day between edges of two.
func instants(r, o *Restrictions) []int32 {
	edges := cutEdges(append(slices.Clone(r.Windows), o.Windows...))
	return edges[:len(edges)-1]
}

// gaps looks for times at which a fee that has a price at others has none, as
// far as a session goes. It judges columns whose elements restrict the time of
// day or one range, and no two of these: of others a gap is not certain.
func (l *linter) gaps(d Dimension, class Class) {
	column := l.tariff.column(d, class)
	column = slices.DeleteFunc(column, func(e Element) bool { return e.When.Reservation != NoReservation })
	if len(column) == 0 || d == FlatFee || d == IdleTime || class == OtherFee {
		return
	}
	axis := -1 // 0 the time of day, then spans
	for i := range column {
		w := &column[i].When
		rest := *w
		rest.Windows = nil
		if len(w.Windows) > 0 && !l.same(&axis, 0) || w.Days != 0 || w.From != 0 || w.Until != 0 {
			return
		}
		for k, s := range rest.spans() {
			if s != (Span{}) && !l.same(&axis, k+1) {
				return
			}
		}
	}
	if axis >= 0 && !filled(column, axis) {
		l.add(Warning, Gap, "Elements (%s, %s)", d, class)
	}
}

// fill reports whether of elements that restrict one thing alone, the time of
// day, a range or the days of the week, some together hold always.
func (c column) fill() bool {
	var days Days
	var alone [1 + len(spanNames)]column // by axis
	for i := range c {
		w := &c[i].When
		switch axes := w.axes(); {
		case w.From != 0 || w.Until != 0 || len(axes) > 1 || len(axes) == 1 && w.Days != 0:
		case len(axes) == 1:
			alone[axes[0]] = append(alone[axes[0]], c[i])
		default:
			days |= w.Days
		}
	}
	for axis, part := range alone {
		if len(part) > 0 && filled(part, axis) {
			return true
		}
	}
	return days == allDays
}

// axes lists what restricts: 0 is the time of day, then spans.
func (r *Restrictions) axes() (axes []int) {
	if len(r.Windows) > 0 {
		axes = append(axes, 0)
	}
	for k, s := range r.spans() {
		if s != (Span{}) {
			axes = append(axes, k+1)
		}
	}
	return axes
}

// same notes the one axis that restricts, and reports whether it is this one.
func (l *linter) same(axis *int, this int) bool {
	if *axis < 0 {
		*axis = this
	}
	return *axis == this
}

// filled reports whether some element holds everywhere along an axis.
func filled(c column, axis int) bool {
	if axis == 0 {
		var windows []Window
		for i := range c {
			if len(c[i].When.Windows) == 0 {
				return true
			}
			windows = append(windows, c[i].When.Windows...)
		}
		return len(joinWindows(windows)) == 0
	}
	edges := []int64{0}
	for i := range c {
		s := c[i].When.spans()[axis-1]
		edges = append(edges, s.Min, s.Max)
	}
	for _, edge := range edges {
		if !slices.ContainsFunc(c, func(e Element) bool {
			s := e.When.spans()[axis-1]
			return s.Min <= edge && (s.Max == 0 || edge < s.Max)
		}) {
			return false
		}
	}
	return true
}
