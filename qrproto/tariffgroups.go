// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"math/bits"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// ungrouped looks at elements of columns that more than the time of day
// restricts. Such a column stands together, with others of the same names and
// restrictions as one group; groups ascend by their first class.
func ungrouped(elements []tariff.Element) int {
	var seen, before uint8
	starts := make([]int, 0, 4)
	for i := range elements {
		set := classSet(&elements[i])
		if set == before {
			continue
		}
		if set&seen != 0 || i > 0 && bits.TrailingZeros8(set) < bits.TrailingZeros8(before) {
			return i
		}
		starts, seen, before = append(starts, i), seen|set, set
	}
	for k, start := range starts {
		group := elements[start:]
		if k+1 < len(starts) {
			group = elements[start:starts[k+1]]
		}
		if i := unselected(group); i >= 0 {
			return start + i
		}
		for _, other := range starts[:k] {
			if sameLabels(elements[other:starts[slices.Index(starts, other)+1]], group) {
				return start
			}
		}
	}
	return -1
}

// sameLabels reports whether elements have one by one the same names and
// restrictions.
func sameLabels(a, b []tariff.Element) bool {
	return slices.EqualFunc(a, b, func(x, y tariff.Element) bool { return x.Rate == y.Rate && sameRestrictions(&x.When, &y.When) })
}

func sameRestrictions(a, b *tariff.Restrictions) bool {
	if a.Days != b.Days || a.From != b.From || a.Until != b.Until || a.Reservation != b.Reservation || !slices.Equal(a.Windows, b.Windows) {
		return false
	}
	x, y := spans(a), spans(b)
	for i := range x {
		if *x[i].span != *y[i].span {
			return false
		}
	}
	return true
}

// unselected returns an element of a group that is never selected: behind one
// that always holds, or behind one of the same restrictions.
func unselected(group []tariff.Element) int {
	var always [3]bool // by reservation
	for i := range group {
		w := &group[i].When
		if always[w.Reservation] {
			return i
		}
		for j := range group[:i] {
			if sameRestrictions(&group[j].When, w) {
				return i
			}
		}
		free := *w
		free.Reservation = tariff.NoReservation
		if w.Reservation != tariff.ExpiredReservation && len(w.Windows) == 0 && timeOfDay(&free) {
			always[w.Reservation] = true
		}
	}
	return -1
}
