// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"errors"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// Reading is one look at a connector. Its At is not read: the charger stamps
// each reading on the order's time base when it gets it.
type Reading struct {
	tariff.Reading
	Relay   bool // the contact is closed, as the contact itself reports it
	Plugged bool
}

// Start tells that something was plugged in. Before an order it keeps the
// reading, and the session begins at the first reading after both.
func (c *Charger) Start(n int, r Reading) error {
	r.Plugged = true
	return c.Meter(n, r)
}

// Meter takes in a reading. It may stop the session, at a target, at a limit or
// because the plug is out. It fails with ErrReading for a reading that cannot
// be right, which is left out, and with ErrJournal.
func (c *Charger) Meter(n int, r Reading) error {
	k, err := c.at(n)
	if err != nil {
		return err
	}
	if err := c.observe(k, r); err != nil {
		return err
	}
	switch {
	case k.state == armed && k.plug:
		return c.begin(k)
	case k.state == charging && !k.plug:
		k.sale.reason = qrproto.StopUnplugged
		return c.fire(k, unplugged)
	case k.state == stopped && !k.plug:
		return c.fire(k, unplugged)
	case k.state == charging:
		return c.continueOrStop(k)
	}
	return nil
}

// Stop ends a session, takes back an accepted order that has not begun, or
// dismisses a settlement from the screen. The reading is the last that counts.
func (c *Charger) Stop(n int, r Reading, reason qrproto.StopReason) error {
	k, err := c.at(n)
	if err != nil {
		return err
	}
	if k.state == settled {
		return c.fire(k, button)
	}
	if k.state != armed && k.state != charging {
		return fail(ErrState, "stop while %v", k.state)
	}
	err = c.observe(k, r)
	k.sale.reason = reason
	return errors.Join(c.fire(k, stop), err)
}

// observe books a reading.
func (c *Charger) observe(k *connector, r Reading) error {
	now := c.clock.Uptime()
	if k.state == settled && k.plug && !r.Plugged {
		k.since, k.freed = now, true
	}
	k.plug = r.Plugged
	c.watchRelay(k, r.Relay, now)
	if k.state == charging || k.state == stopped {
		if err := k.sale.add(r.Reading, now); err != nil {
			return c.misread(k, err)
		}
	}
	k.last, k.heard = r.Reading, true
	return nil
}

// misread deals with a reading that the meter refuses. Above every limit the
// session must end, whatever the reason.
func (c *Charger) misread(k *connector, err error) error {
	c.alarms |= qrproto.AlarmMeter
	bad := fail(ErrReading, "%w", err)
	if errors.Is(err, tariff.ErrAboveLimit) && k.state == charging {
		k.sale.reason = qrproto.StopFault
		return errors.Join(bad, c.fire(k, stop))
	}
	return bad
}

// watchRelay raises an alarm for a contact that stays closed, and lowers it
// once it opens.
func (c *Charger) watchRelay(k *connector, closed bool, now time.Duration) {
	switch {
	case k.state == charging:
	case !closed:
		c.alarms &^= qrproto.AlarmRelay
	case now-k.since > c.options.Latency:
		c.alarms |= qrproto.AlarmRelay
	}
}

// begin opens delivery with the newest reading as the first. The relay closes
// when that is durable.
func (c *Charger) begin(k *connector) error {
	s := k.sale
	s.meter = s.plan.Meter()
	if err := s.add(k.last, c.clock.Uptime()); err != nil {
		return c.misread(k, err)
	}
	s.begun = true
	if err := c.fire(k, plugged); err != nil {
		s.begun = false
		return err
	}
	return nil
}

// add books a reading on the session's time base.
func (s *sale) add(r tariff.Reading, now time.Duration) error {
	r.At = s.now(now)
	if err := s.meter.Add(r); err != nil {
		return err
	}
	if !s.begun {
		s.first = r
	}
	s.last = r
	return s.plan.Price(&s.bill, s.meter.Quantities())
}

// draft is what the settlement would be now. Its place in the chain is the next
// one.
func (c *Charger) draft(k *connector) (*qrproto.Settlement, error) {
	s := k.sale
	out := &qrproto.Settlement{
		Number: c.device.Number, Connector: uint8(k.n), Order: s.hash, Boot: c.boot,
		Start: s.order.Issued, Register: k.last.Energy, Uncertainty: s.lag, Reason: s.reason,
	}
	if s.begun {
		out.Start, out.Duration = s.first.At, s.last.At-s.first.At
		out.Register, out.Delivered = s.first.Energy, s.last.Energy-s.first.Energy
		settle.Put(out, s.meter.Quantities())
	}
	if err := settle.Price(&s.bill, s.order, s.plan, out); err != nil {
		return nil, fail(ErrState, "price: %w", err)
	}
	out.Payable, out.Waived = s.bill.Payable.Units, s.bill.Waived.Units
	c.place(out)
	return out, nil
}

// checkpoint makes the session durable as it is.
func (c *Charger) checkpoint(k *connector) error {
	s, err := c.draft(k)
	if err != nil {
		return err
	}
	record, err := qrproto.EncodeRecord(s)
	if err != nil {
		return fail(ErrState, "draft: %w", err)
	}
	if err := c.append(append([]byte{tagDraft}, record...)); err != nil {
		return err
	}
	k.sale.written = c.clock.Uptime()
	return nil
}

// seal makes the settlement and retires what could still open the connector.
func (c *Charger) seal(k *connector) error {
	s, err := c.draft(k)
	if err != nil {
		return err
	}
	if err := c.appendSettlement(k, s); err != nil {
		return err
	}
	k.sale.end, k.freed = s, !k.plug
	c.nonces.retire(k.n)
	return nil
}
