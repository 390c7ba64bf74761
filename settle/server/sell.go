// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Sale is what a customer wants of a device that has a sticker and no display.
type Sale struct {
	Account   string          // not empty
	Charger   []byte          // the device's number, as the sticker says
	Connector uint8           // from 1 on
	Tariff    qrproto.Hash    // Quote.Hash: the tariff that was shown
	Hold      tariff.Money    // Quote.Hold: the price that was agreed to; zero is not compared
	Target    *qrproto.Target // time, or energy or volume if the Terms bound that; nil: as far as they go
}

// Offer is the Quote of a device without a display: Hold is the price, all of
// which is taken. It names no moment until which to decide, and Trust, where
// there is one, is always to be shown: nobody knows what the device has.
//
// It fails with ErrSticker for a device with a display, and else as Quote does.
func (s *Server) Offer(ctx context.Context, account string, charger []byte, connector uint8) (*Quote, error) {
	seen, d, err := s.offer(ctx, account, charger, connector)
	if err != nil {
		return nil, err
	}
	return &Quote{
		Number: charger, Connector: connector, Name: seen.site.Name, Tariff: d.tariff, Hash: d.hash,
		Currency: d.tariff.Currency, Scale: d.scale, Hold: d.hold, Offsets: d.offsets, Trust: seen.trust, FirstSeen: seen.first,
	}, nil
}

// Sell takes the price of a fixed sale and then signs a start order for a device
// without a display: qrproto/SPEC.md, section 25. Show Order.Trust to the device,
// if there is one, and Order.Code. The order answers no identity: it has a number,
// and lives until the device has accepted a higher one. So the customer must use
// it at once, and be told so. Nothing is given back: the server never hears of
// what the device did, unless somebody opens it and brings its settlements.
//
// For as long as an order may be on its way (Policy.Window), it is the only one of
// its device: the same sale to the same account is that order again, and any other
// fails with an *OutstandingError. So it is safe to repeat after whatever failure:
// the price is taken once. ErrDeclined is the provider's refusal; after ErrPayment
// the same call again goes on from there, and where nobody makes it, the sweep in
// the package's text gives back what was taken.
//
// It refuses with ErrSticker, ErrTariffChanged, ErrHoldRaised, ErrTarget,
// ErrDelegation or, where the device was sold to under a later snapshot than
// Server.Trust, ErrNewerTrust, and with ErrTerms also for a tariff of anything but
// flat fees, a price above Hold or above Site.Sticker, and terms that do not bound
// what the fee buys.
func (s *Server) Sell(ctx context.Context, sale Sale) (order *Order, err error) {
	if sale.Account == "" {
		return nil, fail(ErrAccount, "no account")
	}
	seen, d, err := s.offer(ctx, sale.Account, sale.Charger, sale.Connector)
	if err != nil {
		return nil, err
	}
	if err := d.agreed(sale.Tariff, sale.Hold); err != nil {
		return nil, err
	}
	if err := d.counted(sale.Target); err != nil {
		return nil, err
	}
	// Whatever is wrong with the sale shows before any money is taken.
	if _, err := s.start(sale.Target, &Order{Amount: d.hold}, seen, d); err != nil {
		return nil, err
	}
	err = again(ctx, func() error {
		order, err = s.sellOnce(ctx, &sale, seen, d)
		return err
	})
	return order, err
}

// sellOnce goes as far as it can. A conflict says that somebody else was quicker,
// with this very order or with the next one.
func (s *Server) sellOnce(ctx context.Context, sale *Sale, seen *sighting, d *deal) (*Order, error) {
	o, err := s.number(ctx, sale, seen.may, d)
	if err != nil || o.State == StateSold {
		return o, err
	}
	if err := s.charge(ctx, o); err != nil {
		return nil, err
	}
	start, err := s.start(sale.Target, o, seen, d)
	if err != nil {
		return nil, err
	}
	start.Challenge.Counter, o.Paid = o.Counter, o.Amount
	if err := s.give(ctx, o, start, seen, eventTake); err != nil {
		return nil, err
	}
	return o, nil
}

// offer makes a sighting of what stands on a sticker: device and connector, and
// no challenge. What the device holds and knows is not known.
func (s *Server) offer(ctx context.Context, account string, charger []byte, connector uint8) (*sighting, *deal, error) {
	if err := s.configured(); err != nil {
		return nil, nil, err
	}
	site, err := s.Directory.Site(ctx, charger)
	if err != nil {
		return nil, nil, err
	}
	if site == nil || site.Sticker == (tariff.Money{}) {
		return nil, nil, fail(ErrSticker, "device %x has a display", charger)
	}
	may, err := s.authority()
	if err != nil {
		return nil, nil, err
	}
	i := &qrproto.Identity{Number: charger, Connector: connector, Challenge: qrproto.Challenge{Counter: 1}}
	seen := &sighting{
		identity: i, device: &Device{Charger: charger, Newest: i}, site: site, first: s.Now(),
		may: may, trust: may.code, sticker: true,
	}
	d, err := s.deal(ctx, account, seen)
	return seen, d, err
}

