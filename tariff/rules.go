// SPDX-License-Identifier: Apache-2.0

package tariff

// Tax is one tax on a component. Taxes of one Stack have the same base: the
// price without taxes, plus all taxes of lower stacks.
type Tax struct {
	Name  string // at most 24 bytes, printable ASCII
	Rate  int32  // in 10^-5: 19 % is 19000
	Stack uint8  // 0 to 3
}

// MaxTier bounds the edges of cumulative restrictions and the opening
// quantities of Facts.
const MaxTier = 1 << 53

// PriceLimit binds the price of a session from below and above, without taxes
// or with them; what it adds or takes is shared out over the tax groups in
// proportion to their amounts. 0 is no limit. A minimum applies once anything
// was charged for; one above the maximum is as if absent.
type PriceLimit struct {
	Min, Max int64 // at the tariff's Scale
	Gross    bool  // with taxes
}

// IdleRule is what the components of idle time have in common. Grace counts
// seconds of idling whether or not they have a price at the time. Caps bound
// the fees of class [Occupancy] for idle time, which must not be negative then
// and must all be under the same taxes.
type IdleRule struct {
	Grace       int64 // s, 0 for none
	PerEpisode  bool  // grace anew each time a session begins to idle; else once a session
	Retroactive bool  // once grace is exceeded all is charged; else only what exceeds it
	SessionCap  int64 // at the tariff's Scale, 0 for none
	PeriodCap   int64 // for each period, at the tariff's Scale, 0 for none
	Period      Period
}

// Period is what a cap counts over.
type Period uint8

// The periods.
const (
	NoPeriod    Period = 0
	Per24Hours  Period = 1 // from the beginning of the session on
	PerLocalDay Period = 2 // a day that was over does not begin again where a clock is set back
)
