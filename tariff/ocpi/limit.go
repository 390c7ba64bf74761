// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"

	"github.com/seed81979277/qrcharge/tariff"
)

// limit applies the minimum and the maximum of a tariff to what it charged. The
// amounts excluding and including tax are bound each for itself, so the tax
// between them need no longer be that of the components: one line has both
// differences. A minimum above the maximum does not count, in that amount.
func (s *statement) limit(t *Tariff, sum amount) error {
	root := (&conversion{from: t}).root()
	if t.Min.above(t.Max) {
		s.find(MinAboveMax, root+".min_price")
	}
	low, high := t.bounds()
	excl := bind(bind(sum.excl, 1, low.excl), -1, high.excl)
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

// bound is a limit on the amounts excluding and including tax, nil for none.
type bound struct{ excl, incl *Decimal }

// bounds returns the limits of a tariff. In each amount apart a minimum above
// the maximum is none.
func (t *Tariff) bounds() (low, high bound) {
	if t.Min != nil {
		low = bound{&t.Min.ExclTax, t.Min.InclTax}
	}
	if t.Max != nil {
		high = bound{&t.Max.ExclTax, t.Max.InclTax}
	}
	if larger(low.excl, high.excl) {
		low.excl = nil
	}
	if larger(low.incl, high.incl) {
		low.incl = nil
	}
	return low, high
}

// larger reports whether there are two amounts, and the first is the larger.
func larger(a, b *Decimal) bool { return a != nil && b != nil && ratOf(*a).Cmp(ratOf(*b)) > 0 }

// inclusive returns the amount with taxes under the limits. Where they do not
// give one, or the profile does not look at it, taxes follow in proportion.
func (s *statement) inclusive(low, high bound, sum amount, excl *big.Rat) *big.Rat {
	incl := sum.incl
	moved := excl.Cmp(sum.excl)
	binding := low
	if moved < 0 {
		binding = high
	}
	if moved != 0 && (s.course.profile.Limits == NetOnly || binding.incl == nil) {
		if incl = excl; sum.excl.Sign() != 0 {
			incl = new(big.Rat).Mul(new(big.Rat).Quo(sum.incl, sum.excl), excl)
		}
	}
	if s.course.profile.Limits == NetOnly {
		return incl
	}
	return bind(bind(incl, 1, low.incl), -1, high.incl)
}

// bind returns an amount, or the limit where the amount is beyond it: below for
// sign 1, above for sign -1.
func bind(r *big.Rat, sign int, limit *Decimal) *big.Rat {
	if limit == nil {
		return r
	}
	if limit := ratOf(*limit); limit.Cmp(r) == sign {
		return limit
	}
	return r
}

// above reports whether a minimum is above a maximum, in either amount.
func (l *PriceLimit) above(high *PriceLimit) bool {
	if l == nil || high == nil {
		return false
	}
	return larger(&l.ExclTax, &high.ExclTax) || larger(l.InclTax, high.InclTax)
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
