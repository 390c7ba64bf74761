// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"math"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/tariff"
)

// deliver is what firmware does: it asks, waits as long as it may, reads the
// meter, until the relay opens. Energy flows at a power as long as the relay is
// closed, and until a while after it opened.
func (r *rig) deliver(n int, watts int32, slow time.Duration) {
	r.t.Helper()
	var rest int64
	flow := func(d time.Duration) {
		rest += int64(watts) * d.Milliseconds()
		r.reg += rest / 3600
		rest %= 3600
	}
	for range 100_000 {
		d := r.c.Do(n)
		if !d.Relay {
			flow(slow)
			return
		}
		step := max(d.Wake-r.clock.Up, 0)
		r.pass(step)
		flow(step)
		r.read(n, watts)
	}
	r.t.Fatal("the session does not end")
}

func TestPluggingInBeforeScanningIsFine(t *testing.T) {
	r := newRig(t, nil)
	if err := r.c.Start(1, r.reading(0)); err != nil {
		t.Fatal(err)
	}
	r.reg += 500 // somebody else's
	o := r.accept(1, nil)
	d := r.c.Do(1)
	if d.Relay || d.Screen != charger.ScreenPlug || d.Wake > r.clock.Up+time.Second {
		t.Errorf("order and plug are there: %+v", d)
	}
	r.pass(time.Second)
	r.read(1, 0)
	if d := r.c.Do(1); !d.Relay || !d.Lock || d.Screen != charger.ScreenCharging {
		t.Errorf("after the first reading: %+v", d)
	}
	r.charge(1, 10*time.Second, 3600)
	r.unplug(1)
	s := r.settlement(1)
	if s.Register != 5_000_500 || s.Delivered != 10_000 || s.Start != o.Issued+1 || s.Duration != 10 || s.Reason != qrproto.StopUnplugged {
		t.Errorf("settled %+v", s)
	}
	r.verify(o, s)
}

func TestOrderWithoutAPlugSettlesAtZeroAfter90Seconds(t *testing.T) {
	r := newRig(t, nil)
	r.read(1, 0)
	r.unplug(1)
	o := r.accept(1, nil)
	from := r.clock.Up
	for r.clock.Up < from+90*time.Second {
		if d := r.c.Do(1); d.Screen != charger.ScreenPlug || d.Wake <= r.clock.Up || d.Wake > from+90*time.Second {
			t.Fatalf("after %v: %+v", r.clock.Up-from, d)
		}
		r.pass(r.c.Do(1).Wake - r.clock.Up)
	}
	s := r.settlement(1)
	if s.Reason != qrproto.StopTimeout || s.Payable != 0 || s.Delivered != 0 || s.Duration != 0 || s.Register != 5_000_000 || s.Start != o.Issued {
		t.Errorf("settled %+v", s)
	}
	r.verify(o, s)
	r.pass(120 * time.Second)
	if id := r.identity(1); len(id.Records) != 1 {
		t.Errorf("the identity carries %d records", len(id.Records))
	}
}

func TestPlugThatComesTooLateBeginsNothing(t *testing.T) {
	r := newRig(t, nil)
	r.accept(1, nil)
	r.pass(90 * time.Second)
	r.read(1, 0) // before Do is asked
	if d := r.c.Do(1); d.Relay || d.Screen != charger.ScreenSettlement {
		t.Errorf("%+v", d)
	}
}

func TestTakingAnOrderBackSettlesAtZero(t *testing.T) {
	for _, plugged := range []bool{false, true} {
		r := newRig(t, nil)
		o := r.accept(1, nil)
		at := r.reading(0)
		at.Plugged = plugged
		if err := r.c.Stop(1, at, qrproto.StopUser); err != nil {
			t.Fatal(err)
		}
		s := r.settlement(1)
		if s.Reason != qrproto.StopUser || s.Payable != 0 {
			t.Errorf("settled %+v", s)
		}
		r.verify(o, s)
	}
}

func TestRegisterOfASettlementAtZeroIsTheLastKnown(t *testing.T) {
	r := newRig(t, nil)
	_, sold := r.sell(1, nil)
	r.boot() // the meter was not heard since
	r.accept(1, nil)
	r.pass(90 * time.Second)
	if s := r.settlement(1); s.Register != sold.Register+sold.Delivered {
		t.Errorf("register %d, the session before ended at %d", s.Register, sold.Register+sold.Delivered)
	}
}

