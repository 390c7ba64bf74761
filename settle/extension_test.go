// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// later are plain extensions that came after this edition; must is a critical one.
var (
	later = qrproto.Extensions{1: []byte("later"), 16384: {}}
	must  = qrproto.Extensions{-1: {}}
)

// trust is a snapshot that delegates the issuer, with extensions.
func (s *station) trust(epoch uint32, ext qrproto.Extensions) qrproto.Code {
	s.t.Helper()
	t := &qrproto.Trust{Epoch: epoch, Least: epoch, Delegations: []qrproto.Delegation{s.seller("iss1")}, Ext: ext}
	code, err := qrproto.Seal(t, signer("root"))
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

// extended logs an order on what connector 1 shows, with extensions.
func (s *station) extended(id uint64, ext qrproto.Extensions) *server.Order {
	s.t.Helper()
	i := read[*qrproto.Identity](s.street, s.identity(1))
	o := s.twin(id)
	o.Challenge, o.Issued, o.Epoch, o.Ext = i.Challenge, s.now.Unix(), i.Epoch, ext
	return s.log(o)
}

// TestPlainExtensionsOfALaterEditionSell: in the code of each kind that takes part in
// a sale. They are kept to the byte, also over a restart and in the store.
func TestPlainExtensionsOfALaterEditionSell(t *testing.T) {
	s := newStreet(t).rooted(7)
	s.server.Trust = s.trust(1, later)
	s.accepted("T", s.server.Trust.Text())
	i := read[*qrproto.Identity](s.street, s.identity(1))
	i.Ext = later
	if _, err := s.server.Quote(ctx, "anna", s.seal(i, s.device.Key)); err != nil {
		t.Errorf("I: %v", err)
	}
	o := s.extended(1, later)
	s.accepted("O", o.Code.Text())
	s.charge(1, 5*time.Minute)
	s.accepted("X", s.seal(&qrproto.StopOrder{Order: o.Sum.Ref(), Ext: later}, s.issuer))
	if s.charger.Do(1).Relay {
		t.Error("X: it goes on")
	}
	shown := read[*qrproto.Settlement](s.street, s.unplug(1))
	s.extendedIsPaid(o, shown)

	sum, err := qrproto.Sum(shown)
	if err != nil {
		t.Fatal(err)
	}
	s.accepted("R", s.seal(&qrproto.Receipt{Settlement: sum.Ref(), Time: s.now.Unix(), Ack: &qrproto.Ack{Seq: 1, Sum: sum.Short()}, Ext: later}, s.issuer))
	s.pass(3 * time.Minute)
	if i := read[*qrproto.Identity](s.street, s.identity(1)); i.Head.Seq != 1 || len(i.Records) > 0 {
		t.Errorf("R: settlement %d and %d records are still told", i.Head.Seq, len(i.Records))
	}
	s.boot()
	if i := read[*qrproto.Identity](s.street, s.identity(1)); i.Epoch != 1 {
		t.Errorf("T: epoch %d after a restart", i.Epoch)
	}
	s.accepted("T again", s.server.Trust.Text()) // it is the one in force, to the byte
	s.refused("T without it", s.trust(1, nil).Text(), qrproto.ErrTrustConflict)
}

// extendedIsPaid settles and pays an order by a settlement with extensions.
func (s *station) extendedIsPaid(o *server.Order, st *qrproto.Settlement) {
	s.t.Helper()
	newer := *st
	newer.Ext = later
	paid, err := s.pay(s.seal(&newer, s.device.Key))
	if err != nil || paid.State != server.StatePaid || !reflect.DeepEqual(paid.Start.Ext, later) {
		s.t.Fatalf("S: %+v, %v", paid, err)
	}
	s.captured("anna", st.Payable)
	records, err := s.store.Records(ctx, st.Number, 1, 1)
	if err != nil || len(records) != 1 || records[0].Order != o.ID {
		s.t.Fatalf("S: %+v, %v", records, err)
	}
	if kept, err := qrproto.DecodeRecord(st.Number, records[0].Payload); err != nil || !reflect.DeepEqual(kept, &newer) {
		s.t.Errorf("S: %+v is stored, %v", kept, err)
	}
}

// TestCriticalExtensionsOfALaterEditionSellNothing: the device refuses order and
// snapshot, and writes nothing; the sound twins of both it takes.
func TestCriticalExtensionsOfALaterEditionSellNothing(t *testing.T) {
	s := newStreet(t).rooted(7)
	s.refused("T", s.trust(1, must).Text(), qrproto.ErrCritical)
	s.accepted("T without it", s.trust(1, nil).Text())
	s.refused("O", s.extended(1, must).Code.Text(), qrproto.ErrCritical)
	o := *s.twin(2)
	o.Challenge, o.Issued, o.Epoch = read[*qrproto.Identity](s.street, s.identity(1)).Challenge, s.now.Unix(), 1
	s.accepted("O without it", s.seal(&o, s.issuer))
}
