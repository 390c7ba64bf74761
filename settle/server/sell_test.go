// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// fixed is a fee in fen, and a fen for each unit of what else is measured.
func fixed(fen int64, measured ...tariff.Dimension) *tariff.Tariff {
	t := &tariff.Tariff{
		Rules: tariff.Rules1, Currency: "CNY", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Elements: []tariff.Element{{Components: []tariff.Component{{Dimension: tariff.FlatFee, Class: tariff.Service, Price: fen}}}},
	}
	for _, d := range measured {
		t.Elements[0].Components = append(t.Elements[0].Components, tariff.Component{Dimension: d, Class: tariff.Service, Price: 1})
	}
	return t
}

// kiosk takes the displays off the shop's devices: 3.00 yuan for half a
// kilowatt-hour, where a device takes up to 5.00.
func (s *shop) kiosk() {
	s.directory.site.Sticker = yuan(500)
	s.directory.terms = server.Terms{Tariff: fixed(300), Hold: yuan(400), Energy: 500_000}
}

func newKiosk(t testing.TB, script ...settletest.PaymentFault) *shop {
	s := newShop(t, script...)
	s.kiosk()
	return s
}

// offered is the sale of what is offered to an account now.
func (s *shop) offered(account string) server.Sale {
	s.t.Helper()
	q, err := s.Offer(ctx, account, s.device.number, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	return server.Sale{Account: account, Charger: s.device.number, Connector: 1, Tariff: q.Hash, Hold: q.Hold}
}

func (s *shop) sell(account string) *server.Order {
	s.t.Helper()
	o, err := s.Sell(ctx, s.offered(account))
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// fee makes the settlement of a sale over a flat fee, the next in the chain.
func (d *device) fee(o *server.Order) *qrproto.Settlement {
	d.t.Helper()
	st := &qrproto.Settlement{
		Number: d.number, Connector: o.Connector, Seq: d.chain.Seq + 1, Previous: d.chain.Sum, Order: o.Sum.Ref(),
		Boot: d.boot, Start: o.Start.Issued, Duration: 60, Register: 5_000_000 + d.chain.Total, Delivered: 500_000,
		Total: d.chain.Total + 500_000, Reason: qrproto.StopLimit, Payable: o.Start.Limits.Amount,
	}
	settle.Put(st, tariff.Quantities{Flats: []int{0}})
	next, err := settle.Next(d.chain, st)
	if err != nil {
		d.t.Fatal(err)
	}
	d.chain = next
	return st
}

// taken holds what the provider has of an account: sums that are captured and not
// refunded, and nothing held beside.
func (s *shop) taken(account string, want tariff.Money) {
	s.t.Helper()
	left, err := s.provider.Balance(account).Add(want)
	if err != nil || !same(left, yuan(100_000)) || !same(s.provider.Held(account), yuan(0)) {
		s.t.Errorf("%s has %v left and %v held, want %v taken", account, s.provider.Balance(account), s.provider.Held(account), want)
	}
}

// TestSellWritesWhatTheDeviceNeeds compares a whole order with one made by hand.
func TestSellWritesWhatTheDeviceNeeds(t *testing.T) {
	s := newKiosk(t)
	s.trust()
	s.Policy.Window = 90
	q, err := s.Offer(ctx, "anna", s.device.number, 2)
	if err != nil || q.Hold != yuan(300) || q.Name != "North gate" || q.Connector != 2 || !alike(q.Trust, s.Trust) {
		t.Fatalf("%+v, %v", q, err)
	}
	target := &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 400_000}
	o, err := s.Sell(ctx, server.Sale{Account: "anna", Charger: s.device.number, Connector: 2, Tariff: q.Hash, Hold: q.Hold, Target: target})
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrproto.As[*qrproto.StartOrder](qrproto.Open(o.Code.Text(), issuerKeys()))
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := qrproto.EncodeTariff(fixed(300))
	if err != nil {
		t.Fatal(err)
	}
	want := &qrproto.StartOrder{
		ID: qrproto.OrderID{7: 1}, Charger: s.device.number, Connector: 2, Challenge: qrproto.Challenge{Counter: 1},
		Issued: noon.Unix(), Window: 90, Tariff: canonical, Offsets: qrproto.Offsets{28800}, Scale: 2, Target: target,
		Limits:  &qrproto.Limits{Energy: 500_000, Duration: 86400, Amount: 300},
		Funding: qrproto.FundingPrepaid, Epoch: 3,
	}
	if !reflect.DeepEqual(got, want) || !got.Sticker() {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	stored, err := s.store.Order(ctx, o.ID)
	if err != nil || !reflect.DeepEqual(stored, o) || o.State != server.StateSold || o.Paid != yuan(300) || !alike(o.Trust, s.Trust) {
		t.Errorf("stored %+v, returned %+v: %v", stored, o, err)
	}
	s.taken("anna", yuan(300))
	s.sound()
}

// TestNumbersRiseAndOneOrderIsOnItsWay: another customer has to wait until it has
// had its time, and the same one gets it again.
func TestNumbersRiseAndOneOrderIsOnItsWay(t *testing.T) {
	s := newKiosk(t)
	first := s.sell("anna")
	s.clock.advance(180 * time.Second)
	if again := s.sell("anna"); again.ID != first.ID || !alike(again.Code, first.Code) {
		t.Errorf("asked again: order %x, first %x", again.ID, first.ID)
	}
	var wait *server.OutstandingError
	if _, err := s.Sell(ctx, s.offered("bert")); !errors.As(err, &wait) || !errors.Is(err, server.ErrOutstanding) || !wait.Until.Equal(noon.Add(180*time.Second)) {
		t.Errorf("beside it: %v", err)
	}
	more := s.offered("anna")
	more.Target = &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 1}
	if _, err := s.Sell(ctx, more); !errors.Is(err, server.ErrOutstanding) {
		t.Errorf("another one of the same account: %v", err)
	}
	beside := s.offered("anna")
	beside.Connector = 2
	if _, err := s.Sell(ctx, beside); !errors.Is(err, server.ErrOutstanding) {
		t.Errorf("the other connector of the same device: %v", err)
	}
	s.taken("bert", yuan(0))
	s.device = s.elsewhere(2)
	if o := s.sell("bert"); o.Counter != 1 {
		t.Errorf("the first of another device is number %d", o.Counter)
	}
	s.device = newDevice(t, 1)
	s.clock.advance(time.Second)
	if o := s.sell("anna"); o.Counter != 2 || o.Start.Challenge.Counter != 2 || o.ID == first.ID {
		t.Errorf("later: number %d", o.Counter)
	}
	s.clock.advance(181 * time.Second)
	if o := s.sell("carl"); o.Counter != 3 {
		t.Errorf("later still: number %d", o.Counter)
	}
	s.taken("anna", yuan(600))
	s.sound()
}

// TestSellRefuses what the device would, or what was not shown. No money moves and
// no number is used up.
func TestSellRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*shop, *server.Sale)
		want error
	}{
		{"nobody", func(_ *shop, x *server.Sale) { x.Account = "" }, server.ErrAccount},
		{"a device with a display", func(s *shop, _ *server.Sale) { s.directory.site.Sticker = tariff.Money{} }, server.ErrSticker},
		{"a device nobody knows where", func(s *shop, _ *server.Sale) { s.directory.site = nil }, server.ErrSticker},
		{"a device out of service", func(s *shop, _ *server.Sale) { s.directory.gone = true }, server.ErrNotEnrolled},
		{"a number too long", func(_ *shop, x *server.Sale) { x.Charger = make([]byte, 8) }, qrproto.ErrField},
		{"no connector", func(_ *shop, x *server.Sale) { x.Connector = 0 }, qrproto.ErrField},
		{"another tariff", func(_ *shop, x *server.Sale) { x.Tariff[0]++ }, server.ErrTariffChanged},
		{"a price that was raised", func(_ *shop, x *server.Sale) { x.Hold = yuan(299) }, server.ErrHoldRaised},
		{"a target of an amount", func(_ *shop, x *server.Sale) { x.Target = &qrproto.Target{Kind: qrproto.TargetAmount, Value: 100} }, server.ErrTarget},
		{"a target that the device may not measure", func(_ *shop, x *server.Sale) { x.Target = &qrproto.Target{Kind: qrproto.TargetVolume, Value: 100} }, server.ErrTarget},
		{"a target of nothing", func(_ *shop, x *server.Sale) { x.Target = &qrproto.Target{Kind: qrproto.TargetEnergy} }, qrproto.ErrField},
		{"a price of energy", func(s *shop, _ *server.Sale) { s.directory.terms.Tariff = flat(s.t, 90) }, server.ErrTerms},
		{"a price of time", func(s *shop, _ *server.Sale) { s.directory.terms.Tariff = fixed(300, tariff.TimeSpent) }, server.ErrTerms},
		{"a price of idle time", func(s *shop, _ *server.Sale) { s.directory.terms.Tariff = fixed(300, tariff.IdleTime) }, server.ErrTerms},
		{"a price of volume", func(s *shop, _ *server.Sale) { s.directory.terms.Tariff = fixed(300, tariff.Volume) }, server.ErrTerms},
		{"a price of nothing", func(s *shop, _ *server.Sale) { s.directory.terms.Tariff = fixed(0) }, server.ErrTerms},
		{"a price below nothing", func(s *shop, _ *server.Sale) { s.directory.terms.Tariff = fixed(-300) }, server.ErrTerms},
		{"a price above the hold", func(s *shop, _ *server.Sale) { s.directory.terms.Hold = yuan(299) }, server.ErrTerms},
		{"a price above what the device takes", func(s *shop, _ *server.Sale) { s.directory.site.Sticker = yuan(299) }, server.ErrTerms},
		{"a device that takes another currency", func(s *shop, _ *server.Sale) { s.directory.site.Sticker.Currency = "EUR" }, server.ErrTerms},
		{"energy without end", func(s *shop, _ *server.Sale) { s.directory.terms.Energy = 0 }, server.ErrTerms},
		{"an issuer for less", func(s *shop, _ *server.Sale) {
			s.trust(func(d *qrproto.Delegation) { d.Currency, d.Amount = "CNY", 299 })
		}, server.ErrDelegation},
		{"half a server", func(s *shop, _ *server.Sale) { s.Payments = nil }, server.ErrConfig},
		{"no number left", func(s *shop, _ *server.Sale) {
			if err := s.store.Apply(ctx, &server.Change{Device: &server.Device{Charger: s.device.number, Version: 1, Sold: math.MaxUint32}}); err != nil {
				s.t.Fatal(err)
			}
		}, server.ErrUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newKiosk(t)
			sale := s.offered("anna")
			c.edit(s, &sale)
			if o, err := s.Sell(ctx, sale); o != nil || !errors.Is(err, c.want) {
				t.Errorf("%+v, %v", o, err)
			}
			if orders, err := s.store.Find(ctx, server.Query{}); len(orders) != 0 || err != nil || s.provider.Calls() != 0 {
				t.Errorf("%d orders, %d calls to the provider: %v", len(orders), s.provider.Calls(), err)
			}
		})
	}
}

