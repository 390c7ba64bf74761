// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// stopOrder is what ends an order from afar.
func (r *rig) stopOrder(o *qrproto.StartOrder) string {
	r.t.Helper()
	return r.seal(&qrproto.StopOrder{Order: refOf(r.t, o)})
}

func TestStopOrderEndsTheSaleThatItNames(t *testing.T) {
	for _, c := range []struct {
		name      string
		seal      charger.Seal
		plug      bool
		delivered int64
		then      charger.Screen
	}{
		{"armed", charger.SealAtUnplug, false, 0, charger.ScreenSettlement},
		{"charging, sealed at unplug", charger.SealAtUnplug, true, 120_000, charger.ScreenUnplug},
		{"charging, sealed at stop", charger.SealAtStop, true, 120_000, charger.ScreenSettlement},
	} {
		r := newRig(t, &charger.Options{Seal: c.seal})
		o, other := r.accept(1, nil), r.accept(2, nil)
		if c.plug {
			r.read(1, 0)
			r.charge(1, time.Minute, 7200)
		}
		if n, err := r.c.Accept(r.stopOrder(o)); n != 1 || err != nil {
			t.Fatalf("%s: %d, %v", c.name, n, err)
		}
		if d := r.c.Do(1); d.Relay || d.Screen != c.then {
			t.Errorf("%s: %+v", c.name, d)
		}
		if d := r.c.Do(2); d.Screen != charger.ScreenPlug {
			t.Errorf("%s: the other connector: %+v", c.name, d)
		}
		if c.then == charger.ScreenUnplug {
			r.refused(c.name+": the stop order again", charger.ErrNotRunning, r.scan(r.stopOrder(o)))
			r.unplug(1)
		}
		s := r.settlement(1)
		r.verify(o, s)
		if s.Reason != qrproto.StopRemote || s.Delivered != c.delivered {
			t.Errorf("%s: reason %d, delivered %d", c.name, s.Reason, s.Delivered)
		}
		r.refused(c.name+": again while its settlement is shown", charger.ErrNotRunning, r.scan(r.stopOrder(o)))
		r.dismiss(1)
		r.refused(c.name+": again afterwards", charger.ErrNotRunning, r.scan(r.stopOrder(o)))
		if n, err := r.c.Accept(r.stopOrder(other)); n != 2 || err != nil {
			t.Errorf("%s: the other's: %d, %v", c.name, n, err)
		}
	}
}

// It is never kept for later: who shows it first stops nothing.
func TestStopOrderIsNotStored(t *testing.T) {
	r := newRig(t, nil)
	o := r.order(r.identity(1), nil)
	r.refused("before the order", charger.ErrNotRunning, r.scan(r.stopOrder(o)))
	if _, err := r.c.Accept(r.seal(o)); err != nil {
		t.Fatal(err)
	}
	r.read(1, 0)
	if d := r.c.Do(1); !d.Relay {
		t.Errorf("%+v", d)
	}
	r.boot()
	r.refused("after a restart", charger.ErrNotRunning, r.scan(r.stopOrder(o)))
}

func TestStopOrderThatIsNotTakenWritesNothing(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, nil)
	r.read(1, 0)
	stop := &qrproto.StopOrder{Order: refOf(t, o)}
	r.refused("of an unknown key", qrproto.ErrUnknownKey, r.scan(signed(t, stop, second)))
	r.refused("of a root", qrproto.ErrKeyUsage, r.scan(signed(t, stop, root)))
	other := *stop
	other.Order[15]++
	r.refused("of another order", charger.ErrNotRunning, r.scan(r.seal(&other)))
	r.trust(1, func(d *qrproto.Delegation) { d.Rights &^= qrproto.RightStop })
	r.refused("of a key that may not stop", qrproto.ErrKeyUsage, r.scan(r.seal(stop)))
	r.refused("of a key that is revoked", qrproto.ErrUnknownKey, r.scan(signed(t, stop, factory)))
	r.trust(2, func(d *qrproto.Delegation) { d.Fleet = []byte{1} })
	r.refused("of a key of another fleet", charger.ErrFleet, r.scan(r.seal(stop)))
	r.trust(3, func(d *qrproto.Delegation) { d.Fleet, d.Rights = number, qrproto.RightStop })
	if n, err := r.c.Accept(r.seal(stop)); n != 1 || err != nil {
		t.Errorf("of a key that may: %d, %v", n, err)
	}
}

// Energy that cannot be accounted for must not flow: a stop that could not be
// written opens the relay all the same, and is written when the journal can.
func TestStopOrderStopsThoughTheJournalFails(t *testing.T) {
	for _, plug := range []bool{false, true} {
		for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
			r := newRig(t, &charger.Options{Seal: charger.SealAtStop})
			o := r.accept(1, nil)
			if plug {
				r.read(1, 0)
			}
			r.journal.Inject(fault)
			n, err := r.c.Accept(r.stopOrder(o))
			wants(t, "the stop order", err, charger.ErrJournal)
			if d := r.c.Do(n); d.Relay {
				t.Errorf("%+v", d)
			}
			if s := r.settlement(1); s.Reason != qrproto.StopRemote || len(r.settlements()) != 1 {
				t.Errorf("reason %d, %d settlements", s.Reason, len(r.settlements()))
			}
		}
	}
}

func TestVoucherIsRefusedWhoeverSignedIt(t *testing.T) {
	r := newRig(t, nil)
	v := &qrproto.Voucher{ID: qrproto.VoucherID{1}, Amount: 5000, Scale: 2, Currency: "CNY", From: r.wall, Until: r.wall + 86400}
	giver := qrproto.Signer{ID: "gift", Key: key("giver")}
	good := signed(t, v, giver)
	r.refused("of a key that is not known here", charger.ErrVoucher, r.scan(good))
	r.refused("of a key for other kinds", charger.ErrVoucher, r.scan(r.seal(v)))
	r.refused("that is damaged", charger.ErrVoucher, r.scan(good[:len(good)/2]))
	r.device.Keys = append(r.device.Keys, qrproto.Key{ID: giver.ID, Public: giver.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindVoucher}})
	r.boot()
	r.refused("of a key for vouchers", charger.ErrVoucher, r.scan(good))
	r.refused("as an order", qrproto.ErrKeyUsage, r.scan("QO"+good[2:]))
}
