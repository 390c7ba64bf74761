// SPDX-License-Identifier: Apache-2.0

package tariff

import "math"

// idleBook is the idle time that was booked.
type idleBook struct {
	cells  [MaxElements]int64
	latest [classes]uint16
	// For a cap over periods, in s times the unit of price: what exceeds the cap
	// in the periods before, and all of this period.
	closed, open, period int64
}

// book gives what was drawn and spent up to a reading to what held at the last
// one. Nothing at all has no price, not even a flat fee.
func (c *cursor) book(at, energy, volume int64) {
	seconds, mWh, mL := at-c.at, energy-c.energy, volume-c.volume
	if seconds|mWh|mL == 0 {
		return
	}
	phase := c.last.Phase
	holds := c.holds & c.tiers[tierEnergy] & c.tiers[tierTime] & c.tiers[tierVolume]
	if c.plan.flats {
		c.fire(holds, phase == Reserved)
	}
	charging := seconds
	if phase != Charging {
		charging = 0
	}
	if phase == Reserved {
		c.give(TimeSpent, holds, seconds)
	} else {
		// Each is cut at its own tiers; the others are as at the last reading.
		tiers := c.tiers
		c.walk(Energy, tierEnergy, c.holds&tiers[tierTime]&tiers[tierVolume], mWh)
		c.walk(TimeSpent, tierTime, c.holds&tiers[tierEnergy]&tiers[tierVolume], charging)
		c.walk(Volume, tierVolume, c.holds&tiers[tierEnergy]&tiers[tierTime], mL)
	}
	if phase == Idle {
		c.giveIdle(holds, seconds)
	}
	c.at, c.energy, c.volume = at, energy, volume
}

// fire notes the flat fees that are due, once for each class.
func (c *cursor) fire(holds set, reserved bool) {
	fired := &c.fired[btoi(reserved)]
	for s := c.plan.pick(FlatFee, holds); s != 0; s &= s - 1 {
		e := s.index()
		for j, component := range c.plan.tariff.Elements[e].Components {
			if fired[component.Class] == 0 {
				fired[component.Class] = uint16(c.plan.first[e]+j) + 1
			}
		}
	}
}

// walk gives a quantity to the tiers that it passes through. What is fed back
// goes back through them.
func (c *cursor) walk(d Dimension, tier int, holds set, quantity int64) {
	for quantity < 0 {
		within, low, _ := c.plan.tiers[tier].at(c.taken[tier] - 1)
		part := quantity
		if low != math.MinInt64 {
			part = max(part, low-c.taken[tier])
		}
		c.give(d, holds&within, part)
		c.taken[tier] += part
		quantity -= part
	}
	for quantity > 0 {
		within, _, high := c.plan.tiers[tier].at(c.taken[tier])
		part := quantity
		if high != never {
			part = min(part, high-c.taken[tier])
		}
		c.give(d, holds&within, part)
		c.taken[tier] += part
		quantity -= part
	}
}

// give books a quantity under the elements that are selected.
func (c *cursor) give(d Dimension, holds set, quantity int64) {
	if quantity == 0 {
		return
	}
	for s := c.plan.pick(d, holds); s != 0; s &= s - 1 {
		e := s.index()
		c.cells[e] += quantity
		if c.plan.stepped && quantity > 0 {
			element := &c.plan.tariff.Elements[e]
			c.plan.note(&c.latest[element.stepGroup()], e)
		}
	}
}

// note makes the components of an element the latest of their classes.
func (p *Plan) note(latest *[classes]uint16, element int) {
	for j, component := range p.tariff.Elements[element].Components {
		latest[component.Class] = uint16(p.first[element]+j) + 1
	}
}

// giveIdle books idle time after grace.
func (c *cursor) giveIdle(holds set, seconds int64) {
	rule := &c.plan.tariff.Idle
	before := c.idleAll
	if rule.PerEpisode {
		before = c.idleFor
	}
	c.idleFor += seconds
	c.idleAll += seconds
	if rule.Retroactive {
		c.bookIdle(&c.idle[1], holds, c.at, seconds)
		if before+seconds > rule.Grace {
			c.idle[0] = c.idle[1]
		}
		return
	}
	free := min(seconds, max(0, rule.Grace-before))
	c.bookIdle(&c.idle[0], holds, c.at+free, seconds-free)
}

// bookIdle books idle time from a moment on.
func (c *cursor) bookIdle(b *idleBook, holds set, from, seconds int64) {
	if seconds == 0 {
		return
	}
	p := c.plan
	for s := p.pick(IdleTime, holds); s != 0; s &= s - 1 {
		e := s.index()
		b.cells[e] += seconds
		if p.stepped {
			p.note(&b.latest, e)
		}
		if p.tariff.Idle.Period == NoPeriod {
			continue
		}
		for _, component := range p.tariff.Elements[e].Components {
			if component.Class == Occupancy {
				c.bookPeriods(b, component.Price, from, seconds)
			}
		}
	}
}

// bookPeriods adds occupancy fees to the periods that they fall into.
func (c *cursor) bookPeriods(b *idleBook, price, from, seconds int64) {
	rule := &c.plan.tariff.Idle
	for seconds > 0 {
		period := (from - c.origin) / day
		end := c.origin + (period+1)*day
		if rule.Period == PerLocalDay {
			period, end = c.plan.calendar.localDay(from)
		}
		if period != b.period {
			b.closed += max(0, b.open-rule.PeriodCap*3600)
			b.period, b.open = period, 0
		}
		part := min(seconds, end-from)
		b.open += part * price
		from, seconds = from+part, seconds-part
	}
}
