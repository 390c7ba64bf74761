// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"fmt"
	"slices"
)

// Phase says what a session is doing at a reading.
type Phase uint8

// The phases. Elements never apply while a session is reserved.
const (
	Charging Phase = 0
	Idle     Phase = 1 // the device asks for nothing after first delivery
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

// Cell is a quantity and the component that prices it. Components of one
// element and dimension that are always selected together share the cell of
// the first.
type Cell struct {
	Index    int   // of the component, counted over all elements of the normal form
	Quantity int64 // > 0; mWh for energy
}

// Quantities are all that a price depends on: what a settlement carries and a
// bill is recomputed from. Cells ascend by index, and absent means zero. Last
// (the last component of each step group) and Flats (the flat fees due) are
// empty for every tariff without such components.
type Quantities struct {
	Cells       []Cell
	Last, Flats []int
}

// Measure reduces the readings of a session to quantities, written over dst;
// it allocates nothing once dst has grown. Readings are in order of time.
//
// The energy between two readings belongs to the components selected at the
// earlier one, so a price that begins at 17:00:00 counts from the first reading
// at or after it. The record is exact where a reading was taken at each moment
// that [Meter.Due] names; further readings then change nothing, to the last digit.
//
// It fails with [ErrReading], [ErrBackwards] or [ErrAboveLimit], with the
// reading's index as path, and then leaves dst empty.
func (p *Plan) Measure(dst *Quantities, readings []Reading) error {
	dst.reset(p)
	c := cursor{plan: p}
	for i := range readings {
		if err := c.add(dst.Cells, &readings[i]); err != nil {
			*dst = Quantities{dst.Cells[:0], dst.Last, dst.Flats}
			return within(fmt.Sprintf("readings[%d]", i), err)
		}
	}
	c.book(dst.Cells, c.last.Energy)
	dst.Cells = slices.DeleteFunc(dst.Cells, func(c Cell) bool { return c.Quantity == 0 })
	return nil
}

// reset makes dst one zero cell for each element.
func (dst *Quantities) reset(p *Plan) {
	dst.Cells, dst.Last, dst.Flats = dst.Cells[:0], dst.Last[:0], dst.Flats[:0]
	for _, index := range p.first {
		dst.Cells = append(dst.Cells, Cell{Index: index})
	}
}

// Meter measures a session reading by reading. After any number of them its
// quantities are those of Measure over the same readings.
type Meter struct {
	cursor cursor
	cells  []Cell // one for each element, also where zero; without what is not booked
}

// Meter returns a meter without readings.
func (p *Plan) Meter() *Meter {
	var q Quantities
	q.reset(p)
	return &Meter{cursor: cursor{plan: p}, cells: q.Cells}
}

// Add takes in the next reading. It fails as [Plan.Measure] does, and then has
// changed nothing.
func (m *Meter) Add(r Reading) error { return m.cursor.add(m.cells, &r) }

// Quantities returns what was measured so far, as a copy.
func (m *Meter) Quantities() Quantities {
	cells, c := slices.Clone(m.cells), m.cursor
	c.book(cells, c.last.Energy)
	return Quantities{Cells: slices.DeleteFunc(cells, func(c Cell) bool { return c.Quantity == 0 })}
}

// Due returns the next moment at which the price changes, in unix seconds:
// read the register then, or as soon after as possible. It returns false where
// the price never changes again, and before the first reading.
func (m *Meter) Due() (at int64, ok bool) {
	if !m.cursor.started || m.cursor.until == never {
		return 0, false
	}
	return m.cursor.until, true
}

// cursor walks over readings. It books energy only where the selection may
// change, so that most readings cost no more than their check.
type cursor struct {
	plan     *Plan
	started  bool
	first    int64 // energy register of the first reading
	booked   int64 // energy register up to which the cells are booked
	last     Reading
	elements []int // selected at last
	until    int64 // elements stay the same before this second
}

// add takes in a reading.
func (c *cursor) add(cells []Cell, r *Reading) error {
	if !c.started || !c.plain(r) {
		if err := c.check(r); err != nil {
			return err
		}
	}
	if !c.started {
		c.started, c.first, c.booked = true, r.Energy, r.Energy
	}
	if r.At >= c.until || r.Phase != c.last.Phase {
		c.book(cells, r.Energy)
		c.elements, c.until = c.plan.locate(r.At)
	}
	c.last.At, c.last.Energy, c.last.Volume, c.last.Phase = r.At, r.Energy, r.Volume, r.Phase
	return nil
}

// book gives the energy up to a register to what was selected at the last reading.
func (c *cursor) book(cells []Cell, register int64) {
	if c.last.Phase != Reserved {
		for _, e := range c.elements {
			cells[e].Quantity += register - c.booked
		}
	}
	c.booked = register
}

// plain reports whether a reading may follow the last one: check without the
// reason, for the many that have none.
func (c *cursor) plain(r *Reading) bool {
	return r.At >= c.last.At && r.At <= maxTime && r.Energy >= c.last.Energy && r.Volume >= c.last.Volume &&
		r.Phase <= Reserved && r.Energy-c.first <= c.plan.ceiling
}

// check holds a reading against its bounds and the reading before.
func (c *cursor) check(r *Reading) error {
	switch {
	case r.At < 0 || r.At > maxTime:
		return &Error{"At", ErrReading}
	case r.Energy < 0:
		return &Error{"Energy", ErrReading}
	case r.Volume < 0:
		return &Error{"Volume", ErrReading}
	case r.Phase > Reserved:
		return &Error{"Phase", ErrReading}
	case !c.started:
		return nil
	case r.At < c.last.At:
		return &Error{"At", ErrBackwards}
	case r.Energy < c.last.Energy:
		return &Error{"Energy", ErrBackwards}
	case r.Volume < c.last.Volume:
		return &Error{"Volume", ErrBackwards}
	case r.Energy-c.first > c.plan.ceiling:
		return &Error{"Energy", ErrAboveLimit}
	}
	return nil
}
