// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// statement collects what the tariffs of a CDR charge.
type statement struct {
	course *course
	result *Result
	total  amount
	parts  []part
	fired  [2]bool // flat fees: of the session, of the reservation
}

// amount is an exact cost.
type amount struct {
	excl, incl *big.Rat
	unknown    bool // incl means nothing
}

func newAmount() amount { return amount{excl: new(big.Rat), incl: new(big.Rat)} }

func (a *amount) add(b amount) {
	a.excl.Add(a.excl, b.excl)
	a.incl.Add(a.incl, b.incl)
	a.unknown = a.unknown || b.unknown
}

// part is the cost of a dimension.
type part struct {
	name     string
	quantity *big.Rat // in 10^-scale of its unit
	scale    uint8
	unit     string
	amount
}

// The parts in order.
var partNames = []string{EnergyCost, TimeCost, ParkingCost, FlatCost, ReservationCost, LimitCost}

func newStatement(c *course) *statement {
	s := &statement{course: c, total: newAmount()}
	s.result = &Result{Currency: c.cdr.Currency, Decimals: c.profile.decimals()}
	for _, name := range partNames {
		p := part{name: name, quantity: new(big.Rat), amount: newAmount()}
		switch name {
		case EnergyCost:
			p.unit, p.scale = "kWh", 6
		case TimeCost, ParkingCost, ReservationCost:
			p.unit, p.scale = "s", c.fine
		}
		s.parts = append(s.parts, p)
	}
	return s
}

// flats drops the flat fees that were paid under an earlier tariff, and the
// reservation's where the profile wants one in all.
func (s *statement) flats(sh *share) {
	t := sh.plan.Tariff()
	reserved := func(index int) bool { return elementAt(t, index).When.Reservation != tariff.NoReservation }
	flats := sh.quantities.Flats
	if s.course.profile.Flats == OncePerSession && (s.fired[0] || slices.ContainsFunc(flats, func(i int) bool { return !reserved(i) })) {
		flats = slices.DeleteFunc(flats, reserved)
	}
	before := s.fired
	flats = slices.DeleteFunc(flats, func(i int) bool { return before[ordinal(reserved(i))] })
	for _, index := range flats {
		s.fired[ordinal(reserved(index))] = true
	}
	sh.quantities.Flats = flats
}

func ordinal(b bool) int {
	if b {
		return 1
	}
	return 0
}

// share adds what a tariff charges, and then its limits.
func (s *statement) share(sh *share, lines []charge) error {
	sum := newAmount()
	sum.unknown = len(lines) == 0 && s.unknown(sh.from)
	for i := range lines {
		a, err := s.charge(sh, &lines[i])
		if err != nil {
			return err
		}
		sum.add(a)
	}
	if sum.unknown {
		s.course.findings = append(s.course.findings, Finding{(&conversion{from: sh.from}).root(), tariff.Info, TaxUnknown, ""})
	}
	s.total.add(sum)
	return s.limit(sh.from, sum)
}

// charge adds a line.
func (s *statement) charge(sh *share, l *charge) (amount, error) {
	c, when := componentAt(sh.normal, l.index), &elementAt(sh.normal, l.index).When
	scale, unit := uint8(0), ""
	switch c.Dimension {
	case tariff.Energy:
		unit, scale = "kWh", 6
	case tariff.TimeSpent, tariff.IdleTime:
		unit, scale = "s", sh.fine
	}
	a := s.taxed(sh.from, c.Taxes, l.exact)
	cost, err := s.cost(a)
	if err != nil {
		return a, err
	}
	measured, err := quantityOf(l.measured, scale)
	if err != nil {
		return a, err
	}
	billed, err := quantityOf(l.billed, scale)
	if err != nil {
		return a, err
	}
	p := &s.parts[slices.Index(partNames, partOf(c.Dimension, when))]
	s.result.Lines = append(s.result.Lines, Line{Kind: Charge, Dimension: p.name, Tariff: sh.from.ID,
		Measured: measured, Billed: billed, Unit: unit,
		Price:       tariff.Money{Units: c.Price, Scale: sh.normal.Scale, Currency: s.result.Currency},
		TaxIncluded: sh.from.TaxIncluded == TaxYes, Taxes: c.Taxes, Windows: when.Windows, When: unlabel(*when), Cost: cost})
	if unit == p.unit {
		p.quantity.Add(p.quantity, l.billed)
	}
	p.add(a)
	return a, nil
}

