// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// TestAttack33StaleIdentityHidesThePreviousSession: an order on a photograph of an
// identity from before somebody's sale would keep that sale from the server.
// Neither side goes on with one, once it can know; what is left is a lag of
// 660 seconds, over another connector.
func TestAttack33StaleIdentityHidesThePreviousSession(t *testing.T) {
	s := newStreet(t).install(7)
	photo := s.identity(1)
	o := s.buy("anna", 1)
	s.accepted("anna", o.Code.Text())
	stale, err := s.order("mallory", photo)
	if err != nil {
		t.Fatal(err) // the server cannot know yet
	}
	s.charge(1, 10*time.Minute)
	s.refused("the charger knows while it charges", stale.Code.Text(), charger.ErrBusy)
	if _, err := s.order("ned", s.identity(2)); err != nil {
		t.Fatal(err)
	}
	_, err = s.order("oscar", photo)
	s.wants("and so does the server, once it has seen a newer one", err, server.ErrRetired)
	s.unplug(1)
	s.pass(3 * time.Minute)
	s.refused("and afterwards", stale.Code.Text(), charger.ErrChallenge)
	fresh := s.identity(1)
	if got := read[*qrproto.Identity](s.street, fresh); len(got.Records) != 1 {
		t.Errorf("a fresh identity carries %d records", len(got.Records))
	}
	s.boot()
	if _, err := s.order("peter", s.identity(2)); err != nil {
		t.Fatal(err)
	}
	_, err = s.order("quinn", fresh)
	s.wants("of the boot before", err, server.ErrRebooted)
	if _, err := s.order("quinn", s.identity(1)); err != nil {
		t.Errorf("what is shown now: %v", err)
	}
	t.Run("the lag", lagOfStaleIdentities)
}

// lagOfStaleIdentities: the identity of connector 2 was made before connector 1
// sealed its sale, and is answered as late as can be.
func lagOfStaleIdentities(t *testing.T) {
	for kept, want := range map[time.Duration]qrproto.ErrorCode{178 * time.Second: 0, 179 * time.Second: charger.ErrExpired} {
		s := newStreet(t).install(7)
		s.accepted("anna", s.buy("anna", 1).Code.Text())
		identity := s.identity(2)
		q, err := s.server.Quote(ctx, "mallory", identity)
		if err != nil {
			t.Fatal(err)
		}
		s.charge(1, 6*time.Second)
		s.unplug(1)
		s.pass(474 * time.Second)
		o, err := s.server.Issue(ctx, server.Ask{Account: "mallory", Identity: identity, Tariff: q.Hash})
		if err != nil {
			t.Fatal(err)
		}
		s.pass(kept)
		if err := s.scan(o.Code.Text()); want != 0 {
			s.wants("660 seconds after it was shown", err, want)
		} else if err != nil {
			t.Errorf("in time: %v", err)
		}
		if got := read[*qrproto.Identity](s.street, s.identity(1)); len(got.Records) != 1 {
			t.Errorf("the next identity carries %d records", len(got.Records))
		}
	}
}

// TestAttack34OneBadOrOversizedRecordBlocksAllLaterOnes: a record of an order that
// nobody knows, one whose place a clone has taken, and a session whose record
// grows. Those behind are carried and paid all the same.
func TestAttack34OneBadOrOversizedRecordBlocksAllLaterOnes(t *testing.T) {
	for name, spoil := range map[string]func(*station) (acknowledged uint32){
		"none": func(s *station) uint32 { s.leave("guest", 1); return 4 },
		"of an unknown order": func(s *station) uint32 {
			if err := s.cancel(1); err != nil {
				t.Fatal(err)
			}
			return 4
		},
		"of a fork": func(s *station) uint32 {
			s.leave("guest", 1)
			c := s.clone()
			c.boot()
			if _, err := s.pay(second(c.sell("mallory", 1))); err != nil {
				t.Fatal(err)
			}
			s.boot()
			s.boot() // ahead of the clone again
			return 0
		},
	} {
		s := newStreet(t).install(7)
		acknowledged := spoil(s)
		for _, account := range []string{"anna", "bert", "carl"} {
			o := s.leave(account, 1)
			s.pass(time.Minute)
			s.sees(1)
			s.sees(2)
			if o, err := s.server.Pay(ctx, o.ID); err != nil {
				t.Errorf("%s: %s: %v, %v", name, account, o.State, err)
			}
			s.captured(account, 1_00)
		}
		if d, err := s.store.Device(ctx, s.device.Number); err != nil || d.Chain.Seq != acknowledged {
			t.Errorf("%s: the chain is at %d, want %d: %v", name, d.Chain.Seq, acknowledged, err)
		}
	}

	s := morning(t)
	s.options.Record = 122
	s.boot()
	text := second(s.sell("anna", 1))
	got := read[*qrproto.Settlement](s.street, text)
	record, err := qrproto.EncodeRecord(got)
	if err != nil || len(record) > 122 || got.Reason != qrproto.StopLimit || got.Delivered < 190_000 {
		t.Errorf("a record of %d bytes, %v, %d mWh: %v", len(record), got.Reason, got.Delivered, err)
	}
	if whole := read[*qrproto.Settlement](s.street, second(morning(t).sell("anna", 1))); whole.Reason != qrproto.StopUnplugged {
		t.Errorf("with room for the record: %v", whole.Reason)
	}
	t.Run("in one reading", oversizedInOneReading)
}

