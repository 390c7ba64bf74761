// SPDX-License-Identifier: Apache-2.0

package ocpi

import "github.com/seed81979277/qrcharge/tariff"

// PriceOptions is what a price depends on beside CDR and tariffs.
type PriceOptions struct {
	Profile Profile
	// Offsets say what local time is, from [tariff.OffsetsIn] for the zone of the
	// charger and the span of [CDR.Span]. At least one.
	Offsets []tariff.Offset
}

// Cost is an amount without and with taxes.
type Cost struct {
	ExclTax, InclTax     tariff.Money // rounded once, from the exact amounts
	ExactExcl, ExactIncl tariff.Exact // before rounding
	// TaxUnknown says that there is no amount with taxes: InclTax and ExactIncl
	// are zero and mean nothing.
	TaxUnknown bool
}

// Result is a priced CDR.
type Result struct {
	Currency    tariff.Currency
	Decimals    uint8 // of all rounded amounts
	Total       Cost
	ByDimension []DimensionCost // in the order of Dimensions; only those that occur
	Lines       []Line          // their exact amounts add up to those of Total, and the rounded ones too
	Findings    []Finding
	// Bill is the bill of package tariff, before price limits, where one tariff
	// in whole seconds and mWh priced all; else nil.
	Bill *tariff.Bill
}

// The names of the parts of a cost, in order.
const (
	EnergyCost      = "ENERGY"
	TimeCost        = "TIME"
	ParkingCost     = "PARKING_TIME"
	FlatCost        = "FLAT"
	ReservationCost = "RESERVATION" // time and flat fees of a reservation
	LimitCost       = "LIMIT"       // what a minimum adds or a maximum takes
)

// DimensionCost is the cost of one dimension.
type DimensionCost struct {
	Dimension string // one of the names above
	Quantity  Decimal
	Unit      string // "kWh", "s" or ""
	Cost      Cost
}

// LineKind says what a line stands for.
type LineKind string

// The kinds of lines.
const (
	Charge     LineKind = "charge"     // a quantity times a price
	Adjustment LineKind = "adjustment" // a limit: without tax, with tax, each for itself
	Rounding   LineKind = "rounding"   // total, less the rounded lines; exactly 0
)

// Line is one line of a priced CDR.
type Line struct {
	Kind      LineKind
	Dimension string // as in DimensionCost
	Tariff    string // id
	// Measured was counted and Billed is charged for, more than Measured where a
	// step size rounded up. What a split period leaves between mWh, or between
	// 1/10000 s, is rounded here, and not in Cost.
	Measured, Billed Decimal
	Unit             string // "kWh", "s" or "" for a flat fee
	Price            tariff.Money
	TaxIncluded      bool         // in Price
	Taxes            []tariff.Tax // none is "no tax", or unknown
	Windows          []tariff.Window
	// When are the restrictions that were met, in the units of package tariff and
	// in the normal form of the tariff: its Windows are those above.
	When tariff.Restrictions
	Cost Cost
}
