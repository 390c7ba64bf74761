// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// typeOf are the types of OCPI by dimension.
var typeOf = [...]string{tariff.Energy: "ENERGY", tariff.TimeSpent: "TIME", tariff.IdleTime: "PARKING_TIME", tariff.FlatFee: "FLAT", tariff.Volume: ""}

// components joins the components of each dimension.
func (o *origin) components(e *tariff.Element, path string) (out []PriceComponent, err error) {
	for j := range e.Components {
		c := &e.Components[j]
		at := fmt.Sprintf("%s.Components[%d]", path, j)
		p, err := o.component(c, at)
		if err != nil {
			return nil, err
		}
		k := slices.IndexFunc(out, func(q PriceComponent) bool { return q.Type == p.Type })
		if k < 0 {
			out = append(out, p)
			continue
		}
		first := e.Components[slices.IndexFunc(e.Components, func(q tariff.Component) bool { return q.Dimension == c.Dimension })]
		if c.Step != first.Step || !slices.Equal(c.Taxes, first.Taxes) {
			return nil, fail(ErrInexpressible, "%s", at)
		}
		if out[k].Price, err = out[k].Price.plus(p.Price); err != nil {
			return nil, fail(err, "%s.Price", at)
		}
		o.find(FeesJoined, p.Type, "%s", at)
	}
	return out, nil
}

func (o *origin) component(c *tariff.Component, path string) (p PriceComponent, err error) {
	p = PriceComponent{Type: typeOf[c.Dimension], Price: Decimal{c.Price, o.from.Scale}, StepSize: c.Step}
	switch {
	case p.Type == "":
		return p, fail(ErrInexpressible, "%s.Dimension", path)
	case c.Dimension == tariff.FlatFee:
		p.StepSize = 1
	case c.Dimension == tariff.Energy && c.Step%1000 != 0:
		return p, fail(ErrInexpressible, "%s.Step", path)
	case c.Dimension == tariff.Energy:
		p.StepSize = c.Step / 1000
	}
	if len(c.Taxes) > 1 {
		return p, fail(ErrInexpressible, "%s.Taxes[1]", path)
	}
	for _, tax := range c.Taxes {
		vat := Decimal{int64(tax.Rate), 3}.trim()
		p.VAT = &vat
		if tax.Name != vatName {
			o.find(TextLost, tax.Name, "%s.Taxes[0].Name", path)
		}
	}
	return p, nil
}

// restrictionsOf converts restrictions but for the times of day.
func restrictionsOf(w *tariff.Restrictions, path string) (r Restrictions, err error) {
	r = Restrictions{Days: w.Days, Reservation: w.Reservation, StartDate: dateText(w.From), EndDate: dateText(w.Until)}
	for _, f := range [...]struct {
		span tariff.Span
		name string
	}{{w.Time, "Time"}, {w.Volume, "Volume"}, {w.Idle, "Idle"}} {
		if f.span != (tariff.Span{}) {
			return r, fail(ErrInexpressible, "%s.%s", path, f.name)
		}
	}
	r.MinKWh, r.MaxKWh = bounds(w.Energy, 6)
	r.MinPower, r.MaxPower = bounds(w.Power, 3)
	r.MinCurrent, r.MaxCurrent = bounds(w.Current, 3)
	if w.Duration.Min > 0 {
		r.MinDuration = &w.Duration.Min
	}
	if w.Duration.Max > 0 {
		r.MaxDuration = &w.Duration.Max
	}
	return r, nil
}

func bounds(s tariff.Span, scale uint8) (low, high *Decimal) {
	if s.Min > 0 {
		d := Decimal{s.Min, scale}.trim()
		low = &d
	}
	if s.Max > 0 {
		d := Decimal{s.Max, scale}.trim()
		high = &d
	}
	return low, high
}
