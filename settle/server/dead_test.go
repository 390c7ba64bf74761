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
	"github.com/seed81979277/qrcharge/tariff"
)

// rebooted shows an identity of a later boot; the device keeps to it.
func (s *shop) rebooted(edits ...func(*qrproto.Identity)) string {
	s.device.boot++
	s.device.counter = 0
	return s.device.show(edits...)
}

// aged shows an identity on which the order's challenge is not open any more.
func (s *shop) aged(edits ...func(*qrproto.Identity)) string {
	return s.device.show(append(edits, func(i *qrproto.Identity) { i.Back = 0 })...)
}

func (s *shop) sees(identity string) {
	s.t.Helper()
	if _, err := s.Quote(ctx, "stranger", identity); err != nil {
		s.t.Fatal(err)
	}
}

// calls counts what reaches the provider, by the idempotency key.
type calls struct {
	server.Payments
	mu       sync.Mutex
	released map[string]int
}

func (c *calls) Release(ctx context.Context, key, hold string) error {
	c.mu.Lock()
	c.released[key+" "+hold]++
	c.mu.Unlock()
	return c.Payments.Release(ctx, key, hold)
}

// TestIssueAfterADeadOrder: the driver came too late. After the device has shown
// it, the account buys again, here or elsewhere, and the old hold is back.
func TestIssueAfterADeadOrder(t *testing.T) {
	for name, evidence := range map[string]func(*shop) string{
		"restarted": func(s *shop) string { return s.rebooted() },
		"the challenge": func(s *shop) string {
			return s.aged(func(i *qrproto.Identity) { i.Connector = 2 })
		},
		"restarted, seen":   func(s *shop) string { s.sees(s.rebooted()); s.device = s.elsewhere(2); return s.device.show() },
		"challenge, seen":   func(s *shop) string { s.sees(s.aged()); s.device = s.elsewhere(2); return s.device.show() },
		"after the hold":    func(s *shop) string { s.clock.advance(8 * 24 * time.Hour); return s.rebooted() },
		"others have since": func(s *shop) string { return s.settledSince() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			count := &calls{Payments: s.provider, released: map[string]int{}}
			s.Payments = count
			first := s.buy("anna")
			second, err := s.try("anna", evidence(s))
			if err != nil {
				t.Fatal(err)
			}
			s.state(first, server.StateReleased)
			s.state(second, server.StateIssued)
			if first.HoldKey == second.HoldKey || !same(s.provider.Held("anna"), yuan(10000)) || len(count.released) != 1 {
				t.Errorf("holds %q, %q; held %v; released %v", first.HoldKey, second.HoldKey, s.provider.Held("anna"), count.released)
			}
			s.settleAll([]*qrproto.Settlement{s.device.deliver(second, 1_000_000)}, 0)
			if _, err := s.Pay(ctx, second.ID); err != nil || !same(s.provider.Balance("anna"), yuan(99_900)) {
				t.Errorf("left %v: %v", s.provider.Balance("anna"), err)
			}
			s.buy("anna")
			s.sound()
		})
	}
}

// settledSince lets others settle, and the device restart behind that.
func (s *shop) settledSince() string {
	for _, account := range []string{"bert", "carl"} {
		s.settleAll([]*qrproto.Settlement{s.device.deliver(s.buy(account), 1_000_000)}, 0)
	}
	return s.rebooted()
}

