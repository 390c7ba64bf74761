// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// actor is somebody whose calls to store and provider wait for his turn, so that a
// test decides who comes next at each of them; at Find and Hold, which change nothing
// that others see, only if he is fine. From call number dies on his process is dead:
// what he does reaches nobody.
type actor struct {
	server.Store
	server.Payments
	at    chan bool // true: waits for a turn; false: has done
	turn  chan struct{}
	calls int
	dies  int // 0: never
	fine  bool
	do    func(*server.Server)
}

func (a *actor) wait() error { return a.step(true) }

func (a *actor) step(waits bool) error {
	if a.calls++; a.dies > 0 && a.calls >= a.dies {
		return errDown
	}
	if waits {
		a.at <- true
		<-a.turn
	}
	return nil
}

func (a *actor) Device(ctx context.Context, charger []byte) (*server.Device, error) {
	if err := a.wait(); err != nil {
		return nil, err
	}
	return a.Store.Device(ctx, charger)
}

func (a *actor) Find(ctx context.Context, q server.Query) ([]*server.Order, error) {
	if err := a.step(a.fine); err != nil {
		return nil, err
	}
	return a.Store.Find(ctx, q)
}

func (a *actor) Apply(ctx context.Context, c *server.Change) error {
	if err := a.wait(); err != nil {
		return err
	}
	return a.Store.Apply(ctx, c)
}

func (a *actor) Hold(ctx context.Context, key, account string, amount tariff.Money) (string, error) {
	if err := a.step(a.fine); err != nil {
		return "", err
	}
	return a.Payments.Hold(ctx, key, account, amount)
}

func (a *actor) Capture(ctx context.Context, key, hold string, amount tariff.Money) error {
	if err := a.wait(); err != nil {
		return err
	}
	return a.Payments.Capture(ctx, key, hold, amount)
}

func (a *actor) Release(ctx context.Context, key, hold string) error {
	if err := a.wait(); err != nil {
		return err
	}
	return a.Payments.Release(ctx, key, hold)
}

func (a *actor) Refund(ctx context.Context, key, hold string, amount tariff.Money) error {
	if err := a.wait(); err != nil {
		return err
	}
	return a.Payments.Refund(ctx, key, hold, amount)
}

// together lets actors do what they do in the order that choose says: the one of n
// who wait whose turn it is.
func (s *shop) together(choose func(n int) int, actors ...*actor) {
	var waiting []*actor
	for _, a := range actors {
		a.Store, a.Payments, a.at, a.turn = s.store, s.provider, make(chan bool), make(chan struct{})
		own := &server.Server{Store: a, Issuer: s.Issuer, Directory: s.Directory, Payments: a, Now: s.Now, Rand: s.Rand}
		go func() { a.do(own); a.at <- false }()
		if <-a.at {
			waiting = append(waiting, a)
		}
	}
	for len(waiting) > 0 {
		n := choose(len(waiting))
		waiting[n].turn <- struct{}{}
		if !<-waiting[n].at {
			waiting = append(waiting[:n:n], waiting[n+1:]...)
		}
	}
}

// everyOrder calls play once for each way in which it can choose, and returns how
// many there are.
func everyOrder(play func(choose func(n int) int)) int {
	var path, width []int
	for plays := 1; ; plays++ {
		depth := 0
		play(func(n int) int {
			if depth == len(path) {
				path, width = append(path, 0), append(width, n)
			}
			depth++
			return path[depth-1]
		})
		last := depth - 1
		for last >= 0 && path[last]+1 == width[last] {
			last--
		}
		if last < 0 {
			return plays
		}
		path, width = path[:last+1], width[:last+1]
		path[last]++
	}
}

// seller is an actor who buys; what he got is in order and err.
type seller struct {
	actor
	order *server.Order
	err   error
}

func sells(sale server.Sale) *seller {
	x := new(seller)
	x.do = func(own *server.Server) { x.order, x.err = own.Sell(ctx, sale) }
	return x
}

