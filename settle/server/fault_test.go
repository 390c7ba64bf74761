// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// watcher is a store that notes every change of state, and that can fail.
type watcher struct {
	server.Store
	mu   sync.Mutex
	seen map[[2]server.State]bool
	// apply fails the next calls of Apply: nil entries let one through.
	apply []error
	calls int  // of all methods
	stop  int  // fail the call of this number with errDown; 0 is none
	late  bool // Apply, when it fails, has had its effect
}

var errDown = errors.New("the store is down")

func (w *watcher) down() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.calls == w.stop {
		return errDown
	}
	return nil
}

func (w *watcher) Order(ctx context.Context, id qrproto.OrderID) (*server.Order, error) {
	if err := w.down(); err != nil {
		return nil, err
	}
	return w.Store.Order(ctx, id)
}

func (w *watcher) Find(ctx context.Context, q server.Query) ([]*server.Order, error) {
	if err := w.down(); err != nil {
		return nil, err
	}
	return w.Store.Find(ctx, q)
}

func (w *watcher) Device(ctx context.Context, charger []byte) (*server.Device, error) {
	if err := w.down(); err != nil {
		return nil, err
	}
	return w.Store.Device(ctx, charger)
}

func (w *watcher) Records(ctx context.Context, charger []byte, from, to uint32) ([]server.Record, error) {
	if err := w.down(); err != nil {
		return nil, err
	}
	return w.Store.Records(ctx, charger, from, to)
}

func (w *watcher) Apply(ctx context.Context, c *server.Change) error {
	if err := w.down(); err != nil {
		if w.late {
			return errors.Join(err, w.Store.Apply(ctx, c))
		}
		return err
	}
	if len(w.apply) > 0 {
		err := w.apply[0]
		w.apply = w.apply[1:]
		if err != nil {
			return err
		}
	}
	for _, o := range c.Orders {
		var before server.State
		if was, err := w.Store.Order(ctx, o.ID); err == nil {
			before = was.State
		}
		if before != o.State {
			w.seen[[2]server.State{before, o.State}] = true
		}
	}
	return w.Store.Apply(ctx, c)
}

func watch(s *shop) *watcher {
	w := &watcher{Store: s.store, seen: map[[2]server.State]bool{}}
	s.Store = w
	return w
}

// TestEveryRowIsUsed plays all that can happen to an order, and compares the
// changes of state in the store with the table: no row is idle, and nothing
// happens beside it.
func TestEveryRowIsUsed(t *testing.T) {
	seen := map[[2]server.State]bool{}
	for _, play := range []func(*shop){
		func(s *shop) { // bought, settled, paid
			if _, err := s.Pay(ctx, s.sold("anna", 1_000_000).ID); err != nil {
				s.t.Fatal(err)
			}
		},
		func(s *shop) { // bought, settled, owed
			s.directory.terms.Tariff = flat(s.t, -30)
			if _, err := s.Pay(ctx, s.sold("anna", 1_000_000).ID); !errors.Is(err, server.ErrPayout) {
				s.t.Fatal(err)
			}
		},
		func(s *shop) { // bought, disputed
			o := s.buy("anna")
			st := s.device.settlement(o, settle.Head{}, 1_000_000)
			st.Payable++
			s.settleAll([]*qrproto.Settlement{st}, settle.ErrDispute)
		},
		func(s *shop) { // replaced, and settled all the same
			o := s.buy("anna")
			s.buy("anna")
			s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 1_000_000)}, 0)
		},
		func(s *shop) { // replaced, and disputed all the same
			o := s.buy("anna")
			s.buy("anna")
			st := s.device.settlement(o, settle.Head{}, 1_000_000)
			st.Payable++
			s.settleAll([]*qrproto.Settlement{st}, settle.ErrDispute)
		},
		func(s *shop) { // declined
			s.directory.terms.Hold = yuan(1_000_000)
			if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrDeclined) {
				s.t.Error(err)
			}
		},
		func(s *shop) { // no answer, and replaced
			s.provider = settletest.NewProvider(settletest.ProviderOptions{
				Now: s.clock.now, Balance: yuan(10000), Script: []settletest.PaymentFault{settletest.PaymentLost}})
			s.Payments = s.provider
			if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
				s.t.Error(err)
			}
			s.buy("anna")
		},
		func(s *shop) { // dead, and released
			o := s.buy("anna")
			s.sees(s.rebooted())
			if _, err := s.Release(ctx, o.ID); err != nil {
				s.t.Error(err)
			}
		},
		func(s *shop) { // never signed, and released
			s.provider = settletest.NewProvider(settletest.ProviderOptions{
				Now: s.clock.now, Balance: yuan(10000), Script: []settletest.PaymentFault{settletest.PaymentNoAnswer}})
			s.Payments = s.provider
			if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
				s.t.Error(err)
			}
			s.clock.advance(72 * time.Hour)
			s.buy("anna")
		},
		func(s *shop) { // sold, and settled
			s.kiosk()
			s.settleAll([]*qrproto.Settlement{s.device.fee(s.sell("anna"))}, 0)
		},
		func(s *shop) { // sold, and disputed
			s.kiosk()
			st := s.device.fee(s.sell("anna"))
			st.Payable++
			s.settleAll([]*qrproto.Settlement{st}, settle.ErrDispute)
		},
		func(s *shop) { // a sale declined
			s.kiosk()
			s.directory.site.Sticker, s.directory.terms.Hold = yuan(1_000_000), yuan(1_000_000)
			s.directory.terms.Tariff = fixed(1_000_000)
			if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrDeclined) {
				s.t.Error(err)
			}
		},
		func(s *shop) { // a sale never signed, and undone
			s.kiosk()
			s.provider = settletest.NewProvider(settletest.ProviderOptions{
				Now: s.clock.now, Balance: yuan(10000), Script: []settletest.PaymentFault{settletest.PaymentNoAnswer}})
			s.Payments = s.provider
			if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
				s.t.Error(err)
			}
			o := s.only(server.StateSelling)
			s.clock.advance(2 * time.Hour)
			if _, err := s.Release(ctx, o.ID); err != nil {
				s.t.Error(err)
			}
		},
	} {
		s := newShop(t)
		w := watch(s)
		play(s)
		for pair := range w.seen {
			seen[pair] = true
		}
		s.sound()
	}
	for pair := range server.Changes() {
		if !seen[pair] {
			t.Errorf("%v to %v never happens", pair[0], pair[1])
		}
	}
	for pair := range seen {
		if !server.Changes()[pair] {
			t.Errorf("%v to %v is not in the table", pair[0], pair[1])
		}
	}
}

