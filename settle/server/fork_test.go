// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
)

// settleAll settles records and compares the codes of the errors.
func (s *shop) settleAll(records []*qrproto.Settlement, want ...qrproto.ErrorCode) {
	s.t.Helper()
	for i, st := range records {
		if _, err := s.Settle(ctx, s.device.seal(st)); qrproto.CodeOf(err) != want[i] {
			s.t.Errorf("record %d of the list, seq %d: %v, want %v", i, st.Seq, err, want[i])
		}
	}
}

// TestFork: the same place twice. Both are kept, the chain goes back to before
// it, and only the first is charged.
func TestFork(t *testing.T) {
	s := newShop(t)
	a, b, c, d := s.buy("anna"), s.buy("bert"), s.buy("carl"), s.buy("dora")
	one := s.device.deliver(a, 1_000_000)
	before := s.device.chain
	two := s.device.deliver(b, 2_000_000)
	three := s.device.deliver(c, 3_000_000)
	rival := s.device.settlement(d, before, 4_000_000)
	s.settleAll([]*qrproto.Settlement{one, two, three}, 0, 0, 0)
	s.chain(3, 0)
	s.settleAll([]*qrproto.Settlement{rival, rival, two, three}, settle.ErrFork, settle.ErrFork, 0, 0)
	s.chain(1, 2)
	records := s.recorded(4)
	if records[1].Branch != 0 || records[2].Branch != 1 || records[2].Seq != 2 || records[2].Verdict != settle.ErrFork {
		t.Errorf("%+v", records)
	}
	if o := s.state(d, server.StateDisputed); o.Verdict != settle.ErrFork || o.Payable() != yuan(400) {
		t.Errorf("verdict %v, payable %v", o.Verdict, o.Payable())
	}
	if _, err := s.Pay(ctx, d.ID); !errors.Is(err, settle.ErrFork) {
		t.Errorf("Pay of the rival: %v", err)
	}
	if _, err := s.Pay(ctx, b.ID); err != nil {
		t.Errorf("Pay of the first: %v", err)
	}
	dev, err := s.store.Device(ctx, s.device.number)
	if err != nil || dev.Chain != before {
		t.Errorf("the chain ends at %+v, want %+v: %v", dev.Chain, before, err)
	}
	// What comes behind a fork is stored and charged, and acknowledges nothing.
	four := s.device.deliver(s.buy("emil"), 1_000_000)
	s.settleAll([]*qrproto.Settlement{four}, 0)
	s.chain(1, 2)
	if o := s.buy("fred"); o.Start.Ack == nil || o.Start.Ack.Seq != 1 || o.Start.Ack.Sum != before.Sum.Short() {
		t.Errorf("an order acknowledges %v, want record 1", o.Start.Ack)
	}
	s.sound()
}

// TestForkOfOneOrder: a restored memory settles the same order again.
func TestForkOfOneOrder(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	before := s.device.chain
	s.settleAll([]*qrproto.Settlement{
		s.device.deliver(o, 1_000_000), s.device.settlement(o, before, 2_000_000), s.device.settlement(o, before, 3_000_000),
	}, 0, settle.ErrFork, settle.ErrFork)
	s.chain(0, 1)
	if o := s.state(o, server.StateSettled); o.Payable() != yuan(100) {
		t.Errorf("payable %v", o.Payable())
	}
	if r := s.recorded(3); r[2].Branch != 2 {
		t.Errorf("branch %d", r[2].Branch)
	}
	if o := s.buy("bert"); o.Start.Ack != nil {
		t.Errorf("acknowledges %v", o.Start.Ack)
	}
}

// TestForkShownByTheNext: the record that differs never comes, but the one
// after it names it.
func TestForkShownByTheNext(t *testing.T) {
	s := newShop(t)
	a, b, c := s.buy("anna"), s.buy("bert"), s.buy("carl")
	one := s.device.deliver(a, 1_000_000)
	two := s.device.deliver(b, 1_000_000)
	elsewhere := settle.Head{Seq: 2, Sum: qrproto.Ref{6}, Total: 2_000_000}
	three := s.device.settlement(c, elsewhere, 1_000_000)
	s.settleAll([]*qrproto.Settlement{one, two, three}, 0, 0, settle.ErrFork)
	s.chain(1, 2)
	s.state(c, server.StateDisputed)
	s.recorded(3)
}

