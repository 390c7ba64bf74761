// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// TestFactsAreThoseOfTheSpec holds keys, names and ranges of the facts against
// SPEC.md, each field alone in an order.
func TestFactsAreThoseOfTheSpec(t *testing.T) {
	shape, told := reflect.TypeOf(qrproto.Facts{}), cddlMap(t, "facts")
	if len(told) != shape.NumField() {
		t.Fatalf("the spec tells of %d facts, there are %d", len(told), shape.NumField())
	}
	for i, e := range told {
		field := shape.Field(i)
		if tag := strconv.Itoa(e.key) + ",keyasint,omitempty"; field.Name != e.name || field.Tag.Get("cbor") != tag || !e.optional {
			t.Errorf("%s is %q, the spec says %d: %s, optional %v", field.Name, field.Tag.Get("cbor"), e.key, e.name, e.optional)
		}
		least, most, _, ok := bounds(readSpec(t), e.kind)
		if !ok || least != 1 {
			t.Fatalf("%s: no range that leaves zero out", e.name)
		}
		for n, want := range map[int64]error{-1: qrproto.ErrField, 0: qrproto.ErrField, least: nil, most: nil, most + 1: qrproto.ErrField} {
			o := startOrder(t)
			o.Facts = new(qrproto.Facts)
			v := reflect.ValueOf(o.Facts).Elem().Field(i)
			if v.Kind() != reflect.Uint8 {
				v.SetInt(n)
			} else if n < 0 {
				continue
			} else {
				v.SetUint(uint64(n))
			}
			if _, err := qrproto.Sum(o); !errors.Is(err, want) {
				t.Errorf("%s = %d: %v, want %v", e.name, n, err, want)
			}
		}
	}
}

// TestFactsTakeNoByteForWhatIsNotTold: a fact alone costs its key and its
// value, and the two heads around.
func TestFactsTakeNoByteForWhatIsNotTold(t *testing.T) {
	o := startOrder(t)
	bare := payloadOf(t, o)
	o.Facts = &qrproto.Facts{Time: 3600}
	told := payloadOf(t, o)
	want := "\x0f\xa1\x04\x19\x0e\x10" // 15: {4: 3600}
	if len(told) != len(bare)+len(want) || !bytes.Contains(told, []byte(want)) {
		t.Errorf("% x, want % x in it", told, want)
	}
	if strings.Contains(string(bare), want) {
		t.Error("the order has it without being told")
	}
}
