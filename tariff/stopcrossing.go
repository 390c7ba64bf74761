// SPDX-License-Identifier: Apache-2.0

package tariff

import "sort"

// crossing returns the first second after from, up to end, at which the cost is
// above the budget, or end+1. The second end itself may be a change.
func (s *stopper) crossing(from, end int64) (int64, error) {
	last := end - 1
	x, err := last+1, error(nil)
	if from < last {
		switch rises, falls := s.trend(); {
		case !s.mixes() && !(rises && falls):
			x, err = s.straight(from+1, last, rises)
		case rises && falls || s.cursor.plan.ceiling.feedback > 0:
			x, err = s.leap(from, last)
		default:
			x, err = s.pieces(from+1, last, rises)
		}
	}
	if err != nil || x <= last {
		return x, err
	}
	if end > from {
		if ok, err := s.within(end); err != nil || !ok {
			return end, err
		}
	}
	return end + 1, nil
}

// straight returns the first second from first to last at which the cost is
// above the budget, or last+1, where it only rises, or never does.
func (s *stopper) straight(first, last int64, rises bool) (int64, error) {
	probe := first
	if rises {
		probe = last
	}
	if ok, err := s.within(probe); err != nil || ok {
		return last + 1, err
	}
	return s.bisect(first, probe, s.above)
}

// bisect returns the first second from first to last at which a property of the
// bill begins to hold; at last it does.
func (s *stopper) bisect(first, last int64, holds func() bool) (int64, error) {
	var failed error
	n := sort.Search(int(last-first), func(i int) bool {
		if _, err := s.within(first + int64(i)); err != nil {
			failed = err
		}
		return holds()
	})
	return first + int64(n), failed
}

// above reports whether the last bill is above the budget, of the same currency.
func (s *stopper) above() bool {
	order, _ := s.cost().Cmp(s.budget)
	return order > 0
}

// mixes reports whether a limit can bind amounts without taxes, so that the
// taxes on it depend on how it is shared out; and where it begins to bind, the
// rounded amount with taxes can fall.
func (s *stopper) mixes() bool {
	f := &s.cursor.plan.frame
	return f.limit.Min|f.limit.Max != 0 && !f.limit.Gross && f.hasTaxes()
}

// pieces is straight where a limit without taxes can bind. What that limit is
// held against only rises or only falls, so that there are at most three pieces:
// the minimum binds, none does, the maximum binds.
func (s *stopper) pieces(first, last int64, rises bool) (int64, error) {
	for first <= last {
		if _, err := s.within(last); err != nil {
			return 0, err
		}
		bound := s.bill.Limit
		if _, err := s.within(first); err != nil {
			return 0, err
		}
		here, end := s.bill.Limit, last
		if here != bound {
			next, err := s.bisect(first, last, func() bool { return s.bill.Limit != here })
			if err != nil {
				return 0, err
			}
			end = next - 1
		}
		if x, err := s.piece(first, end, rises, max(here.Min, here.Max)); err != nil || x <= end {
			return x, err
		}
		first = end + 1
	}
	return last + 1, nil
}

// piece looks at a piece in which the limit binds to the same target, 0 for none.
func (s *stopper) piece(first, last int64, rises bool, target int64) (int64, error) {
	f := &s.cursor.plan.frame
	if target == 0 {
		return s.straight(first, last, rises)
	}
	if len(f.groups) > 1 {
		if most, err := s.mostBound(target); err != nil || most > 0 {
			return s.scan(first, last, err)
		}
		return last + 1, nil
	}
	return s.straight(first, last, false) // it stays the same
}

// scan looks at each second.
func (s *stopper) scan(first, last int64, err error) (int64, error) {
	for x := first; x <= last && err == nil; x++ {
		var ok bool
		if ok, err = s.within(x); err == nil && !ok {
			return x, nil
		}
	}
	return last + 1, err
}

