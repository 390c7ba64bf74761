// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// weakness is something wrong with what charger and server are built upon. Each
// is found by the property that it violates, or the walk could not fail.
type weakness struct {
	name     string
	property string
	sizes    mazeSizes
	from     string
	device   func(*slot)
	journal  func(*settletest.Journal) *settletest.Journal // at a power cut
	store    func(server.Store) server.Store
	payments func(*settletest.Provider) server.Payments
	now      func(true int64) int64 // of the server, both s since noon
	rights   qrproto.Rights         // of the stolen key
	truth    func(*maze)
	ends     bool // it shows only where all should be in order
}

func (w *weakness) storeOf(s *settletest.Store) server.Store {
	if w.store == nil {
		return s
	}
	return w.store(s)
}

func (w *weakness) paymentsOf(p *settletest.Provider) server.Payments {
	if w.payments == nil {
		return p
	}
	return w.payments(p)
}

// without returns a journal that has lost the records for which lost is true.
func without(lost func(i, n int, tag byte) bool) func(*settletest.Journal) *settletest.Journal {
	return func(j *settletest.Journal) *settletest.Journal {
		out, i := settletest.NewJournal(wideJournal), 0
		for record := range j.Records() {
			if i++; !lost(i, j.Len(), record[0]) {
				_ = out.Append(record)
			}
		}
		return out
	}
}

// zeros is no randomness at all.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// viewed is a store that tells something else of devices than what is there.
type viewed struct {
	server.Store
	change func(*server.Device)
}

func (v viewed) Device(ctx context.Context, number []byte) (*server.Device, error) {
	d, err := v.Store.Device(ctx, number)
	if err == nil && d.Newest != nil {
		v.change(d)
	}
	return d, err
}

func view(change func(*server.Device)) func(server.Store) server.Store {
	return func(s server.Store) server.Store { return viewed{s, change} }
}

// loses is a store that says that records are there.
type loses struct{ server.Store }

func (l loses) Apply(ctx context.Context, c *server.Change) error {
	out := *c
	out.Records = nil
	return l.Store.Apply(ctx, &out)
}

// forgets is a store that does not know what was settled, and keeps no claims.
type forgets struct{ server.Store }

func (f forgets) Records(context.Context, []byte, uint32, uint32) ([]server.Record, error) {
	return nil, nil
}

func (f forgets) Find(ctx context.Context, q server.Query) ([]*server.Order, error) {
	all, err := f.Store.Find(ctx, q)
	for _, o := range all {
		if o.State == server.StateSettled || o.State == server.StatePaid {
			o.State = server.StateIssued
		}
	}
	return all, err
}

func (f forgets) Apply(ctx context.Context, c *server.Change) error {
	err := f.Store.Apply(ctx, c)
	if err == nil {
		return nil
	}
	out := *c
	out.Records, out.Free, out.Take = nil, nil, nil
	return f.Store.Apply(ctx, &out)
}

// unclaimed is a store that does not find what an account has open, and keeps no
// claims, which would be enough.
type unclaimed struct{ server.Store }

func (u unclaimed) Find(ctx context.Context, q server.Query) ([]*server.Order, error) {
	if q.Account != "" {
		return nil, nil
	}
	return u.Store.Find(ctx, q)
}

func (u unclaimed) Apply(ctx context.Context, c *server.Change) error {
	out := *c
	out.Free, out.Take = nil, nil
	return u.Store.Apply(ctx, &out)
}

// keyless is a payment provider to which each call is a new one.
type keyless struct{ *settletest.Provider }

func (k keyless) Capture(ctx context.Context, key, hold string, amount tariff.Money) error {
	return k.Provider.Capture(ctx, fmt.Sprint(key, k.Calls()), hold, amount)
}

