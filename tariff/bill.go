// SPDX-License-Identifier: Apache-2.0

package tariff

// LineKind says what a bill line stands for.
type LineKind uint8

// The kinds of bill lines, in the order in which they stand on a bill.
const (
	ChargeLine  LineKind = 1 // a component: quantity times unit price
	ResidueLine LineKind = 2 // rounding over a larger unit, less the rounding of its lines
	PayableLine LineKind = 3 // rounding of the sum to the payable decimals
	WaivedLine  LineKind = 4 // what lies above the order's limit and is not asked for
)

// Line is one line of a bill. The amounts of all lines add up to what is paid.
//
// A charge line uses all fields. The others have only Kind and Amount, and a
// residue line under [PerGroup] also the Class of its group.
type Line struct {
	Kind      LineKind
	Rate      Rate
	Dimension Dimension
	Class     Class
	Element   int      // index into the normal form's elements
	Component int      // index over all components of the normal form
	Windows   []Window // why: the local times at which it applies, none for always; not to be changed
	Measured  int64    // in the dimension's unit, mWh for energy
	Billed    int64    // what is charged for
	Price     Money    // per kWh
	Exact     Exact    // Billed × Price
	Amount    Money    // Exact rounded to the order's scale
}

// Bill is a priced session. All its amounts but unit prices have the scale of
// the order.
type Bill struct {
	Rules    Rules
	Rounding Rounding
	Exact    Exact // the cost before any rounding, without taxes
	Net      Money // the cost without taxes
	Gross    Money // the cost with taxes
	Payable  Money // what is paid: Gross, rounded to the payable decimals, less Waived
	Waived   Money // what lies above the order's limit, never negative
	Lines    []Line
}
