// SPDX-License-Identifier: Apache-2.0

package tariff

import "fmt"

const slot = day / 48 // half an hour

// Grid is the tariff of the Chinese market: the day in 48 half hours, each
// under one of up to eight rates, each rate with an electricity and a service
// fee per kWh. It is a way to write a [Tariff], not another kind of one.
type Grid struct {
	Slots    [48]uint8  // index into Rates of the half hour from 30×i minutes on
	Rates    []GridRate // 1 to 8, each used by a slot, no name twice
	Scale    uint8      // decimals of the prices, at most MaxPriceScale
	Rounding Rounding
}

// GridRate is one rate of a grid.
type GridRate struct {
	Name                 Rate
	Electricity, Service int64 // in units of 10^-Scale per kWh
}

// FromGrid returns the tariff of a grid in its normal form. It fails with
// [ErrGrid] where the number of rates is not 1 to 8 or a slot names none of
// them, with [ErrRate] for a rate that no slot uses or a name given twice, and
// as [Tariff.Check] does. Rates without a name may be several.
func FromGrid(g Grid, currency Currency) (*Tariff, error) {
	if len(g.Rates) < 1 || len(g.Rates) > maxRate {
		return nil, &Error{"Rates", ErrGrid}
	}
	t := &Tariff{Rules: Rules1, Currency: currency, Scale: g.Scale, Rounding: g.Rounding}
	t.Elements = make([]Element, len(g.Rates))
	var named [maxRate + 1]bool
	for i, r := range g.Rates {
		if r.Name > maxRate || r.Name != 0 && named[r.Name] {
			return nil, &Error{fmt.Sprintf("Rates[%d].Name", i), ErrRate}
		}
		named[r.Name] = true
		t.Elements[i] = Element{Rate: r.Name, Components: []Component{
			{Dimension: Energy, Class: Electricity, Price: r.Electricity},
			{Dimension: Energy, Class: Service, Price: r.Service}}}
	}
	if err := g.windows(t.Elements); err != nil {
		return nil, err
	}
	return t.Normalize()
}

// windows gives each element the slots of its rate.
func (g *Grid) windows(elements []Element) error {
	for i, s := range g.Slots {
		if int(s) >= len(elements) {
			return &Error{fmt.Sprintf("Slots[%d]", i), ErrGrid}
		}
		elements[s].extend(Window{int32(i) * slot, int32(i+1) * slot})
	}
	for i := range elements {
		if len(elements[i].When.Windows) == 0 {
			return &Error{fmt.Sprintf("Rates[%d]", i), ErrRate}
		}
	}
	return nil
}

// Grid returns t as a grid, and false where it is none: where a price changes
// within a half hour, some part of the day has no price or only one of the two
// fees, there are more than eight rates, one name has two prices, or where
// there are other fees, restrictions, steps, taxes or limits. For every
// t that is one, FromGrid(t.Grid()) is the normal form of t.
func (t *Tariff) Grid() (Grid, bool) {
	n, err := t.Normalize()
	if err != nil || len(n.Elements) > maxRate || !n.gridOnly() {
		return Grid{}, false
	}
	g := Grid{Scale: n.Scale, Rounding: n.Rounding}
	filled := 0
	for i, e := range n.Elements {
		twice := i > 0 && e.Rate != 0 && e.Rate == n.Elements[i-1].Rate
		if twice || len(e.Components) != 2 || !e.When.halfHours() {
			return Grid{}, false
		}
		filled += g.fill(uint8(i), e.When)
		g.Rates = append(g.Rates, GridRate{e.Rate, e.Components[0].Price, e.Components[1].Price})
	}
	return g, filled == len(g.Slots)
}

// gridOnly reports whether a normal form has nothing that a grid cannot say.
func (t *Tariff) gridOnly() bool {
	if t.TaxIncluded || t.Limit != (PriceLimit{}) || t.Idle != (IdleRule{}) {
		return false
	}
	for i := range t.Elements {
		if !t.Elements[i].When.plain() {
			return false
		}
	}
	return t.every(func(c *Component) bool {
		return c.Dimension == Energy && c.Class <= Service && c.Step == 0 && len(c.Taxes) == 0
	})
}

// halfHours reports whether every edge is at a half hour.
func (r Restrictions) halfHours() bool {
	for _, w := range r.Windows {
		if w.From%slot != 0 || w.To%slot != 0 {
			return false
		}
	}
	return true
}

// fill marks the slots in which the restrictions hold and counts them.
func (g *Grid) fill(rate uint8, r Restrictions) (filled int) {
	for i := range g.Slots {
		if r.hold(int32(i) * slot) {
			g.Slots[i] = rate
			filled++
		}
	}
	return filled
}
