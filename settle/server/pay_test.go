// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// sold buys and settles some energy.
func (s *shop) sold(account string, energy int64) *server.Order {
	s.t.Helper()
	o, err := s.Settle(ctx, s.device.seal(s.device.deliver(s.buy(account), energy)))
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

func same(a, b tariff.Money) bool {
	c, err := a.Cmp(b)
	return err == nil && c == 0
}

// TestPayThroughFaults: whatever goes wrong at whichever call, calling again
// until there is an answer takes exactly the payable amount, once.
func TestPayThroughFaults(t *testing.T) {
	faults := []settletest.PaymentFault{
		settletest.PaymentLost, settletest.PaymentNoAnswer, settletest.PaymentDelayed,
		settletest.PaymentTwice, settletest.PaymentNotifyTwice, settletest.PaymentNotifyLate,
	}
	for call, verb := range []string{"capture", "release"} {
		for _, fault := range faults {
			for times := 1; times <= 2; times++ {
				t.Run(fmt.Sprintf("%s, fault %d, %d times", verb, fault, times), func(t *testing.T) {
					script := make([]settletest.PaymentFault, 1+call) // hold, and what comes before
					for range times {
						script = append(script, fault)
						script = append(script, make([]settletest.PaymentFault, call)...)
					}
					payThrough(t, newShop(t, script...))
				})
			}
		}
	}
}

func payThrough(t *testing.T, s *shop) {
	o := s.sold("anna", 12_345_678)
	var paid *server.Order
	for range 5 {
		var err error
		if paid, err = s.Pay(ctx, o.ID); err == nil {
			break
		}
		if !errors.Is(err, server.ErrPayment) || !errors.Is(err, settletest.ErrTimeout) {
			t.Fatal(err)
		}
		s.state(o, server.StateSettled)
		if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrNotPaid) {
			t.Errorf("a receipt for what may not be paid: %v", err)
		}
	}
	if paid.State != server.StatePaid || paid.Paid != yuan(1235) {
		t.Errorf("%v, paid %v", paid.State, paid.Paid)
	}
	calls := s.provider.Calls()
	if again, err := s.Pay(ctx, o.ID); err != nil || !reflect.DeepEqual(again, paid) || s.provider.Calls() != calls {
		t.Errorf("paid twice: %v, %v", again, err)
	}
	if !same(s.provider.Captured("anna"), yuan(1235)) || !same(s.provider.Held("anna"), yuan(0)) || !same(s.provider.Balance("anna"), yuan(100_000-1235)) {
		t.Errorf("captured %v, held %v, left %v", s.provider.Captured("anna"), s.provider.Held("anna"), s.provider.Balance("anna"))
	}
	s.sound()
}

func TestPayRefuses(t *testing.T) {
	t.Run("no such order", func(t *testing.T) {
		s := newShop(t)
		if _, err := s.Pay(ctx, qrproto.OrderID{9}); !errors.Is(err, server.ErrNotFound) {
			t.Error(err)
		}
		if _, err := s.Receipt(ctx, qrproto.OrderID{9}); !errors.Is(err, server.ErrNotFound) {
			t.Error(err)
		}
	})
	t.Run("not settled", func(t *testing.T) {
		s := newShop(t)
		o := s.buy("anna")
		if _, err := s.Pay(ctx, o.ID); !errors.Is(err, server.ErrNotSettled) {
			t.Error(err)
		}
		if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrNotPaid) {
			t.Error(err)
		}
	})
	t.Run("the hold has expired", func(t *testing.T) {
		s := newShop(t)
		o := s.sold("anna", 1_000_000)
		s.clock.advance(8 * 24 * time.Hour)
		for range 2 {
			if _, err := s.Pay(ctx, o.ID); !errors.Is(err, server.ErrDeclined) || errors.Is(err, server.ErrPayment) {
				t.Error(err)
			}
		}
		s.state(o, server.StateSettled)
		if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrOpenOrder) {
			t.Errorf("another order before the first is paid: %v", err)
		}
		s.sound()
	})
}

