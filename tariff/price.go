// SPDX-License-Identifier: Apache-2.0

package tariff

import "fmt"

// Price writes the bill of these quantities over dst; it allocates nothing
// once dst has grown.
//
// It refuses with [ErrQuantities], or [ErrAboveLimit], what Measure could not
// have produced: an index that is no component or not the first of its cell,
// indices that do not ascend, a quantity of zero, one below zero that is not of
// energy or where nothing may be fed back, more than the plan was compiled for, flat fees of one class twice, and a Last that is not one
// component for each step group. dst is then an empty bill.
func (p *Plan) Price(dst *Bill, q Quantities) error {
	*dst = Bill{Lines: dst.Lines[:0]}
	var k check
	err := k.quantities(p, &q)
	if err == nil {
		err = p.price(dst, &q, &k)
	}
	if err != nil {
		*dst = Bill{Lines: dst.Lines[:0]}
	}
	return err
}

// price writes the bill of quantities that were checked. Compile proved that
// none of its sums overflows; they are checked all the same.
func (p *Plan) price(dst *Bill, q *Quantities, k *check) error {
	dst.Rules, dst.Rounding = p.tariff.Rules, p.tariff.Rounding
	var t tally
	due := dues{p: p, k: k, flats: q.Flats}
	for _, c := range q.Cells[:k.cells] {
		if err := due.before(dst, &t, c.Index); err != nil {
			return err
		}
		if err := p.chargeCell(dst, &t, c, k); err != nil {
			return within(fmt.Sprintf("Cells[index %d]", c.Index), err)
		}
		due.done = c.Index + len(p.tariff.Elements[p.owner[c.Index]].Components)
	}
	if err := due.before(dst, &t, len(p.components)); err != nil {
		return err
	}
	if err := p.cap(dst, &t, k); err != nil {
		return err
	}
	if err := p.frame.finish(dst, &t); err != nil {
		return err
	}
	return p.total(dst)
}

// dues are what is charged beside cells: flat fees, and what a step adds where
// all of its component's cell was fed back.
type dues struct {
	p     *Plan
	k     *check
	flats []int
	last  int // how many of k.last lie behind
	done  int // the component after the last cell
}

