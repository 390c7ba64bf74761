// SPDX-License-Identifier: Apache-2.0

package tariff

import "time"

// Rules is a revision of the evaluation rules: how elements are selected, what
// a cell is, how amounts are rounded. A revision never changes once released;
// a tariff names its own and the name is hashed with it, so that an update of
// this library never reprices an old session.
type Rules uint8

// Rules1 is the first revision, described in the package documentation.
const Rules1 Rules = 1

// Dimension is what a component prices.
type Dimension uint8

// The dimensions. The numbers 2 to 5 are kept for time, idle time, flat fees
// and volume.
const (
	Energy Dimension = 1 // per kWh, measured in mWh
)

// Class says which fee a component belongs to. Its amounts are told apart on
// the bill, because electricity and service are taxed and accounted apart.
type Class uint8

// The fee classes. The numbers 3 and 4 are kept for occupancy and other fees.
const (
	Electricity Class = 1 // 电费
	Service     Class = 2 // 服务费
)

// Rate names an element for people. It has no influence on the price, but two
// elements that differ only in it are different.
type Rate uint8

// The rates of the Chinese day. 6, 7 and 8 are rates with a number for a name,
// and 0 is an element without a name.
const (
	Sharp      Rate = 1 // 尖
	Peak       Rate = 2 // 峰
	Flat       Rate = 3 // 平
	Valley     Rate = 4 // 谷
	DeepValley Rate = 5 // 深谷
)

// Bounds of the model, so that a record and the work for it are bounded too.
const (
	MaxElements   = 64  // elements in a tariff, also in its normal form
	MaxWindows    = 256 // windows in all elements together, also in its normal form
	MaxPriceScale = 9   // decimals of a unit price
	maxRate       = 8
	day           = 24 * 60 * 60
)

// Tariff is a price list. At any moment and for each pair of dimension and
// class, the first element whose restrictions hold and which has such a
// component sets the price; where there is none, nothing is charged.
//
// A Tariff holds no time zone and no offset: they stand in the order, so that
// one tariff has one hash everywhere.
type Tariff struct {
	Rules    Rules
	Currency Currency
	Scale    uint8 // decimals of every unit price, at most MaxPriceScale
	Elements []Element
	Rounding Rounding
}

// Element is a set of components that hold under the same restrictions.
type Element struct {
	Rate       Rate
	When       Restrictions
	Components []Component // at most one for each pair of dimension and class
}

// Component is one unit price.
type Component struct {
	Dimension Dimension
	Class     Class
	Price     int64 // in units of 10^-Tariff.Scale per kWh; may be zero or negative
}

// Restrictions say when an element applies. The zero value is always.
type Restrictions struct {
	Windows []Window // any of them; none means all day
}

// Window is a part of the local day in seconds since midnight, half-open: From
// belongs to it and To does not. Where To is not after From the window runs
// over midnight; 22:00 to 06:00 is {79200, 21600}. The end of the day is 86400,
// or 0. From is within [0, 86400), To within [0, 86400], and the two differ.
type Window struct{ From, To int32 }

// RoundingUnit says over what amounts are summed exactly before they are
// rounded to the order's scale, once. An interval between two readings is
// never a unit: rounding must not depend on how often a meter was read.
type RoundingUnit uint8

// The rounding units.
const (
	PerSession   RoundingUnit = 1 // the whole session
	PerGroup     RoundingUnit = 2 // each tax group: the components of one fee class under the same taxes
	PerComponent RoundingUnit = 3 // each component
)

// RoundingMode says where a value between two units goes. It is defined on the
// magnitude: negative amounts are rounded as their positive mirror image.
type RoundingMode uint8

// The rounding modes.
const (
	HalfUp   RoundingMode = 1 // to the nearer, halves away from zero
	HalfEven RoundingMode = 2 // to the nearer, halves to the even neighbour
	Up       RoundingMode = 3 // away from zero
	Down     RoundingMode = 4 // towards zero
)

// Rounding is the rounding policy of a tariff. First each unit is rounded to
// the scale of the order, then the sum to Payable decimals, by the same mode;
// the second step is a bill line of its own.
type Rounding struct {
	Unit    RoundingUnit
	Mode    RoundingMode
	Payable uint8 // decimals of the amount that is really paid
}

// Offset says which local time holds from a moment on: local time is UTC plus
// Seconds. In a list the first holds from the beginning, whatever its From.
type Offset struct {
	From    int64 // unix seconds
	Seconds int32 // east of UTC, within 18 hours
}

// OffsetsIn lists the offsets of a zone between two moments, both included:
// first the one at from, then one for each change. It is for servers, which put
// the list into the order; nothing else in this package knows a zone.
func OffsetsIn(loc *time.Location, from, to time.Time) []Offset {
	at := from.In(loc)
	_, seconds := at.Zone()
	offsets := []Offset{{From: from.Unix(), Seconds: int32(seconds)}}
	for {
		_, end := at.ZoneBounds()
		if end.IsZero() || end.After(to) {
			return offsets
		}
		at = end.In(loc)
		if _, next := at.Zone(); next != seconds { // a new name alone is no change
			seconds = next
			offsets = append(offsets, Offset{From: end.Unix(), Seconds: int32(seconds)})
		}
	}
}

// Limits are the bounds of one order. 0 means no such limit.
//
// Amount is what the payer is protected by: what lies above it is waived. The
// others are where the device stops; what it delivered beyond, because a
// contactor opens late, is measured and priced (see [EnergyOverrun]). Nothing is
// priced by volume or time yet, so of these two only the sign matters.
type Limits struct {
	Energy   int64 // mWh
	Volume   int64 // mL
	Duration int64 // s
	Amount   int64 // the most that may be paid, taxes included, at Scale
	Scale    uint8 // decimals of every amount of the order, at most MaxPriceScale
}
