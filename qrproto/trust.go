// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"slices"

	"github.com/seed81979277/qrcharge/tariff"
)

// Trust is a snapshot of whom a device trusts: it replaces every older one, and
// the issuers that the device was provisioned with. A root signs it, a key that
// is kept apart from those that sell; any phone shows it to the device.
//
//	{ ? 0: extensions, 1: epoch, ? 2: least,
//	  ? 3: [+ [kid, public, fleet, currency, amount, quota, rights]] }
type Trust struct {
	Ext   Extensions `cbor:"0,keyasint,omitempty"`
	Epoch uint32     `cbor:"1,keyasint"` // from 1 on, rises with each snapshot
	// Least is the lowest epoch that an order must name from now on, at most
	// Epoch; 0 for any. It ends the sales of servers, and of their backups, that
	// know of nothing newer.
	Least uint32 `cbor:"2,keyasint,omitempty"`
	// Delegations are the keys that are trusted from now on, at most 16; none
	// trusts nobody. They ascend by their ids, byte by byte, the shorter first of
	// two that begin alike.
	Delegations []Delegation `cbor:"3,keyasint,omitempty"`
}

// Delegation is a key that a root lets sell, and its bounds. It takes at most 64
// bytes where the id has 4, the fleet 3, and amount and quota 4 each.
type Delegation struct {
	_      struct{} `cbor:",toarray"`
	ID     []byte   // the key id, 1 to 8 bytes; each once in a snapshot
	Public []byte   // Ed25519: 32 bytes. ESP256: 33, compressed as in SEC 1, section 2.3.3
	// Fleet is how the numbers of the devices begin at which the key is good, at
	// most 7 bytes; empty for all devices.
	Fleet    []byte
	Currency tariff.Currency // that the key may sell in; empty for any
	// Amount is the most that an order may cost, gross, at the exponent of
	// Currency; 0 is no bound.
	Amount int64
	Quota  uint32 // orders that one device accepts under this snapshot; 0 is no bound
	Rights Rights
}

// Rights is what a delegated key may do: one of the first three at least.
type Rights uint8

// The rights.
const (
	RightOrder       Rights = 1 << iota // sign start orders
	RightStop                           // sign stop orders
	RightReceipt                        // sign receipts
	RightAcknowledge                    // let a device forget records that are stored
	allRights        = 1<<iota - 1
)

// rightOf is the right to sign a kind, 0 for one that nobody can delegate.
func rightOf(kind Kind) Rights {
	switch kind {
	case KindStartOrder:
		return RightOrder
	case KindStopOrder:
		return RightStop
	case KindReceipt:
		return RightReceipt
	}
	return 0
}

// Caps are the bounds of a delegated key; those of Delegation. Whoever takes a
// code holds them: Open does not. The zero Caps bound nothing either, but do not
// let the key acknowledge.
type Caps struct {
	Fleet       []byte          // how the numbers of its devices begin; empty for all
	Currency    tariff.Currency // that it may sell in; empty for any
	Amount      int64           // most that an order may cost, gross, at Currency's exponent; 0 is no bound
	Quota       uint32          // orders that one device accepts under a snapshot; 0 is no bound
	Acknowledge bool            // whether it may let a device forget records that are stored
}

// Most is the most that an order may cost, and false where Amount is no bound.
func (c *Caps) Most() (most tariff.Money, bounded bool) {
	exponent, _ := c.Currency.Exponent()
	return tariff.Money{Units: c.Amount, Scale: uint8(exponent), Currency: c.Currency}, c.Amount > 0
}

const (
	maxDelegations  = 16
	compressedPoint = 1 + scalarSize
)

// Kind is KindTrust.
func (*Trust) Kind() Kind               { return KindTrust }
func (*Trust) number() []byte           { return nil }
func (*Trust) setNumber([]byte)         {}
func (t *Trust) extensions() Extensions { return t.Ext }

func (t *Trust) validate() error {
	if err := firstOf(
		t.Ext.validate(),
		within("Epoch", int64(t.Epoch), 1, maxUint32),
		within("Least", int64(t.Least), 0, int64(t.Epoch)),
		within("Delegations", int64(len(t.Delegations)), 0, maxDelegations),
	); err != nil {
		return err
	}
	for i := range t.Delegations {
		err := t.Delegations[i].validate()
		if err == nil && i > 0 && bytes.Compare(t.Delegations[i-1].ID, t.Delegations[i].ID) >= 0 {
			err = fieldError("ID", "twice, or not ascending")
		}
		if err != nil {
			return ofItem("Delegations", i, err)
		}
	}
	return nil
}

