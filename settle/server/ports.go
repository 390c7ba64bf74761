// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Directory is what the operator knows: devices, their keys, and what each
// customer pays where.
type Directory interface {
	// Keys finds the keys of devices. A device without one gets no order.
	qrproto.Keys
	// Site returns where a device stands, or ErrNotEnrolled for one that is
	// not, or no longer, in service. What such a device settled before is taken
	// in all the same, as long as Keys knows its key. A nil Site is an empty one.
	Site(ctx context.Context, charger []byte) (*Site, error)
	// Terms returns what an account pays at a connector now, and for the empty
	// account what somebody is shown who has not said who he is. Two calls give
	// the same tariff, unless it has changed between them. It fails for a connector
	// that the device does not have: a link to a device without a display can name
	// any, and Sell takes the money before the device is asked.
	Terms(ctx context.Context, account string, charger []byte, connector uint8) (*Terms, error)
}

// Site is where a device stands.
type Site struct {
	Zone *time.Location // nil is UTC
	Name string         // for people; may be empty
	// Sticker is zero for a device with a display. One without has a printed
	// sticker instead, and this is the most that it takes for an order: see Sell.
	// It is what the device is provisioned with.
	Sticker tariff.Money
}

// Terms are what an account pays at a connector.
type Terms struct {
	Tariff *tariff.Tariff
	// Hold is what is reserved before the order is signed, and the most that
	// the session may cost, in the tariff's currency and at least the smallest
	// amount to which the tariff rounds.
	Hold tariff.Money
	// Energy (mWh), Volume (mL) and Duration (s) bound a session; 0 is no bound,
	// and for Duration the horizon of Policy. Duration is at most Policy.HoldFor.
	Energy, Volume, Duration int64
	// Reservation: the connector is reserved for this account, so that a device
	// that shows itself as reserved may serve it.
	Reservation bool
	// Facts go into each order as they stand here, so that a Directory tells a
	// reservation until a session was settled for it and not again, and what was
	// taken in a month anew for each order. nil is none.
	Facts *qrproto.Facts
}

// Payments is the payment provider. The first argument after the context of
// each call is its idempotency key: a call with the key of an earlier one does
// nothing and gives the answer of the earlier one.
//
// It fails with ErrDeclined where the provider refuses for good. Any other
// error means that the outcome is unknown; the same call is then made again
// later, with the same key.
type Payments interface {
	// Hold reserves an amount on the account's means of payment and returns the
	// provider's name for the hold.
	Hold(ctx context.Context, key, account string, amount tariff.Money) (hold string, err error)
	// Capture takes a part of a hold, or all of it. It is called once per hold.
	Capture(ctx context.Context, key, hold string, amount tariff.Money) error
	// Release gives back what of a hold is not captured. Where nothing is left
	// of it, also because it has expired, there is nothing to do.
	Release(ctx context.Context, key, hold string) error
	// Refund gives back a part of what was captured, or all of it.
	Refund(ctx context.Context, key, hold string, amount tariff.Money) error
	// ParseNotification verifies and reads what the provider sends by itself.
	// It arrives late, twice, or out of order: its Key says which call it is
	// about, and the order's state decides what it means. Nothing in this package
	// calls it yet: an application may read news with it.
	ParseNotification(body []byte) (*Notification, error)
}

// Notification is news from a payment provider. No method of Server takes one
// yet: what it would tell is found out by calling again.
type Notification struct {
	Key    string // the idempotency key of the call that it is about
	Event  PaymentEvent
	Hold   string
	Amount tariff.Money
}

// PaymentEvent is what happened to a hold.
type PaymentEvent uint8

// The events.
const (
	PaymentHeld PaymentEvent = 1 + iota
	PaymentCaptured
	PaymentReleased
	PaymentRefunded
	PaymentExpired // the hold lapsed by itself; Key is that of the hold
)
