// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

var moneyFaults = []settletest.PaymentFault{
	settletest.PaymentNone, settletest.PaymentLost, settletest.PaymentNoAnswer, settletest.PaymentDelayed, settletest.PaymentTwice,
}

// scripts are all faults of the first n calls to a provider.
func scripts(n int) [][]settletest.PaymentFault {
	if n == 0 {
		return [][]settletest.PaymentFault{nil}
	}
	var out [][]settletest.PaymentFault
	for _, head := range scripts(n - 1) {
		for _, fault := range moneyFaults {
			out = append(out, append(slices.Clone(head), fault))
		}
	}
	return out
}

// TestSellThroughFaults: whatever the provider does at its first three calls, the
// sale that is asked for until there is an answer takes its price once.
func TestSellThroughFaults(t *testing.T) {
	for _, script := range scripts(3) {
		s := newKiosk(t, script...)
		sale := s.offered("anna")
		o, err := s.Sell(ctx, sale)
		for tries := 0; errors.Is(err, server.ErrPayment) && tries < 5; tries++ {
			s.clock.advance(time.Minute)
			o, err = s.Sell(ctx, sale)
		}
		if err != nil || o.Counter != 1 || o.Start.Issued != s.clock.at.Unix() {
			t.Fatalf("%v: %+v, %v", script, o, err)
		}
		s.taken("anna", yuan(300))
		s.sound()
	}
}

// TestAnUnsignedSaleIsUndone: the customer gives up after the first fault. Until
// the sweep an hour later the sale can be gone on with; then all is given back,
// whatever the provider does meanwhile.
func TestAnUnsignedSaleIsUndone(t *testing.T) {
	for _, script := range scripts(4) {
		s := newKiosk(t, script...)
		sale := s.offered("anna")
		_, err := s.Sell(ctx, sale)
		if err == nil {
			continue // nothing went wrong
		}
		if !errors.Is(err, server.ErrPayment) {
			t.Fatalf("%v: %v", script, err)
		}
		o := s.only(server.StateSelling)
		s.clock.advance(time.Hour)
		if _, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrNotDead) {
			t.Fatalf("%v: released after an hour: %v", script, err)
		}
		s.clock.advance(time.Second)
		for range 6 {
			if o, err = s.Release(ctx, o.ID); !errors.Is(err, server.ErrPayment) {
				break
			}
		}
		if err != nil || o.State != server.StateReleased {
			t.Fatalf("%v: %v, %v", script, o.State, err)
		}
		s.taken("anna", yuan(0))
		if next := s.sell("anna"); next.ID == o.ID || next.Counter != 1 {
			t.Errorf("%v: the next sale is order %x, number %d", script, next.ID, next.Counter)
		}
		s.taken("anna", yuan(300))
		s.sound()
	}
}

// only is the one order of a state.
func (s *shop) only(state server.State) *server.Order {
	s.t.Helper()
	found, err := s.store.Find(ctx, server.Query{States: []server.State{state}})
	if err != nil || len(found) != 1 {
		s.t.Fatal(found, err)
	}
	return found[0]
}

// TestTheNextCustomerDoesNotWaitForAnothersPayment: what is not signed is in
// nobody's way. The one before goes on once the other's order has had its time, and
// pays no second time.
func TestTheNextCustomerDoesNotWaitForAnothersPayment(t *testing.T) {
	s := newKiosk(t, settletest.PaymentNone, settletest.PaymentNoAnswer)
	anna := s.offered("anna")
	if _, err := s.Sell(ctx, anna); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	stuck := s.only(server.StateSelling)
	if o := s.sell("bert"); o.Counter != 1 {
		t.Errorf("number %d", o.Counter)
	}
	s.clock.advance(180 * time.Second)
	if _, err := s.Sell(ctx, anna); !errors.Is(err, server.ErrOutstanding) {
		t.Errorf("asked again, behind the other: %v", err)
	}
	s.clock.advance(time.Second)
	if o, err := s.Sell(ctx, anna); err != nil || o.ID != stuck.ID || o.Counter != 2 {
		t.Errorf("after the other: %+v, %v", o, err)
	}
	s.taken("anna", yuan(300))
	s.taken("bert", yuan(300))
	s.sound()
}

