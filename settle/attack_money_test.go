// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// state fails unless an order stands so.
func (s *street) state(o *server.Order, want server.State) *server.Order {
	s.t.Helper()
	got, err := s.store.Order(ctx, o.ID)
	if err != nil || got.State != want {
		s.t.Fatalf("order of %s is %v, want %v: %v", o.Account, got.State, want, err)
	}
	return got
}

// sees shows an identity to the server, as any customer does.
func (s *station) sees(n int) {
	s.t.Helper()
	if _, err := s.server.Quote(ctx, "", s.identity(n)); err != nil {
		s.t.Fatal(err)
	}
}

// TestAttack09OrderUsedAfterARefund: a hold is given back when the charger has
// shown that it will never take the order, and not before: not while the order
// can be scanned, not while it runs, not when its settlement is on the way.
func TestAttack09OrderUsedAfterARefund(t *testing.T) {
	s := newStreet(t).install(7)
	o := s.buy("mallory", 1)
	release := func(what string, o *server.Order) {
		t.Helper()
		_, err := s.server.Release(ctx, o.ID)
		s.wants(what, err, server.ErrNotDead)
	}
	release("at once", o)
	s.pass(time.Hour)
	release("much later, as nobody has shown anything", o)
	s.sees(1)
	if got, err := s.server.Release(ctx, o.ID); err != nil || got.State != server.StateReleased {
		t.Fatalf("when the challenge is closed: %v, %v", got.State, err)
	}
	s.refused("after the refund", o.Code.Text(), charger.ErrChallenge)

	o = s.buy("mallory", 1)
	s.accepted("the second", o.Code.Text())
	s.charge(1, time.Minute)
	s.sees(2)
	release("while it runs", o)
	s.charge(1, 9*time.Minute)
	settlement := s.unplug(1)
	release("before its settlement is here", o)
	if _, err := s.pay(settlement); err != nil {
		t.Error(err)
	}
	release("paid", o)
	s.captured("mallory", 1_00)

	o = s.buy("mallory", 2)
	s.boot()
	s.sees(1)
	if _, err := s.server.Release(ctx, o.ID); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	s.refused("after the second refund", o.Code.Text(), charger.ErrChallenge)
	s.captured("mallory", 1_00)
}

