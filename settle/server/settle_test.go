// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
)

// chain fails the test unless the device is acknowledged up to seq, and
// contested from there on.
func (s *shop) chain(seq, contested uint32) {
	s.t.Helper()
	d, err := s.store.Device(ctx, s.device.number)
	if err != nil {
		s.t.Fatal(err)
	}
	if d.Chain.Seq != seq || d.Contested != contested {
		s.t.Errorf("acknowledged up to %d, contested at %d; want %d, %d", d.Chain.Seq, d.Contested, seq, contested)
	}
}

func (s *shop) recorded(want int) []server.Record {
	s.t.Helper()
	r, err := s.store.Records(ctx, s.device.number, 0, 1<<32-1)
	if err != nil || len(r) != want {
		s.t.Errorf("%d records are stored, want %d: %v", len(r), want, err)
	}
	return r
}

func TestSettle(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	st := s.device.deliver(o, 12_345_678) // 12.345678 kWh at 1.00 is 12.35
	text := s.device.seal(st)
	got, err := s.Settle(ctx, "HTTPS://EXAMPLE.COM/"+text+"\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if got.State != server.StateSettled || got.Payable() != yuan(1235) || got.Bill.Payable != yuan(1235) || !reflect.DeepEqual(got.Settlement, st) {
		t.Errorf("%v, payable %v, bill %v", got.State, got.Payable(), got.Bill)
	}
	again, err := s.Settle(ctx, text)
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("shown twice: %v, %v", again, err)
	}
	s.chain(1, 0)
	if r := s.recorded(1); r[0].Source == "" || r[0].Order != o.ID || r[0].Received != noon.Unix() {
		t.Errorf("%+v", r[0])
	}
}

// TestSettleRefuses: codes that do not open leave nothing behind.
func TestSettleRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*shop, string) string
		want  error
	}{
		"an identity":      {func(s *shop, _ string) string { return s.device.show() }, qrproto.ErrKind},
		"an unknown key":   {func(s *shop, x string) string { s.directory.keys = nil; return x }, qrproto.ErrUnknownKey},
		"changed digits":   {func(_ *shop, x string) string { return x[:len(x)-1] + other(x) }, qrproto.ErrSignature},
		"no code at all":   {func(*shop, string) string { return "https://example.com" }, qrproto.ErrText},
		"a key for I only": {func(s *shop, x string) string { s.directory.keys[0].Kinds = []qrproto.Kind{'I'}; return x }, qrproto.ErrKeyUsage},
	} {
		s := newShop(t)
		o := s.buy("anna")
		text := c.spoil(s, s.device.seal(s.device.deliver(o, 1_000_000)))
		if got, err := s.Settle(ctx, text); got != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
		s.recorded(0)
		s.state(o, server.StateIssued)
	}
}

// disputed are settlements that the device's own key has signed and that are
// wrong.
var disputed = []struct {
	name  string
	spoil func(*qrproto.Settlement)
	path  string
}{
	{"one more to be paid", func(s *qrproto.Settlement) { s.Payable++ }, "Payable"},
	{"one less to be paid", func(s *qrproto.Settlement) { s.Payable-- }, "Payable"},
	{"something waived", func(s *qrproto.Settlement) { s.Waived = 5 }, "Waived"},
	{"more priced than delivered", func(s *qrproto.Settlement) { s.Delivered--; s.Total-- }, "Delivered"},
	{"begun before it was ordered", func(s *qrproto.Settlement) { s.Start -= 31 }, "Start"},
	{"taken in a later boot", func(s *qrproto.Settlement) { s.Boot++ }, "Boot"},
	{"taken in an earlier boot", func(s *qrproto.Settlement) { s.Boot-- }, "Boot"},
	{"a component that the tariff has not", func(s *qrproto.Settlement) { s.Cells = qrproto.Cells{7, 1} }, "Cells"},
}

