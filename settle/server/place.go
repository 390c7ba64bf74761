// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

// place stores the order, not signed yet, as the account's open one.
func (s *Server) place(ctx context.Context, ask *Ask, seen *sighting, d *deal) (order *Order, err error) {
	err = again(ctx, func() error {
		order, err = s.placeOnce(ctx, ask, seen, d)
		return err
	})
	return order, err
}

func (s *Server) placeOnce(ctx context.Context, ask *Ask, seen *sighting, d *deal) (*Order, error) {
	open, err := s.Store.Find(ctx, Query{Account: ask.Account, States: openStates[:], Limit: 1})
	if err != nil {
		return nil, err
	}
	i := seen.identity
	o := &Order{
		Account: ask.Account, Charger: i.Number, Connector: i.Connector, Boot: i.Boot,
		Counter: i.Challenge.Counter, Head: headOf(i), Created: s.Now().Unix(), Tariff: d.bytes, Amount: d.hold,
	}
	if _, err := io.ReadFull(s.Rand, o.ID[:]); err != nil {
		return nil, fail(ErrConfig, "Rand: %v", err)
	}
	o.HoldKey, o.HeldSince = key("hold", o.ID), o.Created
	change := &Change{Orders: []*Order{o}}
	if len(open) == 0 {
		change.Take = []string{openOrderClaim(ask.Account)}
	} else if err := s.replace(ctx, open[0], o, seen, d, change); err != nil {
		return nil, err
	}
	if err := o.move(eventPlace); err != nil {
		return nil, err
	}
	return o, s.Store.Apply(ctx, change)
}

// replace puts o into the place of an earlier order. It takes over the hold
// where either nothing was ever signed under it, or the device takes one of the
// two orders at most. Where that is not so, or the hold no longer fits, it is
// given back if the earlier order is dead. Else that one stays: it may be
// charging, or settled and not known to be, and then needs its hold.
func (s *Server) replace(ctx context.Context, earlier, o *Order, seen *sighting, d *deal, c *Change) error {
	fits := earlier.Amount.Currency == o.Amount.Currency && s.outlasts(earlier.HeldSince, d)
	waits := earlier.State == StatePlacing || earlier.State == StateIssued
	on := eventReplace
	if waits && fits && (!earlier.signed() || o.excludes(earlier, seen.device)) {
		o.HoldKey, o.HeldSince, o.Hold, o.Amount = earlier.HoldKey, earlier.HeldSince, earlier.Hold, earlier.Amount
	} else if err := s.bury(ctx, earlier); errors.Is(err, ErrNotDead) {
		return &OpenOrderError{earlier.ID, earlier.State}
	} else if err != nil {
		return err
	} else {
		on = eventRelease
	}
	c.Orders = append(c.Orders, earlier)
	return earlier.move(on)
}

// grace is for how long a hold always fits, so that what a provider did not
// answer can be tried again. It is well above qrproto.MaxHeld: who began to
// place an order so long ago does not sign it any more.
const grace = time.Hour

// age is how long ago a time in Unix s was.
func (s *Server) age(since int64) time.Duration {
	return max(0, s.Now().Sub(time.Unix(since, 0)))
}

// outlasts tells whether a hold placed at a time in Unix s lasts to the end of a
// session that is ordered now.
func (s *Server) outlasts(since int64, d *deal) bool {
	return s.age(since) <= max(grace, s.Policy.holdFor()-time.Duration(d.limits.Duration)*time.Second)
}

// signed tells whether this order, or one before it under the same hold, was
// signed. An order that is being placed knows the name of its hold only from
// one that was.
func (o *Order) signed() bool { return o.State != StatePlacing || o.Hold != "" }

// excludes tells whether the device takes at most one of the two orders. That
// is so for the same connector and boot, as taking one closes every challenge
// that was shown there before, if the earlier one was not settled when the
// identity of o was made: each settlement that this identity knows of must be
// stored here, where it would have closed its order, or be older than the
// earlier order.
func (o *Order) excludes(earlier *Order, d *Device) bool {
	same := bytes.Equal(earlier.Charger, o.Charger) && earlier.Connector == o.Connector && earlier.Boot == o.Boot
	return same && o.Head <= max(earlier.Head, d.Chain.Seq)
}