// tiered has a price of its own for each step of energy, of so many.
func tiered(steps int, step int64) *tariff.Tariff {
	t := &tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}
	for i := range steps {
		e := tariff.Element{Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: int64(1 + i%20)}}}
		if e.When.Energy.Min = int64(i) * step; i < steps-1 {
			e.When.Energy.Max = e.When.Energy.Min + step
		}
		t.Elements = append(t.Elements, e)
	}
	return t
}

// oversizedInOneReading is attack 34 by a tariff of many small steps, of which one
// reading passes more than a settlement can tell, or than an identity carries. The
// session ends at the register that is durable.
func oversizedInOneReading(t *testing.T) {
	for _, c := range []struct {
		name   string
		prices *tariff.Tariff
		flows  int64
		whole  bool
	}{
		{"20 cells of some bytes", tiered(20, 1_000), 200_000, true},
		{"32 cells of many bytes", tiered(32, 66_000), 2_200_000, false},
		{"40 cells", tiered(40, 100), 5_000, false},
	} {
		s := newStreet(t).install(7)
		flat := s.book.tariff
		s.book.tariff = c.prices
		o := s.buy("thief", 1)
		s.accepted(c.name, o.Code.Text())
		s.charge(1, 3*time.Second)
		s.pass(27 * time.Second)
		s.meters[1] += c.flows
		if err := s.meter(1, true); err != nil || s.charger.Do(1).Relay != c.whole {
			t.Errorf("%s: the session goes on: %v, %v", c.name, s.charger.Do(1).Relay, err)
		}
		settled := read[*qrproto.Settlement](s.street, s.unplug(1))
		if record := encoded(t, settled); len(record) > 256 || c.whole != (settled.Reason == qrproto.StopUnplugged) {
			t.Errorf("%s: a record of %d bytes, %v", c.name, len(record), settled.Reason)
		}
		s.pass(3 * time.Minute)
		s.book.tariff = flat
		later := s.leave("anna", 1)
		s.sees(1)
		s.state(later, server.StateSettled)
	}
}

// TestAttack27AnAcknowledgementDeletesEvidence: forged, careless, by somebody with
// an issuer's key, who may have the right to it or not. What is acknowledged is
// still there, and comes again when a server has lost it.
func TestAttack27AnAcknowledgementDeletesEvidence(t *testing.T) {
	s := newStreet(t).install(7)
	s.leave("anna", 1)
	st := lastOf(t, s.journal, 'S')
	with := func(ack *qrproto.Ack) string {
		i := read[*qrproto.Identity](s.street, s.identity(1))
		o := s.twin(uint64(i.Challenge.Counter))
		o.Challenge, o.Issued, o.Ack = i.Challenge, s.now.Unix(), ack
		return s.seal(o, s.issuer)
	}
	carried := func(what string, want int) {
		t.Helper()
		s.pass(time.Minute)
		if i := read[*qrproto.Identity](s.street, s.identity(2)); len(i.Records) != want {
			t.Errorf("%s: %d records are carried, want %d", what, len(i.Records), want)
		}
	}
	s.refused("a record that it never wrote", with(&qrproto.Ack{Seq: 2}), charger.ErrAck)
	s.refused("another hash", with(&qrproto.Ack{Seq: 1, Sum: qrproto.Short{1}}), charger.ErrAck)
	carried("after both", 1)
	s.accepted("a sound one", with(&qrproto.Ack{Seq: 1, Sum: sumOf(t, st).Short()}))
	carried("what is acknowledged", 0)
	again, err := s.charger.Again(1)
	if err != nil || sumOf(t, read[*qrproto.Settlement](s.street, again)) != sumOf(t, st) {
		t.Errorf("the record is gone: %v", err)
	}
	s.charge(1, time.Minute)
	s.unplug(1)
	s.pass(3 * time.Minute)
	carried("the one behind", 1)
	s.accepted("a server that was set back", with(nil))
	carried("and what it has lost", 1)
	if i := read[*qrproto.Identity](s.street, s.identity(2)); i.Head.Seq != 2 || !bytes.Equal(i.Records[0], encoded(t, st)) {
		t.Errorf("the first of %d is not carried again", i.Head.Seq)
	}
	t.Run("without the right", acknowledgingWithoutTheRight)
}

func encoded(t *testing.T, st *qrproto.Settlement) []byte {
	t.Helper()
	b, err := qrproto.EncodeRecord(st)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
