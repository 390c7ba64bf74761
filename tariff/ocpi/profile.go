// SPDX-License-Identifier: Apache-2.0

package ocpi

import "github.com/seed81979277/qrcharge/tariff"

// Profile decides what OCPI leaves open. The zero value is the default profile:
// each switch is then at the first value of its list.
type Profile struct {
	Decimals   Decimals            // of totals; 0 stands for the four of OCPI
	Rounding   tariff.RoundingMode // of totals; 0 stands for tariff.HalfUp
	Selection  Selection           // by dimension, or the first element for all
	Straddle   Straddle            // a period across a boundary
	Multiple   Multiple            // a sum that is a multiple of its step
	Absorb     Absorb              // what rounds where time and parking both occur
	ZeroStep   ZeroStep            // a step size of 0
	Flats      Flats               // several flat fees
	Labels     Labels              // power or current that a period does not tell
	EqualTimes EqualTimes          // a window that ends when it begins
	Wrap       Wrap                // windows over midnight with days or dates
	Origin     Origin              // what durations count from
	MissingTax MissingTax          // a price without a word on tax
	Digits     Digits              // prices with more than four decimals
	Hours      Hours               // decimal hours against timestamps
	NoID       NoID                // a period without tariff_id
	Expiry     Expiry              // when a reservation has expired
	Limits     Limits              // minimum and maximum price
}

// Decimals is a number of decimals, at most 9. The zero value stands for 4.
type Decimals uint8

// WholeUnits is no decimals at all.
const WholeUnits Decimals = 255

// Selection says what the first matching element decides.
type Selection uint8

// The ways to select.
const (
	PerDimension Selection = 0 // the first that matches and has the dimension, for each dimension (2.2.1, 2.3.0)
	FirstElement Selection = 1 // the first that matches, for all dimensions: what it lacks is free (the words of 2.1.1)
)

// Straddle says how a period is priced across a boundary of time, duration or energy.
type Straddle uint8

// The ways to price it.
const (
	SplitProRata Straddle = 0 // its quantities are shared out in proportion to time, and at the edge of an energy tier cut there
	AtStart      Straddle = 1 // all of it by what holds at its start
)

// Multiple says what a step adds to a sum that is a multiple of it already.
type Multiple uint8

// The answers.
const (
	AddNothing Multiple = 0
	AddStep    Multiple = 1 // one more step
)

// Absorb says what a step rounds where both TIME and PARKING_TIME are charged.
type Absorb uint8

// The answers.
const (
	Parking    Absorb = 0 // the parking time
	LastPeriod Absorb = 1 // the one of the two that was charged last
)

// ZeroStep says what a step size of 0 means.
type ZeroStep uint8

// The meanings.
const (
	NoRounding  ZeroStep = 0
	StepRefused ZeroStep = 1 // ErrStep
)

// Flats says how often a session pays a flat fee.
type Flats uint8

// The answers.
const (
	OncePerPhase   Flats = 0 // once for the reservation and once for the session
	OncePerSession Flats = 1 // the session's if there is one, else the reservation's
)

// Labels says whether a restriction of power or current is met by a period
// that does not tell its power or current.
type Labels uint8

// The answers.
const (
	NotMet Labels = 0
	Met    Labels = 1
)

// EqualTimes says when a window whose end_time is its start_time holds.
type EqualTimes uint8

// The answers.
const (
	WholeDay EqualTimes = 0
	Never    EqualTimes = 1
)

// Wrap says which day the part of a window after midnight belongs to.
type Wrap uint8

// The answers.
const (
	NewDay   Wrap = 0 // the new one: days and dates are those of the moment
	StartDay Wrap = 1 // the one on which the window began
)

// Origin says what min_duration and max_duration count from. Those of elements
// of a reservation count from its beginning.
type Origin uint8

// The answers.
const (
	FromSession Origin = 0 // start_date_time of the CDR, or the end of its reservation
	FromPeriod  Origin = 1 // the first period that is not reserved
)

// MissingTax says what a price without a VAT means for the amount including tax.
type MissingTax uint8

// The meanings.
const (
	// TaxByVersion: 2.1.1 cannot speak of taxes, so they are unknown; in 2.2.1
	// VAT is not applicable; in 2.3.0 tax_included decides: unknown for "NO",
	// not applicable for "N/A" and "YES".
	TaxByVersion MissingTax = 0
	NoTax        MissingTax = 1 // not applicable: both amounts are the same
	UnknownTax   MissingTax = 2 // unknown: there is no amount including tax
)

