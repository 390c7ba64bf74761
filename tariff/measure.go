// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

// Phase says what a session is doing at a reading.
type Phase uint8

// The phases.
const (
	Charging Phase = 0
	Idle     Phase = 1 // the vehicle asks for nothing after first delivery
	Reserved Phase = 2 // not begun
)

// maxTime is the last second of the year 9999.
const maxTime = 253402300799

// Reading is one look at the meter. Its phase, power and current hold until
// the next reading.
type Reading struct {
	At      int64 // unix seconds on the order's time base
	Energy  int64 // register, mWh
	Volume  int64 // register, mL
	Power   int32 // W
	Current int32 // mA, the sum of the phases
	Phase   Phase
}

// Cell is a quantity and the component that prices it. The components of one
// element of the normal form share the cell of the first.
//
// Where the tariff caps occupancy fees over periods there are two more cells
// behind the components, both in s times 10^-Tariff.Scale per hour: what was
// above the cap in all periods but the last, and all of the last period.
type Cell struct {
	Index    int   // of the component, counted over all elements of the normal form
	Quantity int64 // mWh for energy, s for time, mL for volume; below 0 for energy that was fed back, never 0
}

// Quantities are all that a price depends on: what a settlement carries and a
// bill is recomputed from. Cells ascend by index, and absent means zero.
//
// Last has, ascending, for each step group with a quantity above zero and a step
// the component of its last positive increment. Where the register may fall
// ([Limits.Feedback]) what that component measured may have been fed back since,
// so that it has no cell, or one below zero. A step group is a class of energy, of volume, of the
// time of a reservation, or of time and idle time together; idle time goes
// before time there. Flats are the flat fees due, ascending.
type Quantities struct {
	Cells       []Cell
	Last, Flats []int
}

// Measure reduces the readings of a session to quantities, written over dst;
// it allocates nothing once dst has grown. Readings are in order of time.
//
// What is drawn and spent between two readings belongs to the components
// selected at the earlier one, so a price that begins at 17:00:00 counts from
// the first reading at or after it. Only cumulative tiers of the quantity
// itself are cut between readings. The record is exact where a reading was
// taken at each moment that [Meter.Due] names and at each change of phase, power
// or current that matters; further readings then change nothing, to the last digit.
//
// Where the energy register falls ([Limits.Feedback]), what it falls by is taken
// off the component selected at the time, tier by tier backwards. What a
// register reads above or below the sum of a session's first reading is net.
//
// It fails with [ErrReading], [ErrBackwards] or [ErrAboveLimit], with the
// reading's index as path, and then leaves dst empty.
func (p *Plan) Measure(dst *Quantities, readings []Reading) error {
	c := cursor{plan: p}
	for i := range readings {
		if err := c.add(&readings[i]); err != nil {
			*dst = Quantities{dst.Cells[:0], dst.Last[:0], dst.Flats[:0]}
			return within(fmt.Sprintf("readings[%d]", i), err)
		}
	}
	c.quantities(dst)
	return nil
}

// Meter measures a session reading by reading. After any number of them its
// quantities are those of Measure over the same readings.
type Meter struct{ cursor cursor }

// Meter returns a meter without readings.
func (p *Plan) Meter() *Meter { return &Meter{cursor: cursor{plan: p}} }

// Add takes in the next reading. It fails as [Plan.Measure] does, and then has
// changed nothing.
func (m *Meter) Add(r Reading) error { return m.cursor.add(&r) }

// Quantities returns what was measured so far, as a copy.
func (m *Meter) Quantities() (q Quantities) {
	c := m.cursor
	c.quantities(&q)
	return q
}

// Due returns the next moment at which the price may change by the clock alone,
// in unix seconds: read the register then, or as soon after as possible. It
// returns false where there is none, and before the first reading.
func (m *Meter) Due() (at int64, ok bool) {
	if !m.cursor.started || m.cursor.until == never {
		return 0, false
	}
	return m.cursor.until, true
}

// quantities books what is left and writes what was measured over dst.
func (c *cursor) quantities(dst *Quantities) {
	dst.Cells, dst.Last, dst.Flats = dst.Cells[:0], dst.Last[:0], dst.Flats[:0]
	if !c.started {
		return
	}
	c.book(c.last.At, c.last.Energy, c.last.Volume)
	for e, index := range c.plan.first {
		if q := c.cells[e] + c.idle[0].cells[e]; q != 0 {
			dst.Cells = append(dst.Cells, Cell{index, q})
		}
	}
	for i, q := range [...]int64{c.idle[0].closed, c.idle[0].open} {
		if q > 0 {
			dst.Cells = append(dst.Cells, Cell{len(c.plan.components) + i, q})
		}
	}
	if c.plan.stepped {
		c.appendLast(dst)
	}
	if c.plan.flats {
		for _, fired := range c.fired {
			dst.Flats = appendMarks(dst.Flats, fired)
		}
		slices.Sort(dst.Flats)
	}
}

// appendLast appends the last component of each step group.
func (c *cursor) appendLast(dst *Quantities) {
	c.latest[IdleTime] = c.idle[0].latest
	for g, marks := range c.latest {
		for class := range marks {
			idle := Dimension(g) == TimeSpent && c.latest[IdleTime][class] != 0
			credit := Dimension(g) == Energy && c.plan.ceiling.feedback > 0 && c.drawn(Class(class)) <= 0
			if !c.plan.stepsIn(Dimension(g), Class(class)) || idle || credit {
				marks[class] = 0
			}
		}
		dst.Last = appendMarks(dst.Last, marks)
	}
	slices.Sort(dst.Last)
}

// drawn returns what a class of energy adds up to.
func (c *cursor) drawn(class Class) (sum int64) {
	for s := c.plan.columns[Energy][class]; s != 0; s &= s - 1 {
		sum += c.cells[s.index()]
	}
	return sum
}

// stepsIn reports whether some component of a step group has a step.
func (p *Plan) stepsIn(g Dimension, class Class) bool {
	if g == TimeSpent || g == IdleTime {
		return p.steps[TimeSpent][class] || p.steps[IdleTime][class]
	}
	return p.steps[g][class]
}

// appendMarks appends the components that are marked.
func appendMarks(dst []int, marks [classes]uint16) []int {
	for _, mark := range marks {
		if mark > 0 {
			dst = append(dst, int(mark)-1)
		}
	}
	return dst
}
