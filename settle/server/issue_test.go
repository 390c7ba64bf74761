// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

var ctx = context.Background()

// refusal is a way to make Issue refuse.
type refusal struct {
	name  string
	shown func(*qrproto.Identity)      // changes the identity of the customer
	then  func(s *shop, a *server.Ask) // happens between Quote and Issue
	want  error
}

// newer lets the device show another identity, which the server sees.
func newer(edit func(*qrproto.Identity)) func(*shop, *server.Ask) {
	return func(s *shop, _ *server.Ask) {
		if _, err := s.Quote(ctx, "stranger", s.device.show(edit)); err != nil {
			s.t.Fatal(err)
		}
	}
}

func terms(edit func(*server.Terms)) func(*shop, *server.Ask) {
	return func(s *shop, _ *server.Ask) { edit(&s.directory.terms) }
}

// receiptCode is a code of the wrong kind, by a key that the directory knows
// for these kinds.
func receiptCode(kinds ...qrproto.Kind) func(*shop, *server.Ask) {
	return func(s *shop, a *server.Ask) {
		key := issuerKeys()[0]
		key.Kinds = kinds
		s.directory.keys = append(s.directory.keys, key)
		a.Identity = sealed(s.t, &qrproto.Receipt{Settlement: qrproto.Ref{1}, Time: 1}, issuer)
	}
}

// amount asks for so much money, at the order's scale.
func amount(value int64) func(*shop, *server.Ask) {
	return func(_ *shop, a *server.Ask) { a.Target = &qrproto.Target{Kind: qrproto.TargetAmount, Value: value} }
}

var refusals = []refusal{
	{name: "held for 480 s and a moment", want: server.ErrHeld,
		then: func(s *shop, _ *server.Ask) { s.clock.advance(480*time.Second + 1) }},
	{name: "held longer than the policy allows", want: server.ErrHeld,
		then: func(s *shop, _ *server.Ask) { s.Policy.MaxHeld = 60; s.clock.advance(61 * time.Second) }},
	{name: "restarted since", want: server.ErrRebooted,
		then: newer(func(i *qrproto.Identity) { i.Boot++; i.Challenge.Counter, i.Back = 1, 0 })},
	{name: "retired since", want: server.ErrRetired,
		then: newer(func(i *qrproto.Identity) { i.Back = 0 })},
	{name: "taken since, as another connector shows", want: server.ErrTaken,
		then: newer(func(i *qrproto.Identity) { i.Connector = 2; i.Open = qrproto.Hints{1, 2, 3, 4} })},
	{name: "occupied since", want: server.ErrTaken,
		then: newer(func(i *qrproto.Identity) { i.State = qrproto.StateOccupied })},
	{name: "taken already", want: server.ErrTaken,
		shown: func(i *qrproto.Identity) { i.Open = qrproto.Hints{1, 2, 3, 4} }},
	{name: "occupied", want: server.ErrTaken,
		shown: func(i *qrproto.Identity) { i.State = qrproto.StateOccupied }},
	{name: "reserved for somebody", want: server.ErrTaken,
		shown: func(i *qrproto.Identity) { i.State = qrproto.StateReserved }},
	{name: "switched off", want: server.ErrUnavailable,
		shown: func(i *qrproto.Identity) { i.State = qrproto.StateUnavailable }},
	{name: "broken", want: server.ErrUnavailable,
		shown: func(i *qrproto.Identity) { i.State = qrproto.StateFaulted }},
	{name: "broken, while a newer identity speaks of another connector", want: server.ErrUnavailable,
		shown: func(i *qrproto.Identity) { i.State = qrproto.StateFaulted },
		then:  newer(func(i *qrproto.Identity) { i.Connector = 2 })},
	{name: "taken, as shown before an older identity came late", want: server.ErrTaken,
		then: func(s *shop, a *server.Ask) {
			s.device.counter++ // one that comes late
			newer(func(i *qrproto.Identity) { i.Open = qrproto.Hints{1, 2, 3, 4} })(s, a)
			s.device.counter -= 2
			newer(func(*qrproto.Identity) {})(s, a)
		}},
	{name: "tariff changed", want: server.ErrTariffChanged,
		then: func(s *shop, _ *server.Ask) { s.directory.terms.Tariff = flat(s.t, 91) }},
	{name: "more is to be held than was shown", want: server.ErrHoldRaised,
		then: func(_ *shop, a *server.Ask) { a.Hold = yuan(9999) }},
	{name: "the hold is not in the currency that was shown", want: server.ErrHoldRaised,
		then: func(_ *shop, a *server.Ask) { a.Hold = tariff.Money{Units: 1_000_000, Scale: 2, Currency: "EUR"} }},
	{name: "never quoted", want: server.ErrTariffChanged,
		then: func(_ *shop, a *server.Ask) { a.Tariff = qrproto.Hash{} }},
	{name: "no tariff", want: server.ErrTerms, then: terms(func(t *server.Terms) { t.Tariff = nil })},
	{name: "nothing to hold", want: server.ErrTerms, then: terms(func(t *server.Terms) { t.Hold.Units = 0 })},
	{name: "a hold in another currency", want: server.ErrTerms, then: terms(func(t *server.Terms) { t.Hold.Currency = "EUR" })},
	{name: "a hold below the smallest amount", want: server.ErrTerms,
		then: terms(func(t *server.Terms) { t.Hold = tariff.Money{Units: 9, Scale: 3, Currency: "CNY"} })},
	{name: "too many decimals", want: server.ErrTerms,
		then: func(s *shop, _ *server.Ask) { s.Policy.ExtraDecimals = 5 }},
	{name: "sessions longer than a hold lasts", want: server.ErrTerms,
		then: terms(func(t *server.Terms) { t.Duration = 72*3600 + 1 })},
	{name: "too many changes of local time", want: server.ErrTerms,
		then: func(s *shop, _ *server.Ask) {
			s.Policy.HoldFor = 3 * 365 * 24 * time.Hour
			s.directory.site.Zone = zone(s.t, "Europe/Berlin")
			s.directory.terms.Duration = 2 * 365 * 86400
		}},
	{name: "a bound out of range", want: qrproto.ErrField, then: terms(func(t *server.Terms) { t.Energy = -1 })},
	{name: "an energy bound that no plan takes", want: settle.ErrPlan,
		then: terms(func(t *server.Terms) { t.Energy = tariff.MaxEnergy + 1 })},
	{name: "a target of nothing", want: qrproto.ErrField,
		then: func(_ *shop, a *server.Ask) { a.Target = &qrproto.Target{Kind: qrproto.TargetEnergy} }},
	{name: "an amount of nothing", want: server.ErrTarget, then: amount(0)},
	{name: "an amount below zero", want: server.ErrTarget, then: amount(-100)},
	{name: "an amount below the smallest that is paid", want: server.ErrTarget,
		then: func(s *shop, a *server.Ask) { s.Policy.ExtraDecimals = 2; amount(99)(s, a) }},
	{name: "an amount between two that are paid", want: server.ErrTarget,
		then: func(s *shop, a *server.Ask) { s.Policy.ExtraDecimals = 2; amount(20_001)(s, a) }},
	{name: "a target of no kind", want: qrproto.ErrField,
		then: func(_ *shop, a *server.Ask) { a.Target = &qrproto.Target{Kind: 99, Value: 1} }},
	{name: "no longer enrolled", want: server.ErrNotEnrolled,
		then: func(s *shop, _ *server.Ask) { s.directory.gone = true }},
	{name: "key withdrawn", want: qrproto.ErrUnknownKey,
		then: func(s *shop, _ *server.Ask) { s.directory.keys = nil }},
	{name: "a code of another kind, by a key for it", want: qrproto.ErrKind,
		then: receiptCode(qrproto.KindReceipt)},
	{name: "a code of another kind, by a key for none", want: qrproto.ErrKeyUsage, then: receiptCode()},
	{name: "a damaged code", want: qrproto.ErrSignature,
		then: func(_ *shop, a *server.Ask) { a.Identity = a.Identity[:len(a.Identity)-1] + other(a.Identity) }},
	{name: "nobody", want: server.ErrAccount,
		then: func(_ *shop, a *server.Ask) { a.Account = "" }},
	{name: "no random numbers", want: server.ErrConfig,
		then: func(s *shop, _ *server.Ask) { s.Rand = strings.NewReader("seven b") }},
}

