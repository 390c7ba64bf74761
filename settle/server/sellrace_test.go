// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// TestNothingUnpaidKeepsOthersAway: from his home, with many accounts and no money,
// somebody begins a sale each second, and hangs up or is refused. In an hour each
// customer is served at once who comes as the order before has had its time.
func TestNothingUnpaidKeepsOthersAway(t *testing.T) {
	s := newKiosk(t)
	served, refused := 0, 0
	for second := range 3600 {
		hung, hangUp := context.WithCancel(ctx)
		s.Payments = &rude{s.provider, hangUp}
		_, err := s.Sell(hung, s.offered(fmt.Sprint("mallory ", second%100)))
		if code := qrproto.CodeOf(err); code != server.ErrPayment && code != server.ErrOutstanding {
			t.Fatalf("mallory: %v", err)
		}
		s.Payments = s.provider
		if second%200 == 199 {
			customer := fmt.Sprint("customer ", second)
			_, err := s.Sell(ctx, s.offered(customer))
			switch {
			case err == nil:
				served++
				s.taken(customer, yuan(300))
			case errors.Is(err, server.ErrOutstanding):
				refused++
			default:
				t.Fatal(err)
			}
		}
		s.clock.advance(time.Second)
	}
	if served != 18 || refused != 0 || s.provider.Captures() != 18 {
		t.Errorf("%d served, %d refused, %d captures", served, refused, s.provider.Captures())
	}
	s.sound()
}

// rude hangs up when the provider is asked.
type rude struct {
	server.Payments
	hangUp func()
}

func (p *rude) Hold(ctx context.Context, key, account string, amount tariff.Money) (string, error) {
	p.hangUp()
	return p.Payments.Hold(ctx, key, account, amount)
}

// TestNothingUnpaidEndsAnothersSale: somebody without money begins one of his own
// while anna's price is being taken.
func TestNothingUnpaidEndsAnothersSale(t *testing.T) {
	s := newKiosk(t)
	anna, mallory := s.offered("anna"), s.offered("mallory")
	s.Payments = &slow{s.provider, func() {
		paying := s.Payments
		hung, hangUp := context.WithCancel(ctx)
		s.Payments = &rude{s.provider, hangUp}
		if _, err := s.Sell(hung, mallory); !errors.Is(err, server.ErrPayment) {
			t.Errorf("mallory: %v", err)
		}
		s.Payments = paying
	}}
	if o, err := s.Sell(ctx, anna); err != nil || o.Counter != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	s.taken("anna", yuan(300))
	s.sound()
}

// TestSellRaces: one device, many customers, each with many phones, and a provider
// that fails a third of the time. One sale comes through, its price is taken once,
// and who has paid beside it has the next one, or the money back.
func TestSellRaces(t *testing.T) {
	s := newKiosk(t)
	s.provider = settletest.NewProvider(settletest.ProviderOptions{Now: s.clock.now, Balance: yuan(100_000), Faulty: 333, Seed: 1})
	s.Payments = s.provider
	var accounts []string
	for n := range 8 {
		accounts = append(accounts, fmt.Sprint("customer ", n))
	}
	sales := make([]server.Sale, len(accounts))
	for i, account := range accounts {
		sales[i] = s.offered(account)
	}
	for round := range 20 {
		s.sellRace(round, sales)
		s.clock.advance(181 * time.Second)
	}
	s.clock.advance(2 * time.Hour)
	s.sweep()
	if n := s.inOrder(accounts); n != 20 {
		t.Errorf("%d sales in 20 rounds", n)
	}
}

// inOrder holds what must be true of all sales, once no other is under way: their
// numbers are 1 and on, each was signed after the time of the one before, and each
// account has paid for those that it has, and for no other. It returns how many
// there are.
func (s *shop) inOrder(accounts []string) int {
	s.t.Helper()
	sold, err := s.store.Find(ctx, server.Query{States: []server.State{server.StateSold}})
	if err != nil {
		s.t.Fatal(err)
	}
	slices.SortFunc(sold, func(a, b *server.Order) int { return cmp.Compare(a.Counter, b.Counter) })
	paid := map[string]int64{}
	for i, o := range sold {
		if o.Counter != uint32(i+1) || o.Start.Challenge.Counter != o.Counter {
			s.t.Errorf("number %d is the %dth one signed", o.Counter, i+1)
		}
		if i > 0 && o.Start.Issued <= sold[i-1].Start.Issued+int64(sold[i-1].Start.Window) {
			s.t.Errorf("number %d was signed beside the one before", o.Counter)
		}
		paid[o.Account] += 300
	}
	for _, account := range accounts {
		s.taken(account, yuan(paid[account]))
	}
	s.sound()
	return len(sold)
}

// sellRace has everybody try until somebody has the round's order.
func (s *shop) sellRace(round int, sales []server.Sale) {
	s.t.Helper()
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(round), uint64(worker)))
			for range 200 {
				o, err := s.Sell(ctx, sales[random.IntN(len(sales))])
				switch code := qrproto.CodeOf(err); {
				case err == nil && o.State == server.StateSold && o.Code.Kind() == qrproto.KindStartOrder:
					return
				case code == server.ErrOutstanding, code == server.ErrPayment, code == server.ErrBusy:
				default:
					s.t.Errorf("%+v, %v", o, err)
				}
			}
		})
	}
	group.Wait()
}
