// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

func stopFields() []field {
	return []field{
		{"order hash", "Order", bytesInHex, ""},
		{"extensions", "Ext", extensions, "none"},
	}
}

func trustFields() []field {
	return []field{
		{"epoch", "Epoch", plain, ""},
		{"least epoch of orders", "Least", plain, "any"},
		{"delegations", "Delegations", delegations, "none: nobody is trusted"},
		{"extensions", "Ext", extensions, "none"},
	}
}

func voucherFields() []field {
	return []field{
		{"voucher id", "ID", bytesInHex, ""},
		{"amount", "Amount", amount, ""},
		{"scale", "Scale", scaleOf, ""},
		{"currency", "Currency", currencyCode, ""},
		{"good from", "From", unixTime, ""},
		{"good until", "Until", unixTime, ""},
		{"extensions", "Ext", extensions, "none"},
	}
}

func currencyCode(_ scope, v any) row { return row{value: string(v.(tariff.Currency))} }

// delegations shows a key a line. Machines find each bound by its name.
func delegations(_ scope, v any) row {
	list := v.([]qrproto.Delegation)
	r := row{text: fmt.Sprint(len(list))}
	for i := range list {
		d := &list[i]
		name, alg, caps := hex.EncodeToString(d.ID), algorithmOf(d), capsOf(d)
		fields := append([]row{{name: "algorithm", value: alg}, {name: "public key", value: hex.EncodeToString(d.Public)}}, boundFields(caps)...)
		r.items = append(r.items, row{
			name: name, value: name, bare: true, brief: true,
			text:   fmt.Sprintf("%s; rights %s; %s", alg, strings.Join(rights(d.Rights), ", "), bounds(caps)),
			fields: append(fields, row{name: "rights", value: rights(d.Rights)}),
		})
	}
	return r
}

// algorithmOf is told by the length of the public key, as on the wire.
func algorithmOf(d *qrproto.Delegation) string {
	if len(d.Public) == ed25519.PublicKeySize {
		return "ed25519"
	}
	return "esp256"
}

func capsOf(d *qrproto.Delegation) *qrproto.Caps {
	return &qrproto.Caps{
		Fleet: d.Fleet, Currency: d.Currency, Amount: d.Amount, Quota: d.Quota, Acknowledge: d.Rights&qrproto.RightAcknowledge != 0,
	}
}

// boundFields are the bounds of a delegated key; null is none.
func boundFields(c *qrproto.Caps) []row {
	fleet, code := row{text: "all devices"}, row{text: "any"}
	most, quota := row{text: "no bound"}, row{text: "no bound"}
	if len(c.Fleet) > 0 {
		fleet = row{value: hex.EncodeToString(c.Fleet), text: "devices whose number begins with it"}
	}
	if c.Currency != "" {
		code = row{value: string(c.Currency)}
	}
	if c.Amount > 0 {
		most = amount(scope{scale: exponentOf(c.Currency), scaled: true, currency: c.Currency}, c.Amount)
	}
	if c.Quota > 0 {
		quota = row{value: int64(c.Quota), unit: "orders a device"}
	}
	fleet.name, code.name, most.name, quota.name = "fleet", "currency", "amount", "quota"
	return []row{fleet, code, most, quota}
}

// bounds are those of a delegated key in words.
func bounds(c *qrproto.Caps) string {
	list := []string{"all devices", "any amount"}
	if len(c.Fleet) > 0 {
		list[0] = "devices " + hex.EncodeToString(c.Fleet) + "…"
	}
	switch {
	case c.Amount > 0:
		list[1] = fmt.Sprintf("at most %s %s an order", decimal(c.Amount, exponentOf(c.Currency)), c.Currency)
	case c.Currency != "":
		list[1] += " in " + string(c.Currency)
	}
	if c.Quota > 0 {
		list = append(list, fmt.Sprintf("%d orders a device", c.Quota))
	}
	return strings.Join(list, ", ")
}

// exponentOf is that of a currency that a snapshot may name.
func exponentOf(c tariff.Currency) uint8 {
	exponent, _ := c.Exponent()
	return uint8(exponent)
}

// rightNames are those of the bits from the lowest on.
func rightNames() []string { return []string{"order", "stop", "receipt", "acknowledge"} }

func rights(r qrproto.Rights) (list []string) {
	for bit, name := range rightNames() {
		if r&(1<<bit) != 0 {
			list = append(list, name)
		}
	}
	return list
}
