// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

func TestKeySellsWithinItsBounds(t *testing.T) {
	amount := func(units int64, scale uint8) func(*qrproto.StartOrder) {
		return func(o *qrproto.StartOrder) { o.Limits, o.Scale = &qrproto.Limits{Amount: units}, scale }
	}
	bound := func(units int64) func(*qrproto.Delegation) {
		return func(d *qrproto.Delegation) { d.Currency, d.Amount = "CNY", units }
	}
	for _, c := range []struct {
		name   string
		want   qrproto.ErrorCode
		bounds func(*qrproto.Delegation)
		order  func(*qrproto.StartOrder)
	}{
		{"its fleet", 0, func(d *qrproto.Delegation) { d.Fleet = number[:3] }, nil},
		{"a fleet of one", 0, func(d *qrproto.Delegation) { d.Fleet = number }, nil},
		{"another fleet", charger.ErrFleet, func(d *qrproto.Delegation) { d.Fleet = []byte{0x33} }, nil},
		{"its currency", 0, func(d *qrproto.Delegation) { d.Currency = "CNY" }, nil},
		{"another currency", charger.ErrCurrency, func(d *qrproto.Delegation) { d.Currency = "EUR" }, nil},
		{"the most it may cost", 0, bound(10000), nil},
		{"a unit more", charger.ErrAmount, bound(9999), nil},
		{"the same at another scale", 0, bound(10000), amount(1_000_000, 4)},
		{"a hundredth more at another scale", charger.ErrAmount, bound(10000), amount(1_000_001, 4)},
		{"a limit of energy alone, under a bound", charger.ErrAmount, bound(10000), func(o *qrproto.StartOrder) { o.Limits = &qrproto.Limits{Energy: 1000} }},
		{"no limit, under a bound", charger.ErrAmount, bound(10000), func(o *qrproto.StartOrder) { o.Limits = nil }},
		{"no limit, under none", 0, nil, func(o *qrproto.StartOrder) { o.Limits = nil }},
		{"an order of a key that may sign none", qrproto.ErrKeyUsage, func(d *qrproto.Delegation) { d.Rights = qrproto.RightReceipt | qrproto.RightAcknowledge }, nil},
	} {
		r := newRig(t, nil)
		r.trust(1, c.bounds)
		text := r.seal(r.order(r.identity(1), c.order))
		if c.want != 0 {
			r.refused(c.name, c.want, r.scan(text))
		} else if _, err := r.c.Accept(text); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// One in a currency without decimals: 500 at scale 2 is 5 yen, not 500.
func TestAmountsAreComparedAsMoneyNotAsNumbers(t *testing.T) {
	yen := dayAndNight(t)
	yen.Currency = "JPY"
	b, err := qrproto.EncodeTariff(yen)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, nil)
	r.trust(1, func(d *qrproto.Delegation) { d.Currency, d.Amount = "JPY", 5 })
	order := func(units int64) func() error {
		return r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) {
			o.Tariff, o.Limits = b, &qrproto.Limits{Amount: units}
		})))
	}
	r.refused("5.01", charger.ErrAmount, order(501))
	if err := order(500)(); err != nil {
		t.Error(err)
	}
}

// quota is a rig whose issuer may sell so many times.
func quota(t *testing.T, n uint32) *rig {
	r := newRig(t, nil)
	r.trust(1, func(d *qrproto.Delegation) { d.Quota = n })
	return r
}

// spent fails unless the quota is used up.
func (r *rig) spent(what string) {
	r.t.Helper()
	r.refused(what, charger.ErrQuota, r.scan(r.seal(r.order(r.identity(1), nil))))
}

func TestQuotaCountsAcceptances(t *testing.T) {
	r := quota(t, 3)
	r.sell(1, nil)
	r.dismiss(1)
	r.accept(1, nil)
	r.accept(2, nil) // on whatever connector
	r.dismiss(1)     // taken back, and settled at zero
	r.dismiss(1)
	r.spent("a fourth")
	for range 3 {
		r.boot()
		r.spent("a fourth after a restart")
	}
}

