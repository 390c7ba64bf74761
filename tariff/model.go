// SPDX-License-Identifier: Apache-2.0

package tariff

// Rules is a revision of the evaluation rules: how elements are selected, what
// a cell is, how amounts are rounded. A revision never changes once released;
// a tariff names its own and the name is hashed with it, so that an update of
// this library never reprices an old session.
type Rules uint8

// Rules1 is the first revision, described in the package documentation.
const Rules1 Rules = 1

// Dimension is what a component prices.
type Dimension uint8

// The dimensions.
const (
	Energy    Dimension = 1 // per kWh, measured in mWh
	TimeSpent Dimension = 2 // per hour of charging, or of reservation, measured in s
	IdleTime  Dimension = 3 // per hour of idling, measured in s
	FlatFee   Dimension = 4 // once for each session and once for each reservation
	Volume    Dimension = 5 // per litre, measured in mL
)

// Class says which fee a component belongs to. Its amounts are told apart on
// the bill, because electricity and service are taxed and accounted apart.
type Class uint8

// The fee classes.
const (
	Electricity Class = 1 // 电费
	Service     Class = 2 // 服务费
	Occupancy   Class = 3 // 占位费
	OtherFee    Class = 4
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
	MaxTaxes      = 4   // taxes on one component
	maxRate       = 8
	maxGroups     = 16 // pairs of class and taxes
	dimensions    = Volume + 1
	classes       = OtherFee + 1
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
	// TaxIncluded says that all prices, the caps of Idle and the flat fees
	// contain the taxes of their component; else the taxes come on top.
	TaxIncluded bool
	Limit       PriceLimit // of the whole session
	Idle        IdleRule   // grace and caps of idle time
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
	// Price is in units of 10^-Tariff.Scale per kWh, hour or litre, or for a
	// flat fee the fee; it may be zero or negative.
	Price int64
	// Step is what a session's sum is rounded up to a multiple of, in the
	// dimension's unit (mWh, s, mL): see the package documentation. 0 is none.
	Step  int64
	Taxes []Tax // at most MaxTaxes; none is "not taxed", which is not 0 %
}

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
