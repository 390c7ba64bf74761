// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// disorder looks at a sound tariff for what no normal form has (SPEC.md, section
// 14.4) and returns the path of the first fault, or "" for a normal form. It
// says of each tariff whether tariff.Normalize would return it as it is, at a
// small part of the cost: what a stranger sends is never normalised.
func disorder(t *tariff.Tariff) string {
	for i := range t.Elements {
		e := &t.Elements[i]
		switch {
		case !oneDimension(e):
			return fmt.Sprintf("Elements[%d].Components", i)
		case !normalWindows(e.When.Windows):
			return fmt.Sprintf("Elements[%d].When.Windows", i)
		case e.When.Days == 127:
			return fmt.Sprintf("Elements[%d].When.Days", i)
		case i > 0 && dimension(e) < dimension(&t.Elements[i-1]):
			return fmt.Sprintf("Elements[%d]", i)
		}
	}
	for from := 0; from < len(t.Elements); {
		to := from
		for to < len(t.Elements) && dimension(&t.Elements[to]) == dimension(&t.Elements[from]) {
			to++
		}
		if i := misplaced(t.Elements[from:to]); i >= 0 {
			return fmt.Sprintf("Elements[%d]", from+i)
		}
		from = to
	}
	return idleRules(t)
}

func dimension(e *tariff.Element) tariff.Dimension { return e.Components[0].Dimension }

// oneDimension reports whether the components of an element are of one
// dimension, in the order of their classes, each with its taxes in order.
func oneDimension(e *tariff.Element) bool {
	for i := range e.Components {
		if !normalTaxes(e.Components[i].Taxes) {
			return false
		}
		if i == 0 {
			continue
		}
		if a, b := &e.Components[i-1], &e.Components[i]; a.Dimension != b.Dimension || a.Class >= b.Class {
			return false
		}
	}
	return true
}

func normalTaxes(taxes []tariff.Tax) bool {
	var before tariff.Tax
	for i, x := range taxes {
		if x.Stack > before.Stack+min(uint8(i), 1) ||
			i > 0 && cmp.Or(cmp.Compare(before.Stack, x.Stack), cmp.Compare(before.Name, x.Name), cmp.Compare(before.Rate, x.Rate)) > 0 {
			return false
		}
		before = x
	}
	return true
}

// normalWindows reports whether windows are in their order and do not touch,
// only the last runs over midnight, the end of the day is 86400, and the whole
// day is no window.
func normalWindows(windows []tariff.Window) bool {
	n := len(windows)
	for i, w := range windows {
		if w.To == 0 || i+1 < n && (w.From >= w.To || w.To >= windows[i+1].From) {
			return false
		}
	}
	if n == 0 {
		return true
	}
	first, last := windows[0], windows[n-1]
	if last.From > last.To {
		return n == 1 || last.To < first.From
	}
	return first.From != 0 || last.To != 86400
}

// misplaced returns an element that breaks the order of one dimension, -1 where
// none does. Behind what only the time of day restricts stand the others.
func misplaced(elements []tariff.Element) int {
	plain, others := plainClasses(elements)
	n := 0
	for i := range elements {
		switch set := classSet(&elements[i]); {
		case set&others == 0 && n == i:
			n++
		case set&plain != 0:
			return i
		}
	}
	if i := unsettled(elements[:n]); i >= 0 {
		return i
	}
	if i := ungrouped(elements[n:]); i >= 0 {
		return n + i
	}
	return -1
}

// classSet is the classes of an element as bits.
func classSet(e *tariff.Element) (set uint8) {
	for i := range e.Components {
		set |= 1 << e.Components[i].Class
	}
	return set
}

// plainClasses returns the classes that only the time of day restricts, and
// the others, as bits.
func plainClasses(elements []tariff.Element) (plain, others uint8) {
	for i := range elements {
		set := classSet(&elements[i])
		plain |= set
		if !timeOfDay(&elements[i].When) {
			others |= set
		}
	}
	return plain &^ others, others
}

