// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// sorted walks a map in the order of its keys.
func sorted(m qrproto.Extensions) iter.Seq2[int16, []byte] {
	return func(yield func(int16, []byte) bool) {
		for _, id := range slices.Sorted(maps.Keys(m)) {
			if !yield(id, m[id]) {
				return
			}
		}
	}
}

// cells shows pairs of a component's index and its quantity. What a component
// measures, only the tariff tells.
func cells(_ scope, v any) row {
	flat := v.(qrproto.Cells)
	r := row{text: "by the index of the component; energy in mWh, volume in mL, time in s"}
	for i := 0; i+1 < len(flat); i += 2 {
		r.items = append(r.items, row{
			name: fmt.Sprintf("component %d", flat[i]), value: flat[i+1], unit: "mWh, mL or s",
			text: kilowattHours(flat[i+1]) + " if energy",
		})
	}
	return r
}

func components(_ scope, v any) row {
	list := v.([]uint16)
	text := make([]string, len(list))
	for i, index := range list {
		text[i] = fmt.Sprintf("component %d", index)
	}
	return row{value: list, text: strings.Join(text, ", "), bare: true}
}

// marks shows triples of offset, register and cause.
func marks(_ scope, v any) row {
	flat := v.([]int64)
	r := row{text: "moments of the session, registers counted from its start"}
	for i := 0; i+2 < len(flat); i += 3 {
		at, register, cause := flat[i], flat[i+1], flat[i+2]
		r.items = append(r.items, row{
			name: fmt.Sprintf("at %d s", at), value: []int64{at, register, cause},
			unit: "s, mWh or mL, cause",
			text: fmt.Sprintf("%s  %s or %s  cause %d", clock(at), kilowattHours(register), litres(register), cause),
			bare: true,
		})
	}
	return r
}

// records shows the settlements that an identity carries. Their bytes are
// opaque to the identity: they may be encrypted to the server.
func records(s scope, v any) row {
	list := v.([][]byte)
	r := row{text: fmt.Sprintf("%d carried", len(list))}
	for i, b := range list {
		item := row{name: fmt.Sprintf("record %d", i+1), value: hex.EncodeToString(b), text: fmt.Sprintf("%d bytes", len(b)), bare: true}
		record, why := s.carried.read(s.number, i, b)
		if record != nil {
			item.fields = append(recordHash(record), rowsOf(record)...)
		} else {
			item.text += ", " + why + ": " + hex.EncodeToString(b)
		}
		r.items = append(r.items, item)
	}
	return r
}

func recordHash(s *qrproto.Settlement) []row {
	sum, err := qrproto.Sum(s)
	if err != nil {
		return nil
	}
	return []row{{name: "hash", value: sum.String()}}
}

// tariffBytes shows an embedded tariff. Open leaves it as bytes: a verified
// order may hold one that cannot be used.
func tariffBytes(_ scope, v any) row {
	b := v.([]byte)
	r := row{value: hex.EncodeToString(b), text: fmt.Sprintf("embedded, %d bytes", len(b)), bare: true}
	t, err := qrproto.DecodeTariff(b)
	if err != nil {
		r.text += fmt.Sprintf(", UNUSABLE: %v: %x", err, b)
		return r
	}
	r.fields = []row{
		{name: "currency", value: string(t.Currency)},
		{name: "rules", value: int64(t.Rules)},
		{name: "rounding", value: []string{t.Rounding.Unit.String(), t.Rounding.Mode.String(), fmt.Sprint(t.Rounding.Payable)},
			text: fmt.Sprintf("once per %v, %v; paid to %d decimals", t.Rounding.Unit, t.Rounding.Mode, t.Rounding.Payable), bare: true},
	}
	if sum, err := qrproto.TariffHash(t); err == nil {
		r.fields = append(r.fields, row{name: "hash", value: sum.String()})
	}
	r.fields = append(r.fields, row{name: "diagnostic", value: diagnose(b)}, rates(t))
	r.fields = append(r.fields, wholeTariff(t)...)
	return r
}
