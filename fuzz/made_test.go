// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// made are payloads of the kinds that carry no sale, to begin with.
func made(t testing.TB) []qrproto.Payload {
	full := &qrproto.Trust{Epoch: 7, Least: 5, Ext: qrproto.Extensions{40: {1}}}
	for i := range byte(16) {
		full.Delegations = append(full.Delegations, delegation(t, i))
	}
	return []qrproto.Payload{
		&qrproto.StopOrder{},
		&qrproto.StopOrder{Order: qrproto.Ref(bytes.Repeat([]byte{0xff}, 16)), Ext: qrproto.Extensions{40: {1, 2}}},
		&qrproto.Trust{Epoch: 1},
		&qrproto.Trust{Epoch: 1<<32 - 1, Least: 1<<32 - 1, Delegations: full.Delegations[3:5]},
		full,
		&qrproto.Voucher{Amount: 1, Currency: "JPY", From: 1, Until: 2},
		&qrproto.Voucher{ID: qrproto.VoucherID{1}, Amount: qrproto.MaxQuantity, Scale: 6, Currency: "KWD",
			From: 1_800_000_000, Until: 1_900_000_000, Ext: qrproto.Extensions{-3: {}}},
	}
}

// delegation is one of many: i says which bounds and rights it has.
func delegation(t testing.TB, i byte) qrproto.Delegation {
	d := qrproto.Delegation{ID: []byte{'k', i}, Fleet: bytes.Repeat([]byte{0x32}, int(i%8)), Rights: qrproto.Rights(i%7 + 1 | i&8)}
	if i&1 != 0 {
		d.Currency, d.Amount = "CNY", 10_000*int64(i)
	}
	if i&2 != 0 {
		d.Quota = uint32(i)
	}
	d.Public = pointOf(bytes.Repeat([]byte{i}, 32))
	if i&4 != 0 {
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{i + 1}, 32))
		if err != nil {
			t.Fatal(err)
		}
		d.Public = elliptic.MarshalCompressed(key.Curve, key.X, key.Y)
	}
	return d
}

// madePayloads are those of a kind, encoded.
func madePayloads(t testing.TB, kind qrproto.Kind) (out [][]byte) {
	for _, p := range made(t) {
		if p.Kind() != kind {
			continue
		}
		code, err := qrproto.Seal(p, qrproto.Signer{ID: "fuzz", Key: newRepairer(1)})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, payloadIn(code.Bytes()))
	}
	return out
}

// payloadIn is the payload that an envelope holds.
func payloadIn(envelope []byte) []byte {
	items, _ := itemsOf(envelope[1:]) // behind the tag
	_, payload := headOf(items[2])
	return payload
}