// TestASaleIsGoneOnWithForAnHour: its number is the same, its time begins anew.
func TestASaleIsGoneOnWithForAnHour(t *testing.T) {
	s := newKiosk(t, settletest.PaymentNone, settletest.PaymentNoAnswer)
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	s.clock.advance(time.Hour)
	o := s.sell("anna")
	if o.Counter != 1 || o.Start.Issued != s.clock.at.Unix() {
		t.Errorf("number %d, issued %d", o.Counter, o.Start.Issued)
	}
	// Its time on the way begins when it is signed.
	s.clock.advance(180 * time.Second)
	if _, err := s.Sell(ctx, s.offered("bert")); !errors.Is(err, server.ErrOutstanding) {
		t.Errorf("beside it: %v", err)
	}
	s.taken("anna", yuan(300))
	s.sound()
}

// TestASaleThatIsTooOldIsNotGoneOnWith: the sweep may be giving its money back.
func TestASaleThatIsTooOldIsNotGoneOnWith(t *testing.T) {
	s := newKiosk(t, settletest.PaymentNone, settletest.PaymentNoAnswer)
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	old := s.only(server.StateSelling)
	s.clock.advance(time.Hour + time.Second)
	if o := s.sell("anna"); o.ID == old.ID || o.Counter != 1 {
		t.Errorf("order %x, number %d", o.ID, o.Counter)
	}
	s.sweep()
	s.taken("anna", yuan(300))
	s.sound()
}

// TestWhatTheProviderRefuses: at the hold, or at the capture of a hold that is
// gone by then.
func TestWhatTheProviderRefuses(t *testing.T) {
	s := newKiosk(t)
	s.provider = settletest.NewProvider(settletest.ProviderOptions{Now: s.clock.now, Balance: yuan(299)})
	s.Payments = s.provider
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrDeclined) {
		t.Errorf("more than there is: %v", err)
	}
	s.only(server.StateRefused)
	s.sound()

	s = newKiosk(t, settletest.PaymentNone, settletest.PaymentLost)
	s.provider = settletest.NewProvider(settletest.ProviderOptions{Now: s.clock.now, Balance: yuan(100_000), HoldFor: time.Minute,
		Script: []settletest.PaymentFault{settletest.PaymentNone, settletest.PaymentLost}})
	s.Payments = s.provider
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	s.clock.advance(2 * time.Minute)
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrDeclined) {
		t.Errorf("a hold that has expired: %v", err)
	}
	s.only(server.StateRefused)
	if o := s.sell("anna"); o.Counter != 1 {
		t.Errorf("the next one is number %d", o.Counter)
	}
	s.taken("anna", yuan(300))
	s.sound()
}

// slow takes its time over the first capture, in which other things happen.
type slow struct {
	server.Payments
	meanwhile func()
}

func (p *slow) Capture(ctx context.Context, key, hold string, amount tariff.Money) error {
	if f := p.meanwhile; f != nil {
		p.meanwhile = nil
		f()
	}
	return p.Payments.Capture(ctx, key, hold, amount)
}

// TestWhoPaysFirstIsSoldTo: what is captured after that is not signed beside it, or
// one of the two orders would end the other. It is the next one's price, or given
// back.
func TestWhoPaysFirstIsSoldTo(t *testing.T) {
	for _, returns := range []bool{true, false} {
		s := newKiosk(t)
		anna, bert := s.offered("anna"), s.offered("bert")
		s.Payments = &slow{s.provider, func() {
			if o, err := s.Sell(ctx, bert); err != nil || o.Counter != 1 {
				t.Errorf("%+v, %v", o, err)
			}
		}}
		var wait *server.OutstandingError
		if o, err := s.Sell(ctx, anna); o != nil || !errors.As(err, &wait) || !wait.Until.Equal(noon.Add(180*time.Second)) {
			t.Errorf("%+v, %v", o, err)
		}
		s.taken("anna", yuan(300))
		s.clock.advance(181 * time.Second)
		want := yuan(0)
		if returns {
			want = yuan(300)
			if o, err := s.Sell(ctx, anna); err != nil || o.Counter != 2 {
				t.Errorf("anna again: %+v, %v", o, err)
			}
		}
		s.clock.advance(time.Hour)
		s.sweep()
		s.taken("anna", want)
		s.taken("bert", yuan(300))
		s.sound()
	}
}

// sweep is what the package's text asks for: all that nobody has signed within an
// hour is given back.
func (s *shop) sweep() {
	s.t.Helper()
	found, err := s.store.Find(ctx, server.Query{States: []server.State{server.StateSelling, server.StateVoid}})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range found {
		_, err := s.Release(ctx, o.ID)
		for tries := 0; errors.Is(err, server.ErrPayment) && tries < 20; tries++ {
			_, err = s.Release(ctx, o.ID)
		}
		if err != nil {
			s.t.Error(err)
		}
	}
}