func (d *Delegation) validate() error {
	if d.Amount > 0 || d.Currency != "" { // an amount is at a currency's exponent
		if err := checkCurrency("Currency", d.Currency); err != nil {
			return err
		}
	}
	if d.Rights&^RightAcknowledge == 0 {
		return fieldError("Rights", "a key that may sign nothing")
	}
	return firstOf(
		within("ID", int64(len(d.ID)), 1, 8),
		d.validatePublic(),
		within("Fleet", int64(len(d.Fleet)), 0, MaxNumber),
		within("Amount", d.Amount, 0, MaxQuantity),
		within("Rights", int64(d.Rights), 1, allRights),
	)
}

// validatePublic checks what costs little. Whether a point is one of the curve
// costs about as much as a verification, and is found out by Key.
func (d *Delegation) validatePublic() error {
	switch len(d.Public) {
	case ed25519.PublicKeySize:
		if _, err := newEd25519(d.Public); err == nil {
			return nil
		}
	case compressedPoint:
		if d.Public[0]&^1 == 2 {
			return nil
		}
	}
	return fieldError("Public", "neither a key of Ed25519 nor a compressed point")
}

// Key returns the key of a delegation, to be trusted within its bounds; it shares
// no memory with d. It fails with ErrBadKey for bytes that are no point of the
// curve.
func (d *Delegation) Key() (Key, error) {
	k := Key{ID: KeyID(d.ID), Public: d.public(), Caps: &Caps{
		Fleet: slices.Clone(d.Fleet), Currency: d.Currency, Amount: d.Amount, Quota: d.Quota,
		Acknowledge: d.Rights&RightAcknowledge != 0,
	}}
	for _, kind := range []Kind{KindStartOrder, KindStopOrder, KindReceipt} {
		if d.Rights&rightOf(kind) != 0 {
			k.Kinds = append(k.Kinds, kind)
		}
	}
	if err := k.Validate(); err != nil {
		return Key{}, err
	}
	return k, nil
}

// public returns the key as its package has it, nil for bytes that are none.
func (d *Delegation) public() crypto.PublicKey {
	if len(d.Public) == ed25519.PublicKeySize {
		return ed25519.PublicKey(bytes.Clone(d.Public))
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), d.Public)
	if x == nil {
		return nil
	}
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
}

// Delegate returns the delegation of a key within its Caps; nil Caps bound nothing
// and let it acknowledge, and a key that was read from a file has none: set them
// first. The rights follow from the kinds of the key; that of
// vouchers is left out, as no device takes one. It fails with ErrBadKey for a key
// that Validate refuses or that may sign a kind which nobody can delegate, and with
// ErrField for Caps out of range.
func Delegate(k *Key) (Delegation, error) {
	if err := k.Validate(); err != nil {
		return Delegation{}, err
	}
	caps := Caps{Acknowledge: true}
	if k.Caps != nil {
		caps = *k.Caps
	}
	d := Delegation{ID: []byte(k.ID), Public: compress(k.Public), Fleet: slices.Clone(caps.Fleet),
		Currency: caps.Currency, Amount: caps.Amount, Quota: caps.Quota}
	for _, kind := range k.Kinds {
		right := rightOf(kind)
		if right == 0 && kind != KindVoucher {
			return Delegation{}, &Error{Code: ErrBadKey, Why: "nobody can delegate kind " + kind.String()}
		}
		d.Rights |= right
	}
	if caps.Acknowledge {
		d.Rights |= RightAcknowledge
	}
	if err := d.validate(); err != nil {
		return Delegation{}, err
	}
	return d, nil
}

// compress is a sound key as it stands in a delegation.
func compress(public crypto.PublicKey) []byte {
	switch p := public.(type) {
	case ed25519.PublicKey:
		return bytes.Clone(p)
	case *ecdsa.PublicKey:
		return elliptic.MarshalCompressed(p.Curve, p.X, p.Y)
	}
	return nil
}
