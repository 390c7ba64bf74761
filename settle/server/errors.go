// SPDX-License-Identifier: Apache-2.0

package server

import (
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
)

// The codes of this package. What qrproto and settle fail with passes through
// as it is.
const (
	// ErrConfig: a field of Server that must be set is not, Issuer or one of Agreement
	// or Roots is no key for that, or Trust is no snapshot that one of Roots has
	// signed. The error is the reason's too.
	ErrConfig qrproto.ErrorCode = 401
	// ErrAccount: an order for nobody.
	ErrAccount qrproto.ErrorCode = 402
	// ErrNotFound: no order of that id.
	ErrNotFound qrproto.ErrorCode = 403
	// ErrNotEnrolled: the device is not, or no longer, one of this operator's.
	// A Directory fails with it.
	ErrNotEnrolled qrproto.ErrorCode = 404
	// ErrTariffChanged: the customer's tariff is no longer the one that was
	// shown. Quote again: nothing that was not shown is signed.
	ErrTariffChanged qrproto.ErrorCode = 405
	// ErrHeld: the identity was seen for the first time too long ago. Scan the
	// code that the device shows now.
	ErrHeld qrproto.ErrorCode = 406
	// ErrRebooted: the device has restarted since it showed the identity.
	ErrRebooted qrproto.ErrorCode = 407
	// ErrRetired: the device takes no order on this identity any more.
	ErrRetired qrproto.ErrorCode = 408
	// ErrTaken: an order runs on the connector, or it is kept for somebody.
	ErrTaken qrproto.ErrorCode = 409
	// ErrUnavailable: the connector is switched off or does not work.
	ErrUnavailable qrproto.ErrorCode = 410
	// ErrRules: the device does not know the rules by which the tariff is
	// evaluated.
	ErrRules qrproto.ErrorCode = 411
	// ErrTerms: the Directory's terms cannot stand in an order: no tariff or one
	// that cannot be encoded or priced, nothing to hold, a bound out of range,
	// sessions longer than a hold lasts, a zone with too many changes. Where
	// qrproto or settle refuses them, the error is that one's too.
	ErrTerms qrproto.ErrorCode = 412
	// ErrOpenOrder: the account has an order that is neither paid yet nor proven
	// dead. The error is
	// an *OpenOrderError.
	ErrOpenOrder qrproto.ErrorCode = 413
	// ErrUnknownOrder: a settlement of an order that was never issued here. It
	// is stored all the same.
	ErrUnknownOrder qrproto.ErrorCode = 414
	// ErrBilled: a second settlement of an order that has one, or of one whose
	// money went to the order that replaced it. It is stored and charges
	// nothing.
	ErrBilled qrproto.ErrorCode = 415
	// ErrRecord: a record carried in an identity that cannot be read.
	ErrRecord qrproto.ErrorCode = 416
	// ErrNotSettled: there is no settlement to be paid for yet.
	ErrNotSettled qrproto.ErrorCode = 417
	// ErrNotPaid: a receipt is asked for before the money is there.
	ErrNotPaid qrproto.ErrorCode = 418
	// ErrPayment: the payment provider failed or did not answer. What it did is
	// unknown; the same call again is safe.
	ErrPayment qrproto.ErrorCode = 419
	// ErrDeclined: the payment provider refuses, for good. Payments fails with
	// it.
	ErrDeclined qrproto.ErrorCode = 420
	// ErrPayout: the bill is below zero, and a hold cannot pay out. It is
	// released, and the order owed.
	ErrPayout qrproto.ErrorCode = 421
	// ErrState: an event that the order's state does not know.
	ErrState qrproto.ErrorCode = 422
	// ErrConflict: somebody else has changed, or added, the same rows first. A
	// Store fails with it, and nothing of the Change is applied.
	ErrConflict qrproto.ErrorCode = 423
	// ErrClaimed: a claim of the Change is held already. A Store fails with it,
	// and nothing of the Change is applied.
	ErrClaimed qrproto.ErrorCode = 424
	// ErrBusy: the same rows were changed by others again and again. Nothing
	// has happened; try again.
	ErrBusy qrproto.ErrorCode = 425
	// ErrHoldRaised: more is to be held than was shown. Quote again.
	ErrHoldRaised qrproto.ErrorCode = 426
	// ErrTarget: an amount is asked for that nobody can pay: below the smallest
	// one to which the tariff rounds, or no multiple of it. Or, of a device without
	// a display, one that it may not measure.
	ErrTarget qrproto.ErrorCode = 427
	// ErrNotDead: nothing proves that the order will never be settled, so that
	// its hold stays.
	ErrNotDead qrproto.ErrorCode = 428
	// ErrDead: a settlement of an order that was proven dead, and whose hold is
	// given back. A device that keeps to the wire cannot make one. It is stored
	// and charges nothing: whether the customer owes it is for an operator to
	// decide.
	ErrDead qrproto.ErrorCode = 429
	// ErrDelegation: the snapshot of trust does not let Issuer sign this: it does
	// not delegate the key at all, or not that kind of code, that device, that
	// currency or that amount. The device would refuse it.
	ErrDelegation qrproto.ErrorCode = 430
	// ErrNewerTrust: the device has a newer snapshot of trust than this server,
	// under which its key may be worth nothing. The server needs that one.
	ErrNewerTrust qrproto.ErrorCode = 431
	// ErrNotRunning: the order can be running on no device: it is not signed, or
	// its settlement is here, or it is dead.
	ErrNotRunning qrproto.ErrorCode = 432
	// ErrSticker: an order for a device with a display is asked for without an
	// identity, or the other way round.
	ErrSticker qrproto.ErrorCode = 433
	// ErrOutstanding: the last order for the device may not have been used yet, and
	// another one would end it. The error is an *OutstandingError. The price may be
	// taken all the same, if that order was signed meanwhile: the same call after
	// Until takes it no second time.
	ErrOutstanding qrproto.ErrorCode = 434
)

// OpenOrderError says which order keeps an account from opening another one.
type OpenOrderError struct {
	Order qrproto.OrderID
	State State
}

func (e *OpenOrderError) Error() string {
	return fmt.Sprintf("server: E-%d order %x is %v", int(ErrOpenOrder), e.Order[:], e.State)
}

// Unwrap returns ErrOpenOrder.
func (e *OpenOrderError) Unwrap() error { return ErrOpenOrder }

// OutstandingError says from when on a device without a display is sold on again.
type OutstandingError struct{ Until time.Time }

func (e *OutstandingError) Error() string {
	return fmt.Sprintf("server: E-%d the device waits for an order until %v", int(ErrOutstanding), e.Until)
}

// Unwrap returns ErrOutstanding.
func (e *OutstandingError) Unwrap() error { return ErrOutstanding }

// fail gives a code its context.
func fail(code qrproto.ErrorCode, format string, args ...any) error {
	return fmt.Errorf("server: %s: %w", fmt.Sprintf(format, args...), code)
}

// because gives an error a code, which comes before its own. On one line: a log
// has one line for each error.
func because(cause error, code qrproto.ErrorCode, format string, args ...any) error {
	return fmt.Errorf("%w: %w", fail(code, format, args...), cause)
}
