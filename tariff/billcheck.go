// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

// Check validates a bill from itself alone: every charge is its quantity times
// its unit price, rounded once; the order and the labels of the lines are those
// of a normal form; roundings, waiver and totals follow from the charges. What
// it cannot know is whether the tariff was the right one. It returns an
// [*Error] around [ErrBill], or around the error of a bad policy or amount.
func (b *Bill) Check() error {
	if b.Rules != Rules1 {
		return &Error{"Rules", ErrRules}
	}
	if err := b.Rounding.check(); err != nil {
		return within("Rounding", err)
	}
	if err := b.checkMoney(); err != nil {
		return err
	}
	charges := 0
	for charges < len(b.Lines) && b.Lines[charges].Kind == ChargeLine {
		if err := b.checkCharge(charges); err != nil {
			return within(fmt.Sprintf("Lines[%d]", charges), err)
		}
		charges++
	}
	return b.checkTotals(charges)
}

// checkMoney holds the four totals to one currency and one scale.
func (b *Bill) checkMoney() error {
	if _, ok := b.Net.Currency.Exponent(); !ok {
		return &Error{"Net.Currency", ErrCurrency}
	}
	if b.Net.Scale > MaxPriceScale || b.Net.Scale < b.Rounding.Payable {
		return &Error{"Net.Scale", ErrScale}
	}
	for _, m := range [...]struct {
		name string
		Money
	}{{"Gross", b.Gross}, {"Payable", b.Payable}, {"Waived", b.Waived}} {
		if m.Currency != b.Net.Currency || m.Scale != b.Net.Scale {
			return &Error{m.name, ErrBill}
		}
	}
	if b.Gross != b.Net {
		return &Error{"Gross", ErrBill}
	}
	return nil
}

// checkCharge checks line i alone and against the charge before it.
func (b *Bill) checkCharge(i int) error {
	l := &b.Lines[i]
	label := Element{Rate: l.Rate, When: Restrictions{l.Windows},
		Components: []Component{{l.Dimension, l.Class, l.Price.Units}}}
	if err := label.check(); err != nil {
		return err
	}
	if l.Measured <= 0 || l.Measured > MaxEnergy+EnergyOverrun {
		return &Error{"Measured", ErrBill}
	}
	if l.Billed != l.Measured {
		return &Error{"Billed", ErrBill}
	}
	if !b.follows(i) {
		return &Error{"Component", ErrBill}
	}
	return b.checkAmount(l, b.Lines[0].Price.Scale)
}

// follows reports whether line i may stand after line i-1: all components of an
// element, then those of a later element, in the order of the normal form.
func (b *Bill) follows(i int) bool {
	l := &b.Lines[i]
	if l.Element < 0 || l.Element >= MaxElements {
		return false
	}
	if i == 0 {
		return skips(l.Element, l.Component)
	}
	before := &b.Lines[i-1]
	if l.Element == before.Element {
		return l.Component == before.Component+1 && l.Class > before.Class && l.Rate == before.Rate &&
			l.Measured == before.Measured && slices.Equal(l.Windows, before.Windows)
	}
	start := Restrictions{l.Windows}.start() - Restrictions{before.Windows}.start()
	return skips(l.Element-before.Element-1, l.Component-before.Component-1) &&
		(l.Rate > before.Rate || l.Rate == before.Rate && start > 0)
}

// skips reports whether so many elements left out can have so many components:
// one or two each.
func skips(elements, components int) bool {
	return 0 <= elements && elements <= components && components <= 2*elements
}

// checkAmount recomputes a charge.
func (b *Bill) checkAmount(l *Line, scale uint8) error {
	if l.Price.Scale != scale || scale > MaxPriceScale || l.Price.Currency != b.Net.Currency {
		return &Error{"Price", ErrBill}
	}
	if l.Exact != newExact(product(l.Billed, l.Price.Units), mul64(1_000_000, pow10(scale))) {
		return &Error{"Exact", ErrBill}
	}
	units, err := l.Exact.round(b.Net.Scale, b.Rounding.Mode)
	if err != nil {
		return within("Exact", err)
	}
	if l.Amount != b.money(units) {
		return &Error{"Amount", ErrBill}
	}
	return nil
}

