// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// portion is a quantity in mWh or 10^-fine s: whole ones, and less than one,
// nil for none. Where periods are split few quantities are whole, and prices
// are exact.
type portion struct {
	whole int64
	rest  *big.Rat
}

// maxRest is how many bits the denominators of quantities have at most. Each is
// the product of the lengths of the periods that were split; with more, amounts
// would not fit [tariff.Exact].
const maxRest = 96

// portion returns what of an amount lies between two parts of it.
func (s *selector) portion(amount int64, from, to *big.Rat) portion {
	if amount == 0 {
		return portion{}
	}
	whole := portion{whole: floor(amount, to) - floor(amount, from)}
	rest := new(big.Rat).Sub(to, from)
	rest.Mul(rest, ratio(amount, 1))
	if rest.Sub(rest, ratio(whole.whole, 1)); rest.Sign() == 0 {
		return whole
	}
	if s.whole {
		s.rounded = true
		return whole
	}
	whole.rest = rest
	return whole
}

// floor returns amount × part, rounded down; part is from 0 to 1.
func floor(amount int64, part *big.Rat) int64 {
	v := new(big.Int).Mul(big.NewInt(amount), part.Num())
	return v.Quo(v, part.Denom()).Int64()
}

// none reports whether nothing was counted.
func (p *portion) none() bool { return p.whole == 0 && p.rest == nil }

// add adds q, and fails with [tariff.ErrOverflow] where the sum is too fine.
func (p *portion) add(q portion) error {
	p.whole += q.whole
	if q.rest == nil {
		return nil
	}
	if p.rest == nil {
		p.rest = new(big.Rat)
	}
	p.rest.Add(p.rest, q.rest)
	if p.rest.Denom().BitLen() > maxRest {
		return tariff.ErrOverflow
	}
	if p.rest.IsInt() {
		p.whole, p.rest = p.whole+p.rest.Num().Int64(), nil
	}
	return nil
}

// rat returns the quantity as a fraction.
func (p *portion) rat() *big.Rat {
	r := ratio(p.whole, 1)
	if p.rest != nil {
		r.Add(r, p.rest)
	}
	return r
}

// charge is what one component charges, in units of its dimension: mWh,
// 10^-fine s, or times that a flat fee is due.
type charge struct {
	index            int
	measured, billed *big.Rat
	exact            *big.Rat // billed times the price, without or with tax as the price is
}

// billed returns the lines of a bill of package tariff.
func (sh *share) billed(bill *tariff.Bill) (lines []charge) {
	for i := range bill.Lines {
		if l := &bill.Lines[i]; l.Kind == tariff.ChargeLine {
			lines = append(lines, charge{l.Component, ratio(l.Measured-sh.extra[l.Component], 1), ratio(l.Billed, 1), ratExact(l.Exact)})
		}
	}
	return lines
}

// fractions prices quantities that are no whole numbers, as package tariff does
// those that are: a line for each component, the step of the last of a step
// group rounds the sum of those of its dimension.
func (sh *share) fractions(p Profile) (lines []charge) {
	for index := range sh.sums {
		l := charge{index: index, measured: sh.sums[index].rat()}
		if slices.Contains(sh.quantities.Flats, index) {
			l.measured = ratio(1, 1)
		}
		if l.billed = l.measured; slices.Contains(sh.quantities.Last, index) {
			l.billed = new(big.Rat).Add(l.measured, sh.surplus(index, p.Multiple == AddStep))
		}
		if l.billed.Sign() == 0 {
			continue
		}
		l.exact = new(big.Rat).Mul(l.billed, sh.price(index))
		lines = append(lines, l)
	}
	return lines
}

// surplus returns what the step of a component adds.
func (sh *share) surplus(index int, always bool) *big.Rat {
	t := sh.plan.Tariff()
	c, sum := componentAt(t, index), new(big.Rat)
	if c.Step == 0 {
		return sum
	}
	for i := range sh.sums {
		if groupOf(t, i) == groupOf(t, index) && componentAt(t, i).Dimension == c.Dimension {
			sum.Add(sum, sh.sums[i].rat())
		}
	}
	step := ratio(c.Step, 1)
	steps := new(big.Rat).Quo(sum, step)
	n := new(big.Int).Quo(steps.Num(), steps.Denom())
	if !steps.IsInt() || always {
		n.Add(n, big.NewInt(1))
	}
	return sum.Sub(step.Mul(step, new(big.Rat).SetInt(n)), sum)
}

// price returns the price of one unit of a component's dimension.
func (sh *share) price(index int) *big.Rat {
	c := componentAt(sh.normal, index)
	price := ratOf(Decimal{c.Price, sh.normal.Scale})
	switch c.Dimension {
	case tariff.Energy:
		price.Mul(price, ratio(1, 1_000_000))
	case tariff.TimeSpent, tariff.IdleTime:
		price.Mul(price, ratio(1, 3600*pow10(sh.fine)))
	}
	return price
}
