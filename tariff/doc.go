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
// to the energy under each price. That is all a price depends on, and it is
// short: a session of eight hours under four rates is four numbers. [Plan.Price]
// turns them into a [Bill] that explains itself: each line has its quantity, its
// unit price, its hours, its exact amount and its rounded one, and the lines add
// up to what is paid. [Bill.Check] validates a bill without the tariff.
//
// # Rules, first revision
//
// At each moment and for each pair of dimension and class, the first element
// whose restrictions hold and which has such a component sets the price. Where
// none does, and while a session is reserved, nothing is charged. Windows are
// half-open in local time: 17:00:00 belongs to the price that begins at 17:00.
//
// The energy between two readings belongs to what was selected at the earlier
// one. A boundary of the clock therefore takes effect at the first reading at or
// after it, and a meter that is read when [Meter.Due] says so splits exactly.
// Reading it more often changes nothing.
//
// What is evaluated is the normal form ([Tariff.Normalize]). An element of a
// normal form is one cell, counted by the index of its first component.
//
// Amounts are exact products until each rounding unit (the session, a tax
// group, or a component) is rounded once, to the scale of the order. Where lines
// were rounded for display and their unit is larger, a residue line holds the
// difference. The sum is then rounded to the payable decimals, and what lies
// above the order's limit is waived; both are lines of their own.
//
// # What it never does
//
// It uses no floating point, no clock and no time zone: local time is the
// offsets that the order carries. Integers carry units in their names or
// comments (energy is mWh, time is seconds, money is an integer with a scale),
// products have 128 bits, and a result that does not fit is an error; Compile
// proves that none can occur afterwards. Measuring and pricing allocate nothing
// once their results have grown, and the package imports the standard library only.
package tariff
