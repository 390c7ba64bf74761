// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// TestIssueWritesWhatTheDeviceNeeds compares a whole order with one made by
// hand.
func TestIssueWritesWhatTheDeviceNeeds(t *testing.T) {
	s := newShop(t)
	// Berlin goes from UTC+2 to UTC+1 on 2026-10-25 at 01:00 UTC.
	s.clock.at = time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC)
	s.directory.site.Zone = zone(t, "Europe/Berlin")
	s.directory.terms.Energy, s.directory.terms.Facts = 80_000_000, &qrproto.Facts{Reserved: 60}
	s.Policy = server.Policy{Window: 90, ExtraDecimals: 1, Horizon: 36 * time.Hour}
	identity := s.device.show()
	q, err := s.Quote(ctx, "anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	s.clock.advance(20 * time.Second)
	target := &qrproto.Target{Kind: qrproto.TargetAmount, Value: 20_000}
	o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash, Target: target})
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrproto.As[*qrproto.StartOrder](qrproto.Open(o.Code.Text(), issuerKeys()))
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := qrproto.EncodeTariff(flat(t, 90))
	if err != nil {
		t.Fatal(err)
	}
	want := &qrproto.StartOrder{
		ID: qrproto.OrderID{7: 1}, Charger: s.device.number, Connector: 1,
		Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1, 2, 3, 1}},
		Issued:    1792872020, Held: 20, Window: 90, Tariff: canonical,
		Offsets: qrproto.Offsets{7200, 1792890000, 3600}, Scale: 3, Target: target,
		Limits:  &qrproto.Limits{Energy: 80_000_000, Duration: 129_600, Amount: 20_000},
		Funding: qrproto.FundingHold, Facts: &qrproto.Facts{Reserved: 60},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	stored, err := s.store.Order(ctx, o.ID)
	if err != nil || !reflect.DeepEqual(stored, o) {
		t.Errorf("what is stored is not what was returned: %v", err)
	}
	if c, err := s.provider.Held("anna").Cmp(yuan(10000)); err != nil || c != 0 {
		t.Errorf("held %v: %v", s.provider.Held("anna"), err)
	}
}

// TestOffsetsInTheTail: local time changes after the longest session would end
// if it began at once. It does not.
func TestOffsetsInTheTail(t *testing.T) {
	for before, changes := range map[time.Duration]int{
		0: 1, time.Minute: 1, 7 * time.Minute: 1, 14 * time.Minute: 1, 30 * time.Minute: 0,
	} {
		s := newShop(t)
		// Berlin goes from UTC+2 to UTC+1 at this moment.
		s.clock.at = time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC).Add(-time.Hour - before)
		s.directory.site.Zone = zone(t, "Europe/Berlin")
		s.directory.terms.Duration = 3600
		if o := s.buy("anna"); len(o.Start.Offsets) != 1+2*changes {
			t.Errorf("%v before: offsets %v, want %d changes", before, o.Start.Offsets, changes)
		}
	}
}

func TestQuoteSaysWhatIsShown(t *testing.T) {
	s := newShop(t)
	q, err := s.Quote(ctx, "anna", s.device.show(func(i *qrproto.Identity) {
		i.State, i.Health, i.Alarms = qrproto.StatePreparing, qrproto.HealthService, qrproto.AlarmMoved
	}))
	if err != nil {
		t.Fatal(err)
	}
	hash, err := qrproto.TariffHash(flat(t, 90))
	if err != nil {
		t.Fatal(err)
	}
	if shown, err := qrproto.TariffHash(q.Tariff); err != nil || shown != hash {
		t.Errorf("tariff: %+v, %v", q.Tariff, err)
	}
	if q.Hash != hash || q.Currency != "CNY" || q.Scale != 2 || q.Hold != yuan(10000) || len(q.Offsets) != 1 || q.Offsets[0].Seconds != 28800 {
		t.Errorf("terms: %+v", q)
	}
	if string(q.Number) != string(s.device.number) || q.Connector != 1 || q.Place != "A07" || q.Name != "North gate" ||
		q.State != qrproto.StatePreparing || q.Health != qrproto.HealthService || q.Alarms != qrproto.AlarmMoved {
		t.Errorf("device: %+v", q)
	}
}