// TestNotDead: the evidence has a hole.
func TestNotDead(t *testing.T) {
	for name, evidence := range map[string]func(*shop, *server.Order) string{
		"nothing has happened": func(s *shop, _ *server.Order) string { return s.device.show() },
		"an identity as old":   func(s *shop, o *server.Order) string { return s.device.show(func(i *qrproto.Identity) { i.Back = 1 }) },
		"its settlement is on its way": func(s *shop, o *server.Order) string {
			s.device.deliver(o, 1_000_000)
			return s.rebooted()
		},
		"its settlement of zero is on its way": func(s *shop, o *server.Order) string {
			s.device.deliver(o, 0)
			return s.aged()
		},
		"a record below the head is not here": func(s *shop, _ *server.Order) string {
			a, b := s.buy("bert"), s.buy("carl")
			s.device.deliver(a, 1_000_000)
			s.settleAll([]*qrproto.Settlement{s.device.deliver(b, 1_000_000)}, 0)
			return s.rebooted()
		},
		"it runs": func(s *shop, o *server.Order) string {
			return s.rebooted(open(2, o))
		},
		"it runs, in the same boot": func(s *shop, o *server.Order) string {
			return s.aged(open(16, o))
		},
		"the head is another record": func(s *shop, _ *server.Order) string {
			s.settleAll([]*qrproto.Settlement{s.device.deliver(s.buy("bert"), 1_000_000)}, 0)
			s.device.chain.Sum = qrproto.Ref{6}
			return s.rebooted()
		},
		"a fork": func(s *shop, _ *server.Order) string {
			o := s.buy("bert")
			fork := s.device.settlement(o, s.device.chain, 2_000_000)
			s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 1_000_000)}, 0)
			s.settleAll([]*qrproto.Settlement{fork}, settle.ErrFork)
			return s.rebooted()
		},
		"a fork behind the head, seen before it": func(s *shop, _ *server.Order) string {
			s.settleAll([]*qrproto.Settlement{s.device.deliver(s.buy("bert"), 1_000_000)}, 0)
			o := s.buy("carl", func(i *qrproto.Identity) { i.Connector = 2 })
			s.sees(s.aged())
			fork := s.device.settlement(o, s.device.chain, 2_000_000)
			s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 1_000_000), fork}, 0, settle.ErrFork)
			s.device = s.elsewhere(2)
			return s.device.show()
		},
		"the head is another record, seen before that": func(s *shop, _ *server.Order) string {
			o := s.buy("bert")
			other := s.device.settlement(o, s.device.chain, 2_000_000)
			s.device.deliver(o, 1_000_000)
			s.sees(s.rebooted())
			s.settleAll([]*qrproto.Settlement{other}, 0)
			s.device = s.elsewhere(2)
			return s.device.show()
		},
		"memory that was set back": func(s *shop, _ *server.Order) string {
			before := s.device.chain
			s.settleAll([]*qrproto.Settlement{s.device.deliver(s.buy("bert"), 1_000_000)}, 0)
			s.device.chain = before
			return s.rebooted()
		},
		"memory that was set back, seen before the record": func(s *shop, _ *server.Order) string {
			before := s.device.chain
			st := s.device.deliver(s.buy("bert"), 1_000_000)
			s.device.chain = before
			s.sees(s.rebooted())
			s.settleAll([]*qrproto.Settlement{st}, 0)
			s.device = s.elsewhere(2)
			return s.device.show()
		},
		"the order is in a record of another connector": func(s *shop, o *server.Order) string {
			st := s.device.deliver(o, 1_000_000)
			st.Connector = 2
			s.device.chain.Sum = sumOf(s.t, st).Ref()
			s.settleAll([]*qrproto.Settlement{st, s.device.deliver(s.buy("bert"), 1_000_000)}, settle.ErrOtherOrder, 0)
			return s.rebooted()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			o := s.buy("anna")
			identity := evidence(s, o)
			s.sees(identity)
			s.device = s.elsewhere(3)
			s.refusedFor(o, s.device.show())
			if got, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrNotDead) || got.State != server.StateIssued {
				t.Errorf("released: %v, %v", got.State, err)
			}
			s.state(o, server.StateIssued)
			if !same(s.provider.Held("anna"), yuan(10000)) {
				t.Errorf("held %v", s.provider.Held("anna"))
			}
			s.sound()
		})
	}
}

// open makes an identity show an order that runs on a connector.
func open(connector int, o *server.Order) func(*qrproto.Identity) {
	return func(i *qrproto.Identity) {
		i.Open = make(qrproto.Hints, 4*connector)
		hint := o.Sum.Hint()
		copy(i.Open[4*connector-4:], hint[:])
	}
}