// quantityOf returns a quantity in units of 10^-scale as a decimal. Where it is
// no whole number of them it is rounded, a time to a decimal of maxFine.
func quantityOf(r *big.Rat, scale uint8) (Decimal, error) {
	finer := uint8(0)
	if !r.IsInt() && scale < maxFine {
		finer = maxFine - scale
	}
	units, err := round(r, finer, tariff.HalfUp)
	return Decimal{units, scale + finer}.trim(), err
}

// partOf names the part of the cost that a component belongs to.
func partOf(d tariff.Dimension, when *tariff.Restrictions) string {
	switch {
	case when.Reservation != tariff.NoReservation:
		return ReservationCost
	case d == tariff.Energy:
		return EnergyCost
	case d == tariff.TimeSpent:
		return TimeCost
	case d == tariff.IdleTime:
		return ParkingCost
	}
	return FlatCost
}

// taxed returns a charge without and with its tax.
func (s *statement) taxed(t *Tariff, taxes []tariff.Tax, exact *big.Rat) amount {
	a := amount{excl: new(big.Rat).Set(exact), incl: new(big.Rat).Set(exact)}
	if len(taxes) == 0 {
		a.unknown = s.unknown(t) && (a.excl.Sign() != 0 || !t.taxed()) // any tax on nothing is nothing
		return a
	}
	if rate := ratio(100_000+int64(taxes[0].Rate), 100_000); t.TaxIncluded == TaxYes {
		a.excl.Quo(a.excl, rate)
	} else {
		a.incl.Mul(a.incl, rate)
	}
	return a
}

// unknown reports whether a price without a VAT leaves the tax open.
func (s *statement) unknown(t *Tariff) bool {
	switch s.course.profile.MissingTax {
	case NoTax:
		return false
	case UnknownTax:
		return true
	}
	switch t.TaxIncluded {
	case TaxNo:
		return true
	case TaxYes, TaxNotApplicable:
		return false
	}
	return s.course.cdr.Version == V211 && !t.taxed()
}

// taxed reports whether a tariff speaks of taxes at all, allTaxed whether it
// does for each price.
func (t *Tariff) taxed() bool { return t.anyPrice(func(c PriceComponent) bool { return c.VAT != nil }) }
func (t *Tariff) allTaxed() bool {
	return !t.anyPrice(func(c PriceComponent) bool { return c.VAT == nil })
}

func (t *Tariff) anyPrice(f func(PriceComponent) bool) bool {
	return slices.ContainsFunc(t.Elements, func(e Element) bool { return slices.ContainsFunc(e.Components, f) })
}

// cost rounds an amount.
func (s *statement) cost(a amount) (c Cost, err error) {
	c.TaxUnknown = a.unknown
	if c.ExclTax, c.ExactExcl, err = s.money(a.excl); err != nil || a.unknown {
		return c, err
	}
	c.InclTax, c.ExactIncl, err = s.money(a.incl)
	return c, err
}

func (s *statement) money(r *big.Rat) (m tariff.Money, e tariff.Exact, err error) {
	m = tariff.Money{Scale: s.result.Decimals, Currency: s.result.Currency}
	if m.Units, err = round(r, m.Scale, s.course.profile.mode()); err == nil {
		e, err = exact(r)
	}
	if err != nil {
		return m, e, s.course.fail(err, "total_cost")
	}
	return m, e, nil
}
