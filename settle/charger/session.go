// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"errors"
	"math"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Reading is one look at a connector. Its registers are the meter's, in mWh and mL,
// and do not fall within a session; what settlements are made of is the one that
// Device.Measures names. Its At is not read: the charger stamps each reading on the
// order's time base when it gets it. Its Phase is Charging until something was
// delivered, and Idle from when no more is asked for; what follows a stop is Idle
// whatever it says. Reserved is refused: a reservation is a fact of the order.
type Reading struct {
	tariff.Reading
	// Relay tells that the contact is closed, as the contact itself reports it.
	// Where nothing reports it leave it false: a welded contact is then not noticed.
	Relay   bool
	Plugged bool
}

// Start tells that something was plugged in: it is Meter with r.Plugged set. Before
// an order it keeps the reading, and the session begins at the first reading after
// both.
func (c *Charger) Start(n int, r Reading) error {
	r.Plugged = true
	return c.Meter(n, r)
}

// Meter takes in a reading. It may begin the session, or stop it: at a target,
// at a limit, because the plug is out, because the journal fails. It fails with
// ErrReading for a register that cannot be right, with ErrJournal, and with
// ErrConnector.
func (c *Charger) Meter(n int, r Reading) error {
	k, err := c.at(n)
	if err != nil {
		return err
	}
	c.resolve()
	bad := c.observe(k, r)
	return first(c.react(k, bad), bad)
}

// react is what follows from a reading.
func (c *Charger) react(k *connector, bad error) error {
	now := c.clock.Uptime()
	switch {
	case k.state == armed && now-k.since >= c.options.Armed:
		c.expire(k, now)
	case k.state == armed && k.sale.reason != 0: // a stop that was not written
		return c.fire(k, stop)
	case k.state == armed && k.plug && bad == nil:
		return c.begin(k)
	case k.state == charging && !k.plug:
		k.sale.blame(qrproto.StopUnplugged)
		return c.fire(k, unplugged)
	case k.state == stopped && !k.plug:
		return c.fire(k, unplugged)
	case k.state == charging:
		return c.continueOrStop(k, bad)
	}
	return nil
}

// Stop ends a session, takes back an accepted order that has not begun, or
// dismisses a settlement from the screen. The reading is the last that counts;
// if it cannot be right, Stop fails with ErrReading and has stopped at the one
// before. It fails with ErrState where there is nothing to stop, with ErrJournal,
// and with ErrConnector. An unknown reason is a fault.
func (c *Charger) Stop(n int, r Reading, reason qrproto.StopReason) error {
	k, err := c.at(n)
	if err != nil {
		return err
	}
	c.resolve()
	if k.state == idle || k.state == stopped {
		return fail(ErrState, "stop while %v", k.state)
	}
	bad := c.observe(k, r)
	if k.state == settled {
		return first(c.fire(k, button), bad)
	}
	if reason < qrproto.StopUser || reason > qrproto.StopEmergency {
		reason = qrproto.StopFault
	}
	k.sale.blame(reason)
	return first(c.fire(k, stop), bad)
}

// first joins what failed; the code is that of the first.
func first(a, b error) error {
	if a != nil && b != nil {
		return errors.Join(a, b)
	}
	if a != nil {
		return a
	}
	return b
}

// observe books a reading. Plug and contact count whatever the register says.
func (c *Charger) observe(k *connector, r Reading) error {
	now := c.clock.Uptime()
	if k.state == settled && !k.freed && !r.Plugged {
		k.since, k.freed = now, true
	}
	k.plug = r.Plugged
	k.welded = r.Relay && k.state != charging && (k.welded || now-k.since > c.options.Latency)
	err := c.book(k, r.Reading, now)
	if k.misread = err != nil; k.misread {
		return fail(ErrReading, "%w", err)
	}
	k.last = r.Reading
	return nil
}

// book holds a reading against what a meter can say, and adds it to the
// session. What flows through a contact that should be open is not the
// customer's.
func (c *Charger) book(k *connector, r tariff.Reading, now time.Duration) error {
	if min(r.Energy, r.Volume) < 0 || max(r.Energy, r.Volume) > qrproto.MaxQuantity || r.Phase > tariff.Idle {
		return tariff.ErrReading
	}
	if k.state != charging && k.state != stopped {
		return nil
	}
	s := k.sale
	if s.cut = s.cut || k.welded; s.cut {
		r.Energy, r.Volume = min(r.Energy, s.last.Energy), min(r.Volume, s.last.Volume)
	}
	if k.state == stopped {
		r.Phase = tariff.Idle
	}
	return s.add(r, now)
}

// begin opens delivery with the newest reading as the first. The relay closes
// when that is durable.
func (c *Charger) begin(k *connector) error {
	s := k.sale
	s.meter = s.plan.Meter()
	if err := s.add(k.last, c.clock.Uptime()); err != nil {
		return fail(ErrReading, "%w", err)
	}
	s.begun = true
	err := c.fire(k, plugged)
	s.begun = err == nil
	return err
}

// add books a reading on the session's time base.
func (s *sale) add(r tariff.Reading, now time.Duration) error {
	r.At = s.now(now)
	if s.begun && r.At-s.first.At > sessionMost {
		return tariff.ErrAboveLimit
	}
	if err := s.meter.Add(r); err != nil {
		return err
	}
	s.watts = max(int64(r.Power), 0)
	if s.begun {
		s.watts = min(max(s.watts, power(r.Energy-s.last.Energy, now-s.heard)), math.MaxInt32)
		s.rate = min(rate(r.Volume-s.last.Volume, now-s.heard), math.MaxInt32)
	} else {
		s.first = r
	}
	s.last, s.heard = r, now
	return s.plan.Price(&s.bill, s.meter.Quantities())
}

// idle marks what follows the last reading as idle time.
func (s *sale) idle() error {
	r := s.last
	r.Phase = tariff.Idle
	return s.add(r, s.heard)
}

// metered is the register that a device settles by.
func (c *Charger) metered(r *tariff.Reading) int64 {
	if c.device.Measures == tariff.Volume {
		return r.Volume
	}
	return r.Energy
}
