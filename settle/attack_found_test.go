// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
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

// blind is a station without a display, for orders of up to 10 yuan; one of its
// own costs 5.
func (s *street) blind(last byte) *station {
	st := s.rooted(last)
	st.options.Sticker = &charger.Sticker{Most: yuan(10_00)}
	s.book.blind = st.device.Number
	st.boot()
	return st
}

// prepaid sells at a station without a display.
func (s *station) prepaid(account string) (*server.Order, error) {
	q, err := s.server.Offer(ctx, account, s.device.Number, 1)
	if err != nil {
		return nil, err
	}
	return s.server.Sell(ctx, server.Sale{Account: account, Charger: s.device.Number, Connector: 1, Tariff: q.Hash, Hold: q.Hold})
}

// stopped ends what runs on a connector, by the button.
func (s *station) stopped(n int) {
	s.t.Helper()
	if err := s.charger.Stop(n, charger.Reading{Reading: tariff.Reading{Energy: s.meters[n]}}, qrproto.StopUser); err != nil {
		s.t.Fatal(err)
	}
}

// TestOrderWithoutAChallengeReplayed: an order for a device without a display does
// not age. It is good once, at that device, and not after a later one.
func TestOrderWithoutAChallengeReplayed(t *testing.T) {
	street := newStreet(t)
	s, shown := street.blind(7), street.rooted(8)
	first, err := s.prepaid("anna")
	if err != nil {
		t.Fatal(err)
	}
	var out *server.OutstandingError
	if _, err := s.prepaid("mallory"); !errors.As(err, &out) {
		t.Errorf("one that would overtake hers: %v", err)
	}
	moved := *first.Start
	moved.Charger = shown.device.Number
	shown.refused("at a device with a display", s.seal(&moved, s.issuer), charger.ErrSticker)
	shown.refused("as it is", first.Code.Text(), charger.ErrOtherCharger)
	answering := shown.twin(1)
	answering.Charger = s.device.Number
	s.refused("an order on an identity", s.seal(answering, s.issuer), charger.ErrSticker)
	s.pass(time.Hour)
	later, err := s.prepaid("bert")
	if err != nil {
		t.Fatal(err)
	}
	s.accepted("the later one", later.Code.Text())
	s.refused("and again", later.Code.Text(), charger.ErrUsed)
	s.stopped(1)
	s.refused("the earlier one", first.Code.Text(), charger.ErrOvertaken)
	s.boot()
	s.refused("the earlier one, after a restart", first.Code.Text(), charger.ErrOvertaken)
	s.refused("the later one, after a restart", later.Code.Text(), charger.ErrOvertaken)
	s.captured("anna", 5_00) // nothing goes back, and the page says so
	s.captured("bert", 5_00)
}

// TestThiefUsesUpTheNumbersOfADevice: with an issuer's key, in one order of the
// highest number that there is. That lasts as long as his key.
func TestThiefUsesUpTheNumbersOfADevice(t *testing.T) {
	s := newStreet(t).blind(7)
	s.server.Trust = s.snapshot(1, 0, s.seller("iss1"), s.seller("thief"))
	s.accepted("a snapshot", s.server.Trust.Text())
	o, err := s.prepaid("anna")
	if err != nil {
		t.Fatal(err)
	}
	highest := *o.Start
	highest.Challenge.Counter = math.MaxUint32
	s.accepted("the thief's", s.seal(&highest, signer("thief")))
	s.stopped(1)
	s.refused("what the server sells", o.Code.Text(), charger.ErrOvertaken)

	s.server.Trust = s.snapshot(2, 2, s.seller("iss1"))
	s.pass(time.Hour)
	if o, err = s.prepaid("bert"); err != nil {
		t.Fatal(err)
	}
	s.accepted("a snapshot without the thief", o.Trust.Text())
	s.refused("the thief's, again", s.seal(&highest, signer("thief")), qrproto.ErrUnknownKey)
	s.accepted("what the server sells", o.Code.Text())
}
