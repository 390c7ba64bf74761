// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

// checkTotals derives the lines after the charges and the totals anew.
func (b *Bill) checkTotals(charges int) error {
	f, err := b.frame(charges)
	if err != nil {
		return err
	}
	want := Bill{}
	var t tally
	for i := range b.Lines[:charges] {
		l := &b.Lines[i]
		num, err := product(l.Billed, l.Price.Units).scaled(f.factor[l.Dimension])
		if err != nil {
			return within(fmt.Sprintf("Lines[%d].Exact", i), err)
		}
		if _, err := f.charge(&t, f.find(l), num); err != nil {
			return within(fmt.Sprintf("Lines[%d].Exact", i), err)
		}
	}
	caps := charges
	if caps < len(b.Lines) && b.Lines[caps].Kind == CapLine {
		if err := b.checkCap(f, &t, caps); err != nil {
			return within(fmt.Sprintf("Lines[%d]", caps), err)
		}
		caps++
	}
	if err := f.finish(&want, &t); err != nil {
		return within("Lines", err)
	}
	return b.compare(&want, caps)
}

// frame derives the frame of a bill from its charges.
func (b *Bill) frame(charges int) (*frame, error) {
	f := &frame{rounding: b.Rounding, scale: b.Net.Scale, currency: b.Net.Currency, included: b.TaxIncluded, limit: b.Limit}
	var groups []group
	scale, timed := uint8(0), false
	for i := range b.Lines[:charges] {
		l := &b.Lines[i]
		scale, timed = l.Price.Scale, timed || l.Dimension == TimeSpent || l.Dimension == IdleTime
		if findGroup(groups, l.Class, l.Taxes) < 0 {
			groups = append(groups, group{l.Class, l.Taxes})
		}
	}
	if len(groups) > maxGroups {
		return nil, &Error{"Lines", ErrBill}
	}
	slices.SortFunc(groups, compareGroups)
	f.setUnits(scale, timed)
	if !f.setGroups(groups) {
		return nil, &Error{"Lines", ErrOverflow}
	}
	if _, ok := f.den.mul(pow10(f.scale)); !ok {
		return nil, &Error{"Lines", ErrOverflow}
	}
	return f, nil
}

// find returns the group of a line.
func (f *frame) find(l *Line) int {
	return slices.IndexFunc(f.groups, func(g groupFrame) bool { return g.class == l.Class && slices.Equal(g.taxes, l.Taxes) })
}

// checkCap checks the cap line and adds it to the sums: it takes off more than
// nothing, and no more than the occupancy fees that it stands under.
func (b *Bill) checkCap(f *frame, t *tally, i int) error {
	l := &b.Lines[i]
	var fees Exact
	for j := range b.Lines[:i] {
		if o := &b.Lines[j]; o.Dimension == IdleTime && o.Class == Occupancy {
			var err error
			if fees, err = fees.add(o.Exact); err != nil {
				return within("Exact", err)
			}
		}
	}
	rest, err := fees.add(l.Exact)
	if err != nil {
		return within("Exact", err)
	}
	g := f.find(l)
	label := Line{Kind: CapLine, Dimension: IdleTime, Class: Occupancy, Taxes: l.Taxes, Exact: l.Exact, Amount: l.Amount}
	if g < 0 || !sameLine(*l, label) || !l.Exact.neg || rest.neg {
		return &Error{"Exact", ErrBill}
	}
	per, left := f.unit.divMod(l.Exact.denominator())
	num, ok := per.mulWide(l.Exact.num)
	if !left.isZero() || !ok {
		return &Error{"Exact", ErrBill}
	}
	units, err := f.charge(t, g, signed{mag: num, neg: true})
	if err != nil {
		return within("Exact", err)
	}
	if l.Amount != b.money(units) {
		return &Error{"Amount", ErrBill}
	}
	return nil
}

// compare holds the bill to the lines and totals that follow from its charges.
func (b *Bill) compare(want *Bill, from int) error {
	cost, err := roundDecimals(want.Gross.Units, b.Net.Scale, b.Rounding)
	if err != nil {
		return within("Payable", err)
	}
	if cost != want.Gross.Units {
		want.Lines = append(want.Lines, Line{Kind: PayableLine, Amount: b.money(cost - want.Gross.Units)})
	}
	if b.Waived.Units > 0 {
		want.Lines = append(want.Lines, Line{Kind: WaivedLine, Amount: b.money(-b.Waived.Units)})
	}
	step := int64(pow10(b.Net.Scale - b.Rounding.Payable))
	switch {
	case b.Exact != want.Exact:
		return &Error{"Exact", ErrBill}
	case b.ExactGross != want.ExactGross:
		return &Error{"ExactGross", ErrBill}
	case b.Net != want.Net:
		return &Error{"Net", ErrBill}
	case b.Gross != want.Gross:
		return &Error{"Gross", ErrBill}
	case b.TaxIncluded != want.TaxIncluded:
		return &Error{"TaxIncluded", ErrBill}
	case b.Limit != want.Limit:
		return &Error{"Limit", ErrBill}
	case !slices.EqualFunc(b.Lines[from:], want.Lines, sameLine):
		return &Error{fmt.Sprintf("Lines[%d:]", from), ErrBill}
	case b.Waived.Units < 0 || b.Waived.Units > max(0, cost) || b.Waived.Units%step != 0:
		return &Error{"Waived", ErrBill}
	case b.Payable.Units != cost-b.Waived.Units:
		return &Error{"Payable", ErrBill}
	}
	return nil
}

// sameLine compares two lines, restrictions and taxes by content.
func sameLine(a, b Line) bool {
	return a.Kind == b.Kind && a.Rate == b.Rate && a.Dimension == b.Dimension && a.Class == b.Class &&
		a.Element == b.Element && a.Component == b.Component && a.When.equal(&b.When) &&
		slices.Equal(a.Taxes, b.Taxes) && a.Measured == b.Measured && a.Billed == b.Billed && a.Step == b.Step &&
		a.Price == b.Price && a.Tax == b.Tax && a.Exact == b.Exact && a.Amount == b.Amount
}
