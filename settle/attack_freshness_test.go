// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
)

// TestAttack01OrderReplayedOnTheSameCharger: at once, later, after so many other
// sales that the charger has forgotten the order, after a restart.
func TestAttack01OrderReplayedOnTheSameCharger(t *testing.T) {
	s := newStreet(t).install(7)
	o, settlement := s.sell("anna", 1)
	if _, err := s.pay(settlement); err != nil {
		t.Fatal(err)
	}
	s.refused("while its settlement is shown", o.Code.Text(), charger.ErrUsed)
	s.pass(3 * time.Minute)
	s.refused("when the connector is free again", o.Code.Text(), charger.ErrUsed)
	for i := range 16 {
		s.leave(fmt.Sprintf("guest %d", i), 1)
	}
	s.refused("after 16 others", o.Code.Text(), charger.ErrChallenge)
	s.boot()
	s.refused("after a restart", o.Code.Text(), charger.ErrChallenge)
	s.accepted("an order of today", s.buy("anna", 1).Code.Text())
	s.captured("anna", 1_00)
}

// TestAttack02OrderShownToAnotherCharger: to the one beside it, to a copy of it
// with the same number and key, to a car that waits at the other connector.
func TestAttack02OrderShownToAnotherCharger(t *testing.T) {
	street := newStreet(t)
	a, b := street.install(7), street.install(8)
	copied := street.install(9, func(s *station) {
		s.device, s.device.Rand = a.device, rand.NewChaCha8([32]byte{9})
	})
	o := a.buy("anna", 1)
	b.identity(1)
	copied.identity(1)
	b.refused("beside it", o.Code.Text(), charger.ErrOtherCharger)
	copied.refused("a copy", o.Code.Text(), charger.ErrChallenge)
	a.accepted("its own charger", o.Code.Text())
	if err := a.meter(2, true); err != nil || a.charger.Do(2).Relay {
		t.Errorf("a plug in connector 2 draws on an order for connector 1: %v", err)
	}
	if a.charge(1, time.Minute); !a.charger.Do(1).Relay {
		t.Error("its own connector stays open")
	}
}

