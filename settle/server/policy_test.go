// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// TestPolicyBoundsHowLongAnIdentityWaits: what is zero, or above what the wire has
// room for, is as long as that.
func TestPolicyBoundsHowLongAnIdentityWaits(t *testing.T) {
	for _, tc := range []struct {
		told, held uint16
	}{{0, qrproto.MaxHeld}, {1, 1}, {60, 60}, {qrproto.MaxHeld, qrproto.MaxHeld}, {qrproto.MaxHeld + 1, qrproto.MaxHeld}, {65535, qrproto.MaxHeld}} {
		for late, want := range map[time.Duration]error{0: nil, time.Second: server.ErrHeld} {
			s := newShop(t)
			s.Policy.MaxHeld = tc.told
			identity := s.device.show()
			q, err := s.Quote(ctx, "anna", identity)
			if err != nil || !q.Until.Equal(noon.Add(time.Duration(tc.held)*time.Second)) {
				t.Fatalf("%d: until %v, %v", tc.told, q.Until, err)
			}
			s.clock.advance(time.Duration(tc.held)*time.Second + late)
			o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
			if !errors.Is(err, want) || err == nil && o.Start.Held != tc.held {
				t.Errorf("%d, %v late: %v", tc.told, late, err)
			}
		}
	}
}

func TestPolicyBoundsTheWindow(t *testing.T) {
	for told, want := range map[uint16]uint16{0: qrproto.MaxWindow, 1: 1, qrproto.MaxWindow: qrproto.MaxWindow, qrproto.MaxWindow + 1: qrproto.MaxWindow} {
		s := newShop(t)
		s.Policy.Window = told
		if o := s.buy("anna"); o.Start.Window != want {
			t.Errorf("%d: %d, want %d", told, o.Start.Window, want)
		}
	}
}

// TestASaleIsGoneOnWithForTheSameTarget: whoever asks for something else while an
// order is on its way waits like anybody.
func TestASaleIsGoneOnWithForTheSameTarget(t *testing.T) {
	target := func(value int64) *qrproto.Target {
		return &qrproto.Target{Kind: qrproto.TargetEnergy, Value: value}
	}
	for name, tc := range map[string]struct {
		first, second *qrproto.Target
		want          error
	}{
		"none, none":        {nil, nil, nil},
		"one, the same":     {target(1000), target(1000), nil},
		"one, a larger one": {target(1000), target(1001), server.ErrOutstanding},
		"one, none":         {target(1000), nil, server.ErrOutstanding},
		"none, one":         {nil, target(1000), server.ErrOutstanding},
	} {
		s := newKiosk(t)
		sale := s.offered("anna")
		sale.Target = tc.first
		first, err := s.Sell(ctx, sale)
		if err != nil {
			t.Fatal(err)
		}
		sale.Target = tc.second
		second, err := s.Sell(ctx, sale)
		if !errors.Is(err, tc.want) || err == nil && second.ID != first.ID {
			t.Errorf("%s: %v", name, err)
		}
		s.taken("anna", yuan(300))
	}
}

// TestAnOfferSaysWhatIsSold, for who renders it.
func TestAnOfferSaysWhatIsSold(t *testing.T) {
	s := newKiosk(t)
	q, err := s.Offer(ctx, "anna", s.device.number, 1)
	if err != nil {
		t.Fatal(err)
	}
	if string(q.Number) != string(s.device.number) || q.Tariff == nil || q.Currency != "CNY" || q.Scale != 2 ||
		len(q.Offsets) != 1 || q.Offsets[0].Seconds != 28800 || !q.FirstSeen.Equal(noon) || q.Hold != yuan(300) {
		t.Errorf("%+v", q)
	}
	hash, err := qrproto.TariffHash(q.Tariff)
	if err != nil || hash != q.Hash {
		t.Errorf("hash %v, want that of the tariff, %v: %v", q.Hash, hash, err)
	}
}
