// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
)

// forgo ends a sale that the provider has refused. What it held, and would not
// capture, goes back first.
func (s *Server) forgo(ctx context.Context, o *Order) error {
	if o.Hold != "" {
		if err := s.Payments.Release(ctx, key("release", o.ID), o.Hold); err != nil && !errors.Is(err, ErrDeclined) {
			return payment("release", err)
		}
	}
	return again(ctx, func() error {
		now, err := s.Store.Order(ctx, o.ID)
		if err != nil || now.State != StateSelling {
			return err // somebody else was told the same
		}
		now.Hold = o.Hold
		return s.end(ctx, now, eventDecline)
	})
}

// end takes a sale that is not signed to where it never will be. It has no number
// yet, so that the device is as it was.
func (s *Server) end(ctx context.Context, o *Order, on event) error {
	if err := o.move(on); err != nil {
		return err
	}
	return s.Store.Apply(ctx, &Change{Orders: []*Order{o}})
}

// undo gives back what was taken for a sale that nobody has signed, and nobody
// will. The state comes first: who is about to sign it then cannot.
func (s *Server) undo(ctx context.Context, o *Order) (*Order, error) {
	undone := o.Clone()
	switch {
	case o.State == StateSelling && s.age(o.Created) > grace:
		if err := s.end(ctx, undone, eventDie); err != nil {
			return o, err
		}
	case o.State != StateVoid:
		return o, fail(ErrNotDead, "order %x is %v", o.ID[:], o.State)
	}
	if err := s.repay(ctx, undone); err != nil {
		return o, err
	}
	if err := undone.move(eventRelease); err != nil {
		return o, err
	}
	if err := s.Store.Apply(ctx, &Change{Orders: []*Order{undone}}); err != nil {
		return o, err
	}
	return undone, nil
}

// repay finds out what the provider did, by asking for the same once more, and
// undoes it. Release comes before Capture is asked again: from then on that takes
// nothing, and its answer tells whether it has.
func (s *Server) repay(ctx context.Context, o *Order) error {
	hold, err := s.Payments.Hold(ctx, o.HoldKey, o.Account, o.Amount)
	if err == nil {
		err = s.Payments.Release(ctx, key("release", o.ID), hold)
	}
	if err == nil {
		err = s.Payments.Capture(ctx, key("capture", o.ID), hold, o.Amount)
	}
	switch {
	case errors.Is(err, ErrDeclined):
		return nil // nothing is there
	case err != nil:
		return payment("release", err)
	}
	if err := s.Payments.Refund(ctx, key("refund", o.ID), hold, o.Amount); err != nil {
		return payment("refund", err)
	}
	return nil
}
