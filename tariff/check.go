// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"math"
)

// Check reports the first thing that makes t no tariff: an [*Error] with its
// path around [ErrRules], [ErrCurrency], [ErrScale], [ErrRounding],
// [ErrElement], [ErrRate], [ErrWindow] or [ErrOverflow].
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

func (e *Element) check() error {
	if e.Rate > maxRate {
		return &Error{"Rate", ErrRate}
	}
	for i, w := range e.When.Windows {
		if w.From < 0 || w.From >= day || w.To < 0 || w.To > day || w.From == w.To%day && (w.From != 0 || w.To == 0) {
			return &Error{fmt.Sprintf("When.Windows[%d]", i), ErrWindow}
		}
	}
	return e.checkComponents()
}

func (e *Element) checkComponents() error {
	var seen [Service + 1]bool
	for i, c := range e.Components {
		known := c.Dimension == Energy && (c.Class == Electricity || c.Class == Service)
		if !known || seen[c.Class] {
			return &Error{fmt.Sprintf("Components[%d]", i), ErrElement}
		}
		if c.Price == math.MinInt64 {
			return &Error{fmt.Sprintf("Components[%d].Price", i), ErrOverflow}
		}
		seen[c.Class] = true
	}
	if len(e.Components) == 0 {
		return &Error{"Components", ErrElement}
	}
	return nil
}
