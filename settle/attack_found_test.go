// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"math"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// What follows was found by somebody who looked for a forty-first attack.

// TestStolenDeviceKeyEndsWithItsGeneration: the thief shows the server an identity
// of the last boot that there can be, and the device, which has a new key since,
// would never sell again: each of its identities would be older.
func TestStolenDeviceKeyEndsWithItsGeneration(t *testing.T) {
	s := newStreet(t).install(7)
	s.sees(1)
	poison := read[*qrproto.Identity](s.street, s.identity(1))
	poison.Boot = math.MaxUint32
	last := s.seal(poison, s.device.Key)
	if _, err := s.server.Quote(ctx, "", last); err != nil {
		t.Fatal(err)
	}
	_, err := s.order("anna", s.identity(1))
	s.wants("until the key is replaced", err, server.ErrRebooted)

	s.device.Key = signer(qrproto.DeviceKeyID(s.device.Number, 2))
	s.book.keys = append(s.book.keys, s.key())
	s.boot()
	s.accepted("the device with its new key", s.buy("anna", 1).Code.Text())
	_, err = s.order("bert", last)
	s.wants("the old key, which the directory forgot to withdraw", err, server.ErrRetired)
	_, err = s.order("bert", s.identity(2))
	if err != nil {
		t.Errorf("and after that: %v", err)
	}
}

// TestReplacedKeyBillsNobody: the thief of a key that the device has replaced puts
// a settlement of his own into an identity of his own. The device's new key has
// ended both: anna pays what the device says.
func TestReplacedKeyBillsNobody(t *testing.T) {
	s := newStreet(t).install(7)
	s.sees(1)
	stolen := s.device.Key
	s.device.Key = signer(qrproto.DeviceKeyID(s.device.Number, 2))
	s.book.keys = append(s.book.keys, s.key())
	s.boot()
	o := s.buy("anna", 1)
	s.accepted("anna's order", o.Code.Text())

	forged := &qrproto.Settlement{Number: s.device.Number, Connector: 1, Seq: 1, Order: o.Sum.Ref(), Boot: o.Boot,
		Start: o.Start.Issued, Duration: 3600, Register: 5_000_000, Delivered: 100_000_000, Cells: qrproto.Cells{0, 100_000_000},
		Payable: 100_00, Reason: qrproto.StopUser, Total: 100_000_000}
	record, err := qrproto.EncodeRecord(forged)
	if err != nil {
		t.Fatal(err)
	}
	i := read[*qrproto.Identity](s.street, s.identity(2))
	i.Records, i.Head = [][]byte{record}, &qrproto.Head{Seq: 1, Total: 100_000_000}
	q, err := s.server.Quote(ctx, "", s.seal(i, stolen))
	s.wants("an identity of the old key", err, server.ErrRetired)
	if q != nil {
		t.Errorf("it has brought %+v", q.Carried)
	}
	s.charge(1, 10*time.Minute)
	if _, err := s.pay(s.unplug(1)); err != nil {
		t.Errorf("the device's own settlement: %v", err)
	}
	if got := read[*qrproto.Settlement](s.street, s.charger.Do(1).Text); s.provider.Captured("anna") != yuan(got.Payable) {
		t.Errorf("anna has paid %v for %d", s.provider.Captured("anna"), got.Payable)
	}
}

// stopped ends what runs on a connector, by the button.
func (s *station) stopped(n int) {
	s.t.Helper()
	if err := s.charger.Stop(n, charger.Reading{Reading: tariff.Reading{Energy: s.meters[n]}}, qrproto.StopUser); err != nil {
		s.t.Fatal(err)
	}
}

// TestThiefUsesUpTheNumbersOfADevice: with an issuer's key, in one order of the
// highest number that there is. That lasts as long as his key.
func TestThiefUsesUpTheNumbersOfADevice(t *testing.T) {
	s := newKiosk(t, qrproto.Caps{})
	s.server.Trust = s.snapshot(2, 2, s.seller("iss1"), s.seller("thief"))
	s.accepted("a snapshot", s.server.Trust.Text())
	o, err := s.prepay("anna")
	if err != nil {
		t.Fatal(err)
	}
	highest := *o.Start
	highest.Challenge.Counter = math.MaxUint32
	s.accepted("the thief's", s.seal(&highest, signer("thief")))
	s.stopped(1)
	s.refused("what the server sells", o.Code.Text(), charger.ErrOvertaken)

	s.server.Trust = s.snapshot(3, 3, s.seller("iss1"))
	s.pass(time.Hour)
	if o, err = s.prepay("bert"); err != nil {
		t.Fatal(err)
	}
	s.accepted("a snapshot without the thief", o.Trust.Text())
	s.refused("the thief's, again", s.seal(&highest, signer("thief")), qrproto.ErrUnknownKey)
	s.accepted("what the server sells", o.Code.Text())
}