// timeOfDay reports whether nothing but windows restricts.
func timeOfDay(w *tariff.Restrictions) bool {
	if w.Days != 0 || w.From != 0 || w.Until != 0 || w.Reservation != 0 {
		return false
	}
	for _, s := range spans(w) {
		if *s.span != (tariff.Span{}) {
			return false
		}
	}
	return true
}

// unsettled looks at elements that only the time of day restricts: they ascend
// by name and beginning; no two of one class, and no two of one name, meet; and
// no two of one name say the same.
func unsettled(elements []tariff.Element) int {
	for i := range elements {
		b := &elements[i]
		for j := range elements[:i] {
			if a := &elements[j]; a.Rate == b.Rate && slices.EqualFunc(a.Components, b.Components, sameComponent) {
				return i
			}
		}
		if i == 0 {
			continue
		}
		if a := &elements[i-1]; cmp.Or(cmp.Compare(a.Rate, b.Rate), cmp.Compare(beginning(a), beginning(b))) >= 0 {
			return i
		}
	}
	return overlap(elements)
}

func beginning(e *tariff.Element) int32 {
	if len(e.When.Windows) == 0 {
		return 0
	}
	return e.When.Windows[0].From
}

func sameComponent(a, b tariff.Component) bool {
	return a.Dimension == b.Dimension && a.Class == b.Class && a.Price == b.Price && a.Step == b.Step && slices.Equal(a.Taxes, b.Taxes)
}

// part is a window of an element, not over midnight.
type part struct {
	from, to int32
	element  int
}

// overlap returns an element whose windows meet those of another one that has a
// class in common or the same name, -1 where there is none.
func overlap(elements []tariff.Element) int {
	if len(elements) < 2 {
		return -1
	}
	var parts []part
	for i := range elements {
		parts = appendParts(parts, i, elements[i].When.Windows)
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.from, b.from) })
	for i, a := range parts {
		x := &elements[a.element]
		for _, b := range parts[i+1:] {
			if b.from >= a.to {
				break
			}
			if y := &elements[b.element]; x.Rate == y.Rate || classSet(x)&classSet(y) != 0 {
				return max(a.element, b.element)
			}
		}
	}
	return -1
}

func appendParts(parts []part, element int, windows []tariff.Window) []part {
	if len(windows) == 0 {
		return append(parts, part{0, 86400, element})
	}
	for _, w := range windows {
		if w.From < w.To {
			parts = append(parts, part{w.From, w.To, element})
			continue
		}
		parts = append(parts, part{w.From, 86400, element}, part{0, w.To, element})
	}
	return parts
}

// idleRules looks for rules without effect, and for a scale that is not the
// least, and returns its path or "".
func idleRules(t *tariff.Tariff) string {
	taxed, idle, occupied := false, false, false
	tens := t.Limit.Min%10 == 0 && t.Limit.Max%10 == 0 && t.Idle.SessionCap%10 == 0 && t.Idle.PeriodCap%10 == 0
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			c := &t.Elements[i].Components[j]
			taxed = taxed || len(c.Taxes) > 0
			idle = idle || c.Dimension == tariff.IdleTime
			occupied = occupied || c.Dimension == tariff.IdleTime && c.Class == tariff.Occupancy
			tens = tens && c.Price%10 == 0
		}
	}
	r := &t.Idle
	switch {
	case t.TaxIncluded && !taxed:
		return "TaxIncluded"
	case t.Limit.Gross && (!taxed || t.Limit.Min|t.Limit.Max == 0):
		return "Limit.Gross"
	case !idle && r.Grace != 0, r.Grace == 0 && (r.PerEpisode || r.Retroactive):
		return "Idle.Grace"
	case !occupied && r.SessionCap|r.PeriodCap != 0:
		return "Idle.SessionCap"
	case t.Scale > 0 && tens:
		return "Scale"
	}
	return ""
}
