// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
)

// clone is a charger with the key and the number of another one, and an empty
// memory.
func (s *station) clone() *station {
	return s.install(9, func(c *station) { c.device, c.device.Rand = s.device, rand.NewChaCha8([32]byte{9}) })
}

// known fails unless the server has so many records of the device, a chain up to
// seq, and contests it from a place on.
func (s *station) known(records int, seq, contested uint32) {
	s.t.Helper()
	d, err := s.store.Device(ctx, s.device.Number)
	if err != nil || d.Records != uint64(records) || d.Chain.Seq != seq || d.Contested != contested {
		s.t.Errorf("%d records, chain at %d, contested at %d; want %d, %d, %d: %v", d.Records, d.Chain.Seq, d.Contested, records, seq, contested, err)
	}
}

// TestAttack07ClonedChargerKey: whatever a clone settles stands at a place of the
// chain that the original takes too. Its head shows it before that.
func TestAttack07ClonedChargerKey(t *testing.T) {
	s := newStreet(t).install(7)
	if _, err := s.pay(second(s.sell("anna", 1))); err != nil {
		t.Fatal(err)
	}
	if o := s.buy("bert", 2); o.Start.Ack == nil || o.Start.Ack.Seq != 1 {
		t.Errorf("one device alone: an order acknowledges %v", o.Start.Ack)
	}
	s.known(1, 1, 0)
	c := s.clone()
	c.boot() // its counters are ahead of the original's
	o, text := c.sell("mallory", 1)
	_, err := s.pay(text)
	s.wants("what the clone settles", err, settle.ErrFork)
	s.state(o, server.StateDisputed)
	s.known(2, 0, 1)
	s.captured("mallory", 0)
	if o := c.buy("carl", 2); o.Start.Ack != nil {
		t.Errorf("an order acknowledges %v of a fork", o.Start.Ack)
	}

	s = newStreet(t).install(7)
	if _, err := s.pay(second(s.sell("anna", 1))); err != nil {
		t.Fatal(err)
	}
	c = s.clone()
	c.boot()
	c.sees(1)
	s.known(1, 0, 1)
}

