// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// continueOrStop decides after a reading whether the session goes on, and
// writes a checkpoint when one is due. A journal that takes no checkpoint ends
// the session: energy that could not be accounted for must not flow.
func (c *Charger) continueOrStop(k *connector) error {
	s := k.sale
	reason, err := s.over(c.options.Latency)
	if err != nil {
		return err
	}
	if reason != 0 {
		s.reason = reason
		return c.fire(k, stop)
	}
	if c.clock.Uptime()-s.written < c.options.Checkpoint {
		return nil
	}
	if err := c.checkpoint(k); err != nil {
		s.reason, s.broken = qrproto.StopFault, true
		return err
	}
	return nil
}

// over tells whether a target or a limit would be passed if energy went on
// flowing at the present power for a while, and why the session must stop then.
func (s *sale) over(ahead time.Duration) (qrproto.StopReason, error) {
	energy := s.last.Energy - s.first.Energy + flow(s.last.Power, ahead)
	elapsed := s.last.At - s.first.At
	limits := qrproto.Limits{}
	if s.order.Limits != nil {
		limits = *s.order.Limits
	}
	target := qrproto.Target{}
	if s.order.Target != nil {
		target = *s.order.Target
	}
	cost, err := s.costWith(flow(s.last.Power, ahead))
	if err != nil {
		return 0, err
	}
	reached := func(value, bound int64) bool { return bound > 0 && value >= bound }
	exceeded := func(bound int64) bool { return bound > 0 && cost > bound }
	switch {
	case target.Kind == qrproto.TargetEnergy && reached(energy, target.Value),
		target.Kind == qrproto.TargetTime && reached(elapsed, target.Value),
		target.Kind == qrproto.TargetAmount && exceeded(target.Value):
		return qrproto.StopTarget, nil
	case reached(energy, limits.Energy), reached(elapsed, limits.Duration), exceeded(limits.Amount):
		return qrproto.StopLimit, nil
	}
	return 0, nil
}

// flow is the energy in mWh, rounded up, that flows in a time at a power in W.
func flow(power int32, d time.Duration) int64 {
	const perMilliWattHour = 3600 // W·ms
	return (int64(max(power, 0))*d.Milliseconds() + perMilliWattHour - 1) / perMilliWattHour
}

// costWith is what the session would cost with more energy at the present
// price, limits not applied.
func (s *sale) costWith(energy int64) (int64, error) {
	last := s.last
	then := last
	then.Energy += energy
	var more tariff.Quantities
	if err := s.plan.Measure(&more, []tariff.Reading{last, then}); err != nil {
		return 0, fail(ErrReading, "%w", err)
	}
	if err := s.plan.Price(&s.ahead, merge(s.meter.Quantities(), more)); err != nil {
		return 0, fail(ErrState, "price: %w", err)
	}
	return s.ahead.Payable.Units + s.ahead.Waived.Units, nil
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
