// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// refusedFor tries to buy and fails the test unless an open order is in the way.
func (s *shop) refusedFor(open *server.Order, identity string) {
	s.t.Helper()
	_, err := s.try(open.Account, identity)
	var got *server.OpenOrderError
	now, stored := s.store.Order(ctx, open.ID)
	if !errors.As(err, &got) || stored != nil || got.Order != open.ID || got.State != now.State {
		s.t.Errorf("got %v, want order %x to be in the way, which is %v", err, open.ID[:], now.State)
	}
}

// TestReplacementAfterASettlementNobodyBrought: an order is settled at zero, and
// nobody uploads it. A second order under its hold would be free: the hold is
// used up by the first.
func TestReplacementAfterASettlementNobodyBrought(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	zero := s.device.deliver(first, 0)
	s.refusedFor(first, s.device.show())
	// The record arrives, is paid, and the account is free.
	s.settleAll([]*qrproto.Settlement{zero}, 0)
	if _, err := s.Pay(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	s.buy("anna")
	s.sound()
}

// TestReplacementKnowsOfWhatIsStored: the settlements that the newer identity
// knows of are others', and they are here.
func TestReplacementKnowsOfWhatIsStored(t *testing.T) {
	s := newShop(t)
	other := s.buy("bert")
	first := s.buy("anna")
	record := s.device.deliver(other, 1_000_000)
	s.refusedFor(first, s.device.show())
	second := s.buy("anna", carrying(t, record))
	s.state(first, server.StateReplaced)
	// What the identity of the first knew of counts as well as what is stored.
	third := s.buy("anna")
	if first.HoldKey != second.HoldKey || second.HoldKey != third.HoldKey || third.Head != 1 {
		t.Errorf("holds %q, %q, %q; head %d", first.HoldKey, second.HoldKey, third.HoldKey, third.Head)
	}
	s.sound()
}

// TestReplacementOnAnIdentityAsOld: the device has settled something that is
// not here, but before the first order was asked for.
func TestReplacementOnAnIdentityAsOld(t *testing.T) {
	s := newShop(t)
	s.device.deliver(s.buy("bert"), 1_000_000)
	first := s.buy("anna")
	s.buy("anna")
	s.state(first, server.StateReplaced)
	s.sound()
}

// TestPlacingUnderASignedHold: while a replacement at the first device is being
// placed, the same account asks at a second one. The hold secures what is
// signed at the first already.
func TestPlacingUnderASignedHold(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	w := watch(s)
	w.apply = []error{nil, nil, errDown} // seen, placed, and not signed
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, errDown) {
		t.Fatal(err)
	}
	s.state(first, server.StateReplaced)
	open, err := s.store.Find(ctx, server.Query{Account: "anna", States: []server.State{server.StatePlacing}})
	if err != nil || len(open) != 1 || open[0].HoldKey != first.HoldKey {
		t.Fatalf("%v, %v", open, err)
	}
	here := s.device
	s.device = s.elsewhere(2)
	s.refusedFor(open[0], s.device.show())
	s.device = here
	s.buy("anna") // where the first one is, though
	s.sound()
}

// TestReplacementUnderAHoldTooOld: an order is never scanned; days later another
// one would be signed under what the provider has given back, or soon will.
func TestReplacementUnderAHoldTooOld(t *testing.T) {
	for _, c := range []struct {
		name    string
		policy  server.Policy
		session int64 // s, as the terms say
		age     time.Duration
		refused bool
	}{
		{"two days, by default", server.Policy{}, 0, 48 * time.Hour, false},
		{"a second more", server.Policy{}, 0, 48*time.Hour + time.Second, true},
		{"after it has lapsed", server.Policy{}, 0, 8 * 24 * time.Hour, true},
		{"short sessions", server.Policy{}, 3600, 71 * time.Hour, false},
		{"short sessions, a second more", server.Policy{}, 3600, 71*time.Hour + time.Second, true},
		{"a provider that keeps holds for 30 days", server.Policy{HoldFor: 20 * 24 * time.Hour}, 0, 19 * 24 * time.Hour, false},
		{"sessions as long as a hold", server.Policy{}, 72 * 3600, time.Hour, false},
		{"sessions as long as a hold, a second more", server.Policy{}, 72 * 3600, time.Hour + time.Second, true},
		{"a clock that was set back", server.Policy{}, 0, -time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.Policy, s.directory.terms.Duration = c.policy, c.session
			s.buy("anna")
			half := min(c.age/2, 24*time.Hour)
			s.clock.advance(half)
			first := s.buy("anna") // it is the hold's age that counts
			s.clock.advance(c.age - half)
			if c.refused {
				s.refusedFor(first, s.device.show())
				s.state(first, server.StateIssued)
			} else if o := s.buy("anna"); o.HoldKey != first.HoldKey {
				t.Error("another hold")
			}
			s.sound()
		})
	}
}