// TestForkShownByOneThatWaits: as before, but the record behind is there first.
// The one in between is charged: it is the only one of its place.
func TestForkShownByOneThatWaits(t *testing.T) {
	s := newShop(t)
	a, b, c := s.buy("anna"), s.buy("bert"), s.buy("carl")
	one := s.device.deliver(a, 1_000_000)
	two := s.device.deliver(b, 1_000_000)
	three := s.device.settlement(c, settle.Head{Seq: 2, Sum: qrproto.Ref{6}, Total: 2_000_000}, 1_000_000)
	s.settleAll([]*qrproto.Settlement{one, three, two}, 0, 0, 0)
	s.chain(1, 2)
}

// TestForkInAGap: a fork ahead of the chain does not keep it from coming near.
func TestForkInAGap(t *testing.T) {
	s := newShop(t)
	a, b, c, d := s.buy("anna"), s.buy("bert"), s.buy("carl"), s.buy("dora")
	one, two := s.device.deliver(a, 1_000_000), s.device.deliver(b, 1_000_000)
	third := s.device.settlement(c, s.device.chain, 1_000_000)
	rival := s.device.settlement(d, s.device.chain, 2_000_000)
	s.settleAll([]*qrproto.Settlement{third, rival, two, one}, 0, settle.ErrFork, 0, 0)
	s.chain(2, 3)
}

// TestTotals: a total that does not follow stops the chain.
func TestTotals(t *testing.T) {
	for _, waits := range []bool{false, true} {
		s := newShop(t)
		a, b := s.buy("anna"), s.buy("bert")
		one := s.device.deliver(a, 1_000_000)
		two := s.device.settlement(b, s.device.chain, 1_000_000)
		two.Total++
		if waits {
			s.settleAll([]*qrproto.Settlement{two, one}, 0, 0)
			s.state(b, server.StateSettled)
		} else {
			s.settleAll([]*qrproto.Settlement{one, two, two}, 0, settle.ErrTotals, settle.ErrTotals)
			s.state(b, server.StateDisputed)
		}
		s.chain(1, 2)
		s.recorded(2)
	}
}

// TestTwoForks: the lower one counts, whichever comes first.
func TestTwoForks(t *testing.T) {
	for _, lowFirst := range []bool{false, true} {
		s := newShop(t)
		var heads []settle.Head
		var orders []*server.Order
		for _, account := range []string{"anna", "bert", "carl"} {
			heads = append(heads, s.device.chain)
			orders = append(orders, s.buy(account))
			s.settleAll([]*qrproto.Settlement{s.device.deliver(orders[len(orders)-1], 1_000_000)}, 0)
		}
		rivals := []*qrproto.Settlement{
			s.device.settlement(orders[2], heads[2], 5_000_000), s.device.settlement(orders[1], heads[1], 5_000_000),
		}
		if lowFirst {
			rivals[0], rivals[1] = rivals[1], rivals[0]
		}
		s.settleAll(rivals, settle.ErrFork, settle.ErrFork)
		s.chain(1, 2)
	}
}

// TestAReplacedKeyCarriesNothing: neither a record that is new nor one that is
// stored already, to Quote and to Issue alike. What the device signed before its key
// was replaced, and somebody scanned, is settled all the same.
func TestAReplacedKeyCarriesNothing(t *testing.T) {
	s := newShop(t)
	one, two := s.device.deliver(s.buy("anna"), 1_000_000), s.device.deliver(s.buy("bert"), 2_000_000)
	before := s.device.show(carrying(t, one))
	if q, err := s.Quote(ctx, "carl", before); err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil {
		t.Fatalf("before: %+v, %v", q, err)
	}
	next := s.device.key()
	next.ID = qrproto.DeviceKeyID(s.device.number, 2)
	s.directory.keys = append(s.directory.keys, next)
	code, err := qrproto.Seal(s.device.identity(), qrproto.Signer{ID: next.ID, Key: s.device.secret})
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.Quote(ctx, "carl", code.Text())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"stored": before, "new": s.device.show(carrying(t, two)), "none": s.device.show()} {
		if q, err := s.Quote(ctx, "carl", text); q != nil || !errors.Is(err, server.ErrRetired) {
			t.Errorf("Quote, %s: %+v, %v", name, q, err)
		}
		if o, err := s.Issue(ctx, server.Ask{Account: "carl", Identity: text, Tariff: q.Hash}); o != nil || !errors.Is(err, server.ErrRetired) {
			t.Errorf("Issue, %s: %+v, %v", name, o, err)
		}
	}
	s.recorded(1)
	s.settleAll([]*qrproto.Settlement{two}, 0)
	s.chain(2, 0)
	s.sound()
}
