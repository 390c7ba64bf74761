// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"slices"
	"time"
)

// Restrictions say when an element applies: when all of them hold. The zero
// value is always, except while a session is reserved.
type Restrictions struct {
	Windows     []Window // of the local day, any of them; none means all day
	Days        Days     // local days of the week, 0 for all
	From, Until Date     // local dates, From included and Until not; 0 for open
	Energy      Span     // mWh drawn so far, with what the order's Facts add
	Time        Span     // s of charging so far, with what the order's Facts add
	Volume      Span     // mL drawn so far, with what the order's Facts add
	Power       Span     // W at the latest reading; 0 in a reservation that Facts tell of
	Current     Span     // mA at the latest reading, the sum of the phases; likewise 0
	Duration    Span     // s since the session began, that is was no longer reserved; before that, since the reservation began
	Idle        Span     // s since it began to idle this time
	Reservation Reservation
}

// Span is a half-open range: Min ≤ x < Max. A Max of 0 is no bound, nor is a Min
// of 0: a vehicle that fed back more than it drew is in the range that begins there.
type Span struct{ Min, Max int64 }

// Days is a set of days of the week: bit n is the day that [time.Weekday]
// counts as n, Sunday is bit 0.
type Days uint8

const allDays Days = 1<<7 - 1

// Date is a day, counted from 1970-01-01, which is day 0 and stands for none.
type Date int32

// DateOf returns the date of a day of the Gregorian calendar.
func DateOf(year int, month time.Month, dayOfMonth int) Date {
	return Date(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix() / day)
}

// Reservation says whether an element belongs to a session or to a reservation
// of one.
type Reservation uint8

// Elements of a reservation may price flat fees and time only. While a session
// is reserved no others apply. Where the reservation expired, ExpiredReservation
// goes before Reservation, whatever their order.
const (
	NoReservation      Reservation = 0 // of a session
	AnyReservation     Reservation = 1 // while reserved
	ExpiredReservation Reservation = 2 // of a reservation that nobody came for
)

// Window is a part of the local day in seconds since midnight, half-open: From
// belongs to it and To does not. Where To is not after From the window runs
// over midnight; 22:00 to 06:00 is {79200, 21600}. The end of the day is 86400,
// or 0. From is within [0, 86400), To within [0, 86400], and the two differ.
type Window struct{ From, To int32 }

// plain reports whether nothing but the time of day restricts.
func (r *Restrictions) plain() bool {
	return r.Days == 0 && r.From == 0 && r.Until == 0 && r.Reservation == 0 && r.spans() == [7]Span{}
}

// always reports whether nothing restricts.
func (r *Restrictions) always() bool { return len(r.Windows) == 0 && r.plain() }

// spans returns the ranges in a fixed order, that of spanNames.
func (r *Restrictions) spans() [7]Span {
	return [7]Span{r.Energy, r.Time, r.Volume, r.Power, r.Current, r.Duration, r.Idle}
}

var spanNames = [7]string{"Energy", "Time", "Volume", "Power", "Current", "Duration", "Idle"}

// equal compares restrictions as they are written.
func (r *Restrictions) equal(o *Restrictions) bool {
	return r.Days == o.Days && r.From == o.From && r.Until == o.Until && r.Reservation == o.Reservation &&
		r.spans() == o.spans() && slices.Equal(r.Windows, o.Windows)
}

// equal compares two components.
func (c *Component) equal(o *Component) bool {
	return c.Dimension == o.Dimension && c.Class == o.Class && c.Price == o.Price && c.Step == o.Step &&
		slices.Equal(c.Taxes, o.Taxes)
}

func sameComponents(a, b []Component) bool {
	return slices.EqualFunc(a, b, func(x, y Component) bool { return x.equal(&y) })
}