// Digits says what becomes of prices with more than four decimals.
type Digits uint8

// The answers.
const (
	AllDigits  Digits = 0
	FourDigits Digits = 1 // rounded half up to four
)

// Hours says how decimal hours become seconds.
type Hours uint8

// The ways.
const (
	// ByAgreement: where the volume agrees with the difference of the timestamps
	// within half of its last printed digit the seconds are taken, else the volume.
	ByAgreement Hours = 0
	ByVolume    Hours = 1 // always the volume
)

// NoID says what becomes of a period without tariff_id.
type NoID uint8

// The answers.
const (
	AtHand    NoID = 0 // priced by the tariff at hand, with a finding
	IDRefused NoID = 1 // ErrTariff
)

// Expiry says when a reservation has expired.
type Expiry uint8

// The answers.
const (
	NothingAfter Expiry = 0 // no period after it
	NoEnergy     Expiry = 1 // nothing was delivered in the whole CDR
)

// Limits says how min_price and max_price bind.
type Limits uint8

// The ways.
const (
	Apart   Limits = 0 // the limits excluding and including tax each for itself
	NetOnly Limits = 1 // those excluding tax; the taxes follow in proportion
)

// Check returns [ErrProfile] for a switch with an unknown value.
func (p Profile) Check() error {
	if p.Decimals > tariff.MaxPriceScale && p.Decimals != WholeUnits {
		return &Error{"Profile.Decimals", ErrProfile}
	}
	if p.Rounding > tariff.Down {
		return &Error{"Profile.Rounding", ErrProfile}
	}
	for _, s := range p.switches() {
		if s.value > s.most {
			return &Error{"Profile." + s.name, ErrProfile}
		}
	}
	return nil
}

// profileSwitch is a switch with its largest value.
type profileSwitch struct {
	name        string
	value, most uint8
}

func (p Profile) switches() []profileSwitch {
	return []profileSwitch{
		{"Selection", uint8(p.Selection), 1}, {"Straddle", uint8(p.Straddle), 1}, {"Multiple", uint8(p.Multiple), 1},
		{"Absorb", uint8(p.Absorb), 1}, {"ZeroStep", uint8(p.ZeroStep), 1}, {"Flats", uint8(p.Flats), 1},
		{"Labels", uint8(p.Labels), 1}, {"EqualTimes", uint8(p.EqualTimes), 1}, {"Wrap", uint8(p.Wrap), 1},
		{"Origin", uint8(p.Origin), 1}, {"MissingTax", uint8(p.MissingTax), 2}, {"Digits", uint8(p.Digits), 1},
		{"Hours", uint8(p.Hours), 1}, {"NoID", uint8(p.NoID), 1}, {"Expiry", uint8(p.Expiry), 1}, {"Limits", uint8(p.Limits), 1},
	}
}

// ProfileNames returns the names that [ProfileNamed] knows.
func ProfileNames() []string { return []string{"ocpi", "default", "first-element", "ocpi-tariffs"} }

// ProfileNamed returns a profile by its name: "ocpi" and "default" are the zero
// Profile; "first-element" reads selection as 2.1.1 puts it; "ocpi-tariffs"
// decides as the open library of that name does: prices of four decimals, a
// period judged at its start, a missing power or current meets every
// restriction, equal times never hold, durations count from the first period,
// flat fees once, and a missing VAT is no tax.
func ProfileNamed(name string) (Profile, bool) {
	switch name {
	case "ocpi", "default":
		return Profile{}, true
	case "first-element":
		return Profile{Selection: FirstElement}, true
	case "ocpi-tariffs":
		return Profile{Digits: FourDigits, Straddle: AtStart, Labels: Met, EqualTimes: Never,
			Origin: FromPeriod, Flats: OncePerSession, MissingTax: NoTax}, true
	}
	return Profile{}, false
}

func (p Profile) decimals() uint8 {
	switch p.Decimals {
	case 0:
		return 4
	case WholeUnits:
		return 0
	}
	return uint8(p.Decimals)
}

func (p Profile) mode() tariff.RoundingMode {
	if p.Rounding == 0 {
		return tariff.HalfUp
	}
	return p.Rounding
}
