// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// sticker is the policy of the tests: at most 10.00 CNY an order.
func sticker() *charger.Options {
	return &charger.Options{Sticker: &charger.Sticker{Most: tariff.Money{Units: 1000, Scale: 2, Currency: "CNY"}}}
}

// flatFee costs 5.00 CNY.
func flatFee() *tariff.Tariff {
	return priced(always(component(tariff.FlatFee, tariff.Service, 500, 0)))
}

// prepaid is order number n, at connector k, for 1 kWh at 5.00 CNY; change may be
// nil.
func (r *rig) prepaid(k uint8, n uint32, change func(*qrproto.StartOrder)) *qrproto.StartOrder {
	r.t.Helper()
	r.issuer = factory
	id := &qrproto.Identity{Number: number, Connector: k, Challenge: qrproto.Challenge{Counter: n}}
	return r.order(id, func(o *qrproto.StartOrder) {
		under(r.t, flatFee(), 500)(o)
		o.Funding = qrproto.FundingPrepaid
		o.Target = &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 1_000_000}
		if change != nil {
			change(o)
		}
	})
}

// buy scans a prepaid order, which must be accepted.
func (r *rig) buy(k uint8, n uint32, change func(*qrproto.StartOrder)) *qrproto.StartOrder {
	r.t.Helper()
	o := r.prepaid(k, n, change)
	if got, err := r.c.Accept(r.seal(o)); err != nil || got != int(k) {
		r.t.Fatalf("order %d: %d, %v", n, got, err)
	}
	return o
}

// see is Do, which shows no code whatever happens.
func (r *rig) see(n int, want charger.Screen) charger.Do {
	r.t.Helper()
	d := r.c.Do(n)
	if d.Text != "" || d.Screen != want || d.Wake <= r.clock.Up {
		r.t.Fatalf("%+v, want screen %d without a code", d, want)
	}
	return d
}

func TestDeviceWithoutADisplaySellsAFixedAmount(t *testing.T) {
	for _, c := range []struct {
		name     string
		measures tariff.Dimension
		change   func(*qrproto.StartOrder)
		reason   qrproto.StopReason
		between  [2]int64 // mWh or mL
	}{
		{"energy", 0, nil, qrproto.StopTarget, [2]int64{990_000, 1_000_000}},
		{"a limit of energy", tariff.Energy, func(o *qrproto.StartOrder) { o.Target, o.Limits.Energy = nil, 500_000 },
			qrproto.StopLimit, [2]int64{490_000, 500_000}},
		{"time", 0, func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetTime, Value: 60} },
			qrproto.StopTarget, [2]int64{118_000, 120_000}},
		{"a limit of time", 0, func(o *qrproto.StartOrder) { o.Target, o.Limits.Duration = nil, 30 },
			qrproto.StopLimit, [2]int64{58_000, 60_000}},
		{"volume", tariff.Volume, func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetVolume, Value: 3000} },
			qrproto.StopTarget, [2]int64{2900, 3000}},
		{"a limit of volume", tariff.Volume, func(o *qrproto.StartOrder) { o.Target, o.Limits.Volume = nil, 3000 },
			qrproto.StopLimit, [2]int64{2700, 3000}},
	} {
		for _, seal := range []charger.Seal{charger.SealAtUnplug, charger.SealAtStop} {
			options := sticker()
			options.Seal = seal
			r := newRig(t, options)
			r.device.Measures = c.measures
			r.boot()
			r.see(1, charger.ScreenIdentity)
			o := r.buy(1, 1, c.change)
			r.see(1, charger.ScreenPlug)
			at := r.reading(0)
			if err := r.c.Start(1, at); err != nil {
				t.Fatal(err)
			}
			if d := r.see(1, charger.ScreenCharging); !d.Relay || !d.Lock {
				t.Errorf("%s: %+v", c.name, d)
			}
			for range 600 {
				r.pass(time.Second)
				if r.c.Do(1).Relay {
					at.Energy, at.Volume, at.Power = at.Energy+2000, at.Volume+100, 7200
				}
				if err := r.c.Meter(1, at); err != nil {
					t.Fatal(err)
				}
			}
			if seal == charger.SealAtStop { // free for the next one at once
				r.see(1, charger.ScreenIdentity)
			} else if d := r.see(1, charger.ScreenUnplug); d.Relay || d.Lock || d.Cost.Units != 500 {
				t.Errorf("%s: stopped, and %+v", c.name, d)
			}
			at.Plugged = false
			if err := r.c.Meter(1, at); err != nil {
				t.Fatal(err)
			}
			r.see(1, charger.ScreenIdentity)
			s := lastOf(r.settlements())
			r.verify(o, s)
			if s.Delivered < c.between[0] || s.Delivered > c.between[1] || s.Payable != 500 || s.Reason != c.reason || s.Uncertainty != math.MaxUint16 {
				t.Errorf("%s: %+v", c.name, s)
			}
			if text, err := r.c.Again(1); err != nil || text == "" {
				t.Errorf("%s: again for a technician: %v", c.name, err)
			}
		}
	}
}

