// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"fmt"

	"github.com/seed81979277/qrcharge/tariff"
)

// Profile decides what the protocol leaves open. The zero value is a profile:
// each switch is then at the first value of its list.
type Profile struct {
	Mode   tariff.RoundingMode // of amounts, to 10^-4 yuan; 0 stands for tariff.HalfUp
	Fees   FeeRounding         // what of one rate is rounded at once
	Total  TotalRounding       // what the total amount is made from
	Energy BilledEnergy        // which of the two energies is priced
	Finer  FinerEnergy         // what becomes of energy below 10^-4 kWh
	Loss   LossRatio           // what becomes of a loss ratio
}

// FeeRounding says what of one rate is rounded at once.
type FeeRounding uint8

// The ways to round the amount of a rate.
const (
	FeesTogether FeeRounding = 0 // the energy at the sum of both fees, as the price stands in the record
	FeesApart    FeeRounding = 1 // electricity and service each for itself, then added
)

// TotalRounding says what the total amount is made from.
type TotalRounding uint8

// The ways to make the total amount.
const (
	TotalOfParts TotalRounding = 0 // the four amounts of the record, added
	TotalAtOnce  TotalRounding = 1 // the exact sum over all rates, rounded once (under FeesApart, once for each fee)
)

// BilledEnergy says which of the two energies is priced.
type BilledEnergy uint8

// The energies of a record. They are the same where the loss ratio is 0.
const (
	BilledAdjusted BilledEnergy = 0 // the one with the loss ratio, which the protocol prices in frame 0x13
	BilledMetered  BilledEnergy = 1 // the one the meter showed
)

// FinerEnergy says what becomes of an energy or register that is no whole
// number of 10^-4 kWh (100 mWh) when a record is made.
type FinerEnergy uint8

// The ways to treat finer energies.
const (
	FinerRefused FinerEnergy = 0 // ErrScale
	FinerCut     FinerEnergy = 1 // what is below is cut off, in each rate and in both registers, with a finding
)

// LossRatio says what becomes of a model with a loss ratio other than 0 when
// it is made a tariff, or a record is made or verified under it. The protocol
// gives the ratio no unit, so nobody can compute the adjusted energy from it.
type LossRatio uint8

// The ways to treat a loss ratio.
const (
	LossRefused LossRatio = 0 // ErrLoss
	LossIgnored LossRatio = 1 // as if it were 0, with a finding; Verify then takes the adjusted energies as given
)

// Check returns [ErrProfile] for a switch with an unknown value.
func (p Profile) Check() error {
	switch {
	case p.Mode > tariff.Down:
		return &Error{"Profile.Mode", ErrProfile}
	case p.Fees > FeesApart:
		return &Error{"Profile.Fees", ErrProfile}
	case p.Total > TotalAtOnce:
		return &Error{"Profile.Total", ErrProfile}
	case p.Energy > BilledMetered:
		return &Error{"Profile.Energy", ErrProfile}
	case p.Finer > FinerCut:
		return &Error{"Profile.Finer", ErrProfile}
	case p.Loss > LossIgnored:
		return &Error{"Profile.Loss", ErrProfile}
	}
	return nil
}

// Rounding returns the rounding policy of package tariff under which a bill of
// an order with four decimals has the total amount of a record under p. There
// is none, and the answer false, for the sum of parts whose fees are rounded
// together, which is the default: package tariff never rounds two fees as one
// unless it rounds the whole session.
func (p Profile) Rounding() (tariff.Rounding, bool) {
	r := tariff.Rounding{Mode: p.mode(), Payable: 4}
	switch {
	case p.Fees == FeesApart && p.Total == TotalOfParts:
		r.Unit = tariff.PerComponent
	case p.Fees == FeesApart:
		r.Unit = tariff.PerGroup
	case p.Total == TotalAtOnce:
		r.Unit = tariff.PerSession
	default:
		return tariff.Rounding{}, false
	}
	return r, true
}

func (p Profile) mode() tariff.RoundingMode {
	if p.Mode == 0 {
		return tariff.HalfUp
	}
	return p.Mode
}

// billed returns the energy of a part that is priced.
func (p Profile) billed(part Part) uint32 {
	if p.Energy == BilledMetered {
		return part.Energy
	}
	return part.Adjusted
}

// amount returns what an energy costs, in 10^-4 yuan.
func (p Profile) amount(f Fees, energy uint32) uint64 {
	if p.Fees == FeesApart {
		return product(uint64(f.Electricity), energy).round(p.mode()) + product(uint64(f.Service), energy).round(p.mode())
	}
	return product(f.total(), energy).round(p.mode())
}

// total returns what the total amount of these parts should be.
func (p Profile) total(fees [Rates]Fees, parts [Rates]Part) (units uint64) {
	var electricity, service exact
	for i, part := range parts {
		units += uint64(part.Amount)
		electricity = electricity.add(product(uint64(fees[i].Electricity), p.billed(part)))
		service = service.add(product(uint64(fees[i].Service), p.billed(part)))
	}
	switch {
	case p.Total == TotalOfParts:
		return units
	case p.Fees == FeesApart:
		return electricity.round(p.mode()) + service.round(p.mode())
	}
	return electricity.add(service).round(p.mode())
}

// Code says what a finding is about.
type Code uint8

// The codes of findings. Want and Got are in the units of the field.
const (
	PriceDiffers   Code = 1  // Rates[i].Price is not the sum of the fees
	AmountDiffers  Code = 2  // Rates[i].Amount or Amount is not what the profile makes of the energies
	EnergyDiffers  Code = 3  // a total is not the sum of its parts, or MeterStop not MeterStart plus Energy
	AdjustedEnergy Code = 4  // Rates[i].Adjusted is not Rates[i].Energy though the loss ratio is 0
	UnusedRate     Code = 5  // a rate that no half hour names: its fees are left out of the tariff, its energy is impossible
	PileDiffers    Code = 6  // the record is of another pile than the model
	BadTime        Code = 7  // Start or Stop is no moment, or marked invalid
	TimeBackwards  Code = 8  // Stop is before Start; Want and Got are seconds, since 2000 in the time of the record
	EnergyCut      Code = 9  // Got is the field, Want the energy in mWh before it was cut
	LossUnknown    Code = 10 // the loss ratio Got was ignored
	RateOutside    Code = 11 // energy under a rate that no half hour from Start to Stop has
)

var codeNames = [...]string{"", "price-differs", "amount-differs", "energy-differs", "adjusted-energy",
	"unused-rate", "pile-differs", "bad-time", "time-backwards", "energy-cut", "loss-unknown", "rate-outside"}

// String returns the code's name, as "price-differs". The names are stable.
func (c Code) String() string {
	if c == 0 || int(c) >= len(codeNames) {
		return fmt.Sprintf("code-%d", uint8(c))
	}
	return codeNames[c]
}

// Finding is something that a reader should know and that does not keep a
// function from its result. Path leads to the field of the record, or of the
// model for [UnusedRate] and [LossUnknown] where a tariff was made from one.
type Finding struct {
	Code      Code
	Path      string
	Want, Got uint64
}

// String returns "amount-differs at Rates[2].Amount: want 12345, got 12346".
func (f Finding) String() string {
	return fmt.Sprintf("%s at %s: want %d, got %d", f.Code, f.Path, f.Want, f.Got)
}
