// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"io"
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
	o.HoldKey = key("hold", o.ID)
	change := &Change{Orders: []*Order{o}}
	if len(open) == 0 {
		change.Take = []string{openOrderClaim(ask.Account)}
	} else if err := o.replace(open[0], seen.device, change); err != nil {
		return nil, err
	}
	if err := o.move(eventPlace); err != nil {
		return nil, err
	}
	return o, s.Store.Apply(ctx, change)
}

// replace puts o into the place of an earlier order, under its hold. Either
// nothing was ever signed under that, or the device takes one of the two at
// most.
func (o *Order) replace(earlier *Order, d *Device, c *Change) error {
	if earlier.State == StateSettled || earlier.signed() && !o.excludes(earlier, d) || earlier.Amount.Currency != o.Amount.Currency {
		return &OpenOrderError{earlier.ID, earlier.State}
	}
	o.HoldKey, o.Hold, o.Amount = earlier.HoldKey, earlier.Hold, earlier.Amount
	c.Orders = append(c.Orders, earlier)
	return earlier.move(eventReplace)
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
