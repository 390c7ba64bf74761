// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"fmt"
	"math"

	"github.com/seed81979277/qrcharge/tariff"
)

// Session is what a record tells beside energies and amounts.
type Session struct {
	Serial     Serial
	Connector  uint8 // 0 to 99
	Start      Time
	Stop       Time
	MeterStart int64 // register, mWh
	MeterStop  int64 // register, mWh
	VIN        VIN
	StartType  StartType
	At         Time // of the transaction
	StopReason StopReason
	Card       Card
}

// NewRecord makes the record of a session that was billed under m, for the
// pile of m. The energies come from the bill's charges, the four amounts are
// computed from them as the profile says, and the total amount is what the bill
// says is paid: a payable amount that was rounded to cents, or from which
// something was waived, stands in the record as it is. What [Model.Verify] says
// about such a record is returned with it.
//
// The bill must be consistent in itself and have no charges but those of the
// rates and fees of m ([ErrBill], [ErrRate]). A value that is finer, larger or
// smaller than its field is [ErrScale], [ErrOverflow] or [ErrNegative], with
// the field of the record as path; the profile may have energies cut instead.
// A loss ratio is [ErrLoss] or ignored.
func NewRecord(s Session, m *Model, b *tariff.Bill, p Profile) (*Record, []Finding, error) {
	x := exporter{model: m, profile: p}
	if err := x.check(b); err != nil {
		return nil, nil, err
	}
	r := &Record{Serial: s.Serial, Pile: m.Pile, Connector: s.Connector, Start: s.Start, Stop: s.Stop,
		VIN: s.VIN, StartType: s.StartType, At: s.At, StopReason: s.StopReason, Card: s.Card}
	x.register(&r.MeterStart, "MeterStart", s.MeterStart)
	x.register(&r.MeterStop, "MeterStop", s.MeterStop)
	x.parts(r, b)
	r.Amount = x.payable(b)
	if x.err != nil {
		return nil, nil, x.err
	}
	if err := r.Check(); err != nil {
		return nil, nil, err
	}
	findings, err := m.Verify(r, p)
	if err != nil {
		return nil, nil, err
	}
	return r, append(x.findings, findings...), nil
}

// exporter makes a record and keeps the first error.
type exporter struct {
	model    *Model
	profile  Profile
	findings []Finding
	err      error
}

func (x *exporter) check(b *tariff.Bill) error {
	if err := x.profile.Check(); err != nil {
		return err
	}
	if err := x.model.Check(); err != nil {
		return within("Model", err)
	}
	if err := b.Check(); err != nil {
		return within("Bill", err)
	}
	if b.Net.Currency != currency {
		return &Error{"Bill.Net.Currency", ErrCurrency}
	}
	return nil
}

func (x *exporter) fail(path string, err error) {
	if x.err == nil {
		x.err = &Error{path, err}
	}
}

// parts writes the four rates and what they add up to.
func (x *exporter) parts(r *Record, b *tariff.Bill) {
	energies := x.energies(b)
	var energy uint64
	for i := range r.Rates {
		part, fees := &r.Rates[i], x.model.Rates[i]
		part.Price = x.u32(ratePath(i, "Price"), fees.total())
		part.Energy = x.u32(ratePath(i, "Energy"), x.units(ratePath(i, "Energy"), energies[i]))
		part.Adjusted = part.Energy
		part.Amount = x.u32(ratePath(i, "Amount"), x.profile.amount(fees, part.Energy))
		energy += uint64(part.Energy)
	}
	r.Energy = x.u32("Energy", energy)
	r.Adjusted = r.Energy
}

// energies returns the mWh of each rate, from charges that are those of the model.
func (x *exporter) energies(b *tariff.Bill) (energies [Rates]int64) {
	var service [Rates]int64
	used := x.model.used()
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Kind != tariff.ChargeLine {
			continue
		}
		place, ok := ratePlace(l.Rate)
		if !ok {
			x.fail(fmt.Sprintf("Bill.Lines[%d].Rate", i), ErrRate)
			return energies
		}
		fee, sum := x.model.Rates[place].Electricity, &energies[place]
		if l.Class == tariff.Service {
			fee, sum = x.model.Rates[place].Service, &service[place]
		}
		price, err := toFee(l.Price.Units, l.Price.Scale)
		if err != nil || price != fee || !used[place] || l.Dimension != tariff.Energy {
			x.fail(fmt.Sprintf("Bill.Lines[%d]", i), ErrBill)
			return energies
		}
		*sum += l.Billed // at most 128 lines of at most 1.1 × 10^12 mWh
	}
	if energies != service { // a fee was left out
		x.fail("Bill.Lines", ErrBill)
	}
	return energies
}

// units returns mWh in 10^-4 kWh.
func (x *exporter) units(path string, mWh int64) uint64 {
	if mWh < 0 {
		x.fail(path, ErrNegative)
		return 0
	}
	units := uint64(mWh) / unit
	if uint64(mWh)%unit != 0 {
		if x.profile.Finer == FinerRefused {
			x.fail(path, ErrScale)
		}
		x.findings = append(x.findings, Finding{EnergyCut, path, uint64(mWh), units})
	}
	return units
}

// unit is the mWh in 10^-4 kWh.
const unit = 100

func (x *exporter) u32(path string, v uint64) uint32 {
	if v > math.MaxUint32 {
		x.fail(path, ErrOverflow)
	}
	return uint32(v)
}

func (x *exporter) register(dst *uint64, path string, mWh int64) {
	if *dst = x.units(path, mWh); *dst > maxU40 {
		x.fail(path, ErrOverflow)
	}
}

// payable returns what is paid in 10^-4 yuan.
func (x *exporter) payable(b *tariff.Bill) uint32 {
	if b.Payable.Units < 0 {
		x.fail("Amount", ErrNegative)
		return 0
	}
	units, err := rescale(uint64(b.Payable.Units), b.Payable.Scale, 4)
	if err != nil {
		x.fail("Amount", err)
	}
	return uint32(units)
}

// Quantities returns the energies of a record as quantities under t, so that
// its plan can price them: the bill of package tariff for what a pile recorded.
// The profile says which of the two energies they are. It fails with [ErrRate]
// for energy under a rate that t does not have, [ErrProfile], and as
// [FromTariff] does.
func (r *Record) Quantities(t *tariff.Tariff, p Profile) (tariff.Quantities, error) {
	if err := p.Check(); err != nil {
		return tariff.Quantities{}, err
	}
	m, err := FromTariff(t, Pile{}, ModelNumber{})
	if err != nil {
		return tariff.Quantities{}, err
	}
	var q tariff.Quantities
	index := 0
	for i, used := range m.used() {
		energy := p.billed(r.Rates[i])
		switch {
		case used && energy > 0: // elements are sorted by rate and have two components each
			q.Cells = append(q.Cells, tariff.Cell{Index: index, Quantity: int64(energy) * unit})
		case energy > 0:
			return tariff.Quantities{}, fail(ErrRate, "Rates[%d]", i)
		}
		if used {
			index += 2
		}
	}
	return q, nil
}
