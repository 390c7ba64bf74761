// SPDX-License-Identifier: Apache-2.0

package qrproto

import "github.com/seed81979277/qrcharge/qrproto/internal/canon"

// Kind is the letter of a kind of code, as it stands in its text: "QO1/…" is a
// start order.
type Kind byte

// The kinds of codes. What each is for, who signs it and which way it goes is
// told at its payload.
const (
	KindIdentity   Kind = 'I'
	KindStartOrder Kind = 'O'
	KindSettlement Kind = 'S'
	KindReceipt    Kind = 'R'
	KindStopOrder  Kind = 'X'
	KindTrust      Kind = 'T'
	KindVoucher    Kind = 'V'
)

// String is the letter of the kind.
func (k Kind) String() string { return string(rune(k)) }

// domain separates the kinds: it is the external_aad of the signature and the
// first item of what a payload's hash covers, so that no code of one kind can
// pass for one of another.
func (k Kind) domain() string {
	switch k { // written out, as joining strings would allocate
	case KindIdentity:
		return "qrcharge/1/I"
	case KindStartOrder:
		return "qrcharge/1/O"
	case KindSettlement:
		return "qrcharge/1/S"
	case KindReceipt:
		return "qrcharge/1/R"
	case KindStopOrder:
		return "qrcharge/1/X"
	case KindTrust:
		return "qrcharge/1/T"
	case KindVoucher:
		return "qrcharge/1/V"
	}
	return "qrcharge/1/" + k.String()
}

// newPayload returns an empty payload of a kind, nil for a kind unknown here.
func (k Kind) newPayload() Payload {
	switch k {
	case KindIdentity:
		return new(Identity)
	case KindStartOrder:
		return new(StartOrder)
	case KindSettlement:
		return new(Settlement)
	case KindReceipt:
		return new(Receipt)
	case KindStopOrder:
		return new(StopOrder)
	case KindTrust:
		return new(Trust)
	case KindVoucher:
		return new(Voucher)
	}
	return nil
}

// Payload is what a code holds: an *Identity, *StartOrder, *Settlement, *Receipt,
// *StopOrder, *Trust or *Voucher. The set is closed.
type Payload interface {
	Kind() Kind
	// validate holds every rule that the types of the fields do not. Seal and
	// Open both call it.
	validate() error
	extensions() Extensions
	// read takes the value under a key of the map, as the field's tag has it.
	read(key int64, from *canon.Reader)
	// number is the device's number for what a device signs, else nil.
	number() []byte
	setNumber([]byte)
}

var (
	_ Payload = (*Identity)(nil)
	_ Payload = (*StartOrder)(nil)
	_ Payload = (*Settlement)(nil)
	_ Payload = (*Receipt)(nil)
	_ Payload = (*StopOrder)(nil)
	_ Payload = (*Trust)(nil)
	_ Payload = (*Voucher)(nil)
)

// Units and ranges that every kind keeps to.
const (
	// MaxBytes is the size of the largest code, envelope and signature
	// included. It is checked before anything is parsed.
	MaxBytes = 1024
	// MaxNumber is the largest length of a device's number in bytes.
	MaxNumber = 7
	// MaxHeld is the longest time, in seconds, for which a server may hold an
	// identity back before it issues an order on it: a driver's time to choose.
	MaxHeld = 480
	// MaxWindow is the longest time, in seconds, from a code's first showing to
	// the acceptance of an order on it, less what the server held it.
	MaxWindow = 180
	// MaxQuantity bounds registers, quantities (mWh, mL) and amounts, so that
	// sums of a few of them stay clear of an int64's end.
	MaxQuantity = 1 << 60
	maxUnix     = 100_000_000_000 // the year 5138
	maxDuration = 366 * 86400
)

// Challenge ties an order to one showing of one identity code: the counter
// says which showing, the nonce cannot be guessed ahead.
type Challenge struct {
	_       struct{} `cbor:",toarray"`
	Counter uint32
	Nonce   [8]byte
}

// checkDrawn keeps the nonce of zeros for orders that answer no identity: see
// StartOrder.Sticker.
func (c *Challenge) checkDrawn() error {
	if c.Nonce == [8]byte{} {
		return fieldError("Challenge.Nonce", "zero")
	}
	return nil
}

// Ack says that the records of a chain up to Seq are stored durably and that
// the chain was verified up to there. It says *stored*, never *agreed*.
type Ack struct {
	_   struct{} `cbor:",toarray"`
	Seq uint32
	Sum Short // of the record Seq
}

func (a *Ack) validate(path string) error {
	if a != nil && a.Seq == 0 {
		return fieldError(path, "names no record")
	}
	return nil
}
