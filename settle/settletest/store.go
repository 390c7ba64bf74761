// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// Store is a server.Store in memory. Changes are applied one after the other.
type Store struct {
	mu      sync.RWMutex
	orders  map[qrproto.OrderID]*server.Order
	created []qrproto.OrderID // in the order of their creation
	sums    map[qrproto.Ref][]qrproto.OrderID
	holds   map[string][]qrproto.OrderID
	account map[string][]qrproto.OrderID
	devices map[string]*server.Device
	records map[string]map[uint32][]server.Record
	claims  map[string]bool
}

var _ server.Store = (*Store)(nil)

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		orders:  map[qrproto.OrderID]*server.Order{},
		sums:    map[qrproto.Ref][]qrproto.OrderID{},
		holds:   map[string][]qrproto.OrderID{},
		account: map[string][]qrproto.OrderID{},
		devices: map[string]*server.Device{},
		records: map[string]map[uint32][]server.Record{},
		claims:  map[string]bool{},
	}
}

// Order implements server.Store.
func (s *Store) Order(ctx context.Context, id qrproto.OrderID) (*server.Order, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := s.orders[id]
	if o == nil {
		return nil, fmt.Errorf("settletest: order %x: %w", id[:], server.ErrNotFound)
	}
	return o.Clone(), nil
}

// Find implements server.Store.
func (s *Store) Find(ctx context.Context, q server.Query) ([]*server.Order, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*server.Order
	for _, id := range s.candidates(&q) {
		if o := s.orders[id]; selects(&q, o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *server.Order) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), bytes.Compare(a.ID[:], b.ID[:]))
	})
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
	}
	for i, o := range out {
		out[i] = o.Clone()
	}
	return out, nil
}

// candidates are the orders under the narrowest index that there is.
func (s *Store) candidates(q *server.Query) []qrproto.OrderID {
	switch {
	case q.Sum != (qrproto.Ref{}):
		return s.sums[q.Sum]
	case q.HoldKey != "":
		return s.holds[q.HoldKey]
	case q.Account != "":
		return s.account[q.Account]
	}
	return s.created
}

func selects(q *server.Query, o *server.Order) bool {
	return (q.Account == "" || q.Account == o.Account) &&
		(q.HoldKey == "" || q.HoldKey == o.HoldKey) &&
		(q.Sum == (qrproto.Ref{}) || q.Sum == o.Sum.Ref()) &&
		(len(q.States) == 0 || slices.Contains(q.States, o.State))
}

// Device implements server.Store.
func (s *Store) Device(ctx context.Context, charger []byte) (*server.Device, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if d := s.devices[string(charger)]; d != nil {
		return d.Clone(), nil
	}
	return &server.Device{Charger: bytes.Clone(charger)}, nil
}

// Records implements server.Store.
func (s *Store) Records(ctx context.Context, charger []byte, from, to uint32) ([]server.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	stored := s.records[string(charger)]
	if from == to {
		return cloneRecords(stored[from]), nil
	}
	var out []server.Record
	for _, seq := range slices.Sorted(maps.Keys(stored)) {
		if from <= seq && seq <= to {
			out = append(out, cloneRecords(stored[seq])...)
		}
	}
	return out, nil
}

func cloneRecords(records []server.Record) []server.Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Charger, out[i].Payload = bytes.Clone(out[i].Charger), bytes.Clone(out[i].Payload)
	}
	slices.SortFunc(out, func(a, b server.Record) int { return cmp.Compare(a.Branch, b.Branch) })
	return out
}

// Apply implements server.Store.
func (s *Store) Apply(ctx context.Context, c *server.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(c); err != nil {
		return err
	}
	for _, o := range c.Orders {
		s.put(o.Clone())
	}
	if c.Device != nil {
		s.devices[string(c.Device.Charger)] = c.Device.Clone()
	}
	for _, r := range cloneRecords(c.Records) {
		of := s.records[string(r.Charger)]
		if of == nil {
			of = map[uint32][]server.Record{}
			s.records[string(r.Charger)] = of
		}
		of[r.Seq] = append(of[r.Seq], r)
	}
	for _, claim := range c.Free {
		delete(s.claims, claim)
	}
	for _, claim := range c.Take {
		s.claims[claim] = true
	}
	return nil
}

// put writes an order. Account and hold key never change, and sum only once:
// from zero.
func (s *Store) put(o *server.Order) {
	before := s.orders[o.ID]
	s.orders[o.ID] = o
	if before == nil {
		s.created = append(s.created, o.ID)
		s.account[o.Account] = append(s.account[o.Account], o.ID)
		s.holds[o.HoldKey] = append(s.holds[o.HoldKey], o.ID)
	}
	if o.Sum != (qrproto.Hash{}) && (before == nil || before.Sum == (qrproto.Hash{})) {
		s.sums[o.Sum.Ref()] = append(s.sums[o.Sum.Ref()], o.ID)
	}
}

// check tells whether all of a change can be applied.
func (s *Store) check(c *server.Change) error {
	conflict := func(what string) error { return fmt.Errorf("settletest: %s: %w", what, server.ErrConflict) }
	seen := map[qrproto.OrderID]bool{}
	for _, o := range c.Orders {
		var stored uint64
		if before := s.orders[o.ID]; before != nil {
			stored = before.Version
		}
		if o.Version != stored+1 || seen[o.ID] {
			return conflict("order")
		}
		seen[o.ID] = true
	}
	if d := c.Device; d != nil {
		var stored uint64
		if before := s.devices[string(d.Charger)]; before != nil {
			stored = before.Version
		}
		if d.Version != stored+1 {
			return conflict("device")
		}
	}
	if s.recorded(c.Records) {
		return conflict("record")
	}
	return s.checkClaims(c)
}

func (s *Store) recorded(records []server.Record) bool {
	for i, r := range records {
		same := func(o server.Record) bool {
			return o.Seq == r.Seq && bytes.Equal(o.Charger, r.Charger) && (o.Branch == r.Branch || o.Sum == r.Sum)
		}
		if slices.ContainsFunc(s.records[string(r.Charger)][r.Seq], same) || slices.ContainsFunc(records[:i], same) {
			return true
		}
	}
	return false
}

func (s *Store) checkClaims(c *server.Change) error {
	for i, claim := range c.Free {
		if !s.claims[claim] || slices.Contains(c.Free[:i], claim) {
			return fmt.Errorf("settletest: claim %q is not held: %w", claim, server.ErrConflict)
		}
	}
	for i, claim := range c.Take {
		if s.claims[claim] && !slices.Contains(c.Free, claim) || slices.Contains(c.Take[:i], claim) {
			return &server.ClaimError{Claim: claim}
		}
	}
	return nil
}