// TestDeadAtAHighConnector: Open has no place for it, so only a restart proves
// anything.
func TestDeadAtAHighConnector(t *testing.T) {
	for connector, dead := range map[uint8]bool{16: true, 17: false} {
		s := newShop(t)
		o := s.buy("anna", func(i *qrproto.Identity) { i.Connector = connector })
		s.sees(s.aged())
		if _, err := s.Release(ctx, o.ID); errors.Is(err, server.ErrNotDead) == dead {
			t.Errorf("connector %d, challenge closed: %v", connector, err)
		}
		s.sees(s.rebooted())
		if _, err := s.Release(ctx, o.ID); err != nil {
			t.Errorf("connector %d, restarted: %v", connector, err)
		}
		s.sound()
	}
}

// TestDeadFamily: of two orders under one hold the device could have taken the
// first. Both must be dead.
func TestDeadFamily(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	second := s.buy("anna")
	s.sees(s.aged(open(1, first)))
	if _, err := s.Release(ctx, second.ID); !errors.Is(err, server.ErrNotDead) {
		t.Errorf("while the first runs: %v", err)
	}
	if _, err := s.Release(ctx, first.ID); !errors.Is(err, server.ErrNotDead) {
		t.Errorf("a replaced one: %v", err)
	}
	s.sees(s.aged())
	if _, err := s.Release(ctx, second.ID); err != nil {
		t.Error(err)
	}
	// A settlement of the first cannot be. It charges nothing.
	if o, err := s.Settle(ctx, s.device.seal(s.device.deliver(first, 1_000_000))); !errors.Is(err, server.ErrDead) || o.ID != first.ID {
		t.Errorf("%v, %v", o, err)
	}
	s.state(first, server.StateReplaced)
	s.sound()
}

// TestDeadWhilePlacing: the second order under a signed hold was never signed. The
// device need not have closed its challenge.
func TestDeadWhilePlacing(t *testing.T) {
	s := newShop(t)
	first := s.buy("anna")
	w := watch(s)
	w.apply = []error{nil, nil, errDown} // seen, placed, and not signed
	if _, err := s.try("anna", s.device.show()); !errors.Is(err, errDown) {
		t.Fatal(err)
	}
	s.sees(s.device.show(func(i *qrproto.Identity) { i.Back = 1 }))
	s.device = s.elsewhere(2)
	second := s.buy("anna")
	if first.HoldKey == second.HoldKey || !same(s.provider.Held("anna"), yuan(10000)) {
		t.Errorf("held %v", s.provider.Held("anna"))
	}
	s.sound()
}

// TestSettlementOfADeadOrder: against all that the device has shown. It is
// stored, is told as what it is, each time, and moves no money.
func TestSettlementOfADeadOrder(t *testing.T) {
	for _, released := range []bool{false, true} {
		script := []settletest.PaymentFault{settletest.PaymentNone, settletest.PaymentLost}
		if released {
			script = nil
		}
		s := newShop(t, script...)
		o := s.buy("anna")
		s.sees(s.rebooted())
		want := server.StateDead
		if _, err := s.Release(ctx, o.ID); released && err == nil {
			want = server.StateReleased
		} else if !errors.Is(err, server.ErrPayment) {
			t.Fatal(err)
		}
		st := s.device.deliver(o, 1_000_000)
		for range 2 {
			got, err := s.Settle(ctx, s.device.seal(st))
			if !errors.Is(err, server.ErrDead) || got.ID != o.ID || got.State != want {
				t.Errorf("%v, %v", got, err)
			}
		}
		q, err := s.Quote(ctx, "bert", s.device.show(carrying(t, st)))
		if err != nil || len(q.Carried) != 1 || !errors.Is(q.Carried[0].Err, server.ErrDead) {
			t.Errorf("carried %+v, %v", q, err)
		}
		bad := s.device.deliver(o, 2_000_000)
		bad.Payable++
		s.device.chain.Sum = sumOf(t, bad).Ref()
		s.settleAll([]*qrproto.Settlement{bad}, server.ErrDead)
		if r := s.recorded(2); r[0].Order != o.ID || r[0].Verdict != server.ErrDead || r[1].Verdict != server.ErrDead {
			t.Errorf("stored %+v", r)
		}
		s.chain(2, 0)
		if _, err := s.Pay(ctx, o.ID); !errors.Is(err, server.ErrNotSettled) {
			t.Error(err)
		}
		if _, err := s.Release(ctx, o.ID); err != nil || s.provider.Captures() != 0 || !same(s.provider.Held("anna"), yuan(0)) {
			t.Errorf("%v, held %v", err, s.provider.Held("anna"))
		}
		s.sound()
	}
}

