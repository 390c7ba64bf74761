// SPDX-License-Identifier: Apache-2.0

package tariff

// target returns the amount that the limit binds the session to, 0 where it
// does not, and notes it on the bill.
func (f *frame) target(dst *Bill, s *sums, t *tally) int64 {
	if f.limit.Min == 0 && f.limit.Max == 0 || t.filled == [maxGroups]bool{} {
		return 0
	}
	value := s.netUnits
	if f.limit.Gross {
		value = s.grossUnits
	}
	switch {
	case f.limit.Max != 0 && value > f.limit.Max:
		dst.Limit = PriceLimit{Max: f.limit.Max, Gross: f.limit.Gross}
		return f.limit.Max
	case f.limit.Min != 0 && value < f.limit.Min && (f.limit.Max == 0 || f.limit.Min <= f.limit.Max):
		dst.Limit = PriceLimit{Min: f.limit.Min, Gross: f.limit.Gross}
		return f.limit.Min
	}
	return 0
}

// bind shares out the target over the groups, appends what that changes, and
// reckons the totals anew, rounded for each group.
func (f *frame) bind(dst *Bill, s *sums, t *tally, target int64) error {
	parts, err := f.share(t, target)
	if err != nil {
		return err
	}
	before := *s
	*s = sums{bound: true, filled: before.filled}
	one, _ := f.unit.divMod(wide{lo: pow10(f.scale)}) // an amount of one unit at scale
	for g := range f.groups {
		if !t.filled[g] {
			continue
		}
		amount, ok := one.mul(uint64(parts[g]))
		if !ok {
			return ErrOverflow
		}
		s.amounts[g] = signed{mag: amount}
		net, gross, err := f.split(s.amounts[g], &f.groups[g].limit)
		if err != nil {
			return err
		}
		if err := s.addRounded(f, g, net, gross); err != nil {
			return err
		}
		s.net, s.gross = s.net.add(net), s.gross.add(gross)
		f.residue(dst, Line{Kind: LimitLine, Class: f.groups[g].class, Taxes: f.groups[g].taxes}, s.base[g]-t.lines[g])
	}
	return nil
}

// share divides the target in proportion to the magnitude of each group's exact
// amount, rounded once whatever the unit of rounding is, by largest remainder; the earlier group wins a tie, and the
// first one takes all where all are zero.
func (f *frame) share(t *tally, target int64) (parts [maxGroups]int64, err error) {
	var weights [maxGroups]uint64
	var total uint64
	first := -1
	for g := range f.groups {
		if !t.filled[g] {
			continue
		}
		if first < 0 {
			first = g
		}
		share := f.groups[g].price.net
		if f.limit.Gross {
			share = f.groups[g].price.gross
		}
		num, err := t.exact[g].scaled(share)
		if err != nil {
			return parts, err
		}
		units, err := f.round(num, f.den)
		if err != nil {
			return parts, err
		}
		weights[g] = abs64(units)
		if total += weights[g]; total < weights[g] {
			return parts, ErrOverflow
		}
	}
	if total == 0 {
		parts[first] = target
		return parts, nil
	}
	shareOut(&parts, &weights, total, target)
	return parts, nil
}

// shareOut is the largest remainder method.
func shareOut(parts *[maxGroups]int64, weights *[maxGroups]uint64, total uint64, target int64) {
	var rests [maxGroups]uint64
	left := target
	for g, w := range weights {
		q, r := mul64(uint64(target), w).divMod(wide{lo: total})
		parts[g], rests[g] = int64(q.lo), r.lo
		left -= parts[g]
	}
	for ; left > 0; left-- {
		best := 0
		for g, r := range rests {
			if r > rests[best] {
				best = g
			}
		}
		parts[best]++
		rests[best] = 0
	}
}
