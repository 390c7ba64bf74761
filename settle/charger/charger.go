// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// Charger is one device. It is not safe for concurrent use: call it from one
// loop.
type Charger struct {
	device  Device
	options Options
	journal Journal
	clock   Clock

	keys       qrproto.KeyList
	tariffs    map[qrproto.Hint]*tariff.Tariff
	hints      qrproto.Hints
	boot       uint32
	nonces     nonces
	chain      chain
	alarms     qrproto.Alarms
	connectors []connector
}

// connector is one place to plug in.
type connector struct {
	n     int // from 1 on
	state state
	since time.Duration // uptime at which the state was entered
	plug  bool
	last  tariff.Reading // the newest reading, At not set; kept from before an order too
	heard bool           // there was a reading

	sale   *sale         // from acceptance until the state is idle again
	closed qrproto.Ref   // hash of the last settlement of this connector
	lately []qrproto.Ref // hashes of the newest orders accepted in this boot
	freed  bool          // unplugged since the settlement was sealed
	code   string        // text on the screen, "" when it must be made anew
	made   time.Duration // uptime at which it was
}

// sale is an accepted order while it lasts.
type sale struct {
	order    *qrproto.StartOrder
	hash     qrproto.Ref // of the order
	plan     *tariff.Plan
	meter    *tariff.Meter
	bill     tariff.Bill // of what was metered so far
	ahead    tariff.Bill // scratch: of what may still come
	accepted time.Duration  // uptime
	lag      uint16         // s, the most by which session time is behind
	first    tariff.Reading // with its time
	last     tariff.Reading // with its time
	written  time.Duration  // uptime of the last checkpoint
	reason   qrproto.StopReason
	begun    bool
	broken   bool                // the journal refused a checkpoint: the relay opens, the stop is tried until it is written
	end      *qrproto.Settlement // once sealed
}

// Open readies a charger: it counts the boot durably, settles what a power cut
// left open, and draws the key of this boot's challenges. A nil Options is the
// zero one.
//
// It fails with ErrDevice for a device provisioned wrongly, ErrRecord for a
// journal with a record that is none, and ErrJournal where the journal fails.
func Open(d Device, j Journal, c Clock, o *Options) (*Charger, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	ch := &Charger{device: d, options: o.withDefaults(), journal: j, clock: c, keys: d.Keys}
	if err := ch.hold(d.Tariffs); err != nil {
		return nil, err
	}
	ch.connectors = make([]connector, d.Connectors)
	for i := range ch.connectors {
		ch.connectors[i].n = i + 1
	}
	open, err := ch.replay()
	if err != nil {
		return nil, err
	}
	if err := ch.countBoot(); err != nil {
		return nil, err
	}
	for _, draft := range open {
		if err := ch.recover(draft); err != nil {
			return nil, err
		}
	}
	return ch, ch.nonces.seed(d.Secret, ch.boot, d.Rand)
}

func (c *Charger) hold(list []*tariff.Tariff) error {
	c.tariffs = map[qrproto.Hint]*tariff.Tariff{}
	for _, t := range list {
		hash, err := qrproto.TariffHash(t)
		if err != nil {
			return fail(ErrDevice, "tariff: %w", err)
		}
		hint := hash.Hint()
		if c.tariffs[hint] = t; c.hints.Len() < 8 {
			c.hints = append(c.hints, hint[:]...)
		}
	}
	return nil
}

// at returns connector n.
func (c *Charger) at(n int) (*connector, error) {
	if n < 1 || n > len(c.connectors) {
		return nil, fail(ErrConnector, "connector %d of %d", n, len(c.connectors))
	}
	return &c.connectors[n-1], nil
}

// fire takes an event through the table: the action first, and the new state
// only if it succeeded.
func (c *Charger) fire(k *connector, e event) error {
	w := atStop
	if c.options.Seal == SealAtUnplug && k.plug {
		w = atUnplug
	}
	t, ok := next(k.state, e, w)
	if !ok {
		return fail(ErrState, "%v while %v", e, k.state)
	}
	if err := c.act(k, t.do); err != nil {
		k.sale.broken = k.state == charging
		return err
	}
	k.state, k.since, k.code = t.to, c.clock.Uptime(), ""
	return nil
}

func (c *Charger) act(k *connector, a action) error {
	switch a {
	case open, begin, finish:
		return c.checkpoint(k)
	case seal:
		return c.seal(k)
	case leave:
		k.sale = nil
	}
	return nil
}

// now is the session's time: the order's issue time plus the uptime since its
// acceptance, in whole seconds.
func (s *sale) now(uptime time.Duration) int64 {
	return s.order.Issued + int64((uptime-s.accepted)/time.Second)
}

// Head is the tip of the chain, for diagnostics.
func (c *Charger) Head() settle.Head { return c.chain.head }