func TestOrderWithoutAnIdentityNeedsADeviceWithoutADisplay(t *testing.T) {
	shows := newRig(t, nil)
	shows.refused("at a device with a display", charger.ErrSticker, shows.scan(shows.seal(shows.prepaid(1, 1, nil))))
	blind := newRig(t, sticker())
	blind.refused("one that answers an identity, at a device without", charger.ErrSticker,
		blind.scan(blind.seal(shows.order(shows.identity(1), nil))))
	shows.accept(1, nil)
	blind.buy(1, 1, nil)
}

func TestOrderNumbersOnlyRise(t *testing.T) {
	r := newRig(t, sticker())
	old := r.seal(r.prepaid(1, 4, nil))
	five := r.seal(r.prepaid(1, 5, nil))
	if _, err := r.c.Accept(five); err != nil {
		t.Fatal(err)
	}
	r.refused("the same while it runs", charger.ErrUsed, r.scan(five))
	r.dismiss(1)
	r.unplug(1)
	r.refused("the same", charger.ErrUsed, r.scan(five))
	for range 2 {
		r.refused("an older one", charger.ErrOvertaken, r.scan(old))
		r.refused("another of that number", charger.ErrOvertaken, r.scan(r.seal(r.prepaid(1, 5, func(o *qrproto.StartOrder) { o.Issued++ }))))
		r.refused("an older one at the other connector", charger.ErrOvertaken, r.scan(r.seal(r.prepaid(2, 5, nil))))
		r.boot()
		r.refused("the same after a restart", charger.ErrOvertaken, r.scan(five))
	}
	r.pass(1000 * time.Hour)
	r.buy(2, 7, nil) // and what is left out is no matter, nor is age
	r.refused("what was left out", charger.ErrOvertaken, r.scan(r.seal(r.prepaid(1, 6, nil))))
}

// A thief with an issuer's key takes the highest number that there is. The device
// would sell no more, also without him, if epochs did not go before numbers.
func TestNumbersBeginAnewWithAnEpoch(t *testing.T) {
	r := newRig(t, sticker())
	named := func(epoch, n uint32) string {
		return signed(t, r.prepaid(1, n, func(o *qrproto.StartOrder) { o.Epoch = epoch }), second)
	}
	accept := func(what, text string) {
		t.Helper()
		if _, err := r.c.Accept(text); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		r.dismiss(1)
		r.unplug(1)
	}
	r.trust(1, nil)
	accept("the highest of an epoch", named(1, math.MaxUint32))
	r.refused("one of today, under that epoch", charger.ErrOvertaken, r.scan(named(1, 8)))
	r.refused("one that names no epoch", charger.ErrOvertaken, r.scan(named(0, 8)))
	r.trust(2, nil)
	r.refused("under the epoch before", charger.ErrOvertaken, r.scan(named(1, 8)))
	accept("under the next one", named(2, 8))
	r.boot()
	r.refused("the same after a restart", charger.ErrOvertaken, r.scan(named(2, 8)))
	accept("a higher one", named(2, 9))

	r.device.Keys[1].Public, r.device.Keys[2].Public = key("new root").Public(), key("new spare").Public()
	r.boot()
	own := func(n uint32) string { return signed(t, r.prepaid(1, n, nil), factory) }
	for n := uint32(10); n < 12; n++ {
		r.refused("a number that is used up, under new roots", charger.ErrOvertaken, r.scan(own(n-1)))
		accept("a higher one", own(n))
		r.boot()
	}
}

