// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// Accept takes whatever the scanner has read: a scanner cannot know. A start
// order begins a sale on the connector returned, a stop order ends one, a receipt
// closes one; a trust snapshot says who may sign them from then on, and is for no
// connector, 0. With an error the connector is what the code says, or 0, and means
// nothing. Anything else fails with a code of qrproto, of settle or of this
// package, changes nothing, and writes nothing. So does a code that was accepted
// before, but for a receipt and the snapshot in force, which may be shown again
// without an error.
//
// Of a code in parts each is ErrPart, or says what is wrong with it, until the last
// makes it whole. ErrPart is no refusal: show what [Charger.Parts] says instead.
func (c *Charger) Accept(text string) (connector int, err error) {
	c.resolve() // first: what is in doubt may be who is trusted
	o, err := qrproto.Open(text, c.trust)
	if errors.Is(err, qrproto.ErrPart) {
		o, text, err = c.openPart(text)
	}
	if err != nil {
		return 0, explain(err)
	}
	if err := c.inFleet(o.Key); err != nil {
		return 0, err
	}
	switch p := o.Payload.(type) {
	case *qrproto.StartOrder:
		return int(p.Connector), c.acceptOrder(p, o.Key, o.Sum.Ref())
	case *qrproto.Receipt:
		return c.acceptReceipt(p, o.Key)
	case *qrproto.StopOrder:
		return c.acceptStop(p)
	case *qrproto.Trust:
		return 0, c.acceptTrust(p, text)
	}
	err = &qrproto.Error{Code: qrproto.ErrKind, Kind: o.Payload.Kind(), Why: "not for a charger"}
	return 0, explain(err)
}

// openPart takes one part of a code, and opens the code once it is whole.
func (c *Charger) openPart(part string) (o *qrproto.Opened, text string, err error) {
	p, err := c.parts.Add(part)
	c.have, c.count = p.Have, p.Count
	switch {
	case err != nil:
		return nil, "", err
	case p.Have < p.Count:
		return nil, "", fail(qrproto.ErrPart, "%d of %d", p.Have, p.Count)
	}
	text = p.Code.Text()
	o, err = qrproto.Open(text, c.trust)
	return o, text, err
}

// Parts tells how many of how many parts the scanner has seen of a code that is
// shown in parts, 0 of 0 before any, so that the driver knows to keep still.
func (c *Charger) Parts() (have, count int) { return c.have, c.count }

// explain tells who shows a voucher that the way is through the server, whether
// or not this device could verify it.
func explain(err error) error {
	var e *qrproto.Error
	if errors.As(err, &e) && e.Kind == qrproto.KindVoucher {
		return fail(ErrVoucher, "%w", err)
	}
	return err
}

func (c *Charger) acceptOrder(o *qrproto.StartOrder, by *qrproto.Key, hash qrproto.Ref) error {
	k, err := c.addressee(o, hash)
	if err != nil {
		return err
	}
	s, shown, err := c.newSale(o, hash)
	if err != nil {
		return err
	}
	if s.tally, err = c.permit(o, s.plan, by); err != nil {
		return err
	}
	ack, err := c.told(o, by)
	if err != nil {
		return err
	}
	if err := c.roomFor(ack, shown); err != nil {
		return err
	}
	// One lower than before counts too: this order is fresh, so the server was
	// set back, and is told again from there.
	if err := c.acknowledge(ack); err != nil {
		return err
	}
	k.sale = s
	if err := c.fire(k, accepted); err != nil {
		k.sale = nil
		return err
	}
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
	case k.welded:
		return nil, fail(ErrFaulted, "connector %d", k.n)
	case o.Epoch > c.trust.Epoch():
		return nil, fail(ErrEpoch, "order needs epoch %d, in force is %d", o.Epoch, c.trust.Epoch())
	case o.Epoch < c.trust.Least():
		return nil, fail(ErrOldEpoch, "order names epoch %d, the least is %d", o.Epoch, c.trust.Least())
	case o.Sticker() != (c.options.Sticker != nil):
		return nil, fail(ErrSticker, "order for a sticker %v, this device has one %v", o.Sticker(), c.options.Sticker != nil)
	}
	return k, nil
}

// newSale checks what of an order does not depend on the journal. The showing is
// the one that it answers.
func (c *Charger) newSale(o *qrproto.StartOrder, hash qrproto.Ref) (*sale, *showing, error) {
	now := c.clock.Uptime()
	shown, lag, err := c.answers(o, now)
	if err != nil {
		return nil, nil, err
	}
	s := &sale{order: o, hash: hash, accepted: now, lag: lag}
	if o.TariffHash != nil {
		s.plan, err = settle.Compile(o, c.tariffs[*o.TariffHash])
	} else {
		s.plan, err = settle.Compile(o, nil)
	}
	if err == nil {
		err = c.suits(o, s.plan)
	}
	if err != nil {
		return nil, nil, err
	}
	if o.Target != nil {
		s.target = *o.Target
	}
	if o.Limits != nil {
		s.limits = *o.Limits
	}
	return s, shown, nil
}

