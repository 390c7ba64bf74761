// SPDX-License-Identifier: Apache-2.0

package qrproto

// Receipt closes the loop: what became of the money of one settlement. It opens
// the lock of the connector whose last settlement it names in full. The issuer
// signs it; a phone shows it to the device and keeps it.
//
//	{ ? 0: extensions, 1: settlement hash, 2: paid, ? 3: refunded, 4: time,
//	  ? 5: [seq, hash], ? 6: anchor }
type Receipt struct {
	Ext        Extensions `cbor:"0,keyasint,omitempty"`
	Settlement Ref        `cbor:"1,keyasint"`
	Paid       int64      `cbor:"2,keyasint"`           // at the order's scale
	Refunded   int64      `cbor:"3,keyasint,omitempty"` // of what was prepaid, at the order's scale
	Time       int64      `cbor:"4,keyasint"`           // Unix s
	Ack        *Ack       `cbor:"5,keyasint,omitempty"`
	// Anchor is the beginning of the hash of the server's ledger at that time,
	// so that a ledger rewritten later contradicts receipts in other hands.
	Anchor *Anchor `cbor:"6,keyasint,omitempty"`
}

// Anchor is the first 12 bytes of a ledger's head.
type Anchor [12]byte

// Kind is KindReceipt.
func (*Receipt) Kind() Kind               { return KindReceipt }
func (*Receipt) number() []byte           { return nil }
func (*Receipt) setNumber([]byte)         {}
func (r *Receipt) extensions() Extensions { return r.Ext }

func (r *Receipt) validate() error {
	return firstOf(
		r.Ext.validate(),
		within("Paid", r.Paid, -MaxQuantity, MaxQuantity),
		within("Refunded", r.Refunded, 0, MaxQuantity),
		within("Time", r.Time, 1, maxUnix),
		r.Ack.validate("Ack"),
	)
}
