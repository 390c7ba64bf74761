// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"math"
)

// setFrame prepares what turns charges into a bill.
func (p *Plan) setFrame() error {
	t := p.tariff
	limit, err := t.limitAt(p.limits.Scale)
	if err != nil {
		return err
	}
	p.frame = frame{rounding: t.Rounding, scale: p.limits.Scale, currency: t.Currency,
		included: t.TaxIncluded, limit: limit}
	p.group = nil
	groups, err := t.groups()
	if err != nil {
		return err
	}
	p.frame.setUnits(t.Scale, p.Prices(TimeSpent) || p.Prices(IdleTime))
	if !p.frame.setGroups(groups) {
		return &Error{"Taxes", ErrOverflow}
	}
	for i := range p.components {
		c := &p.components[i]
		p.group = append(p.group, findGroup(groups, c.Class, c.Taxes))
	}
	return nil
}

// limitAt returns the limit in units of 10^-scale.
func (t *Tariff) limitAt(scale uint8) (PriceLimit, error) {
	limit := t.Limit
	for i, v := range [...]*int64{&limit.Min, &limit.Max} {
		path := [...]string{"Limit.Min", "Limit.Max"}[i]
		for s := t.Scale; s > scale; s-- {
			if *v%10 != 0 {
				return limit, &Error{path, ErrLimit}
			}
			*v /= 10
		}
		for s := t.Scale; s < scale; s++ {
			if *v > math.MaxInt64/10 {
				return limit, &Error{path, ErrOverflow}
			}
			*v *= 10
		}
	}
	return limit, nil
}

// proveRange bounds every amount of every bill: the dearest charges, times the
// largest share, and what rounding may add.
func (p *Plan) proveRange() error {
	tooMuch := &Error{"Limits.Energy", ErrOverflow}
	dearest, err := p.dearest()
	if err != nil {
		return err
	}
	f := &p.frame
	if f.limit != (PriceLimit{}) {
		target, ok1 := mul64(uint64(max(f.limit.Min, f.limit.Max)), 1).mulWide(f.unit)
		sum, ok2 := dearest.add(target) // an amount at scale is less than as many whole units
		if !ok1 || !ok2 {
			return &Error{"Limit", ErrOverflow}
		}
		dearest = sum
	}
	dearest, ok := dearest.mul(f.largest())
	if !ok {
		return tooMuch
	}
	if _, ok := f.den.mul(pow10(f.scale)); !ok {
		return &Error{"Limits.Scale", ErrOverflow}
	}
	units, err := roundFraction(signed{mag: dearest}, f.den, f.scale, Up)
	rounding := int64((3+MaxTaxes)*len(p.components)+64) + int64(pow10(f.scale))
	if err != nil || units > math.MaxInt64/2-rounding && f.hasTaxes() || units > math.MaxInt64-rounding {
		return tooMuch
	}
	p.dearestUnits = units + rounding
	return p.provePeriods()
}

func (f *frame) hasTaxes() bool {
	for i := range f.groups {
		if len(f.groups[i].taxes) > 0 {
			return true
		}
	}
	return false
}

// mostMeasured returns the most that the quantities of each step group add up
// to, whatever their sign. Idle time begins with the session, as charging time
// does, but time while reserved comes beside both: before the session, and where
// readings say so also within it.
func (p *Plan) mostMeasured() [stepGroups]int64 {
	energy := p.ceiling.energy + 2*p.ceiling.feedback // it rises by what it falls on top, and both may have a price
	return [stepGroups]int64{Energy: energy, TimeSpent: MaxDuration, IdleTime: MaxDuration, FlatFee: 2,
		Volume: p.ceiling.volume, reservedTime: 2 * MaxDuration}
}

// dearest returns more than any sum of charges, over frame.unit: for each class
// of each step group the most at the highest price, one step on top.
func (p *Plan) dearest() (sum wide, err error) {
	var prices [stepGroups][classes]uint64
	var steps [stepGroups][classes]int64
	for i := range p.components {
		c := &p.components[i]
		g := p.tariff.Elements[p.owner[i]].stepGroup()
		prices[g][c.Class] = max(prices[g][c.Class], abs64(c.Price))
		steps[g][c.Class] = max(steps[g][c.Class], c.Step)
	}
	for g, most := range p.mostMeasured() {
		d := Dimension(g)
		if d == reservedTime {
			d = TimeSpent
		}
		for class, price := range prices[g] {
			if price == 0 {
				continue
			}
			scaled, ok1 := mul64(uint64(most+steps[g][class]), p.frame.factor[d]).mulWide(wide{lo: price})
			var ok2 bool
			if sum, ok2 = sum.add(scaled); !ok1 || !ok2 {
				return sum, &Error{"Limits.Energy", ErrOverflow}
			}
		}
	}
	return sum, nil
}

// provePeriods bounds the cells of a cap over periods.
func (p *Plan) provePeriods() error {
	if p.tariff.Idle.Period == NoPeriod {
		return nil
	}
	for i := range p.components {
		if c := &p.components[i]; c.Dimension == IdleTime && c.Class == Occupancy && c.Price > math.MaxInt64/4/MaxDuration {
			return &Error{fmt.Sprintf("component %d", i), ErrOverflow}
		}
	}
	return nil
}
