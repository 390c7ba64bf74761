// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

// Check validates a bill from itself alone: every charge is its quantity times
// its unit price, rounded once; the order and the labels of the lines are those
// of a normal form; steps, roundings, limit, taxes, waiver and totals follow
// from the charges. What it cannot know is whether the tariff was the right
// one, and of caps and a binding limit only whether they can be. It returns an
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
	if err := b.checkSteps(charges); err != nil {
		return err
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
	if b.Limit.Min < 0 || b.Limit.Max < 0 || b.Limit.Min > 0 && b.Limit.Max > 0 {
		return &Error{"Limit", ErrBill}
	}
	return nil
}

// checkCharge checks line i alone and against the charge before it.
func (b *Bill) checkCharge(i int) error {
	l := &b.Lines[i]
	label := Element{Rate: l.Rate, When: l.When,
		Components: []Component{{Dimension: l.Dimension, Class: l.Class, Price: l.Price.Units, Step: l.Step, Taxes: l.Taxes}}}
	if err := label.check(); err != nil {
		return err
	}
	if !slices.Equal(l.Taxes, sortedTaxes(l.Taxes)) {
		return &Error{"Taxes", ErrBill}
	}
	if l.Tax != (Tax{}) {
		return &Error{"Tax", ErrBill}
	}
	most := [stepGroups]int64{Energy: 2 * (MaxEnergy + EnergyOverrun), TimeSpent: MaxDuration, IdleTime: MaxDuration,
		FlatFee: 1, Volume: MaxVolume + VolumeOverrun, reservedTime: 2 * MaxDuration}[l.stepGroup()]
	if l.Measured > most || l.Measured <= 0 && (l.Dimension != Energy || -l.Measured > most/2 || l.Measured == 0 && l.Step == 0) {
		return &Error{"Measured", ErrBill}
	}
	if surplus := l.Billed - l.Measured; surplus < 0 || surplus > 0 && surplus >= l.Step || surplus == 0 && l.Step != 0 {
		return &Error{"Billed", ErrBill}
	}
	if !b.follows(i) {
		return &Error{"Component", ErrBill}
	}
	if b.repeats(i) {
		return &Error{"When", ErrBill}
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
		return skips(l.Element, l.Component, l.alone())
	}
	before := &b.Lines[i-1]
	if l.Element != before.Element {
		alone := l.alone() || before.alone()
		return skips(l.Element-before.Element-1, l.Component-before.Component-1, alone) && l.Dimension >= before.Dimension
	}
	next := l.Component == before.Component+1 || l.alone() && l.Component > before.Component
	return next && l.Class > before.Class && l.Rate == before.Rate && l.Dimension == before.Dimension &&
		l.Measured == before.Measured && l.When.equal(&before.When)
}

// repeats reports whether a charge before line i has its restrictions, dimension
// and class: of two such elements only the first is ever selected.
func (b *Bill) repeats(i int) bool {
	l := &b.Lines[i]
	for j := range b.Lines[:i] {
		if o := &b.Lines[j]; o.Dimension == l.Dimension && o.Class == l.Class && o.When.equal(&l.When) {
			return true
		}
	}
	return false
}

// alone reports whether a line may stand without the others of its element: a
// flat fee, where its class has had one, or what a step alone adds, where all of
// the energy was fed back.
func (l *Line) alone() bool { return l.Dimension == FlatFee || l.Measured == 0 }

// skips reports whether so many elements left out can have so many components:
// one for each class, and beside lines alone also some of the elements on both sides.
func skips(elements, components int, alone bool) bool {
	most := int(OtherFee) * elements
	if alone {
		most += 2 * int(OtherFee-1)
	}
	return 0 <= elements && elements <= components && components <= most
}

// checkAmount recomputes a charge.
func (b *Bill) checkAmount(l *Line, scale uint8) error {
	if l.Price.Scale != scale || scale > MaxPriceScale || l.Price.Currency != b.Net.Currency {
		return &Error{"Price", ErrBill}
	}
	per := [dimensions]uint64{Energy: 1_000_000, TimeSpent: 3600, IdleTime: 3600, FlatFee: 1, Volume: 1000}[l.Dimension]
	if l.Exact != newExact(product(l.Billed, l.Price.Units), mul64(per, pow10(scale))) {
		return &Error{"Exact", ErrBill}
	}
	return b.checkRounded(l)
}

// checkRounded holds the amount of a line to its exact one.
func (b *Bill) checkRounded(l *Line) error {
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

// checkSteps holds what steps added to the sums of their groups: one line of a
// group has all of it, and makes the sum a multiple of its step; of time beside
// idle time none has any.
func (b *Bill) checkSteps(charges int) error {
	for i := range b.Lines[:charges] {
		l := &b.Lines[i]
		if l.Step == 0 {
			continue
		}
		var sum int64
		for j := range b.Lines[:charges] {
			o := &b.Lines[j]
			if o.Class != l.Class || o.stepGroup() != l.stepGroup() {
				if o.Class == l.Class && l.stepGroup() == TimeSpent && o.Dimension == IdleTime {
					return &Error{fmt.Sprintf("Lines[%d].Step", i), ErrBill}
				}
				continue
			}
			if sum += o.Billed; o.Step != 0 && j != i {
				return &Error{fmt.Sprintf("Lines[%d].Step", i), ErrBill}
			}
		}
		if sum <= 0 || sum%l.Step != 0 {
			return &Error{fmt.Sprintf("Lines[%d].Step", i), ErrBill}
		}
	}
	return nil
}

// stepGroup returns the group in which a charge's step rounds.
func (l *Line) stepGroup() Dimension {
	if l.When.Reservation != NoReservation && l.Dimension == TimeSpent {
		return reservedTime
	}
	return l.Dimension
}