// TestConflicts: others change the same rows first, a few times or for ever.
func TestConflicts(t *testing.T) {
	s := newShop(t)
	w := watch(s)
	twice := []error{server.ErrConflict, &server.ClaimError{Claim: "x"}}
	w.apply = twice
	identity := s.device.show()
	q, err := s.Quote(ctx, "anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	w.apply = twice
	o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
	if err != nil {
		t.Fatal(err)
	}
	w.apply = twice
	if _, err := s.Settle(ctx, s.device.seal(s.device.deliver(o, 1_000_000))); err != nil {
		t.Fatal(err)
	}
	w.apply = twice
	if _, err := s.Pay(ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	w.apply = twice
	if _, err := s.Receipt(ctx, o.ID); err != nil || len(w.apply) != 0 {
		t.Fatal(err)
	}
	for range 5000 {
		w.apply = append(w.apply, server.ErrConflict)
	}
	if _, err := s.Quote(ctx, "anna", s.device.show()); !errors.Is(err, server.ErrBusy) {
		t.Errorf("for ever: %v", err)
	}
	w.apply = nil
	s.chain(1, 0)
	s.sound()
}

// TestReplacedWhileHeld: the order is replaced between its hold and its
// signature. It must not be given out.
func TestReplacedWhileHeld(t *testing.T) {
	s := newShop(t)
	w := watch(s)
	identity := s.device.show()
	q, err := s.Quote(ctx, "anna", identity)
	if err != nil {
		t.Fatal(err)
	}
	w.apply = []error{nil, server.ErrConflict}
	o, err := s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
	if o != nil || !errors.Is(err, server.ErrBusy) {
		t.Errorf("%v, %v", o, err)
	}
	s.buy("anna")
	s.sound()
}

// TestStoreDown lets the store fail once at each call of the whole loop, before
// or after the effect. The caller sees that error, tries the same again, and
// all ends as it should.
func TestStoreDown(t *testing.T) {
	for _, late := range []bool{false, true} {
		stop := 1
		for downAt(t, stop, late) {
			stop++
		}
		if stop < 20 {
			t.Errorf("the loop made %d calls only", stop)
		}
	}
}

// downAt plays the loop and returns false where it made no call of that number.
func downAt(t *testing.T, stop int, late bool) bool {
	s := newShop(t)
	w := watch(s)
	w.stop, w.late = stop, late
	failed := 0
	until := func(step func() error) {
		t.Helper()
		for err := step(); err != nil; err = step() {
			if failed++; !errors.Is(err, errDown) || failed > 1 {
				t.Fatalf("call %d down: %v", stop, err)
			}
		}
	}
	var q *server.Quote
	var o *server.Order
	identity := s.device.show()
	until(func() (err error) { q, err = s.Quote(ctx, "anna", identity); return err })
	until(func() (err error) {
		o, err = s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
		return err
	})
	st := s.device.deliver(o, 2_000_000)
	next := s.device.show(carrying(t, st))
	until(func() error { _, err := s.Settle(ctx, s.device.seal(st)); return err })
	until(func() (err error) { q, err = s.Quote(ctx, "bert", next); return err })
	if len(q.Carried) != 1 || q.Carried[0].Err != nil {
		t.Errorf("call %d down: carried %+v", stop, q.Carried)
	}
	until(func() error { _, err := s.Pay(ctx, o.ID); return err })
	until(func() error { _, err := s.Receipt(ctx, o.ID); return err })
	if !same(s.provider.Captured("anna"), yuan(200)) || s.provider.Captures() != 1 || !same(s.provider.Held("anna"), yuan(0)) {
		t.Errorf("call %d down: captured %v, held %v", stop, s.provider.Captured("anna"), s.provider.Held("anna"))
	}
	s.chain(1, 0)
	s.recorded(1)
	s.sound()
	return failed > 0
}

// TestSightsAreBounded: of identities that still matter the newest are kept, of
// others none.
func TestSightsAreBounded(t *testing.T) {
	s := newShop(t)
	sights := func() int {
		d, err := s.store.Device(ctx, s.device.number)
		if err != nil {
			t.Fatal(err)
		}
		return len(d.Sights)
	}
	for range 600 {
		if _, err := s.Quote(ctx, "anna", s.device.show()); err != nil {
			t.Fatal(err)
		}
	}
	if n := sights(); n != 512 {
		t.Errorf("%d sights", n)
	}
	newer(func(i *qrproto.Identity) { i.Back = 2 })(s, nil)
	if n := sights(); n != 3 {
		t.Errorf("%d sights, want those of the 3 open identities", n)
	}
	newer(func(i *qrproto.Identity) { i.Boot++; i.Challenge.Counter, i.Back = 1, 0 })(s, nil)
	if n := sights(); n != 1 {
		t.Errorf("%d sights after a restart", n)
	}
}
