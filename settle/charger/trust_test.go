// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// The keys of the tests: two roots, the issuer of the factory and one that comes
// with a snapshot.
var (
	root      = qrproto.Signer{ID: "root", Key: key("root")}
	spareRoot = qrproto.Signer{ID: "spare", Key: key("spare root")}
	factory   = qrproto.Signer{ID: "iss1", Key: key("issuer")}
	second    = qrproto.Signer{ID: "iss2", Key: key("second issuer")}
)

const everything = qrproto.RightOrder | qrproto.RightStop | qrproto.RightReceipt | qrproto.RightAcknowledge

// delegation is one of a signer with all rights and no bounds; change may be nil.
func delegation(s qrproto.Signer, change func(*qrproto.Delegation)) qrproto.Delegation {
	d := qrproto.Delegation{ID: []byte(s.ID), Public: s.Key.Public().(ed25519.PublicKey), Rights: everything}
	if change != nil {
		change(&d)
	}
	return d
}

// snapshot is one of an epoch that trusts these.
func snapshot(epoch uint32, trusted ...qrproto.Delegation) *qrproto.Trust {
	return &qrproto.Trust{Epoch: epoch, Delegations: trusted}
}

// trust shows a snapshot to the charger, and from then on the second issuer
// signs what the rig seals.
func (r *rig) trust(epoch uint32, change func(*qrproto.Delegation)) *qrproto.Trust {
	r.t.Helper()
	t := snapshot(epoch, delegation(second, change))
	if n, err := r.c.Accept(signed(r.t, t, root)); n != 0 || err != nil {
		r.t.Fatalf("snapshot %d: %d, %v", epoch, n, err)
	}
	r.issuer = second
	return t
}

func TestSnapshotReplacesTheIssuers(t *testing.T) {
	r := newRig(t, nil)
	if id := r.identity(1); id.Epoch != 0 || r.c.Epoch() != 0 {
		t.Errorf("epoch %d before the first snapshot", id.Epoch)
	}
	before := signed(t, r.order(r.identity(1), nil), second)
	r.refused("an order of a stranger", qrproto.ErrUnknownKey, r.scan(before))
	r.trust(7, nil)
	if id := r.identity(1); id.Epoch != 7 || r.c.Epoch() != 7 {
		t.Errorf("epoch %d after it", id.Epoch)
	}
	r.refused("an order of the factory's issuer", qrproto.ErrUnknownKey, r.scan(signed(t, r.order(r.identity(1), nil), factory)))
	r.accept(1, nil)
	r.boot()
	r.refused("the same after a restart", qrproto.ErrUnknownKey, r.scan(signed(t, r.order(r.identity(1), nil), factory)))
	r.accept(1, nil)
	if r.c.Epoch() != 7 {
		t.Errorf("epoch %d after a restart", r.c.Epoch())
	}
}

// The order was issued on a code that was shown before the snapshot.
func TestSnapshotLeavesTheOpenChallengesOpen(t *testing.T) {
	r := newRig(t, nil)
	id := r.identity(1)
	r.trust(1, nil)
	if _, err := r.c.Accept(r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Epoch = 1 }))); err != nil {
		t.Error(err)
	}
}

func TestIssuerOfTheFactoryMayHaveBoundsToo(t *testing.T) {
	r := newRig(t, nil)
	r.device.Keys[0].Caps = &qrproto.Caps{Currency: "CNY", Amount: 10000, Quota: 1, Acknowledge: true}
	r.boot()
	r.refused("above the amount", charger.ErrAmount, r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Limits.Amount = 10001 }))))
	r.accept(1, nil)
	r.boot()
	r.spent("a second")
}

