// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// TestRace uploads every settlement again and again, from several goroutines,
// in any order, through a provider that fails a third of the time; some come
// carried in identities as well. Each order is paid once.
func TestRace(t *testing.T) {
	const devices, each, workers, uploads = 4, 20, 8, 20_000
	s := newShop(t)
	s.provider = settletest.NewProvider(settletest.ProviderOptions{Now: s.clock.now, Balance: yuan(100_000), Faulty: 333, Seed: 1})
	s.Payments = s.provider
	var orders []*server.Order
	var texts, identities []string
	for n := range devices {
		s.device = newDevice(t, byte(10+n))
		s.directory.keys = append(s.directory.keys, s.device.key())
		for i := range each {
			o := s.raceBuy(fmt.Sprint(n, "/", i))
			st := s.device.deliver(o, int64(i+1)*1_000_000)
			orders, texts = append(orders, o), append(texts, s.device.seal(st))
			identities = append(identities, s.device.show(carrying(t, st)))
		}
	}
	var done atomic.Int64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 2))
			for done.Add(1) <= uploads {
				s.raceUpload(random, orders, texts, identities)
			}
		})
	}
	group.Wait()
	for i, o := range orders {
		for s.raceState(o) != server.StatePaid {
			s.raceUpload(rand.New(rand.NewPCG(uint64(i), 3)), orders[i:i+1], texts[i:i+1], identities[i:i+1])
		}
		if got := s.provider.Captured(o.Account); !same(got, yuan(int64(i%each+1)*100)) {
			t.Errorf("order %d: captured %v, want %d.00", i, got, i%each+1)
		}
	}
	if n := s.provider.Captures(); n != len(orders) {
		t.Errorf("%d captures for %d orders", n, len(orders))
	}
	for n := range devices {
		d, err := s.store.Device(ctx, newDevice(t, byte(10+n)).number)
		if err != nil || d.Chain.Seq != each || d.Contested != 0 || d.Records != each {
			t.Errorf("device %d: %+v, %v", n, d, err)
		}
	}
	s.sound()
}

// raceBuy tries until the provider answers.
func (s *shop) raceBuy(account string) *server.Order {
	s.t.Helper()
	for range 100 {
		if o, err := s.try(account, s.device.show()); err == nil {
			return o
		}
	}
	s.t.Fatal("no order in 100 tries")
	return nil
}

func (s *shop) raceState(o *server.Order) server.State {
	got, err := s.store.Order(ctx, o.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return got.State
}

// raceUpload takes one order and uploads its settlement, or the identity that
// carries it, pays for it, or asks for the receipt.
func (s *shop) raceUpload(random *rand.Rand, orders []*server.Order, texts, identities []string) {
	i := random.IntN(len(orders))
	switch random.IntN(8) {
	case 0:
		q, err := s.Quote(ctx, "next", identities[i])
		if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil {
			s.t.Errorf("quote: %+v, %v", q, err)
		}
	case 1:
		o, err := s.Pay(ctx, orders[i].ID)
		switch code := qrproto.CodeOf(err); {
		case code == 0 && o.State == server.StatePaid, code == server.ErrNotSettled, code == server.ErrPayment:
		default:
			s.t.Errorf("pay: %v", err)
		}
	case 2:
		if _, err := s.Receipt(ctx, orders[i].ID); err != nil && qrproto.CodeOf(err) != server.ErrNotPaid {
			s.t.Errorf("receipt: %v", err)
		}
	default:
		if o, err := s.Settle(ctx, texts[i]); err != nil || o.ID != orders[i].ID {
			s.t.Errorf("settle: %v", err)
		}
	}
}

// TestRaceIssue: one account, many phones. There is one open order and one
// hold, whoever wins.
func TestRaceIssue(t *testing.T) {
	s := newShop(t)
	identity := s.device.show()
	q, err := s.Quote(ctx, "anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var won atomic.Int64
	for range 16 {
		group.Go(func() {
			_, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
			switch qrproto.CodeOf(err) {
			case 0:
				won.Add(1)
			case server.ErrBusy:
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	issued, err := s.store.Find(ctx, server.Query{States: []server.State{server.StateIssued, server.StatePlacing}})
	if err != nil || len(issued) != 1 || issued[0].State != server.StateIssued || won.Load() == 0 {
		t.Errorf("%d open orders, %d won: %v", len(issued), won.Load(), err)
	}
	if !same(s.provider.Held("anna"), yuan(10000)) {
		t.Errorf("held %v", s.provider.Held("anna"))
	}
	s.sound()
}
