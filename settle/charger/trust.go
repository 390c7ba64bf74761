// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"bytes"
	"errors"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// acceptTrust puts a snapshot into force once it is durable. The one in force,
// shown again, is no error and no write: a phone shows it before each order.
func (c *Charger) acceptTrust(t *qrproto.Trust, text string) error {
	next := *c.trust
	switch err := next.Apply(t); {
	case errors.Is(err, qrproto.ErrStaleTrust) && t.Epoch == next.Epoch():
		return nil
	case err != nil:
		return err
	}
	code, err := qrproto.ParseCode(text)
	if err != nil {
		return err
	}
	if err := c.makeRoom(c.reserve()+trustRoom, c.chain.acked); err != nil {
		return err
	}
	return c.write(tagTrust, code.Bytes(), func() {
		c.trust, c.tally.counts = &next, nil
		for i := range c.connectors {
			if k := &c.connectors[i]; k.state == idle {
				k.code = "" // the next identity tells the epoch
			}
		}
	})
}

// replayTrust puts the newest snapshot of the journal into force again. One that
// the roots of this firmware do not verify was another owner's: it counts as if
// it had never come, its epoch too, or a root that was lost to a thief could
// never be replaced. Any other that cannot be used is damage, or a root was added
// under the id of a key that is delegated: whom it revoked must not come back.
func (c *Charger) replayTrust(code []byte) error {
	if code == nil {
		return nil
	}
	t, err := qrproto.As[*qrproto.Trust](qrproto.Open(qrproto.CodeOfBytes(qrproto.KindTrust, code).Text(), c.trust))
	if err == nil {
		err = c.trust.Apply(t)
	}
	switch qrproto.CodeOf(err) {
	case 0, qrproto.ErrUnknownKey, qrproto.ErrKeyUsage, qrproto.ErrAlgorithm, qrproto.ErrSignature:
		return nil
	}
	return fail(ErrRecord, "snapshot: %w", err)
}

// Epoch is that of the trust snapshot in force, for diagnostics; 0 where the
// issuers are still those of Device.Keys.
func (c *Charger) Epoch() uint32 { return c.trust.Epoch() }

// inFleet tells whether a key is good at this device at all.
func (c *Charger) inFleet(by *qrproto.Key) error {
	if by.Caps != nil && !bytes.HasPrefix(c.device.Number, by.Caps.Fleet) {
		return fail(ErrFleet, "key %v is for %x", by.ID, by.Caps.Fleet)
	}
	return nil
}

// permit holds an order against the bounds of its key, and of a device without a
// display, and tells what its acceptance counts.
func (c *Charger) permit(o *qrproto.StartOrder, p *tariff.Plan, by *qrproto.Key) (t tally, err error) {
	if o.Sticker() {
		if err := c.fixed(o, p); err != nil {
			return t, err
		}
		t.rank = rank(o)
	}
	if by.Caps != nil {
		t.counts, err = c.bounds(o, p, by)
	}
	return t, err
}

// bounds holds an order against those of its key, and counts it if there is a
// quota.
func (c *Charger) bounds(o *qrproto.StartOrder, p *tariff.Plan, by *qrproto.Key) ([]count, error) {
	caps := by.Caps
	if sells := p.Tariff().Currency; caps.Currency != "" && caps.Currency != sells {
		return nil, fail(ErrCurrency, "key %v is for %v, the order in %v", by.ID, caps.Currency, sells)
	}
	if most, bounded := caps.Most(); bounded {
		if err := atMost(o, p, most); err != nil {
			return nil, err
		}
	}
	if caps.Quota == 0 {
		return nil, nil
	}
	n := c.tally.of(by.ID)
	if n >= caps.Quota {
		return nil, fail(ErrQuota, "%d orders of key %v were accepted, of %d", n, by.ID, caps.Quota)
	}
	return []count{{by.ID, n + 1}}, nil
}

// atMost tells whether an order limits what it costs, to a sum or less.
func atMost(o *qrproto.StartOrder, p *tariff.Plan, most tariff.Money) error {
	if o.Limits == nil || o.Limits.Amount == 0 {
		return fail(ErrAmount, "the order has no limit of amount")
	}
	limit := tariff.Money{Units: o.Limits.Amount, Scale: o.Scale, Currency: p.Tariff().Currency}
	if n, err := limit.Cmp(most); err != nil || n > 0 {
		return fail(ErrAmount, "the order may cost %v, at most %v", limit, most)
	}
	return nil
}

// told is what an order says of the server's store. One without an
// acknowledgement says that nothing is stored there; one by a key without the
// right to say anything leaves all as it is, and so does one whose server has
// seen no identity.
func (c *Charger) told(o *qrproto.StartOrder, by *qrproto.Key) (qrproto.Ack, error) {
	switch {
	case o.Ack != nil && !mayAcknowledge(by):
		return qrproto.Ack{}, fail(ErrAckRight, "key %v", by.ID)
	case o.Sticker(), !mayAcknowledge(by):
		return qrproto.Ack{Seq: c.chain.acked}, nil
	case o.Ack == nil:
		return qrproto.Ack{}, nil
	}
	return *o.Ack, c.chain.checkAck(*o.Ack)
}

func mayAcknowledge(k *qrproto.Key) bool { return k.Caps == nil || k.Caps.Acknowledge }