func TestSettlementIsShownUntilReceiptButtonOrTimeAfterUnplug(t *testing.T) {
	showing := func(r *rig) bool { return r.c.Do(1).Screen == charger.ScreenSettlement }
	t.Run("receipt", func(t *testing.T) {
		r := newRig(t, nil)
		_, s := r.sell(1, nil)
		if _, err := r.c.Accept(r.receipt(s, nil)); err != nil || showing(r) {
			t.Error("still shown", err)
		}
	})
	t.Run("button", func(t *testing.T) {
		r := newRig(t, nil)
		r.sell(1, nil)
		if r.dismiss(1); showing(r) {
			t.Error("still shown")
		}
		if text, err := r.c.Again(1); err != nil || text == "" {
			t.Error("not shown again on request", err)
		}
	})
	t.Run("time", func(t *testing.T) {
		r := newRig(t, nil)
		r.sell(1, nil)
		from := r.clock.Up
		r.pass(119 * time.Second)
		r.read(1, 0) // the next car
		r.unplug(1)
		if d := r.c.Do(1); !showing(r) || d.Wake != from+120*time.Second || d.Lock {
			t.Errorf("after 119 s: %+v", d)
		}
		if r.pass(time.Second); showing(r) {
			t.Error("still shown after 120 s")
		}
	})
	t.Run("not while plugged in", func(t *testing.T) {
		r := newRig(t, &charger.Options{Seal: charger.SealAtStop})
		r.accept(1, nil)
		r.read(1, 0)
		_ = r.c.Stop(1, r.reading(0), qrproto.StopUser)
		if r.pass(10 * time.Hour); !showing(r) {
			t.Error("not shown any more")
		}
		if r.unplug(1); !showing(r) {
			t.Error("not shown any more at the unplug")
		}
		if r.pass(120 * time.Second); showing(r) {
			t.Error("still shown")
		}
	})
}

func TestSealAtStopLocksUntilReceiptButtonOrRelease(t *testing.T) {
	at := &charger.Options{Seal: charger.SealAtStop, Release: time.Minute}
	stopped := func(t *testing.T) (*rig, *qrproto.Settlement) {
		r := newRig(t, at)
		o := r.accept(1, nil)
		r.read(1, 0)
		r.charge(1, time.Minute, 7200)
		if err := r.c.Stop(1, r.reading(0), qrproto.StopUser); err != nil {
			t.Fatal(err)
		}
		s := r.settlement(1)
		r.verify(o, s)
		if d := r.c.Do(1); !d.Lock || d.Relay {
			t.Fatalf("after the stop: %+v", d)
		}
		return r, s
	}
	t.Run("receipt", func(t *testing.T) {
		r, s := stopped(t)
		if _, err := r.c.Accept(r.receipt(s, nil)); err != nil || r.c.Do(1).Lock {
			t.Error("still locked", err)
		}
	})
	t.Run("button", func(t *testing.T) {
		r, s := stopped(t)
		if err := r.c.Stop(1, r.reading(0), qrproto.StopUser); err != nil || r.c.Do(1).Lock {
			t.Error("still locked", err)
		}
		wantCarried(t, "what nobody has scanned", r.identity(1), s.Seq)
	})
	t.Run("release", func(t *testing.T) {
		r, _ := stopped(t)
		r.pass(59 * time.Second)
		if d := r.c.Do(1); !d.Lock || d.Wake != r.clock.Up+time.Second {
			t.Errorf("a second before: %+v", d)
		}
		if r.pass(time.Second); r.c.Do(1).Lock {
			t.Error("still locked")
		}
	})
	t.Run("the next plug is not locked in", func(t *testing.T) {
		r, _ := stopped(t)
		r.unplug(1)
		if r.read(1, 0); r.c.Do(1).Lock {
			t.Error("locked")
		}
	})
}

func TestWhatFlowsAfterAStopIsBilledUntilTheContactMustBeOpen(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, 10*time.Second, 3600)
	if err := r.c.Stop(1, r.reading(3600), qrproto.StopUser); err != nil {
		t.Fatal(err)
	}
	look := func(wait time.Duration, relay bool) {
		r.pass(wait)
		r.reg += 1000 * int64(wait/time.Second)
		at := r.reading(3600)
		at.Relay = relay
		if err := r.c.Meter(1, at); err != nil {
			t.Fatal(err)
		}
	}
	look(time.Second, true)     // opening
	look(100*time.Second, true) // it never did
	out := r.reading(0)
	out.Plugged = false
	if err := r.c.Meter(1, out); err != nil {
		t.Fatal(err)
	}
	s := r.settlement(1)
	if s.Delivered != 11_000 {
		t.Errorf("billed %d mWh, want 10 s of delivery and one of latency", s.Delivered)
	}
	r.verify(o, s)
}