func TestSnapshotOfNobodyStopsAllSales(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.c.Accept(signed(t, snapshot(1), root)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []qrproto.Signer{factory, second} {
		r.refused("an order", qrproto.ErrUnknownKey, r.scan(signed(t, r.order(r.identity(1), nil), s)))
	}
	r.trust(2, nil) // and a root can trust somebody again
	r.accept(1, nil)
}

func TestSnapshotThatIsNotTakenWritesNothing(t *testing.T) {
	r := newRig(t, nil)
	r.trust(5, nil)
	noPoint := delegation(factory, func(d *qrproto.Delegation) { d.Public = append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...) })
	for _, c := range []struct {
		name  string
		want  qrproto.ErrorCode
		trust *qrproto.Trust
		by    qrproto.Signer
	}{
		{"older", qrproto.ErrStaleTrust, snapshot(4, delegation(factory, nil)), root},
		{"the first", qrproto.ErrStaleTrust, snapshot(1, delegation(factory, nil)), root},
		{"another of this epoch", qrproto.ErrTrustConflict, snapshot(5, delegation(factory, nil)), root},
		{"another of this epoch, of the other root", qrproto.ErrTrustConflict, snapshot(5), spareRoot},
		{"signed by an issuer", qrproto.ErrKeyUsage, snapshot(6, delegation(factory, nil)), second},
		{"signed by the issuer that is revoked", qrproto.ErrUnknownKey, snapshot(6, delegation(factory, nil)), factory},
		{"signed by a thief", qrproto.ErrSignature, snapshot(6, delegation(factory, nil)), qrproto.Signer{ID: "root", Key: key("thief")}},
		{"that delegates under the id of a root", qrproto.ErrBadKey,
			snapshot(6, delegation(factory, func(d *qrproto.Delegation) { d.ID = []byte("spare") })), root},
		{"with a key that is no point", qrproto.ErrBadKey, snapshot(6, noPoint), root},
	} {
		r.refused("a snapshot "+c.name, c.want, r.scan(signed(t, c.trust, c.by)))
	}
	r.accept(1, nil)
}

func TestSnapshotInForceShownAgainWritesNothing(t *testing.T) {
	r := newRig(t, nil)
	same := r.trust(5, nil)
	for range 2 {
		before := r.state()
		for _, by := range []qrproto.Signer{root, spareRoot} {
			if n, err := r.c.Accept(signed(t, same, by)); n != 0 || err != nil || r.state() != before {
				t.Errorf("again by %v: %d, %v\n%s\n%s", by.ID, n, err, before, r.state())
			}
		}
		r.boot()
		r.c.Do(1)
	}
}

func TestOrderNamesAnEpochThatIsInForce(t *testing.T) {
	r := newRig(t, nil)
	if _, err := r.c.Accept(signed(t, &qrproto.Trust{Epoch: 9, Least: 7, Delegations: []qrproto.Delegation{delegation(second, nil)}}, root)); err != nil {
		t.Fatal(err)
	}
	r.issuer = second
	order := func(epoch uint32) func() error {
		return r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Epoch = epoch })))
	}
	for range 2 {
		r.refused("none", charger.ErrOldEpoch, order(0))
		r.refused("below the least", charger.ErrOldEpoch, order(6))
		r.refused("newer", charger.ErrEpoch, order(10))
		r.boot()
	}
	for _, epoch := range []uint32{7, 8, 9} {
		if err := order(epoch)(); err != nil {
			t.Errorf("epoch %d: %v", epoch, err)
		}
		r.dismiss(1)
		r.dismiss(1)
	}
}

// Whoever puts an old flash image in has an old snapshot, but no order of a
// server that knows a newer one.
func TestRestoredFlashImageWithAnOlderSnapshotTakesNoNewerOrder(t *testing.T) {
	r := newRig(t, nil)
	r.trust(1, nil)
	image := r.journal.Snapshot()
	newer := r.trust(2, nil)
	r.journal = image
	r.boot()
	if r.c.Epoch() != 1 {
		t.Fatalf("epoch %d in the image", r.c.Epoch())
	}
	order := r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Epoch = 2 }))
	r.refused("an order that names the newer epoch", charger.ErrEpoch, r.scan(order))
	if _, err := r.c.Accept(signed(t, newer, root)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.c.Accept(order); err != nil {
		t.Errorf("after the snapshot: %v", err)
	}
}

