// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// world is a charger among people who may do anything in any order, an attacker
// who keeps every code, and power that may fail. A small model, written from the
// protocol and sharing no code with the charger, says what must come of it.
type world struct {
	*rig
	plug   [2]bool  // as the charger was told since it was switched on
	regs   [2]int64 // registers, mWh, of meters that begin at zero
	at     [2]expected
	boots  int // as they really were, also where the flash was set back
	issues []issue
	last   [2]*qrproto.Settlement // newest seen on a screen
	image  *settletest.Journal    // an old flash image
	epoch  uint32                 // of the snapshot in force
	unsure bool                   // a write failed: the model does not follow
	forged bool                   // the flash was set back: the chain begins anew
	spare  io.Reader              // randomness for looking into the future
	trail  []string
}

// expected is the model of a connector.
type expected struct {
	screen charger.Screen
	since  time.Duration
	freed  bool
	issue  int // accepted order, -1 for none
	retire int // issues below are retired
}

// issue is an order that a server has issued, and that stays in the world.
type issue struct {
	order    *qrproto.StartOrder
	text     string
	hash     qrproto.Ref
	n        int // connector
	boot     int
	shown    time.Duration
	accepted bool
	maybe    bool // the journal failed at its acceptance
	dead     bool // an identity said that it will never be accepted
}

func newWorld(t testing.TB, o *charger.Options) *world {
	r := newRig(t, o)
	w := &world{rig: r, spare: stream("spare"), image: r.journal.Snapshot(), boots: 1}
	for i := range w.at {
		w.at[i] = expected{screen: charger.ScreenIdentity, issue: -1}
	}
	return w
}

// clone copies a world, so that both can go on.
func (w *world) clone() *world {
	out := *w
	r := *w.rig
	out.rig = &r
	clock := *w.clock
	r.clock, r.journal = &clock, w.journal.Clone()
	r.c = w.c.Clone(r.journal, r.clock)
	out.issues = slices.Clone(w.issues)
	return &out
}