// other is a last digit that a text does not end with, and small.
func other(text string) string {
	if text[len(text)-1] == '0' {
		return "1"
	}
	return "0"
}

func sealed(t testing.TB, p qrproto.Payload, s qrproto.Signer) string {
	t.Helper()
	code, err := qrproto.Seal(p, s)
	if err != nil {
		t.Fatal(err)
	}
	return code.Text()
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestIssueRefuses(t *testing.T) {
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			s := newShop(t)
			if r.shown == nil {
				r.shown = func(*qrproto.Identity) {}
			}
			identity := s.device.show(r.shown)
			q, err := s.Quote(ctx, "anna", identity)
			if err != nil {
				t.Fatal(err)
			}
			ask := server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash}
			if r.then != nil {
				r.then(s, &ask)
			}
			if o, err := s.Issue(ctx, ask); o != nil || !errors.Is(err, r.want) {
				t.Errorf("got %v, %v, want %v", o, err, r.want)
			}
			orders, err := s.store.Find(ctx, server.Query{})
			if err != nil || len(orders) != 0 || s.provider.Calls() != 0 {
				t.Errorf("refused, but %d orders are stored and %d payments were asked for: %v", len(orders), s.provider.Calls(), err)
			}
		})
	}
}

// TestIssueAtTheEdges: one step less than what is refused.
func TestIssueAtTheEdges(t *testing.T) {
	for name, then := range map[string]func(*shop, *server.Ask){
		"as much is held as was shown":     func(_ *shop, a *server.Ask) { a.Hold = tariff.Money{Units: 100, Currency: "CNY"} },
		"less is held than was shown":      func(s *shop, a *server.Ask) { a.Hold = yuan(10000); s.directory.terms.Hold = yuan(9000) },
		"the smallest amount that is paid": func(s *shop, a *server.Ask) { s.Policy.ExtraDecimals = 2; amount(100)(s, a) },
		"held for 480 s":                   func(s *shop, _ *server.Ask) { s.clock.advance(480 * time.Second) },
		"a clock that was set back":        func(s *shop, _ *server.Ask) { s.clock.advance(-time.Hour) },
		"the oldest open one":              newer(func(i *qrproto.Identity) { i.Back = 1 }),
		"another connector is taken":       newer(func(i *qrproto.Identity) { i.Open = qrproto.Hints{0, 0, 0, 0, 1, 2, 3, 4} }),
		"another connector is broken":      newer(func(i *qrproto.Identity) { i.Connector, i.State = 2, qrproto.StateFaulted }),
		"an identity of an earlier boot comes late": newer(func(i *qrproto.Identity) {
			i.Boot, i.Open = i.Boot-1, qrproto.Hints{1, 2, 3, 4}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			identity := s.device.show()
			q, err := s.Quote(ctx, "anna", identity)
			if err != nil {
				t.Fatal(err)
			}
			ask := server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash}
			then(s, &ask)
			if _, err := s.Issue(ctx, ask); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("reserved for this account", func(t *testing.T) {
		s := newShop(t)
		s.directory.terms.Reservation = true
		s.buy("anna", func(i *qrproto.Identity) { i.State = qrproto.StateReserved })
	})
}

// TestFirstSightCounts: quoting again does not make an identity younger.
func TestFirstSightCounts(t *testing.T) {
	s := newShop(t)
	identity := s.device.show()
	q, err := s.Quote(ctx, "bert", "HTTPS://EXAMPLE.COM/"+identity)
	if err != nil {
		t.Fatal(err)
	}
	if !q.FirstSeen.Equal(noon) || !q.Until.Equal(noon.Add(480*time.Second)) {
		t.Errorf("first seen %v, until %v", q.FirstSeen, q.Until)
	}
	s.clock.advance(95*time.Second + 900*time.Millisecond)
	o, err := s.try("anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	if o.Start.Held != 95 || o.Start.Issued != noon.Unix()+95 {
		t.Errorf("held %d s, issued %d s after noon; want 95 and 95", o.Start.Held, o.Start.Issued-noon.Unix())
	}
}

// TestDevicesOfLaterRulesAreSoldTo under the rules that this server has.
func TestDevicesOfLaterRulesAreSoldTo(t *testing.T) {
	for _, rules := range []uint8{2, 255} {
		s := newShop(t)
		o := s.buy("anna", func(i *qrproto.Identity) { i.Rules = rules })
		sold, err := qrproto.DecodeTariff(o.Start.Tariff)
		if err != nil || sold.Rules != tariff.Rules1 {
			t.Errorf("rules %d: sold under %+v, %v", rules, sold, err)
		}
		paid, err := s.Settle(ctx, s.device.seal(s.device.deliver(o, 1_000_000)))
		if err == nil {
			paid, err = s.Pay(ctx, paid.ID)
		}
		if err != nil || paid.State != server.StatePaid {
			t.Errorf("rules %d: %+v, %v", rules, paid, err)
		}
	}
}

func TestHoldDeclined(t *testing.T) {
	s := newShop(t)
	s.directory.terms.Hold = yuan(100_001)
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrDeclined) {
		t.Fatalf("got %v", err)
	}
	orders, err := s.store.Find(ctx, server.Query{Account: "anna"})
	if err != nil || len(orders) != 1 || orders[0].State != server.StateRefused || orders[0].Code.Kind() != 0 {
		t.Fatalf("%v, %v", orders, err)
	}
	s.directory.terms.Hold = yuan(100_000)
	s.buy("anna")
	s.sound()
}

// TestHoldTimesOut: whatever became of the hold, the next try gets the order,
// also at another device, and there is one hold.
func TestHoldTimesOut(t *testing.T) {
	for name, fault := range map[string]settletest.PaymentFault{
		"the request is lost":       settletest.PaymentLost,
		"the answer is lost":        settletest.PaymentNoAnswer,
		"the request comes later":   settletest.PaymentDelayed,
		"the request comes twice":   settletest.PaymentTwice,
		"the notice comes twice":    settletest.PaymentNotifyTwice,
		"the notice comes too late": settletest.PaymentNotifyLate,
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, fault)
			_, err := s.try("anna", s.device.show())
			timeout := fault == settletest.PaymentLost || fault == settletest.PaymentNoAnswer || fault == settletest.PaymentDelayed
			if timeout != errors.Is(err, server.ErrPayment) || timeout != errors.Is(err, settletest.ErrTimeout) {
				t.Fatalf("got %v", err)
			}
			if timeout {
				s.device = s.elsewhere(2)
				s.buy("anna")
			}
			if c, err := s.provider.Held("anna").Cmp(yuan(10000)); err != nil || c != 0 {
				t.Errorf("held %v, want 100.00: %v", s.provider.Held("anna"), err)
			}
			s.sound()
		})
	}
}
