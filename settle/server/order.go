// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"encoding/hex"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// Order is one sale as the store keeps it, from the wish to the receipt. It is
// plain data; applications read it and change nothing.
type Order struct {
	ID      qrproto.OrderID
	Version uint64 // from 1 on, one more with each change
	State   State
	Account string

	Charger   []byte // the device's number, 1 to 7 bytes
	Connector uint8
	Boot      uint32 // of the identity that it answers; 0 for a sale without one, see Sell
	Counter   uint32 // of that identity's challenge; of a sale, its number at the device, 0 until signed
	Head      uint32 // the last settlement that it knew of, 0 for none
	Created   int64  // Unix s

	// Tariff is the canonical bytes of the tariff, also for an order that only
	// names its hash: what is needed to check the settlement stays here.
	Tariff []byte
	// HoldKey is the idempotency key of the hold. Orders that replace one
	// another share it.
	HoldKey   string
	HeldSince int64        // Unix s at which HoldKey was made; the hold is no older
	Hold      string       // the provider's name for the hold, "" until it is placed
	Amount    tariff.Money // held

	// From here on empty until issued.
	Code  qrproto.Code        // what the phone shows to the device
	Trust qrproto.Code        // what it shows before that, zero for nothing
	Start *qrproto.StartOrder // what it says
	Sum   qrproto.Hash        // of Start; a settlement names its first 16 bytes

	// From here on empty until settled.
	Settlement    *qrproto.Settlement
	SettlementSum qrproto.Hash
	Bill          *tariff.Bill // recomputed here; nil where there is no price
	// Verdict is 0 for StateSettled, and for StateDisputed settle.ErrDispute,
	// settle.ErrFork or settle.ErrTotals.
	Verdict qrproto.ErrorCode
	Dispute *settle.Dispute // with settle.ErrDispute

	Paid    tariff.Money // empty until paid, or sold
	Receipt qrproto.Code // empty until asked for
}

// Payable is what the settlement asks for, at the order's scale. It is zero
// before the settlement.
func (o *Order) Payable() tariff.Money {
	m := tariff.Money{Scale: o.Amount.Scale, Currency: o.Amount.Currency}
	if o.Start != nil {
		m.Scale = o.Start.Scale
	}
	if o.Settlement != nil {
		m.Units = o.Settlement.Payable
	}
	return m
}

// Clone returns a copy that shares nothing that can be changed, for stores that
// keep orders in memory.
func (o *Order) Clone() *Order {
	c := *o
	c.Charger, c.Tariff = bytes.Clone(o.Charger), bytes.Clone(o.Tariff)
	if o.Start != nil {
		c.Start = cloneStart(o.Start)
	}
	if o.Settlement != nil {
		c.Settlement = cloneSettlement(o.Settlement)
	}
	if o.Bill != nil {
		c.Bill = cloneBill(o.Bill)
	}
	c.Dispute = clonePointer(o.Dispute)
	return &c
}

func cloneStart(s *qrproto.StartOrder) *qrproto.StartOrder {
	c := *s
	c.Ext = cloneExt(s.Ext)
	c.Charger, c.Tariff, c.Offsets = bytes.Clone(s.Charger), bytes.Clone(s.Tariff), slices.Clone(s.Offsets)
	c.TariffHash, c.Target, c.Limits = clonePointer(s.TariffHash), clonePointer(s.Target), clonePointer(s.Limits)
	c.Facts, c.Ack = clonePointer(s.Facts), clonePointer(s.Ack)
	return &c
}

func cloneSettlement(s *qrproto.Settlement) *qrproto.Settlement {
	c := *s
	c.Ext = cloneExt(s.Ext)
	c.Number, c.Cells, c.Marks = bytes.Clone(s.Number), slices.Clone(s.Cells), slices.Clone(s.Marks)
	c.Last, c.Flats = slices.Clone(s.Last), slices.Clone(s.Flats)
	c.Evidence = clonePointer(s.Evidence)
	return &c
}

func cloneBill(b *tariff.Bill) *tariff.Bill {
	c := *b
	c.Lines = slices.Clone(b.Lines)
	for i := range c.Lines {
		line := &c.Lines[i]
		line.When.Windows, line.Taxes = slices.Clone(line.When.Windows), slices.Clone(line.Taxes)
	}
	return &c
}

func cloneExt(e qrproto.Extensions) qrproto.Extensions {
	if e == nil {
		return nil
	}
	c := make(qrproto.Extensions, len(e))
	for id, value := range e {
		c[id] = bytes.Clone(value)
	}
	return c
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// sticker tells whether the order answers no identity: see Sell.
func (o *Order) sticker() bool { return o.Boot == 0 }

// move takes an order to its next version and state.
func (o *Order) move(e event) error {
	to, err := o.State.after(e)
	if err != nil {
		return err
	}
	o.State = to
	o.Version++
	return nil
}

// key names a call to the payment provider so that a repetition is known as
// one.
func key(verb string, id qrproto.OrderID) string {
	return verb + "/" + hex.EncodeToString(id[:])
}

// The claims: strings that at most one holder has at a time.
func openOrderClaim(account string) string { return "open-order/" + account }
func billedClaim(holdKey string) string    { return "billed/" + holdKey }
