// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// disorder looks at a sound tariff for what no normal form has, and returns the
// path of the first fault or "". It finds what would make normalising cost much
// more than the bytes that were sent; the rest is found when the normal form is
// written again. Work and memory are those of sorting the windows.
func disorder(t *tariff.Tariff) string {
	for i := range t.Elements {
		e := &t.Elements[i]
		before := e
		if i > 0 {
			before = &t.Elements[i-1]
		}
		if !oneDimension(e) || e.Components[0].Dimension < before.Components[0].Dimension || !disjoint(e.When.Windows) {
			return fmt.Sprintf("Elements[%d]", i)
		}
	}
	if i := overlap(t); i >= 0 {
		return fmt.Sprintf("Elements[%d].When.Windows", i)
	}
	return ""
}

// oneDimension reports whether the components of an element are of one
// dimension, in the order of their classes.
func oneDimension(e *tariff.Element) bool {
	for i := 1; i < len(e.Components); i++ {
		if a, b := &e.Components[i-1], &e.Components[i]; a.Dimension != b.Dimension || a.Class >= b.Class {
			return false
		}
	}
	return true
}

// disjoint reports whether windows are in their order, do not touch, and only
// the last runs over midnight.
func disjoint(windows []tariff.Window) bool {
	for i := 1; i < len(windows); i++ {
		if a, b := windows[i-1], windows[i]; a.From >= a.To || a.To >= b.From {
			return false
		}
	}
	n := len(windows)
	return n < 2 || windows[n-1].To > windows[n-1].From || windows[n-1].To < windows[0].From
}

// part is a window of an element that only the time of day restricts.
type part struct {
	from, to int32
	element  int
}

// overlap returns an element that only the time of day restricts and whose
// windows meet those of another one with a class in common or of the same
// name, where the classes are restricted by the time of day alone; -1 where
// there is none.
func overlap(t *tariff.Tariff) int {
	plain := plainClasses(t)
	var parts []part
	for i := range t.Elements {
		if e := &t.Elements[i]; plain[e.Components[0].Dimension]&classSet(e) != 0 {
			parts = appendParts(parts, i, e.When.Windows)
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.from, b.from) })
	for i, a := range parts {
		for _, b := range parts[i+1:] {
			if b.from >= a.to {
				break
			}
			if x, y := &t.Elements[a.element], &t.Elements[b.element]; x.Components[0].Dimension == y.Components[0].Dimension &&
				(classSet(x)&classSet(y) != 0 || x.Rate == y.Rate) {
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
		parts = append(parts, part{w.From, 86400, element})
		if w.To > 0 {
			parts = append(parts, part{0, w.To, element})
		}
	}
	return parts
}

// classSet is the classes of an element as bits.
func classSet(e *tariff.Element) (set uint8) {
	for i := range e.Components {
		set |= 1 << e.Components[i].Class
	}
	return set
}

// plainClasses returns by dimension the classes that only the time of day
// restricts, as bits.
func plainClasses(t *tariff.Tariff) (sets [tariff.Volume + 1]uint8) {
	var others [len(sets)]uint8
	for i := range t.Elements {
		e := &t.Elements[i]
		sets[e.Components[0].Dimension] |= classSet(e)
		if !timeOfDay(&e.When) {
			others[e.Components[0].Dimension] |= classSet(e)
		}
	}
	for d := range sets {
		sets[d] &^= others[d]
	}
	return sets
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