// flat is a tariff of one price, 1.00 per kWh.
func flat(t testing.TB) []byte {
	t.Helper()
	out, err := tariff.FromGrid(tariff.Grid{Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Flat, Electricity: 60, Service: 40}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	b, err := qrproto.EncodeTariff(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fatal fails with the way that led here.
func (w *world) fatal(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%q: "+format, append([]any{w.trail[max(0, len(w.trail)-12):]}, args...)...)
}

// show looks at connector n's screen, and gets an order for what it shows.
func (w *world) show(n int) {
	d := w.c.Do(n)
	w.model(n)
	if d.Screen == charger.ScreenSettlement {
		s, err := qrproto.As[*qrproto.Settlement](qrproto.Open(d.Text, w.keys))
		if err != nil {
			w.fatal("%v", err)
		}
		w.last[n-1] = s
	}
	if d.Screen != charger.ScreenIdentity {
		return
	}
	id, err := qrproto.As[*qrproto.Identity](qrproto.Open(d.Text, w.keys))
	if err != nil {
		w.fatal("%v", err)
	}
	w.believe(id)
	if slices.ContainsFunc(w.issues, func(i issue) bool { return i.boot == w.boots && i.order.Challenge == id.Challenge }) {
		return
	}
	w.issuer = sells(id.Epoch)
	o := w.order(id, func(o *qrproto.StartOrder) {
		o.Tariff, o.Epoch = flat(w.t), id.Epoch
		if id.Head != nil {
			o.Ack = &qrproto.Ack{Seq: id.Head.Seq, Sum: id.Head.Sum}
		}
	})
	w.issues = append(w.issues, issue{order: o, text: w.seal(o), hash: refOf(w.t, o), n: n, boot: w.boots, shown: w.clock.Up})
}

// believe notes which orders an identity declares dead: what a server refunds.
func (w *world) believe(id *qrproto.Identity) {
	var settled []qrproto.Ref
	for _, s := range settlementsOf(w.t, w.journal) {
		settled = append(settled, s.Order)
	}
	for i := range w.issues {
		o := &w.issues[i]
		passed := o.boot < w.boots || o.boot == w.boots && id.Oldest() > o.order.Challenge.Counter
		if passed && !id.Open.Has(o.hash.Hint()) && !slices.Contains(settled, o.hash) {
			o.dead = true
			if o.accepted && !w.forged {
				w.fatal("order %d was accepted, and an identity hides it", i)
			}
		}
	}
}

// scan shows an order to the charger.
func (w *world) scanIssue(i int) {
	o := &w.issues[i]
	before := w.journal.Len()
	want := w.verdict(o)
	_, err := w.c.Accept(o.text)
	switch {
	case err == nil && (o.accepted || o.dead || o.boot != w.boots || w.clock.Up-o.shown > 178*time.Second):
		w.fatal("order %d accepted: %+v", i, o)
	case err == nil:
		o.accepted = true
		w.at[o.n-1] = expected{charger.ScreenPlug, w.clock.Up, false, i, len(w.issues)}
	case errors.Is(err, charger.ErrJournal):
		o.maybe, w.unsure = true, true
	case w.journal.Len() != before:
		w.fatal("order %d was refused with %v and written", i, err)
	}
	if !w.unsure && !slices.ContainsFunc(want, func(c qrproto.ErrorCode) bool { return qrproto.CodeOf(err) == c }) {
		w.fatal("order %d: %v, want one of %v", i, err, want)
	}
}

// verdict is what the model says of an order.
func (w *world) verdict(o *issue) []qrproto.ErrorCode {
	at, age := &w.at[o.n-1], w.clock.Up-o.shown
	distrust := w.distrust(o)
	switch {
	case distrust == qrproto.ErrUnknownKey:
		return []qrproto.ErrorCode{distrust}
	case o.accepted && o.boot == w.boots:
		return []qrproto.ErrorCode{charger.ErrUsed, charger.ErrBusy, charger.ErrChallenge}
	case at.screen != charger.ScreenIdentity:
		return []qrproto.ErrorCode{charger.ErrBusy}
	case distrust != 0:
		return []qrproto.ErrorCode{distrust}
	case o.boot != w.boots || slices.IndexFunc(w.issues, func(i issue) bool { return i.hash == o.hash }) < at.retire:
		return []qrproto.ErrorCode{charger.ErrChallenge}
	case age > 660*time.Second:
		return []qrproto.ErrorCode{charger.ErrChallenge, charger.ErrExpired}
	case age > 178*time.Second: // 180, less what whole seconds hide
		return []qrproto.ErrorCode{charger.ErrExpired}
	case w.epoch == 1 && w.soldBySecond() > 0:
		return []qrproto.ErrorCode{charger.ErrQuota}
	case o.order.Ack != nil && len(settlementsOf(w.t, w.journal)) < int(o.order.Ack.Seq):
		return []qrproto.ErrorCode{charger.ErrAck}
	}
	return []qrproto.ErrorCode{0}
}

// reading reads connector n's meter.
func (w *world) meter(n int, plug bool) {
	if d := w.c.Do(n); d.Relay {
		w.regs[n-1] += 100
	}
	w.model(n)
	w.plug[n-1] = plug
	err := w.c.Meter(n, charger.Reading{Reading: tariff.Reading{Energy: w.regs[n-1]}, Plugged: plug})
	w.tolerate(err)
	at, now := &w.at[n-1], w.clock.Up
	switch {
	case at.screen == charger.ScreenPlug && plug:
		at.screen, at.since = charger.ScreenCharging, now
	case at.screen == charger.ScreenCharging && plug:
	case (at.screen == charger.ScreenCharging || at.screen == charger.ScreenUnplug) && !plug:
		*at = expected{charger.ScreenSettlement, now, true, at.issue, at.retire}
	case at.screen == charger.ScreenSettlement && !plug && !at.freed:
		at.since, at.freed = now, true
	}
}

// stop presses the button of connector n.
func (w *world) stop(n int) {
	w.model(n)
	err := w.c.Stop(n, charger.Reading{Reading: tariff.Reading{Energy: w.regs[n-1]}, Plugged: w.plug[n-1]}, qrproto.StopUser)
	at := &w.at[n-1]
	if at.screen == charger.ScreenIdentity || at.screen == charger.ScreenUnplug {
		if !w.unsure {
			wants(w.t, "stop", err, charger.ErrState)
		}
		return
	}
	w.tolerate(err)
	w.stopped(n)
}

// stopped is what follows from a stop on connector n.
func (w *world) stopped(n int) {
	at, plug := &w.at[n-1], w.plug[n-1]
	next := expected{charger.ScreenSettlement, w.clock.Up, !plug, at.issue, at.retire}
	switch {
	case at.screen == charger.ScreenSettlement:
		next.screen, next.issue = charger.ScreenIdentity, -1
	case at.screen == charger.ScreenCharging && plug && w.atUnplug():
		next.screen = charger.ScreenUnplug
	}
	*at = next
}

func (w *world) atUnplug() bool { return w.options == nil || w.options.Seal == charger.SealAtUnplug }

// pay scans the receipt of the last settlement that connector n showed.
func (w *world) pay(n int) {
	w.model(n)
	s := w.last[n-1]
	if s == nil {
		return
	}
	w.issuer = sells(w.epoch)
	_, err := w.c.Accept(w.receipt(s, ackOf(w.t, s)))
	at := &w.at[n-1]
	if err == nil && at.screen == charger.ScreenSettlement && at.issue >= 0 && w.issues[at.issue].hash == s.Order {
		*at = expected{charger.ScreenIdentity, w.clock.Up, at.freed, -1, at.retire}
	}
	if err != nil && !errors.Is(err, charger.ErrNotLast) && !errors.Is(err, charger.ErrAck) {
		w.tolerate(err)
	}
}

func (w *world) tolerate(err error) {
	if errors.Is(err, charger.ErrJournal) {
		w.unsure = true
	} else if err != nil && !w.unsure {
		w.fatal("%v", err)
	}
}

// model lets time pass in the model, and compares.
func (w *world) model(n int) {
	at, now := &w.at[n-1], w.clock.Up
	switch {
	case at.screen == charger.ScreenPlug && now-at.since >= 90*time.Second:
		*at = expected{charger.ScreenSettlement, now, !w.plug[n-1], at.issue, at.retire}
	case at.screen == charger.ScreenSettlement && at.freed && now-at.since >= 120*time.Second:
		*at = expected{charger.ScreenIdentity, now, true, -1, at.retire}
	}
	d := w.c.Do(n)
	if w.unsure {
		return
	}
	if at.screen == charger.ScreenCharging && !d.Relay { // nobody read it for too long
		at.screen, at.since = charger.ScreenUnplug, now
		if !w.atUnplug() {
			at.screen = charger.ScreenSettlement
		}
	}
	if d.Screen != at.screen || d.Relay != (at.screen == charger.ScreenCharging) || d.Wake < now {
		d.Text = ""
		w.fatal("connector %d: %+v, want screen %d", n, d, at.screen)
	}
}

// reboot switches off and on.
func (w *world) reboot() {
	w.journal = w.journal.Snapshot() // and mends what was to fail
	w.boots++
	w.boot()
	if epoch := w.c.Epoch(); epoch != w.epoch && !w.unsure {
		w.fatal("epoch %d after a restart, was %d", epoch, w.epoch)
	}
	w.epoch, w.unsure, w.plug = w.c.Epoch(), false, [2]bool{}
	for i := range w.at {
		w.at[i] = expected{screen: charger.ScreenIdentity, issue: -1, retire: len(w.issues)}
	}
}

// restore puts the old flash image in.
func (w *world) restore() {
	w.journal, w.forged, w.epoch = w.image.Snapshot(), true, 0
	w.last = [2]*qrproto.Settlement{}
	w.reboot()
}

// check holds what must be true in every state.
func (w *world) check() {
	w.t.Helper()
	relays := 0
	for n := range w.at {
		if d := w.c.Do(n + 1); d.Relay {
			relays++
		}
	}
	if err := w.future(relays); err != nil {
		w.fatal("%v", err)
	}
}

// future cuts the power in a copy of the world, and looks at what remains.
func (w *world) future(relays int) error {
	journal := w.journal.Snapshot()
	before := len(settlementsOf(w.t, journal))
	device := w.device
	device.Rand = w.spare
	c, err := charger.Open(device, journal, &settletest.Clock{}, w.options)
	if err != nil {
		return err
	}
	all := settlementsOf(w.t, journal)
	if len(all)-before < relays {
		return fmt.Errorf("%d relays are closed, %d starts are durable", relays, len(all)-before)
	}
	var head settle.Head
	var delivered int64
	count := map[qrproto.Ref]int{}
	for _, s := range all {
		if head, err = settle.Next(head, s); err != nil {
			return err
		}
		delivered += s.Delivered
		count[s.Order]++
		if reg := w.regs[s.Connector-1]; s.Register+s.Delivered > reg {
			return fmt.Errorf("connector %d: register %d + %d of %d", s.Connector, s.Register, s.Delivered, reg)
		}
	}
	if c.Epoch() != w.epoch && !w.unsure {
		return fmt.Errorf("epoch %d after a cut, was %d", c.Epoch(), w.epoch)
	}
	if flowed := w.regs[0] + w.regs[1]; head != c.Head() || delivered > flowed {
		return fmt.Errorf("head %v, charger says %v; delivered %d of %d", head, c.Head(), delivered, flowed)
	}
	return w.accounted(all, count)
}

// accounted: each accepted order has one settlement, which the server's check
// passes, and no other order has any.
func (w *world) accounted(all []*qrproto.Settlement, count map[qrproto.Ref]int) error {
	for i := range w.issues {
		o := &w.issues[i]
		if got := count[o.hash]; !w.forged && (got > 1 || o.accepted && got != 1 || got == 1 && !o.accepted && !o.maybe) {
			return fmt.Errorf("order %d has %d settlements, accepted %v", i, got, o.accepted)
		}
		for _, s := range all {
			if s.Order != o.hash {
				continue
			}
			plan, err := settle.Compile(o.order, nil)
			if err != nil {
				return err
			}
			if _, err := settle.Verify(o.order, plan, s); err != nil {
				return err
			}
		}
	}
	return nil
}
