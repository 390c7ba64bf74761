// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// Model returns t as a tariff of package tariff, whose bills have the decimals
// and the rounding of p. ENERGY is of class [tariff.Electricity], all else of
// class [tariff.Service], so that the steps of TIME and PARKING_TIME meet.
//
// Package tariff has one native limit. Where t limits the amounts excluding and
// including tax so that neither follows from the other, or from above and below
// in different ways, the error is [ErrInexpressible]; [Price] applies them all
// the same, and so it does with more elements than [tariff.MaxElements], which
// are [tariff.ErrElement] here. Switches of p that are no property of a tariff but of a price
// (Straddle, Multiple, Absorb, Flats, Labels, Origin, MissingTax, Hours, NoID,
// Expiry, Limits) have no influence here.
func (t *Tariff) Model(p Profile) (*tariff.Tariff, []Finding, error) {
	if err := p.Check(); err != nil {
		return nil, nil, err
	}
	c := &conversion{from: t, profile: p}
	m, err := c.model()
	if err != nil {
		return nil, nil, err
	}
	if m.Limit, err = c.nativeLimit(m); err != nil {
		return nil, nil, err
	}
	return m, c.findings, nil
}

// conversion makes a model of a tariff. The switches are for prices: they
// change the model so that the engine decides as a profile says.
type conversion struct {
	from      *Tariff
	profile   Profile
	labels    bool // shift power and current by one, so that 0 is "not told"
	noPower   bool // not told meets every restriction of power
	noCurrent bool
	noSteps   bool
	reach     *reach
	idleApart bool // parking time in a class of its own, without steps
	findings  []Finding
}

func (c *conversion) find(s tariff.Severity, code Code, hint, path string, args ...any) {
	c.findings = append(c.findings, Finding{c.root() + fmt.Sprintf(path, args...), s, code, hint})
}

func (c *conversion) fail(err error, path string, args ...any) error {
	return &Error{Path: c.root() + fmt.Sprintf(path, args...), Err: sentinel(err)}
}

func (c *conversion) root() string {
	if c.from.path == "" {
		return "$"
	}
	return c.from.path
}

func (c *conversion) model() (*tariff.Tariff, error) {
	t := c.from
	m := &tariff.Tariff{Rules: tariff.Rules1, Currency: t.Currency, TaxIncluded: t.TaxIncluded == TaxYes,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: c.profile.mode(), Payable: c.profile.decimals()}}
	var err error
	if m.Scale, err = c.scale(); err != nil {
		return nil, err
	}
	for i := range t.Elements {
		elements, err := c.element(i, m.Scale)
		if err != nil {
			return nil, err
		}
		m.Elements = append(m.Elements, elements...)
	}
	m.Elements = c.reach.shorten(m.Elements)
	if len(m.Elements) == 0 { // nothing ever matches: all is free
		m.Elements = []tariff.Element{{Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity}}}}
	}
	if c.profile.Selection == FirstElement {
		fill(m)
	}
	if err := m.Check(); err != nil {
		return nil, c.fail(err, ".elements")
	}
	return m, nil
}

