// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func TestVoucherRules(t *testing.T) {
	type V = *qrproto.Voucher
	holdRules(t, voucher, []rule[V]{
		{"Amount", "zero", func(v V) { v.Amount = 0 }},
		{"Amount", "negative", func(v V) { v.Amount = -1 }},
		{"Amount", "too large", func(v V) { v.Amount = tooMuch }},
		{"Scale", "too fine", func(v V) { v.Scale = 7 }},
		{"Currency", "absent", func(v V) { v.Currency = "" }},
		{"Currency", "unknown", func(v V) { v.Currency = "XQX" }},
		{"Currency", "of two letters", func(v V) { v.Currency = "CN" }},
		{"From", "zero", func(v V) { v.From = 0 }},
		{"From", "too late", func(v V) { v.From, v.Until = 100_000_000_001, 100_000_000_002 }},
		{"Until", "at its beginning", func(v V) { v.Until = v.From }},
		{"Until", "before its beginning", func(v V) { v.Until = v.From - 1 }},
		{"Until", "too late", func(v V) { v.Until = 100_000_000_001 }},
		{"Ext", "of number 0", func(v V) { v.Ext = qrproto.Extensions{0: {1}} }},
	})
}

func TestVoucherAtItsEdges(t *testing.T) {
	for name, change := range map[string]func(*qrproto.Voucher){
		"the least": func(v *qrproto.Voucher) { v.Amount, v.Scale, v.From, v.Until = 1, 0, 1, 2 },
		"the most": func(v *qrproto.Voucher) {
			v.Amount, v.Scale, v.From, v.Until = 1<<60, 6, 99_999_999_999, 100_000_000_000
		},
		"other money": func(v *qrproto.Voucher) { v.Currency = "KWD" },
	} {
		v := voucher()
		change(v)
		if _, err := qrproto.Open(seal(t, v).Text(), trusted()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStopOrderRules(t *testing.T) {
	type X = *qrproto.StopOrder
	holdRules(t, stopOrder, []rule[X]{
		{"Ext", "of number 0", func(x X) { x.Ext = qrproto.Extensions{0: {1}} }},
		{"Ext", "of 65 bytes", func(x X) { x.Ext = qrproto.Extensions{1: make([]byte, 65)} }},
	})
}

// A stop order is 22 bytes of payload: it says which order, and nothing more.
func TestStopOrderNamesTheHashOfAnOrder(t *testing.T) {
	o := startOrder(t)
	sum, err := qrproto.Sum(o)
	if err != nil {
		t.Fatal(err)
	}
	x := &qrproto.StopOrder{Order: sum.Ref()}
	if got, want := payloadOf(t, x), append([]byte{0xa1, 1, 0x50}, sum[:16]...); !bytes.Equal(got, want) {
		t.Errorf("% x, want % x", got, want)
	}
}

// An order that answers no identity is bounded by what it can be trusted with:
// money that was taken, once.
func TestOrderRulesWithoutANonce(t *testing.T) {
	type O = *qrproto.StartOrder
	if o := stickerOrder(t); !o.Sticker() || startOrder(t).Sticker() {
		t.Error("Sticker does not tell them apart")
	}
	holdRules(t, func() O { return stickerOrder(t) }, []rule[O]{
		{"Held", "held", func(o O) { o.Held = 1 }},
		{"Funding", "billed afterwards", func(o O) { o.Funding = qrproto.FundingPostpaid }},
		{"Funding", "reserved only", func(o O) { o.Funding = qrproto.FundingHold }},
		{"Funding", "a gift", func(o O) { o.Funding = qrproto.FundingGift }},
		{"Limits.Amount", "without limits", func(o O) { o.Limits = nil }},
		{"Limits.Amount", "without an amount", func(o O) { o.Limits.Amount = 0 }},
		{"Challenge.Counter", "without a number", func(o O) { o.Challenge.Counter = 0 }},
	})
}

// An identity is answered by its nonce: one of zeros would let orders pass that
// answer none.
func TestIdentityHasANonce(t *testing.T) {
	i := identity()
	i.Challenge.Nonce = [8]byte{}
	_, err := qrproto.Seal(i, deviceSigner())
	wantError(t, err, qrproto.ErrField, "Challenge.Nonce")
}