// TestReleaseThroughFaults: whatever the provider or the store does at whichever
// call, the same again ends in one release.
func TestReleaseThroughFaults(t *testing.T) {
	for _, fault := range []settletest.PaymentFault{
		settletest.PaymentLost, settletest.PaymentNoAnswer, settletest.PaymentDelayed, settletest.PaymentTwice,
	} {
		for call := range 2 { // the release, and the hold of the next order
			for _, alone := range []bool{false, true} {
				if alone && call > 0 {
					continue
				}
				s := newShop(t, append(make([]settletest.PaymentFault, 1+call), fault)...)
				first := s.buy("anna")
				identity := s.rebooted()
				s.sees(identity)
				retry(t, server.ErrPayment, func() error {
					if alone {
						_, err := s.Release(ctx, first.ID)
						return err
					}
					_, err := s.try("anna", identity)
					return err
				})
				s.afterRelease(first, alone)
			}
		}
	}
}

func TestReleaseWhileTheStoreIsDown(t *testing.T) {
	for _, late := range []bool{false, true} {
		for _, alone := range []bool{false, true} {
			for stop := 1; ; stop++ {
				s := newShop(t)
				first := s.buy("anna")
				identity := s.rebooted()
				s.sees(identity)
				w := watch(s)
				w.stop, w.late = stop, late
				retry(t, errDown, func() error {
					if alone {
						_, err := s.Release(ctx, first.ID)
						return err
					}
					q, err := s.Quote(ctx, "anna", identity)
					if err == nil {
						_, err = s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
					}
					return err
				})
				s.Store = s.store
				s.afterRelease(first, alone)
				if w.calls < stop {
					break
				}
			}
		}
	}
}

// retry calls until it goes through, a few times.
func retry(t *testing.T, want error, step func() error) {
	t.Helper()
	for range 4 {
		err := step()
		if err == nil {
			return
		}
		if !errors.Is(err, want) {
			t.Fatal(err)
		}
	}
	t.Fatal("never ends")
}

// afterRelease tells what is held once an order is released, and another one is
// there unless it was released alone.
func (s *shop) afterRelease(o *server.Order, alone bool) {
	s.t.Helper()
	s.state(o, server.StateReleased)
	held := yuan(10000)
	if alone {
		held = yuan(0)
	}
	if !same(s.provider.Held(o.Account), held) {
		s.t.Errorf("held %v, want %v", s.provider.Held(o.Account), held)
	}
	if again, err := s.Release(ctx, o.ID); err != nil || again.State != server.StateReleased {
		s.t.Errorf("again: %v, %v", again, err)
	}
	if alone {
		s.device = s.elsewhere(2)
		s.buy(o.Account)
	}
	s.sound()
}

// TestReleaseOfWhatIsPlaced: nothing was signed. After an hour nobody will.
func TestReleaseOfWhatIsPlaced(t *testing.T) {
	for _, fault := range []settletest.PaymentFault{settletest.PaymentLost, settletest.PaymentNoAnswer} {
		s := newShop(t, fault)
		if _, err := s.try("anna", s.device.show()); !errors.Is(err, server.ErrPayment) {
			t.Fatal(err)
		}
		open, err := s.store.Find(ctx, server.Query{States: []server.State{server.StatePlacing}})
		if err != nil || len(open) != 1 {
			t.Fatal(open, err)
		}
		s.clock.advance(time.Hour)
		if _, err := s.Release(ctx, open[0].ID); !errors.Is(err, server.ErrNotDead) {
			t.Error(err)
		}
		s.clock.advance(time.Second)
		if _, err := s.Release(ctx, open[0].ID); err != nil {
			t.Error(err)
		}
		s.afterRelease(open[0], true)
	}
}

