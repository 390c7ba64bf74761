// SPDX-License-Identifier: Apache-2.0

package tariff

import "fmt"

// Possible reports whether a session of this many seconds, which delivered so
// much (mWh, or mL where volume has a price), can have had these quantities
// under the plan's Facts: [Plan.Price] holds them against the tariff alone. It
// is for readers of a record whose readings they do not have. What it lets pass
// need not have been so; it fails with [ErrQuantities] for
//
//   - more reserved time than Facts.Reserved, a flat fee of a reservation that
//     there was not, or a price of one that did not expire;
//   - more energy, volume or charging time within a tier than the session has in
//     it;
//   - idle time of which no grace was left out;
//   - occupancy fees above their cap for so many periods.
//
// Sessions with feedback, and reservations that readings show, are not judged.
func (p *Plan) Possible(q Quantities, duration, delivered int64) error {
	var idle [classes]int64
	for i, c := range q.Cells {
		if c.Index < 0 || c.Index >= len(p.components) {
			continue // of a cap
		}
		e := &p.tariff.Elements[p.owner[c.Index]]
		if c.Quantity > p.reach(e, duration, delivered) {
			return &Error{fmt.Sprintf("Cells[%d].Quantity", i), ErrQuantities}
		}
		for j := range e.Components {
			if e.Components[j].Dimension == IdleTime {
				idle[e.Components[j].Class] += c.Quantity
			}
		}
	}
	for _, seconds := range idle {
		if seconds > 0 && !p.leavesGrace(seconds, duration) {
			return &Error{"Cells", ErrQuantities}
		}
	}
	for i, index := range q.Flats {
		if r := p.tariff.Elements[p.owner[index]].When.Reservation; r != NoReservation && !p.granted(r) {
			return &Error{fmt.Sprintf("Flats[%d]", i), ErrQuantities}
		}
	}
	return p.capped(q, duration)
}

// granted reports whether the order knows of such a reservation.
func (p *Plan) granted(r Reservation) bool {
	f := &p.limits.Facts
	return f.Reserved > 0 && (r != ExpiredReservation || f.Expired)
}

// reach is the most that the cell of an element can hold.
func (p *Plan) reach(e *Element, duration, delivered int64) int64 {
	f, w := &p.limits.Facts, &e.When
	if w.Reservation != NoReservation {
		if !p.granted(w.Reservation) {
			return 0
		}
		return f.Reserved
	}
	switch e.Components[0].Dimension {
	case Energy:
		if p.ceiling.feedback > 0 {
			return never
		}
		return w.Energy.part(f.Energy, delivered)
	case Volume:
		return w.Volume.part(f.Volume, delivered)
	case TimeSpent:
		return w.Time.part(f.Time, duration)
	}
	return duration
}

// part returns how much of what lies from opening on is within a span.
func (s Span) part(opening, quantity int64) int64 {
	end := opening + quantity
	if s.Max != 0 {
		end = min(end, s.Max)
	}
	return max(0, end-max(opening, s.Min))
}

// leavesGrace reports whether so much charged idle time leaves room for grace.
func (p *Plan) leavesGrace(idle, duration int64) bool {
	rule := &p.tariff.Idle
	if rule.Retroactive {
		return duration > rule.Grace || rule.Grace == 0
	}
	return idle <= duration-rule.Grace
}

// capped reports whether what the caps of earlier periods let pass needs no more
// periods than there were: days of the session, and local days of 23 hours and
// one more for each change of the offset.
func (p *Plan) capped(q Quantities, duration int64) error {
	rule := &p.tariff.Idle
	if rule.Period == NoPeriod {
		return nil
	}
	earlier := duration / day
	if rule.Period == PerLocalDay {
		earlier = duration/(day-3600) + int64(len(p.calendar.offsets))
	}
	var k check
	if err := k.quantities(p, &q); err != nil {
		return err
	}
	if kept, most := k.kept(), rule.PeriodCap*3600; kept > 0 && (kept-1)/most >= earlier {
		return &Error{"Cells", ErrQuantities}
	}
	return nil
}
