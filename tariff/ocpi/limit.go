// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"

	"github.com/seed81979277/qrcharge/tariff"
)

// limit applies the minimum and the maximum of a tariff to what it charged. The
// amounts excluding and including tax are bound each for itself, so the tax
// between them need no longer be that of the components: one line has both
// differences.
func (s *statement) limit(t *Tariff, sum amount) error {
	root := (&conversion{from: t}).root()
	low, high := t.Min, t.Max
	if low.above(high) {
		s.find(MinAboveMax, root+".min_price")
		low = nil
	}
	excl := low.bind(sum.excl, 1, exclOf)
	excl = high.bind(excl, -1, exclOf)
	incl := s.inclusive(low, high, sum, excl)
	off := amount{new(big.Rat).Sub(excl, sum.excl), new(big.Rat).Sub(incl, sum.incl), sum.unknown}
	if off.excl.Sign() == 0 && (off.unknown || off.incl.Sign() == 0) {
		return nil
	}
	if !sum.unknown && incl.Cmp(excl) < 0 && excl.Sign() > 0 {
		s.find(BelowTax, root)
	}
	cost, err := s.cost(off)
	if err != nil {
		return err
	}
	s.result.Lines = append(s.result.Lines, Line{Kind: Adjustment, Dimension: LimitCost, Tariff: t.ID, Cost: cost})
	s.parts[len(s.parts)-1].add(off)
	s.total.add(off)
	return nil
}

func (s *statement) find(code Code, path string) {
	s.course.findings = append(s.course.findings, Finding{path, tariff.Warning, code, ""})
}

// inclusive returns the amount with taxes under the limits. Where they do not
// give one, or the profile does not look at it, taxes follow in proportion.
func (s *statement) inclusive(low, high *PriceLimit, sum amount, excl *big.Rat) *big.Rat {
	incl := sum.incl
	moved := excl.Cmp(sum.excl)
	binding := low
	if moved < 0 {
		binding = high
	}
	if moved != 0 && (s.course.profile.Limits == NetOnly || binding.InclTax == nil) {
		if incl = excl; sum.excl.Sign() != 0 {
			incl = new(big.Rat).Mul(new(big.Rat).Quo(sum.incl, sum.excl), excl)
		}
	}
	if s.course.profile.Limits == NetOnly {
		return incl
	}
	return high.bind(low.bind(incl, 1, inclOf), -1, inclOf)
}

// exclOf and inclOf return one of the two amounts of a limit, nil where it is not given.
func exclOf(l *PriceLimit) *Decimal { return &l.ExclTax }
func inclOf(l *PriceLimit) *Decimal { return l.InclTax }

// bind returns an amount, or the limit where the amount is beyond it: below for
// sign 1, above for sign -1.
func (l *PriceLimit) bind(r *big.Rat, sign int, of func(*PriceLimit) *Decimal) *big.Rat {
	if l == nil || of(l) == nil {
		return r
	}
	if limit := ratOf(*of(l)); limit.Cmp(r) == sign {
		return limit
	}
	return r
}

// above reports whether a minimum is above a maximum, in either amount.
func (l *PriceLimit) above(high *PriceLimit) bool {
	if l == nil || high == nil {
		return false
	}
	return ratOf(l.ExclTax).Cmp(ratOf(high.ExclTax)) > 0 ||
		l.InclTax != nil && high.InclTax != nil && ratOf(*l.InclTax).Cmp(ratOf(*high.InclTax)) > 0
}

// finish sums up, and holds the CDR's own cost against the result.
func (s *statement) finish() (*Result, error) {
	r := s.result
	var err error
	if r.Total, err = s.cost(s.total); err != nil {
		return nil, err
	}
	for i := range s.parts {
		p := &s.parts[i]
		if !s.occurs(p.name) {
			continue
		}
		cost, err := s.cost(p.amount)
		if err != nil {
			return nil, err
		}
		quantity, err := quantityOf(p.quantity, p.scale)
		if err != nil {
			return nil, err
		}
		r.ByDimension = append(r.ByDimension, DimensionCost{p.name, quantity, p.unit, cost})
	}
	s.residue()
	s.compare()
	r.Findings = append(s.course.findings, r.Findings...)
	return r, nil
}

// occurs reports whether a line is of a dimension.
func (s *statement) occurs(name string) bool {
	for i := range s.result.Lines {
		if s.result.Lines[i].Dimension == name {
			return true
		}
	}
	return false
}

// residue appends what the total is more than its rounded lines.
func (s *statement) residue() {
	r := s.result
	l := Line{Kind: Rounding, Cost: Cost{ExclTax: r.Total.ExclTax, InclTax: r.Total.InclTax, TaxUnknown: r.Total.TaxUnknown}}
	for i := range r.Lines {
		l.Cost.ExclTax.Units -= r.Lines[i].Cost.ExclTax.Units
		l.Cost.InclTax.Units -= r.Lines[i].Cost.InclTax.Units
	}
	if l.Cost.TaxUnknown {
		l.Cost.InclTax = tariff.Money{}
	}
	if l.Cost.ExclTax.Units != 0 || l.Cost.InclTax.Units != 0 {
		r.Lines = append(r.Lines, l)
	}
}

// compare holds the cost that the CDR tells against the total.
func (s *statement) compare() {
	told, total := s.course.cdr.TotalCost, &s.result.Total
	if told == nil {
		return
	}
	if !near(told.ExclTax, s.total.excl) {
		s.result.Findings = append(s.result.Findings, Finding{s.course.cdr.at("total_cost"), tariff.Warning, CostDiffers, total.ExclTax.String()})
	}
	if told.InclTax != nil && !total.TaxUnknown && !near(*told.InclTax, s.total.incl) {
		s.result.Findings = append(s.result.Findings, Finding{s.course.cdr.at("total_cost"), tariff.Warning, CostDiffers, total.InclTax.String()})
	}
}
