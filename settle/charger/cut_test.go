// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// day is two connectors in use at once, each with a meter of its own, up to the
// receipt. Between the two orders a snapshot replaces the issuer by one that may
// sell once. It runs until something fails, as a charger does whose power goes.
type day struct {
	*rig
	regs   [2]int64
	orders [2]*qrproto.StartOrder
	texts  []string
	taken  [2]bool  // the order was accepted
	shown  bool     // the snapshot was accepted
	flowed [2]int64 // mWh while the relay was closed
}

const dayPower = 7200 // W, 2000 mWh a second

func newDay(t testing.TB) *day {
	return &day{rig: newRig(t, nil), regs: [2]int64{1_000_000, 7_000_000}}
}

// play stops at the first failure of the journal.
func (d *day) play() error {
	for _, act := range []func() error{
		d.order1(1), d.plug(1), d.run(70), d.replace, d.order1(2), d.plug(2), d.run(40),
		d.stop(1), d.unplug(1), d.pay(1), d.run(35), d.unplug(2), d.pay(2),
	} {
		if err := act(); err != nil {
			return err
		}
	}
	return nil
}

func (d *day) replace() error {
	once := delegation(second, func(d *qrproto.Delegation) { d.Quota = 1 })
	_, err := d.c.Accept(signed(d.t, snapshot(1, once), root))
	d.shown, d.issuer = err == nil, second
	return err
}

func (d *day) order1(n int) func() error {
	return func() error {
		id := d.identity(n)
		o := d.order(id, func(o *qrproto.StartOrder) { o.Epoch = id.Epoch })
		text := d.seal(o)
		d.orders[n-1], d.texts = o, append(d.texts, text)
		_, err := d.c.Accept(text)
		d.taken[n-1] = err == nil
		return err
	}
}

func (d *day) at(n int, plugged bool) charger.Reading {
	return charger.Reading{Reading: tariff.Reading{Energy: d.regs[n-1], Power: dayPower}, Plugged: plugged}
}

func (d *day) plug(n int) func() error { return func() error { return d.c.Start(n, d.at(n, true)) } }
func (d *day) unplug(n int) func() error {
	return func() error { return d.c.Meter(n, d.at(n, false)) }
}
func (d *day) stop(n int) func() error {
	return func() error { return d.c.Stop(n, d.at(n, true), qrproto.StopUser) }
}

func (d *day) pay(n int) func() error {
	return func() error {
		s := d.settlement(n)
		_, err := d.c.Accept(d.receipt(s, ackOf(d.t, s)))
		return err
	}
}

