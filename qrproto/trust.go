// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
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
	Least       uint32       `cbor:"2,keyasint,omitempty"`
	Delegations []Delegation `cbor:"3,keyasint,omitempty"` // at most 16; none trusts nobody
}

// Delegation is a key that a root lets sell, and its bounds. Most take less than
// 64 bytes.
type Delegation struct {
	_      struct{} `cbor:",toarray"`
	ID     []byte   // the kid, 1 to 8 bytes; each once in a snapshot
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

// Rights is what a delegated key may do.
type Rights uint8

// The rights.
const (
	RightOrder       Rights = 1 << iota // sign start orders
	RightStop                           // sign stop orders
	RightReceipt                        // sign receipts
	RightAcknowledge                    // let a device forget records that are stored
	allRights        = 1<<iota - 1
)

// Caps are the bounds of a delegated key; those of Delegation.
type Caps struct {
	Fleet       []byte
	Currency    tariff.Currency
	Amount      int64
	Quota       uint32
	Acknowledge bool
}

const (
	maxDelegations  = 16
	compressedPoint = 1 + scalarSize
)

// Kind is KindTrust.
func (*Trust) Kind() Kind       { return KindTrust }
func (*Trust) number() []byte   { return nil }
func (*Trust) setNumber([]byte) {}

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
		d := &t.Delegations[i]
		if err := d.validate(); err != nil {
			return err
		}
		if i > 0 && slices.Compare(t.Delegations[i-1].ID, d.ID) >= 0 {
			return fieldError("Delegations.ID", "twice, or not ascending")
		}
	}
	return nil
}

func (d *Delegation) validate() error {
	if d.Amount > 0 || d.Currency != "" {
		if err := checkCurrency("Delegations.Currency", d.Currency); err != nil {
			return err
		}
	}
	if d.Rights&^RightAcknowledge == 0 {
		return fieldError("Delegations.Rights", "a key that may sign nothing")
	}
	return firstOf(
		within("Delegations.ID", int64(len(d.ID)), 1, 8),
		d.validatePublic(),
		within("Delegations.Fleet", int64(len(d.Fleet)), 0, MaxNumber),
		within("Delegations.Amount", d.Amount, 0, MaxQuantity),
		within("Delegations.Rights", int64(d.Rights), 1, allRights),
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
	return fieldError("Delegations.Public", "neither a key of Ed25519 nor a compressed point")
}

// Key returns the key of a delegation, to be trusted within its bounds. It fails
// with ErrBadKey for bytes that are no point of the curve.
func (d *Delegation) Key() (Key, error) {
	k := Key{ID: KeyID(d.ID), Public: d.public(), Caps: &Caps{
		Fleet: d.Fleet, Currency: d.Currency, Amount: d.Amount, Quota: d.Quota,
		Acknowledge: d.Rights&RightAcknowledge != 0,
	}}
	for _, r := range []struct {
		right Rights
		kind  Kind
	}{{RightOrder, KindStartOrder}, {RightStop, KindStopOrder}, {RightReceipt, KindReceipt}} {
		if d.Rights&r.right != 0 {
			k.Kinds = append(k.Kinds, r.kind)
		}
	}
	return k, k.Validate()
}

// public returns the key as its package has it, nil for bytes that are none.
func (d *Delegation) public() crypto.PublicKey {
	if len(d.Public) == ed25519.PublicKeySize {
		return ed25519.PublicKey(d.Public)
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P256(), d.Public)
	if x == nil {
		return nil
	}
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
}

// Delegate returns the delegation of a key within bounds; nil Caps are none but
// the right to acknowledge. The rights follow from the kinds of the key. It fails
// with ErrBadKey for one that Validate refuses, that may sign nothing which can be
// delegated, or that is a device's.
func Delegate(k *Key) (Delegation, error) {
	if err := k.Validate(); err != nil {
		return Delegation{}, err
	}
	c := Caps{Acknowledge: true}
	if k.Caps != nil {
		c = *k.Caps
	}
	d := Delegation{ID: []byte(k.ID), Fleet: c.Fleet, Currency: c.Currency, Amount: c.Amount, Quota: c.Quota}
	for _, kind := range k.Kinds {
		switch kind {
		case KindStartOrder:
			d.Rights |= RightOrder
		case KindStopOrder:
			d.Rights |= RightStop
		case KindReceipt:
			d.Rights |= RightReceipt
		default:
			return Delegation{}, &Error{Code: ErrBadKey, Why: "kind " + kind.String() + " cannot be delegated"}
		}
	}
	if c.Acknowledge {
		d.Rights |= RightAcknowledge
	}
	switch p := k.Public.(type) {
	case ed25519.PublicKey:
		d.Public = slices.Clone(p)
	case *ecdsa.PublicKey:
		d.Public = elliptic.MarshalCompressed(p.Curve, p.X, p.Y)
	}
	return d, d.validate()
}
