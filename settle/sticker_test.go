// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// kiosk is a directory of devices without a display: 100 Wh for 3.00 yuan, where
// a device takes up to 5.00.
type kiosk struct{ *book }

func (kiosk) Site(context.Context, []byte) (*server.Site, error) {
	return &server.Site{Sticker: yuan(5_00)}, nil
}

func (kiosk) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	fee := tariff.Component{Dimension: tariff.FlatFee, Class: tariff.Service, Price: 3_00}
	return &server.Terms{Hold: yuan(3_00), Energy: 100_000, Tariff: &tariff.Tariff{
		Rules: tariff.Rules1, Currency: "CNY", Scale: 2, Elements: []tariff.Element{{Components: []tariff.Component{fee}}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
	}}, nil
}

// newKiosk is a street with one device, which has a sticker, and whose server
// sells under snapshot 1.
func newKiosk(t *testing.T, caps qrproto.Caps) *station {
	t.Helper()
	street := newStreet(t)
	street.server.Directory = kiosk{street.book}
	street.server.Trust = street.snapshot(1, 1, street.delegated("iss1", caps, qrproto.KindStartOrder, qrproto.KindStopOrder))
	s := street.rooted(7)
	s.options.Sticker = &charger.Sticker{Most: yuan(5_00)}
	s.boot()
	return s
}

// prepay buys what is offered at connector 1.
func (s *station) prepay(account string) (*server.Order, error) {
	s.t.Helper()
	q, err := s.server.Offer(ctx, account, s.device.Number, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.server.Sell(ctx, server.Sale{Account: account, Charger: s.device.Number, Connector: 1, Tariff: q.Hash, Hold: q.Hold})
}

// prepaid buys, and shows the device what the server says.
func (s *station) prepaid(account string) *server.Order {
	s.t.Helper()
	o, err := s.prepay(account)
	if err != nil {
		s.t.Fatal(err)
	}
	s.accepted("the snapshot", o.Trust.Text())
	s.accepted("the order", o.Code.Text())
	return o
}

// done takes the plug out and waits until the device is ready for the next one.
func (s *station) done() {
	s.t.Helper()
	if err := s.meter(1, false); err != nil {
		s.t.Fatal(err)
	}
	s.pass(5 * time.Minute)
	if d := s.charger.Do(1); d.Screen != charger.ScreenIdentity || d.Text != "" {
		s.t.Fatalf("screen %v, text %q", d.Screen, d.Text)
	}
}

// TestASaleAtADeviceWithoutADisplay, as its customer sees it: the device delivers
// what was paid for, once.
func TestASaleAtADeviceWithoutADisplay(t *testing.T) {
	s := newKiosk(t, qrproto.Caps{Currency: "CNY", Amount: 3_00})
	o, err := s.prepay("anna")
	if err != nil {
		t.Fatal(err)
	}
	s.refused("before the snapshot", o.Code.Text(), charger.ErrEpoch)
	s.accepted("the snapshot", o.Trust.Text())
	s.accepted("the order", o.Code.Text())
	before := s.meters[1]
	s.charge(1, 10*time.Minute)
	if got := s.meters[1] - before; got < 90_000 || got > 100_000 || s.charger.Do(1).Relay {
		t.Errorf("delivered %d mWh for 100 Wh", got)
	}
	s.done()
	s.boot()
	s.refused("once more", o.Code.Text(), charger.ErrOvertaken)
	if next := s.prepaid("bert"); next.Counter != 2 {
		t.Errorf("the next order is number %d", next.Counter)
	}
	s.captured("anna", 3_00)
	s.captured("bert", 3_00)
}

// TestAnOrderThatNobodyUsesIsOvertaken: within its window nobody else is sold one.
// Later it is lost to whoever comes first, which its customer was told.
func TestAnOrderThatNobodyUsesIsOvertaken(t *testing.T) {
	s := newKiosk(t, qrproto.Caps{})
	late, err := s.prepay("anna")
	if err != nil {
		t.Fatal(err)
	}
	s.pass(qrproto.MaxWindow * time.Second)
	_, err = s.prepay("bert")
	s.wants("beside it", err, server.ErrOutstanding)
	s.captured("bert", 0)
	s.pass(time.Second)
	s.prepaid("bert")
	s.charge(1, 5*time.Minute)
	s.done()
	s.refused("too late", late.Code.Text(), charger.ErrOvertaken)
}

// TestStoppingADeviceWithoutADisplay: by the server's code, and once.
func TestStoppingADeviceWithoutADisplay(t *testing.T) {
	s := newKiosk(t, qrproto.Caps{})
	o := s.prepaid("anna")
	s.charge(1, 12*time.Second)
	stop, err := s.server.Stop(ctx, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	s.accepted("the stop order", stop.Text())
	if s.charger.Do(1).Relay {
		t.Error("energy flows")
	}
	s.done()
	s.refused("once more", stop.Text(), charger.ErrNotRunning)
}

// TestServerAndDeviceCountAQuotaAlike: the device refuses the third order under a
// snapshot, so that the server must not have taken its price.
func TestServerAndDeviceCountAQuotaAlike(t *testing.T) {
	s := newKiosk(t, qrproto.Caps{Quota: 2})
	var last *server.Order
	for _, account := range []string{"anna", "bert"} {
		last = s.prepaid(account)
		s.charge(1, 5*time.Minute)
		s.done()
	}
	_, err := s.prepay("carl")
	s.wants("the server", err, server.ErrDelegation)
	s.captured("carl", 0)
	third := *last.Start
	third.Challenge.Counter = 3
	s.refused("the device", s.seal(&third, s.issuer), charger.ErrQuota)
}
