// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"github.com/seed81979277/qrcharge/tariff"
)

// Version is a version of OCPI.
type Version uint8

// The versions. Patch releases and "-bugfixes" documents count as the version
// that they correct.
const (
	Detect Version = 0 // by the fields of the document
	V211   Version = 1
	V221   Version = 2
	V230   Version = 3
)

// ParseVersion reads "2.1.1", "2.2.1" or "2.3.0", or returns [ErrVersion].
func ParseVersion(text string) (Version, error) {
	for v := V211; v <= V230; v++ {
		if v.String() == text {
			return v, nil
		}
	}
	return 0, ErrVersion
}

// String returns "2.1.1", "2.2.1" or "2.3.0", and "" for others.
func (v Version) String() string {
	if v > V230 {
		return ""
	}
	return [...]string{"", "2.1.1", "2.2.1", "2.3.0"}[v]
}

// Options says how a document is read. The zero value finds the version out.
type Options struct{ Version Version }

// Decimal is a number as it is printed: Units × 10^-Scale. 2.50 is {250, 2}.
type Decimal struct {
	Units int64
	Scale uint8 // decimals, at most 18
}

// String returns the number with all its decimals.
func (d Decimal) String() string { return string(tariff.AppendDecimal(nil, d.Units, d.Scale)) }

// Tariff is a tariff as OCPI writes it, of any version.
type Tariff struct {
	Version              Version
	CountryCode, PartyID string // not in 2.1.1
	ID, Type             string
	Currency             tariff.Currency
	TaxIncluded          TaxIncluded // 2.3.0
	Min, Max             *PriceLimit // not in 2.1.1
	Elements             []Element
	Start, End           int64 // unix seconds between which the tariff is valid, 0 for open; not in 2.1.1
	LastUpdated          string

	path string // where the document stands: "$", or "$.tariffs[0]" of a CDR
}

// TaxIncluded says whether prices contain taxes.
type TaxIncluded uint8

// The values of tax_included.
const (
	TaxNotSaid       TaxIncluded = 0 // no such field: prices exclude taxes
	TaxYes           TaxIncluded = 1
	TaxNo            TaxIncluded = 2
	TaxNotApplicable TaxIncluded = 3
)

// PriceLimit is a minimum or maximum: two limits that bind each for itself.
type PriceLimit struct {
	ExclTax Decimal
	InclTax *Decimal // nil where none is given
}

// Element is a tariff element.
type Element struct {
	Components []PriceComponent
	When       Restrictions
}

// PriceComponent is one price. Price is per kWh, per hour, or for FLAT the fee.
type PriceComponent struct {
	Type     string // "ENERGY", "TIME", "PARKING_TIME" or "FLAT"
	Price    Decimal
	VAT      *Decimal // in percent; nil is "not applicable", which is not 0 %
	StepSize int64    // Wh or s; not used for FLAT
}

// Restrictions are those of an element; what is empty or nil restricts nothing.
type Restrictions struct {
	StartTime, EndTime       string // "HH:MM", local
	StartDate, EndDate       string // "YYYY-MM-DD", local, EndDate excluded
	MinKWh, MaxKWh           *Decimal
	MinCurrent, MaxCurrent   *Decimal // A, the sum of the phases; not in 2.1.1
	MinPower, MaxPower       *Decimal // kW
	MinDuration, MaxDuration *int64   // s
	Days                     tariff.Days
	Reservation              tariff.Reservation // not in 2.1.1
}

// CDR is a charge detail record as OCPI writes it, of any version.
type CDR struct {
	Version           Version
	ID                string
	Start, End        int64 // unix seconds; End is 0 where the document has none
	Currency          tariff.Currency
	Country, TimeZone string // of the location, as written; 2.1.1 has time_zone, the others rarely do
	Tariffs           []*Tariff
	Periods           []Period // in the order of the document
	TotalCost         *PriceLimit
	TotalEnergy       *Decimal // kWh
	TotalTime         *Decimal // h
	TotalParkingTime  *Decimal // h

	doc *node
}

// Period is a charging period. It ends when the next begins.
type Period struct {
	Start      int64 // unix seconds
	TariffID   string
	Dimensions []Quantity
}

// Quantity is one dimension of a period.
type Quantity struct {
	Type   string // as OCPI writes it: "ENERGY", "TIME", "MAX_POWER" …
	Volume Decimal
}