func TestAcknowledgementWithoutTheRightIsRefusedWithoutADisplayToo(t *testing.T) {
	for rights, want := range map[qrproto.Rights]qrproto.ErrorCode{everything &^ qrproto.RightAcknowledge: charger.ErrAckRight, everything: 0} {
		r := newRig(t, sticker())
		r.trust(1, func(d *qrproto.Delegation) { d.Rights = rights })
		_, err := r.c.Accept(signed(t, r.prepaid(1, 1, func(o *qrproto.StartOrder) { o.Ack = &qrproto.Ack{Seq: 9} }), second))
		if got := qrproto.CodeOf(err); got != want {
			t.Errorf("rights %d: %v", rights, err)
		}
	}
}

// A thief of the root has used up all numbers of all epochs. New roots end that, if
// their epochs go on where the honest ones stopped: an order of before, by a key
// that they name again, would else be good once more.
func TestNewRootsGoOnAboveTheEpochsOfTheOld(t *testing.T) {
	r := newRig(t, sticker())
	named := func(epoch, n uint32) string {
		return signed(t, r.prepaid(1, n, func(o *qrproto.StartOrder) { o.Epoch = epoch }), second)
	}
	accept := func(text string) {
		t.Helper()
		if _, err := r.c.Accept(text); err != nil {
			t.Fatal(err)
		}
		r.dismiss(1)
		r.unplug(1)
		r.c.Do(1)
	}
	r.trust(1, nil)
	photo := named(1, 3)
	accept(photo)
	r.trust(math.MaxUint32, nil)
	accept(named(math.MaxUint32, math.MaxUint32))
	today := qrproto.Signer{ID: root.ID, Key: key("new root")}
	r.device.Keys[1].Public, r.device.Keys[2].Public = today.Key.Public(), key("new spare").Public()
	r.boot()
	next := snapshot(2, delegation(second, nil))
	next.Least = 2
	if _, err := r.c.Accept(signed(t, next, today)); err != nil {
		t.Fatal(err)
	}
	r.refused("an order that was used", charger.ErrOldEpoch, r.scan(photo))
	accept(named(2, 4))
	r.boot()
	r.refused("it after a restart", charger.ErrOldEpoch, r.scan(photo))
	r.refused("the last one after a restart", charger.ErrOvertaken, r.scan(named(2, 4)))
	accept(named(2, 5))
}