// TestAttack13SettlementNeverScanned: who walks away has his hold, and gets no
// other order, until the next customer's identity brings the settlement.
func TestAttack13SettlementNeverScanned(t *testing.T) {
	street := newStreet(t)
	s, other := street.install(7), street.install(8)
	o := s.leave("mallory", 1)
	var open *server.OpenOrderError
	if _, err := other.order("mallory", other.identity(1)); !errors.As(err, &open) || open.Order != o.ID {
		t.Errorf("another order, elsewhere: %v", err)
	}
	if held := s.provider.Held("mallory"); held.Units != 100_00 {
		t.Errorf("held are %v", held)
	}
	q, err := s.server.Quote(ctx, "anna", s.identity(1))
	if err != nil || len(q.Carried) != 1 || q.Carried[0].Order == nil || q.Carried[0].Order.ID != o.ID {
		t.Fatalf("the next identity: %+v, %v", q, err)
	}
	if _, err := s.server.Pay(ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	s.captured("mallory", 1_00)
	other.buy("mallory", 1)
}

// TestAttack14SomebodyElsesSettlementUploaded: it pays for the order that it
// names, whoever brings it, and however often.
func TestAttack14SomebodyElsesSettlementUploaded(t *testing.T) {
	s := newStreet(t).install(7)
	annas, hers := s.sell("anna", 1)
	s.pass(3 * time.Minute)
	_, his := s.sell("mallory", 1)
	for range 3 { // all from mallory's phone
		if o, err := s.pay(hers); err != nil || o.ID != annas.ID || o.Account != "anna" {
			t.Errorf("%+v, %v", o, err)
		}
	}
	s.captured("anna", 1_00)
	s.captured("mallory", 0)
	if _, err := s.pay(his); err != nil {
		t.Error(err)
	}
	s.captured("mallory", 1_00)
}

// TestAttack15AmountChanged: by the phone, which has no key; and by a charger that
// lies under its own, to either side.
func TestAttack15AmountChanged(t *testing.T) {
	s := newStreet(t).install(7)
	o, text := s.sell("anna", 1)
	for name, edit := range map[string]func(*qrproto.Settlement){
		"less": func(st *qrproto.Settlement) { st.Payable = 1 },
		"more": func(st *qrproto.Settlement) { st.Payable = 99_00 },
		"less was delivered": func(st *qrproto.Settlement) {
			st.Delivered, st.Total, st.Cells = 10_000, 10_000, qrproto.Cells{0, 10_000}
		},
		"below zero":          func(st *qrproto.Settlement) { st.Payable = -99_00 },
		"waived for a friend": func(st *qrproto.Settlement) { st.Payable, st.Waived = 1, 99 },
	} {
		forged := read[*qrproto.Settlement](s.street, text)
		edit(forged)
		_, err := s.server.Settle(ctx, s.seal(forged, qrproto.Signer{ID: s.device.Key.ID, Key: signer("mallory").Key}))
		s.wants(name, err, qrproto.ErrSignature)

		lying := newStreet(t).install(7)
		theirs, honest := lying.sell("anna", 1)
		if theirs.Sum != o.Sum || honest != text {
			t.Fatal("the two are not the same sale")
		}
		_, err = lying.pay(lying.seal(forged, lying.device.Key))
		lying.wants(name+", by the charger", err, settle.ErrDispute)
		lying.state(theirs, server.StateDisputed)
		lying.captured("anna", 0)
	}
	if _, err := s.pay(text); err != nil {
		t.Error(err)
	}
	s.captured("anna", 1_00)
}

// TestAttack16TariffChanged: by the phone, between the price that was shown and
// the order, in a charger that holds tariffs, in a charger that bills by another.
func TestAttack16TariffChanged(t *testing.T) {
	s := newStreet(t).install(7, func(s *station) { s.device.Tariffs = []*tariff.Tariff{s.book.tariff} })
	cheap := dayNight(t, 1)
	identity := s.identity(1)
	o, err := s.order("anna", identity)
	if err != nil || o.Start.TariffHash == nil {
		t.Fatalf("the order names no tariff by its hash: %v", err)
	}
	edited := *o.Start
	if edited.Tariff, err = qrproto.EncodeTariff(cheap); err != nil {
		t.Fatal(err)
	}
	edited.TariffHash = nil
	s.refused("by the phone", s.seal(&edited, qrproto.Signer{ID: "iss1", Key: signer("mallory").Key}), qrproto.ErrSignature)

	q, err := s.server.Quote(ctx, "anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	dear := s.book.tariff
	s.book.tariff = dayNight(t, 900)
	_, err = s.server.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
	s.wants("after it was shown", err, server.ErrTariffChanged)
	s.book.tariff = dear

	swapped := *o.Start
	hash, err := qrproto.TariffHash(cheap)
	if err != nil {
		t.Fatal(err)
	}
	ref := hash.Ref()
	swapped.TariffHash = &ref
	s.refused("one that it does not hold", s.seal(&swapped, s.issuer), settle.ErrOtherTariff)

	s.accepted("as it was shown", o.Code.Text())
	s.charge(1, 10*time.Minute)
	text := s.unplug(1)
	lie := read[*qrproto.Settlement](s.street, text)
	if lie.Payable = 9_00; lie.Delivered != 1_000_000 {
		t.Fatalf("delivered %d", lie.Delivered)
	}
	var dispute *settle.Dispute
	if _, err := settle.Verify(o.Start, compiled(t, o), lie); !errors.As(err, &dispute) || dispute.Computed != 1_00 {
		t.Errorf("billed by another tariff: %v", err)
	}
	if _, err := s.pay(text); err != nil {
		t.Error(err)
	}
	s.captured("anna", 1_00)
}

func compiled(t *testing.T, o *server.Order) *tariff.Plan {
	t.Helper()
	prices, err := qrproto.DecodeTariff(o.Tariff)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := settle.Compile(o.Start, prices)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestAttack17WrongCurrencyOrScale: yen for yuan, yuan for fen. Both are under
// the issuer's signature, currencies are of a closed set, and who holds in one
// captures in no other.
func TestAttack17WrongCurrencyOrScale(t *testing.T) {
	s := newStreet(t).install(7)
	o := s.buy("anna", 1)
	none := dayNight(t, 100)
	none.Currency = "XXX"
	if _, err := qrproto.EncodeTariff(none); qrproto.CodeOf(err) != qrproto.ErrTariff {
		t.Errorf("a currency that is none: %v", err)
	}
	spelt := *o.Start
	spelt.Tariff = bytes.Replace(spelt.Tariff, []byte("CNY"), []byte("XXX"), 1)
	s.refused("the same in an order", s.seal(&spelt, s.issuer), qrproto.ErrTariff)
	yen := *o.Start
	yen.Tariff = bytes.Replace(yen.Tariff, []byte("CNY"), []byte("JPY"), 1)
	s.refused("yen, by the phone", s.seal(&yen, qrproto.Signer{ID: "iss1", Key: signer("mallory").Key}), qrproto.ErrSignature)
	coarse := *o.Start
	coarse.Scale = 0
	s.refused("amounts in yuan for a tariff in fen", s.seal(&coarse, s.issuer), settle.ErrPlan)

	s.book.tariff.Currency = "JPY"
	_, err := s.order("bert", s.identity(2))
	s.wants("a hold in yuan for a tariff in yen", err, server.ErrTerms)
	s.book.tariff.Currency = "CNY"

	s.accepted("as it is", o.Code.Text())
	s.charge(1, 10*time.Minute)
	text := s.unplug(1)
	for _, factor := range []int64{0, 100, 1000} {
		lie := read[*qrproto.Settlement](s.street, text)
		lie.Payable *= factor
		if _, err := settle.Verify(o.Start, compiled(t, o), lie); qrproto.CodeOf(err) != settle.ErrDispute {
			t.Errorf("%d times the amount: %v", factor, err)
		}
	}
	if _, err := s.pay(text); err != nil {
		t.Error(err)
	}
	s.captured("anna", 1_00)
}
