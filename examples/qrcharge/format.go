// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// A format turns the value of a field into a row without a name.
type format func(scope, any) row

// integer is the value of a field of any integer type. None is wider than an
// int64 can hold.
func integer(v any) int64 {
	r := reflect.ValueOf(v)
	if r.CanInt() {
		return r.Int()
	}
	return int64(r.Uint())
}

// hexOf is the hex of bytes: a slice, an array, or a hash that writes itself.
func hexOf(v any) string {
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%x", v)
}

// decimal is units × 10^-scale.
func decimal(units int64, scale uint8) string {
	return string(tariff.AppendDecimal(nil, units, scale))
}

// trimmed is decimal without the zeros at its end.
func trimmed(units int64, scale uint8) string {
	s := decimal(units, scale)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func plain(_ scope, v any) row { return row{value: integer(v)} }

// back counts from the challenge of the identity itself.
func back(_ scope, v any) row { return row{value: integer(v), unit: "before this one"} }

func bytesInHex(_ scope, v any) row { return row{value: hexOf(v)} }

// words shows text between quotes, so that it cannot pass for something else.
func words(_ scope, v any) row { return row{value: v, text: fmt.Sprintf("%q", v), bare: true} }

func unixTime(_ scope, v any) row {
	return row{value: integer(v), unit: "Unix s", text: moment(integer(v))}
}

func moment(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

func seconds(_ scope, v any) row {
	return row{value: integer(v), unit: "s", text: clock(integer(v))}
}

// clock writes a duration as h:mm:ss.
func clock(s int64) string { return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60) }

func kilowattHours(mWh int64) string { return trimmed(mWh, 6) + " kWh" }

func litres(mL int64) string { return trimmed(mL, 3) + " L" }

func energy(_ scope, v any) row {
	return row{value: integer(v), unit: "mWh", text: kilowattHours(integer(v))}
}

func volume(_ scope, v any) row {
	return row{value: integer(v), unit: "mL", text: litres(integer(v))}
}

// register shows what is energy at a charger and volume at a dispenser: only
// the tariff tells.
func register(_ scope, v any) row {
	n := integer(v)
	return row{value: n, unit: "mWh or mL", text: kilowattHours(n) + " or " + litres(n)}
}

// amount shows money at the order's scale, which only the order tells.
func amount(s scope, v any) row {
	n := integer(v)
	if !s.scaled {
		return row{value: n, unit: "units of the order's scale"}
	}
	currency := string(s.currency)
	if currency == "" {
		currency = "in the tariff's currency"
	}
	return row{value: n, unit: fmt.Sprintf("at scale %d", s.scale), text: decimal(n, s.scale) + " " + currency}
}

func scaleOf(_ scope, v any) row {
	return row{value: integer(v), unit: "decimals of every amount"}
}

// target shows the value of a target in the unit of its kind.
func target(s scope, v any) row {
	switch s.target {
	case qrproto.TargetEnergy:
		return energy(s, v)
	case qrproto.TargetVolume:
		return volume(s, v)
	case qrproto.TargetAmount:
		return amount(s, v)
	case qrproto.TargetTime:
		return seconds(s, v)
	}
	return plain(s, v)
}

func hints(_ scope, v any) row {
	h := v.(qrproto.Hints)
	list := make([]string, h.Len())
	for i := range list {
		list[i] = h.At(i).String()
	}
	return row{value: list, text: strings.Join(list, ", "), bare: true}
}

// openOrders names the connector of each hint.
func openOrders(_ scope, v any) row {
	h := v.(qrproto.Hints)
	var r row
	for i := range h.Len() {
		item := row{name: fmt.Sprintf("connector %d", i+1), value: h.At(i).String()}
		if h.At(i) == (qrproto.Hint{}) {
			item.value, item.text = nil, "none"
		}
		r.items = append(r.items, item)
	}
	return r
}

// offsets shows local time as UTC±hh:mm with its transitions.
func offsets(_ scope, v any) row {
	flat := v.(qrproto.Offsets)
	var text []string
	for i, step := range flat.Steps() {
		s := "UTC" + zone(step.Seconds)
		if i > 0 {
			s = "from " + moment(step.From) + " " + s
		}
		text = append(text, s)
	}
	return row{value: []int64(flat), text: strings.Join(text, ", "), unit: "s east of UTC, Unix s", bare: true}
}

func zone(seconds int32) string {
	sign, n := '+', int64(seconds)
	if n < 0 {
		sign, n = '-', -n
	}
	s := fmt.Sprintf("%c%02d:%02d", sign, n/3600, n/60%60)
	if n%60 != 0 {
		s += fmt.Sprintf(":%02d", n%60)
	}
	return s
}

func extensions(_ scope, v any) row {
	var r row
	for id, b := range sorted(v.(qrproto.Extensions)) {
		r.items = append(r.items, row{name: fmt.Sprintf("%d", id), value: hex.EncodeToString(b), text: fmt.Sprintf("%d bytes", len(b))})
	}
	return r
}
