// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

const percent = 100_000 // a tax of 100 %

// group is a fee class under one set of taxes: what taxes are reckoned on.
type group struct {
	class Class
	taxes []Tax
}

// groups lists the groups of all components in order.
func (t *Tariff) groups() ([]group, error) {
	var groups []group
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			if c := &t.Elements[i].Components[j]; findGroup(groups, c.Class, c.Taxes) < 0 {
				groups = append(groups, group{c.Class, c.Taxes})
			}
			if len(groups) > maxGroups {
				return nil, &Error{fmt.Sprintf("Elements[%d].Components[%d].Taxes", i, j), ErrTax}
			}
		}
	}
	slices.SortFunc(groups, compareGroups)
	return groups, nil
}

// compareGroups orders groups by class, then by their taxes.
func compareGroups(a, b group) int {
	return cmp.Or(cmp.Compare(a.class, b.class), slices.CompareFunc(a.taxes, b.taxes, compareTaxes))
}

func compareTaxes(a, b Tax) int {
	return cmp.Or(cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rate, b.Rate))
}

// findGroup returns the index of a group, -1 where there is none.
func findGroup(groups []group, class Class, taxes []Tax) int {
	return slices.IndexFunc(groups, func(g group) bool { return g.class == class && slices.Equal(g.taxes, taxes) })
}

// sortedTaxes returns taxes in the order of the normal form, with stacks from 0 on.
func sortedTaxes(taxes []Tax) []Tax {
	if len(taxes) == 0 {
		return nil
	}
	sorted := slices.Clone(taxes)
	slices.SortFunc(sorted, compareTaxes)
	stack, before := uint8(0), sorted[0].Stack
	for i := range sorted {
		if sorted[i].Stack != before {
			stack, before = stack+1, sorted[i].Stack
		}
		sorted[i].Stack = stack
	}
	return sorted
}

// ratio is a fraction of two integers in lowest terms.
type ratio struct{ num, den uint64 }

var one = ratio{1, 1}

// reduced returns num/den in lowest terms.
func reduced(num, den uint64) ratio {
	if num == 0 {
		return ratio{0, 1}
	}
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return ratio{num / a, den / a}
}

// times returns r × s, and false where it does not fit.
func (r ratio) times(s ratio) (ratio, bool) {
	a, b := reduced(r.num, s.den), reduced(s.num, r.den)
	hi1, num := bits.Mul64(a.num, b.num)
	hi2, den := bits.Mul64(a.den, b.den)
	return ratio{num, den}, hi1|hi2 == 0
}

// onNet returns what each tax and the whole with all taxes are of one unit
// without taxes. Taxes are sorted by stack.
func onNet(taxes []Tax) (parts []ratio, gross ratio, ok bool) {
	base, gross := one, one
	for i, tax := range taxes {
		if i > 0 && tax.Stack != taxes[i-1].Stack {
			base = gross
		}
		part, ok := base.times(reduced(uint64(tax.Rate), percent))
		if !ok {
			return nil, one, false
		}
		parts = append(parts, part)
		if gross, ok = gross.plus(part); !ok {
			return nil, one, false
		}
	}
	return parts, gross, true
}

// plus returns r + s, and false where it does not fit.
func (r ratio) plus(s ratio) (ratio, bool) {
	a, b := mul64(r.num, s.den), mul64(s.num, r.den)
	sum, ok := a.add(b)
	den := mul64(r.den, s.den)
	if !ok || sum.hi|den.hi != 0 {
		return one, false
	}
	return reduced(sum.lo, den.lo), true
}

// lcm returns the least common multiple, and false where it does not fit.
func lcm(a, b uint64) (uint64, bool) {
	r := reduced(a, b)
	hi, lo := bits.Mul64(a, r.den)
	return lo, hi == 0
}
