// SPDX-License-Identifier: Apache-2.0

package tariff

import "math"

// cursor walks over readings. It books only where the selection may change, so
// that most readings cost no more than their check.
type cursor struct {
	plan    *Plan
	started bool
	begun   bool // no longer reserved, or never was
	last    Reading

	// What is booked.
	at, energy, volume int64    // up to where
	taken              [3]int64 // by tiers, with the opening quantities
	idleFor, idleAll   int64    // s, of this episode and of all
	fedBack            int64    // how much the energy register fell in all, up to last
	cells              [MaxElements]int64
	idle               [2]idleBook                 // charged; and with what is within a retroactive grace
	latest             [stepGroups][classes]uint16 // 1 + the component of the last positive increment
	fired              [2][classes]uint16          // 1 + the flat fee: of the session, of the reservation

	// What holds since last.
	first, firstVolume int64    // registers of the first reading
	origin             int64    // what durations count from
	holds              set      // by all but the tiers
	tiers              [3]set   // by each tier, at last
	until              int64    // second
	fromEnergy         int64    // register, included
	untilEnergy        int64    // register
	untilVolume        int64    // register
	power, current     [2]int64 // from and to
}

// add takes in a reading.
func (c *cursor) add(r *Reading) error {
	if !c.started || !c.plain(r) {
		if err := c.check(r); err != nil {
			return err
		}
	}
	if c.started && c.plan.ceiling.feedback > 0 {
		c.turn(r)
	}
	if !c.started {
		c.start(r)
	} else if c.changes(r) {
		c.book(r.At, r.Energy, r.Volume)
		c.look(r)
	}
	c.last = *r
	return nil
}

// turn takes note of a register that falls. Where it turns, what moved one way
// so far is booked: an increment never hides another one.
func (c *cursor) turn(r *Reading) {
	before, now := c.last.Energy-c.energy, r.Energy-c.last.Energy
	if before > 0 && now < 0 || before < 0 && now > 0 {
		c.book(c.last.At, c.last.Energy, c.last.Volume)
	}
	c.fedBack -= min(0, now)
}

// changes reports whether the selection may be another one at r.
func (c *cursor) changes(r *Reading) bool {
	return r.At >= c.until || r.Phase != c.last.Phase || r.Energy >= c.untilEnergy || r.Volume >= c.untilVolume || r.Energy < c.fromEnergy ||
		int64(r.Power) < c.power[0] || int64(r.Power) >= c.power[1] ||
		int64(r.Current) < c.current[0] || int64(r.Current) >= c.current[1]
}

// start takes in the first reading, and the reservation before it.
func (c *cursor) start(r *Reading) {
	f := &c.plan.limits.Facts
	c.started, c.first, c.firstVolume = true, r.Energy, r.Volume
	c.taken = [3]int64{tierEnergy: f.Energy, tierTime: f.Time, tierVolume: f.Volume}
	c.at, c.energy, c.volume, c.origin = r.At, r.Energy, r.Volume, r.At
	if f.Reserved > 0 {
		c.reserved(r, f.Reserved)
	}
	c.last = *r
	c.look(r)
}

// reserved books a reservation of so many seconds that ends at r. Its record is
// complete: it is cut wherever the selection changes.
func (c *cursor) reserved(r *Reading, seconds int64) {
	c.last = Reading{At: r.At - seconds, Energy: r.Energy, Volume: r.Volume, Phase: Reserved}
	c.at, c.origin = c.last.At, c.last.At
	for c.at < r.At {
		c.look(&c.last)
		c.last.At = min(c.until, r.At)
		c.book(c.last.At, r.Energy, r.Volume)
	}
}

// look sets what holds from a reading on; everything up to it is booked.
func (c *cursor) look(r *Reading) {
	p := c.plan
	if !c.begun && r.Phase != Reserved {
		c.begun, c.origin = true, r.At
	}
	if r.Phase != Idle || c.last.Phase != Idle {
		c.idleFor = 0
		if p.tariff.Idle.PerEpisode {
			c.idle[1] = c.idle[0] // what a grace kept free stays free
		}
	}
	var high int64
	c.holds, c.until = p.calendar.at(r.At)
	c.holds &= p.phases[r.Phase]
	c.holds &= c.along(&p.power, int64(r.Power), &c.power)
	c.holds &= c.along(&p.current, int64(r.Current), &c.current)
	var holds set
	if holds, _, high = p.duration.at(r.At - c.origin); high != never {
		c.until = min(c.until, c.origin+high)
	}
	c.holds &= holds
	if holds, _, high = p.idle.at(c.idleFor); high != never && r.Phase == Idle {
		c.until = min(c.until, r.At+high-c.idleFor)
	}
	c.holds &= holds
	c.lookTiers(r)
}

// along returns what holds at a value of an axis, and sets the values between
// which it does.
func (c *cursor) along(a *axis, value int64, between *[2]int64) set {
	holds, low, high := a.at(value)
	*between = [2]int64{low, high}
	if len(a.edges) == 0 {
		*between = [2]int64{math.MinInt64, math.MaxInt64}
	}
	return holds
}

// lookTiers sets which tiers a reading is in, and where the next ones begin.
func (c *cursor) lookTiers(r *Reading) {
	p := c.plan
	c.fromEnergy, c.untilEnergy, c.untilVolume = math.MinInt64, never, never
	var low, high [3]int64
	for i := range c.tiers {
		c.tiers[i], low[i], high[i] = p.tiers[i].at(c.taken[i])
	}
	if r.Phase == Reserved {
		return
	}
	if high[tierEnergy] != never {
		c.untilEnergy = addCapped(r.Energy, high[tierEnergy]-c.taken[tierEnergy])
	}
	if low[tierEnergy] != math.MinInt64 {
		c.fromEnergy = r.Energy - (c.taken[tierEnergy] - low[tierEnergy])
	}
	if high[tierVolume] != never {
		c.untilVolume = addCapped(r.Volume, high[tierVolume]-c.taken[tierVolume])
	}
	if high[tierTime] != never && r.Phase == Charging {
		c.until = min(c.until, r.At+high[tierTime]-c.taken[tierTime])
	}
}

// addCapped returns a + b for b ≥ 0, or never where that does not fit.
func addCapped(a, b int64) int64 {
	if a > never-b {
		return never
	}
	return a + b
}

// plain reports whether a reading may follow the last one: check without the
// reason, for the many that have none.
func (c *cursor) plain(r *Reading) bool {
	most := &c.plan.ceiling
	return r.At >= c.last.At && r.At <= maxTime && r.Energy >= c.last.Energy && r.Volume >= c.last.Volume &&
		r.Phase <= Reserved && r.Energy-c.first <= most.energy && r.Volume-c.firstVolume <= most.volume &&
		r.At-c.origin <= most.time
}

// check holds a reading against its bounds and the reading before.
func (c *cursor) check(r *Reading) error {
	switch most := &c.plan.ceiling; {
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
	case r.Energy < c.last.Energy && most.feedback == 0:
		return &Error{"Energy", ErrBackwards}
	case r.Volume < c.last.Volume:
		return &Error{"Volume", ErrBackwards}
	case r.Energy-c.first > most.energy, c.last.Energy-r.Energy > most.feedback-c.fedBack && r.Energy < c.last.Energy:
		return &Error{"Energy", ErrAboveLimit}
	case r.Volume-c.firstVolume > most.volume:
		return &Error{"Volume", ErrAboveLimit}
	case r.At-c.origin > most.time:
		return &Error{"At", ErrAboveLimit}
	}
	return nil
}