// price returns a price as the profile reads it.
func (c *conversion) price(d Decimal) Decimal {
	if d = d.trim(); c.profile.Digits != FourDigits {
		return d
	}
	for d.Scale > 4 {
		last := d.Units % 10
		d.Units, d.Scale = d.Units/10, d.Scale-1
		if d.Scale == 4 && (last >= 5 || last <= -5) {
			d.Units += last / abs(last)
		}
	}
	return d
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

// scale returns the decimals that hold every price.
func (c *conversion) scale() (scale uint8, err error) {
	for i, e := range c.from.Elements {
		for j, component := range e.Components {
			d := c.price(component.Price)
			if d.Scale > tariff.MaxPriceScale {
				return 0, c.fail(ErrRange, ".elements[%d].price_components[%d].price", i, j)
			}
			scale = max(scale, d.Scale)
		}
	}
	for _, l := range [...]*PriceLimit{c.from.Min, c.from.Max} {
		if l != nil {
			scale = max(scale, min(l.ExclTax.trim().Scale, tariff.MaxPriceScale))
			if l.InclTax != nil {
				scale = max(scale, min(l.InclTax.trim().Scale, tariff.MaxPriceScale))
			}
		}
	}
	return scale, nil
}

// element returns what an element is in the model: nothing where it can never
// apply, several where the engine needs more than one to say the same.
func (c *conversion) element(i int, scale uint8) ([]tariff.Element, error) {
	e := &c.from.Elements[i]
	path := fmt.Sprintf(".elements[%d]", i)
	components, err := c.components(e, path, scale)
	if err != nil {
		return nil, err
	}
	whens, err := c.restrictions(&e.When, path+".restrictions")
	if err != nil {
		return nil, err
	}
	if len(components) == 0 || len(whens) == 0 {
		c.find(tariff.Warning, NeverApplies, "", "%s", path)
		return nil, nil
	}
	var out []tariff.Element
	for _, when := range whens {
		out = append(out, tariff.Element{When: when, Components: components})
	}
	return out, nil
}

func (c *conversion) components(e *Element, path string, scale uint8) (out []tariff.Component, err error) {
	var seen []string
	for j := range e.Components {
		from, path := &e.Components[j], fmt.Sprintf("%s.price_components[%d]", path, j)
		reserved := e.When.Reservation != tariff.NoReservation
		switch {
		case slices.Contains(seen, from.Type):
			c.find(tariff.Warning, SecondPrice, "", "%s", path)
			continue
		case reserved && from.Type != "TIME" && from.Type != "FLAT":
			c.find(tariff.Warning, NeverApplies, "", "%s", path)
			continue
		}
		seen = append(seen, from.Type)
		to, err := c.component(from, path, scale)
		if err != nil {
			return nil, err
		}
		out = append(out, to)
	}
	return out, nil
}

func (c *conversion) component(from *PriceComponent, path string, scale uint8) (to tariff.Component, err error) {
	units, ok := c.price(from.Price).at(scale)
	if !ok {
		return to, c.fail(ErrRange, "%s.price", path)
	}
	to = tariff.Component{Class: tariff.Service, Price: units, Step: from.StepSize}
	switch from.Type {
	case "ENERGY":
		to.Dimension, to.Class = tariff.Energy, tariff.Electricity
		if to.Step > maxEnergyStep {
			return to, c.fail(ErrRange, "%s.step_size", path)
		}
		to.Step *= 1000
	case "TIME":
		to.Dimension = tariff.TimeSpent
	case "PARKING_TIME":
		to.Dimension = tariff.IdleTime
		if c.idleApart {
			to.Class, to.Step = tariff.Occupancy, 0
		}
	case "FLAT":
		to.Dimension, to.Step = tariff.FlatFee, 0
	default:
		return to, c.fail(ErrValue, "%s.type", path)
	}
	if from.StepSize == 0 && from.Type != "FLAT" && c.profile.ZeroStep == StepRefused {
		return to, c.fail(ErrStep, "%s.step_size", path)
	}
	if c.noSteps {
		to.Step = 0
	}
	if to.Dimension != tariff.Energy && to.Step > maxStep {
		return to, c.fail(ErrRange, "%s.step_size", path)
	}
	to.Taxes, err = c.taxes(from, path)
	return to, err
}

// taxes returns the VAT of a component. One of 0 % is a tax too.
func (c *conversion) taxes(from *PriceComponent, path string) ([]tariff.Tax, error) {
	if from.VAT == nil {
		return nil, nil
	}
	rate, ok := from.VAT.at(3)
	if !ok || rate < 0 || rate > maxVAT {
		return nil, c.fail(ErrRange, "%s.vat", path)
	}
	if c.from.TaxIncluded == TaxNotApplicable {
		c.find(tariff.Warning, UnknownValue, "tax_included is N/A", "%s.vat", path)
		return nil, nil
	}
	return []tariff.Tax{{Name: vatName, Rate: int32(rate)}}, nil
}

const vatName = "VAT"

// What package tariff holds.
const (
	maxVAT        = 1_000_000 // 1000 % in thousandths
	maxEnergyStep = 1_000_000 // Wh
)

// fill gives every element a free component of each dimension that it lacks:
// then the first that matches decides for all.
func fill(m *tariff.Tariff) {
	var session, reserved []tariff.Component
	for _, e := range m.Elements {
		free := &session
		if e.When.Reservation != tariff.NoReservation {
			free = &reserved
		}
		for _, c := range e.Components {
			if !hasPair(*free, &c) {
				*free = append(*free, tariff.Component{Dimension: c.Dimension, Class: c.Class})
			}
		}
	}
	for i := range m.Elements {
		e := &m.Elements[i]
		free := session
		if e.When.Reservation != tariff.NoReservation {
			free = reserved
		}
		for _, c := range free {
			if !hasPair(e.Components, &c) {
				e.Components = append(slices.Clip(e.Components), c)
			}
		}
	}
}

func hasPair(list []tariff.Component, c *tariff.Component) bool {
	return slices.ContainsFunc(list, func(o tariff.Component) bool { return o.Dimension == c.Dimension && o.Class == c.Class })
}