// TestTwoCustomersInEveryOrder: one of them is sold to, whatever comes first at
// each step, and the other one has the next order and pays once, if he waits. So it
// is where the process of the first one dies before any of its steps.
func TestTwoCustomersInEveryOrder(t *testing.T) {
	for dies := range 9 {
		if testing.Short() && dies%4 > 0 {
			continue
		}
		n := everyOrder(func(choose func(int) int) {
			s := newKiosk(t)
			anna, bert := s.offered("anna"), s.offered("bert")
			a, b := sells(anna), sells(bert)
			a.dies = dies
			s.together(choose, &a.actor, &b.actor)
			if (a.err == nil) == (b.err == nil) && dies == 0 {
				t.Fatalf("anna %v, bert %v", a.err, b.err)
			}
			for _, err := range []error{a.err, b.err} {
				if err != nil && !errors.Is(err, errDown) && !errors.Is(err, server.ErrOutstanding) {
					t.Fatal(err)
				}
			}
			if b.err == nil {
				s.clock.advance(181 * time.Second)
			}
			if o, err := s.Sell(ctx, anna); err != nil || a.order != nil && b.err != nil && o.ID != a.order.ID {
				t.Fatalf("anna again: %v", err)
			}
			if b.err != nil {
				s.clock.advance(181 * time.Second)
				if _, err := s.Sell(ctx, bert); err != nil {
					t.Fatalf("bert again: %v", err)
				}
			}
			s.clock.advance(2 * time.Hour)
			s.sweep()
			if n := s.inOrder([]string{"anna", "bert"}); n != 2 || s.provider.Captures() != 2 {
				t.Fatalf("%d sales, %d captures", n, s.provider.Captures())
			}
		})
		if t.Failed() {
			return
		}
		t.Logf("dead at call %d: %d orders of steps", dies, n)
	}
}

// TestTwoPhonesOfOneCustomerInEveryOrder have the same order, which is paid once.
func TestTwoPhonesOfOneCustomerInEveryOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("5 000 orders of steps")
	}
	n := everyOrder(func(choose func(int) int) {
		s := newKiosk(t)
		sale := s.offered("anna")
		a, b := sells(sale), sells(sale)
		a.fine, b.fine = true, true
		s.together(choose, &a.actor, &b.actor)
		if a.err != nil || b.err != nil || !alike(a.order.Code, b.order.Code) || s.provider.Captures() != 1 {
			t.Fatalf("%v, %v: %d captures", a.err, b.err, s.provider.Captures())
		}
		s.clock.advance(2 * time.Hour)
		s.sweep()
		if n := s.inOrder([]string{"anna"}); n != 1 {
			t.Fatalf("%d sales", n)
		}
	})
	t.Logf("%d orders of steps", n)
}

// TestASaleAndItsSweepInEveryOrder: the customer comes back at the last moment at
// which a sale is gone on with, and the sweep a second later. The sale is signed
// and paid, or neither; so it is where either process dies before any of its steps.
func TestASaleAndItsSweepInEveryOrder(t *testing.T) {
	plays := 0
	for dies := range 16 {
		if testing.Short() && dies%5 > 0 {
			continue
		}
		plays += everyOrder(func(choose func(int) int) {
			s := newKiosk(t, settletest.PaymentNone, settletest.PaymentFault(1+dies%2)) // lost, or no answer
			anna := s.offered("anna")
			if _, err := s.Sell(ctx, anna); !errors.Is(err, server.ErrPayment) {
				t.Fatal(err)
			}
			stuck := s.only(server.StateSelling)
			s.clock.advance(time.Hour)
			var err error
			a := sells(anna)
			b := &actor{fine: true}
			b.do = func(own *server.Server) {
				if err = b.wait(); err == nil {
					_, err = own.Release(ctx, stuck.ID)
				}
			}
			a.fine = true
			if dies < 8 {
				a.dies = dies
			} else {
				b.dies = dies - 7
			}
			late := false
			s.together(func(n int) int {
				if a.calls > 2 && !late { // he has found it, young enough
					late = true
					s.clock.advance(time.Second)
				}
				return choose(n)
			}, &a.actor, b)
			for _, err := range []error{a.err, err} {
				if code := qrproto.CodeOf(err); err != nil && !errors.Is(err, errDown) &&
					code != server.ErrBusy && code != server.ErrNotDead && code != server.ErrDeclined {
					t.Fatal(err)
				}
			}
			s.clock.advance(2 * time.Hour)
			s.sweep()
			if n := s.inOrder([]string{"anna"}); n > 1 || a.err == nil && n != 1 {
				t.Fatalf("%d sales, %v", n, a.err)
			}
		})
		if t.Failed() {
			return
		}
	}
	t.Logf("%d orders of steps", plays)
}