// TestThePriceIsThatOfNow: the fee is higher from 20:00 on, at the device. It is
// taken as it is now, whatever of Hold is above it.
func TestThePriceIsThatOfNow(t *testing.T) {
	evening := fixed(400)
	evening.Elements[0].When.Windows = []tariff.Window{{From: 20 * 3600, To: 24 * 3600}}
	evening.Elements = append(evening.Elements, fixed(300).Elements...)
	for at, want := range map[time.Time]tariff.Money{noon.Add(-time.Second): yuan(300), noon: yuan(400)} {
		s := newKiosk(t)
		s.clock.at, s.directory.terms.Tariff = at, evening // noon is 20:00 at the device
		if o := s.sell("anna"); o.Amount != want || o.Start.Limits.Amount != want.Units {
			t.Errorf("%v: %v", at, o.Amount)
		}
		s.taken("anna", want)
	}
	s := newKiosk(t)
	s.clock.at, s.directory.terms.Tariff = noon.Add(-time.Second), evening
	s.sell("anna")
	s.clock.at = noon
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrOutstanding) {
		t.Errorf("at another price: %v", err)
	}
}

// TestTheCapIsHeldAgainstThePrice, not against what could be held.
func TestTheCapIsHeldAgainstThePrice(t *testing.T) {
	s := newKiosk(t)
	s.trust(func(d *qrproto.Delegation) { d.Currency, d.Amount = "CNY", 300 })
	s.sell("anna")
	s.taken("anna", yuan(300))
}