func TestRefusedOrderCountsNothing(t *testing.T) {
	r := quota(t, 1)
	for range 5 {
		r.refused("an order", charger.ErrAck, r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Ack = &qrproto.Ack{Seq: 9} }))))
	}
	r.accept(1, nil)
	r.dismiss(1)
	r.dismiss(1)
	r.spent("a second")
}

func TestQuotaOfEachKeyIsItsOwn(t *testing.T) {
	r := newRig(t, nil)
	two := func(d *qrproto.Delegation) { d.Quota = 2 }
	if _, err := r.c.Accept(signed(t, snapshot(1, delegation(factory, two), delegation(second, two)), root)); err != nil {
		t.Fatal(err)
	}
	for _, r.issuer = range []qrproto.Signer{factory, second} {
		for range 2 {
			r.cancel(1, nil)
		}
		r.spent("a third of a key")
	}
}

// The acceptance is one write: it counts with the sale or there is neither.
func TestQuotaAndAcceptanceAreOneWrite(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault settletest.Fault
		left  bool
	}{{"lost", settletest.FaultLost, true}, {"written", settletest.FaultAfter, false}, {"", settletest.FaultNone, false}} {
		r := quota(t, 1)
		text := r.seal(r.order(r.identity(1), nil))
		r.journal.Inject(c.fault)
		writes := r.journal.Writes()
		if _, err := r.c.Accept(text); c.fault != settletest.FaultNone {
			wants(t, "the cut", err, charger.ErrJournal)
		}
		if got := r.journal.Writes() - writes; got != 1 {
			t.Errorf("%d writes", got)
		}
		r.journal = r.journal.Snapshot()
		r.boot() // between acceptance and start
		if n := len(r.settlements()); c.left != (n == 0) {
			t.Errorf("%s: %d settlements", c.name, n)
		}
		if c.left {
			r.accept(1, nil)
		} else {
			r.spent(c.name)
		}
	}
}

func TestQuotaSurvivesRewriting(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(16 << 10)
	r.boot()
	r.trust(1, func(d *qrproto.Delegation) { d.Quota = 200 })
	before, rewrites := r.journal.Len(), 0
	var ack *qrproto.Ack
	for i := range 200 {
		ack = ackOf(t, r.cancel(1, ack))
		if n := r.journal.Len(); n < before {
			rewrites++
			if rewrites%2 == 0 {
				r.boot()
			}
		}
		before = r.journal.Len()
		if i < 199 && i%50 == 49 {
			r.boot()
		}
	}
	if rewrites < 3 {
		t.Fatalf("%d rewrites", rewrites)
	}
	r.spent("one more")
	r.boot()
	r.spent("one more after a restart")
}

// hold lets connector n charge until the journal was rewritten, so that the record
// of the acceptance is gone.
func (r *rig) hold(n int) {
	r.t.Helper()
	r.read(n, 0)
	for range 1000 {
		before := r.journal.Len()
		r.pass(20 * time.Second)
		r.read(n, 0)
		if r.journal.Len() < before {
			return
		}
	}
	r.t.Fatal("never rewritten")
}

func TestQuotaOutlivesTheRecordOfTheAcceptance(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(8 << 10)
	r.boot()
	once := func(d *qrproto.Delegation) { d.Quota = 1 }
	if _, err := r.c.Accept(signed(t, snapshot(1, delegation(factory, once), delegation(second, once)), root)); err != nil {
		t.Fatal(err)
	}
	for _, r.issuer = range []qrproto.Signer{factory, second} {
		r.accept(1, nil)
		r.hold(1)
		r.boot()
	}
	for _, r.issuer = range []qrproto.Signer{factory, second} {
		r.spent("a second of " + string(r.issuer.ID))
	}
}

// The acceptance of a sale that runs while a snapshot comes is of the time
// before, also once the journal is rewritten.
func TestNewSnapshotCountsAnew(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(16 << 10)
	r.boot()
	two := func(d *qrproto.Delegation) { d.Quota = 2 }
	r.trust(1, two)
	r.accept(2, nil)
	r.cancel(1, nil)
	r.spent("a third")
	r.trust(2, two)
	r.dismiss(2)
	r.boot()
	ack := ackOf(t, r.cancel(1, nil))
	r.cancel(1, ack)
	r.spent("a third under the second snapshot")
}

