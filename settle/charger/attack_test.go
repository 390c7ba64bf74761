// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// What follows was found by somebody who tried to get energy for nothing, or to
// make a charger forget.

func TestStopThatCouldNotBeWrittenIsNeverForgotten(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, nil)
	r.journal.Inject(settletest.FaultLost)
	wants(t, "stop", r.c.Stop(1, r.reading(0), qrproto.StopEmergency), charger.ErrJournal)
	r.pass(time.Second)
	if err := r.c.Meter(1, r.reading(0)); err != nil {
		t.Fatal(err)
	}
	if d := r.c.Do(1); d.Relay {
		t.Fatalf("a second after an emergency stop: %+v", d)
	}
	if s := r.settlement(1); s.Order != refOf(t, o) || s.Delivered != 0 || s.Reason != qrproto.StopEmergency {
		t.Errorf("settled %+v", s)
	}
}

func TestDoubtfulStartDoesNotOverrideAStop(t *testing.T) {
	r := newRig(t, nil)
	r.accept(1, nil)
	r.journal.Inject(settletest.FaultAfter)
	wants(t, "start", r.c.Start(1, r.reading(0)), charger.ErrJournal)
	r.journal.Break(true)
	wants(t, "stop", r.c.Stop(1, r.reading(0), qrproto.StopEmergency), charger.ErrJournal)
	r.journal.Break(false)
	for range 3 {
		if d := r.c.Do(1); d.Relay {
			t.Fatalf("after an emergency stop: %+v", d)
		}
		r.pass(time.Second)
	}
}

// The driver was told of a failure and has left; somebody else plugs in.
func TestDoubtfulAcceptanceIsArmedFromItsScanOn(t *testing.T) {
	r := newRig(t, nil)
	o := r.order(r.identity(1), nil)
	r.journal.Inject(settletest.FaultAfter)
	wants(t, "accept", r.scan(r.seal(o))(), charger.ErrJournal)
	r.journal.Break(true)
	for range 20 {
		r.c.Do(1)
		r.pass(30 * time.Second)
	}
	r.journal.Break(false)
	if err := r.c.Start(1, r.reading(0)); err != nil {
		t.Fatal(err)
	}
	if d := r.c.Do(1); d.Relay {
		t.Fatalf("ten minutes later: %+v", d)
	}
	if s := r.settlement(1); s.Order != refOf(t, o) || s.Delivered != 0 {
		t.Errorf("settled %+v", s)
	}
}

func TestOldReceiptDoesNotUndoThatAServerWasSetBack(t *testing.T) {
	r := newRig(t, nil)
	_, s := r.sell(1, nil)
	receipt := r.receipt(s, ackOf(t, s))
	if _, err := r.c.Accept(receipt); err != nil {
		t.Fatal(err)
	}
	wantCarried(t, "stored", r.identity(1))
	r.accept(2, nil) // an order that says: nothing is stored
	if _, err := r.c.Accept(receipt); err != nil {
		t.Fatal(err)
	}
	r.pass(time.Minute)
	wantCarried(t, "lost by the server", r.identity(1), s.Seq)
}

// While a fork keeps the acknowledgement where it is, what was told comes again:
// the server may be set back without the acknowledgement falling.
func TestToldRecordsComeAgainHoweverManyAreNew(t *testing.T) {
	r := newRig(t, nil)
	seen := map[uint32]int{}
	for range 60 {
		for _, seq := range carried(t, r.identity(1)) {
			seen[seq]++
		}
		r.cancel(1, nil)
	}
	again := 0
	for _, n := range seen {
		if n > 1 {
			again++
		}
	}
	if again < 10 || seen[1] < 2 {
		t.Errorf("%d records came again in 60 customers: %v", again, seen)
	}
}

// At 480 kW a look every 5 seconds would give away 67 times what was ordered.
func TestTinyTargetIsOverrunByLittle(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, func(o *qrproto.StartOrder) {
		o.Target = &qrproto.Target{Kind: qrproto.TargetAmount, Value: 1}
		o.Limits = &qrproto.Limits{Amount: 1}
	})
	const watts = 480_000
	r.read(1, 0)
	for range 10 {
		wake := r.c.Do(1).Wake
		if !r.c.Do(1).Relay {
			break
		}
		passed := max(wake-r.clock.Up, time.Millisecond)
		r.reg += watts * passed.Milliseconds() / 3600
		r.pass(passed)
		r.read(1, watts)
	}
	r.unplug(1)
	s := r.settlement(1)
	if oneSecond := int64(watts * 1000 / 3600); s.Delivered > oneSecond {
		t.Errorf("delivered %d mWh, one second is %d", s.Delivered, oneSecond)
	}
	r.verify(o, s)
}