// TestScale: the decimals of the currency, or more where the tariff or the
// operator asks for them. The limit is what is held, rounded down.
func TestScale(t *testing.T) {
	for _, c := range []struct {
		payable, extra uint8
		hold           tariff.Money
		scale          uint8
		limit          int64
	}{
		{2, 0, yuan(10000), 2, 10000},
		{0, 0, yuan(10000), 2, 10000},
		{3, 0, yuan(10000), 3, 100_000},
		{3, 2, yuan(10000), 4, 1_000_000},
		{2, 4, yuan(10000), 6, 100_000_000},
		{2, 0, tariff.Money{Units: 100_009, Scale: 4, Currency: "CNY"}, 2, 1000},
		{2, 0, tariff.Money{Units: 100, Scale: 0, Currency: "CNY"}, 2, 10000},
	} {
		s := newShop(t)
		s.directory.terms.Tariff.Rounding.Payable = c.payable
		s.directory.terms.Hold, s.Policy.ExtraDecimals = c.hold, c.extra
		o := s.buy("anna")
		if o.Start.Scale != c.scale || o.Start.Limits.Amount != c.limit {
			t.Errorf("%+v: scale %d, limit %d", c, o.Start.Scale, o.Start.Limits.Amount)
		}
	}
}

// TestQuoteRefuses what no order could be made of.
func TestQuoteRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*server.Terms)
		also   error
	}{
		{"a hold below the smallest amount", func(t *server.Terms) { t.Hold = tariff.Money{Units: 9, Scale: 3, Currency: "CNY"} }, nil},
		{"no tariff", func(t *server.Terms) { t.Tariff = nil }, nil},
		{"an empty tariff", func(t *server.Terms) { t.Tariff = &tariff.Tariff{} }, qrproto.ErrTariff},
		{"a session of less than nothing", func(t *server.Terms) { t.Duration = -1 }, nil},
		{"a session that ends before it began", func(t *server.Terms) { t.Duration = math.MinInt64 }, nil},
		{"a session as long as an int64", func(t *server.Terms) { t.Duration = math.MaxInt64 }, nil},
		{"seconds that overflow a duration to some hours", func(t *server.Terms) { t.Duration = 1<<55 + 3600 }, nil},
		{"energy below nothing", func(t *server.Terms) { t.Energy = -1 }, qrproto.ErrField},
		{"energy as much as an int64", func(t *server.Terms) { t.Energy = math.MaxInt64 }, qrproto.ErrField},
		{"energy that no plan takes", func(t *server.Terms) { t.Energy = tariff.MaxEnergy + 1 }, settle.ErrPlan},
		{"a volume below nothing", func(t *server.Terms) { t.Volume = -1 }, qrproto.ErrField},
		{"facts that say nothing", func(t *server.Terms) { t.Facts = new(qrproto.Facts) }, qrproto.ErrField},
		{"a price that no settlement can tell", func(t *server.Terms) {
			dear := *t.Tariff
			dear.Elements = slices.Clone(dear.Elements)
			dear.Elements[0].Components = slices.Clone(dear.Elements[0].Components)
			dear.Elements[0].Components[0].Price = 1 << 60
			t.Tariff = &dear
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			c.change(&s.directory.terms)
			q, err := s.Quote(ctx, "anna", s.device.show())
			if q != nil || !errors.Is(err, server.ErrTerms) || qrproto.CodeOf(err) != server.ErrTerms {
				t.Errorf("%v, %v", q, err)
			}
			if c.also != nil && !errors.Is(err, c.also) {
				t.Errorf("got %v, want %v too", err, c.also)
			}
		})
	}
	s := newShop(t)
	broken := errors.New("the directory is down")
	s.directory.err = broken
	if q, err := s.Quote(ctx, "anna", s.device.show()); q != nil || !errors.Is(err, broken) {
		t.Errorf("%v, %v", q, err)
	}
	s.directory.err, s.Policy.HoldFor = nil, time.Millisecond
	if _, err := s.Quote(ctx, "anna", s.device.show()); !errors.Is(err, server.ErrTerms) {
		t.Errorf("holds that last for no second: %v", err)
	}
}