// before appends the lines that stand before a component.
func (d *dues) before(dst *Bill, t *tally, index int) error {
	for {
		flat := len(d.flats) > 0 && d.flats[0] < index
		for d.last < len(d.k.last) && (d.k.surplus[d.last] == 0 || d.k.last[d.last] < d.done) {
			d.last++
		}
		var err error
		switch {
		case d.last < len(d.k.last) && d.k.last[d.last] < index && (!flat || d.k.last[d.last] < d.flats[0]):
			err = d.p.chargeLine(dst, t, d.k.last[d.last], 0, d.k.surplus[d.last])
			d.last++
		case flat:
			err = d.p.chargeLine(dst, t, d.flats[0], 1, 0)
			d.flats = d.flats[1:]
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// chargeCell appends a line for each component of a cell.
func (p *Plan) chargeCell(dst *Bill, t *tally, c Cell, k *check) error {
	for i := range p.tariff.Elements[p.owner[c.Index]].Components {
		index := c.Index + i
		var surplus int64
		for j, last := range k.last {
			if last == index {
				surplus = k.surplus[j]
			}
		}
		if err := p.chargeLine(dst, t, index, c.Quantity, surplus); err != nil {
			return err
		}
	}
	return nil
}

// chargeLine appends the line of a component.
func (p *Plan) chargeLine(dst *Bill, t *tally, index int, measured, surplus int64) error {
	c, e := &p.components[index], &p.tariff.Elements[p.owner[index]]
	num, err := product(measured+surplus, c.Price).scaled(p.frame.factor[c.Dimension])
	if err != nil {
		return err
	}
	units, err := p.frame.charge(t, p.group[index], num)
	if err != nil {
		return err
	}
	l := Line{
		Kind: ChargeLine, Rate: e.Rate, Dimension: c.Dimension, Class: c.Class,
		Element: p.owner[index], Component: index, When: e.When, Taxes: c.Taxes,
		Measured: measured, Billed: measured + surplus,
		Price:  Money{c.Price, p.tariff.Scale, p.tariff.Currency},
		Exact:  newExact(num, p.frame.unit),
		Amount: p.frame.money(units),
	}
	if surplus > 0 {
		l.Step = c.Step
	}
	dst.Lines = append(dst.Lines, l)
	return nil
}

// cap appends what the caps take off the occupancy fee.
func (p *Plan) cap(dst *Bill, t *tally, k *check) error {
	rule := &p.tariff.Idle
	if rule.SessionCap == 0 && rule.Period == NoPeriod {
		return nil
	}
	var fees signed
	group := -1
	surplus := signed{} // of the last period, by its step
	for i := range dst.Lines {
		l := &dst.Lines[i]
		if l.Dimension != IdleTime || l.Class != Occupancy {
			continue
		}
		price := p.components[l.Component].Price
		fees = fees.add(product(l.Billed, price))
		surplus = surplus.add(product(l.Billed-l.Measured, price))
		group = p.group[l.Component]
	}
	if group < 0 {
		return nil
	}
	off := product(k.closed, 1)
	if rule.Period != NoPeriod {
		open := surplus.add(product(k.open, 1)).add(product(rule.PeriodCap, -3600))
		if !open.neg {
			off = off.add(open)
		}
	}
	if rule.SessionCap > 0 {
		off.neg = !off.mag.isZero()
		above := fees.add(off).add(product(rule.SessionCap, -3600))
		off.neg = false
		if !above.neg {
			off = off.add(above)
		}
	}
	return p.capLine(dst, t, group, off)
}

// capLine appends what is taken off, given in s times the unit of price.
func (p *Plan) capLine(dst *Bill, t *tally, group int, off signed) error {
	if off.mag.isZero() {
		return nil
	}
	off.neg = true
	num, err := off.scaled(p.frame.factor[IdleTime])
	if err != nil {
		return err
	}
	units, err := p.frame.charge(t, group, num)
	if err != nil {
		return err
	}
	dst.Lines = append(dst.Lines, Line{Kind: CapLine, Dimension: IdleTime, Class: Occupancy,
		Taxes: p.frame.groups[group].taxes, Exact: newExact(num, p.frame.unit), Amount: p.frame.money(units)})
	return nil
}

// total rounds to the payable decimals and waives what lies above the limit.
func (p *Plan) total(dst *Bill) error {
	gross := dst.Gross.Units
	cost, err := roundDecimals(gross, p.limits.Scale, p.tariff.Rounding)
	if err != nil {
		return err
	}
	if cost != gross {
		dst.Lines = append(dst.Lines, Line{Kind: PayableLine, Amount: p.frame.money(cost - gross)})
	}
	var waived int64
	if most := p.most(cost); cost > most { // both may be far apart: no difference before the comparison
		waived = cost - most
		dst.Lines = append(dst.Lines, Line{Kind: WaivedLine, Amount: p.frame.money(-waived)})
	}
	dst.Payable, dst.Waived = p.frame.money(cost-waived), p.frame.money(waived)
	return nil
}

// most returns the largest amount that may be paid: the order's limit cut to
// the payable decimals, or the cost itself where there is no limit.
func (p *Plan) most(cost int64) int64 {
	if p.limits.Amount == 0 {
		return cost
	}
	step := int64(pow10(p.limits.Scale - p.tariff.Rounding.Payable))
	return p.limits.Amount / step * step
}

// roundDecimals rounds units at a scale to the payable decimals; the result is
// at the same scale.
func roundDecimals(units int64, scale uint8, r Rounding) (int64, error) {
	step := pow10(scale - r.Payable)
	num := signed{mag: wide{lo: abs64(units)}, neg: units < 0}
	rounded, err := roundFraction(num, wide{lo: step}, 0, r.Mode)
	if err != nil {
		return 0, err
	}
	result, ok := product(rounded, int64(step)).int64()
	if !ok {
		return 0, ErrOverflow
	}
	return result, nil
}