func TestReleaseRefuses(t *testing.T) {
	s := newShop(t)
	if _, err := s.Release(ctx, qrproto.OrderID{9}); !errors.Is(err, server.ErrNotFound) {
		t.Error(err)
	}
	o := s.sold("anna", 1_000_000)
	s.sees(s.rebooted())
	if _, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrNotDead) {
		t.Errorf("settled: %v", err)
	}
	if _, err := s.Pay(ctx, o.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrNotDead) {
		t.Errorf("paid: %v", err)
	}
	s.directory.terms.Hold = yuan(1_000_000)
	if _, err := s.try("bert", s.device.show()); !errors.Is(err, server.ErrDeclined) {
		t.Fatal(err)
	}
	refused, err := s.store.Find(ctx, server.Query{Account: "bert"})
	if err != nil || len(refused) != 1 {
		t.Fatal(refused, err)
	}
	s.sees(s.rebooted())
	if _, err := s.Release(ctx, refused[0].ID); !errors.Is(err, server.ErrNotDead) {
		t.Errorf("refused: %v", err)
	}
	s.sound()
}

// meddler lets something happen between the proof and the change that rests on
// it.
type meddler struct {
	server.Store
	meddle func()
}

func (m *meddler) Apply(ctx context.Context, c *server.Change) error {
	if meddle := m.meddle; meddle != nil && len(c.Orders) > 0 && c.Orders[0].State == server.StateDead {
		m.meddle = nil
		meddle()
	}
	return m.Store.Apply(ctx, c)
}

// TestReleaseWhileEvidenceChanges: a record comes that spoils the proof, and the order
// itself is not touched.
func TestReleaseWhileEvidenceChanges(t *testing.T) {
	s := newShop(t)
	o := s.buy("anna")
	s.sees(s.rebooted())
	st := s.device.deliver(o, 1_000_000)
	st.Connector = 2
	s.Store = &meddler{s.store, func() { s.settleAll([]*qrproto.Settlement{st}, settle.ErrOtherOrder) }}
	if _, err := s.Release(ctx, o.ID); !errors.Is(err, server.ErrNotDead) {
		t.Error(err)
	}
	s.state(o, server.StateIssued)
	s.recorded(1)
	s.sound()
}

// TestRaceDead: the settlement of an order arrives while others take it for
// dead, which a device that keeps to the wire never lets happen. Either it is
// charged or the hold is back, never both and never neither.
func TestRaceDead(t *testing.T) {
	for range 50 {
		s := newShop(t)
		o := s.buy("anna")
		identity := s.rebooted()
		s.sees(identity)
		text := s.device.seal(s.device.deliver(o, 1_000_000))
		q, err := s.Quote(ctx, "anna", identity)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() { s.raced(s.Settle(ctx, text)) })
			group.Go(func() { s.raced(s.Release(ctx, o.ID)) })
			group.Go(func() {
				s.raced(s.Issue(ctx, server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash}))
			})
		}
		group.Wait()
		paid, err := s.Pay(ctx, o.ID)
		switch {
		case err == nil && paid.State == server.StatePaid && same(s.provider.Captured("anna"), yuan(100)):
		case errors.Is(err, server.ErrNotSettled) && paid.State == server.StateReleased && s.provider.Captures() == 0:
		default:
			t.Errorf("%v, captured %v: %v", paid.State, s.provider.Captured("anna"), err)
		}
		s.recorded(1)
		open, err := s.store.Find(ctx, server.Query{Account: "anna", States: []server.State{server.StateIssued, server.StatePlacing}})
		want := tariff.Money{Units: int64(len(open)) * 10000, Scale: 2, Currency: "CNY"}
		if err != nil || len(open) > 1 || !same(s.provider.Held("anna"), want) {
			t.Errorf("%d open orders, held %v: %v", len(open), s.provider.Held("anna"), err)
		}
		s.sound()
	}
}

func (s *shop) raced(_ *server.Order, err error) {
	switch qrproto.CodeOf(err) {
	case 0, server.ErrDead, server.ErrNotDead, server.ErrOpenOrder, server.ErrBusy:
	default:
		s.t.Error(err)
	}
}
