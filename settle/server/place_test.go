// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// refusedFor tries to buy and fails the test unless an open order is in the way.
func (s *shop) refusedFor(open *server.Order, identity string) {
	s.t.Helper()
	_, err := s.try(open.Account, identity)
	var got *server.OpenOrderError
	if !errors.As(err, &got) || got.Order != open.ID {
		s.t.Errorf("got %v, want order %x to be in the way", err, open.ID[:])
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
