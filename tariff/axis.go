// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"math"
	"math/bits"
	"slices"
)

const never = math.MaxInt64

// set is a set of the elements of a normal form: bit n is element n.
type set uint64

// first returns the set of the first element only.
func (s set) first() set { return s & -s }

// index returns the first element of a set that is not empty.
func (s set) index() int { return bits.TrailingZeros64(uint64(s)) }

// axis says which elements hold by the value of one measured quantity: below
// edges[0] those of sets[0], from edges[i] on those of sets[i+1].
type axis struct {
	edges []int64
	sets  []set
}

// axis collects the edges of one range over all elements.
func (t *Tariff) axis(span func(*Restrictions) Span) axis {
	var a axis
	for i := range t.Elements {
		s := span(&t.Elements[i].When)
		a.edges = append(a.edges, s.Min, s.Max)
	}
	slices.Sort(a.edges)
	a.edges = slices.DeleteFunc(slices.Compact(a.edges), func(edge int64) bool { return edge == 0 })
	for i := range len(a.edges) + 1 {
		value := int64(0)
		if i > 0 {
			value = a.edges[i-1]
		}
		var holds set
		for j := range t.Elements {
			if s := span(&t.Elements[j].When); s.Min <= value && (s.Max == 0 || value < s.Max) {
				holds |= 1 << j
			}
		}
		a.sets = append(a.sets, holds)
	}
	return a
}

// at returns the elements that hold at a value, and the values between which
// they do: low included and high not.
func (a *axis) at(value int64) (holds set, low, high int64) {
	i := 0
	for i < len(a.edges) && a.edges[i] <= value {
		i++
	}
	low, high = math.MinInt64, never
	if i > 0 {
		low = a.edges[i-1]
	}
	if i < len(a.edges) {
		high = a.edges[i]
	}
	return a.sets[i], low, high
}