// What runs was good when it began: revoking its key ends no session.
func TestSessionOfARevokedKeyGoesOn(t *testing.T) {
	r := newRig(t, &charger.Options{Seal: charger.SealAtStop})
	o := r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, time.Minute, 7200)
	r.trust(1, nil)
	r.charge(1, time.Minute, 7200)
	if d := r.c.Do(1); !d.Relay || d.Screen != charger.ScreenCharging {
		t.Fatalf("%+v", d)
	}
	_ = r.c.Stop(1, r.reading(0), qrproto.StopUser)
	s := r.settlement(1)
	if s.Delivered != 240_000 {
		t.Errorf("delivered %d", s.Delivered)
	}
	r.verify(o, s)
	old := signed(t, &qrproto.Receipt{Settlement: refOf(t, s), Time: r.wall}, factory)
	r.refused("a receipt of the revoked key", qrproto.ErrUnknownKey, r.scan(old))
	if _, err := r.c.Accept(r.receipt(s, ackOf(t, s))); err != nil || r.c.Do(1).Lock {
		t.Errorf("a receipt of the key that replaces it: %v", err)
	}
}

func TestSnapshotInDoubt(t *testing.T) {
	for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
		r := newRig(t, nil)
		text := signed(t, snapshot(1, delegation(second, nil)), root)
		factorys := r.seal(r.order(r.identity(1), nil))
		r.journal.Inject(fault)
		_, err := r.c.Accept(text)
		wants(t, "accept", err, charger.ErrJournal)
		_, err = r.c.Accept(factorys) // finds out first who is trusted
		if fault == settletest.FaultLost && (err != nil || r.c.Epoch() != 0) {
			t.Errorf("it was lost, and an order of the factory's issuer: %v", err)
		}
		if fault == settletest.FaultAfter {
			wants(t, "it was written, and an order of the factory's issuer", err, qrproto.ErrUnknownKey)
		}
		if _, err := r.c.Accept(text); err != nil || r.c.Epoch() != 1 {
			t.Errorf("again: %v", err)
		}
	}
}

// Whoever replaces the roots replaces all that they signed, with its epochs: the
// device goes on with the keys it was given, until a root of these speaks.
func TestSnapshotOfRootsThatAreGoneCountsForNothing(t *testing.T) {
	for name, change := range map[string]func(root, spare *qrproto.Key){
		"another root":                func(root, _ *qrproto.Key) { root.ID = "root2" },
		"another root under that id":  func(root, _ *qrproto.Key) { root.Public = key("new root").Public() },
		"a root of another algorithm": func(root, _ *qrproto.Key) { root.Public = generator() },
		"an issuer under its id":      func(root, _ *qrproto.Key) { root.Kinds = []qrproto.Kind{qrproto.KindReceipt} },
	} {
		r := newRig(t, nil)
		if _, err := r.c.Accept(signed(t, snapshot(1<<32-1, delegation(second, nil)), root)); err != nil {
			t.Fatal(err)
		}
		r.boot()
		r.refused(name+", before that", qrproto.ErrUnknownKey, r.scan(r.seal(r.order(r.identity(1), nil))))
		change(&r.device.Keys[1], &r.device.Keys[2])
		r.boot()
		if r.c.Epoch() != 0 {
			t.Errorf("%s: epoch %d", name, r.c.Epoch())
		}
		r.sell(1, nil)
		r.dismiss(1)
		todays := qrproto.Signer{ID: r.device.Keys[2].ID, Key: spareRoot.Key}
		if _, err := r.c.Accept(signed(t, snapshot(1, delegation(factory, nil)), todays)); err != nil {
			t.Errorf("%s: a snapshot of a root of today: %v", name, err)
		}
		r.accept(1, nil)
	}
}

// The root that signed the snapshot is still there: whom that revoked stays so.
func TestRootUnderTheIdOfADelegatedKeyBringsNobodyBack(t *testing.T) {
	r := newRig(t, nil)
	r.trust(1, nil)
	spare := r.device.Keys[2].ID
	r.device.Keys[2].ID = second.ID
	_, err := charger.Open(r.device, r.journal, r.clock, r.options)
	wants(t, "Open", err, charger.ErrRecord)
	r.device.Keys[2].ID = spare
	r.boot()
	r.refused("the key that was revoked", qrproto.ErrUnknownKey, r.scan(signed(t, r.order(r.identity(1), nil), factory)))
}

// generator is a point of P-256, as a key.
func generator() *ecdsa.PublicKey {
	p := elliptic.P256().Params()
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: p.Gx, Y: p.Gy}
}