// fix puts the price in the place of the hold: what a session costs that begins
// now, by the device's clock, which begins with the order.
func (s *Server) fix(seen *sighting, d *deal) error {
	if t := d.terms; t.Energy == 0 && t.Volume == 0 && t.Duration == 0 {
		return fail(ErrTerms, "nothing bounds what the fee buys")
	}
	draft := s.draft(seen, d)
	plan, err := s.plans.Compile(draft, d.bytes)
	if err != nil {
		return unusable(err)
	}
	for _, measured := range []tariff.Dimension{tariff.Energy, tariff.TimeSpent, tariff.IdleTime, tariff.Volume} {
		if plan.Prices(measured) {
			return fail(ErrTerms, "a price of dimension %d, without a display", measured)
		}
	}
	var q tariff.Quantities
	if err := plan.Measure(&q, []tariff.Reading{{At: draft.Issued}, {At: draft.Issued + 1}}); err != nil {
		return unusable(err)
	}
	var bill tariff.Bill
	if err := plan.Price(&bill, q); err != nil {
		return unusable(err)
	}
	above, err := bill.Payable.Cmp(seen.site.Sticker)
	if err != nil || above > 0 || bill.Payable.Units <= 0 || bill.Waived.Units > 0 {
		return fail(ErrTerms, "a price of %v, of which %v is above the hold, where a device takes %v", bill.Payable, bill.Waived, seen.site.Sticker)
	}
	d.hold, d.limits.Amount = bill.Payable, bill.Payable.Units
	return nil
}

// counted refuses a target that the device may not measure: it would refuse the
// order, after the price was taken. It measures what the terms bound.
func (d *deal) counted(t *qrproto.Target) error {
	switch {
	case t == nil:
		return nil
	case t.Kind == qrproto.TargetAmount:
		return fail(ErrTarget, "an amount, where the price is fixed")
	case t.Kind == qrproto.TargetEnergy && d.terms.Energy == 0, t.Kind == qrproto.TargetVolume && d.terms.Volume == 0:
		return fail(ErrTarget, "of a kind that the terms do not bound")
	}
	return nil
}

// number returns the order of a sale, not signed yet, stored under the device's
// next number in one change; or the device's last one, where that is this sale.
func (s *Server) number(ctx context.Context, sale *Sale, may *authority, d *deal) (*Order, error) {
	device, err := s.Store.Device(ctx, sale.Charger)
	if err != nil {
		return nil, err
	}
	c := &Change{Device: device}
	if device.Sale != (qrproto.OrderID{}) {
		last, err := s.Store.Order(ctx, device.Sale)
		if err != nil || s.continues(last, sale, d) {
			return last, err
		}
		if err := s.supersede(last, c); err != nil {
			return nil, err
		}
	}
	return s.enter(ctx, sale, may, d, c)
}

// enter stores a new order and takes its number off the device of the change.
func (s *Server) enter(ctx context.Context, sale *Sale, may *authority, d *deal, c *Change) (*Order, error) {
	device := c.Device
	if device.Sold == math.MaxUint32 {
		return nil, fail(ErrUnavailable, "device %x has no number left", sale.Charger)
	}
	if err := may.counts(device); err != nil {
		return nil, err
	}
	o := &Order{
		Account: sale.Account, Charger: sale.Charger, Connector: sale.Connector, Counter: device.Sold,
		Created: s.Now().Unix(), Tariff: d.bytes, Amount: d.hold,
	}
	if _, err := io.ReadFull(s.Rand, o.ID[:]); err != nil {
		return nil, fail(ErrConfig, "Rand: %v", err)
	}
	o.HoldKey, o.HeldSince = key("hold", o.ID), o.Created
	device.Sale = o.ID
	device.Version++
	if err := o.move(eventSell); err != nil {
		return nil, err
	}
	c.Orders = append(c.Orders, o)
	return o, s.Store.Apply(ctx, c)
}

// continues tells whether a sale is the device's last one, asked for again.
func (s *Server) continues(last *Order, sale *Sale, d *deal) bool {
	if last.Account != sale.Account || last.Connector != sale.Connector || last.Amount != d.hold || !bytes.Equal(last.Tariff, d.bytes) {
		return false
	}
	if last.State == StateSelling {
		return s.age(last.Created) <= grace
	}
	_, out := s.outstanding(last)
	return out && equalTargets(last.Start.Target, sale.Target)
}

func equalTargets(a, b *qrproto.Target) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// supersede lets the device's last sale go, unless it may be on its way. One that
// is not signed must not be any more.
func (s *Server) supersede(last *Order, c *Change) error {
	if until, out := s.outstanding(last); out {
		return &OutstandingError{until}
	}
	if last.State != StateSelling {
		return nil
	}
	c.Orders = append(c.Orders, last)
	c.Device.spare(last)
	return last.move(eventDie)
}

// outstanding tells whether a sale may be on its way to the device, or about to be
// signed, and until when.
func (s *Server) outstanding(o *Order) (until time.Time, out bool) {
	since, window := o.Created, s.Policy.window()
	switch o.State {
	case StateSold:
		since, window = o.Start.Issued, o.Start.Window
	case StateSelling:
	default:
		return until, false
	}
	span := time.Duration(window) * time.Second
	return time.Unix(since, 0).Add(span), s.age(since) <= span
}

// charge has the provider take the price. Its keys are the order's, so that what
// was done before is not done twice.
func (s *Server) charge(ctx context.Context, o *Order) error {
	hold, err := s.Payments.Hold(ctx, o.HoldKey, o.Account, o.Amount)
	if err == nil {
		o.Hold = hold
		err = s.Payments.Capture(ctx, key("capture", o.ID), hold, o.Amount)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrDeclined):
		return errors.Join(payment("capture", err), s.forgo(ctx, o))
	}
	return payment("capture", err)
}
