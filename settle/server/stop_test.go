// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// stops asks for a stop order and opens it.
func (s *shop) stops(o *server.Order) (*qrproto.StopOrder, error) {
	s.t.Helper()
	code, err := s.Stop(ctx, o.ID)
	if err != nil {
		if code.Kind() != 0 {
			s.t.Error("a code beside an error")
		}
		return nil, err
	}
	keys := issuerKeys()
	keys[0].Kinds = append(keys[0].Kinds, qrproto.KindStopOrder)
	x, err := qrproto.As[*qrproto.StopOrder](qrproto.Open(code.Text(), keys))
	if err != nil {
		s.t.Fatal(err)
	}
	return x, nil
}

// TestStopNamesTheOrderAndChangesNothing: however often it is asked for.
func TestStopNamesTheOrderAndChangesNothing(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	first, err := s.Stop(ctx, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Stop(ctx, o.ID)
	if err != nil || !alike(first, again) {
		t.Errorf("asked again: %v", err)
	}
	x, err := s.stops(o)
	if err != nil || x.Order != o.Sum.Ref() {
		t.Errorf("%+v, %v", x, err)
	}
	stored, err := s.store.Order(ctx, o.ID)
	if err != nil || stored.Version != o.Version || stored.State != server.StateIssued {
		t.Errorf("the order is %v, version %d, was %d: %v", stored.State, stored.Version, o.Version, err)
	}
	// The session ends as any other.
	s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 1_000_000)}, 0)
	s.sound()
}

// TestStopIsForOrdersThatMayRun: where nothing was signed, or all is over, there
// is nothing to be stopped.
func TestStopIsForOrdersThatMayRun(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(*shop) *server.Order
		want error
	}{
		{"issued", func(s *shop) *server.Order { return s.buy("anna") }, nil},
		{"replaced after it was issued", func(s *shop) *server.Order {
			o := s.buy("anna")
			s.buy("anna")
			return o
		}, nil},
		{"never heard of", func(*shop) *server.Order { return &server.Order{ID: qrproto.OrderID{9}} }, server.ErrNotFound},
		{"being placed", func(s *shop) *server.Order { return s.stuck() }, server.ErrNotRunning},
		{"replaced while it was being placed", func(s *shop) *server.Order {
			o := s.stuck()
			s.buy("anna")
			return o
		}, server.ErrNotRunning},
		{"settled", func(s *shop) *server.Order { return s.sold("anna", 1_000_000) }, server.ErrNotRunning},
		{"disputed", func(s *shop) *server.Order {
			o := s.buy("anna")
			st := s.device.settlement(o, settle.Head{}, 1_000_000)
			st.Payable++
			s.settleAll([]*qrproto.Settlement{st}, settle.ErrDispute)
			return o
		}, server.ErrNotRunning},
		{"dead", func(s *shop) *server.Order {
			o := s.buy("anna")
			s.sees(s.rebooted())
			if _, err := s.Release(ctx, o.ID); err != nil {
				s.t.Fatal(err)
			}
			return o
		}, server.ErrNotRunning},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			if _, err := s.stops(c.play(s)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// stuck is an order whose hold the provider does not answer for.
func (s *shop) stuck() *server.Order {
	s.t.Helper()
	s.provider = settletest.NewProvider(settletest.ProviderOptions{
		Now: s.clock.now, Balance: yuan(100_000), Script: []settletest.PaymentFault{settletest.PaymentLost}})
	s.Payments = s.provider
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
		s.t.Fatal(err)
	}
	open, err := s.store.Find(ctx, server.Query{Account: "anna", States: []server.State{server.StatePlacing}})
	if err != nil || len(open) != 1 {
		s.t.Fatal(open, err)
	}
	return open[0]
}

// TestStopNeedsItsRight, at this very device.
func TestStopNeedsItsRight(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*qrproto.Delegation)
		want error
	}{
		"all rights":    {func(*qrproto.Delegation) {}, nil},
		"no stops":      {func(d *qrproto.Delegation) { d.Rights &^= qrproto.RightStop }, server.ErrDelegation},
		"another fleet": {func(d *qrproto.Delegation) { d.Fleet = []byte{1} }, server.ErrDelegation},
	} {
		s := newShop(t)
		o := s.buy("anna")
		s.trust(c.edit)
		if _, err := s.stops(o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := newShop(t)
	s.Payments = nil
	if _, err := s.Stop(ctx, qrproto.OrderID{}); !errors.Is(err, server.ErrConfig) {
		t.Errorf("half a server: %v", err)
	}
}
