// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// Price prices a CDR by the tariffs given, or by those in it where none are
// given. Each period is priced by the tariff that its tariff_id names; without
// one by the first that is valid when it starts.
//
// It fails with [ErrProfile] or [ErrOptions]; with [ErrTariff] for a period
// without a tariff, [ErrCurrency] for a tariff in another currency, [ErrStep]
// and [ErrRange] for what the profile refuses or package tariff cannot hold,
// all of them an [*Error] with a JSON path; and as [tariff.Tariff.Compile] does.
func Price(c *CDR, tariffs []*Tariff, o PriceOptions) (*Result, error) {
	if err := o.Profile.Check(); err != nil {
		return nil, err
	}
	if len(o.Offsets) == 0 {
		return nil, &Error{"PriceOptions.Offsets", ErrOptions}
	}
	if tariffs == nil {
		tariffs = c.Tariffs
	}
	r, err := price(c, tariffs, o, false)
	if errors.Is(err, tariff.ErrOverflow) {
		return price(c, tariffs, o, true)
	}
	return r, err
}

// price prices a CDR; where coarse, what is split is rounded to mWh and seconds.
func price(c *CDR, tariffs []*Tariff, o PriceOptions, coarse bool) (*Result, error) {
	run, err := newCourse(c, o.Profile, finest(tariffs))
	if err != nil {
		return nil, err
	}
	run.coarse = coarse
	shares, err := run.shares(tariffs)
	if err != nil {
		return nil, err
	}
	s := newStatement(run)
	for i, sh := range shares {
		if err := run.price(s, sh, i == len(shares)-1, o.Offsets); err != nil {
			return nil, err
		}
	}
	split := slices.ContainsFunc(shares, func(sh *share) bool { return sh.split })
	if split || len(shares) != 1 || run.fine > 0 || o.Profile.Multiple != AddNothing {
		s.result.Bill = nil
	}
	return s.finish()
}

// finest is how fine time can be counted beside the prices and the steps of all
// tariffs: package tariff has prices of nine decimals, and steps of up to a month.
func finest(tariffs []*Tariff) uint8 {
	fine := uint8(maxFine)
	for _, t := range tariffs {
		if scale, err := (&conversion{from: t}).scale(); err == nil {
			fine = min(fine, tariff.MaxPriceScale-scale)
		}
		for _, e := range t.Elements {
			for _, c := range e.Components {
				for fine > 0 && c.Type != "ENERGY" && c.Type != "FLAT" && c.StepSize > maxStep/pow10(fine) {
					fine--
				}
			}
		}
	}
	return fine
}

const maxStep = 31 * day // of time, in package tariff

// shares gives each period to its tariff. The share of the last period is the
// last, whose steps count; the others are in order of their first periods.
func (c *course) shares(tariffs []*Tariff) ([]*share, error) {
	var shares []*share
	for i := range c.stretches {
		t, err := c.tariffOf(i, tariffs)
		if err != nil {
			return nil, err
		}
		n := slices.IndexFunc(shares, func(sh *share) bool { return sh.from == t })
		if n < 0 {
			n = len(shares)
			shares = append(shares, &share{from: t})
		}
		shares[n].stretches = append(shares[n].stretches, i)
		if i == len(c.stretches)-1 {
			last := shares[n]
			shares = append(slices.Delete(shares, n, n+1), last)
		}
	}
	for _, sh := range shares {
		if err := c.suits(sh.from); err != nil {
			return nil, err
		}
	}
	return shares, nil
}

// tariffOf returns the tariff of a stretch.
func (c *course) tariffOf(i int, tariffs []*Tariff) (*Tariff, error) {
	s := &c.stretches[i]
	path := fmt.Sprintf("charging_periods[%d].tariff_id", s.index)
	if s.id != "" {
		if n := slices.IndexFunc(tariffs, func(t *Tariff) bool { return t.ID == s.id }); n >= 0 {
			return tariffs[n], nil
		}
	}
	switch {
	case len(tariffs) == 0:
		return nil, c.fail(ErrTariff, "tariffs")
	case s.id == "" && c.profile.NoID == IDRefused, len(tariffs) > 1 && s.id != "":
		return nil, c.fail(ErrTariff, "%s", path)
	case s.id != "":
		c.once(tariff.Warning, OtherTariffID, tariffs[0].ID, path)
	case len(tariffs) > 1:
		valid := max(0, slices.IndexFunc(tariffs, func(t *Tariff) bool { return t.valid(s.at) }))
		c.once(tariff.Warning, NoTariffID, tariffs[valid].ID, path)
		return tariffs[valid], nil
	default:
		c.once(tariff.Info, NoTariffID, tariffs[0].ID, path)
	}
	return tariffs[0], nil
}