// TestAQuotaIsCountedBeforeThePriceIsTaken: the device would refuse the third order
// under a snapshot, and give nothing back. Under the next one it counts anew.
func TestAQuotaIsCountedBeforeThePriceIsTaken(t *testing.T) {
	s := newKiosk(t)
	s.trust(func(d *qrproto.Delegation) { d.Quota = 2 })
	for n := range 3 {
		sale := s.offered("anna")
		_, err := s.Sell(ctx, sale)
		if again, sold := s.Sell(ctx, sale); n < 2 && (err != nil || sold != nil || again.Counter != uint32(n+1)) {
			t.Errorf("number %d: %v, %v", n+1, err, sold)
		}
		if n == 2 && !errors.Is(err, server.ErrDelegation) {
			t.Errorf("above the quota: %v", err)
		}
		s.clock.advance(time.Hour)
	}
	s.taken("anna", yuan(600))
	d := everything(t)
	d.Quota = 1
	s.Trust = snapshot(t, root, 4, d)
	if o := s.sell("anna"); o.Counter != 3 {
		t.Errorf("number %d", o.Counter)
	}
	s.clock.advance(time.Hour)
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrDelegation) {
		t.Errorf("above the quota of the next snapshot: %v", err)
	}
	s.sound()
}

// TestWhatIsNotSignedTakesNothingOffTheQuota, and no number: not a card without
// money, however often it is tried, nor a sale that is left behind, or swept away. No
// device can have it.
func TestWhatIsNotSignedTakesNothingOffTheQuota(t *testing.T) {
	s := newKiosk(t, 0, 0, 0, 0, 0, settletest.PaymentLost, 0, 0, 0, settletest.PaymentLost, settletest.PaymentLost)
	s.trust(func(d *qrproto.Delegation) { d.Quota = 2 })
	kiosk := s.directory.terms
	s.directory.site.Sticker = yuan(100_000_000)
	s.directory.terms.Tariff, s.directory.terms.Hold = fixed(50_000_000), yuan(50_000_000)
	for n := range 5 {
		if _, err := s.Sell(ctx, s.offered("mallory")); !errors.Is(err, server.ErrDeclined) {
			t.Fatalf("%d: %v", n, err)
		}
	}
	s.directory.site.Sticker, s.directory.terms = yuan(500), kiosk
	for n := range 3 {
		if _, err := s.Sell(ctx, s.offered("mallory")); !errors.Is(err, server.ErrPayment) {
			t.Fatalf("%d: %v", n, err)
		}
		s.clock.advance(2 * time.Hour)
		if n > 0 {
			continue
		}
		if _, err := s.Release(ctx, s.only(server.StateSelling).ID); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 2 {
		if o := s.sell("anna"); o.Counter != uint32(1+n) {
			t.Errorf("number %d", o.Counter)
		}
		s.clock.advance(time.Hour)
	}
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrDelegation) {
		t.Errorf("above the quota: %v", err)
	}
	s.sound()
}

