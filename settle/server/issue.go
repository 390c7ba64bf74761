// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"errors"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Ask is what a customer wants.
type Ask struct {
	Account  string          // not empty
	Identity string          // the text of the identity code, as for Quote
	Tariff   qrproto.Hash    // Quote.Hash: the tariff that was shown
	Hold     tariff.Money    // Quote.Hold: the most that was agreed to; zero is not compared
	Target   *qrproto.Target // nil: as much as the vehicle takes
}

// Issue signs a start order. It verifies the identity again, places the hold,
// and stores the order before it returns it.
//
// It refuses with ErrHeld, ErrRebooted, ErrRetired, ErrTaken or ErrUnavailable
// where the device would not, or should not, take the order; with
// ErrTariffChanged or ErrHoldRaised where it would not be what was shown; with
// ErrTerms, ErrRules or, for the target, ErrTarget or qrproto.ErrField where it
// cannot be made; with ErrDelegation or ErrNewerTrust where the device would not
// heed this issuer; with ErrAccount for an empty account, and an *OpenOrderError
// where the account has another order. Another order of the account for the same
// connector and boot, though, is replaced, under the same hold, while that lasts
// and the order is known not to be settled; and one that is dead, as Release says,
// is released first. It fails as qrproto.Open does for an identity that is none, and
// with ErrNotEnrolled. ErrDeclined is the provider's refusal. After ErrPayment the
// same call again is safe.
//
// It takes in what the identity carries as Quote does, but does not tell. That
// is new only where there was no Quote; see the sweep in the package's text.
func (s *Server) Issue(ctx context.Context, ask Ask) (*Order, error) {
	if ask.Account == "" {
		return nil, fail(ErrAccount, "no account")
	}
	seen, err := s.look(ctx, ask.Identity)
	if err != nil {
		return nil, err
	}
	deal, err := s.deal(ctx, ask.Account, seen)
	if err != nil {
		return nil, err
	}
	if err := deal.agreed(ask.Tariff, ask.Hold); err != nil {
		return nil, err
	}
	if err := s.admit(seen, deal); err != nil {
		return nil, err
	}
	// Whatever is wrong with the ask shows before any money is held.
	if _, err := s.start(ask.Target, &Order{Amount: deal.hold}, seen, deal); err != nil {
		return nil, err
	}
	order, err := s.place(ctx, &ask, seen, deal)
	if err != nil {
		return nil, err
	}
	if err := s.hold(ctx, order); err != nil {
		return nil, err
	}
	if err := s.sign(ctx, &ask, order, seen, deal); err != nil {
		return nil, err
	}
	return order, nil
}

// admit refuses what the device would not take, or should not.
func (s *Server) admit(seen *sighting, d *deal) error {
	i, newest := seen.identity, seen.device.Newest
	switch {
	case i.Boot < newest.Boot:
		return fail(ErrRebooted, "identity of boot %d, device is at %d", i.Boot, newest.Boot)
	case i.Boot == newest.Boot && i.Challenge.Counter < newest.Oldest():
		return fail(ErrRetired, "identity %d, oldest open is %d", i.Challenge.Counter, newest.Oldest())
	case taken(newest, i.Connector):
		return fail(ErrTaken, "connector %d", i.Connector)
	}
	for _, shown := range []*qrproto.Identity{i, newest} {
		if err := ready(shown, i.Connector, d.terms.Reservation); err != nil {
			return err
		}
	}
	if newest.Rules < uint8(d.tariff.Rules) {
		return fail(ErrRules, "device knows %d, tariff needs %d", newest.Rules, d.tariff.Rules)
	}
	_, err := s.held(seen)
	return err
}

// taken tells whether an identity shows an order that runs on a connector.
func taken(i *qrproto.Identity, connector uint8) bool {
	n := int(connector) - 1
	return n < i.Open.Len() && i.Open.At(n) != (qrproto.Hint{})
}

// ready looks at the state of a connector, where an identity is about that one.
func ready(i *qrproto.Identity, connector uint8, reservation bool) error {
	if i.Connector != connector {
		return nil
	}
	switch i.State {
	case qrproto.StateOccupied:
		return fail(ErrTaken, "connector %d", connector)
	case qrproto.StateReserved:
		if !reservation {
			return fail(ErrTaken, "connector %d is reserved", connector)
		}
	case qrproto.StateUnavailable, qrproto.StateFaulted:
		return fail(ErrUnavailable, "connector %d", connector)
	}
	return nil
}

// held is how long the server has had the identity, in seconds, rounded down:
// the device takes it off the age of its code. A sticker has no age.
func (s *Server) held(seen *sighting) (uint16, error) {
	if seen.sticker {
		return 0, nil
	}
	held := max(0, s.Now().Sub(seen.first))
	if held > s.Policy.maxHeld() {
		return 0, fail(ErrHeld, "identity first seen %v ago", held)
	}
	return uint16(held / time.Second), nil
}

// hold asks the provider to hold the amount, unless the order has taken over a
// hold that is placed already.
func (s *Server) hold(ctx context.Context, o *Order) error {
	if o.Hold != "" {
		return nil
	}
	hold, err := s.Payments.Hold(ctx, o.HoldKey, o.Account, o.Amount)
	switch {
	case err == nil:
		o.Hold = hold
		return nil
	case errors.Is(err, ErrDeclined):
		return errors.Join(payment("hold", err), s.decline(ctx, o))
	}
	return payment("hold", err)
}

// decline gives the account free again. Where another order has taken the place
// of this one, that one hears the same from the provider.
func (s *Server) decline(ctx context.Context, o *Order) error {
	if err := o.move(eventDecline); err != nil {
		return err
	}
	err := s.Store.Apply(ctx, &Change{Orders: []*Order{o}, Free: []string{openOrderClaim(o.Account)}})
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// payment marks what a provider failed with.
func payment(verb string, err error) error {
	if errors.Is(err, ErrDeclined) {
		return because(err, ErrDeclined, "%s", verb)
	}
	return because(err, ErrPayment, "%s", verb)
}

// sign makes the start order and stores it.
func (s *Server) sign(ctx context.Context, ask *Ask, o *Order, seen *sighting, d *deal) error {
	start, err := s.start(ask.Target, o, seen, d)
	if err != nil {
		return err
	}
	err = s.give(ctx, o, start, seen, eventHold, nil)
	if errors.Is(err, ErrConflict) {
		return fail(ErrBusy, "order %x was replaced or released meanwhile", o.ID[:])
	}
	return err
}

// give signs a start order and stores it with its order, which can be given out
// then, and with the device if that has changed.
func (s *Server) give(ctx context.Context, o *Order, start *qrproto.StartOrder, seen *sighting, on event, device *Device) (err error) {
	if o.Code, err = s.seal(seen.may, start, o.Charger); err != nil {
		return err
	}
	if o.Sum, err = qrproto.Sum(start); err != nil {
		return err
	}
	o.Start, o.Trust = start, seen.trust
	if err := o.move(on); err != nil {
		return err
	}
	return s.Store.Apply(ctx, &Change{Orders: []*Order{o}, Device: device})
}