func (b *Bill) money(units int64) Money {
	return Money{Units: units, Scale: b.Net.Scale, Currency: b.Net.Currency}
}

// checkTotals derives the lines after the charges and the totals anew.
func (b *Bill) checkTotals(charges int) error {
	want, exact, err := b.residues(charges)
	if err != nil {
		return within("Lines", err)
	}
	if b.Exact != exact {
		return &Error{"Exact", ErrBill}
	}
	net, err := sumAmounts(b.money(0), b.Lines[:charges], want)
	if err != nil {
		return within("Lines", err)
	}
	if b.Net != net {
		return &Error{"Net", ErrBill}
	}
	cost, err := roundDecimals(net.Units, net.Scale, b.Rounding)
	if err != nil {
		return within("Payable", err)
	}
	if rest, ok := (product(cost, 1).add(product(net.Units, -1))).int64(); !ok {
		return &Error{"Payable", ErrOverflow}
	} else if rest != 0 {
		want = append(want, Line{Kind: PayableLine, Amount: b.money(rest)})
	}
	if b.Waived.Units > 0 {
		want = append(want, Line{Kind: WaivedLine, Amount: b.money(-b.Waived.Units)})
	}
	return b.checkTail(charges, want, cost)
}

// checkTail compares the lines after the charges, and what is left to pay.
func (b *Bill) checkTail(charges int, want []Line, cost int64) error {
	if !slices.EqualFunc(b.Lines[charges:], want, sameLine) {
		return &Error{fmt.Sprintf("Lines[%d:]", charges), ErrBill}
	}
	step := int64(pow10(b.Net.Scale - b.Rounding.Payable))
	if b.Waived.Units < 0 || b.Waived.Units > max(0, cost) || b.Waived.Units%step != 0 {
		return &Error{"Waived", ErrBill}
	}
	if b.Payable.Units != cost-b.Waived.Units {
		return &Error{"Payable", ErrBill}
	}
	return nil
}

// residues returns the residue lines that the charges call for, and their exact sum.
func (b *Bill) residues(charges int) (lines []Line, exact Exact, err error) {
	for i := range b.Lines[:charges] {
		if exact, err = exact.add(b.Lines[i].Exact); err != nil {
			return nil, exact, err
		}
	}
	switch b.Rounding.Unit {
	case PerSession:
		lines, err = b.appendResidue(lines, 0, charges)
	case PerGroup:
		for class := Electricity; class <= Service && err == nil; class++ {
			lines, err = b.appendResidue(lines, class, charges)
		}
	}
	return lines, exact, err
}

// appendResidue appends the residue line of a class, or of all for class 0.
func (b *Bill) appendResidue(lines []Line, class Class, charges int) ([]Line, error) {
	var exact Exact
	var rounded signed
	var err error
	for i := range b.Lines[:charges] {
		l := &b.Lines[i]
		if class != 0 && l.Class != class {
			continue
		}
		if exact, err = exact.add(l.Exact); err != nil {
			return nil, err
		}
		rounded = rounded.add(product(l.Amount.Units, -1))
	}
	units, err := exact.round(b.Net.Scale, b.Rounding.Mode)
	if err != nil {
		return nil, err
	}
	rest, ok := rounded.add(product(units, 1)).int64()
	switch {
	case !ok:
		return nil, ErrOverflow
	case rest == 0:
		return lines, nil
	}
	return append(lines, Line{Kind: ResidueLine, Class: class, Amount: b.money(rest)}), nil
}

// sumAmounts adds the amounts of all lines to a sum.
func sumAmounts(sum Money, lists ...[]Line) (Money, error) {
	var err error
	for _, lines := range lists {
		for i := range lines {
			if sum, err = sum.Add(lines[i].Amount); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// sameLine compares two lines, windows by content.
func sameLine(a, b Line) bool {
	return a.Kind == b.Kind && a.Rate == b.Rate && a.Dimension == b.Dimension && a.Class == b.Class &&
		a.Element == b.Element && a.Component == b.Component && slices.Equal(a.Windows, b.Windows) &&
		a.Measured == b.Measured && a.Billed == b.Billed && a.Price == b.Price && a.Exact == b.Exact && a.Amount == b.Amount
}
