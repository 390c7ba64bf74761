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
	if _, record, err := c.draft(k); err != nil || len(record)+recordGrowth > c.options.Record {
		return qrproto.StopLimit
	}
	return 0
}

// reaches tells whether a target or a limit is reached if energy goes on
// flowing as it does: an amount asked for once it has flowed for a time, what
// must not be exceeded already when it could be before the reading after that.
func (s *sale) reaches(latency, ahead time.Duration) qrproto.StopReason {
	energy, more := s.last.Energy-s.first.Energy, flow(s.watts, ahead)
	volume := s.last.Volume - s.first.Volume
	cost, err := s.costWith(more)
	reached := func(value, bound int64) bool { return bound > 0 && value >= bound }
	exceeded := func(bound int64) bool { return bound > 0 && cost > bound }
	switch t, l := s.target, s.limits; {
	case err != nil: // beyond what the plan was compiled for
		return qrproto.StopLimit
	case t.Kind == qrproto.TargetEnergy && reached(energy+flow(s.watts, latency), t.Value),
		t.Kind == qrproto.TargetVolume && reached(volume, t.Value),
		t.Kind == qrproto.TargetAmount && exceeded(t.Value):
		return qrproto.StopTarget
	case reached(energy+more, l.Energy), reached(volume, l.Volume), exceeded(l.Amount):
		return qrproto.StopLimit
	}
	return 0
}

// fine is the time between readings near a target or a limit.
func (o *Options) fine() time.Duration { return min(o.Latency, o.Sample) }

// The energy of one watt for one millisecond is 1/3600 mWh.
const wattMilliseconds = 3600

// flow is the energy in mWh, rounded up, that flows in a time at a power in W.
func flow(watts int64, d time.Duration) int64 {
	return (watts*d.Milliseconds() + wattMilliseconds - 1) / wattMilliseconds
}

// power is the mean power in W, rounded up, of so much energy in a time.
func power(energy int64, d time.Duration) int64 {
	ms := d.Milliseconds()
	if ms <= 0 {
		return 0
	}
	return (energy*wattMilliseconds + ms - 1) / ms
}

// costWith is what the session would cost with more energy at the present
// price, limits not applied.
func (s *sale) costWith(energy int64) (int64, error) {
	then := s.last
	then.Energy += energy
	var more tariff.Quantities
	if err := s.plan.Measure(&more, []tariff.Reading{s.last, then}); err != nil {
		return 0, err
	}
	var bill tariff.Bill
	if err := s.plan.Price(&bill, merge(s.meter.Quantities(), more)); err != nil {
		return 0, err
	}
	return bill.Payable.Units + bill.Waived.Units, nil
}

// merge adds up two quantities.
func merge(a, b tariff.Quantities) tariff.Quantities {
	var out tariff.Quantities
	for len(a.Cells) > 0 || len(b.Cells) > 0 {
		switch {
		case len(b.Cells) == 0 || len(a.Cells) > 0 && a.Cells[0].Index < b.Cells[0].Index:
			out.Cells, a.Cells = append(out.Cells, a.Cells[0]), a.Cells[1:]
		case len(a.Cells) == 0 || b.Cells[0].Index < a.Cells[0].Index:
			out.Cells, b.Cells = append(out.Cells, b.Cells[0]), b.Cells[1:]
		default:
			both := tariff.Cell{Index: a.Cells[0].Index, Quantity: a.Cells[0].Quantity + b.Cells[0].Quantity}
			out.Cells, a.Cells, b.Cells = append(out.Cells, both), a.Cells[1:], b.Cells[1:]
		}
	}
	return out
}