// A firmware that starts for once with other roots, and is rolled back, must not
// have lost the snapshot meanwhile.
func TestSnapshotIsKeptThroughAFirmwareOfOtherRoots(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(16 << 10)
	r.boot()
	r.trust(3, nil)
	roots := r.device.Keys
	r.device.Keys, r.issuer = roots[:1], factory
	r.boot()
	var last *qrproto.Ack
	for range 100 { // enough that the journal is rewritten
		last = ackOf(t, r.cancel(1, last))
	}
	r.device.Keys = roots
	r.boot()
	if r.c.Epoch() != 3 {
		t.Errorf("epoch %d", r.c.Epoch())
	}
}

func TestJournalWithASnapshotThatIsNoneDoesNotOpen(t *testing.T) {
	good, err := qrproto.Seal(snapshot(2, delegation(second, nil)), root)
	if err != nil {
		t.Fatal(err)
	}
	for name, record := range map[string][]byte{
		"empty": {}, "noise": {1, 2, 3}, "cut": good.Bytes()[:40], "too long": make([]byte, 1025),
	} {
		r := newRig(t, nil)
		if err := r.journal.Append(append([]byte{'T'}, record...)); err != nil {
			t.Fatal(err)
		}
		_, err := charger.Open(r.device, r.journal, r.clock, nil)
		wants(t, name, err, charger.ErrRecord)
	}
}

// large is the largest snapshot: as many delegations as fit 1 KiB.
func large(t *testing.T, epoch uint32) string {
	t.Helper()
	trust := snapshot(epoch)
	for i := range 16 {
		s := qrproto.Signer{ID: qrproto.KeyID(fmt.Sprintf("i%02d", i)), Key: key(fmt.Sprint("issuer ", i))}
		trust.Delegations = append(trust.Delegations, delegation(s, func(d *qrproto.Delegation) {
			d.Fleet, d.Currency, d.Quota, d.Amount = number[:3], "CNY", 100, 10000
		}))
	}
	trust.Delegations = append(trust.Delegations[:15], delegation(second, func(d *qrproto.Delegation) { d.Quota = 1000 }))
	text := signed(t, trust, root)
	if n := len(text) * 7 / 17; n < 900 {
		t.Fatalf("only %d bytes", n)
	}
	return text
}

// A journal that is full refuses sales, and still hears who may no longer sell.
func TestFullJournalTakesSnapshots(t *testing.T) {
	r, before := fill(t, 16<<10)
	for epoch := uint32(1); epoch < 6; epoch++ {
		if _, err := r.c.Accept(large(t, epoch)); err != nil {
			t.Fatalf("epoch %d: %v", epoch, err)
		}
	}
	r.issuer = second
	r.refused("an order", charger.ErrFull, r.scan(r.seal(r.order(r.identity(1), nil))))
	r.boot()
	if r.c.Epoch() != 5 || len(r.settlements()) != len(before) {
		t.Errorf("epoch %d, %d settlements of %d", r.c.Epoch(), len(r.settlements()), len(before))
	}
}

// What open sales need is not a snapshot's to take: a boot, and for each a stop and
// a settlement, of 512 bytes at most.
func TestSnapshotLeavesOpenSalesTheirRoom(t *testing.T) {
	for capacity := int64(8 << 10); capacity < 9<<10; capacity += 120 {
		r := newRig(t, nil)
		r.journal = settletest.NewJournal(capacity)
		r.boot()
		orders := []*qrproto.StartOrder{r.accept(1, nil), r.accept(2, nil)}
		r.read(1, 0)
		r.read(2, 0)
		for epoch := uint32(1); epoch < 12; epoch++ {
			r.pass(20 * time.Second)
			r.read(1, 0)
			r.read(2, 0)
			if _, err := r.c.Accept(large(t, epoch)); err != nil {
				t.Fatal(err)
			}
			if room := r.journal.Room(); room < 5*512 {
				t.Fatalf("of %d bytes, epoch %d leaves %d", capacity, epoch, room)
			}
		}
		for n, o := range orders {
			r.unplug(n + 1)
			r.verify(o, r.settlement(n+1))
		}
	}

	r := newRig(t, nil)
	r.journal = settletest.NewJournal(1 << 10)
	r.boot()
	r.refused("a snapshot without room", charger.ErrFull, r.scan(large(t, 2)))
}
