// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"maps"
	"slices"

	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// books are what the orders of an account add up to.
type books struct {
	paid, due int64 // hundredths; what is due may be taken already
	open      int
}

// checkDesk holds what the server has done against the truth.
func (m *maze) checkDesk() error {
	if err := m.desk.provider.Check(); err != nil {
		return broken(propCharged, "%v", err)
	}
	of := map[int]books{}
	for j := range m.orders {
		o := &m.orders[j]
		if o.forged {
			continue
		}
		got, err := m.desk.store.Order(context.Background(), o.id)
		if err != nil {
			return err
		}
		if err := m.checkOrder(j, got); err != nil {
			return err
		}
		b := of[o.account]
		b.add(got)
		of[o.account] = b
	}
	for _, account := range slices.Sorted(maps.Keys(of)) {
		b, took := of[account], fen(m.desk.provider.Captured(accountName(account)))
		if took < b.paid || took > b.paid+b.due {
			return broken(propCharged, "account %d paid %d, its orders say %d, and %d are due", account, took, b.paid, b.due)
		}
		if b.open > 1 {
			return broken(propOpen, "account %d has %d", account, b.open)
		}
	}
	return m.checkChains()
}

func (b *books) add(o *server.Order) {
	switch o.State {
	case server.StatePaid:
		b.paid += o.Paid.Units
	case server.StateSettled:
		b.due += o.Payable().Units
		b.open++
	case server.StateIssued, server.StateDead:
		b.open++
	}
}

// fen is a sum of the provider's in hundredths.
func fen(m tariff.Money) int64 {
	for ; m.Scale > 2; m.Scale-- {
		m.Units /= 10
	}
	return m.Units
}

// priceOf is what energy in mWh costs at 1.00 a kWh, in hundredths.
func priceOf(energy int64) int64 { return (energy + 5000) / 10_000 }

// checkOrder: who paid has got it, and who got his money back has got nothing.
func (m *maze) checkOrder(j int, got *server.Order) error {
	o, s := &m.orders[j], got.Settlement
	if got.State == server.StateDead || got.State == server.StateReleased {
		o.refunded = true
	}
	if o.refunded && o.accepted > 0 && !m.posts[o.photo.post].setBack {
		return broken(propRefund, "order %d is refunded and was accepted", j)
	}
	switch {
	case s == nil:
		return nil
	case s.Delivered > o.flowed:
		return broken(propAccounted, "order %d is billed %d mWh of %d", j, s.Delivered, o.flowed)
	case s.Order != o.hash:
		return broken(propCharged, "order %d is billed for another", j)
	case got.Payable().Units != priceOf(s.Delivered):
		return broken(propCharged, "order %d costs %v for %d mWh", j, got.Payable(), s.Delivered)
	}
	return nil
}

// checkChains: what the server acknowledges it has stored.
func (m *maze) checkChains() error {
	ctx := context.Background()
	for n := range m.posts {
		number := m.stage.slots[n].device.Number
		d, err := m.desk.store.Device(ctx, number)
		if err != nil || d.Chain.Seq == 0 {
			continue
		}
		list, err := m.desk.store.Records(ctx, number, 1, d.Chain.Seq)
		if err != nil {
			return err
		}
		if len(list) != int(d.Chain.Seq) {
			return broken(propRollback, "the server acknowledges %d, and has %d of them", d.Chain.Seq, len(list))
		}
	}
	return nil
}