// TestPlacingUnderAHoldTooOld: the hold was placed and nothing was signed under
// it. Days later the account buys at another device, under a hold that is there.
func TestPlacingUnderAHoldTooOld(t *testing.T) {
	for name, script := range map[string][]settletest.PaymentFault{
		"the hold was placed":         {settletest.PaymentNoAnswer},
		"the hold was never placed":   {settletest.PaymentLost},
		"asking for its name fails":   {settletest.PaymentNoAnswer, settletest.PaymentLost},
		"giving it back fails":        {settletest.PaymentNoAnswer, settletest.PaymentNone, settletest.PaymentNoAnswer},
		"placing the new one fails":   {settletest.PaymentNoAnswer, settletest.PaymentNone, settletest.PaymentNone, settletest.PaymentLost},
		"the new one has no answer":   {settletest.PaymentLost, settletest.PaymentNone, settletest.PaymentNone, settletest.PaymentNoAnswer},
		"everything comes twice over": {settletest.PaymentNoAnswer, settletest.PaymentTwice, settletest.PaymentTwice, settletest.PaymentTwice},
	} {
		for _, age := range []time.Duration{49 * time.Hour, 8 * 24 * time.Hour} {
			t.Run(name, func(t *testing.T) {
				s := newShop(t, script...)
				if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
					t.Fatal(err)
				}
				s.clock.advance(age)
				s.device = s.elsewhere(2)
				identity := s.device.show()
				o, err := s.try("anna", identity)
				if errors.Is(err, server.ErrPayment) {
					o, err = s.try("anna", identity)
				}
				if err != nil {
					t.Fatal(err)
				}
				if !same(s.provider.Held("anna"), yuan(10000)) {
					t.Errorf("held %v, want the new hold alone", s.provider.Held("anna"))
				}
				s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 90_000_000)}, 0)
				if _, err := s.Pay(ctx, o.ID); err != nil || !same(s.provider.Captured("anna"), yuan(9000)) {
					t.Errorf("captured %v: %v", s.provider.Captured("anna"), err)
				}
				s.sound()
			})
		}
	}
}

// TestPlacingWithoutMoney: the old hold is not given back in vain, and no money
// for it now is no reason to refuse what there is money for.
func TestPlacingWithoutMoney(t *testing.T) {
	s := newShop(t, settletest.PaymentLost)
	s.directory.terms.Hold = yuan(100_001)
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	s.clock.advance(49 * time.Hour)
	s.directory.terms.Hold = yuan(100_000)
	s.buy("anna")
	s.sound()
}

// TestPlacingUnderAHoldThatDoesNotFit: the order of before could be in the hands
// of another process that is about to sign it. Its hold is given back once that
// cannot be any more.
func TestPlacingUnderAHoldThatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*server.Terms)
		want   error
		held   tariff.Money // after the last try
	}{
		{"longer sessions", func(t *server.Terms) { t.Duration = 72 * 3600 }, nil, yuan(10000)},
		{"another currency, of which there is nothing", func(t *server.Terms) {
			euros := *t.Tariff
			euros.Currency, t.Tariff, t.Hold.Currency = "EUR", &euros, "EUR"
		}, server.ErrDeclined, yuan(0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t, settletest.PaymentNoAnswer, settletest.PaymentLost)
			for range 2 {
				s.clock.advance(24 * time.Hour)
				if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
					t.Fatal(err)
				}
			}
			open, err := s.store.Find(ctx, server.Query{States: []server.State{server.StatePlacing}})
			if err != nil || len(open) != 1 {
				t.Fatal(open, err)
			}
			c.change(&s.directory.terms)
			s.clock.advance(time.Hour)
			s.refusedFor(open[0], s.device.show())
			if !same(s.provider.Held("anna"), yuan(10000)) {
				t.Errorf("held %v, want what was placed", s.provider.Held("anna"))
			}
			s.clock.advance(time.Second)
			if _, err := s.try("anna", s.device.show()); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if !same(s.provider.Held("anna"), c.held) {
				t.Errorf("held %v, want %v", s.provider.Held("anna"), c.held)
			}
			s.sound()
		})
	}
}
