// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"math"
)

func (e *Element) check() error {
	if e.Rate > maxRate {
		return &Error{"Rate", ErrRate}
	}
	if err := e.When.check(); err != nil {
		return within("When", err)
	}
	if len(e.Components) == 0 {
		return &Error{"Components", ErrElement}
	}
	var seen [dimensions][classes]bool
	for i := range e.Components {
		c := &e.Components[i]
		path := fmt.Sprintf("Components[%d]", i)
		known := Energy <= c.Dimension && c.Dimension < dimensions && Electricity <= c.Class && c.Class < classes
		if !known || seen[c.Dimension][c.Class] {
			return &Error{path, ErrElement}
		}
		seen[c.Dimension][c.Class] = true
		if e.When.Reservation != NoReservation && c.Dimension != TimeSpent && c.Dimension != FlatFee {
			return &Error{path + ".Dimension", ErrRestriction}
		}
		if err := c.check(); err != nil {
			return within(path, err)
		}
	}
	return nil
}

func (c *Component) check() error {
	switch {
	case c.Price == math.MinInt64:
		return &Error{"Price", ErrOverflow}
	case c.Step < 0 || c.Step > maxStep[c.Dimension]:
		return &Error{"Step", ErrStep}
	}
	return checkTaxes(c.Taxes)
}

// maxStep is the largest step of each dimension: 1 MWh, 31 days, 1000 m³.
var maxStep = [dimensions]int64{Energy: 1_000_000_000, TimeSpent: 31 * day, IdleTime: 31 * day, Volume: 1_000_000_000}

func checkTaxes(taxes []Tax) error {
	if len(taxes) > MaxTaxes {
		return &Error{"Taxes", ErrTax}
	}
	for i, tax := range taxes {
		path := fmt.Sprintf("Taxes[%d]", i)
		if tax.Rate < 0 || tax.Rate > 10*percent || tax.Stack > 3 || len(tax.Name) > 24 {
			return &Error{path, ErrTax}
		}
		for j := range len(tax.Name) {
			if tax.Name[j] < ' ' || tax.Name[j] > '~' {
				return &Error{path + ".Name", ErrTax}
			}
		}
	}
	return nil
}

func (r *Restrictions) check() error {
	for i, w := range r.Windows {
		if w.From < 0 || w.From >= day || w.To < 0 || w.To > day || w.From == w.To%day && (w.From != 0 || w.To == 0) {
			return &Error{fmt.Sprintf("Windows[%d]", i), ErrWindow}
		}
	}
	switch {
	case r.Days > allDays:
		return &Error{"Days", ErrRestriction}
	case r.From < 0 || r.From > maxTime/day:
		return &Error{"From", ErrRestriction}
	case r.Until < 0 || r.Until > maxTime/day || r.Until != 0 && r.Until <= r.From:
		return &Error{"Until", ErrRestriction}
	case r.Reservation > ExpiredReservation:
		return &Error{"Reservation", ErrRestriction}
	}
	for i, s := range r.spans() {
		if s.Min < 0 || s.Max < 0 || s.Min > MaxTier || s.Max > MaxTier || s.Max != 0 && s.Max <= s.Min {
			return &Error{spanNames[i], ErrRestriction}
		}
	}
	return nil
}
