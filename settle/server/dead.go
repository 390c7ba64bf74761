// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"math"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Release gives back the hold of an order that no settlement can ask for any
// more, and frees its account. Issue does so by itself where such an order is in
// the way; Release is for the holds of those who never come back. Once released,
// it returns the order again.
//
// An order is dead by qrproto/SPEC.md, section 16: the device has restarted since,
// or its oldest open challenge is above the order's; every settlement up to the
// head that it shows is here; the order is in none of them, and under no hint of
// an open one. The same holds of all that were signed under its hold. One under
// whose hold nothing was ever signed is dead after an hour, when nobody signs it
// any more.
//
// A sale at a device without a display that was not signed within an hour is undone:
// what was taken is refunded. One that was signed never is.
//
// It fails with ErrNotDead where that is not proven, and with ErrPayment where
// the provider did not answer: the same call again is then safe. A hold that the
// provider refuses to release is not there.
func (s *Server) Release(ctx context.Context, id qrproto.OrderID) (order *Order, err error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	err = again(ctx, func() error {
		order, err = s.releaseOnce(ctx, id)
		return err
	})
	return order, err
}

func (s *Server) releaseOnce(ctx context.Context, id qrproto.OrderID) (*Order, error) {
	o, err := s.Store.Order(ctx, id)
	if err != nil || o.State == StateReleased {
		return o, err
	}
	if o.sticker() {
		return s.undo(ctx, o)
	}
	released := o.Clone()
	if err := s.bury(ctx, released); err != nil {
		return o, err
	}
	if err := released.move(eventRelease); err != nil {
		return o, err
	}
	err = s.Store.Apply(ctx, &Change{Orders: []*Order{released}, Free: []string{openOrderClaim(o.Account)}})
	if err != nil {
		return o, err
	}
	return released, nil
}

// bury takes an open order to StateDead and gives its hold back. The state comes
// first: a settlement that arrives from then on, against all that the device has
// shown, cannot be promised the hold. That the hold is back is for the caller to
// store.
func (s *Server) bury(ctx context.Context, o *Order) error {
	if o.State != StateDead {
		if err := s.die(ctx, o); err != nil {
			return err
		}
	}
	return s.giveBack(ctx, o)
}

// die stores that an order is dead, provided that neither it nor what is known of
// its device has changed since the proof was read.
func (s *Server) die(ctx context.Context, o *Order) error {
	if o.State != StatePlacing && o.State != StateIssued {
		return fail(ErrNotDead, "order %x is %v", o.ID[:], o.State)
	}
	c := &Change{Orders: []*Order{o}}
	if o.signed() {
		device, err := s.proof(ctx, o)
		if err != nil {
			return err
		}
		device.Version++
		c.Device = device
	} else if s.age(o.Created) <= grace {
		return fail(ErrNotDead, "order %x is being placed", o.ID[:])
	}
	if err := o.move(eventDie); err != nil {
		return err
	}
	return s.Store.Apply(ctx, c)
}

// giveBack releases the hold of a dead order. Where nothing was ever signed under
// it, the provider may or may not have placed it: it is asked again, under the
// same key, for the hold's name. What it refuses is not there.
func (s *Server) giveBack(ctx context.Context, o *Order) error {
	hold, err := o.Hold, error(nil)
	if hold == "" {
		hold, err = s.Payments.Hold(ctx, o.HoldKey, o.Account, o.Amount)
	}
	if err == nil {
		err = s.Payments.Release(ctx, key("release", o.ID), hold)
	}
	if err == nil || errors.Is(err, ErrDeclined) {
		return nil
	}
	return payment("release", err)
}

// proof returns the device as it was read before all else, if what it has shown
// and what is stored of it prove every order under the hold of o dead. Those that
// were signed are all for one connector of that device: see excludes.
func (s *Server) proof(ctx context.Context, o *Order) (*Device, error) {
	d, err := s.Store.Device(ctx, o.Charger)
	if err != nil {
		return nil, err
	}
	if d.Newest == nil || d.Contested != 0 {
		return nil, fail(ErrNotDead, "device %x is contested at %d, or was not seen", d.Charger, d.Contested)
	}
	family, err := s.Store.Find(ctx, Query{HoldKey: o.HoldKey})
	if err != nil {
		return nil, err
	}
	from := headOf(d.Newest)
	for _, f := range family {
		if err := f.shownDead(d); err != nil {
			return nil, err
		}
		from = min(from, f.Head)
	}
	stored, err := s.Store.Records(ctx, d.Charger, from, math.MaxUint32)
	if err != nil {
		return nil, err
	}
	return d, complete(d, stored, family)
}

// shownDead holds an order against the newest identity of its device: whether
// the device could still accept it, or says that it runs. What was not signed, it
// cannot have.
func (o *Order) shownDead(d *Device) error {
	n := d.Newest
	later := n.Boot > o.Boot || n.Boot == o.Boot && n.Oldest() > o.Counter && o.Connector <= maxOpenHints
	switch {
	case o.Code.Kind() == 0:
		return nil
	case !later:
		return fail(ErrNotDead, "device %x may still take order %x", d.Charger, o.ID[:])
	case n.Open.Has(o.Sum.Hint()):
		return fail(ErrNotDead, "order %x may run on device %x", o.ID[:], d.Charger)
	}
	return nil
}

// maxOpenHints is how many connectors have a place in Identity.Open.
const maxOpenHints = 16

// complete tells whether every settlement is stored that the device's newest
// identity knows of, and none of them is of one of these orders. A device that
// does not know what it wrote before its restart proves nothing.
func complete(d *Device, stored []Record, orders []*Order) error {
	head := headOf(d.Newest)
	known := head == 0
	for _, r := range stored {
		st, err := qrproto.DecodeRecord(d.Charger, r.Payload)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if o.Code.Kind() != 0 && st.Order == o.Sum.Ref() {
				return fail(ErrNotDead, "settlement %d names order %x", r.Seq, o.ID[:])
			}
		}
		if r.Seq == head {
			known = r.Sum.Short() == d.Newest.Head.Sum
		}
		if r.Seq > head && st.Boot < d.Newest.Boot {
			return fail(ErrNotDead, "device %x does not know its settlement %d", d.Charger, r.Seq)
		}
	}
	if !known || d.Chain.Seq < head {
		return fail(ErrNotDead, "device %x has settled %d, the chain is at %d", d.Charger, head, d.Chain.Seq)
	}
	return nil
}