// TestAServerThatIsBehindSellsNothing: the device would refuse an order of an epoch
// below the last one's, and servers take a new snapshot one after the other.
func TestAServerThatIsBehindSellsNothing(t *testing.T) {
	s := newKiosk(t)
	s.trust()
	before := s.Trust
	s.Trust = snapshot(t, root, 4, everything(t))
	s.sell("anna")
	s.clock.advance(time.Hour)
	s.Trust = before
	if o, err := s.Sell(ctx, s.offered("bert")); !errors.Is(err, server.ErrNewerTrust) {
		t.Errorf("%+v, %v", o, err)
	}
	s.taken("bert", yuan(0))
	s.sound()
}

// TestAStickerHasNoIdentity: a device without a display cannot have shown one.
func TestAStickerHasNoIdentity(t *testing.T) {
	s := newKiosk(t)
	if q, err := s.Quote(ctx, "anna", s.device.show()); q != nil || !errors.Is(err, server.ErrSticker) {
		t.Errorf("%+v, %v", q, err)
	}
}

// TestASaleKeepsNobodyFromAnything: the account may have an open order elsewhere,
// and open one while a sale is stuck.
func TestASaleKeepsNobodyFromAnything(t *testing.T) {
	s := newKiosk(t, settletest.PaymentNoAnswer)
	kiosk := s.directory.terms
	if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
		t.Fatal(err)
	}
	s.device = s.elsewhere(2)
	s.directory.site.Sticker = tariff.Money{}
	s.directory.terms = server.Terms{Tariff: flat(t, 90), Hold: yuan(10000)}
	open := s.buy("anna")
	s.directory.site.Sticker, s.directory.terms, s.device = yuan(500), kiosk, newDevice(t, 1)
	if o := s.sell("anna"); o.Counter != 1 {
		t.Errorf("number %d", o.Counter)
	}
	s.state(open, server.StateIssued)
	if !same(s.provider.Held("anna"), yuan(10000)) || !same(s.provider.Captured("anna"), yuan(300)) {
		t.Errorf("held %v, captured %v", s.provider.Held("anna"), s.provider.Captured("anna"))
	}
	s.sound()
}