// answers finds the showing that an order answers, and by how much the order's
// time may be behind.
func (c *Charger) answers(o *qrproto.StartOrder, now time.Duration) (shown *showing, lag uint16, err error) {
	if o.Sticker() {
		return &showing{}, lagUnknown, c.rises(o)
	}
	if shown = c.nonces.find(int(o.Connector), o.Challenge); shown == nil {
		return nil, 0, fail(ErrChallenge, "counter %d", o.Challenge.Counter)
	}
	lag, err = fresh(o, now-shown.first)
	return shown, lag, err
}

// suits tells whether this device measures what an order prices or asks for.
func (c *Charger) suits(o *qrproto.StartOrder, p *tariff.Plan) error {
	foreign, target := tariff.Volume, qrproto.TargetVolume
	if c.device.Measures == tariff.Volume {
		foreign, target = tariff.Energy, qrproto.TargetEnergy
	}
	if p.Prices(foreign) || o.Target != nil && o.Target.Kind == target {
		return fail(settle.ErrPlan, "not what this device measures")
	}
	return nil
}

// rounding is what the whole seconds of an order's issue time and of a session's
// uptime can add to the lag.
const rounding = 2 * time.Second

// fresh checks the age of the code that an order answers, which was shown so
// long ago. Sight never precedes showing, so what the server held is at most the
// code's age, and issue to acceptance at most the window. The lag is what is
// left: the most by which the order's time may be behind.
func fresh(o *qrproto.StartOrder, shown time.Duration) (lag uint16, err error) {
	age := shown - time.Duration(o.Held)*time.Second
	window := min(time.Duration(o.Window), qrproto.MaxWindow) * time.Second
	switch {
	case age < -rounding:
		return 0, fail(ErrHeld, "held for %d s, shown %v ago", o.Held, shown)
	case age > window, age+rounding > qrproto.MaxWindow*time.Second:
		return 0, fail(ErrExpired, "code is %v old, less what the server held it; the window is %v", age, window)
	}
	lag = uint16((max(age, 0) + rounding + time.Second - 1) / time.Second)
	if o.Uncertainty > 0 && lag > o.Uncertainty {
		return 0, fail(ErrUncertain, "time is known to %d s, the order asks for %d s", lag, o.Uncertainty)
	}
	return lag, nil
}

// roomFor sees to it that a sale can be recorded to its end. Where it cannot,
// what the order tells of the server's store counts all the same: a backlog that
// fills the journal must not stand still.
func (c *Charger) roomFor(ack qrproto.Ack, shown *showing) error {
	err := c.makeRoom(c.reserve()+saleRoom, ack.Seq)
	c.full = errors.Is(err, ErrFull)
	if shown.carried > 0 && (err == nil || c.full) {
		c.chain.answered(shown.carried)
	}
	if c.full {
		c.chain.heed(ack.Seq)
	}
	return err
}

// acceptReceipt opens the lock that waits for it, whatever else it says. Its
// acknowledgement counts if its key has the right to it, and if it is higher and
// fits: a receipt may be shown late, and again, so that it says nothing about a
// server that was set back.
func (c *Charger) acceptReceipt(r *qrproto.Receipt, by *qrproto.Key) (int, error) {
	i := slices.IndexFunc(c.connectors, func(k connector) bool { return k.closed == r.Settlement })
	if i < 0 || r.Settlement == (qrproto.Ref{}) {
		return 0, fail(ErrNotLast, "receipt for %v", r.Settlement)
	}
	k := &c.connectors[i]
	if k.state == settled {
		if err := c.fire(k, receipt); err != nil {
			return k.n, err
		}
	}
	if r.Ack == nil || !mayAcknowledge(by) || r.Ack.Seq <= max(c.chain.acked, c.chain.lost) || c.chain.checkAck(*r.Ack) != nil {
		return k.n, nil
	}
	return k.n, c.acknowledge(*r.Ack)
}

// acceptStop ends the sale that a stop order names, at its newest reading. Where
// none of that order runs, it says so and is forgotten: whoever shows it early
// stops nothing later.
func (c *Charger) acceptStop(x *qrproto.StopOrder) (int, error) {
	for i := range c.connectors {
		k := &c.connectors[i]
		if (k.state == armed || k.state == charging) && k.sale.hash == x.Order {
			k.sale.blame(qrproto.StopRemote)
			return k.n, c.fire(k, stop)
		}
	}
	return 0, fail(ErrNotRunning, "order %v", x.Order)
}
