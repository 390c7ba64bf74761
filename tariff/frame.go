// SPDX-License-Identifier: Apache-2.0

package tariff

import "math/bits"

// frame is what turns the exact amounts of charges into the sums of a bill. A
// plan has one for all its bills; a bill's own is derived from its lines.
type frame struct {
	rounding Rounding
	scale    uint8 // of amounts
	currency Currency
	included bool       // prices contain the taxes
	limit    PriceLimit // at scale
	unit     wide       // the denominator of charges
	den      wide       // unit times what the shares are over
	factor   [dimensions]uint64
	groups   []groupFrame
}

// groupFrame is a tax group and its shares.
type groupFrame struct {
	group
	price shares // of an amount as prices are written
	limit shares // of an amount as the limit is written
}

// shares are parts of an amount, as numerators over frame.den / frame.unit.
type shares struct {
	net, gross uint64
	taxes      [MaxTaxes]uint64
}

// base returns the share that amounts as prices are written have: the whole.
func (f *frame) base(s *shares) (base, other uint64) {
	if f.included {
		return s.gross, s.net
	}
	return s.net, s.gross
}

// setUnits chooses the denominator of charges: mWh × price, s × price, mL ×
// price and flat fees all are whole numbers over it.
func (f *frame) setUnits(priceScale uint8, timed bool) {
	base := uint64(1_000_000)
	if timed {
		base = 9_000_000
	}
	f.factor = [dimensions]uint64{Energy: base / 1_000_000, TimeSpent: base / 3600, IdleTime: base / 3600,
		FlatFee: base, Volume: base / 1000}
	if f.limit != (PriceLimit{}) && f.scale > priceScale+6 {
		more := pow10(f.scale - priceScale - 6) // so that an amount at scale is a whole number too
		base *= more
		for d := range f.factor {
			f.factor[d] *= more
		}
	}
	f.unit = mul64(base, pow10(priceScale))
}

// setGroups sets the shares of all groups over one denominator, and false
// where it would be too large.
func (f *frame) setGroups(groups []group) bool {
	prices, limits := make([]portions, len(groups)), make([]portions, len(groups))
	common, ok := uint64(1), true
	for i, g := range groups {
		if prices[i], ok = g.portions(f.included); !ok {
			return false
		}
		limits[i] = prices[i] // not used without a limit
		if f.limit != (PriceLimit{}) {
			if limits[i], ok = g.portions(f.limit.Gross); !ok {
				return false
			}
		}
		for _, p := range [...]*portions{&prices[i], &limits[i]} {
			for _, r := range p {
				if common, ok = lcm(common, max(r.den, 1)); !ok {
					return false
				}
			}
		}
	}
	for i, g := range groups {
		price, ok1 := prices[i].over(common)
		limit, ok2 := limits[i].over(common)
		if !ok1 || !ok2 {
			return false
		}
		f.groups = append(f.groups, groupFrame{g, price, limit})
	}
	f.den, ok = f.unit.mul(common)
	return ok
}

// portions are the net, the gross and each tax of an amount of 1.
type portions [2 + MaxTaxes]ratio

// portions takes apart an amount without or with taxes.
func (g *group) portions(gross bool) (p portions, ok bool) {
	parts, with, ok := onNet(g.taxes)
	if !ok {
		return p, false
	}
	p[0], p[1] = one, with
	copy(p[2:], parts)
	if !gross {
		return p, true
	}
	for i := range p[:2+len(parts)] {
		if p[i], ok = p[i].times(ratio{with.den, with.num}); !ok {
			return p, false
		}
	}
	return p, true
}

// over returns the portions as numerators over a common denominator, and false
// where one does not fit: with taxes a portion may be above 1.
func (p *portions) over(common uint64) (s shares, ok bool) {
	ok = true
	part := func(r ratio) uint64 {
		if r.den == 0 {
			return 0
		}
		over, num := bits.Mul64(r.num, common/r.den)
		ok = ok && over == 0
		return num
	}
	s.net, s.gross = part(p[0]), part(p[1])
	for i := range s.taxes {
		s.taxes[i] = part(p[2+i])
	}
	return s, ok
}

// largest returns the largest share of all groups.
func (f *frame) largest() (most uint64) {
	for i := range f.groups {
		for _, s := range [...]*shares{&f.groups[i].price, &f.groups[i].limit} {
			most = max(most, s.net, s.gross)
			for _, tax := range s.taxes {
				most = max(most, tax)
			}
		}
	}
	return most
}

func (f *frame) money(units int64) Money {
	return Money{Units: units, Scale: f.scale, Currency: f.currency}
}

// round rounds an amount over den to the frame's scale.
func (f *frame) round(num signed, den wide) (int64, error) {
	return roundFraction(num, den, f.scale, f.rounding.Mode)
}

// scaled returns num × share. Compile, or the check of a bill, proved that it fits.
func (s signed) scaled(share uint64) (signed, error) {
	mag, ok := s.mag.mul(share)
	if !ok {
		return signed{}, ErrOverflow
	}
	return signed{mag: mag, neg: s.neg && !mag.isZero()}, nil
}

// sum returns s + t, or ErrOverflow.
func (s signed) sum(t signed) (signed, error) {
	if s.neg == t.neg {
		if _, ok := s.mag.add(t.mag); !ok {
			return signed{}, ErrOverflow
		}
	}
	return s.add(t), nil
}