// TestAttack23InsiderEditsTheDatabase: the receipts in customers' hands hold what
// was stored, and in which order.
func TestAttack23InsiderEditsTheDatabase(t *testing.T) {
	s := newStreet(t).install(7)
	var anchors []qrproto.Anchor
	for _, account := range []string{"anna", "bert", "carl"} {
		o, err := s.pay(second(s.sell(account, 1)))
		if err != nil {
			t.Fatal(err)
		}
		code, err := s.server.Receipt(ctx, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := qrproto.As[*qrproto.Receipt](qrproto.Open(code.Text(), qrproto.KeyList{s.issuerKey()}))
		if err != nil {
			t.Fatal(err)
		}
		anchors = append(anchors, *receipt.Anchor)
		s.accepted("receipt", code.Text())
	}
	exported, err := s.store.Records(ctx, s.device.Number, 1, 9)
	if err != nil || len(exported) != 3 {
		t.Fatal(len(exported), err)
	}
	audit := func(records []server.Record) (borne int) {
		for _, anchor := range anchors {
			if slices.ContainsFunc([]uint64{1, 2, 3}, func(n uint64) bool { return server.Anchor(records, n) == anchor }) {
				borne++
			}
		}
		return borne
	}
	if n := audit(exported); n != 3 {
		t.Errorf("of 3 receipts, the records bear out %d", n)
	}
	for name, edit := range map[string]func([]server.Record) []server.Record{
		"a lower price":     func(r []server.Record) []server.Record { return lowered(t, s, r) },
		"a record removed":  func(r []server.Record) []server.Record { return slices.Delete(r, 1, 2) },
		"two in each other": func(r []server.Record) []server.Record { r[1].Index, r[2].Index = 2, 1; return r },
	} {
		if n := audit(edit(slices.Clone(exported))); n != 1 { // the receipt from before
			t.Errorf("%s: the records bear out %d receipts", name, n)
		}
	}
}

func (s *street) issuerKey() qrproto.Key {
	return qrproto.Key{ID: s.issuer.ID, Public: s.issuer.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}
}

// lowered makes the second record cheaper. Its hash is right; the chain and the
// code that brought it say otherwise too.
func lowered(t *testing.T, s *station, records []server.Record) []server.Record {
	t.Helper()
	r := &records[1]
	st, err := qrproto.DecodeRecord(s.device.Number, bytes.Clone(r.Payload))
	if err != nil {
		t.Fatal(err)
	}
	st.Payable--
	if r.Payload, err = qrproto.EncodeRecord(st); err != nil {
		t.Fatal(err)
	}
	if r.Sum, err = qrproto.Sum(st); err != nil {
		t.Fatal(err)
	}
	next, err := qrproto.DecodeRecord(s.device.Number, bytes.Clone(records[2].Payload))
	if err != nil {
		t.Fatal(err)
	}
	_, err = settle.Next(settle.Head{Seq: 2, Sum: r.Sum.Ref(), Total: st.Total}, next)
	s.wants("the chain over an edited record", err, settle.ErrFork)
	if source := read[*qrproto.Settlement](s.street, r.Source); source.Payable != st.Payable+1 {
		t.Errorf("the code that brought it says %d", source.Payable)
	}
	return records
}

// TestAttack24TwoUploadsRaceACloneTakesTheSlotFirst: many uploads of one settlement
// are one payment. Where a clone's was first, the genuine one is kept beside it;
// neither is acknowledged, and the later is not charged until somebody has looked.
func TestAttack24TwoUploadsRaceACloneTakesTheSlotFirst(t *testing.T) {
	s := newStreet(t).install(7)
	o, text := s.sell("anna", 1)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 8 {
				if got, err := s.pay(text); err != nil && !errors.Is(err, server.ErrBusy) && !errors.Is(err, server.ErrConflict) || got != nil && got.ID != o.ID {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	all.Wait()
	s.captured("anna", 1_00)
	if s.known(1, 1, 0); s.provider.Captures() != 1 {
		t.Errorf("%d captures", s.provider.Captures())
	}

	s = newStreet(t).install(7)
	o, text = s.sell("anna", 1)
	c := s.clone()
	c.boot()
	if _, err := s.pay(second(c.sell("mallory", 1))); err != nil {
		t.Fatal("the clone's is the first:", err)
	}
	for range 2 {
		_, err := s.pay(text)
		s.wants("the genuine one", err, settle.ErrFork)
	}
	s.state(o, server.StateDisputed)
	s.known(2, 0, 1)
	s.captured("anna", 0)
	records, err := s.store.Records(ctx, s.device.Number, 1, 1)
	if err != nil || len(records) != 2 || records[0].Source == text || records[1].Source != text {
		t.Errorf("kept are %d records, %v", len(records), err)
	}
}

// TestAttack25SettlementForAnOrderNeverIssued: one that the device makes up, and
// one of an order that somebody signed with the issuer's key and the server never
// saw. The charger cannot know; the operator sees both, and nobody pays.
func TestAttack25SettlementForAnOrderNeverIssued(t *testing.T) {
	s := newStreet(t).install(7)
	stolen := s.twin(1)
	s.accepted("under a stolen key", s.seal(stolen, s.issuer))
	s.charge(1, 10*time.Minute)
	text := s.unplug(1)
	for range 2 {
		_, err := s.pay(text)
		s.wants("of an order under a stolen key", err, server.ErrUnknownOrder)
	}
	invented := read[*qrproto.Settlement](s.street, text)
	invented.Seq, invented.Previous, invented.Total = 2, sumOf(t, invented).Ref(), 2_000_000
	for _, order := range []qrproto.Ref{{}, {1}} {
		lie := *invented
		lie.Order = order
		_, err := newStreetLike(s).pay(s.seal(&lie, s.device.Key))
		s.wants("of an order that the device made up", err, server.ErrUnknownOrder)
	}
	s.known(1, 1, 0)
	s.captured("anna", 0)
	if _, err := s.pay(second(s.sell("anna", 2))); err != nil {
		t.Error("of an order that was issued:", err)
	}
	s.captured("anna", 1_00)
}

// newStreetLike is a server with an empty store and the same directory.
func newStreetLike(s *station) *street {
	out := newStreet(s.t)
	out.book.keys = s.book.keys
	return out
}

func sumOf(t *testing.T, p qrproto.Payload) qrproto.Hash {
	t.Helper()
	sum, err := qrproto.Sum(p)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestAttack26SettlementsWithheld: by phones that cut records off an identity, and
// by whoever shows the settlements that suit him. The numbers have no gaps and the
// totals add up, so that the server knows what it has not seen.
func TestAttack26SettlementsWithheld(t *testing.T) {
	s := newStreet(t).install(7)
	a, b := s.buy("anna", 1), s.buy("bert", 2)
	for n, o := range []*server.Order{a, b} {
		s.accepted(o.Account, o.Code.Text())
		s.charge(n+1, time.Minute)
		s.unplug(n + 1)
	}
	s.pass(3 * time.Minute)
	cut := read[*qrproto.Identity](s.street, s.identity(1))
	cut.Records = nil
	_, err := s.order("carl", s.seal(cut, qrproto.Signer{ID: s.device.Key.ID, Key: signer("mallory").Key}))
	s.wants("the records are cut off", err, qrproto.ErrSignature)

	text := second(s.sell("carl", 1)) // its identity brings the first alone
	if _, err := s.pay(text); err != nil {
		t.Fatal(err)
	}
	s.known(2, 1, 0)
	d, err := s.store.Device(ctx, s.device.Number)
	if err != nil || d.Newest.Head.Seq != 2 || d.Newest.Head.Total != 200_000 {
		t.Errorf("the server knows of the head %+v, %v", d.Newest.Head, err)
	}
	gap := read[*qrproto.Settlement](s.street, text)
	gap.Seq, gap.Previous = 2, d.Chain.Sum // as if there had been none between
	elsewhere := newStreetLike(s)
	first, err := s.store.Records(ctx, s.device.Number, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = elsewhere.server.Quote(ctx, "", first[0].Source); err != nil {
		t.Fatal(err)
	}
	_, err = elsewhere.pay(s.seal(gap, s.device.Key))
	s.wants("the gap is closed by a lie", err, settle.ErrTotals)

	s.pass(3 * time.Minute)
	s.sees(1) // brings the second
	s.known(3, 3, 0)
	for _, o := range []*server.Order{a, b} {
		if _, err := s.server.Pay(ctx, o.ID); err != nil {
			t.Error(err)
		}
		s.captured(o.Account, 10)
	}
}