var weaknesses = []weakness{
	{name: "a journal that loses its newest record", property: propAccounted, sizes: oneCharger, from: "armed",
		journal: without(func(i, n int, _ byte) bool { return i == n })},
	{name: "a journal that keeps no open sales", property: propAccounted, sizes: oneCharger, from: "charging",
		journal: without(func(_, _ int, tag byte) bool { return tag != 'B' && tag != 'S' })},
	{name: "a journal that keeps nothing but boots", property: propRollback, sizes: oneCharger, from: "settled",
		journal: without(func(_, _ int, tag byte) bool { return tag != 'B' })},
	{name: "a charger that starts without its journal", property: propAccounted, sizes: oneCharger, from: "charging",
		journal: without(func(int, int, byte) bool { return true })},
	{name: "a charger without randomness whose flash is set back", property: propRollback, sizes: withImages, from: "copied, armed",
		device: func(s *slot) { s.device.Rand = zeros{} }},
	{name: "an uptime that stands still", property: propClock, sizes: oneCharger, from: "ordered",
		device: func(s *slot) { s.uptime = func(time.Duration) time.Duration { return time.Second } }},
	{name: "an uptime at a third of the speed", property: propClock, sizes: oneCharger, from: "ordered",
		device: func(s *slot) { s.uptime = func(up time.Duration) time.Duration { return up / 3 } }},
	{name: "a charger that was cloned", property: propOnce, sizes: twoChargers, from: "armed",
		device: func(s *slot) { s.device.Rand, s.device.Secret, s.twin = zeros{}, [32]byte{1}, true }},
	{name: "a journal that reads no settlement back", property: propTransport, sizes: oneCharger, from: "settled", ends: true,
		device: func(s *slot) { s.blind = true }},
	// No charger can be made to do this from outside, so the truth is bent.
	{name: "a charger that hides a settlement", property: propDisclosure, sizes: oneCharger, from: "ordered",
		truth: func(m *maze) { m.photos[0].made++ }},
	{name: "a server whose clock is set back", property: propClock, sizes: oneCharger, from: "looked",
		now: func(true int64) int64 {
			if true >= 10 {
				return true - 300
			}
			return true
		}},
	{name: "a server whose clock jumps ahead", property: propClock, sizes: oneCharger, from: "long ago",
		now: func(true int64) int64 {
			if true >= 410 {
				return true + 300
			}
			return true
		}},
	{name: "a server that does not see what is open", property: propRefund, sizes: oneCharger, from: "armed",
		store: view(func(d *server.Device) { d.Newest.Open = nil })},
	{name: "a server that does not see what was settled", property: propRefund, sizes: oneCharger, from: "two settled",
		store: view(func(d *server.Device) { d.Newest.Head = nil })},
	{name: "a server that does not see which challenges are closed", property: propRefund, sizes: oneCharger, from: "ordered", ends: true,
		store: view(func(d *server.Device) { d.Newest.Back = d.Newest.Challenge.Counter - 1 })},
	{name: "a store that loses records", property: propRollback, sizes: oneCharger, from: "settled",
		store: func(s server.Store) server.Store { return loses{s} }},
	{name: "a store without claims that does not find open orders", property: propOpen, sizes: oneCharger, from: "ordered",
		store: func(s server.Store) server.Store { return unclaimed{s} }},
	{name: "a journal that loses the newest snapshot", property: propRevoked, sizes: stolenKey, from: "revoked",
		journal: without(func(i, n int, tag byte) bool { return tag == 'T' && i > 2 })},
	{name: "a journal that does not count for a quota", property: propRevoked, sizes: stolenKey, from: "stolen, sold",
		journal: without(func(_, _ int, tag byte) bool { return tag == 'A' || tag == 'C' })},
	{name: "a stolen key that may acknowledge", property: propRollback, sizes: stolenKey, from: "stolen, settled",
		rights: qrproto.RightAcknowledge},
	{name: "a payment provider without keys, and an answer that is lost", property: propCharged, sizes: lostAnswers, from: "uploaded",
		payments: func(p *settletest.Provider) server.Payments { return keyless{p} }},
	{name: "the same, and a store that forgets what was settled", property: propCharged, sizes: oneCharger, from: "paid",
		store:    func(s server.Store) server.Store { return forgets{s} },
		payments: func(p *settletest.Provider) server.Payments { return keyless{p} }},
}

// TestWalkFindsWeaknesses: the walk fails where it should, and by the property
// that should not hold then. There is no property that cannot fail.
func TestWalkFindsWeaknesses(t *testing.T) {
	violated := map[string]bool{}
	for _, w := range weaknesses {
		t.Run(w.name, func(t *testing.T) {
			s, err := w.walk(4000)
			var found *breach
			if !errors.As(err, &found) || found.property != w.property {
				t.Fatalf("%d acts: %v: %s", s.taken, err, names(s.trail))
			}
			violated[found.property] = true
			t.Logf("%d acts: %v: %s", s.taken, err, names(s.trail))
		})
	}
	for _, p := range properties {
		if !violated[p] {
			t.Errorf("no weakness violates %s", p)
		}
	}
}

// walk goes every way with a weakness, up to so many acts.
func (w *weakness) walk(most int) (*search, error) {
	start, err := begin(w.sizes, *w, w.from)
	if err != nil {
		return &search{}, err
	}
	if w.truth != nil {
		w.truth(start)
	}
	every := 0
	if w.ends {
		every = 1
	}
	s := newSearch(start, every, func(taken int) bool { return taken > most })
	_, err = s.run(4)
	return s, err
}
