// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
)

// begin returns the order of a sale, not signed yet and without a number, stored
// before any money is asked for; or the device's last one, where that is this sale
// and on its way.
//
// What is begun keeps nobody from the device. It costs nothing: its customer may
// have no money, or hang up, or be anywhere in the world. So if it kept others off,
// for however short a time, a script would keep everybody off; and if the next
// customer put an end to it, a script would end all the others', after their money
// was taken. Who has paid first is sold to, then the others wait: one who pays for
// that keeps others off, as long as an order may be on its way.
func (s *Server) begin(ctx context.Context, sale *Sale, may *authority, d *deal) (order *Order, err error) {
	err = again(ctx, func() error {
		order, err = s.beginOnce(ctx, sale, may, d)
		return err
	})
	return order, err
}

func (s *Server) beginOnce(ctx context.Context, sale *Sale, may *authority, d *deal) (*Order, error) {
	device, err := s.Store.Device(ctx, sale.Charger)
	if err != nil {
		return nil, err
	}
	last, until, err := s.out(ctx, device)
	switch {
	case err != nil:
		return nil, err
	case last != nil && last.is(sale, d) && equalTargets(last.Start.Target, sale.Target):
		return last, nil
	case last != nil:
		return nil, &OutstandingError{until}
	}
	// What could not be signed is not charged for.
	if err := may.counts(device.Clone()); err != nil {
		return nil, err
	}
	begun, err := s.Store.Find(ctx, Query{Account: sale.Account, States: []State{StateSelling}})
	if err != nil {
		return nil, err
	}
	for _, o := range begun {
		if o.is(sale, d) && s.age(o.Created) <= grace {
			return o, nil
		}
	}
	return s.enter(ctx, sale, d, device)
}

// enter stores a new order. It writes the device as well, as it was: of two phones
// that begin the same sale of one account at once, the second one has to look
// again, and the price is taken once.
func (s *Server) enter(ctx context.Context, sale *Sale, d *deal, device *Device) (*Order, error) {
	o := &Order{
		Account: sale.Account, Charger: sale.Charger, Connector: sale.Connector,
		Created: s.Now().Unix(), Tariff: d.bytes, Amount: d.hold,
	}
	if _, err := io.ReadFull(s.Rand, o.ID[:]); err != nil {
		return nil, fail(ErrConfig, "Rand: %v", err)
	}
	o.HoldKey, o.HeldSince = key("hold", o.ID), o.Created
	device.Version++
	if err := o.move(eventSell); err != nil {
		return nil, err
	}
	return o, s.Store.Apply(ctx, &Change{Orders: []*Order{o}, Device: device})
}

// is tells whether an order is that of a sale, whose target is chosen when it is
// signed.
func (o *Order) is(sale *Sale, d *deal) bool {
	return o.Account == sale.Account && bytes.Equal(o.Charger, sale.Charger) && o.Connector == sale.Connector &&
		o.Amount == d.hold && bytes.Equal(o.Tariff, d.bytes)
}

func equalTargets(a, b *qrproto.Target) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// out returns the last sale of a device if it may be on its way there, and until
// when; nil for none.
func (s *Server) out(ctx context.Context, device *Device) (last *Order, until time.Time, err error) {
	if device.Sale == (qrproto.OrderID{}) {
		return nil, until, nil
	}
	last, err = s.Store.Order(ctx, device.Sale)
	if err != nil || last.State != StateSold {
		return nil, until, err
	}
	span := time.Duration(last.Start.Window) * time.Second
	if s.age(last.Start.Issued) > span {
		return nil, until, nil
	}
	return last, time.Unix(last.Start.Issued, 0).Add(span), nil
}