// TestFullJournalKeepsNoSnapshotOut: a thief fills the journal before his key is
// ended, with his own sale still running. Each of many snapshots finds room.
func TestFullJournalKeepsNoSnapshotOut(t *testing.T) {
	street := newStreet(t)
	s := street.rooted(7)
	s.journal = settletest.NewJournal(16 << 10)
	s.boot()
	s.accepted("a snapshot", s.snapshot(1, 0, s.seller("iss1"), s.seller("thief")).Text())
	cancel := func() error {
		if err := s.scan(s.forged("thief", nil)); err != nil {
			return err
		}
		s.stopped(1)
		s.stopped(1)
		return nil
	}
	s.accepted("his own", s.forged("thief", func(o *qrproto.StartOrder) {
		i := read[*qrproto.Identity](street, s.identity(2))
		o.Connector, o.Challenge = 2, i.Challenge
	}))
	var err error
	for err == nil {
		err = cancel()
	}
	s.wants("one more", err, charger.ErrFull)
	s.charge(2, time.Hour)
	if !s.charger.Do(2).Relay {
		t.Error("his own sale has ended")
	}
	for epoch := uint32(2); epoch < 40; epoch++ {
		s.accepted("a snapshot", s.snapshot(epoch, epoch, s.seller("iss1")).Text())
		s.charge(2, time.Minute)
	}
	s.refused("one more of his", s.forged("thief", nil), qrproto.ErrUnknownKey)
	if got := read[*qrproto.Settlement](street, s.unplug(2)); got.Delivered != 9_800_000 {
		t.Errorf("his own sale has settled %d mWh", got.Delivered)
	}
}

// TestThiefSetsHisOwnPrice: whoever has an issuer's key writes the tariff too. The
// amount of his orders bounds what others could be made to pay; what he takes for
// nothing is as much as his car holds, as often as the quota says.
func TestThiefSetsHisOwnPrice(t *testing.T) {
	s := newStreet(t).rooted(7)
	s.accepted("a snapshot", s.snapshot(1, 0, s.delegated("thief", qrproto.Caps{Currency: "CNY", Amount: 1, Quota: 1}, qrproto.KindStartOrder)).Text())
	free := func(o *qrproto.StartOrder) {
		o.Tariff, o.Limits.Amount = encodedTariff(t, dayNight(t, 0), "CNY"), 1
	}
	s.accepted("for a fen at most, and nothing a kWh", s.forged("thief", free))
	s.charge(1, 10*time.Hour)
	if got := read[*qrproto.Settlement](s.street, s.unplug(1)); got.Delivered != 60_000_000 || got.Payable != 0 {
		t.Errorf("settled are %d mWh, %d fen", got.Delivered, got.Payable)
	}
	s.pass(3 * time.Minute)
	s.refused("a second one", s.forged("thief", free), charger.ErrQuota)
}

// TestOldSnapshotAtANewDevice: a device that has none takes any, also one in which
// a key still stands that was ended everywhere else. So it is shown the newest
// when it is set up.
func TestOldSnapshotAtANewDevice(t *testing.T) {
	street := newStreet(t)
	old, newest := street.snapshot(1, 0, street.seller("thief")), street.snapshot(9, 9, street.seller("iss1"))
	bare, set := street.rooted(7), street.rooted(8)
	set.accepted("the newest", newest.Text())
	set.refused("an old one", old.Text(), qrproto.ErrStaleTrust)
	bare.accepted("an old one", old.Text())
	bare.accepted("the thief", bare.forged("thief", nil))
	bare.charge(1, time.Minute)
	bare.unplug(1)
	bare.accepted("the newest, by the first customer", newest.Text())
	bare.pass(3 * time.Minute)
	bare.refused("the thief", bare.forged("thief", nil), qrproto.ErrUnknownKey)
}

// TestCustomerUsesUpAQuota: an order that is taken back counts, and costs nothing.
// So whoever stands at a device can use up what the server may sell there until
// the next snapshot.
func TestCustomerUsesUpAQuota(t *testing.T) {
	s := newStreet(t).rooted(7)
	caps := qrproto.Caps{Quota: 3, Acknowledge: true}
	under := func(epoch uint32) {
		s.server.Trust = s.snapshot(epoch, epoch, s.delegated("iss1", caps, qrproto.KindStartOrder))
		s.accepted("a snapshot", s.server.Trust.Text())
	}
	under(1)
	for range 3 {
		s.accepted("an order", s.buy("mallory", 1).Code.Text())
		s.stopped(1)
		if _, err := s.pay(s.charger.Do(1).Text); err != nil {
			t.Fatal(err)
		}
		s.stopped(1)
	}
	s.captured("mallory", 0)
	s.refused("another customer", s.buy("anna", 1).Code.Text(), charger.ErrQuota)
	under(2)
	s.accepted("after the next snapshot", s.buy("anna", 1).Code.Text())
}