// run lets both connectors deliver for so many seconds.
func (d *day) run(seconds int) func() error {
	return func() error {
		for range seconds {
			d.pass(time.Second)
			for n := 1; n <= 2; n++ {
				if !d.c.Do(n).Relay {
					continue
				}
				d.regs[n-1] += dayPower * 1000 / 3600
				d.flowed[n-1] += dayPower * 1000 / 3600
				if err := d.c.Meter(n, d.at(n, true)); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// account holds what the journal says after a restart against what happened.
func (d *day) account(what string) {
	d.t.Helper()
	var head settle.Head
	count := [2]int{}
	for _, s := range d.settlements() {
		next, err := settle.Next(head, s)
		if err != nil {
			d.t.Fatalf("%s: %v", what, err)
		}
		head = next
		i := s.Connector - 1
		count[i]++
		d.verify(d.orders[i], s)
		const most = 30 * dayPower * 1000 / 3600 // of a checkpoint
		if lost := d.flowed[i] - s.Delivered; lost < 0 || lost > most {
			d.t.Errorf("%s: connector %d delivered %d and bills %d", what, i+1, d.flowed[i], s.Delivered)
		}
	}
	for i, n := range count {
		if n > 1 || d.taken[i] && n != 1 {
			d.t.Errorf("%s: connector %d: order accepted %v, %d settlements", what, i+1, d.taken[i], n)
		}
	}
	if head != d.c.Head() {
		d.t.Errorf("%s: head %v, want %v", what, d.c.Head(), head)
	}
	for _, text := range d.texts {
		if _, err := d.c.Accept(text); err == nil {
			d.t.Errorf("%s: an order is accepted again", what)
		}
	}
	for n := 1; n <= 2; n++ {
		if do := d.c.Do(n); do.Relay || do.Lock || do.Screen != charger.ScreenIdentity {
			d.t.Errorf("%s: after the restart %+v", what, do)
		}
	}
	d.accountTrust(what, count[1])
}

// accountTrust: the snapshot is in force if it was accepted, and the issuer that
// came with it sells once more just where it has not sold.
func (d *day) accountTrust(what string, sold int) {
	d.t.Helper()
	if epoch := d.c.Epoch(); epoch == 0 && !d.shown {
		return
	} else if epoch != 1 {
		d.t.Errorf("%s: epoch %d", what, epoch)
	}
	d.issuer = second
	_, err := d.c.Accept(d.seal(d.order(d.identity(2), nil)))
	want := qrproto.ErrorCode(0)
	if sold > 0 {
		want = charger.ErrQuota
	}
	if qrproto.CodeOf(err) != want {
		d.t.Errorf("%s: %d sales under the snapshot, and the next: %v", what, sold, err)
	}
}

// script is so many writes that succeed, and then one that does not.
func script(n int, f settletest.Fault) []settletest.Fault {
	return append(make([]settletest.Fault, n), f)
}

func TestPowerCutAtEveryWrite(t *testing.T) {
	whole := newDay(t)
	before := whole.journal.Writes()
	if err := whole.play(); err != nil {
		t.Fatal(err)
	}
	writes := whole.journal.Writes() - before
	if writes < 12 {
		t.Fatalf("only %d writes", writes)
	}
	cuts := 0
	for n := range writes {
		for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
			for second := range 4 { // a second cut in the recovery
				d := newDay(t)
				d.journal.Inject(script(n, fault)...)
				err := d.play()
				if err != nil {
					wants(t, "the call at the cut", err, charger.ErrJournal)
				}
				d.journal = d.journal.Snapshot()
				d.journal.Inject(script(second, fault)...)
				if _, err := charger.Open(d.device, d.journal, &settletest.Clock{}, nil); err != nil {
					wants(t, "the recovery that was cut", err, charger.ErrJournal)
				}
				d.journal = d.journal.Snapshot()
				d.boot()
				d.account("cut")
				cuts++
			}
		}
	}
	t.Logf("%d writes, %d cuts", writes, cuts)
}

// The journal fails once, and the device goes on.
func TestAFailedWriteLosesAndDoublesNothing(t *testing.T) {
	whole := newDay(t)
	before := whole.journal.Writes()
	if err := whole.play(); err != nil {
		t.Fatal(err)
	}
	for n := range whole.journal.Writes() - before {
		for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
			d := newDay(t)
			d.journal.Inject(script(n, fault)...)
			if err := d.play(); err != nil {
				wants(t, "the call at the failure", err, charger.ErrJournal)
			}
			for i := 1; i <= 2; i++ { // everybody leaves
				for range 3 {
					d.c.Do(i)
					_ = d.unplug(i)()
					d.pass(121 * time.Second)
				}
				d.taken[i-1] = d.taken[i-1] || len(d.settlements()) > 0 && d.orders[i-1] != nil && d.settledOrder(i)
			}
			if len(d.settlements()) != int(d.c.Head().Seq) {
				t.Fatalf("%d settlements, head %v", len(d.settlements()), d.c.Head())
			}
			d.boot()
			d.account("failure")
		}
	}
}

func (d *day) settledOrder(n int) bool {
	for _, s := range d.settlements() {
		if s.Order == refOf(d.t, d.orders[n-1]) {
			return true
		}
	}
	return false
}

// No energy flows that the journal could not account for, however long the
// journal fails, and the session is settled once it is back.
func TestBrokenJournalOpensTheRelay(t *testing.T) {
	for _, seal := range []charger.Seal{charger.SealAtUnplug, charger.SealAtStop} {
		r := newRig(t, &charger.Options{Seal: seal})
		o := r.accept(1, nil)
		r.read(1, 0)
		r.charge(1, 10*time.Second, 3600)
		r.journal.Break(true)
		closed := 0
		for range 60 {
			r.pass(time.Second)
			if !r.c.Do(1).Relay {
				continue
			}
			closed++
			r.reg += 1000
			if err := r.c.Meter(1, r.reading(3600)); err != nil {
				wants(t, "meter", err, charger.ErrJournal)
			}
		}
		if closed > 20 {
			t.Errorf("closed for %d s more", closed)
		}
		d := r.c.Do(1)
		if d.Relay || d.Lock || d.Screen != charger.ScreenFault || d.Wake <= r.clock.Up {
			t.Errorf("%+v", d)
		}
		if d := r.c.Do(2); d.Screen != charger.ScreenFault || d.Text != "" {
			t.Errorf("the other connector: %+v", d)
		}
		r.journal.Break(false)
		r.c.Do(1)
		r.unplug(1)
		s := r.settlement(1)
		r.verify(o, s)
		if s.Reason != qrproto.StopFault || s.Delivered != int64(10+closed)*1000 {
			t.Errorf("settled %+v after %d s more", s, closed)
		}
		r.pass(45 * time.Second)
		if id := r.identity(2); id.Alarms != 0 {
			t.Errorf("alarms %b", id.Alarms)
		}
	}
}

// An acceptance that failed after its effect counts once that is found out, and
// until then no identity says anything about open orders.
func TestAcceptanceInDoubt(t *testing.T) {
	r := newRig(t, nil)
	text := r.seal(r.order(r.identity(1), nil))
	r.journal.Inject(settletest.FaultAfter)
	_, err := r.c.Accept(text)
	wants(t, "accept", err, charger.ErrJournal)
	r.journal.Break(true)
	r.pass(45 * time.Second)
	if d := r.c.Do(2); d.Screen != charger.ScreenFault {
		t.Errorf("in doubt: %+v", d)
	}
	if err := r.c.Meter(1, r.reading(0)); err != nil {
		t.Error(err)
	}
	r.journal.Break(false)
	if d := r.c.Do(1); d.Screen != charger.ScreenPlug {
		t.Errorf("found out: %+v", d)
	}
	r.refused("the order again", charger.ErrUsed, r.scan(text))
	if id := r.identity(2); id.Open.Len() != 1 {
		t.Errorf("open %x", []byte(id.Open))
	}
}

func TestAcceptanceThatIsLostMayBeTriedAgain(t *testing.T) {
	r := newRig(t, nil)
	text := r.seal(r.order(r.identity(1), nil))
	r.journal.Inject(settletest.FaultLost)
	_, err := r.c.Accept(text)
	wants(t, "accept", err, charger.ErrJournal)
	if d := r.c.Do(1); d.Screen != charger.ScreenIdentity {
		t.Errorf("%+v", d)
	}
	if _, err := r.c.Accept(text); err != nil {
		t.Error(err)
	}
}

func TestReceiptOpensTheLockThoughTheJournalFails(t *testing.T) {
	r := newRig(t, &charger.Options{Seal: charger.SealAtStop})
	r.accept(1, nil)
	r.read(1, 0)
	_ = r.c.Stop(1, r.reading(0), qrproto.StopUser)
	s := r.settlement(1)
	r.journal.Inject(settletest.FaultLost)
	_, err := r.c.Accept(r.receipt(s, ackOf(t, s)))
	wants(t, "receipt", err, charger.ErrJournal)
	if d := r.c.Do(1); d.Lock || d.Screen != charger.ScreenIdentity {
		t.Errorf("%+v", d)
	}
}

func TestOpenFailsWithItsJournal(t *testing.T) {
	r := newRig(t, nil)
	r.accept(1, nil)
	r.journal.Break(true)
	_, err := charger.Open(r.device, r.journal, r.clock, nil)
	wants(t, "open", err, charger.ErrJournal)
	_, err = r.c.Again(1)
	wants(t, "again", err, charger.ErrJournal)
	r.journal.Break(false)
	r.boot()
	if id := r.identity(1); id.Head == nil || id.Head.Seq != 1 {
		t.Errorf("%+v", id)
	}
}
