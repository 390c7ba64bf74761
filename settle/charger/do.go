// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Screen is what a connector shows.
type Screen uint8

// The screens.
const (
	ScreenFault      Screen = iota // nothing can be sold
	ScreenIdentity                 // Text is the identity: scan to begin
	ScreenPlug                     // the order is in: plug in now
	ScreenCharging                 // Cost is what it costs so far
	ScreenUnplug                   // done: take the plug out
	ScreenSettlement               // Text is the settlement: scan to pay
)

// Do is what the hardware has to do now: levels, never edges. Apply all of it
// after every call, also after one that failed.
type Do struct {
	Relay  bool // closed
	Lock   bool // of the plug
	Screen Screen
	Text   string       // of the code to show, "" for none
	Cost   tariff.Money // so far or in the end; zero without a sale
	// Wake is the uptime by which Do must be asked again, with a Meter before
	// it while energy flows.
	Wake time.Duration
}

// Do tells what connector n has to do. It lets time pass: what has expired
// since the last call happens in it.
func (c *Charger) Do(n int) Do {
	now := c.clock.Uptime()
	k, err := c.at(n)
	if err != nil {
		return Do{Wake: now + time.Hour}
	}
	c.expire(k, now)
	d := Do{Lock: c.locked(k, now)}
	if k.sale != nil {
		d.Cost = k.sale.bill.Payable
	}
	switch k.state {
	case idle:
		d.Screen, d.Text, d.Wake = c.showIdentity(k, now)
	case armed:
		d.Screen, d.Wake = ScreenPlug, min(k.since+c.options.Armed, now+c.options.Sample)
	case charging:
		d.Screen, d.Relay, d.Wake = ScreenCharging, !k.sale.broken, c.nextReading(k, now)
	case stopped:
		d.Screen, d.Wake = ScreenUnplug, now+c.options.Sample
	case settled:
		d.Screen, d.Text = c.showSettlement(k)
		d.Wake = now + c.options.Sample
	}
	return d
}

// expire lets timeouts happen. One that cannot be written down is tried again
// at the next call.
func (c *Charger) expire(k *connector, now time.Duration) {
	var e event
	switch waited := now - k.since; {
	case k.state == armed && waited >= c.options.Armed,
		k.state == settled && k.freed && waited >= c.options.Shown:
		e = timeout
	case k.state == charging && (k.sale.broken || c.timeUp(k, now)):
		e = stop
	default:
		return
	}
	if err := c.fire(k, e); err != nil {
		c.alarms |= qrproto.AlarmStorage
	}
}

// timeUp tells whether the session has lasted as long as it may, also when no
// reading comes any more.
func (c *Charger) timeUp(k *connector, now time.Duration) bool {
	s := k.sale
	elapsed := s.now(now) - s.first.At
	if t := s.order.Target; t != nil && t.Kind == qrproto.TargetTime && elapsed >= t.Value {
		s.reason = qrproto.StopTarget
		return true
	}
	if l := s.order.Limits; l != nil && l.Duration > 0 && elapsed >= l.Duration {
		s.reason = qrproto.StopLimit
		return true
	}
	return false
}

// locked tells whether the plug is held: while energy flows, and where the
// receipt opens the lock until that or the time comes.
func (c *Charger) locked(k *connector, now time.Duration) bool {
	if k.state == settled {
		return c.options.Seal == SealAtStop && k.plug && now-k.since < c.options.Release
	}
	return k.state == charging
}

// nextReading is when the meter must be read again: at the next change of
// price, before a limit is reached, or after a while.
func (c *Charger) nextReading(k *connector, now time.Duration) time.Duration {
	s := k.sale
	wake := now + c.options.Sample
	if reason, err := s.over(c.options.Sample + c.options.Latency); err != nil || reason != 0 {
		wake = now + min(c.options.Latency, c.options.Sample)
	}
	if at, ok := s.meter.Due(); ok {
		due := s.accepted + time.Duration(at-s.order.Issued)*time.Second
		wake = min(wake, max(due, now))
	}
	return wake
}

// showIdentity returns the identity code, a new one if the old one has been
// shown for long enough.
func (c *Charger) showIdentity(k *connector, now time.Duration) (Screen, string, time.Duration) {
	if k.code != "" && now-k.made < nonceLife {
		return ScreenIdentity, k.code, k.made + nonceLife
	}
	text, err := c.identity(k, now)
	if err != nil {
		return ScreenFault, "", now + c.options.Sample
	}
	k.code, k.made = text, now
	return ScreenIdentity, text, now + nonceLife
}

// identity makes an identity code with a fresh challenge.
func (c *Charger) identity(k *connector, now time.Duration) (string, error) {
	records, err := c.unacknowledged(c.options.Carry)
	if err != nil {
		return "", err
	}
	id := &qrproto.Identity{
		Number: c.device.Number, Connector: uint8(k.n), Place: c.device.Place,
		Challenge: c.nonces.fresh(k.n, now), Boot: c.boot, Rules: uint8(tariff.Rules1),
		Tariffs: c.hints, Health: qrproto.HealthGood, Alarms: c.alarms,
		Open: c.openTags(), Records: records,
	}
	id.Oldest = c.nonces.oldest()
	if k.plug {
		id.State = qrproto.StatePreparing
	}
	if c.alarms != 0 {
		id.Health = qrproto.HealthService
	}
	if wall, ok := c.clock.Wall(); ok {
		id.Wall, id.Clock = wall.Unix(), qrproto.ClockInformative
	}
	if h := c.chain.head; h.Seq > 0 {
		id.Head = &qrproto.Head{Seq: h.Seq, Sum: h.Sum.Short(), Total: h.Total}
	}
	return c.text(id)
}

// openTags names the orders that are accepted and not settled, by connector.
func (c *Charger) openTags() qrproto.Hints {
	var tags qrproto.Hints
	for i := range c.connectors {
		s := c.connectors[i].sale
		if s == nil || s.end != nil {
			continue
		}
		for tags.Len() < i {
			tags = append(tags, 0, 0, 0, 0)
		}
		hint := s.hash.Hint()
		tags = append(tags, hint[:]...)
	}
	return tags
}

func (c *Charger) showSettlement(k *connector) (Screen, string) {
	if k.code == "" {
		text, err := c.text(k.sale.end)
		if err != nil {
			return ScreenFault, ""
		}
		k.code = text
	}
	return ScreenSettlement, k.code
}

// text signs a payload and writes it as the device shows codes.
func (c *Charger) text(p qrproto.Payload) (string, error) {
	code, err := qrproto.Seal(p, c.device.Key)
	if err != nil {
		return "", err
	}
	if c.device.Link == "" {
		return code.Text(), nil
	}
	return code.Link(c.device.Link)
}

// Again returns the code of a connector's last settlement once more, for a
// driver who missed it. It fails with ErrState where there is none any more.
func (c *Charger) Again(n int) (string, error) {
	k, err := c.at(n)
	if err != nil {
		return "", err
	}
	for record, err := range c.journal.Records() {
		if err != nil {
			return "", fail(ErrJournal, "%w", err)
		}
		if len(record) == 0 || record[0] != tagSettled {
			continue
		}
		s, err := qrproto.DecodeRecord(c.device.Number, record[1:])
		if err != nil {
			return "", fail(ErrRecord, "%w", err)
		}
		if sum, err := qrproto.Sum(s); err == nil && sum.Ref() == k.closed {
			return c.text(s)
		}
	}
	return "", fail(ErrState, "connector %d has settled nothing that is kept", n)
}
