// SPDX-License-Identifier: Apache-2.0

package qrproto

import "github.com/seed81979277/qrcharge/tariff"

// Voucher says that somebody has paid for a sale to come. The issuer signs it;
// a phone takes it to the server, which matches it with whoever asks, and issues
// a StartOrder that it funds. A device refuses it: one that is offline cannot
// know where else it was spent. For whom it is stands on the server alone, as a
// hash of few possible values would tell them.
//
//	{ ? 0: extensions, 1: id, 2: amount, ? 3: scale, 4: currency, 5: from, 6: until }
type Voucher struct {
	Ext      Extensions      `cbor:"0,keyasint,omitempty"`
	ID       VoucherID       `cbor:"1,keyasint"`
	Amount   int64           `cbor:"2,keyasint"` // at Scale, gross; above 0
	Scale    uint8           `cbor:"3,keyasint,omitempty"`
	Currency tariff.Currency `cbor:"4,keyasint"`
	From     int64           `cbor:"5,keyasint"` // Unix s: good from then on
	Until    int64           `cbor:"6,keyasint"` // Unix s, above From: no longer good
}

// VoucherID is the server's name for a voucher, drawn at random.
type VoucherID [16]byte

// Kind is KindVoucher.
func (*Voucher) Kind() Kind               { return KindVoucher }
func (*Voucher) number() []byte           { return nil }
func (*Voucher) setNumber([]byte)         {}
func (v *Voucher) extensions() Extensions { return v.Ext }

func (v *Voucher) validate() error {
	return firstOf(
		v.Ext.validate(),
		within("Amount", v.Amount, 1, MaxQuantity),
		within("Scale", int64(v.Scale), 0, maxScale),
		checkCurrency("Currency", v.Currency),
		within("From", v.From, 1, maxUnix),
		within("Until", v.Until, v.From+1, maxUnix),
	)
}

func checkCurrency(path string, c tariff.Currency) error {
	if _, ok := c.Exponent(); !ok {
		return fieldError(path, "no currency of ISO 4217")
	}
	return nil
}
