// SPDX-License-Identifier: Apache-2.0

package tariff

import "fmt"

// check is what the check of quantities finds out about them.
type check struct {
	cells        int   // how many are of components
	closed, open int64 // of the periods of a cap
	fees         int64 // s times the unit of price: occupancy fees under such a cap
	sums         [stepGroups][classes]int64
	fell         [classes]int64                        // what cells below zero take off the sums of energy
	last         []int                                 // Quantities.Last
	surplus      [int(stepGroups) * int(classes)]int64 // by last: what its step adds
}

// quantities refuses what Measure could not have produced.
func (k *check) quantities(p *Plan, q *Quantities) error {
	k.cells = len(q.Cells)
	for k.cells > 0 && p.tariff.Idle.Period != NoPeriod && q.Cells[k.cells-1].Index >= len(p.components) {
		k.cells--
	}
	for i, c := range q.Cells {
		if i > 0 && c.Index <= q.Cells[i-1].Index {
			return &Error{fmt.Sprintf("Cells[%d].Index", i), ErrQuantities}
		}
		if c.Quantity == 0 || c.Quantity < 0 && p.ceiling.feedback == 0 {
			return &Error{fmt.Sprintf("Cells[%d].Quantity", i), ErrQuantities}
		}
		if i >= k.cells {
			if err := k.period(p, c); err != nil {
				return within(fmt.Sprintf("Cells[%d]", i), err)
			}
		} else if err := k.cell(p, c); err != nil {
			return within(fmt.Sprintf("Cells[%d]", i), err)
		}
	}
	if err := k.periods(p); err != nil {
		return err
	}
	if err := k.flats(p, q.Flats); err != nil {
		return err
	}
	return k.steps(p, q)
}

// cell checks a cell and adds it to the sums of its step groups.
func (k *check) cell(p *Plan, c Cell) error {
	if c.Index < 0 || c.Index >= len(p.components) || p.first[p.owner[c.Index]] != c.Index {
		return &Error{"Index", ErrQuantities}
	}
	e := &p.tariff.Elements[p.owner[c.Index]]
	d := e.Components[0].Dimension
	most := [dimensions]int64{Energy: p.ceiling.energy + p.ceiling.feedback, TimeSpent: MaxDuration,
		IdleTime: MaxDuration, Volume: p.ceiling.volume}[d]
	if most == 0 {
		return &Error{"Index", ErrQuantities} // a flat fee
	}
	if e.When.Reservation != NoReservation {
		most *= 2 // before the session, and where readings go back to it
	}
	if c.Quantity < 0 && d != Energy {
		return &Error{"Quantity", ErrQuantities}
	}
	g := e.stepGroup()
	for i := range e.Components {
		sum, fell := &k.sums[g][e.Components[i].Class], &k.fell[e.Components[i].Class]
		rose := *sum
		if d == Energy {
			rose += *fell
		}
		if c.Quantity > most-rose || c.Quantity < 0 && -c.Quantity > p.ceiling.feedback-*fell {
			return &Error{"Quantity", ErrAboveLimit}
		}
		*sum += c.Quantity
		*fell -= min(0, c.Quantity)
		if d == IdleTime && e.Components[i].Class == Occupancy && p.tariff.Idle.Period != NoPeriod {
			k.fees += c.Quantity * e.Components[i].Price // provePeriods bounds both
		}
	}
	return nil
}

// period takes in a cell of a cap over periods.
func (k *check) period(p *Plan, c Cell) error {
	if c.Quantity > never/4 || c.Quantity < 0 {
		return &Error{"Quantity", ErrQuantities}
	}
	switch c.Index - len(p.components) {
	case 0:
		k.closed = c.Quantity
	case 1:
		k.open = c.Quantity
	default:
		return &Error{"Index", ErrQuantities}
	}
	return nil
}

// kept is what the periods before the last one charge, each its cap at most.
func (k *check) kept() int64 { return k.fees - k.closed - k.open }

// periods checks that what the cells of a cap hold is part of the fees, and that
// what was above the cap was so beside a whole cap.
func (k *check) periods(p *Plan) error {
	kept := k.kept()
	if kept < 0 || k.closed > 0 && kept < p.tariff.Idle.PeriodCap*3600 {
		return &Error{"Cells", ErrQuantities}
	}
	return nil
}

// flats checks that the fees are flat, ascend, and that no class has two of
// the session or of the reservation.
func (k *check) flats(p *Plan, flats []int) error {
	var seen [2][classes]bool
	for i, index := range flats {
		if index < 0 || index >= len(p.components) || p.components[index].Dimension != FlatFee || i > 0 && index <= flats[i-1] {
			return &Error{fmt.Sprintf("Flats[%d]", i), ErrQuantities}
		}
		reserved := btoi(p.tariff.Elements[p.owner[index]].When.Reservation != NoReservation)
		if class := p.components[index].Class; seen[reserved][class] {
			return &Error{fmt.Sprintf("Flats[%d]", i), ErrQuantities}
		}
		seen[reserved][p.components[index].Class] = true
	}
	return nil
}

// steps finds what the step of each group's last component adds.
func (k *check) steps(p *Plan, q *Quantities) error {
	k.last = q.Last
	var seen [stepGroups][classes]bool
	for i, index := range q.Last {
		if index < 0 || index >= len(p.components) || i > 0 && index <= q.Last[i-1] || i >= len(k.surplus) {
			return &Error{fmt.Sprintf("Last[%d]", i), ErrQuantities}
		}
		c, e := &p.components[index], p.owner[index]
		g := p.tariff.Elements[e].stepGroup()
		fed := g == Energy && p.ceiling.feedback > 0 // all of the cell may have been fed back
		if seen[g][c.Class] || !k.rounds(p, g, c.Class) || !fed && !hasCell(q.Cells, p.first[e]) {
			return &Error{fmt.Sprintf("Last[%d]", i), ErrQuantities}
		}
		seen[g][c.Class] = true
		if rest := k.sums[g][c.Class]; c.Step > 0 && rest%c.Step != 0 {
			k.surplus[i] = c.Step - rest%c.Step
		}
	}
	for g := range seen {
		for class := range seen[g] {
			if !seen[g][class] && k.rounds(p, Dimension(g), Class(class)) {
				return &Error{"Last", ErrQuantities}
			}
		}
	}
	return nil
}

// rounds reports whether a step group must have a last component: it has a
// quantity and a step, and is not time beside idle time.
func (k *check) rounds(p *Plan, g Dimension, class Class) bool {
	return k.sums[g][class] > 0 && p.stepsIn(g, class) && (g != TimeSpent || k.sums[IdleTime][class] == 0)
}

// hasCell reports whether a cell is there.
func hasCell(cells []Cell, index int) bool {
	for _, c := range cells {
		if c.Index == index {
			return true
		}
	}
	return false
}
