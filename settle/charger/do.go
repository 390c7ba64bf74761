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
	ScreenIdentity                 // Text is the identity, or the sticker is: scan to begin
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
	// it while something is plugged in: a moment, so that the time to wait is Wake
	// less Clock.Uptime.
	Wake time.Duration
}

// Do tells what connector n has to do. It lets time pass: what has expired
// since the last call happens in it. For a connector that there is not it tells
// ScreenFault.
func (c *Charger) Do(n int) Do {
	now := c.clock.Uptime()
	k, err := c.at(n)
	if err != nil {
		return Do{Wake: now + time.Hour}
	}
	c.resolve()
	c.expire(k, now)
	d := Do{Lock: c.locked(k, now)}
	if k.sale != nil {
		d.Cost = k.sale.bill.Payable
	}
	switch k.state {
	case idle:
		d.Screen, d.Text, d.Wake = c.showIdentity(k, now)
	case armed:
		d.Screen, d.Wake = ScreenPlug, c.nextLook(k, now, c.options.Armed)
	case charging:
		d.Screen, d.Relay, d.Wake = ScreenCharging, k.sale.reason == 0 && !k.sale.broken, c.nextReading(k, now)
		if k.sale.broken {
			d.Screen = ScreenFault
		}
	case stopped:
		d.Screen, d.Wake = ScreenUnplug, now+c.options.Sample
	case settled:
		d.Screen, d.Text = c.showSettlement(k)
		d.Wake = c.nextLook(k, now, c.options.Shown)
		if d.Lock {
			d.Wake = min(d.Wake, k.since+c.options.Release)
		}
	}
	return d
}

// expire lets timeouts happen. One that cannot be written down is tried again
// at the next call.
func (c *Charger) expire(k *connector, now time.Duration) {
	var e event
	switch waited := now - k.since; {
	case k.state == armed && k.sale.reason != 0: // a stop that was not written
		e = stop
	case k.state == armed && waited >= c.options.Armed:
		k.sale.blame(qrproto.StopTimeout)
		e = timeout
	case k.state == settled && c.options.Sticker != nil, // which shows none
		k.state == settled && k.freed && waited >= c.options.Shown:
		e = timeout
	case k.state == charging && (k.sale.broken || k.sale.reason != 0 || c.overdue(k.sale, now) != 0):
		k.sale.blame(c.overdue(k.sale, now))
		e = stop
	default:
		return
	}
	_ = c.fire(k, e) // told by the alarm
}

// locked tells whether the plug is held: while energy flows, and where the
// receipt opens the lock until that or the time comes.
func (c *Charger) locked(k *connector, now time.Duration) bool {
	if k.state == settled {
		return c.options.Seal == SealAtStop && k.plug && !k.freed && now-k.since < c.options.Release
	}
	return k.state == charging && !k.sale.broken
}

// nextLook is when a state that ends after a while must be asked again. What is
// plugged in already is not let wait.
func (c *Charger) nextLook(k *connector, now, end time.Duration) time.Duration {
	wake := now + c.options.Sample
	if k.state == armed && k.plug {
		wake = now + c.options.fine()
	}
	if at := k.since + end; at > now {
		wake = min(wake, at)
	}
	return wake
}

// nextReading is when the meter must be read again: at the next change of
// price, at the end of the time asked for, more often near a limit, or after a
// while.
func (c *Charger) nextReading(k *connector, now time.Duration) time.Duration {
	s := k.sale
	fine := c.options.fine()
	flows := c.metered(&s.last) > c.metered(&s.first) // before that nobody knows how fast
	if s.broken || k.misread || !flows || s.reaches(c.options.Sample+c.options.Latency, c.options.Sample+fine+c.options.Latency) != 0 {
		return now + fine
	}
	wake := now + c.options.Sample
	if at, ok := s.meter.Due(); ok {
		wake = min(wake, s.moment(at))
	}
	if s.target.Kind == qrproto.TargetTime {
		wake = min(wake, s.moment(s.first.At+s.target.Value))
	}
	if s.limits.Duration > 0 {
		wake = min(wake, s.moment(s.first.At+s.limits.Duration))
	}
	return max(wake, now)
}