// TestQuoteWithLittle: a device about which nothing is known but its key, and a
// customer who has not said who he is.
func TestQuoteWithLittle(t *testing.T) {
	s := newShop(t)
	s.directory.site = nil
	q, err := s.Quote(ctx, "", s.device.show())
	if err != nil || q.Name != "" || len(q.Offsets) != 1 || q.Offsets[0].Seconds != 0 || q.Hold != yuan(10000) {
		t.Errorf("%+v, %v", q, err)
	}
	if o := s.buy("anna"); len(o.Start.Offsets) != 0 {
		t.Errorf("offsets %v, want UTC", o.Start.Offsets)
	}
	s.sound()
}

// TestHoldBelowWhatIsPaid: the tariff rounds to whole yuan, or to tens of fen.
// A hold below one such step pays for nothing.
func TestHoldBelowWhatIsPaid(t *testing.T) {
	for _, c := range []struct {
		payable uint8
		fen     int64
		want    error
	}{
		{0, 99, server.ErrTerms}, {0, 100, nil}, {1, 9, server.ErrTerms}, {1, 10, nil}, {2, 1, nil},
	} {
		s := newShop(t)
		s.directory.terms.Tariff.Rounding.Payable, s.directory.terms.Hold = c.payable, yuan(c.fen)
		if _, err := s.Quote(ctx, "anna", s.device.show()); !errors.Is(err, c.want) {
			t.Errorf("%d decimals are paid, %d fen are held: %v, want %v", c.payable, c.fen, err, c.want)
		}
	}
	// A hold that was enough for the tariff of before.
	s := newShop(t)
	s.directory.terms.Hold = yuan(99)
	s.buy("anna")
	s.directory.terms.Hold, s.directory.terms.Tariff.Rounding.Payable = yuan(10000), 0
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrTerms) {
		t.Error(err)
	}
}

