// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"errors"
	"reflect"
	"strconv"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
)

// payloadCodec reads and writes payloads, nested 4 deep at most. Its modes are
// compiled once and never change.
var payloadCodec = canon.New(4)

// encode and decode are twins: both hold what validate tells. What is critical
// and unknown to keys, decode alone refuses: whoever writes it knows it.
func encode(p Payload) ([]byte, error) {
	if p == nil || reflect.ValueOf(p).IsNil() {
		return nil, &Error{Code: ErrMalformed, Why: "no payload"}
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	b, err := payloadCodec.Marshal(p)
	if err != nil {
		return nil, &Error{Code: ErrMalformed, Kind: p.Kind(), Err: err}
	}
	return b, nil
}

func decode(p Payload, keys Keys, number, b, scratch []byte) error {
	if !readByHand(p, b, scratch) {
		if err := checkShape(p, b); err != nil {
			return err
		}
		if err := payloadCodec.Unmarshal(b, p, scratch); err != nil {
			return canonError(p, err)
		}
	}
	p.setNumber(number)
	return firstOf(p.extensions().checkCritical(p.Kind(), keys), p.validate())
}

// canonError translates an error of the codec to a code and a field's name.
func canonError(p any, err error) error {
	out := &Error{Code: ErrMalformed, Err: err}
	for sentinel, code := range map[error]ErrorCode{
		canon.ErrType:         ErrField,
		canon.ErrUnknown:      ErrUnknownField,
		canon.ErrMissing:      ErrMissing,
		canon.ErrNotCanonical: ErrNotCanonical,
	} {
		if errors.Is(err, sentinel) {
			out.Code = code
		}
	}
	var at *canon.Error
	if errors.As(err, &at) && at.Key >= 0 {
		out.Path = fieldName(reflect.TypeOf(p).Elem(), at.Key)
	}
	return out
}

// fieldName finds the Go name of the field that stands under a key.
func fieldName(t reflect.Type, key int) string {
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("cbor"), ",")
		if tag == strconv.Itoa(key) {
			return t.Field(i).Name
		}
	}
	return strconv.Itoa(key)
}
