// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"bytes"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// Accept takes whatever the scanner has read: a scanner cannot know. A start
// order begins a sale on the connector returned, a receipt closes one. Anything
// else fails with a code of qrproto or of this package, changes nothing, and
// writes nothing.
func (c *Charger) Accept(text string) (connector int, err error) {
	o, err := qrproto.Open(text, c.keys)
	if err != nil {
		return 0, err
	}
	switch p := o.Payload.(type) {
	case *qrproto.StartOrder:
		return int(p.Connector), c.acceptOrder(p, o.Sum.Ref())
	case *qrproto.Receipt:
		return c.acceptReceipt(p)
	}
	return 0, fail(qrproto.ErrKind, "a scanner here reads orders and receipts, not %v", o.Payload.Kind())
}

func (c *Charger) acceptOrder(o *qrproto.StartOrder, hash qrproto.Ref) error {
	k, err := c.addressee(o, hash)
	if err != nil {
		return err
	}
	now := c.clock.Uptime()
	lag, err := c.fresh(o, now)
	if err != nil {
		return err
	}
	plan, err := settle.Compile(o, c.heldTariff(o))
	if err != nil {
		return err
	}
	if err := c.chain.checkAck(o.Ack); err != nil {
		return err
	}
	if err := c.makeRoom(o.Ack); err != nil {
		return err
	}
	if err := c.acknowledge(o.Ack); err != nil {
		return err
	}
	k.sale = &sale{order: o, hash: hash, plan: plan, meter: plan.Meter(), accepted: now, lag: lag, reason: qrproto.StopTimeout}
	if err := c.fire(k, accepted); err != nil {
		k.sale = nil
		return err
	}
	k.lately = append(k.lately[max(0, len(k.lately)-nonceKept+1):], hash)
	c.nonces.retire(k.n)
	return nil
}

// addressee finds the connector that an order is for and that can take it.
func (c *Charger) addressee(o *qrproto.StartOrder, hash qrproto.Ref) (*connector, error) {
	if !bytes.Equal(o.Charger, c.device.Number) {
		return nil, fail(ErrOtherCharger, "order for %x, this is %x", o.Charger, c.device.Number)
	}
	k, err := c.at(int(o.Connector))
	switch {
	case err != nil:
		return nil, err
	case slices.Contains(k.lately, hash):
		return nil, fail(ErrUsed, "order %v", hash)
	case k.state != idle:
		return nil, fail(ErrBusy, "connector %d is %v", k.n, k.state)
	case c.alarms&qrproto.AlarmRelay != 0:
		return nil, fail(ErrFaulted, "connector %d", k.n)
	case o.Epoch > 0:
		return nil, fail(ErrEpoch, "order needs epoch %d", o.Epoch)
	}
	return k, nil
}

// fresh checks the age of the code that an order answers. Sight never precedes
// showing, so what the server held is at most the code's age, and issue to
// acceptance at most the window. The lag is what is left: the most by which the
// order's time may be behind.
func (c *Charger) fresh(o *qrproto.StartOrder, now time.Duration) (lag uint16, err error) {
	first, ok := c.nonces.find(int(o.Connector), o.Challenge)
	if !ok {
		return 0, fail(ErrChallenge, "counter %d", o.Challenge.Counter)
	}
	age := now - first - time.Duration(o.Held)*time.Second
	window := min(time.Duration(o.Window), qrproto.MaxWindow) * time.Second
	if age > window {
		return 0, fail(ErrExpired, "code is %v old, less what the server held it; the window is %v", age, window)
	}
	// A server that counts what it held from the true first sight never holds
	// longer than the code is old.
	lag = uint16((max(age, 0) + time.Second - 1) / time.Second)
	if o.Uncertainty > 0 && lag > o.Uncertainty {
		return 0, fail(ErrUncertain, "time is known to %d s, the order asks for %d s", lag, o.Uncertainty)
	}
	return lag, nil
}

func (c *Charger) heldTariff(o *qrproto.StartOrder) *tariff.Tariff {
	if o.TariffHash == nil {
		return nil
	}
	return c.tariffs[o.TariffHash.Hint()]
}

// acceptReceipt opens the lock that waits for it. Its acknowledgement counts
// wherever the receipt belongs to.
func (c *Charger) acceptReceipt(r *qrproto.Receipt) (int, error) {
	for i := range c.connectors {
		k := &c.connectors[i]
		if k.closed != r.Settlement || k.closed == (qrproto.Ref{}) {
			continue
		}
		if err := c.chain.checkAck(r.Ack); err != nil {
			return 0, err
		}
		if err := c.acknowledge(r.Ack); err != nil {
			return 0, err
		}
		if k.state != settled {
			return k.n, nil
		}
		return k.n, c.fire(k, receipt)
	}
	return 0, fail(ErrNotLast, "receipt for %v", r.Settlement)
}
