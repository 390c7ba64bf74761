// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto"
)

// The codes of this package. Whatever fails with one of them, or with a code of
// qrproto, has changed nothing unless it says so.
const (
	// ErrOtherCharger: the order is for another device.
	ErrOtherCharger qrproto.ErrorCode = 301
	// ErrConnector: there is no such connector here.
	ErrConnector qrproto.ErrorCode = 302
	// ErrBusy: the connector has an order, or shows a settlement.
	ErrBusy qrproto.ErrorCode = 303
	// ErrUsed: this order was accepted here before.
	ErrUsed qrproto.ErrorCode = 304
	// ErrChallenge: the order answers no identity code that is open here: one
	// from before a restart, one too old to be kept, or none of this device.
	ErrChallenge qrproto.ErrorCode = 305
	// ErrExpired: too much time passed since the identity code was shown.
	ErrExpired qrproto.ErrorCode = 306
	// ErrUncertain: the order asks for a better knowledge of time.
	ErrUncertain qrproto.ErrorCode = 307
	// ErrEpoch: the order needs a newer trust snapshot than this device has.
	ErrEpoch qrproto.ErrorCode = 308
	// ErrAck: the server acknowledges a record that this device never wrote.
	ErrAck qrproto.ErrorCode = 309
	// ErrFull: the journal has no room for another sale, or snapshot. What the
	// order acknowledges counts all the same, in memory: else the same record
	// would be carried for ever.
	ErrFull qrproto.ErrorCode = 310
	// ErrJournal: the journal failed. What was to be written may be there or
	// not; if the next call finds it there, it counts.
	ErrJournal qrproto.ErrorCode = 311
	// ErrNotLast: a receipt for another than this connector's last settlement.
	ErrNotLast qrproto.ErrorCode = 312
	// ErrState: the call makes no sense now, such as a stop without a session.
	ErrState qrproto.ErrorCode = 313
	// ErrReading: a reading that cannot be right. Its register is left out, its
	// plug and relay count; a session that hears no other for too long stops.
	ErrReading qrproto.ErrorCode = 314
	// ErrDevice: the device is provisioned wrongly. Only from Open.
	ErrDevice qrproto.ErrorCode = 315
	// ErrRecord: the journal holds a record that cannot be read. Only from Open.
	ErrRecord qrproto.ErrorCode = 316
	// ErrFaulted: the connector's contact stays closed, nothing is sold there.
	ErrFaulted qrproto.ErrorCode = 317
	// ErrHeld: the order says that the server had the identity code for longer
	// than this device has shown it, so the server's clock is wrong.
	ErrHeld qrproto.ErrorCode = 318
	// ErrOldEpoch: the order names an older epoch than the trust snapshot in
	// force lets any order name: whoever issued it has not heard of it.
	ErrOldEpoch qrproto.ErrorCode = 319
	// ErrFleet: the key that signed is good at other devices only.
	ErrFleet qrproto.ErrorCode = 320
	// ErrCurrency: the key that signed the order sells in another currency.
	ErrCurrency qrproto.ErrorCode = 321
	// ErrAmount: the order may cost more than the key that signed it, or than this
	// device, allows; or it has no limit of amount, which it then needs.
	ErrAmount qrproto.ErrorCode = 322
	// ErrQuota: as many orders of that key were accepted here as the trust
	// snapshot in force allows.
	ErrQuota qrproto.ErrorCode = 323
	// ErrAckRight: the order acknowledges records, which its key may not.
	ErrAckRight qrproto.ErrorCode = 324
	// ErrNotRunning: a stop order for a sale that does not run here, or no more.
	ErrNotRunning qrproto.ErrorCode = 325
	// ErrVoucher: a voucher. Take it to the server, which answers with an order:
	// no device that is offline knows where else it was spent.
	ErrVoucher qrproto.ErrorCode = 326
	// ErrSticker: the order answers no identity, and this device shows one; or the
	// other way round.
	ErrSticker qrproto.ErrorCode = 327
	// ErrOvertaken: an order with this number or a higher one, or of a later epoch,
	// was accepted at this device, which has no display.
	ErrOvertaken qrproto.ErrorCode = 328
	// ErrFixed: the order for a device without a display prices more than flat
	// fees, or leaves open how much it is for.
	ErrFixed qrproto.ErrorCode = 329
)

// fail puts a code in front of the reason, so that it is the one that CodeOf
// finds whatever the cause.
func fail(code qrproto.ErrorCode, format string, args ...any) error {
	return fmt.Errorf("charger: %w: "+format, append([]any{code}, args...)...)
}
