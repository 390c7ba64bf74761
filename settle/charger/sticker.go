// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"math"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Sticker is the policy of a device without a display.
type Sticker struct {
	Most tariff.Money // that an order may cost, gross; above 0
}

// lagUnknown is the lag of an order that answers no identity: it may have waited
// for ever.
const lagUnknown = math.MaxUint16

// unseen tells whether a settlement is of such an order. Nobody fetches it.
func unseen(s *qrproto.Settlement) bool { return s.Uncertainty == lagUnknown }

func (s *Sticker) check() error {
	if s == nil {
		return nil
	}
	if _, ok := s.Most.Currency.Exponent(); !ok || s.Most.Units <= 0 || s.Most.Scale > 18 {
		return fail(ErrDevice, "sticker: at most %v", s.Most)
	}
	return nil
}

// rank is what the orders of a device without a display rise in: the epoch that
// one names, then its number. A thief with an issuer's key can use up the numbers
// of an epoch; the snapshot that ends his key ends that too.
func rank(o *qrproto.StartOrder) uint64 {
	return uint64(o.Epoch)<<32 | uint64(o.Challenge.Counter)
}

// rankUnder is a rank as it counts at an epoch. None can be of a later one, but
// after new roots, whose epochs begin anew: then the number alone is left of it.
func rankUnder(epoch uint32, rank uint64) uint64 {
	if rank>>32 > uint64(epoch) {
		return rank & math.MaxUint32
	}
	return rank
}

// rises tells whether an order comes after all that were accepted. Its age is not
// known, nor is any other time.
func (c *Charger) rises(o *qrproto.StartOrder) error {
	switch {
	case rank(o) <= rankUnder(c.trust.Epoch(), c.tally.rank):
		return fail(ErrOvertaken, "order %d of epoch %d, accepted was %d of %d", o.Challenge.Counter, o.Epoch, uint32(c.tally.rank), c.tally.rank>>32)
	case o.Uncertainty > 0:
		return fail(ErrUncertain, "time is not known, the order asks for %d s", o.Uncertainty)
	}
	return nil
}

// fixed tells whether an order says all beforehand that its settlement will say:
// what it costs, whatever is measured, and where the device stops by itself. It
// is prepaid, as its payload has it.
func (c *Charger) fixed(o *qrproto.StartOrder, p *tariff.Plan) error {
	for _, d := range []tariff.Dimension{tariff.Energy, tariff.TimeSpent, tariff.IdleTime, tariff.Volume} {
		if p.Prices(d) {
			return fail(ErrFixed, "a price that depends on what is measured")
		}
	}
	measured := o.Limits.Energy
	if c.device.Measures == tariff.Volume {
		measured = o.Limits.Volume
	}
	if measured == 0 && o.Limits.Duration == 0 && (o.Target == nil || o.Target.Kind == qrproto.TargetAmount) {
		return fail(ErrFixed, "nothing bounds how much it is for")
	}
	return atMost(o, p, c.options.Sticker.Most)
}

// Number is that of the last order that was accepted, for diagnostics: a server
// that lost its books goes on above it. It is 0 at a device with a display.
func (c *Charger) Number() uint32 { return uint32(c.tally.rank) }

// showSticker is the screen, such as a lamp, of an idle connector.
func (c *Charger) showSticker(k *connector) Screen {
	if c.doubt != nil || k.welded {
		return ScreenFault
	}
	return ScreenIdentity
}
