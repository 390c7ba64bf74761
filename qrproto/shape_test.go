// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
)

// under is a payload of one pair.
func under(key int64, value ...byte) []byte {
	return append(canon.AppendInt(canon.AppendHead(nil, canon.Map, 1), key), value...)
}

// items is an array or a map of n items, each the same.
func items(major canon.Major, n uint64, item ...byte) []byte {
	return append(canon.AppendHead(nil, major, n), slices.Repeat(item, int(n))...)
}

// lists are the longest arrays that each kind has, by key, from the CDDL of
// SPEC.md.
var lists = map[Kind]map[int64]uint64{
	KindIdentity:   {4: 2, 13: 3, 16: 4},
	KindStartOrder: {4: 2, 10: 5, 12: 2, 13: 4, 18: 2},
	KindSettlement: {11: 64, 12: 16, 13: 16, 18: 48},
	KindReceipt:    {5: 2}, KindStopOrder: {}, KindVoucher: {},
}

// shapeOf is what checkShape says: an error code, or nil.
func shapeOf(kind Kind, payload []byte) error {
	var e *Error
	if errors.As(checkShape(kind.newPayload(), payload), &e) {
		return e.Code
	}
	return nil
}

// Arrays stand where a kind has them, as long as they may be. In those above four
// items stand numbers alone; in the others nothing that holds items.
func TestArraysStandInTheirPlacesOnly(t *testing.T) {
	for kind, mine := range lists {
		for key := int64(0); key <= 24; key++ {
			most := mine[key]
			refused := error(ErrField)
			if fieldName(reflect.TypeOf(kind.newPayload()).Elem(), int(key))[0] <= '9' {
				refused = ErrUnknownField // a key without a name
			}
			check := func(what string, want error, value []byte) {
				t.Helper()
				if got := shapeOf(kind, under(key, value...)); got != want {
					t.Errorf("%v, key %d, %s: %v, want %v", kind, key, what, got, want)
				}
			}
			check("one too many", refused, items(canon.Array, most+1, 0))
			check("a number", nil, []byte{0x18, 0x20})
			check("bytes", nil, []byte{0x41, 0x80})
			if key != 0 && !(kind == KindStartOrder && key == 15) {
				check("a map", refused, []byte{0xa1, 0, 0})
			}
			if most == 0 {
				continue
			}
			check("as many as there may be", nil, items(canon.Array, most, 0x20))
			check("cut", nil, items(canon.Array, most, 0x20)[:2])
			strings := error(nil)
			if most > 4 {
				strings = refused
			}
			check("bytes in it", strings, items(canon.Array, most, 0x41, 0xff))
			check("text in it", strings, items(canon.Array, most, 0x61, 'a'))
			check("an array in it", refused, items(canon.Array, most, 0x81, 0))
			check("a map in it", refused, items(canon.Array, most, 0xa0))
			check("an array in its last", refused, append(items(canon.Array, most, 0)[:most], 0x80))
		}
	}
}