func TestDispute(t *testing.T) {
	for _, c := range disputed {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			o := s.buy("anna")
			st := s.device.settlement(o, s.device.chain, 2_000_000)
			c.spoil(st)
			var err error
			if s.device.chain, err = settle.Next(s.device.chain, st); err != nil {
				t.Fatal(err)
			}
			text := s.device.seal(st)
			for round := range 2 {
				got, err := s.Settle(ctx, text)
				var dispute *settle.Dispute
				if !errors.Is(err, settle.ErrDispute) || !errors.As(err, &dispute) || dispute.Path != c.path {
					t.Fatalf("round %d: %v", round, err)
				}
				if got.ID != o.ID || got.State != server.StateDisputed || got.Verdict != settle.ErrDispute {
					t.Errorf("round %d: order %x is %v", round, got.ID, got.State)
				}
			}
			if _, err := s.Pay(ctx, o.ID); !errors.Is(err, settle.ErrDispute) {
				t.Errorf("Pay: %v", err)
			}
			if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrNotPaid) {
				t.Errorf("Receipt: %v", err)
			}
			s.chain(1, 0) // stored, and so acknowledged
			if s.provider.Captures() != 0 {
				t.Error("captured")
			}
			// The customer charges again, and what follows is settled.
			next := s.buy("anna")
			if next.Start.Ack == nil || next.Start.Ack.Seq != 1 {
				t.Errorf("acknowledged %v", next.Start.Ack)
			}
			if _, err := s.Settle(ctx, s.device.seal(s.device.deliver(next, 1_000_000))); err != nil {
				t.Error(err)
			}
			s.sound()
		})
	}
}

func TestUnknownOrder(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	for i, ref := range []qrproto.Ref{{1, 2, 3}, {}} {
		st := s.device.settlement(o, s.device.chain, 1_000_000)
		st.Order = ref
		var err error
		if s.device.chain, err = settle.Next(s.device.chain, st); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := s.Settle(ctx, s.device.seal(st)); got != nil || !errors.Is(err, server.ErrUnknownOrder) {
				t.Errorf("order %v: %v, %v", ref, got, err)
			}
		}
		s.chain(uint32(i+1), 0)
		s.recorded(i + 1)
	}
	s.state(o, server.StateIssued)
}

// TestOtherDevicesOrder: a device settles an order that was another one's.
func TestOtherDevicesOrder(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	rogue := newDevice(t, 2)
	s.directory.keys = append(s.directory.keys, rogue.key())
	text := rogue.seal(rogue.deliver(o, 1_000_000))
	for range 2 {
		if got, err := s.Settle(ctx, text); got != nil || !errors.Is(err, settle.ErrOtherOrder) {
			t.Errorf("%v, %v", got, err)
		}
	}
	s.state(o, server.StateIssued)
	s.device = rogue
	s.chain(1, 0)
	s.recorded(1)
}

// TestSecondSettlement: an order is billed by the first settlement that names
// it.
func TestSecondSettlement(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	first, second := s.device.deliver(o, 1_000_000), s.device.deliver(o, 2_000_000)
	if _, err := s.Settle(ctx, s.device.seal(first)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := s.Settle(ctx, s.device.seal(second))
		if !errors.Is(err, server.ErrBilled) || got.Payable() != yuan(100) {
			t.Errorf("%v, %v", got, err)
		}
	}
	// That it is wrong as well does not matter any more.
	third := s.device.settlement(o, s.device.chain, 2_000_000)
	third.Payable++
	s.settleAll([]*qrproto.Settlement{third}, server.ErrBilled)
	// The store itself keeps a second billing out.
	if err := s.store.Apply(ctx, &server.Change{Take: []string{"billed/" + o.HoldKey}}); !errors.Is(err, server.ErrClaimed) {
		t.Errorf("nothing holds the claim: %v", err)
	}
	s.chain(3, 0)
	if o, err := s.Pay(ctx, o.ID); err != nil || o.Paid != yuan(100) {
		t.Errorf("%v, %v", o, err)
	}
	fourth := s.device.settlement(o, settle.Head{Seq: 3, Sum: sumOf(t, third).Ref(), Total: third.Total}, 1_000_000)
	s.settleAll([]*qrproto.Settlement{fourth}, server.ErrBilled)
	s.state(o, server.StatePaid)
	s.sound()
}

