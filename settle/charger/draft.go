// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// draft is what the settlement would be if the power failed now, or is if the
// session has to stop, and its record. Its place in the chain is the next one.
// Where one reading has made more of it than a settlement can tell, or an identity
// carry, a session that stops is settled by the durable one, as after a power cut:
// none may ever stand in the way of those behind it.
func (c *Charger) draft(k *connector) (*qrproto.Settlement, []byte, error) {
	out, record, err := c.drawUp(k, c.reckon(k))
	if last := k.sale.durable; last != nil && k.sale.reason != 0 && (err != nil || len(record) > recordMost) {
		again := *last
		return c.drawUp(k, &again)
	}
	return out, record, err
}

// reckon is what a sale comes to by its newest reading, without a price.
func (c *Charger) reckon(k *connector) *qrproto.Settlement {
	s := k.sale
	out := &qrproto.Settlement{
		Number: c.device.Number, Connector: uint8(k.n), Order: s.hash, Boot: c.boot,
		Start: s.order.Issued, Register: c.metered(&k.last), Uncertainty: s.lag,
	}
	if s.begun {
		out.Start, out.Duration = s.first.At, s.last.At-s.first.At
		out.Register = c.metered(&s.first)
		out.Delivered = c.metered(&s.last) - out.Register
		settle.Put(out, s.meter.Quantities())
	}
	return out
}

// drawUp completes a settlement: reason, price, place in the chain.
func (c *Charger) drawUp(k *connector, out *qrproto.Settlement) (*qrproto.Settlement, []byte, error) {
	s := k.sale
	if out.Reason = s.reason; s.reason == 0 {
		out.Reason = qrproto.StopPowerLoss
	}
	if err := settle.Price(&s.bill, s.order, s.plan, out); err != nil {
		return nil, nil, fail(ErrState, "price: %w", err)
	}
	out.Payable, out.Waived = s.bill.Payable.Units, s.bill.Waived.Units
	c.chain.place(out)
	record, err := qrproto.EncodeRecord(out)
	if err != nil {
		return nil, nil, fail(ErrState, "draft: %w", err)
	}
	return out, record, nil
}

// writeAcceptance makes an accepted order durable: what it counts, and a draft
// of zero.
func (c *Charger) writeAcceptance(k *connector, then func()) error {
	return c.keep(k, tagAccepted, k.sale.tally.append(nil), then)
}

// checkpoint makes the session durable as it is.
func (c *Charger) checkpoint(k *connector, then func()) error {
	return c.keep(k, tagDraft, nil, then)
}

// keep writes a draft behind what else the record says.
func (c *Charger) keep(k *connector, tag byte, body []byte, then func()) error {
	out, record, err := c.draft(k)
	if err != nil {
		return err
	}
	s, now := k.sale, c.clock.Uptime()
	return c.write(tag, append(body, record...), func() { s.written, s.durable = now, out; then() })
}

// seal makes the settlement and retires what could still open the connector.
func (c *Charger) seal(k *connector, then func()) error {
	s, _, err := c.draft(k)
	if err != nil {
		return err
	}
	return c.appendSettlement(k, s, func() {
		k.sale.end, k.freed = s, !k.plug
		c.nonces.retire(k.n)
		then()
	})
}
