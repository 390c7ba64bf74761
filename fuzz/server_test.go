// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// counter is a server that sells at the charger of a booth, for the booth's tariff.
type counter struct {
	*server.Server
	t    testing.TB
	keys qrproto.KeyList
	deal server.Terms
}

func (c *counter) Key(id qrproto.KeyID) (*qrproto.Key, error)         { return c.keys.Key(id) }
func (c *counter) Site(context.Context, []byte) (*server.Site, error) { return nil, nil }
func (c *counter) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	deal := c.deal
	return &deal, nil
}

// newCounter is one that has sold nothing yet.
func newCounter(t testing.TB, b *booth, deal server.Terms) *counter {
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	c := &counter{t: t, keys: b.keys, deal: deal}
	c.Server = &server.Server{Store: settletest.NewStore(), Issuer: b.issuer, Directory: c, Now: now, Rand: rand.NewChaCha8([32]byte{}),
		Payments: settletest.NewProvider(settletest.ProviderOptions{Now: now, Balance: deal.Hold})}
	return c
}

// sell answers an identity with an order, always the same one.
func (c *counter) sell(identity string) *server.Order {
	q, err := c.Quote(context.Background(), "somebody", identity)
	if err != nil {
		c.t.Fatal(err)
	}
	o, err := c.Issue(context.Background(), server.Ask{Account: "somebody", Identity: identity, Tariff: q.Hash})
	if err != nil {
		c.t.Fatal(err)
	}
	return o
}

// typed: an error has a code.
func (c *counter) typed(err error) {
	if err != nil && qrproto.CodeOf(err) == qrproto.ErrOther {
		c.t.Fatalf("an error without a code: %v", err)
	}
}

// settle takes a settlement, whatever it says, twice. Nobody pays more for it
// than was held.
func (c *counter) settle(text string) *server.Order {
	o, err := c.Settle(context.Background(), text)
	c.typed(err)
	again, err2 := c.Settle(context.Background(), text)
	if qrproto.CodeOf(err) != qrproto.CodeOf(err2) || (o == nil) != (again == nil) || o != nil && o.State != again.State {
		c.t.Fatalf("%v, then %v; %+v, then %+v", err, err2, o, again)
	}
	if o == nil {
		return nil
	}
	paid, err := c.Pay(context.Background(), o.ID)
	c.typed(err)
	if err != nil {
		return o
	}
	if n, err := paid.Paid.Cmp(paid.Amount); err != nil || n > 0 {
		c.t.Fatalf("%v is paid, of %v (%v)", paid.Paid, paid.Amount, err)
	}
	return paid
}

// purchase is a sale as it went: what the device showed before and after.
type purchase struct {
	*booth
	deal                 server.Terms
	identity, settlement string
}

func newPurchase(t testing.TB) *purchase {
	p := &purchase{booth: newBooth(t)}
	p.device.Key.Key = newRepairer('D')
	p.live(nil)
	price, err := qrproto.DecodeTariff(p.tariff)
	if err != nil {
		t.Fatal(err)
	}
	p.deal = server.Terms{Tariff: price, Hold: tariff.Money{Units: 100_00, Scale: 2, Currency: "CNY"}}
	p.identity = p.c.Do(1).Text
	order := newCounter(t, p.booth, p.deal).sell(p.identity).Code
	if _, err := p.c.Accept(order.Text()); err != nil {
		t.Fatal(err)
	}
	plugged, away := charger.Reading{Plugged: true}, charger.Reading{}
	plugged.Power = 7_000_000
	p.typed(p.c.Start(1, plugged))
	plugged.Energy, away.Energy = 12_500_000, 12_500_000
	p.clock.Advance(2 * time.Hour)
	p.typed(p.c.Stop(1, plugged, qrproto.StopUser))
	p.typed(p.c.Meter(1, away))
	if p.settlement, err = p.c.Again(1); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestACounterSettlesASale(t *testing.T) {
	p := newPurchase(t)
	c := newCounter(t, p.booth, p.deal)
	c.sell(p.identity)
	if o := c.settle(p.settlement); o == nil || o.State != server.StatePaid || o.Paid.Units == 0 {
		t.Errorf("%+v", o)
	}
}

// FuzzServer changes what a device would show a server byte by byte and field by
// field, and signs it by the device's key: what a device could say that is broken
// or not its owner's. What is refused leaves the sale as it was.
func FuzzServer(f *testing.F) {
	p := newPurchase(f)
	var payloads [][]byte
	for _, text := range []string{p.settlement, p.identity} {
		code, err := qrproto.ParseCode(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(code.Kind()), payloadIn(code.Bytes()), []byte{})
	}
	for _, kind := range []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement} {
		for _, payload := range payloadsOf(f, kind) {
			f.Add(byte(kind), payload, []byte{})
			payloads = append(payloads, payload)
		}
	}
	key, d := p.device.Key, donorsOf(payloads)
	f.Fuzz(func(t *testing.T, kind byte, payload, script []byte) {
		c := newCounter(t, p.booth, p.deal)
		c.sell(p.identity)
		text := textOf(kind, key.Key.(*repairer).seal(kind, key.ID, d.edit(payload, script)))
		if qrproto.Kind(kind) == qrproto.KindIdentity {
			_, err := c.Quote(context.Background(), "somebody", text)
			c.typed(err)
			_, err = c.Issue(context.Background(), server.Ask{Account: "somebody", Identity: text, Tariff: hashOf(t, p.deal.Tariff)})
			c.typed(err)
			return
		}
		if _, err := qrproto.Open(text, p.keys); err != nil {
			c.settle(text)
			if o := c.settle(p.settlement); o == nil || o.State != server.StatePaid {
				t.Fatalf("after %v: %+v", err, o)
			}
			return
		}
		c.settle(text)
	})
}

func hashOf(t testing.TB, price *tariff.Tariff) qrproto.Hash {
	hash, err := qrproto.TariffHash(price)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
