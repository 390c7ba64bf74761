// SPDX-License-Identifier: Apache-2.0

package tariff

// tally is what the charges of a bill add up to, by tax group.
type tally struct {
	exact  [maxGroups]signed // over frame.unit, as prices are written
	lines  [maxGroups]int64  // their rounded amounts
	other  [maxGroups]int64  // each charge rounded with taxes, or without where they are included
	filled [maxGroups]bool
}

// charge adds a charge and returns its rounded amount.
func (f *frame) charge(t *tally, g int, num signed) (units int64, err error) {
	if units, err = f.round(num, f.unit); err != nil {
		return 0, err
	}
	if t.exact[g], err = t.exact[g].sum(num); err != nil {
		return 0, err
	}
	if f.rounding.Unit == PerComponent && len(f.groups[g].taxes) > 0 {
		_, share := f.base(&f.groups[g].price)
		scaled, err := num.scaled(share)
		if err != nil {
			return 0, err
		}
		other, err := f.round(scaled, f.den)
		if err != nil {
			return 0, err
		}
		t.other[g] += other
	} else {
		t.other[g] += units // the same where there are no taxes, and not used in other units
	}
	t.lines[g] += units
	t.filled[g] = true
	return units, nil
}

// finish appends the lines that follow from the charges: residues, the limit,
// taxes; and sets the totals with and without taxes.
func (f *frame) finish(dst *Bill, t *tally) error {
	s, err := f.sums(t)
	if err != nil {
		return err
	}
	if target := f.target(dst, &s, t); target != 0 {
		if err := f.bind(dst, &s, t, target); err != nil {
			return err
		}
	} else {
		f.residues(dst, &s, t)
	}
	if err := f.taxes(dst, &s); err != nil {
		return err
	}
	dst.Exact, dst.ExactGross = newExact(s.net, f.den), newExact(s.gross, f.den)
	dst.Net, dst.Gross = f.money(s.netUnits), f.money(s.grossUnits)
	return nil
}

// sums are the totals of a bill on their way.
type sums struct {
	net, gross           signed // over frame.den
	netUnits, grossUnits int64
	amounts              [maxGroups]signed // of each group, over frame.unit
	base                 [maxGroups]int64  // rounded as prices are written; all in 0 for PerSession
	bound                bool              // the limit binds: amounts are as it is written
	filled               [maxGroups]bool
}

func (s *sums) shares(g *groupFrame) *shares {
	if s.bound {
		return &g.limit
	}
	return &g.price
}

// sums adds up and rounds by the policy's unit.
func (f *frame) sums(t *tally) (s sums, err error) {
	s.amounts, s.filled = t.exact, t.filled
	for g := range f.groups {
		if !t.filled[g] {
			continue
		}
		net, gross, err := f.split(t.exact[g], &f.groups[g].price)
		if err != nil {
			return s, err
		}
		switch f.rounding.Unit {
		case PerGroup:
			if err := s.addRounded(f, g, net, gross); err != nil {
				return s, err
			}
		case PerComponent:
			s.base[g] = t.lines[g]
			netUnits, grossUnits := t.lines[g], t.other[g]
			if f.included {
				netUnits, grossUnits = grossUnits, netUnits
			}
			s.netUnits, s.grossUnits = s.netUnits+netUnits, s.grossUnits+grossUnits
		}
		s.net, s.gross = s.net.add(net), s.gross.add(gross)
	}
	if f.rounding.Unit == PerSession {
		err = s.addRounded(f, 0, s.net, s.gross)
	}
	return s, err
}

// split returns an amount's net and gross over frame.den.
func (f *frame) split(amount signed, s *shares) (net, gross signed, err error) {
	if net, err = amount.scaled(s.net); err != nil {
		return net, gross, err
	}
	gross, err = amount.scaled(s.gross)
	return net, gross, err
}

// addRounded rounds a unit of rounding and adds it to the totals.
func (s *sums) addRounded(f *frame, g int, net, gross signed) error {
	n, err := f.round(net, f.den)
	if err != nil {
		return err
	}
	w, err := f.round(gross, f.den)
	if err != nil {
		return err
	}
	s.netUnits, s.grossUnits = s.netUnits+n, s.grossUnits+w
	if s.base[g] = n; f.included {
		s.base[g] = w
	}
	return nil
}

// residues appends what rounding over a larger unit adds to the rounded charges.
func (f *frame) residues(dst *Bill, s *sums, t *tally) {
	switch f.rounding.Unit {
	case PerSession:
		var lines int64
		for _, units := range t.lines {
			lines += units
		}
		f.residue(dst, Line{Kind: ResidueLine}, s.base[0]-lines)
	case PerGroup:
		for g := range f.groups {
			if t.filled[g] {
				f.residue(dst, Line{Kind: ResidueLine, Class: f.groups[g].class, Taxes: f.groups[g].taxes}, s.base[g]-t.lines[g])
			}
		}
	}
}

// residue appends a line, unless it is zero.
func (f *frame) residue(dst *Bill, l Line, units int64) {
	if units != 0 {
		l.Amount = f.money(units)
		dst.Lines = append(dst.Lines, l)
	}
}

// taxes appends the taxes of each group, and what their rounding leaves open.
func (f *frame) taxes(dst *Bill, s *sums) error {
	rest, taxed := s.grossUnits-s.netUnits, false
	for g := range f.groups {
		group := &f.groups[g]
		if !s.filled[g] {
			continue
		}
		shares := s.shares(group)
		for i, tax := range group.taxes {
			num, err := s.amounts[g].scaled(shares.taxes[i])
			if err != nil {
				return err
			}
			units, err := f.round(num, f.den)
			if err != nil {
				return err
			}
			dst.Lines = append(dst.Lines, Line{Kind: TaxLine, Class: group.class, Tax: tax,
				Exact: newExact(num, f.den), Amount: f.money(units)})
			rest, taxed = rest-units, true
		}
	}
	dst.TaxIncluded = f.included && taxed
	f.residue(dst, Line{Kind: TaxResidueLine}, rest)
	return nil
}