func TestTwoConnectorsSellAtOnce(t *testing.T) {
	r := newRig(t, nil)
	one, two := r.accept(1, nil), r.accept(2, nil)
	r.read(1, 0)
	r.charge(1, 20*time.Second, 3600)
	r.read(2, 0)
	for range 20 {
		r.pass(time.Second)
		r.reg += 1000 // one register stands for both: each counts it as its own
		r.read(1, 3600)
		r.read(2, 3600)
	}
	r.unplug(2)
	r.unplug(1)
	second, first := r.settlement(1), r.settlement(2)
	r.verify(one, second)
	r.verify(two, first)
	if first.Seq != 1 || second.Seq != 2 || second.Previous != refOf(t, first) || second.Total != first.Delivered+second.Delivered {
		t.Errorf("first %+v\nsecond %+v", first, second)
	}
	if first.Delivered != 20_000 || second.Delivered != 40_000 {
		t.Errorf("delivered %d and %d", first.Delivered, second.Delivered)
	}
	if _, err := r.c.Accept(r.receipt(second, ackOf(t, second))); err != nil {
		t.Fatal(err)
	}
	if d := r.c.Do(2); d.Screen != charger.ScreenSettlement {
		t.Error("the receipt of one connector closed the other")
	}
}

func TestSessionEndsAtWhatWasAskedFor(t *testing.T) {
	target := func(kind qrproto.TargetKind, value int64) func(*qrproto.StartOrder) {
		return func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: kind, Value: value} }
	}
	limit := func(l qrproto.Limits) func(*qrproto.StartOrder) {
		return func(o *qrproto.StartOrder) { o.Limits = &l }
	}
	for _, c := range []struct {
		name   string
		change func(*qrproto.StartOrder)
		reason qrproto.StopReason
		is     func(*qrproto.Settlement) int64
		least  int64
		most   int64
	}{
		// 7.2 kW is 2 Wh a second, or 0.32 cents at 1.60.
		{"energy", target(qrproto.TargetEnergy, 1_000_000), qrproto.StopTarget, delivered, 998_000, 1_002_000},
		{"amount", target(qrproto.TargetAmount, 500), qrproto.StopTarget, payable, 498, 500},
		{"time", target(qrproto.TargetTime, 777), qrproto.StopTarget, duration, 777, 777},
		{"limit of energy", limit(qrproto.Limits{Energy: 1_000_000}), qrproto.StopLimit, delivered, 994_000, 1_000_000},
		{"limit of amount", limit(qrproto.Limits{Amount: 500}), qrproto.StopLimit, payable, 498, 500},
		{"limit of time", limit(qrproto.Limits{Duration: 777}), qrproto.StopLimit, duration, 777, 777},
	} {
		r := newRig(t, &charger.Options{Seal: charger.SealAtUnplug})
		o := r.accept(1, c.change)
		r.read(1, 0)
		r.deliver(1, 7200, time.Second) // the contact opens as late as it may
		r.unplug(1)
		s := r.settlement(1)
		if got := c.is(s); got < c.least || got > c.most || s.Reason != c.reason {
			t.Errorf("%s: %d, want %d to %d; reason %d", c.name, got, c.least, c.most, s.Reason)
		}
		if s.Waived != 0 {
			t.Errorf("%s: waived %d although the meter was read in time", c.name, s.Waived)
		}
		r.verify(o, s)
	}
}

// A meter that tells no power is read as often as its energy asks for.
func TestLimitsHoldUnderAMeterThatTellsNoPower(t *testing.T) {
	for name, limits := range map[string]qrproto.Limits{"energy": {Energy: 1_000_000}, "amount": {Amount: 500}} {
		r := newRig(t, &charger.Options{Seal: charger.SealAtUnplug})
		o := r.accept(1, func(o *qrproto.StartOrder) { o.Limits = &limits })
		r.read(1, 0)
		for range 10_000 {
			d := r.c.Do(1)
			if !d.Relay {
				break
			}
			step := d.Wake - r.clock.Up
			r.pass(step)
			r.reg += int64(2 * step / time.Millisecond) // 7.2 kW
			r.read(1, 0)
		}
		r.unplug(1)
		s := r.settlement(1)
		r.verify(o, s)
		if s.Waived != 0 || s.Delivered > 1_000_000 && name == "energy" || s.Reason != qrproto.StopLimit || s.Delivered < 900_000 {
			t.Errorf("limit of %s: reason %d, delivered %d, waived %d", name, s.Reason, s.Delivered, s.Waived)
		}
	}
}

