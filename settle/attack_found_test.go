// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
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