// TestTwoPhonesPayForTheSameSale: while the one waits for the provider, the other
// one gets through. Both have the same order.
func TestTwoPhonesPayForTheSameSale(t *testing.T) {
	s := newKiosk(t)
	sale := s.offered("anna")
	var first *server.Order
	s.Payments = &slow{s.provider, func() {
		var err error
		if first, err = s.Sell(ctx, sale); err != nil {
			t.Error(err)
		}
	}}
	second, err := s.Sell(ctx, sale)
	if err != nil || first == nil || !alike(first.Code, second.Code) || s.provider.Captures() != 1 {
		t.Errorf("%+v and %+v, %d captures: %v", first, second, s.provider.Captures(), err)
	}
	s.taken("anna", yuan(300))
	s.sound()
}

// TestTwoPhonesWantDifferentTargets of one sale: the second one is not given an
// order for another target than it asked for. The price is taken once.
func TestTwoPhonesWantDifferentTargets(t *testing.T) {
	s := newKiosk(t)
	sale, more := s.offered("anna"), s.offered("anna")
	more.Target = &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 400_000}
	s.Payments = &slow{s.provider, func() {
		if _, err := s.Sell(ctx, more); err != nil {
			t.Error(err)
		}
	}}
	if o, err := s.Sell(ctx, sale); o != nil || !errors.Is(err, server.ErrOutstanding) {
		t.Errorf("%+v, %v", o, err)
	}
	s.taken("anna", yuan(300))
	s.sound()
}

// miserly refuses to capture.
type miserly struct{ server.Payments }

func (miserly) Capture(context.Context, string, string, tariff.Money) error {
	return server.ErrDeclined
}

// TestWhatIsHeldAndNotCapturedGoesBack: the provider refuses at the second step.
func TestWhatIsHeldAndNotCapturedGoesBack(t *testing.T) {
	s := newKiosk(t)
	s.Payments = miserly{s.provider}
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrDeclined) {
		t.Errorf("got %v", err)
	}
	s.only(server.StateRefused)
	s.taken("anna", yuan(0))
	s.sound()
}

// TestNothingIsCapturedToBeGivenBack: the provider never heard of the capture.
func TestNothingIsCapturedToBeGivenBack(t *testing.T) {
	s := newKiosk(t, settletest.PaymentNone, settletest.PaymentLost)
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	s.clock.advance(2 * time.Hour)
	if _, err := s.Release(ctx, s.only(server.StateSelling).ID); err != nil || s.provider.Captures() != 0 {
		t.Errorf("%d captures: %v", s.provider.Captures(), err)
	}
	s.taken("anna", yuan(0))
	s.sound()
}

// stingy refuses to refund.
type stingy struct{ server.Payments }

func (stingy) Refund(context.Context, string, string, tariff.Money) error { return server.ErrDeclined }

// TestARefundThatIsRefusedStaysOpen for an operator to see.
func TestARefundThatIsRefusedStaysOpen(t *testing.T) {
	s := newKiosk(t, settletest.PaymentNone, settletest.PaymentNoAnswer)
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	o := s.only(server.StateSelling)
	s.clock.advance(2 * time.Hour)
	s.Payments = stingy{s.provider}
	if _, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrDeclined) {
		t.Errorf("got %v", err)
	}
	s.state(o, server.StateVoid)
}

// TestSellStoreDown lets the store fail once at each call of a sale, before or
// after the effect. The same call again ends as it should.
func TestSellStoreDown(t *testing.T) {
	for _, late := range []bool{false, true} {
		stop := 1
		for ; ; stop++ {
			s := newKiosk(t)
			w := watch(s)
			w.stop, w.late = stop, late
			sale := s.offered("anna")
			_, err := s.Sell(ctx, sale)
			failed := err != nil
			if failed && !errors.Is(err, errDown) {
				t.Fatalf("call %d down: %v", stop, err)
			}
			w.stop = 0
			if o, err := s.Sell(ctx, sale); err != nil || o.Counter != 1 {
				t.Fatalf("call %d down: %+v, %v", stop, o, err)
			}
			s.only(server.StateSold)
			s.taken("anna", yuan(300))
			s.sound()
			if !failed {
				break
			}
		}
		if stop < 3 {
			t.Errorf("a sale made %d calls only", stop)
		}
	}
}