func TestOrderWithoutAnIdentityMustBeFixed(t *testing.T) {
	price := func(d tariff.Dimension) func(*qrproto.StartOrder) {
		class := tariff.Service
		return under(t, priced(always(component(tariff.FlatFee, class, 500, 0), component(d, class, 1, 0))), 500)
	}
	limit := func(change func(*qrproto.Limits)) func(*qrproto.StartOrder) {
		return func(o *qrproto.StartOrder) { change(o.Limits) }
	}
	euro := flatFee()
	euro.Currency = "EUR"
	for _, c := range []struct {
		name   string
		want   qrproto.ErrorCode
		change func(*qrproto.StartOrder)
	}{
		{"a price of energy", charger.ErrFixed, price(tariff.Energy)},
		{"a price of time", charger.ErrFixed, price(tariff.TimeSpent)},
		{"a price of occupying", charger.ErrFixed, price(tariff.IdleTime)},
		{"a price of volume", settle.ErrPlan, price(tariff.Volume)},
		{"no end", charger.ErrFixed, func(o *qrproto.StartOrder) { o.Target = nil }},
		{"an end in money", charger.ErrFixed, func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetAmount, Value: 500} }},
		{"an end in what is not measured", charger.ErrFixed, func(o *qrproto.StartOrder) { o.Target, o.Limits.Volume = nil, 1000 }},
		{"more than the device sells", charger.ErrAmount, limit(func(l *qrproto.Limits) { l.Amount = 1001 })},
		{"another currency", charger.ErrAmount, under(t, euro, 500)},
		{"a time that is known", charger.ErrUncertain, func(o *qrproto.StartOrder) { o.Uncertainty = 180 }},
		{"an epoch to come", charger.ErrEpoch, func(o *qrproto.StartOrder) { o.Epoch = 1 }},
		{"a connector that is not there", charger.ErrConnector, func(o *qrproto.StartOrder) { o.Connector = 3 }},
		{"another charger", charger.ErrOtherCharger, func(o *qrproto.StartOrder) { o.Charger = []byte{1} }},
		{"all that it may cost", 0, limit(func(l *qrproto.Limits) { l.Amount = 1000 })},
	} {
		r := newRig(t, sticker())
		text := r.seal(r.prepaid(1, 1, c.change))
		if c.want != 0 {
			r.refused(c.name, c.want, r.scan(text))
			text = r.seal(r.prepaid(1, 1, nil)) // its number is not used up
		}
		if _, err := r.c.Accept(text); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Nobody fetches what such a device settles, so it must not fill up with it.
func TestDeviceWithoutADisplayIsNeverFull(t *testing.T) {
	r := newRig(t, sticker())
	r.journal = settletest.NewJournal(8 << 10)
	r.boot()
	var highest string
	for n := uint32(1); n <= 300; n++ {
		highest = r.seal(r.prepaid(1, n, nil))
		if _, err := r.c.Accept(highest); err != nil {
			t.Fatalf("sale %d: %v", n, err)
		}
		r.dismiss(1)
		r.unplug(1)
		r.see(1, charger.ScreenIdentity)
		if n%70 == 0 {
			r.boot()
			r.refused("the last one after a restart", charger.ErrOvertaken, r.scan(highest))
		}
	}
	if r.c.Head().Seq != 300 || len(r.settlements()) > 60 {
		t.Errorf("head %v, %d settlements kept", r.c.Head(), len(r.settlements()))
	}
}

// The number is told anew in the journal that is written anew, alone or beside
// what a key's quota counts.
func TestNumberOutlivesTheRecordOfTheAcceptance(t *testing.T) {
	for _, quota := range []uint32{0, 5} {
		r := newRig(t, sticker())
		r.journal = settletest.NewJournal(8 << 10)
		r.boot()
		bounded := delegation(factory, func(d *qrproto.Delegation) { d.Quota = quota })
		if _, err := r.c.Accept(signed(t, snapshot(1, bounded), root)); err != nil {
			t.Fatal(err)
		}
		order := r.seal(r.prepaid(1, 9, nil))
		if _, err := r.c.Accept(order); err != nil {
			t.Fatal(err)
		}
		r.hold(1)
		r.boot()
		r.refused("again", charger.ErrOvertaken, r.scan(order))
		if n := r.c.Number(); n != 9 {
			t.Errorf("quota %d: number %d", quota, n)
		}
	}
}

// A device that had a display once, and settled what no server has stored, keeps
// that, and says so by refusing when it is full.
func TestSettlementsOfBeforeTheStickerAreKept(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(10 << 10)
	r.boot()
	one := r.cancel(1, nil)
	r.cancel(1, ackOf(t, one)) // 2 is not stored
	r.options = sticker()
	r.boot()
	for n := uint32(1); ; n++ {
		_, err := r.c.Accept(r.seal(r.prepaid(1, n, nil)))
		if errors.Is(err, charger.ErrFull) {
			break
		}
		if err != nil || n > 100 {
			t.Fatalf("sale %d: %v", n, err)
		}
		r.dismiss(1)
		r.unplug(1)
		r.see(1, charger.ScreenIdentity)
	}
	if kept := r.settlements(); kept[0].Seq > 2 {
		t.Errorf("2 is gone, the oldest is %d", kept[0].Seq)
	}
}

// Those that were stored before do not keep the later ones from being given up.
func TestAcknowledgementOfBeforeTheStickerIsOvertaken(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(8 << 10)
	r.boot()
	_, s := r.sell(1, nil)
	if _, err := r.c.Accept(r.receipt(s, ackOf(t, s))); err != nil {
		t.Fatal(err)
	}
	r.options = sticker()
	for n := uint32(1); n <= 100; n++ {
		r.boot()
		r.buy(1, n, nil)
		r.dismiss(1)
		r.unplug(1)
	}
}

func TestNumberAndAcceptanceAreOneWrite(t *testing.T) {
	for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
		for _, cut := range []bool{false, true} {
			r := newRig(t, sticker())
			text := r.seal(r.prepaid(1, 1, nil))
			r.journal.Inject(fault)
			_, err := r.c.Accept(text)
			wants(t, "accept", err, charger.ErrJournal)
			if cut {
				r.journal = r.journal.Snapshot()
				r.boot()
			}
			_, err = r.c.Accept(text)
			switch {
			case fault == settletest.FaultLost && err != nil:
				t.Errorf("it was lost, and again: %v", err)
			case fault == settletest.FaultAfter && cut:
				wants(t, "it was written, and after a cut", err, charger.ErrOvertaken)
			case fault == settletest.FaultAfter:
				wants(t, "it was written, and again", err, charger.ErrUsed)
			}
		}
	}
}

