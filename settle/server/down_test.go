// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// step is a call that a caller repeats when the store was down.
type step func() error

// plays are what happens beside the usual loop. Each prepares a shop, and returns
// the calls that follow.
var plays = map[string]func(*shop) []step{
	"records out of order": func(s *shop) []step {
		a, b, c := s.buy("anna"), s.buy("bert"), s.buy("carl")
		one, two, three := s.device.deliver(a, 1_000_000), s.device.deliver(b, 2_000_000), s.device.deliver(c, 3_000_000)
		return []step{s.settles(three, 0), s.settles(one, 0), s.settles(two, 0)}
	},
	"a fork": func(s *shop) []step {
		a, b, c, d := s.buy("anna"), s.buy("bert"), s.buy("carl"), s.buy("dora")
		one := s.device.deliver(a, 1_000_000)
		rival := s.device.settlement(d, s.device.chain, 4_000_000)
		two, three := s.device.deliver(b, 2_000_000), s.device.deliver(c, 3_000_000)
		return []step{s.settles(one, 0), s.settles(two, 0), s.settles(three, 0), s.settles(rival, settle.ErrFork)}
	},
	"a fork in a gap": func(s *shop) []step {
		a, b, c, d := s.buy("anna"), s.buy("bert"), s.buy("carl"), s.buy("dora")
		one := s.device.deliver(a, 1_000_000)
		rival := s.device.settlement(d, s.device.chain, 4_000_000)
		two, three := s.device.deliver(b, 2_000_000), s.device.deliver(c, 3_000_000)
		return []step{s.settles(three, 0), s.settles(rival, 0), s.settles(two, settle.ErrFork), s.settles(one, 0)}
	},
	"a dispute": func(s *shop) []step {
		st := s.device.settlement(s.buy("anna"), settle.Head{}, 1_000_000)
		st.Payable++
		return []step{s.settles(st, settle.ErrDispute)}
	},
	"an order that was replaced": func(s *shop) []step {
		first := s.buy("anna")
		s.buy("anna")
		return []step{s.settles(s.device.deliver(first, 1_000_000), 0)}
	},
	"a memory that was restored": func(s *shop) []step {
		heads := s.history(3)
		s.device.chain, s.device.boot = heads[1], s.device.boot+5
		return []step{s.quotes("dora", s.device.show())}
	},
	"a head that is another": func(s *shop) []step {
		s.history(3)
		s.device.chain = settle.Head{Seq: 2, Sum: qrproto.Ref{6}, Total: 1_000_000}
		return []step{s.quotes("dora", s.device.show())}
	},
	"records that an identity carries": func(s *shop) []step {
		one, two := s.device.deliver(s.buy("anna"), 1_000_000), s.device.deliver(s.buy("bert"), 2_000_000)
		return []step{s.quotes("carl", s.device.show(carrying(s.t, two, one)))}
	},
	"a hold that is declined": func(s *shop) []step {
		s.directory.terms.Hold = yuan(100_001)
		identity := s.device.show()
		q, err := s.Quote(ctx, "anna", identity)
		if err != nil {
			s.t.Fatal(err)
		}
		ask := server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash}
		return []step{func() error { _, err := s.Issue(ctx, ask); return but(err, server.ErrDeclined) }}
	},
	"a sale that is refused": func(s *shop) []step {
		s.kiosk()
		s.Payments = miserly{s.provider}
		sale := s.offered("anna")
		return []step{func() error { _, err := s.Sell(ctx, sale); return but(err, server.ErrDeclined) }}
	},
	"a sale that nobody signs": func(s *shop) []step {
		s.kiosk()
		s.Payments = settletest.NewProvider(settletest.ProviderOptions{Now: s.clock.now, Balance: yuan(100_000),
			Script: []settletest.PaymentFault{settletest.PaymentNone, settletest.PaymentNoAnswer}})
		if _, err := s.Sell(ctx, s.offered("anna")); !errors.Is(err, server.ErrPayment) {
			s.t.Fatal(err)
		}
		o := s.only(server.StateSelling)
		s.clock.advance(2 * time.Hour)
		return []step{func() error { _, err := s.Release(ctx, o.ID); return err }}
	},
	"a stop order": func(s *shop) []step {
		s.directory.keys = append(s.directory.keys, s.elsewhere(2).key())
		s.trust()
		o := s.buy("anna")
		return []step{func() error { _, err := s.Stop(ctx, o.ID); return err }}
	},
}

// but leaves out the error that a call must end with.
func but(err error, want qrproto.ErrorCode) error {
	if errors.Is(err, want) && !errors.Is(err, errDown) {
		return nil
	}
	if err == nil && want != 0 {
		return fmt.Errorf("no error, want %w", want)
	}
	return err
}

func (s *shop) settles(st *qrproto.Settlement, want qrproto.ErrorCode) step {
	text := s.device.seal(st)
	return func() error { _, err := s.Settle(ctx, text); return but(err, want) }
}

func (s *shop) quotes(account, identity string) step {
	return func() error {
		q, err := s.Quote(ctx, account, identity)
		if err != nil {
			return err
		}
		for _, c := range q.Carried {
			if c.Err != nil {
				return c.Err
			}
		}
		return nil
	}
}

// books are what the store holds in the end, but for what was told twice.
func (s *shop) books() string {
	orders, err1 := s.store.Find(ctx, server.Query{})
	device, err2 := s.store.Device(ctx, s.device.number)
	records, err3 := s.store.Records(ctx, s.device.number, 0, 1<<32-1)
	if err := errors.Join(err1, err2, err3); err != nil {
		s.t.Fatal(err)
	}
	var lines []string
	for _, o := range orders {
		if o.State == server.StateReplaced {
			continue // by the call that was made again
		}
		lines = append(lines, fmt.Sprintf("%s %v %v, dispute %v", o.Account, o.State, o.Paid, o.Verdict))
	}
	for _, r := range records {
		lines = append(lines, fmt.Sprintf("record %d of branch %d: %v", r.Seq, r.Branch, r.Verdict))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%q, chain %d, contested at %d, lost %v", slices.Compact(lines), device.Chain.Seq, device.Contested, device.Newest != nil)
}

// TestTheStoreIsDownBesideTheLoop: at each call of each play, before or after the
// effect. Somebody is told, does the same again, and the books end as they do
// where nothing fails.
func TestTheStoreIsDownBesideTheLoop(t *testing.T) {
	for name, play := range plays {
		t.Run(name, func(t *testing.T) {
			want, calls := played(t, play, 0, false)
			each := 1
			if testing.Short() {
				each = 5
			}
			for stop := 1; stop <= calls; stop += each {
				for _, late := range []bool{false, true} {
					if got, _ := played(t, play, stop, late); got != want {
						t.Errorf("call %d of %d down, late %v:\n%s, want\n%s", stop, calls, late, got, want)
					}
				}
			}
		})
	}
}

// played plays with a store that fails once, and returns its books and how many
// calls it had.
func played(t *testing.T, play func(*shop) []step, stop int, late bool) (string, int) {
	t.Helper()
	s := newShop(t)
	steps := play(s)
	w := watch(s)
	w.stop, w.late = stop, late
	told := 0
	for _, do := range steps {
		for err := do(); err != nil; err = do() {
			if told++; told > 1 || !errors.Is(err, errDown) {
				t.Fatalf("call %d down, late %v: %v", stop, late, err)
			}
		}
	}
	calls := w.calls
	if stop > 0 && told == 0 {
		t.Errorf("call %d down, late %v: nobody was told", stop, late)
	}
	s.Store = s.store
	s.sound()
	return s.books(), calls
}