// TestPayBelowZero: a hold cannot pay out. It is released all the same, whatever
// fails on the way, and the account is free.
func TestPayBelowZero(t *testing.T) {
	for _, fault := range []settletest.PaymentFault{
		settletest.PaymentNone, settletest.PaymentLost, settletest.PaymentNoAnswer, settletest.PaymentTwice,
	} {
		s := newShop(t, settletest.PaymentNone, fault)
		s.directory.terms.Tariff = flat(t, -30)
		o := s.sold("anna", 1_000_000)
		if o.Payable() != yuan(-20) {
			t.Fatalf("payable %v", o.Payable())
		}
		got, err := s.Pay(ctx, o.ID)
		if errors.Is(err, server.ErrPayment) {
			s.state(o, server.StateSettled)
			got, err = s.Pay(ctx, o.ID)
		}
		if !errors.Is(err, server.ErrPayout) || got.State != server.StateOwed || got.Payable() != yuan(-20) || got.Paid != (tariff.Money{}) {
			t.Errorf("%v, %v", got, err)
		}
		calls := s.provider.Calls()
		if again, err := s.Pay(ctx, o.ID); !errors.Is(err, server.ErrPayout) || !reflect.DeepEqual(again, got) || s.provider.Calls() != calls {
			t.Errorf("asked again: %v, %v", again, err)
		}
		if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrNotPaid) {
			t.Errorf("a receipt for what is not paid: %v", err)
		}
		if !same(s.provider.Held("anna"), yuan(0)) || s.provider.Captures() != 0 {
			t.Errorf("held %v, %d captures", s.provider.Held("anna"), s.provider.Captures())
		}
		// A second settlement of it is billed no more than of any other.
		s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 2_000_000)}, server.ErrBilled)
		s.buy("anna")
		s.sound()
	}
}

// TestPayNothing: a session without energy gives the whole hold back.
func TestPayNothing(t *testing.T) {
	s := newShop(t)
	o := s.sold("anna", 0)
	if _, err := s.Receipt(ctx, o.ID); err != nil {
		t.Errorf("a receipt over nothing: %v", err)
	}
	paid, err := s.Pay(ctx, o.ID)
	if err != nil || paid.State != server.StatePaid || paid.Paid != yuan(0) || s.provider.Captures() != 0 {
		t.Errorf("%v, %v", paid, err)
	}
	if !same(s.provider.Balance("anna"), yuan(100_000)) {
		t.Errorf("left %v", s.provider.Balance("anna"))
	}
	s.sound()
}

// TestPayAtTheLimit: what lies above the hold is waived.
func TestPayAtTheLimit(t *testing.T) {
	s := newShop(t)
	s.directory.terms.Hold = yuan(500)
	o := s.sold("anna", 5_070_000) // 5.07, of which 5.00 is held
	if o.Payable() != yuan(500) || o.Settlement.Waived != 7 {
		t.Fatalf("payable %v, waived %d", o.Payable(), o.Settlement.Waived)
	}
	if _, err := s.Pay(ctx, o.ID); err != nil {
		t.Error(err)
	}
	if !same(s.provider.Captured("anna"), yuan(500)) {
		t.Errorf("captured %v", s.provider.Captured("anna"))
	}
	s.sound()
}

func TestReceipt(t *testing.T) {
	s := newShop(t)
	first := s.sold("anna", 1_000_000)
	if _, err := s.Pay(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	code, err := s.Receipt(ctx, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	anchored := s.recorded(1)
	s.clock.advance(time.Hour)
	second := s.sold("bert", 2_000_000)
	if again, err := s.Receipt(ctx, first.ID); err != nil || again.Text() != code.Text() {
		t.Errorf("asked again, another receipt: %v", err)
	}
	got, err := qrproto.As[*qrproto.Receipt](qrproto.Open(code.Text(), issuerKeys()))
	if err != nil {
		t.Fatal(err)
	}
	anchor := server.Anchor(anchored, 1)
	want := &qrproto.Receipt{
		Settlement: first.SettlementSum.Ref(), Paid: 100, Time: noon.Unix(),
		Ack: &qrproto.Ack{Seq: 1, Sum: first.SettlementSum.Short()}, Anchor: &anchor,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	if _, err := s.Pay(ctx, second.ID); err != nil {
		t.Fatal(err)
	}
	next, err := s.Receipt(ctx, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	later, err := qrproto.As[*qrproto.Receipt](qrproto.Open(next.Text(), issuerKeys()))
	if err != nil {
		t.Fatal(err)
	}
	records := s.recorded(2)
	if *later.Anchor != server.Anchor(records, 2) || *got.Anchor != server.Anchor(records, 1) || *later.Anchor == *got.Anchor {
		t.Error("the anchors are not those of the records")
	}
	// Somebody edits the database: both receipts contradict it.
	records[0].Sum[31] ^= 1
	if *later.Anchor == server.Anchor(records, 2) || *got.Anchor == server.Anchor(records, 1) {
		t.Error("an exchanged record goes unnoticed")
	}
}