func delivered(s *qrproto.Settlement) int64 { return s.Delivered }
func payable(s *qrproto.Settlement) int64   { return s.Payable }
func duration(s *qrproto.Settlement) int64  { return s.Duration }

// A meter that tells no power, read late: the overrun is waived and told.
func TestOverrunIsWaivedAndTold(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, func(o *qrproto.StartOrder) { o.Limits = &qrproto.Limits{Amount: 500} })
	r.read(1, 0)
	r.reg += 10_000_000 // 16.00
	r.pass(5 * time.Second)
	r.read(1, 0)
	if d := r.c.Do(1); d.Relay || d.Cost.Units != 500 {
		t.Errorf("%+v", d)
	}
	r.unplug(1)
	s := r.settlement(1)
	if s.Payable != 500 || s.Waived != 1100 || s.Reason != qrproto.StopLimit {
		t.Errorf("payable %d, waived %d, reason %d", s.Payable, s.Waived, s.Reason)
	}
	r.verify(o, s)
}

func TestDoAsksForAReadingAtEachChangeOfPrice(t *testing.T) {
	r := newRig(t, &charger.Options{Sample: time.Hour, Checkpoint: 10 * time.Hour})
	r.pass(500 * time.Millisecond)
	o := r.accept(1, func(o *qrproto.StartOrder) { o.Issued += 1800 }) // 20:30, dear until 22:00
	r.read(1, 0)
	start := r.clock.Up
	if wake := r.c.Do(1).Wake; wake != start+time.Second {
		t.Errorf("wake after %v, want 1 s while nobody knows how fast it flows", wake-start)
	}
	r.reg++
	r.read(1, 3600)
	for _, want := range []time.Duration{time.Hour, 90 * time.Minute, 150 * time.Minute} {
		wake := r.c.Do(1).Wake
		if wake != start+want {
			t.Fatalf("wake after %v, want %v", wake-start, want)
		}
		r.reg += (wake - r.clock.Up).Milliseconds()
		r.pass(wake - r.clock.Up)
		r.read(1, 3600)
	}
	r.unplug(1)
	s := r.settlement(1)
	// Rates in the order of the tariff: dear is element 0, cheap the one behind.
	if want := (qrproto.Cells{0, 5_400_001, 2, 3_600_000}); len(s.Cells) != 4 || s.Cells[1] != want[1] || s.Cells[3] != want[3] {
		t.Errorf("cells %v, want %v", s.Cells, want)
	}
	r.verify(o, s)
}

func TestWhatNobodyReadsStops(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, 10*time.Second, 3600)
	r.pass(35 * time.Second)
	if !r.c.Do(1).Relay {
		t.Fatal("stopped too early")
	}
	r.pass(time.Second)
	if r.c.Do(1).Relay {
		t.Fatal("energy flows that nobody counts")
	}
	r.unplug(1)
	if s := r.settlement(1); s.Reason != qrproto.StopFault || s.Delivered != 10_000 {
		t.Errorf("settled %+v", s)
	}
	_ = o
}

