// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// share is what one tariff prices of a course.
type share struct {
	from       *Tariff
	plan       *tariff.Plan
	normal     *tariff.Tariff // of the plan, with prices of an hour
	stretches  []int
	sums       []portion         // by component
	quantities tariff.Quantities // the sums, where all are whole
	split      bool              // a sum is not whole
	order      []int             // components in order of their last increment, the latest last
	extra      map[int]int64     // by component: what AddStep added to a quantity
	fine       uint8             // quantities of time are in 10^-fine s
}

// measure finds the quantities of a share. before are the registers at the
// beginning of each stretch.
func (sh *share) measure(c *course, before []int64) error {
	s := newSelector(sh.plan, c)
	sh.normal = sh.plan.Tariff()
	sh.sums = make([]portion, components(sh.plan.Tariff()))
	flats := sh.plan.Meter()
	var last tariff.Reading
	for _, i := range sh.stretches {
		from := &c.stretches[i]
		pieces, err := s.pieces(from, before[i], c.profile.Straddle)
		for j := 0; j < len(pieces) && err == nil; j++ {
			r := pieces[j].reading()
			r.At, r.Energy = max(r.At, last.At), max(r.Energy, last.Energy)
			last = r
			if err = flats.Add(r); err == nil {
				err = sh.piece(s, &pieces[j])
			}
		}
		last.At, last.Energy = max(from.end, last.At), before[i]+from.energy
		if err == nil {
			err = flats.Add(last)
		}
		if err != nil {
			return c.fail(sentinel(err), "charging_periods[%d]", from.index)
		}
	}
	if s.rounded {
		c.once(tariff.Info, Rounded, "mWh, s", "charging_periods")
	}
	for index, sum := range sh.sums {
		sh.split = sh.split || sum.rest != nil
		if sum.whole > 0 {
			sh.quantities.Cells = append(sh.quantities.Cells, tariff.Cell{Index: index, Quantity: sum.whole})
		}
	}
	sh.quantities.Flats = flats.Quantities().Flats
	return nil
}

func components(t *tariff.Tariff) (n int) {
	for i := range t.Elements {
		n += len(t.Elements[i].Components)
	}
	return n
}

// piece adds the quantities of a piece to the sums of its components.
func (sh *share) piece(s *selector, p *piece) error {
	r := p.reading()
	for _, part := range [...]struct {
		phase         tariff.Phase
		energy, count portion
	}{{tariff.Reserved, portion{}, p.counts[booked]}, {tariff.Charging, p.energy, p.counts[charged]}, {tariff.Idle, portion{}, p.counts[parked]}} {
		if part.energy.none() && part.count.none() {
			continue
		}
		r.Phase = part.phase
		chosen, err := s.at(r)
		if err == nil {
			err = sh.add(chosen.energy, part.energy)
		}
		if err == nil {
			err = sh.add(chosen.time, part.count)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (sh *share) add(index int, quantity portion) error {
	if index < 0 || quantity.none() {
		return nil
	}
	if n := slices.Index(sh.order, index); n >= 0 {
		sh.order = slices.Delete(sh.order, n, n+1)
	}
	sh.order = append(sh.order, index)
	return sh.sums[index].add(quantity)
}

// stepGroup is what a step rounds the sum of: energy, time of a reservation, or
// time and parking time together, within a class.
type stepGroup struct {
	dimension tariff.Dimension
	class     tariff.Class
	reserved  bool
}

func groupOf(t *tariff.Tariff, index int) stepGroup {
	c := componentAt(t, index)
	g := stepGroup{c.Dimension, c.Class, elementAt(t, index).When.Reservation != tariff.NoReservation}
	if g.dimension == tariff.IdleTime {
		g.dimension = tariff.TimeSpent
	}
	return g
}

// steps names the last component of each step group, as package tariff wants
// it: where a step group has parking time, of the parking time.
func (sh *share) steps(p Profile) {
	t := sh.plan.Tariff()
	stepped := map[stepGroup]bool{}
	for index := range components(t) {
		if componentAt(t, index).Step > 0 {
			stepped[groupOf(t, index)] = true
		}
	}
	last, idle := map[stepGroup]int{}, map[stepGroup]bool{}
	for _, index := range sh.order {
		g := groupOf(t, index)
		parked := componentAt(t, index).Dimension == tariff.IdleTime
		if !stepped[g] || idle[g] && !parked {
			continue
		}
		last[g], idle[g] = index, idle[g] || parked
	}
	for _, index := range sh.order { // in this order, not that of a map
		if g := groupOf(t, index); stepped[g] && last[g] == index {
			sh.quantities.Last = append(sh.quantities.Last, index)
		}
	}
	slices.Sort(sh.quantities.Last)
	if p.Multiple == AddStep {
		sh.addSteps(t)
	}
}

// addSteps adds a step to each sum that is a multiple of its step already.
func (sh *share) addSteps(t *tariff.Tariff) {
	sh.extra = map[int]int64{}
	for _, index := range sh.quantities.Last {
		step := componentAt(t, index).Step
		var sum int64
		for _, cell := range sh.quantities.Cells {
			if groupOf(t, cell.Index) == groupOf(t, index) && componentAt(t, cell.Index).Dimension == componentAt(t, index).Dimension {
				sum += cell.Quantity
			}
		}
		if step == 0 || sum%step != 0 {
			continue
		}
		sh.extra[index] = step
		for i := range sh.quantities.Cells {
			if sh.quantities.Cells[i].Index == index {
				sh.quantities.Cells[i].Quantity += step
			}
		}
	}
}

// refine makes a plan whose quantities of time are in 10^-fine s: the same
// normal form with prices of time divided and all others as they are.
func (sh *share) refine(fine uint8, limits tariff.Limits, offsets []tariff.Offset) error {
	if fine == 0 {
		return nil
	}
	more := pow10(fine)
	t := *sh.plan.Tariff()
	t.Scale += fine
	t.Elements = slices.Clone(t.Elements)
	for i := range t.Elements {
		e := &t.Elements[i]
		e.Components = slices.Clone(e.Components)
		for j := range e.Components {
			c := &e.Components[j]
			if c.Dimension == tariff.TimeSpent || c.Dimension == tariff.IdleTime {
				c.Step *= more
				continue
			}
			if c.Price > maxPrice/more || c.Price < -maxPrice/more {
				return tariff.ErrOverflow
			}
			c.Price *= more
		}
	}
	plan, err := t.Compile(limits, offsets)
	if err == nil {
		sh.plan, sh.fine = plan, fine
	}
	return err
}

const maxPrice = 1<<63 - 1
