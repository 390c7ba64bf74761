// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
)

// rekey gives a charger the next generation of its keys, of both kinds. The server
// knows nothing of them until the operator enrols them, beside those of before.
func (s *station) rekey(generation byte) {
	s.t.Helper()
	s.device.Key = signer(qrproto.DeviceKeyID(s.device.Number, generation))
	if s.device.Agreement != nil {
		s.device.Agreement = agreementKey(s.t, 0x10+generation)
	}
	s.boot()
	_, err := s.order("carl", s.identity(1))
	s.wants("a generation that is not enrolled", err, qrproto.ErrUnknownKey)
	s.book.keys = append(s.book.keys, s.key())
}

// TestKeysOfADeviceAreReplacedInMidChain: what was sold under the first generation
// is paid after the server has seen the second: what an identity of the second
// carries, and what a driver brings late, signed under the first. The chain goes on,
// with both kinds of records, encrypted or not.
func TestKeysOfADeviceAreReplacedInMidChain(t *testing.T) {
	for name, edit := range map[string]func(*station){
		"records in the clear": func(*station) {},
		"records encrypted": func(s *station) {
			own := agreementKey(t, 0xf0)
			s.server.Agreement = append(s.server.Agreement, own)
			s.device.Agreement, s.device.Server = agreementKey(t, 0x11), own.PublicKey()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t).install(7, edit)
			annas := s.buy("anna", 1)
			s.accepted("anna's order", annas.Code.Text())
			s.charge(1, 10*time.Minute)
			berts := s.buy("bert", 2) // before there is anything to carry
			s.accepted("bert's order", berts.Code.Text())
			s.charge(2, 10*time.Minute)
			s.unplug(1) // nobody scans it
			late := s.unplug(2)
			s.rekey(2)

			q, err := s.server.Quote(ctx, "carl", s.identity(1))
			if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != annas.ID {
				t.Fatalf("carried by the second generation: %+v, %v", q, err)
			}
			if _, err := s.server.Pay(ctx, annas.ID); err != nil {
				t.Error(err)
			}
			if _, err := s.pay(late); err != nil {
				t.Errorf("signed by the first, brought now: %v", err)
			}
			_, next := s.sell("carl", 1)
			if _, err := s.pay(next); err != nil {
				t.Errorf("signed by the second: %v", err)
			}
			if o, err := qrproto.Open(next, s.book); err != nil || o.Key.ID != qrproto.DeviceKeyID(s.device.Number, 2) {
				t.Errorf("signed by %+v, %v", o, err)
			}
			before, after := read[*qrproto.Settlement](s.street, late), read[*qrproto.Settlement](s.street, next)
			if sum, err := qrproto.Sum(before); err != nil || after.Previous != sum.Ref() || after.Seq != before.Seq+1 {
				t.Errorf("settlement %d follows %v, not %v", after.Seq, after.Previous, sum)
			}
			s.known(3, 3, 0)
			for _, account := range []string{"anna", "bert", "carl"} {
				s.captured(account, 1_00)
			}
		})
	}
}
