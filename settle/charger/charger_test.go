// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
)

func TestASaleFromIdentityToReceipt(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, nil)
	if d := r.c.Do(1); d.Screen != charger.ScreenPlug || d.Relay {
		t.Fatalf("after the order: %+v", d)
	}
	if err := r.c.Start(1, r.reading(0)); err != nil {
		t.Fatal(err)
	}
	if d := r.c.Do(1); d.Screen != charger.ScreenCharging || !d.Relay || !d.Lock {
		t.Fatalf("after the plug: %+v", d)
	}
	// 20:00 local: two hours dear, then one hour cheap, at 7.2 kW = 2 Wh/s.
	r.charge(1, 3*time.Hour, 7200)
	if err := r.c.Stop(1, r.reading(0), qrproto.StopUser); err != nil {
		t.Fatal(err)
	}
	if d := r.c.Do(1); d.Screen != charger.ScreenUnplug || d.Relay || d.Lock {
		t.Fatalf("after the stop: %+v", d)
	}
	out := r.reading(0)
	out.Plugged = false
	if err := r.c.Meter(1, out); err != nil {
		t.Fatal(err)
	}
	s := r.settlement(1)
	bill := r.verify(o, s)
	// 14.4 kWh at 1.60 and 7.2 kWh at 0.50 are 23.04 + 3.60.
	if s.Payable != 2664 || bill.Payable.Units != 2664 || s.Delivered != 21_600_000 || s.Duration != 3*3600 {
		t.Errorf("settled %+v", s)
	}
	if d := r.c.Do(1); d.Cost.Units != 2664 {
		t.Errorf("screen says %v", d.Cost)
	}
	head, err := settle.Next(settle.Head{}, s)
	if err != nil || head != r.c.Head() {
		t.Errorf("chain: %v, %v", head, err)
	}
	receipt := &qrproto.Receipt{Settlement: refOf(t, s), Paid: 2664, Time: r.wall,
		Ack: &qrproto.Ack{Seq: 1, Sum: head.Sum.Short()}}
	if n, err := r.c.Accept(r.seal(receipt)); err != nil || n != 1 {
		t.Fatalf("receipt: %d, %v", n, err)
	}
	if id := r.identity(1); len(id.Records) != 0 || id.Head.Seq != 1 {
		t.Errorf("identity after the receipt: %+v", id)
	}
}
