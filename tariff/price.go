// SPDX-License-Identifier: Apache-2.0

package tariff

import "fmt"

// Price writes the bill of these quantities over dst; it allocates nothing
// once dst has grown.
//
// It refuses with [ErrQuantities], or [ErrAboveLimit], what Measure could not
// have produced: an index that is no component or not the first of its cell,
// indices that do not ascend, a quantity below one, more than the plan was
// compiled for, and any Last or Flats. dst is then an empty bill.
func (p *Plan) Price(dst *Bill, q Quantities) error {
	*dst = Bill{Lines: dst.Lines[:0]}
	err := p.checkQuantities(&q)
	if err == nil {
		err = p.price(dst, &q)
	}
	if err != nil {
		*dst = Bill{Lines: dst.Lines[:0]}
	}
	return err
}

// price writes the bill of quantities that were checked. Compile proved that
// none of its sums overflows; they are checked all the same.
func (p *Plan) price(dst *Bill, q *Quantities) error {
	dst.Rules, dst.Rounding = p.tariff.Rules, p.tariff.Rounding
	var s sums
	for _, c := range q.Cells {
		if err := p.charge(dst, &s, c); err != nil {
			return within(fmt.Sprintf("Cells[index %d]", c.Index), err)
		}
	}
	if err := p.residue(dst, &s); err != nil {
		return err
	}
	return p.total(dst, &s)
}

// sums are the amounts of each class: exact, as a numerator over the plan's
// denominator, and as the rounded lines add up.
type sums struct {
	exact [Service + 1]signed
	lines [Service + 1]int64
}

// checkQuantities refuses what Measure could not have produced.
func (p *Plan) checkQuantities(q *Quantities) error {
	if len(q.Last) > 0 {
		return &Error{"Last", ErrQuantities}
	}
	if len(q.Flats) > 0 {
		return &Error{"Flats", ErrQuantities}
	}
	var total [Service + 1]int64
	for i, c := range q.Cells {
		known := c.Index >= 0 && c.Index < len(p.element) && p.element[c.Index] >= 0
		if !known || i > 0 && c.Index <= q.Cells[i-1].Index {
			return &Error{fmt.Sprintf("Cells[%d].Index", i), ErrQuantities}
		}
		if c.Quantity <= 0 {
			return &Error{fmt.Sprintf("Cells[%d].Quantity", i), ErrQuantities}
		}
		for _, component := range p.tariff.Elements[p.element[c.Index]].Components {
			if c.Quantity > p.ceiling-total[component.Class] {
				return &Error{fmt.Sprintf("Cells[%d].Quantity", i), ErrAboveLimit}
			}
			total[component.Class] += c.Quantity
		}
	}
	return nil
}

// charge appends a line for each component of a cell.
func (p *Plan) charge(dst *Bill, s *sums, c Cell) error {
	element := p.element[c.Index]
	e := &p.tariff.Elements[element]
	for i, component := range e.Components {
		num := product(c.Quantity, component.Price)
		units, err := roundFraction(num, p.den, p.limits.Scale, p.tariff.Rounding.Mode)
		if err != nil {
			return err
		}
		dst.Lines = append(dst.Lines, Line{
			Kind: ChargeLine, Rate: e.Rate, Dimension: component.Dimension, Class: component.Class,
			Element: element, Component: c.Index + i, Windows: e.When.Windows,
			Measured: c.Quantity, Billed: c.Quantity,
			Price:  Money{component.Price, p.tariff.Scale, p.tariff.Currency},
			Exact:  newExact(num, p.den),
			Amount: p.money(units),
		})
		s.exact[component.Class] = s.exact[component.Class].add(num)
		s.lines[component.Class] += units
	}
	return nil
}

// residue rounds each unit and appends what that adds to the rounded lines.
func (p *Plan) residue(dst *Bill, s *sums) error {
	switch p.tariff.Rounding.Unit {
	case PerSession:
		return p.residueLine(dst, 0, s.exact[Electricity].add(s.exact[Service]), s.lines[Electricity]+s.lines[Service])
	case PerGroup:
		for class := Electricity; class <= Service; class++ {
			if err := p.residueLine(dst, class, s.exact[class], s.lines[class]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Plan) residueLine(dst *Bill, class Class, exact signed, lines int64) error {
	units, err := roundFraction(exact, p.den, p.limits.Scale, p.tariff.Rounding.Mode)
	if err != nil {
		return err
	}
	if units != lines {
		dst.Lines = append(dst.Lines, Line{Kind: ResidueLine, Class: class, Amount: p.money(units - lines)})
	}
	return nil
}

// total adds up the lines, rounds to the payable decimals and waives what lies
// above the limit.
func (p *Plan) total(dst *Bill, s *sums) error {
	var net int64
	for i := range dst.Lines {
		net += dst.Lines[i].Amount.Units
	}
	cost, err := roundDecimals(net, p.limits.Scale, p.tariff.Rounding)
	if err != nil {
		return err
	}
	if cost != net {
		dst.Lines = append(dst.Lines, Line{Kind: PayableLine, Amount: p.money(cost - net)})
	}
	var waived int64
	if most := p.most(cost); cost > most { // both may be far apart: no difference before the comparison
		waived = cost - most
		dst.Lines = append(dst.Lines, Line{Kind: WaivedLine, Amount: p.money(-waived)})
	}
	dst.Exact = newExact(s.exact[Electricity].add(s.exact[Service]), p.den)
	dst.Net, dst.Gross = p.money(net), p.money(net)
	dst.Payable, dst.Waived = p.money(cost-waived), p.money(waived)
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

func (p *Plan) money(units int64) Money {
	return Money{Units: units, Scale: p.limits.Scale, Currency: p.tariff.Currency}
}