// TestAttack03TwoPhonesOneOrder: two phones hold up one order, and two orders
// that answer one showing.
func TestAttack03TwoPhonesOneOrder(t *testing.T) {
	s := newStreet(t).install(7)
	identity := s.identity(1)
	annas, err := s.order("anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	berts, err := s.order("bert", identity)
	if err != nil {
		t.Fatal(err)
	}
	s.accepted("the first phone", annas.Code.Text())
	s.refused("a second phone with the same order", annas.Code.Text(), charger.ErrUsed)
	s.refused("another order on this showing", berts.Code.Text(), charger.ErrBusy)
	s.accepted("one for the other connector", s.buy("carl", 2).Code.Text())
	for n := 1; n <= 2; n++ {
		if s.charge(n, time.Minute); !s.charger.Do(n).Relay {
			t.Errorf("connector %d does not charge", n)
		}
		s.unplug(n)
	}
	s.pass(2 * time.Minute)
	s.refused("once the first has charged", berts.Code.Text(), charger.ErrChallenge)
}

// TestAttack05ACodeShownAtB: a customer at B scans what is on A's screen, as
// somebody relays it to him. His phone shows A's place; what he gets works at A's
// scanner alone, for three minutes, and then waits for a plug for 90 seconds.
func TestAttack05ACodeShownAtB(t *testing.T) {
	street := newStreet(t)
	place := func(p string) func(*station) { return func(s *station) { s.device.Place = p } }
	a, b := street.install(7, place("P2-A07")), street.install(8, place("P2-A08"))
	relayed := a.identity(1)
	q, err := street.server.Quote(ctx, "anna", relayed)
	if err != nil || q.Place != "P2-A07" {
		t.Errorf("the phone at B shows %+v, %v", q, err)
	}
	o, err := street.order("anna", relayed)
	if err != nil {
		t.Fatal(err)
	}
	b.refused("at B", o.Code.Text(), charger.ErrOtherCharger)
	street.pass(179 * time.Second)
	a.refused("relayed back to A too late", o.Code.Text(), charger.ErrExpired)

	second := a.buy("anna", 1)
	street.pass(120 * time.Second)
	a.accepted("relayed back to A in time", second.Code.Text())
	street.pass(90 * time.Second)
	if err := a.meter(1, true); err != nil || a.charger.Do(1).Relay {
		t.Errorf("a plug after 90 seconds: %v", err)
	}
	if _, err := street.pay(a.charger.Do(1).Text); err != nil {
		t.Fatal(err)
	}
	street.captured("anna", 0)
	if q, err = street.server.Quote(ctx, "anna", b.identity(1)); err != nil || q.Place != "P2-A08" {
		t.Errorf("what B itself shows: %+v, %v", q, err)
	}
	b.accepted("B's own code", b.buy("anna", 1).Code.Text())
}

// answering is an order on a challenge, by somebody who has the issuer's key.
func (s *station) answering(c qrproto.Challenge) string {
	o := s.twin(uint64(c.Counter))
	o.Challenge = c
	return s.seal(o, s.issuer)
}

// TestAttack06ChallengeGuessedOrRevived: by an attacker who has the issuer's key
// and needs nothing but a challenge: one that is shown later, or was shown before
// a restart or before the flash was set back. Boot and counter come again then;
// the nonce does not, as long as the device finds fresh randomness.
func TestAttack06ChallengeGuessedOrRevived(t *testing.T) {
	for _, weak := range []bool{false, true} {
		s := newStreet(t).install(7)
		image := s.journal.Snapshot()
		if weak {
			s.device.Rand = rand.NewChaCha8([32]byte{5})
		}
		s.boot()
		seen := read[*qrproto.Identity](s.street, s.identity(1))
		old := s.answering(seen.Challenge)
		ahead := seen.Challenge
		ahead.Counter++
		s.refused("the next counter with this nonce", s.answering(ahead), charger.ErrChallenge)
		ahead.Nonce = [8]byte{1}
		s.refused("the next counter with any nonce", s.answering(ahead), charger.ErrChallenge)
		s.pass(45 * time.Second)
		ahead = read[*qrproto.Identity](s.street, s.identity(1)).Challenge
		ahead.Nonce = seen.Challenge.Nonce
		s.refused("the next counter with this nonce, once it is shown", s.answering(ahead), charger.ErrChallenge)
		ahead.Nonce = [8]byte{1}
		s.refused("the next counter with any nonce, once it is shown", s.answering(ahead), charger.ErrChallenge)
		s.boot()
		s.identity(1)
		s.refused("of the boot before", old, charger.ErrChallenge)

		if s.journal = image; weak {
			s.device.Rand = rand.NewChaCha8([32]byte{5})
		}
		s.boot()
		again := read[*qrproto.Identity](s.street, s.identity(1))
		if again.Boot != seen.Boot || again.Challenge.Counter != seen.Challenge.Counter {
			t.Fatalf("boot %d, counter %d come back as %d, %d", seen.Boot, seen.Challenge.Counter, again.Boot, again.Challenge.Counter)
		}
		if weak { // this is what the randomness is for
			s.accepted("with randomness that repeats itself", old)
			continue
		}
		s.refused("of a flash image that was restored", old, charger.ErrChallenge)
		s.accepted("the challenge that is shown", s.answering(again.Challenge))
	}
}

// TestAttack10ClockRolledBack: whatever the device's wall clock says, and however
// it jumps, the same orders are taken and the same is billed.
func TestAttack10ClockRolledBack(t *testing.T) {
	var want string
	for _, wall := range []time.Time{{}, time.Unix(1, 0), time.Unix(issued-86400, 0), time.Unix(issued+10*365*86400, 0)} {
		s := newStreet(t).install(7, func(s *station) { s.clock.Time = wall })
		late := s.buy("anna", 1)
		s.pass(179 * time.Second)
		if !wall.IsZero() {
			s.clock.Time = wall.Add(-179 * time.Second)
		}
		s.refused("rolled back by its age", late.Code.Text(), charger.ErrExpired)
		o := s.buy("bert", 1)
		s.accepted("in time", o.Code.Text())
		s.charge(1, 5*time.Minute)
		if s.clock.Time = wall; !wall.IsZero() {
			s.clock.Time = wall.Add(-time.Hour)
		}
		s.charge(1, 5*time.Minute)
		if got := s.unplug(1); want == "" {
			want = got
		} else if got != want {
			t.Errorf("with the clock at %v: %+v", wall, read[*qrproto.Settlement](s.street, got))
		}
	}
}

// morning is two minutes before the price rises from 0.60 to 1.60 yuan.
func morning(t *testing.T) *station {
	t.Helper()
	street := newStreet(t)
	street.now = time.Date(2026, 11, 23, 5, 58, 0, 0, time.UTC)
	street.book.tariff = dayNight(t, 160, 60)
	return street.install(7)
}

// TestAttack31OrderFetchedInTheValleyStartedAtThePeak: the session's clock lags by
// as much as the order was kept back, which is never above three minutes, also if
// the driver took eight minutes to choose. The settlement tells how much it can
// have been. A kWh from 5:58 on, in ten minutes, costs 0.12 + 1.28; from 6:00 on
// 1.60.
func TestAttack31OrderFetchedInTheValleyStartedAtThePeak(t *testing.T) {
	for _, held := range []time.Duration{0, 480 * time.Second} {
		for _, kept := range []time.Duration{0, 60 * time.Second, 178 * time.Second, 179 * time.Second, 180 * time.Second} {
			s := morning(t)
			s.now = s.now.Add(-held)
			identity := s.identity(1)
			q, err := s.server.Quote(ctx, "anna", identity)
			if err != nil {
				t.Fatal(err)
			}
			s.pass(held)
			o, err := s.server.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
			if err != nil {
				t.Fatal(err)
			}
			if s.pass(kept); kept > 178*time.Second {
				s.refused(kept.String(), o.Code.Text(), charger.ErrExpired)
				continue
			}
			s.accepted(kept.String(), o.Code.Text())
			s.charge(1, 10*time.Minute)
			got := read[*qrproto.Settlement](s.street, s.unplug(1))
			if lag := time.Duration(got.Uncertainty) * time.Second; lag < kept || lag > 180*time.Second || got.Payable != 1_40 {
				t.Errorf("held for %v, kept for %v: lag of %v told, %d to pay", held, kept, lag, got.Payable)
			}
		}
	}
	s := morning(t)
	s.pass(2 * time.Minute)
	if got := read[*qrproto.Settlement](s.street, second(s.sell("anna", 1))); got.Payable != 1_60 {
		t.Errorf("fetched at the peak: %d to pay", got.Payable)
	}
}

func second(_ *server.Order, text string) string { return text }