// TestNothingMoreIsDueForASale: Pay says so, Release gives nothing back, and Stop
// stops it.
func TestNothingMoreIsDueForASale(t *testing.T) {
	s := newKiosk(t)
	o := s.sell("anna")
	if paid, err := s.Pay(ctx, o.ID); err != nil || paid.State != server.StateSold {
		t.Errorf("Pay: %+v, %v", paid, err)
	}
	s.clock.advance(1000 * time.Hour)
	if _, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrNotDead) {
		t.Errorf("Release: %v", err)
	}
	if x, err := s.stops(o); err != nil || x.Order != o.Sum.Ref() {
		t.Errorf("Stop: %+v, %v", x, err)
	}
	if _, err := s.Receipt(ctx, o.ID); !errors.Is(err, server.ErrNotPaid) {
		t.Errorf("Receipt: %v", err)
	}
	s.taken("anna", yuan(300))
}

// TestSomebodyOpensTheDevice and brings what it has written: it is held against
// the sales, as any settlement.
func TestSomebodyOpensTheDevice(t *testing.T) {
	s := newKiosk(t)
	anna := s.sell("anna")
	s.clock.advance(time.Hour)
	bert := s.sell("bert")
	one, two := s.device.fee(anna), s.device.fee(bert)
	two.Payable--
	s.settleAll([]*qrproto.Settlement{one, two, one}, 0, settle.ErrDispute, 0)
	s.state(anna, server.StatePaid)
	s.state(bert, server.StateDisputed)
	s.chain(2, 0)
	code, err := s.Receipt(ctx, anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	r, err := qrproto.As[*qrproto.Receipt](qrproto.Open(code.Text(), issuerKeys()))
	if err != nil || r.Paid != 300 {
		t.Errorf("receipt %+v, %v", r, err)
	}
	if _, err := s.Stop(ctx, anna.ID); !errors.Is(err, server.ErrNotRunning) {
		t.Errorf("Stop: %v", err)
	}
	s.taken("anna", yuan(300))
	s.taken("bert", yuan(300))
	s.sound()
}

// TestASecondSettlementOfASale is stored and changes nothing.
func TestASecondSettlementOfASale(t *testing.T) {
	s := newKiosk(t)
	o := s.sell("anna")
	s.settleAll([]*qrproto.Settlement{s.device.fee(o), s.device.fee(o)}, 0, server.ErrBilled)
	s.state(o, server.StatePaid)
	s.sound()
}

// TestACancelledSale stops where it is.
func TestACancelledSale(t *testing.T) {
	s := newKiosk(t)
	sale := s.offered("anna")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Sell(cancelled, sale); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.taken("anna", yuan(0))
}
