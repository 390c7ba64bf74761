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

// TestWhatBoundsASale: any one of energy, volume and time does, and what the terms
// do not bound cannot be asked for.
func TestWhatBoundsASale(t *testing.T) {
	energy, volume := &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 1}, &qrproto.Target{Kind: qrproto.TargetVolume, Value: 1}
	minutes, money := &qrproto.Target{Kind: qrproto.TargetTime, Value: 1}, &qrproto.Target{Kind: qrproto.TargetAmount, Value: 1}
	for name, tc := range map[string]struct {
		terms  server.Terms
		target *qrproto.Target
		offer  error
		sale   error
	}{
		"nothing":                     {server.Terms{}, nil, server.ErrTerms, nil},
		"energy":                      {server.Terms{Energy: 1000}, nil, nil, nil},
		"volume":                      {server.Terms{Volume: 1000}, nil, nil, nil},
		"time":                        {server.Terms{Duration: 1000}, nil, nil, nil},
		"energy, some of it":          {server.Terms{Energy: 1000}, energy, nil, nil},
		"volume, some of it":          {server.Terms{Volume: 1000}, volume, nil, nil},
		"energy, some time":           {server.Terms{Energy: 1000}, minutes, nil, nil},
		"energy, a volume asked for":  {server.Terms{Energy: 1000}, volume, nil, server.ErrTarget},
		"volume, an energy asked for": {server.Terms{Volume: 1000}, energy, nil, server.ErrTarget},
		"time, an energy asked for":   {server.Terms{Duration: 1000}, energy, nil, server.ErrTarget},
		"energy, an amount asked for": {server.Terms{Energy: 1000}, money, nil, server.ErrTarget},
	} {
		s := newKiosk(t)
		tc.terms.Tariff, tc.terms.Hold = s.directory.terms.Tariff, s.directory.terms.Hold
		s.directory.terms = tc.terms
		q, err := s.Offer(ctx, "anna", s.device.number, 1)
		if !errors.Is(err, tc.offer) {
			t.Errorf("%s: offer: %v", name, err)
		}
		if err != nil {
			continue
		}
		_, err = s.Sell(ctx, server.Sale{Account: "anna", Charger: s.device.number, Connector: 1, Tariff: q.Hash, Hold: q.Hold, Target: tc.target})
		if !errors.Is(err, tc.sale) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
