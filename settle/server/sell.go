// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"

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
// the package's text gives back what was taken. So it is after ErrOutstanding: of
// two customers who pay at the same time the second one may have paid already, and
// has the next order without paying again, if he waits.
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
	begun, err := s.begin(ctx, &sale, seen.may, d)
	if err != nil || begun.State == StateSold {
		return begun, err
	}
	if err := s.charge(ctx, begun); err != nil {
		return nil, err
	}
	err = again(ctx, func() error {
		order, err = s.sellOnce(ctx, &sale, begun, seen, d)
		return err
	})
	return order, err
}

// sellOnce gives a sale whose price is taken the device's next number and signs it,
// in one change with the device: whoever does so for another sale meanwhile, or
// gives this one's money back, makes it fail. Numbers and orders are therefore
// those of the sales that were signed, in the order in which they were, and each
// one after the time of the one before.
//
// The device is read before the order, so that one which another phone of this
// customer has signed in between is found signed.
func (s *Server) sellOnce(ctx context.Context, sale *Sale, begun *Order, seen *sighting, d *deal) (*Order, error) {
	device, err := s.Store.Device(ctx, sale.Charger)
	if err != nil {
		return nil, err
	}
	o, err := s.Store.Order(ctx, begun.ID)
	if err != nil {
		return nil, err
	}
	last, until, err := s.out(ctx, device)
	switch {
	case err != nil:
		return nil, err
	case o.State == StateSold && equalTargets(o.Start.Target, sale.Target):
		return o, nil
	case last != nil:
		return nil, &OutstandingError{until}
	case o.State != StateSelling:
		return nil, fail(ErrBusy, "order %x is %v meanwhile", o.ID[:], o.State)
	}
	if err := seen.may.counts(device); err != nil {
		return nil, err
	}
	o.Hold, o.Counter, o.Paid = begun.Hold, device.Sold, o.Amount
	device.Sale = o.ID
	device.Version++
	start, err := s.start(sale.Target, o, seen, d)
	if err != nil {
		return nil, err
	}
	start.Challenge.Counter = o.Counter
	if err := s.give(ctx, o, start, seen, eventTake, device); err != nil {
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