// valid reports whether a moment is within the dates of a tariff.
func (t *Tariff) valid(at int64) bool { return at >= t.Start && (t.End == 0 || at < t.End) }

// once reports what is the same for many periods at the first of them.
func (c *course) once(s tariff.Severity, code Code, hint, path string) {
	if !c.told[code] {
		c.told[code] = true
		c.find(s, code, hint, "%s", path)
	}
}

// suits holds a tariff as a whole against the CDR.
func (c *course) suits(t *Tariff) error {
	root := (&conversion{from: t}).root()
	if t.Currency != c.cdr.Currency {
		return fail(ErrCurrency, "%s.currency", root)
	}
	if !t.valid(c.cdr.Start) {
		c.findings = append(c.findings, Finding{root, tariff.Info, NotValid, ""})
	}
	c.empty(t, root)
	told := func(s stretch) bool { return s.hours[charged].told || s.hours[parked].told || s.hours[booked].told }
	timed := func(p PriceComponent) bool {
		return (p.Type == "TIME" || p.Type == "PARKING_TIME") && p.Price.Units != 0
	}
	if slices.ContainsFunc(c.stretches, told) {
		return nil
	}
	for i, e := range t.Elements {
		if j := slices.IndexFunc(e.Components, timed); j >= 0 {
			c.findings = append(c.findings, Finding{fmt.Sprintf("%s.elements[%d].price_components[%d]", root, i, j), tariff.Warning, NoTime, ""})
			return nil
		}
	}
	return nil
}

// empty reports that a flat fee is not charged, because nothing happened.
func (c *course) empty(t *Tariff, root string) {
	if slices.ContainsFunc(c.stretches, func(s stretch) bool { return s.end > s.at || s.energy > 0 }) {
		return
	}
	for i, e := range t.Elements {
		if j := slices.IndexFunc(e.Components, func(p PriceComponent) bool { return p.Type == "FLAT" && p.Price.Units != 0 }); j >= 0 {
			c.findings = append(c.findings, Finding{fmt.Sprintf("%s.elements[%d].price_components[%d]", root, i, j), tariff.Warning, NoFlat, ""})
			return
		}
	}
}

// conversion sets up the model of a share.
func (c *course) conversion(sh *share, last bool) *conversion {
	v := &conversion{from: sh.from, profile: c.profile, labels: true, noSteps: !last}
	power, current := false, false
	for _, i := range sh.stretches {
		power, current = power || c.stretches[i].power == 0, current || c.stretches[i].current == 0
	}
	v.noPower, v.noCurrent = power && c.profile.Labels == Met, current && c.profile.Labels == Met
	v.idleApart = c.profile.Absorb == LastPeriod && c.charging(sh)
	for i := range sh.from.Elements {
		w := &sh.from.Elements[i].When
		if power && (w.MinPower != nil || w.MaxPower != nil) {
			v.find(tariff.Warning, NoPower, "", ".elements[%d].restrictions", i)
		}
		if current && (w.MinCurrent != nil || w.MaxCurrent != nil) {
			v.find(tariff.Warning, NoCurrent, "", ".elements[%d].restrictions", i)
		}
	}
	return v
}

// charging reports whether time spent charging came after time spent parked.
func (c *course) charging(sh *share) (after bool) {
	for _, i := range sh.stretches {
		if s := &c.stretches[i]; s.counts[charged]+s.counts[parked] > 0 {
			after = s.counts[charged] > 0 && s.counts[parked] == 0
		}
	}
	return after
}

// price adds a share to a statement.
func (c *course) price(s *statement, sh *share, last bool, offsets []tariff.Offset) error {
	v := c.conversion(sh, last)
	v.reach = newReach(c, offsets)
	model, err := v.model()
	if err != nil {
		return err
	}
	s.result.Findings = append(s.result.Findings, v.findings...)
	limits := tariff.Limits{Scale: c.profile.decimals(), Facts: tariff.Facts{Expired: c.expired}}
	if sh.plan, err = model.Compile(limits, offsets); err != nil {
		return v.fail(err, "")
	}
	if err := sh.measure(c, c.registers()); err != nil {
		return err
	}
	if err := sh.refine(c.fine, limits, offsets); err != nil {
		return v.fail(err, "")
	}
	s.flats(sh)
	sh.steps(c.profile)
	if sh.split {
		return s.share(sh, sh.fractions(c.profile))
	}
	bill := new(tariff.Bill)
	if err := sh.plan.Price(bill, sh.quantities); err != nil {
		return v.fail(err, "")
	}
	s.result.Bill = bill
	return s.share(sh, sh.billed(bill))
}

// registers returns the energy drawn before each stretch.
func (c *course) registers() (before []int64) {
	var sum int64
	for i := range c.stretches {
		before = append(before, sum)
		sum += c.stretches[i].energy
	}
	return before
}
