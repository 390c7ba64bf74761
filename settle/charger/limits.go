// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"errors"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// sessionMost is the longest session, well within what a settlement can tell.
const sessionMost = 365 * 86400 // s

// continueOrStop decides after a reading whether the session goes on, and
// writes a checkpoint when the next one could be late. A journal that takes no
// checkpoint ends the session: energy that could not be accounted for must not
// flow.
func (c *Charger) continueOrStop(k *connector, bad error) error {
	s, now := k.sale, c.clock.Uptime()
	reason := c.overdue(s, now)
	switch {
	case reason != 0:
	case errors.Is(bad, tariff.ErrAboveLimit):
		reason = qrproto.StopFault
	case bad == nil:
		reason = c.spent(k)
	}
	if reason != 0 || s.broken {
		s.blame(reason)
		return c.fire(k, stop)
	}
	if bad != nil || now+c.options.Sample-s.written <= c.options.Checkpoint {
		return nil
	}
	return c.keepUp(k)
}

// keepUp writes a checkpoint, or stops a session that cannot be written down
// any more.
func (c *Charger) keepUp(k *connector) error {
	err := c.makeRoom(c.reserve()+recordRoom, c.chain.acked)
	switch {
	case errors.Is(err, ErrFull):
		k.sale.blame(qrproto.StopLimit)
		return c.fire(k, stop)
	case err == nil:
		err = c.checkpoint(k, func() {})
	}
	if err != nil {
		k.sale.blame(qrproto.StopFault)
		k.sale.broken = true
	}
	return err
}

// overdue tells why the session has to stop by now, also when no reading comes
// any more; 0 if it has not.
func (c *Charger) overdue(s *sale, now time.Duration) qrproto.StopReason {
	elapsed := s.now(now) - s.first.At
	switch {
	case s.target.Kind == qrproto.TargetTime && elapsed >= s.target.Value:
		return qrproto.StopTarget
	case s.limits.Duration > 0 && elapsed >= s.limits.Duration:
		return qrproto.StopLimit
	case elapsed >= sessionMost:
		return qrproto.StopTimeout
	case now-s.heard > c.options.Checkpoint+c.options.Sample:
		return qrproto.StopFault // what nobody reads cannot be billed
	}
	return 0
}

// spent tells why the session has to stop at its newest reading; 0 if it may go
// on until the next one.
func (c *Charger) spent(k *connector) qrproto.StopReason {
	latency := c.options.Latency
	if reason := k.sale.reaches(latency, c.options.fine()+latency); reason != 0 {
		return reason
	}
	if _, record, err := c.drawUp(k, c.reckon(k)); err != nil || len(record)+recordGrowth > c.options.Record {
		return qrproto.StopLimit
	}
	return 0
}

// reaches tells whether a target or a limit is reached if the session goes on as
// it does: an amount asked for once it has flowed for a time, what must not be
// exceeded already when it could be before the reading after that.
func (s *sale) reaches(latency, ahead time.Duration) qrproto.StopReason {
	energy, volume := s.last.Energy-s.first.Energy, s.last.Volume-s.first.Volume
	reached := func(value, bound int64) bool { return bound > 0 && value >= bound }
	switch t, l := s.target, s.limits; {
	case t.Kind == qrproto.TargetEnergy && reached(energy+flow(s.watts, latency), t.Value),
		t.Kind == qrproto.TargetVolume && reached(volume+poured(s.rate, latency), t.Value),
		t.Kind == qrproto.TargetAmount && s.exceeds(t.Value, ahead):
		return qrproto.StopTarget
	case reached(energy+flow(s.watts, ahead), l.Energy), reached(volume+poured(s.rate, ahead), l.Volume), s.exceeds(l.Amount, ahead):
		return qrproto.StopLimit
	}
	return 0
}

// exceeds tells whether the cost is above a bound, or will be at some second of
// a time, or more will have been measured than the plan was compiled for. A bound
// of 0 is the most that it was compiled for.
func (s *sale) exceeds(bound int64, ahead time.Duration) bool {
	if bound == 0 {
		bound = s.plan.Most()
	}
	budget := tariff.Money{Units: bound, Scale: s.order.Scale, Currency: s.plan.Tariff().Currency}
	load := tariff.Load{Power: int32(s.watts), Current: s.last.Current, Flow: int32(s.rate), Phase: s.last.Phase}
	horizon := int64((ahead + time.Second - 1) / time.Second)
	stop, err := s.meter.StopAt(budget, load, horizon)
	return err != nil || stop.Kind != tariff.StopNoLimit || stop.Seconds < horizon
}

// fine is the time between readings near a target or a limit.
func (o *Options) fine() time.Duration { return min(o.Latency, o.Sample) }

// The energy of one watt for one millisecond is 1/3600 mWh; a minute has 60 000
// milliseconds.
const (
	wattMilliseconds   = 3600
	minuteMilliseconds = 60_000
)

// flow is the energy in mWh, rounded up, that flows in a time at a power in W.
func flow(watts int64, d time.Duration) int64 { return over(watts*d.Milliseconds(), wattMilliseconds) }

// power is the mean power in W, rounded up, of so much energy in a time.
func power(energy int64, d time.Duration) int64 {
	return over(energy*wattMilliseconds, max(d.Milliseconds(), 0))
}

// poured is the volume in mL, rounded up, that flows in a time at so many mL a
// minute.
func poured(rate int64, d time.Duration) int64 {
	return over(rate*d.Milliseconds(), minuteMilliseconds)
}

// rate is the mean flow in mL a minute, rounded up, of so much volume in a time.
func rate(volume int64, d time.Duration) int64 {
	return over(volume*minuteMilliseconds, max(d.Milliseconds(), 0))
}

// over divides and rounds up; by nothing it is nothing.
func over(n, d int64) int64 {
	if d == 0 {
		return 0
	}
	return (n + d - 1) / d
}
