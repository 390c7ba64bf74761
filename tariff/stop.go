// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"errors"
	"sort"
)

// MaxHorizon is the farthest that StopAt looks: 31 days in s.
const MaxHorizon = 31 * day

// Load is what a session will draw from now on.
type Load struct {
	Power   int32 // W, below 0 where the vehicle feeds back; also what restrictions of power see
	Current int32 // mA, what restrictions of current see
	Flow    int32 // mL per minute, at least 0
	Phase   Phase
}

// StopKind says which answer StopAt gives.
type StopKind uint8

// The answers.
const (
	StopNone    StopKind = 1 // the cost is above the budget already
	StopAfter   StopKind = 2 // within the budget up to a moment, above it a second later
	StopNoLimit StopKind = 3 // within the budget up to the horizon
)

// Stop is when a session must end to stay within a budget.
//
// Under StopAfter, Seconds is the largest number of whole seconds such that the
// cost after each second up to it is within the budget: the first crossing, since
// a cost can also fall. Under StopNone it is 0. Under StopNoLimit it is the
// horizon, or less: the last second at which the plan still takes a reading,
// where the order's own limits end the session before (see [Limits]).
type Stop struct {
	Kind    StopKind
	Seconds int64 // from the last reading on
	Energy  int64 // mWh drawn in these seconds, below 0 where fed back
	Volume  int64 // mL drawn in these seconds
	Cost    Money // after them; under StopNone what would be needed to pay what is due
}

// StopAt says when a session must stop so that its cost, before any waiver,
// never exceeds the budget, if it goes on from its last reading under a load
// and is read each second. The cost after 0 seconds counts too.
//
// A device whose power takes a while to stop, once told, must stop when Seconds
// is not above that while; asking again at each reading with the load of that
// moment keeps the answer true. What flows beyond all the same is waived by
// Limits.Amount.
//
// It looks at a few seconds for each change of the selection. Where prices have
// both signs, a vehicle feeds back under steps, or caps are rounded line by line,
// it leaps as far as the cost cannot reach the budget, and looks closely near it.
// Each second is looked at only where a limit without taxes ([PriceLimit]) binds
// several tax groups and the budget is about that limit with taxes, or where such
// a limit meets prices of both signs or feedback: up to MaxHorizon prices.
//
// It fails with [ErrReading] before the first reading and for an unknown load or
// a negative one (of power: where nothing may be fed back, see [Limits]), with [ErrLimits] for a horizon outside 0 to MaxHorizon, with
// [ErrMixed] for a budget in another currency, and as [Plan.Price] does.
func (m *Meter) StopAt(budget Money, load Load, horizon int64) (Stop, error) {
	switch {
	case !m.cursor.started || load.Power < 0 && m.cursor.plan.ceiling.feedback == 0 || load.Flow < 0 || load.Phase > Reserved:
		return Stop{}, &Error{"Load", ErrReading}
	case horizon < 0 || horizon > MaxHorizon:
		return Stop{}, &Error{"Horizon", ErrLimits}
	}
	s := stopper{cursor: m.cursor, origin: m.cursor.last, load: load, budget: budget, horizon: horizon}
	if err := s.cursor.add(s.reading(0)); err != nil {
		return Stop{}, err
	}
	s.horizon = s.reach()
	if ok, err := s.within(0); err != nil || !ok {
		return s.stop(StopNone, 0), err
	}
	return s.run()
}

// stopper looks for the first crossing.
type stopper struct {
	cursor  cursor // at second done
	origin  Reading
	load    Load
	budget  Money
	horizon int64
	done    int64
	q       Quantities
	bill    Bill
}

// reading returns what the meter will show after so many seconds.
func (s *stopper) reading(x int64) *Reading {
	return &Reading{At: s.origin.At + x, Energy: s.origin.Energy + s.energy(x), Volume: s.origin.Volume + s.volume(x),
		Power: s.load.Power, Current: s.load.Current, Phase: s.load.Phase}
}

// reach returns the last second up to the horizon that the plan has readings for.
func (s *stopper) reach() int64 {
	return int64(sort.Search(int(s.horizon), func(i int) bool {
		return errors.Is(s.cursor.check(s.reading(int64(i)+1)), ErrAboveLimit)
	}))
}

func (s *stopper) energy(x int64) int64 { return int64(s.load.Power) * x * 10 / 36 }
func (s *stopper) volume(x int64) int64 { return int64(s.load.Flow) * x / 60 }

// within reports whether the cost after x seconds is within the budget.
func (s *stopper) within(x int64) (bool, error) {
	c := s.cursor
	if err := c.add(s.reading(x)); err != nil {
		return false, err
	}
	c.quantities(&s.q)
	if err := c.plan.Price(&s.bill, s.q); err != nil {
		return false, err
	}
	cost := s.cost()
	order, err := cost.Cmp(s.budget)
	return order <= 0, err
}

// cost is what the last bill asks for before any waiver.
func (s *stopper) cost() Money {
	cost := s.bill.Payable
	cost.Units += s.bill.Waived.Units
	return cost
}

// stop answers after the cost at x was the last one looked at.
func (s *stopper) stop(kind StopKind, x int64) Stop {
	return Stop{Kind: kind, Seconds: x, Energy: s.energy(x), Volume: s.volume(x), Cost: s.cost()}
}

// run walks from one change of the selection to the next. Each change, and the
// seconds after it until everything that flows has moved, are looked at alone;
// in between the cost only rises, only falls, or is looked at second by second.
func (s *stopper) run() (Stop, error) {
	for s.done < s.horizon {
		end := s.next()
		settled := min(s.settled(), end)
		for x := s.done + 1; x <= settled; x++ {
			if ok, err := s.within(x); err != nil || !ok {
				return s.before(x, err)
			}
		}
		if x, err := s.crossing(settled, end); err != nil || x <= end {
			return s.before(x, err)
		}
		if err := s.cursor.add(s.reading(end)); err != nil {
			return Stop{}, err
		}
		s.done = end
	}
	if _, err := s.within(s.horizon); err != nil {
		return Stop{}, err
	}
	return s.stop(StopNoLimit, s.horizon), nil
}

// before answers that the second before x is the last one within the budget.
func (s *stopper) before(x int64, err error) (Stop, error) {
	if err == nil {
		_, err = s.within(x - 1)
	}
	if err != nil {
		return Stop{}, err
	}
	return s.stop(StopAfter, x-1), nil
}

// next returns the next second at which the selection may change or grace ends.
func (s *stopper) next() int64 {
	n := int(s.horizon - s.done - 1)
	end := s.done + 1 + int64(sort.Search(n, func(i int) bool { return s.cursor.changes(s.reading(s.done + 1 + int64(i))) }))
	if s.load.Phase == Idle {
		c := &s.cursor
		rule := &c.plan.tariff.Idle
		idle := c.idleAll
		if rule.PerEpisode {
			idle = c.idleFor
		}
		if left := rule.Grace - idle - (c.last.At - c.at); left > 0 {
			end = min(end, s.done+left)
		}
	}
	return end
}

// settled returns the first second by which everything that flows has moved.
func (s *stopper) settled() int64 {
	x := s.done + 1
	for s.load.Power != 0 && s.energy(x) == s.energy(s.done) || s.load.Flow > 0 && s.volume(x) == s.volume(s.done) {
		x++
	}
	return x
}
