// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// A form says how a kind of code is shown. A new kind is one more of them.
type form struct {
	kind   qrproto.Kind
	name   string
	device bool // signed by a device, else by an issuer or a root
	fields []field
}

// A field says how one field of a payload is shown.
type field struct {
	name   string // for people; its JSON name has underscores for spaces
	path   string // in Go, from the payload on
	format format
	// zero is what the zero value or an absent field means. Where it says
	// nothing, numbers are shown as they are and absent fields are left out.
	zero string
}

// forms are the kinds that can be shown.
func forms() []form {
	return []form{
		{qrproto.KindIdentity, "identity", true, identityFields()},
		{qrproto.KindStartOrder, "start order", false, orderFields()},
		{qrproto.KindSettlement, "settlement", true, settlementFields()},
		{qrproto.KindReceipt, "receipt", false, receiptFields()},
		{qrproto.KindStopOrder, "stop order", false, stopFields()},
		{qrproto.KindTrust, "trust snapshot", false, trustFields()},
		{qrproto.KindVoucher, "voucher", false, voucherFields()},
	}
}

// formOf returns nil for a kind unknown here.
func formOf(kind qrproto.Kind) *form {
	for _, f := range forms() {
		if f.kind == kind {
			return &f
		}
	}
	return nil
}

func identityFields() []field {
	return []field{
		{"number", "Number", bytesInHex, ""},
		{"connector", "Connector", plain, ""},
		{"state", "State", named(states), ""},
		{"place", "Place", words, "not told"},
		{"challenge counter", "Challenge.Counter", plain, ""},
		{"challenge nonce", "Challenge.Nonce", bytesInHex, ""},
		{"oldest open challenge", "Back", back, "this one"},
		{"boot", "Boot", plain, ""},
		{"wall clock", "Wall", unixTime, "no time"},
		{"clock trust", "Clock", named(clocks), ""},
		{"trust epoch", "Epoch", plain, ""},
		{"highest rules", "Rules", plain, ""},
		{"tariffs held", "Tariffs", hints, "none"},
		{"health", "Health", named(healths), ""},
		{"alarms", "Alarms", alarms, "none"},
		{"head seq", "Head.Seq", plain, "no settlement yet"},
		{"head hash", "Head.Sum", bytesInHex, ""},
		{"head total", "Head.Total", register, ""},
		{"open orders", "Open", openOrders, "none"},
		{"records", "Records", records, "none carried"},
		{"extensions", "Ext", extensions, "none"},
	}
}

func orderFields() []field {
	return []field{
		{"order id", "ID", bytesInHex, ""},
		{"charger", "Charger", bytesInHex, ""},
		{"connector", "Connector", plain, ""},
		{"challenge counter", "Challenge.Counter", plain, ""},
		{"challenge nonce", "Challenge.Nonce", bytesInHex, "none: for a device without a display; the counter is the order's number there"},
		{"issued", "Issued", unixTime, ""},
		{"held", "Held", seconds, ""},
		{"window", "Window", seconds, ""},
		{"tariff", "Tariff", tariffBytes, "not embedded"},
		{"tariff hash", "TariffHash", bytesInHex, ""},
		{"local time", "Offsets", offsets, "UTC"},
		{"scale", "Scale", scaleOf, ""},
		{"target", "Target.Kind", named(targets), "full: as much as the vehicle takes"},
		{"target value", "Target.Value", target, ""},
		{"energy limit", "Limits.Energy", energy, "none"},
		{"volume limit", "Limits.Volume", volume, "none"},
		{"time limit", "Limits.Duration", seconds, "none"},
		{"amount limit", "Limits.Amount", amount, "none"},
		{"funding", "Funding", named(fundings), ""},
		{"reserved", "Facts.Reserved", seconds, ""},
		{"reservation expired", "Facts.Expired", named(noYes), ""},
		{"energy before", "Facts.Energy", energy, ""},
		{"charging time before", "Facts.Time", seconds, ""},
		{"volume before", "Facts.Volume", volume, ""},
		{"time uncertainty allowed", "Uncertainty", seconds, "left to the device"},
		{"least trust epoch", "Epoch", plain, "any"},
		{"stored up to seq", "Ack.Seq", plain, "no record of this device"},
		{"stored up to hash", "Ack.Sum", bytesInHex, ""},
		{"extensions", "Ext", extensions, "none"},
	}
}