func sumOf(t testing.TB, p qrproto.Payload) qrproto.Hash {
	t.Helper()
	sum, err := qrproto.Sum(p)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestWalkAway: the driver leaves; the next one's identity brings the record,
// and later the driver comes back with a photograph.
func TestWalkAway(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	st := s.device.deliver(o, 3_000_000)
	text := s.device.seal(st)

	identity := s.device.show(carrying(t, st))
	q, err := s.Quote(ctx, "bert", identity)
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != o.ID || q.Carried[0].Order.State != server.StateSettled {
		t.Fatalf("carried: %+v", q.Carried)
	}
	next, err := s.Issue(ctx, server.Ask{Account: "bert", Identity: identity, Tariff: q.Hash})
	if err != nil || next.Start.Ack == nil || next.Start.Ack.Seq != 1 {
		t.Fatalf("%v, %v", next, err)
	}
	if _, err := s.Pay(ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	late, err := s.Settle(ctx, text)
	if err != nil || late.State != server.StatePaid || late.Paid != yuan(300) {
		t.Errorf("%v, %v", late, err)
	}
	if _, err := s.Pay(ctx, o.ID); err != nil || s.provider.Captures() != 1 {
		t.Errorf("%d captures: %v", s.provider.Captures(), err)
	}
	if r := s.recorded(1); r[0].Source != identity {
		t.Error("the evidence is not the identity that carried it")
	}
	if d, err := s.store.Device(ctx, s.device.number); err != nil || d.Newest.Records != nil {
		t.Errorf("records are stored twice: %v", err)
	}
	s.sound()
}

// TestCarriedOutlivesFailures: whatever the next customer cannot have, the
// settlement of the one before is taken in, and told.
func TestCarriedOutlivesFailures(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*shop)
		want  error
	}{
		{"out of service", func(s *shop) { s.directory.gone = true }, server.ErrNotEnrolled},
		{"the directory is down", func(s *shop) { s.directory.err = errDown }, errDown},
		{"terms that do not do", func(s *shop) { s.directory.terms.Hold.Units = 0 }, server.ErrTerms},
		{"the store fails at the second record", func(s *shop) { watch(s).apply = []error{nil, errDown} }, errDown},
		{"the store fails at the sight", func(s *shop) { watch(s).apply = []error{nil, nil, errDown} }, errDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			first, second := s.buy("anna"), s.buy("bert")
			one, two := s.device.deliver(first, 3_000_000), s.device.deliver(second, 1_000_000)
			c.spoil(s)
			q, err := s.Quote(ctx, "carl", s.device.show(carrying(t, one, two)))
			if !errors.Is(err, c.want) || q == nil || len(q.Carried) == 0 || q.Carried[0].Order.ID != first.ID {
				t.Fatalf("%+v, %v", q, err)
			}
			if o, err := s.Pay(ctx, q.Carried[0].Order.ID); err != nil || o.Paid != yuan(300) {
				t.Errorf("%v, %v", o, err)
			}
		})
	}
}

// TestCarriedIntoIssue: nobody asked for a quote, so nobody is told. The sweep
// finds it.
func TestCarriedIntoIssue(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	st := s.device.deliver(first, 3_000_000)
	if _, err := s.Issue(ctx, server.Ask{Account: "bert", Identity: s.device.show(carrying(t, st))}); !errors.Is(err, server.ErrTariffChanged) {
		t.Fatal(err)
	}
	due, err := s.store.Find(ctx, server.Query{States: []server.State{server.StateSettled}})
	if err != nil || len(due) != 1 || due[0].ID != first.ID {
		t.Errorf("%v, %v", due, err)
	}
}

// TestCarriedFaults: what is wrong with a carried record stays with it.
func TestCarriedFaults(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	unknown := s.device.settlement(o, s.device.chain, 1_000_000)
	unknown.Order = qrproto.Ref{1}
	var err error
	if s.device.chain, err = settle.Next(s.device.chain, unknown); err != nil {
		t.Fatal(err)
	}
	good := s.device.deliver(o, 1_000_000)
	q, err := s.Quote(ctx, "bert", s.device.show(carrying(t, unknown), func(i *qrproto.Identity) {
		i.Records = append(i.Records, []byte{0xff})
	}, carrying(t, good)))
	if err != nil {
		t.Fatal(err)
	}
	var got []qrproto.ErrorCode
	for _, c := range q.Carried {
		got = append(got, qrproto.CodeOf(c.Err))
	}
	if want := []qrproto.ErrorCode{server.ErrUnknownOrder, server.ErrRecord, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.state(o, server.StateSettled)
	s.chain(2, 0)
}

// TestGap: records come in the order 3, 1, 4, 2, each settles its order at
// once, and the chain follows when it can.
func TestGap(t *testing.T) {
	s := newShop(t)
	var orders []*server.Order
	var texts []string
	for _, account := range []string{"anna", "bert", "carl", "dora"} {
		o := s.buy(account)
		orders = append(orders, o)
		texts = append(texts, s.device.seal(s.device.deliver(o, 1_000_000)))
	}
	for _, step := range []struct {
		seq, chain uint32
	}{{3, 0}, {1, 1}, {4, 1}, {2, 4}} {
		o, err := s.Settle(ctx, texts[step.seq-1])
		if err != nil || o.ID != orders[step.seq-1].ID || o.State != server.StateSettled {
			t.Errorf("record %d: %v, %v", step.seq, o, err)
		}
		s.chain(step.chain, 0)
	}
	d, err := s.store.Device(ctx, s.device.number)
	if err != nil || d.Chain != s.device.chain {
		t.Errorf("the chain ends at %+v, want %+v", d.Chain, s.device.chain)
	}
}
