// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"math"
	"slices"
)

// Check reports the first thing that makes t no tariff: an [*Error] with its
// path around [ErrRules], [ErrCurrency], [ErrScale], [ErrRounding],
// [ErrElement], [ErrRate], [ErrWindow], [ErrRestriction], [ErrStep], [ErrTax],
// [ErrLimit], [ErrIdle] or [ErrOverflow].
func (t *Tariff) Check() error {
	if t.Rules != Rules1 {
		return &Error{"Rules", ErrRules}
	}
	if _, ok := t.Currency.Exponent(); !ok {
		return &Error{"Currency", ErrCurrency}
	}
	if t.Scale > MaxPriceScale {
		return &Error{"Scale", ErrScale}
	}
	if err := t.Rounding.check(); err != nil {
		return within("Rounding", err)
	}
	if len(t.Elements) == 0 || len(t.Elements) > MaxElements {
		return &Error{"Elements", ErrElement}
	}
	windows := 0
	for i := range t.Elements {
		if windows += len(t.Elements[i].When.Windows); windows > MaxWindows {
			return &Error{fmt.Sprintf("Elements[%d].When.Windows", i), ErrWindow}
		}
		if err := t.Elements[i].check(); err != nil {
			return within(fmt.Sprintf("Elements[%d]", i), err)
		}
	}
	return t.checkRules()
}

// checkRules checks what holds for the session as a whole.
func (t *Tariff) checkRules() error {
	if t.Limit.Min < 0 {
		return &Error{"Limit.Min", ErrLimit}
	}
	if t.Limit.Max < 0 {
		return &Error{"Limit.Max", ErrLimit}
	}
	if _, err := t.groups(); err != nil {
		return err
	}
	return t.checkIdle()
}

func (t *Tariff) checkIdle() error {
	r := &t.Idle
	switch {
	case r.Grace < 0 || r.Grace > MaxDuration:
		return &Error{"Idle.Grace", ErrIdle}
	case r.SessionCap < 0:
		return &Error{"Idle.SessionCap", ErrIdle}
	case r.PeriodCap < 0 || r.PeriodCap > math.MaxInt64/3600:
		return &Error{"Idle.PeriodCap", ErrIdle}
	case r.Period > PerLocalDay || (r.Period == NoPeriod) != (r.PeriodCap == 0):
		return &Error{"Idle.Period", ErrIdle}
	case r.SessionCap == 0 && r.PeriodCap == 0:
		return nil
	}
	var first *Component
	for i := range t.Elements {
		for j := range t.Elements[i].Components {
			c := &t.Elements[i].Components[j]
			if c.Dimension != IdleTime || c.Class != Occupancy {
				continue
			}
			if first == nil {
				first = c
			}
			if c.Price < 0 || !slices.Equal(c.Taxes, first.Taxes) {
				return &Error{fmt.Sprintf("Elements[%d].Components[%d]", i, j), ErrIdle}
			}
		}
	}
	return nil
}

func (r Rounding) check() error {
	switch {
	case r.Unit < PerSession || r.Unit > PerComponent:
		return &Error{"Unit", ErrRounding}
	case r.Mode < HalfUp || r.Mode > Down:
		return &Error{"Mode", ErrRounding}
	case r.Payable > MaxPriceScale:
		return &Error{"Payable", ErrScale}
	}
	return nil
}