// mostBound compares the most that a target without taxes can come to with them,
// however it is shared out, with the budget.
func (s *stopper) mostBound(target int64) (int, error) {
	p := s.cursor.plan
	f := &p.frame
	var most int64
	for g := range f.groups {
		one, _ := f.unit.divMod(wide{lo: pow10(f.scale)})
		amount, ok := one.mul(uint64(target))
		if !ok {
			return 0, ErrOverflow
		}
		_, gross, err := f.split(signed{mag: amount}, &f.groups[g].limit)
		if err != nil {
			return 0, err
		}
		units, err := roundFraction(gross, f.den, f.scale, Up)
		if err != nil {
			return 0, err
		}
		most = max(most, units)
	}
	// Each group is rounded by itself, and the sum to the payable decimals.
	most += int64(len(f.groups)) + int64(pow10(f.scale-f.rounding.Payable))
	return f.money(most).Cmp(s.budget)
}

// leap looks for the first crossing in leaps over which the cost, at the most
// that it can rise in them, stays within the budget.
func (s *stopper) leap(from, last int64) (int64, error) {
	for x := from; x < last; {
		if ok, err := s.within(x); err != nil || !ok {
			return x, err
		}
		n := int64(1)
		if !s.mixes() {
			reached := func(i int) bool { return !s.safe(int64(i) + 1) }
			n += int64(sort.Search(int(last-x-1), reached))
		}
		x += n
		if ok, err := s.within(x); err != nil || !ok {
			return x, err
		}
	}
	return last + 1, nil
}

// safe reports whether the cost, from that of the last bill on, stays within the
// budget for n seconds more.
func (s *stopper) safe(n int64) bool {
	cost, rise := s.cost(), s.mostRise(n)
	if rise > never-max(cost.Units, 0) {
		return false
	}
	cost.Units += rise
	order, err := cost.Cmp(s.budget)
	return err == nil && order <= 0
}

// mostRise returns more than what the cost rises by in n seconds while the
// selection stays the same and no limit binds an amount without its taxes. What
// a step adds may come and go; caps only ever slow the rise.
func (s *stopper) mostRise(n int64) int64 {
	p := s.cursor.plan
	selected := s.selected()
	f := &p.frame
	quantity := [dimensions]int64{Energy: max(s.energy(n), -s.energy(n)) + 1, TimeSpent: n, IdleTime: n, Volume: s.volume(n) + 1}
	var sum wide
	for i := range p.components {
		c := &p.components[i]
		most := c.Step
		if selected>>p.owner[i]&1 == 1 {
			most += quantity[c.Dimension]
		}
		num, err := product(most, c.Price).scaled(f.factor[c.Dimension])
		if err == nil {
			num, err = num.scaled(f.groups[p.group[i]].price.gross)
		}
		var ok bool
		if sum, ok = sum.add(num.mag); err != nil || !ok {
			return never
		}
	}
	units, err := roundFraction(signed{mag: sum}, f.den, f.scale, Up)
	// Both costs are rounded, by each unit of rounding and to the payable decimals.
	margin := 2 * (int64(len(p.components)+len(f.groups)+1) + int64(pow10(f.scale-f.rounding.Payable)))
	if err != nil || units > never-margin {
		return never
	}
	return units + margin
}

// selected returns the elements that price what flows.
func (s *stopper) selected() (elements set) {
	c := &s.cursor
	holds := c.holds & c.tiers[tierEnergy] & c.tiers[tierTime] & c.tiers[tierVolume]
	for _, d := range [...]Dimension{Energy, TimeSpent, IdleTime, Volume} {
		elements |= c.plan.pick(d, holds)
	}
	return elements
}

// trend reports whether the cost can rise and whether it can fall as long as
// the selection stays the same, limits aside.
func (s *stopper) trend() (rises, falls bool) {
	p := s.cursor.plan
	idle := &p.tariff.Idle
	switch {
	case p.stepped && p.ceiling.feedback > 0:
		return true, true // what a step adds to a falling sum goes up and down
	case p.tariff.Rounding.Unit == PerComponent && idle.SessionCap|idle.PeriodCap != 0:
		return true, true // a fee and what the cap takes off it are rounded apart
	}
	for set := s.selected(); set != 0; set &= set - 1 {
		for _, component := range p.tariff.Elements[set.index()].Components {
			up, down := component.Price > 0, component.Price < 0
			if component.Dimension == Energy && s.load.Power < 0 {
				up, down = down, up
			}
			rises, falls = rises || up, falls || down
		}
	}
	return rises, falls
}