func TestMapsStandInTheirPlacesOnly(t *testing.T) {
	for name, tc := range map[string]struct {
		kind    Kind
		payload []byte
		want    error
	}{
		"extensions":                   {KindReceipt, under(0, items(canon.Map, 9, 0x20, 0x41, 0)...), nil},
		"text in extensions":           {KindReceipt, under(0, items(canon.Map, 1, 1, 0x61, 'a')...), nil},
		"an array in an extension":     {KindReceipt, under(0, 0xa1, 1, 0x80), ErrField},
		"a map in the second":          {KindReceipt, under(0, 0xa2, 1, 0, 2, 0xa0), ErrField},
		"five facts":                   {KindStartOrder, under(15, items(canon.Map, 5, 1, 0)...), nil},
		"an array in the fifth fact":   {KindStartOrder, under(15, 0xa5, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0x80), ErrField},
		"six facts":                    {KindStartOrder, under(15, items(canon.Map, 6, 1, 0)...), ErrField},
		"bytes in a fact":              {KindStartOrder, under(15, 0xa1, 1, 0x40), ErrField},
		"an array in the last fact":    {KindStartOrder, under(15, 0xa2, 1, 0, 2, 0x80), ErrField},
		"facts in a settlement":        {KindSettlement, under(15, 0xa1, 1, 0), ErrField},
		"facts under another key":      {KindStartOrder, under(13, 0xa1, 1, 0), ErrField},
		"an array below zero":          {KindReceipt, under(-1, 0x81, 0), ErrUnknownField},
		"a number below zero":          {KindReceipt, under(-1, 0), nil}, // the decoder's to refuse
		"pairs without a byte":         {KindReceipt, under(0, 0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), nil},
		"delegations in a receipt":     {KindReceipt, under(3, 0x81, 0x87, 0x41, 'a', 0x41, 'k', 0x40, 0x60, 0, 0, 1), ErrField},
		"the key of a list, negative":  {KindReceipt, under(-6, 0x82, 0, 0), ErrUnknownField},
		"a map under a key above all":  {KindReceipt, under(1<<40, 0xa0), ErrUnknownField},
		"text as a key":                {KindReceipt, []byte{0xa1, 0x61, 'a', 0}, ErrUnknownField},
		"bytes as a key":               {KindReceipt, []byte{0xa1, 0x41, 'a', 0}, ErrUnknownField},
		"text as the second key":       {KindReceipt, []byte{0xa2, 1, 1, 0x60, 0}, ErrUnknownField},
		"an array as the second value": {KindReceipt, []byte{0xa2, 1, 1, 2, 0x81, 0}, ErrField},
		"behind what is counted":       {KindReceipt, []byte{0xa1, 1, 1, 2, 0x81, 0}, nil}, // the decoder's to see
		"an array, and no map":         {KindReceipt, []byte{0x81, 0x61, 'a'}, nil},
		"nothing":                      {KindReceipt, nil, nil},
		"a tag":                        {KindReceipt, under(1, 0xc1, 0x80), nil},
		"an indefinite length":         {KindReceipt, under(1, 0x9f, 0x80, 0xff), nil},
		"a head cut short":             {KindReceipt, under(1, 0x9a, 0, 0), nil},
		"an array after a long text":   {KindReceipt, []byte{0xa2, 1, 0x78, 2, 'a', 'b', 2, 0x81, 0}, ErrField},
		"an array after eight bytes":   {KindReceipt, []byte{0xa2, 1, 0x1b, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0x81, 0}, ErrField},
		"more items than bytes":        {KindReceipt, under(5, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0), ErrField},
	} {
		if got := shapeOf(tc.kind, tc.payload); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// A snapshot's list has 16 arrays of the seven types that a delegation has.
func TestDelegationsHaveTheirShape(t *testing.T) {
	good := []byte{0x87, 0x41, 'a', 0x41, 'k', 0x40, 0x60, 0, 0, 1}
	with := func(at int, b ...byte) []byte { return slices.Replace(slices.Clone(good), at, at+1, b...) }
	for name, tc := range map[string]struct {
		list []byte
		want error
	}{
		"none":                  {items(canon.Array, 0), nil},
		"one":                   {items(canon.Array, 1, good...), nil},
		"sixteen":               {items(canon.Array, 16, good...), nil},
		"seventeen":             {items(canon.Array, 17, good...), ErrField},
		"numbers":               {items(canon.Array, 3, 0), ErrField},
		"a number behind one":   {append(append([]byte{0x82}, good...), 0), ErrField},
		"of six":                {append([]byte{0x81, 0x86}, good[1:9]...), ErrField},
		"of eight":              {append([]byte{0x81, 0x88}, append(good[1:], 0)...), ErrField},
		"maps":                  {append([]byte{0x81, 0xa7}, good[1:]...), ErrField},
		"text as the id":        {append([]byte{0x81}, with(1, 0x61)...), ErrField},
		"text as the key":       {append([]byte{0x81}, with(3, 0x61)...), ErrField},
		"a number as the fleet": {append([]byte{0x81}, with(5, 0)...), ErrField},
		"bytes as the currency": {append([]byte{0x81}, with(6, 0x40)...), ErrField},
		"an amount below zero":  {append([]byte{0x81}, with(7, 0x20)...), ErrField},
		"text as the quota":     {append([]byte{0x81}, with(8, 0x60)...), ErrField},
		"an array of rights":    {append([]byte{0x81}, with(9, 0x80)...), ErrField},
		"cut":                   {append([]byte{0x82}, good[:5]...), nil}, // the decoder says so
		"cut between two":       {append([]byte{0x82}, good...), nil},
		"a tag in one":          {append([]byte{0x81}, with(7, 0xc1, 0x80)...), nil},
		"a tag for an id":       {append([]byte{0x81}, with(1, 0xc1, 0x41)...), nil},
		"a tag for one":         {[]byte{0x82, 0xc1, 0x80, 0x80}, nil},
	} {
		if got := shapeOf(KindTrust, under(3, tc.list...)); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	for key, want := range map[int64]error{1: ErrField, 2: ErrField, 4: ErrUnknownField} {
		if got := shapeOf(KindTrust, under(key, items(canon.Array, 1, good...)...)); got != want {
			t.Errorf("key %d: %v, want %v", key, got, want)
		}
	}
}
