// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"math"
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

	trust      *qrproto.TrustStore // replaced as a whole, never changed
	tally      tally
	parts      qrproto.Assembly
	have       int // parts of it that were seen
	count      int
	tariffs    map[qrproto.Ref]*tariff.Tariff
	hints      qrproto.Hints
	boot       uint32
	nonces     nonces
	carrier    *qrproto.Carrier // nil: records are carried in the clear
	chain      chain
	doubt      *doubt // a record that may be in the journal or not
	failed     bool   // the last write failed
	full       bool   // the last order found no room
	connectors []connector
}

// connector is one place to plug in.
type connector struct {
	n       int // from 1 on
	state   state
	since   time.Duration // uptime at which the state was entered
	plug    bool
	welded  bool           // the contact stays closed though it must not
	misread bool           // the newest reading could not be right
	last    tariff.Reading // the newest that could, At not set; before any, the register as the journal knows it

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
	target   qrproto.Target // zero for none
	limits   qrproto.Limits // zero for none
	hash     qrproto.Ref    // of the order
	plan     *tariff.Plan
	meter    *tariff.Meter
	bill     tariff.Bill         // of what was metered so far
	accepted time.Duration       // uptime
	lag      uint16              // s, the most by which session time is behind
	first    tariff.Reading      // with its time
	last     tariff.Reading      // with its time
	heard    time.Duration       // uptime of last
	watts    int64               // W at last, as told or as measured since the one before
	rate     int64               // mL a minute, as measured up to last
	written  time.Duration       // uptime of the last checkpoint
	durable  *qrproto.Settlement // what that says
	reason   qrproto.StopReason  // once it has to stop, 0 before
	tally    tally               // what its acceptance makes of the charger's
	begun    bool
	cut      bool                // the contact should be open and is not: what flows is not the customer's
	broken   bool                // the journal failed: the relay opens, the stop is tried until it is written
	end      *qrproto.Settlement // once sealed
}

// Open readies a charger: it counts the boot durably, settles what a power cut
// left open, and draws the key of this boot's challenges. A nil Options is the
// zero one.
//
// It fails with ErrDevice for a device provisioned wrongly, ErrRecord for a
// journal with a record that is none, and ErrJournal where the journal fails.
func Open(d Device, j Journal, c Clock, o *Options) (*Charger, error) {
	if j == nil || c == nil {
		return nil, fail(ErrDevice, "no journal, or no clock")
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	carrier, err := d.carrier()
	if err != nil {
		return nil, err
	}
	trust, err := qrproto.NewTrustStore(d.Keys...)
	if err != nil {
		return nil, fail(ErrDevice, "keys: %w", err)
	}
	ch := &Charger{device: d, options: o.withDefaults(), journal: j, clock: c, trust: trust, carrier: carrier}
	if err := ch.options.check(); err != nil {
		return nil, err
	}
	if err := ch.hold(d.Tariffs); err != nil {
		return nil, err
	}
	ch.connectors = make([]connector, d.Connectors)
	for i := range ch.connectors {
		ch.connectors[i].n = i + 1
	}
	if err := ch.recover(); err != nil {
		return nil, err
	}
	return ch, ch.nonces.seed(d.Secret, ch.boot, d.Rand)
}

// recover reads the journal, counts the boot and settles what is open there.
func (c *Charger) recover() error {
	open, err := c.replay()
	if err != nil {
		return err
	}
	if err := c.tidy(recordRoom*int64(1+len(open)) + saleRoom); err != nil {
		return err
	}
	if err := c.countBoot(); err != nil {
		return err
	}
	for _, s := range open {
		if err := c.appendSettlement(&c.connectors[s.Connector-1], s, func() {}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Charger) hold(list []*tariff.Tariff) error {
	c.tariffs = map[qrproto.Ref]*tariff.Tariff{}
	for _, t := range list {
		hash, err := qrproto.TariffHash(t)
		if err != nil {
			return fail(ErrDevice, "tariff: %w", err)
		}
		c.tariffs[hash.Ref()] = t
		if hint := hash.Hint(); c.hints.Len() < maxHints && !c.hints.Has(hint) {
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

// fire takes an event through the table. What the transition writes is durable
// before the new state is entered. If the journal fails, the old state stays,
// and a session under way is broken.
func (c *Charger) fire(k *connector, e event) error {
	w := atStop
	if c.options.Seal == SealAtUnplug && k.plug {
		w = atUnplug
	}
	t, ok := next(k.state, e, w)
	if !ok {
		return fail(ErrState, "%v while %v", e, k.state)
	}
	err := c.act(k, t.do, func() { k.state, k.since, k.code = t.to, c.clock.Uptime(), "" })
	if err != nil && k.state == charging {
		k.sale.broken = true
	}
	return err
}

// act does what a transition asks for and then enters the new state.
func (c *Charger) act(k *connector, a action, enter func()) error {
	s := k.sale
	switch a {
	case open:
		return c.writeAcceptance(k, func() { c.admit(k, s); enter(); k.since = s.accepted }) // not when a doubt is resolved
	case begin:
		return c.checkpoint(k, func() { s.begun = true; enter() })
	case finish:
		if err := s.idle(); err != nil {
			return fail(ErrReading, "%w", err)
		}
		return c.checkpoint(k, enter)
	case seal:
		return c.seal(k, enter)
	case leave:
		k.sale = nil
	}
	enter()
	return nil
}

// admit makes a sale whose acceptance is durable the connector's own.
func (c *Charger) admit(k *connector, s *sale) {
	k.sale = s
	c.tally.take(s.tally)
	k.lately = append(k.lately[max(0, len(k.lately)-nonceKept+1):], s.hash)
	c.nonces.retire(k.n)
}

// now is the session's time: the order's issue time plus the uptime since its
// acceptance, in whole seconds.
func (s *sale) now(uptime time.Duration) int64 {
	return s.order.Issued + int64((uptime-s.accepted)/time.Second)
}

// moment is the uptime at which the session's time is at, or the last that there is:
// a price may change in a thousand years.
func (s *sale) moment(at int64) time.Duration {
	const last = int64(math.MaxInt64/time.Second) - 1
	wait := min(at-s.order.Issued, last-max(int64(s.accepted/time.Second), 0))
	return s.accepted + time.Duration(wait)*time.Second
}

// blame notes why a session stops. The first reason stands.
func (s *sale) blame(reason qrproto.StopReason) {
	if s.reason == 0 {
		s.reason = reason
	}
}

// Head is the tip of the chain, for diagnostics.
func (c *Charger) Head() settle.Head { return c.chain.head }