func TestTrustAndQuotaHoldWithoutADisplay(t *testing.T) {
	r := newRig(t, sticker())
	twice := delegation(factory, func(d *qrproto.Delegation) { d.Quota, d.Currency, d.Amount = 2, "CNY", 500 })
	if _, err := r.c.Accept(signed(t, snapshot(1, twice), root)); err != nil {
		t.Fatal(err)
	}
	r.refused("above the key's bound", charger.ErrAmount, r.scan(r.seal(r.prepaid(1, 1, func(o *qrproto.StartOrder) { o.Limits.Amount = 501 }))))
	for n := uint32(1); n <= 2; n++ {
		r.buy(1, n, nil)
		r.boot()
	}
	r.refused("a third", charger.ErrQuota, r.scan(r.seal(r.prepaid(1, 3, nil))))
}

func TestFaultsShowWithoutADisplay(t *testing.T) {
	r := newRig(t, sticker())
	r.pass(2 * time.Second)
	welded := r.reading(0)
	welded.Relay = true
	if err := r.c.Meter(1, welded); err != nil {
		t.Fatal(err)
	}
	r.see(1, charger.ScreenFault)
	r.see(2, charger.ScreenIdentity)
	r.journal.Break(true)
	if _, err := r.c.Accept(r.seal(r.prepaid(2, 1, nil))); err == nil {
		t.Error("accepted without a journal")
	}
	r.see(2, charger.ScreenFault)
	r.journal.Break(false)
	r.see(2, charger.ScreenIdentity)
}

func TestStickerPolicyThatIsNone(t *testing.T) {
	for _, most := range []tariff.Money{{}, {Units: 5}, {Units: 0, Currency: "CNY"}, {Units: -1, Currency: "CNY"}, {Units: 5, Currency: "yuan"}, {Units: 5, Scale: 19, Currency: "CNY"}} {
		r := newRig(t, nil)
		_, err := charger.Open(r.device, r.journal, r.clock, &charger.Options{Sticker: &charger.Sticker{Most: most}})
		wants(t, most.String(), err, charger.ErrDevice)
	}
}

// A dispenser has no plug, or always one.
func TestDispenserWithoutADisplaySellsAgainAtOnce(t *testing.T) {
	options := sticker()
	options.Seal = charger.SealAtStop
	r := newRig(t, options)
	r.device.Measures = tariff.Volume
	r.boot()
	byVolume := r.prepaid(1, 1, func(o *qrproto.StartOrder) {
		under(t, water(), 500)(o)
		o.Target = &qrproto.Target{Kind: qrproto.TargetVolume, Value: 500}
	})
	r.refused("a price of volume", charger.ErrFixed, r.scan(r.seal(byVolume)))
	var register int64
	for n := uint32(1); n <= 3; n++ {
		r.buy(1, n, func(o *qrproto.StartOrder) { o.Target = &qrproto.Target{Kind: qrproto.TargetVolume, Value: 500} })
		r.see(1, charger.ScreenPlug)
		at := r.reading(0)
		at.Volume = register
		if err := r.c.Start(1, at); err != nil {
			t.Fatal(err)
		}
		r.see(1, charger.ScreenCharging)
		register = r.pour(register, 20)
		r.see(1, charger.ScreenIdentity)
	}
	if register < 1200 || register > 1500 || r.c.Head().Seq != 3 {
		t.Errorf("poured %d mL, head %v", register, r.c.Head())
	}
}
