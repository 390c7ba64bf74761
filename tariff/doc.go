// SPDX-License-Identifier: Apache-2.0

// Package tariff prices metered sessions exactly.
//
// It is for everyone who must arrive at the same price: the charger that shows
// a running cost, the server that recomputes it, the phone that checks it. All
// of them run the same functions over the same small record, and get the same
// bill to the last digit.
//
// # How a price is made
//
// A [Tariff], or a [Grid] turned into one, is compiled for an order:
//
//	plan, err := t.Compile(limits, offsets)
//
// The [Plan] then does two things that meet in [Quantities]:
//
//	readings → Measure → Quantities → Price → Bill
//
// [Plan.Measure], or a [Meter] reading by reading, reduces what the meter showed
// to the quantity under each price. That is all a price depends on, and it is
// short: a session of eight hours under four rates is four numbers. [Plan.Price]
// turns them into a [Bill] that explains itself: each line has its quantity, its
// unit price, the restrictions it was charged under, its exact amount and its
// rounded one, and the lines add up to what is paid. [Bill.Check] validates a
// bill without the tariff. Before any of this, [Tariff.Lint] tells an author what
// looks wrong.
//
// # Rules, first revision
//
// At each moment and for each pair of dimension and class, the first element
// whose restrictions hold and which has such a component sets the price. Where
// none does nothing is charged. While a session is reserved only elements of a
// reservation apply, at other times only the others. Windows and dates are local
// and half-open: 17:00:00 belongs to the price that begins at 17:00, and what
// comes after midnight to the new day.
//
// What is drawn and spent between two readings belongs to what was selected at
// the earlier one, and so do its labels: phase, power, current. A boundary of
// the clock or of a duration therefore takes effect at the first reading at or
// after it, and a meter that is read when [Meter.Due] says so splits exactly.
// Cumulative tiers of energy, charging time and volume cut their own quantity
// where it passes them; for other quantities they too take effect at the next
// reading. Of complete records, those that have a reading at each change of the
// selection and of its labels, further readings change nothing, to the last
// digit. Of an incomplete record they can: what it lacks nobody can restore.
//
// Time is charged while charging, or while reserved by elements of a
// reservation; idle time after its grace ([IdleRule]); a flat fee for the first
// component of its class that is selected while anything is drawn or spent, once
// for the session and once for its reservation.
//
// What is evaluated is the normal form ([Tariff.Normalize]). An element of a
// normal form is one cell, counted by the index of its first component.
//
// A step rounds up a session's sum within a step group: one class of energy, of
// volume, of the time of a reservation, or of time and idle time together. The
// step is that of the component with the group's last positive increment, and
// what it adds is charged at that component's price. A sum of zero stays zero.
// Where idle time was charged, it alone is rounded, not the time beside it.
//
// Caps ([IdleRule]) then bound the occupancy fee, what steps added included.
//
// Where a vehicle may feed back ([Limits.Feedback]) the energy register is net.
// What it falls by is taken off the component selected at the time, and off the
// tier that it falls through, so that a cell may end below zero: a credit at the
// same price. A step rounds a sum above zero only: energy that was never fed
// back is not paid for. To such records belongs a reading at each turn of the
// register.
//
// Amounts are exact until each rounding unit (the session, a tax group, or a
// component) is rounded once, to the scale of the order: without taxes and with
// them, each from its exact amount. Where lines were rounded for display and
// their unit is larger, a residue line holds the difference. A limit
// ([PriceLimit]) that binds replaces the amount of each tax group by its share,
// and taxes are reckoned on these. The sum with taxes is then rounded to the
// payable decimals, and what lies above the order's limit is waived; both are
// lines of their own.
//
// # When to stop
//
// [Meter.StopAt] is the inverse of the price: how long a session may go on
// within a budget. A cost can fall as a session goes on, when a step or a price
// falls away, so it answers with the first crossing.
//
// # What it never does
//
// It uses no floating point, no clock and no time zone: local time is the
// offsets that the order carries. Integers carry units in their names or
// comments (energy is mWh, volume mL, time seconds, money is an integer with a scale),
// products have 128 bits, and a result that does not fit is an error; Compile
// proves that none can occur afterwards. Measuring and pricing allocate nothing
// once their results have grown, and the package imports the standard library only.
package tariff
