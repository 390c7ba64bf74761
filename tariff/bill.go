// SPDX-License-Identifier: Apache-2.0

package tariff

// LineKind says what a bill line stands for.
type LineKind uint8

// The kinds of bill lines. They stand on a bill in the order charge, cap,
// residue or limit, tax, tax residue, payable, waived.
const (
	ChargeLine     LineKind = 1 // a component: quantity times unit price
	ResidueLine    LineKind = 2 // rounding over a larger unit, less the rounding of its lines
	PayableLine    LineKind = 3 // rounding of the sum to the payable decimals
	WaivedLine     LineKind = 4 // what lies above the order's limit and is not asked for
	CapLine        LineKind = 5 // what the caps take off the occupancy fee
	LimitLine      LineKind = 6 // a tax group's share of what the minimum adds or the maximum takes
	TaxLine        LineKind = 7 // one tax of one tax group
	TaxResidueLine LineKind = 8 // rounding of all taxes, less the rounding of their lines
)

// Line is one line of a bill. The amounts of all lines add up to what is paid;
// where the bill says TaxIncluded, those of kind TaxLine and TaxResidueLine are
// contained in the others and do not count.
//
// A charge line uses all fields but Tax. A cap line has Kind, Dimension, Class,
// Taxes, Exact and Amount, a tax line Kind, Class, Tax, Exact and Amount. The
// others have only Kind and Amount, those of one tax group also Class and Taxes.
type Line struct {
	Kind      LineKind
	Rate      Rate
	Dimension Dimension
	Class     Class
	Element   int          // index into the normal form's elements
	Component int          // index over all components of the normal form
	When      Restrictions // why: the restrictions of its element; its windows are not to be changed
	Taxes     []Tax        // on Amount, or contained in it; not to be changed
	Measured  int64        // in the dimension's unit: mWh, s, mL; 1 for a flat fee; below 0 for energy fed back
	Billed    int64        // what is charged for: Measured, or more by Step; Measured may be 0 then, where all was fed back
	Step      int64        // where Billed is more: the step that the sum of the step group is a multiple of
	Price     Money        // per kWh, hour or litre; a flat fee itself
	Tax       Tax
	Exact     Exact // before rounding: Billed × Price of a charge
	Amount    Money // Exact rounded to the order's scale
}

// Bill is a priced session. All its amounts but unit prices have the scale of
// the order.
type Bill struct {
	Rules       Rules
	Rounding    Rounding
	TaxIncluded bool       // prices and charges contain the taxes of the bill
	Limit       PriceLimit // the one side of the limit that binds, at the order's scale; zero where none does
	Exact       Exact      // the cost before any rounding, without taxes
	ExactGross  Exact      // the cost before any rounding, with taxes
	Net         Money      // the cost without taxes
	Gross       Money      // the cost with taxes
	Payable     Money      // what is paid: Gross, rounded to the payable decimals, less Waived
	Waived      Money      // what lies above the order's limit, never negative
	Lines       []Line
}