func settlementFields() []field {
	return []field{
		{"number", "Number", bytesInHex, ""},
		{"connector", "Connector", plain, ""},
		{"seq", "Seq", plain, ""},
		{"previous hash", "Previous", bytesInHex, "none: the first record"},
		{"order hash", "Order", bytesInHex, ""},
		{"boot", "Boot", plain, ""},
		{"start", "Start", unixTime, ""},
		{"duration", "Duration", seconds, ""},
		{"time uncertainty", "Uncertainty", seconds, ""},
		{"start register", "Register", register, ""},
		{"delivered", "Delivered", register, ""},
		{"cells", "Cells", cells, "none"},
		{"last of each step group", "Last", components, "none"},
		{"flat fees", "Flats", components, "none"},
		{"payable", "Payable", amount, ""},
		{"waived", "Waived", amount, ""},
		{"stop reason", "Reason", named(stops), ""},
		{"total of the device", "Total", register, ""},
		{"marks", "Marks", marks, "none"},
		{"meter evidence hash", "Evidence", bytesInHex, "none"},
		{"extensions", "Ext", extensions, "none"},
	}
}

func receiptFields() []field {
	return []field{
		{"settlement hash", "Settlement", bytesInHex, ""},
		{"paid", "Paid", amount, ""},
		{"refunded", "Refunded", amount, ""},
		{"time", "Time", unixTime, ""},
		{"stored up to seq", "Ack.Seq", plain, "not told"},
		{"stored up to hash", "Ack.Sum", bytesInHex, ""},
		{"ledger anchor", "Anchor", bytesInHex, "none"},
		{"extensions", "Ext", extensions, "none"},
	}
}

// rowsOf returns the rows of a payload.
func rowsOf(p qrproto.Payload) []row { return rowsIn(scopeOf(p), p) }

// rowsIn returns them where more is known than the payload tells.
func rowsIn(s scope, p qrproto.Payload) []row {
	var rows []row
	for _, f := range formOf(p.Kind()).fields {
		v, ok := at(reflect.ValueOf(p), f.path)
		switch {
		case !ok && f.zero != "":
			rows = append(rows, row{name: f.name, text: f.zero})
		case ok:
			r := f.format(s, v.Interface())
			r.name = f.name
			if v.IsZero() && f.zero != "" {
				r.text, r.bare = f.zero, true
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// at follows a path of field names. It reports false where a pointer on the way
// is nil, or a list or text at its end is empty: the field is absent.
func at(v reflect.Value, path string) (reflect.Value, bool) {
	v = v.Elem()
	for name := range strings.SplitSeq(path, ".") {
		v = v.FieldByName(name)
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v, v.Len() > 0
	}
	return v, true
}

// scope is what the other fields of a payload tell about one of them.
type scope struct {
	number   []byte // of the device
	scale    uint8  // of amounts
	scaled   bool   // whether the scale is known
	currency tariff.Currency
	target   qrproto.TargetKind
	carried  carried
}

func scopeOf(p qrproto.Payload) scope {
	switch p := p.(type) {
	case *qrproto.Identity:
		return scope{number: p.Number}
	case *qrproto.StartOrder:
		s := scope{scale: p.Scale, scaled: true}
		if t, err := qrproto.DecodeTariff(p.Tariff); err == nil {
			s.currency = t.Currency
		}
		if p.Target != nil {
			s.target = p.Target.Kind
		}
		return s
	case *qrproto.Voucher:
		return scope{scale: p.Scale, scaled: true, currency: p.Currency}
	}
	return scope{}
}