func TestRewritingCountsNoAcceptanceOfAnOlderSnapshot(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(14 << 10)
	r.boot()
	var ack *qrproto.Ack
	sell := func(n int) {
		for range n {
			ack = ackOf(t, r.cancel(1, ack))
		}
	}
	r.trust(1, func(d *qrproto.Delegation) { d.Quota = 100 })
	sell(60)
	r.accept(2, func(o *qrproto.StartOrder) { o.Ack = ack }) // the 61st, which does not begin: its newest draft is its acceptance
	r.trust(2, func(d *qrproto.Delegation) { d.Quota = 40 })
	kept, rewritten := r.journal.Len(), false
	for range 30 {
		sell(1)
		rewritten = rewritten || r.journal.Len() < kept
		kept = r.journal.Len()
	}
	if !rewritten || len(r.identity(1).Open) == 0 {
		t.Fatal("not rewritten while the older order was open")
	}
	r.boot()
	sell(10)
	r.spent("a 41st under the second snapshot")
}

func TestAcknowledgingIsARight(t *testing.T) {
	r := newRig(t, nil)
	one := r.cancel(1, nil)
	two := r.cancel(1, ackOf(t, one))
	r.trust(1, func(d *qrproto.Delegation) { d.Rights &^= qrproto.RightAcknowledge })
	wantCarried(t, "1 is stored", r.identity(1), 2)
	r.refused("an order that acknowledges", charger.ErrAckRight,
		r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Ack = ackOf(t, two) }))))

	said := r.count('K')
	three := r.cancel(1, nil) // says nothing: 1 stays stored, 2 does not become so
	if got := r.count('K'); got != said {
		t.Errorf("%d acknowledgements are written, were %d", got, said)
	}
	r.boot()
	wantCarried(t, "after an order without", r.identity(1), 2)

	r.accept(1, nil)
	r.dismiss(1)
	four := r.settlement(1)
	if n, err := r.c.Accept(r.receipt(four, ackOf(t, four))); n != 1 || err != nil {
		t.Errorf("a receipt that acknowledges: %d, %v", n, err)
	}
	if d := r.c.Do(1); d.Screen != charger.ScreenIdentity {
		t.Error("the receipt closes its sale all the same")
	}
	r.boot()
	wantCarried(t, "after the receipt", r.identity(1), 2)

	r.issuer = factory
	if _, err := r.c.Accept(signed(t, snapshot(2, delegation(factory, nil)), root)); err != nil {
		t.Fatal(err)
	}
	r.cancel(1, ackOf(t, three))
	r.boot()
	wantCarried(t, "after an order of a key with the right", r.identity(1), 4)
}

func TestReceiptsNeedTheirRight(t *testing.T) {
	r := newRig(t, &charger.Options{Seal: charger.SealAtStop})
	r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, time.Minute, 7200)
	_ = r.c.Stop(1, r.reading(0), qrproto.StopUser)
	s := r.settlement(1)
	for epoch, c := range []struct {
		name   string
		want   qrproto.ErrorCode
		bounds func(*qrproto.Delegation)
	}{
		{"of a key for orders", qrproto.ErrKeyUsage, func(d *qrproto.Delegation) { d.Rights &^= qrproto.RightReceipt }},
		{"of a key of another fleet", charger.ErrFleet, func(d *qrproto.Delegation) { d.Fleet = []byte{1} }},
	} {
		r.trust(uint32(epoch)+1, c.bounds)
		r.refused("a receipt "+c.name, c.want, r.scan(r.receipt(s, nil)))
	}
	r.trust(3, func(d *qrproto.Delegation) { d.Rights = qrproto.RightReceipt })
	if _, err := r.c.Accept(r.receipt(s, nil)); err != nil || r.c.Do(1).Lock {
		t.Errorf("of a key for receipts alone: %v", err)
	}
}

func TestKeyOfTheFactoryHasNoBounds(t *testing.T) {
	r := newRig(t, nil)
	for range 50 {
		r.cancel(1, nil)
	}
	r.accept(1, func(o *qrproto.StartOrder) { o.Limits = nil })
}