// TestTariffByHash: only what the newest identity says about the device counts.
func TestTariffByHash(t *testing.T) {
	hash, err := qrproto.TariffHash(flat(t, 90))
	if err != nil {
		t.Fatal(err)
	}
	hint := hash.Hint()
	holds := func(i *qrproto.Identity) { i.Tariffs = append(qrproto.Hints{1, 2, 3, 4}, hint[:]...) }
	for _, c := range []struct {
		name   string
		policy server.Policy
		shown  func(*qrproto.Identity)
		then   func(*shop)
		byHash bool
	}{
		{"the device holds it", server.Policy{}, holds, func(*shop) {}, true},
		{"the device holds others", server.Policy{}, func(i *qrproto.Identity) { i.Tariffs = qrproto.Hints{1, 2, 3, 4} }, func(*shop) {}, false},
		{"the operator wants it embedded", server.Policy{EmbedTariffs: true}, holds, func(*shop) {}, false},
		{"the device has lost it since", server.Policy{}, holds, func(s *shop) { newer(func(*qrproto.Identity) {})(s, nil) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			s.Policy = c.policy
			identity := s.device.show(c.shown)
			q, err := s.Quote(ctx, "anna", identity)
			if err != nil {
				t.Fatal(err)
			}
			c.then(s)
			o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
			if err != nil {
				t.Fatal(err)
			}
			if (o.Start.TariffHash != nil) != c.byHash || (len(o.Start.Tariff) == 0) != c.byHash {
				t.Errorf("by hash: %v, want %v", o.Start.TariffHash != nil, c.byHash)
			}
			if c.byHash && *o.Start.TariffHash != hash.Ref() {
				t.Error("another tariff's hash")
			}
			// It can be settled all the same.
			if _, err := s.Settle(ctx, s.device.seal(s.device.deliver(o, 1_000_000))); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReservationIsInItsOwnLocalTime: where the clock changed between a
// reservation and its session, the order tells the change. The fixture's time is
// 2026-11-22, three weeks after New York's summer time.
func TestReservationIsInItsOwnLocalTime(t *testing.T) {
	s := newShop(t)
	s.directory.site = &server.Site{Zone: zone(t, "America/New_York")}
	for _, c := range []struct {
		reserved int64
		want     qrproto.Offsets
	}{
		{3600, qrproto.Offsets{-18000}},
		{30 * 86400, qrproto.Offsets{-14400, time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC).Unix(), -18000}},
	} {
		s.directory.terms.Facts = &qrproto.Facts{Reserved: c.reserved}
		identity := s.device.show()
		q, err := s.Quote(ctx, "anna", identity)
		if err != nil {
			t.Fatal(err)
		}
		if got := qrproto.MakeOffsets(q.Offsets); !slices.Equal(got, c.want) {
			t.Errorf("reserved for %d s: %v, want %v", c.reserved, got, c.want)
		}
	}
}

// TestTariffTooLargeForAnOrder: it is sold by a device that holds it, whatever
// the policy, and refused before anybody has agreed to it elsewhere.
func TestTariffTooLargeForAnOrder(t *testing.T) {
	large := flat(t, 90)
	rest := large.Elements
	large.Elements = nil
	for i := range int32(60) { // a price of its own for each minute of an hour
		step := rest[0]
		step.When.Windows = []tariff.Window{{From: 60 * i, To: 60 * (i + 1)}}
		step.Components = []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 1_000_000 + 977*int64(i)}}
		large.Elements = append(large.Elements, step)
	}
	hash, err := qrproto.TariffHash(large)
	if err != nil {
		t.Fatal(err)
	}
	hint := hash.Hint()
	for _, embed := range []bool{false, true} {
		s := newShop(t)
		s.directory.terms.Tariff, s.Policy.EmbedTariffs = large, embed
		if _, err := s.Quote(ctx, "anna", s.device.show()); !errors.Is(err, server.ErrTerms) {
			t.Errorf("a device without it, embed %v: %v", embed, err)
		}
		identity := s.device.show(func(i *qrproto.Identity) { i.Tariffs = hint[:] })
		q, err := s.Quote(ctx, "anna", identity)
		if err != nil {
			t.Fatalf("a device that holds it, embed %v: %v", embed, err)
		}
		o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
		if err != nil || o.Start.TariffHash == nil || *o.Start.TariffHash != hash.Ref() {
			t.Errorf("embed %v: %+v, %v", embed, o, err)
		}
	}
}

func (s *shop) state(o *server.Order, want server.State) *server.Order {
	s.t.Helper()
	got, err := s.store.Order(ctx, o.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	if got.State != want {
		s.t.Errorf("order %x is %v, want %v", got.ID[:], got.State, want)
	}
	return got
}

// TestOneOpenOrder: until it is paid, there is no other one.
func TestOneOpenOrder(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	refused := func(edit func(*qrproto.Identity)) {
		t.Helper()
		_, err := s.try("anna", s.device.show(edit))
		var open *server.OpenOrderError
		if !errors.Is(err, server.ErrOpenOrder) || !errors.As(err, &open) || open.Order != first.ID {
			t.Errorf("got %v", err)
		}
	}
	refused(func(i *qrproto.Identity) { i.Connector = 2 })
	here := s.device
	s.device = s.elsewhere(2)
	refused(func(*qrproto.Identity) {})
	s.device = here
	settled := s.device.seal(s.device.deliver(first, 1_000_000))
	s.device.boot++
	refused(func(*qrproto.Identity) {})

	if _, err := s.Settle(ctx, settled); err != nil {
		t.Fatal(err)
	}
	refused(func(*qrproto.Identity) {}) // settled, not paid
	if _, err := s.Pay(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	second := s.buy("anna")
	if second.Start.Ack == nil || second.Start.Ack.Seq != 1 || second.Start.Ack.Sum != s.device.chain.Sum.Short() {
		t.Errorf("acknowledges %v, want record 1", second.Start.Ack)
	}
	s.sound()
}

// TestReplacement: the same account at the same connector, three times. The
// device takes the second.
func TestReplacement(t *testing.T) {
	s := newShop(t)
	first, second, third := s.buy("anna"), s.buy("anna"), s.buy("anna")
	if first.Hold != second.Hold || second.Hold != third.Hold {
		t.Errorf("holds %q, %q, %q", first.Hold, second.Hold, third.Hold)
	}
	if c, err := s.provider.Held("anna").Cmp(yuan(10000)); err != nil || c != 0 {
		t.Errorf("held %v, want one hold", s.provider.Held("anna"))
	}
	if n := s.provider.Calls(); n != 1 {
		t.Errorf("the provider was asked %d times", n)
	}
	s.state(first, server.StateReplaced)
	s.state(second, server.StateReplaced)
	taken := s.device.deliver(second, 2_000_000)
	if o, err := s.Settle(ctx, s.device.seal(taken)); err != nil || o.ID != second.ID || o.State != server.StateSettled {
		t.Fatalf("%v, %v", o, err)
	}
	s.state(third, server.StateReplaced)
	// A device that takes two of them breaks its word; nobody pays for it.
	for _, o := range []*server.Order{third, first} {
		again, err := s.Settle(ctx, s.device.seal(s.device.deliver(o, 3_000_000)))
		if !errors.Is(err, server.ErrBilled) || again.State != server.StateReplaced {
			t.Errorf("%v, %v", again, err)
		}
	}
	paid, err := s.Pay(ctx, second.ID)
	if err != nil || paid.Paid != yuan(200) {
		t.Errorf("%v, %v", paid, err)
	}
	d, err := s.store.Device(ctx, s.device.number)
	if err != nil || d.Chain.Seq != 3 {
		t.Errorf("acknowledged up to %d, want 3: stored is stored", d.Chain.Seq)
	}
	s.buy("anna")
	s.sound()
}

// TestReplacementKeepsItsHold: the terms have changed, the hold has not.
func TestReplacementKeepsItsHold(t *testing.T) {
	s := newShop(t)
	s.buy("anna")
	s.directory.terms.Hold = yuan(20000)
	o := s.buy("anna")
	if o.Start.Limits.Amount != 10000 || o.Amount != yuan(10000) {
		t.Errorf("limit %d under a hold of %v", o.Start.Limits.Amount, o.Amount)
	}
	s.sound()
}

// TestReplacementCostsNoMoreThanShown: what is held already is more than the
// terms of now, which were shown, would hold.
func TestReplacementCostsNoMoreThanShown(t *testing.T) {
	s := newShop(t)
	s.buy("anna")
	s.directory.terms.Hold = yuan(5000)
	o := s.buy("anna")
	if o.Start.Limits.Amount != 5000 || o.Amount != yuan(10000) {
		t.Errorf("limit %d under a hold of %v", o.Start.Limits.Amount, o.Amount)
	}
	s.sound()
}

// TestReplacementNeedsTheCurrency: a hold in yuan secures no order in euros.
func TestReplacementNeedsTheCurrency(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	s.directory.terms.Hold.Currency = "EUR"
	s.directory.terms.Tariff.Currency = "EUR"
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrOpenOrder) {
		t.Error(err)
	}
	s.state(first, server.StateIssued)
}
