// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"errors"
	"fmt"

	"github.com/seed81979277/qrcharge/tariff"
)

// What can be wrong. Every error of this package is or wraps exactly one of
// these, or one of the sentinels of package tariff where a tariff is invalid in
// itself or a sum does not fit. An [*Error] around it says where.
var (
	// ErrSyntax: not JSON, or JSON nested deeper or longer than any real document.
	ErrSyntax = errors.New("ocpi: malformed JSON")
	// ErrMissing: a field without which nothing can be priced is not there.
	ErrMissing = errors.New("ocpi: required field is missing")
	// ErrType: a value of another JSON type than the field has, such as a string for a number.
	ErrType = errors.New("ocpi: wrong type")
	// ErrNumber: a number with an exponent, or one that is not a whole number where the field needs one.
	ErrNumber = errors.New("ocpi: number in a form that the field does not allow")
	// ErrRange: a number too large, too fine or negative for its field.
	ErrRange = errors.New("ocpi: number out of range")
	// ErrValue: a text that is none of those the field can have.
	ErrValue = errors.New("ocpi: unknown value")
	// ErrTime: a text that is no moment, date or time of day.
	ErrTime = errors.New("ocpi: no such time")
	// ErrVersion: a version that this package does not know.
	ErrVersion = errors.New("ocpi: unknown version")
	// ErrStep: a step size of zero, where the profile refuses it.
	ErrStep = errors.New("ocpi: step size of zero")
	// ErrTariff: no tariff to price a period with, or several and no word on which.
	ErrTariff = errors.New("ocpi: no tariff for the period")
	// ErrCurrency: a tariff in another currency than the CDR.
	ErrCurrency = errors.New("ocpi: currencies differ")
	// ErrInexpressible: something that the version, or OCPI, has no field for.
	ErrInexpressible = errors.New("ocpi: the format cannot say this")
	// ErrProfile: a switch of a profile with an unknown value.
	ErrProfile = errors.New("ocpi: unknown profile switch")
	// ErrOptions: no offset of local time.
	ErrOptions = errors.New("ocpi: no local time given")
)

// Error says where something is wrong. Path is a JSON path from the root of the
// document, as in "$.elements[2].price_components[0].price"; of a tariff in a
// CDR it begins with "$.tariffs[0]". Paths of what is wrong in a tariff of
// package tariff are those of [tariff.Error].
type Error struct {
	Path string
	Err  error // one of the sentinels of this package, or of package tariff
}

// Error returns the sentinel's text and the path.
func (e *Error) Error() string { return e.Err.Error() + " at " + e.Path }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// fail returns an error at a path that is put together as fmt.Sprintf does.
func fail(err error, path string, args ...any) error {
	return &Error{Path: fmt.Sprintf(path, args...), Err: err}
}

// sentinel returns what an error of package tariff wraps: its path leads into
// a value that the caller of this package never saw.
func sentinel(err error) error {
	var e *tariff.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Finding is something that a reader should know and that does not keep a
// function from its result.
type Finding struct {
	Path     string // as in Error
	Severity tariff.Severity
	Code     Code
	Hint     string // the field that was probably meant, or what was done instead; may be empty
}

// String returns "unknown-field at $.elements[0].restrictions.dayOfWeek: day_of_week".
func (f Finding) String() string {
	s := string(f.Code) + " at " + f.Path
	if f.Hint != "" {
		s += ": " + f.Hint
	}
	return s
}

// Code names a kind of finding. Codes are stable.
type Code string

// The codes of documents.
const (
	UnknownField   Code = "unknown-field"   // no field of this version; Hint is the likely one
	MisspeltField  Code = "misspelt-field"  // nearly a field of this version, and not read: Hint is the right name
	OtherVersion   Code = "other-version"   // a field of another version, read all the same where it has a meaning; Hint is that version
	UnknownValue   Code = "unknown-value"   // a name that this package does not know, and that is ignored
	DuplicateField Code = "duplicate-field" // the last one counts
	MoreFields     Code = "more-fields"     // an object has more such fields than are told one by one; Hint says how many
	SecondPrice    Code = "second-price"    // an element's second component of one type: the first counts
	MissingField   Code = "missing-field"   // the version requires it; nothing here depends on it
	BelowTax       Code = "incl-below-excl" // an amount including tax below the one excluding it
	MinAboveMax    Code = "min-above-max"   // the minimum is ignored in the amount, without or with tax, where it is so
	NeverApplies   Code = "never-applies"   // restrictions that exclude each other: the element is ignored
	NoModel        Code = "no-model"        // nothing can be priced with this tariff; Hint is the error
)

// The codes of CDRs and their prices.
const (
	Unsorted       Code = "unsorted-periods" // taken in order of their starts
	Overlap        Code = "overlap"          // a period lasts longer than until the next begins
	OutsideSession Code = "outside-session"  // a period begins before the session or ends after it
	BadSession     Code = "bad-session"      // the session ends before its periods begin: its times are ignored
	VolumeGoverns  Code = "volume-governs"   // hours that the timestamps do not agree with
	SubSecond      Code = "sub-second"       // a fraction of a second was cut off
	Rounded        Code = "rounded"          // a quantity or price finer than it can be held
	NoPower        Code = "no-power"         // a restriction of power, and a period without
	NoCurrent      Code = "no-current"       // a restriction of current, and a period without
	NoTime         Code = "no-time"          // a price of time, and no period with a time
	NoFlat         Code = "no-flat"          // a flat fee, and a session without time and energy, which is none: nothing is charged
	CreditCDR      Code = "credit"           // a CDR that takes an earlier one back: its price is that of a charge, above zero
	NoTariffID     Code = "no-tariff-id"     // periods without tariff_id, priced by the tariff at hand; at the first of them
	OtherTariffID  Code = "other-tariff-id"  // periods of another tariff than the only one at hand; at the first of them
	NotValid       Code = "tariff-not-valid" // the session began outside the tariff's dates
	TotalDiffers   Code = "total-differs"    // a total of the CDR is not the sum of its periods
	CostDiffers    Code = "cost-differs"     // a cost of the CDR is not what its tariff makes of it; Hint is that
	TaxUnknown     Code = "tax-unknown"      // something was charged for without a word on its tax
	FeesJoined     Code = "fees-joined"      // prices of several classes became their sum
	TextLost       Code = "name-lost"        // a name that the format has no field for
	RoundingLost   Code = "rounding-lost"    // a rounding policy, for which there is no field
	ExportIgnored  Code = "export-ignored"   // ENERGY_EXPORT, which no price of OCPI is for: it is not paid for
	ImportUsed     Code = "import-used"      // ENERGY is absent and ENERGY_IMPORT was taken
)
