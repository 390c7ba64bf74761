// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Pay captures exactly what a settled order asks for and releases the rest of
// its hold. Once paid, or sold, it returns the order again.
//
// It fails with ErrNotSettled before the settlement, with the verdict
// (settle.ErrDispute and the like) for a disputed order, with ErrDeclined where
// the provider refuses, and with ErrPayment where it did not answer: the same
// call again is then safe. A bill below zero releases the whole hold, leaves the
// order owed and fails with ErrPayout: what the customer is to get is for the
// operator to pay.
func (s *Server) Pay(ctx context.Context, id qrproto.OrderID) (order *Order, err error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	err = again(ctx, func() error {
		order, err = s.payOnce(ctx, id)
		return err
	})
	return order, err
}

func (s *Server) payOnce(ctx context.Context, id qrproto.OrderID) (*Order, error) {
	o, err := s.Store.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case o.State == StatePaid, o.State == StateSold:
		return o, nil
	case o.State == StateOwed:
		return o, fail(ErrPayout, "%v", o.Payable())
	case o.State == StateDisputed:
		return o, verdictError(o.Verdict, o, &Record{Charger: o.Charger, Seq: o.Settlement.Seq})
	case o.State != StateSettled:
		return o, fail(ErrNotSettled, "order %x is %v", id[:], o.State)
	}
	if err := s.capture(ctx, o); err != nil {
		return o, err
	}
	return s.close(ctx, o)
}

// close stores that the money has moved, and frees the account.
func (s *Server) close(ctx context.Context, o *Order) (*Order, error) {
	closed, on := o.Clone(), eventPay
	var owed error
	if amount := o.Payable(); amount.Units < 0 {
		on, owed = eventOwe, fail(ErrPayout, "%v", amount)
	} else {
		closed.Paid = amount
	}
	if err := closed.move(on); err != nil {
		return o, err
	}
	err := s.Store.Apply(ctx, &Change{Orders: []*Order{closed}, Free: []string{openOrderClaim(o.Account)}})
	if err != nil {
		return o, err
	}
	return closed, owed
}

// capture makes both calls each time. Their keys are the order's, so that what
// was done before is not done twice.
func (s *Server) capture(ctx context.Context, o *Order) error {
	if amount := o.Payable(); amount.Units > 0 {
		if err := s.Payments.Capture(ctx, key("capture", o.ID), o.Hold, amount); err != nil {
			return payment("capture", err)
		}
	}
	if err := s.Payments.Release(ctx, key("release", o.ID), o.Hold); err != nil {
		return payment("release", err)
	}
	return nil
}

// Receipt returns the receipt of an order that is paid, or of a settled one
// that costs nothing. It is signed once; asked again, the same one comes back.
// It acknowledges what is stored of the device, and its anchor is that of
// Anchor over the device's records so far.
//
// Otherwise it fails with ErrNotPaid, and with ErrDelegation where the issuer may
// sign no receipts for the device.
func (s *Server) Receipt(ctx context.Context, id qrproto.OrderID) (code qrproto.Code, err error) {
	if err := s.configured(); err != nil {
		return code, err
	}
	err = again(ctx, func() error {
		code, err = s.receiptOnce(ctx, id)
		return err
	})
	return code, err
}

func (s *Server) receiptOnce(ctx context.Context, id qrproto.OrderID) (qrproto.Code, error) {
	o, err := s.Store.Order(ctx, id)
	if err != nil {
		return qrproto.Code{}, err
	}
	free := o.State == StateSettled && o.Payable().Units == 0
	switch {
	case o.Receipt.Kind() != 0:
		return o.Receipt, nil
	case o.State != StatePaid && !free:
		return qrproto.Code{}, fail(ErrNotPaid, "order %x is %v", id[:], o.State)
	}
	may, err := s.authority()
	if err != nil {
		return qrproto.Code{}, err
	}
	d, err := s.Store.Device(ctx, o.Charger)
	if err != nil {
		return qrproto.Code{}, err
	}
	r := &qrproto.Receipt{Settlement: o.SettlementSum.Ref(), Paid: o.Paid.Units, Time: s.Now().Unix(), Anchor: d.anchor()}
	if may.acknowledges() {
		r.Ack = d.ack()
	}
	if o.Receipt, err = s.seal(may, r, o.Charger); err != nil {
		return qrproto.Code{}, err
	}
	o.Version++
	return o.Receipt, s.Store.Apply(ctx, &Change{Orders: []*Order{o}})
}