func TestReadingThatCannotBeRightIsLeftOut(t *testing.T) {
	for name, bad := range map[string]tariff.Reading{
		"negative":          {Energy: -1},
		"least":             {Energy: math.MinInt64},
		"most":              {Energy: math.MaxInt64},
		"volume negative":   {Energy: 5_020_000, Volume: -1},
		"volume of oceans":  {Energy: 5_020_000, Volume: math.MaxInt64},
		"backwards":         {Energy: 4_999_999},
		"an unknown phase":  {Energy: 5_020_000, Phase: 9},
		"backwards by one":  {Energy: 5_009_999},
		"more than the sun": {Energy: 1 << 59},
	} {
		r := newRig(t, nil)
		// Before an order nothing sticks either.
		if name != "backwards" && name != "backwards by one" && name != "more than the sun" {
			wants(t, name+" while idle", r.c.Meter(1, charger.Reading{Reading: bad}), charger.ErrReading)
			if id := r.identity(1); id.Alarms != qrproto.AlarmMeter || id.Health != qrproto.HealthService {
				t.Errorf("%s: alarms %b", name, id.Alarms)
			}
		}
		o := r.accept(1, nil)
		r.read(1, 0)
		r.charge(1, 10*time.Second, 3600)
		wants(t, name, r.c.Meter(1, charger.Reading{Reading: bad, Plugged: true}), charger.ErrReading)
		d := r.c.Do(1)
		if d.Relay == (name == "more than the sun") {
			t.Errorf("%s: relay %v", name, d.Relay)
		}
		if wait := d.Wake - r.clock.Up; d.Relay && wait > time.Second {
			t.Errorf("%s: the meter is read again in %v only", name, wait)
		}
		// The plug counts all the same.
		wants(t, name, r.c.Meter(1, charger.Reading{Reading: bad}), charger.ErrReading)
		s := r.settlement(1)
		if s.Delivered != 10_000 {
			t.Errorf("%s: delivered %d", name, s.Delivered)
		}
		r.verify(o, s)
	}
}

func TestMeterThatStaysAbsurdStopsTheSession(t *testing.T) {
	r := newRig(t, nil)
	r.accept(1, nil)
	r.read(1, 0)
	for range 100 {
		d := r.c.Do(1)
		if !d.Relay {
			break
		}
		if d.Wake <= r.clock.Up {
			t.Fatal("asks again at once")
		}
		r.pass(d.Wake - r.clock.Up)
		wants(t, "reading", r.c.Meter(1, charger.Reading{Reading: tariff.Reading{Energy: -1}, Plugged: true}), charger.ErrReading)
	}
	r.unplug(1)
	if s := r.settlement(1); s.Reason != qrproto.StopFault {
		t.Errorf("reason %d", s.Reason)
	}
}

func TestStopWithAReadingThatCannotBeRightStops(t *testing.T) {
	r := newRig(t, nil)
	r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, 10*time.Second, 3600)
	wants(t, "stop", r.c.Stop(1, charger.Reading{Reading: tariff.Reading{Energy: -1}}, 99), charger.ErrReading)
	if s := r.settlement(1); s.Reason != qrproto.StopFault || s.Delivered != 10_000 {
		t.Errorf("settled %+v", s)
	}
}

func TestUptimeThatJumpsEndsTheSession(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, 366 * 24 * time.Hour, 200 * 365 * 24 * time.Hour} {
		for _, first := range []string{"do", "meter", "unplug"} {
			r := newRig(t, nil)
			o := r.accept(1, nil)
			r.read(1, 0)
			r.charge(1, 10*time.Second, 3600)
			r.pass(jump)
			switch at := r.reading(0); first {
			case "do":
				if r.c.Do(1).Relay {
					t.Errorf("%v: goes on", jump)
				}
			case "meter":
				_ = r.c.Meter(1, at)
				if long := jump > 365*24*time.Hour; r.c.Do(1).Relay == long {
					t.Errorf("%v: goes on: %v", jump, !long)
				}
			}
			at := r.reading(0)
			at.Plugged = false
			_ = r.c.Meter(1, at)
			s := r.settlement(1)
			r.verify(o, s)
			if s.Delivered != 10_000 || s.Duration > 366*86400 {
				t.Errorf("%v: settled %+v", jump, s)
			}
		}
	}
}

func TestRecordStaysWithinItsBudget(t *testing.T) {
	// A settlement of one rate fits, one of two does not.
	one := newRig(t, &charger.Options{Record: 150})
	one.accept(1, nil)
	one.read(1, 0)
	one.charge(1, 3*time.Hour, 7200)
	if !one.c.Do(1).Relay {
		t.Error("stopped although two rates take less than 150 bytes")
	}
	r := newRig(t, &charger.Options{Record: 118})
	o := r.accept(1, nil)
	r.read(1, 0)
	for range 3 * 3600 {
		if !r.c.Do(1).Relay {
			break
		}
		r.charge(1, time.Second, 7200)
	}
	r.unplug(1)
	s := r.settlement(1)
	record, err := qrproto.EncodeRecord(s)
	if err != nil || len(record) > 118 || s.Reason != qrproto.StopLimit || s.Duration < 60 {
		t.Errorf("%d bytes, reason %d, after %d s: %v", len(record), s.Reason, s.Duration, err)
	}
	r.verify(o, s)
}
