// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// Verify recomputes a record from its energies and the fees of m, and returns
// each field that differs, in the order of the record. No finding means that
// the record is what the profile makes of these energies under this model. When
// they were drawn a record does not tell: energy under a rate is doubted only
// where that rate has no half hour between the two times, both included, which
// also happens where a clock was set during the session.
//
// It fails only where it cannot compute: with [ErrProfile], with [ErrLoss] as
// the profile says, and as the two Check methods do.
func (m *Model) Verify(r *Record, p Profile) ([]Finding, error) {
	if err := m.Check(); err != nil {
		return nil, within("Model", err)
	}
	v := verifier{profile: p, fees: m.Rates, slots: m.Slots, used: m.used(), lossless: m.Loss == 0}
	for i := range v.known {
		v.known[i] = true
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	var err error
	if v.findings, err = m.loss(p); err != nil {
		return nil, within("Model", err)
	}
	if m.Pile != r.Pile {
		v.findings = append(v.findings, Finding{PileDiffers, "Pile", number(m.Pile), number(r.Pile)})
	}
	return v.run(r)
}

// Verify checks a record against a tariff as [Model.Verify] does against a
// model. The prices of rates that t does not have are not compared, and their
// energies must be 0. It fails also as [FromTariff] does.
func Verify(r *Record, t *tariff.Tariff, p Profile) ([]Finding, error) {
	m, err := FromTariff(t, Pile{}, ModelNumber{})
	if err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	v := verifier{profile: p, fees: m.Rates, slots: m.Slots, used: m.used(), lossless: true}
	v.known = v.used
	return v.run(r)
}

// verifier holds what a record is compared with.
type verifier struct {
	profile  Profile
	fees     [Rates]Fees
	known    [Rates]bool // the fees are
	slots    [48]uint8
	used     [Rates]bool // by a half hour
	lossless bool        // adjusted energies are the metered ones
	findings []Finding
}

func (v *verifier) run(r *Record) ([]Finding, error) {
	if err := r.Check(); err != nil {
		return nil, within("Record", err)
	}
	inside := v.times(r)
	var energy, adjusted uint64
	for i, part := range r.Rates {
		v.part(i, part, inside[i])
		energy += uint64(part.Energy)
		adjusted += uint64(part.Adjusted)
	}
	v.want(EnergyDiffers, "MeterStop", r.MeterStart+uint64(r.Energy), r.MeterStop)
	v.want(EnergyDiffers, "Energy", energy, uint64(r.Energy))
	v.want(EnergyDiffers, "Adjusted", adjusted, uint64(r.Adjusted))
	v.want(AmountDiffers, "Amount", v.profile.total(v.fees, r.Rates), uint64(r.Amount))
	return v.findings, nil
}

// part compares what a session drew under one rate.
func (v *verifier) part(i int, p Part, inside bool) {
	if v.known[i] {
		v.want(PriceDiffers, ratePath(i, "Price"), v.fees[i].total(), uint64(p.Price))
	}
	switch {
	case !v.used[i]:
		v.want(UnusedRate, ratePath(i, "Energy"), 0, uint64(p.Energy))
	case !inside:
		v.want(RateOutside, ratePath(i, "Energy"), 0, uint64(p.Energy))
	}
	if v.lossless {
		v.want(AdjustedEnergy, ratePath(i, "Adjusted"), uint64(p.Energy), uint64(p.Adjusted))
	}
	v.want(AmountDiffers, ratePath(i, "Amount"), v.profile.amount(v.fees[i], v.profile.billed(p)), uint64(p.Amount))
}

// times compares the two ends of a session, and returns the rates that have a
// half hour between them: all where the ends are unknown.
func (v *verifier) times(r *Record) [Rates]bool {
	start, err1 := r.Start.In(time.UTC)
	stop, err2 := r.Stop.In(time.UTC)
	if err1 != nil {
		v.findings = append(v.findings, Finding{Code: BadTime, Path: "Start"})
	}
	if err2 != nil {
		v.findings = append(v.findings, Finding{Code: BadTime, Path: "Stop"})
	}
	if err1 != nil || err2 != nil {
		return v.used
	}
	if stop.Before(start) {
		v.findings = append(v.findings, Finding{TimeBackwards, "Stop", since2000(start), since2000(stop)})
		return v.used
	}
	return v.between(start, stop)
}

// between returns the rates of the half hours from start to stop.
func (v *verifier) between(start, stop time.Time) (inside [Rates]bool) {
	at := start.Truncate(30 * time.Minute)
	for range v.slots {
		if at.After(stop) {
			break
		}
		inside[v.slots[2*at.Hour()+at.Minute()/30]] = true
		at = at.Add(30 * time.Minute)
	}
	return inside
}

// want adds a finding where a field is not what it should be.
func (v *verifier) want(code Code, path string, want, got uint64) {
	if want != got {
		v.findings = append(v.findings, Finding{code, path, want, got})
	}
}

// since2000 returns whole seconds; the years of a Time begin there.
func since2000(t time.Time) uint64 {
	return uint64(t.Unix() - time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
}

// number returns the 14 digits of a pile that was checked.
func number(p Pile) (n uint64) {
	for _, b := range p {
		n = 100*n + uint64(fromBCD(b))
	}
	return n
}
