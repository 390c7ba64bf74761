// SPDX-License-Identifier: Apache-2.0

// Package canon encodes and decodes CBOR of which each meaning has exactly one
// encoding: core deterministic encoding (RFC 8949, section 4.2.1), without
// floats, tags, nulls or indefinite lengths.
//
// A decoder's strict options do not suffice for that. With all of them on, it
// still takes numbers in long form, unsorted keys, missing fields and nulls
// where numbers belong. So Unmarshal encodes what it has read once more and
// compares: whatever was not the one encoding comes out different.
package canon

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// Errors of Unmarshal, inside an *Error.
var (
	// ErrMalformed: not well-formed CBOR of the data model used.
	ErrMalformed = errors.New("canon: malformed CBOR")
	// ErrType: an item of another type than its field.
	ErrType = errors.New("canon: wrong type or size")
	// ErrUnknown: a key that no field has.
	ErrUnknown = errors.New("canon: unknown key")
	// ErrMissing: a required field is absent.
	ErrMissing = errors.New("canon: required field missing")
	// ErrNotCanonical: right in meaning, but not in its one encoding.
	ErrNotCanonical = errors.New("canon: not the one encoding")
)

// Error says what is wrong and, where it is known, under which key.
type Error struct {
	Err error
	Key int // key of the map, or index of the array; -1 where unknown
}

func (e *Error) Error() string {
	if e.Key < 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v at key %d", e.Err, e.Key)
}

func (e *Error) Unwrap() error { return e.Err }

// A Codec encodes and decodes with one nesting limit. Its modes are immutable.
type Codec struct {
	encode cbor.UserBufferEncMode
	decode cbor.DecMode
}

// New returns a codec for items nested up to depth.
func New(depth int) Codec {
	options := cbor.CoreDetEncOptions()
	options.NilContainers = cbor.NilContainerAsEmpty
	options.IndefLength = cbor.IndefLengthForbidden
	options.TagsMd = cbor.TagsForbidden
	options.OmitEmpty = cbor.OmitEmptyGoValue
	encode, err := options.UserBufferEncMode()
	if err != nil {
		panic(err) // the options above are constants
	}
	decode, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
		MaxNestedLevels:   depth,
		MaxArrayElements:  64,
		MaxMapPairs:       32,
		IntDec:            cbor.IntDecConvertSignedOrFail,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return Codec{encode, decode}
}

// Marshal returns the one encoding of v.
func (c Codec) Marshal(v any) ([]byte, error) { return c.marshal(v, nil) }

// marshal encodes into scratch, as long as that suffices.
func (c Codec) marshal(v any, scratch []byte) ([]byte, error) {
	buf := bytes.NewBuffer(scratch[:0])
	if err := c.encode.MarshalToBuffer(v, buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Unmarshal decodes data into v and holds it against the one encoding of v.
// After an error v holds whatever could be read. Scratch is memory to encode
// into and may be nil.
func (c Codec) Unmarshal(data []byte, v any, scratch []byte) error {
	if err := c.decode.Unmarshal(data, v); err != nil {
		return classify(err)
	}
	want, err := c.marshal(v, scratch)
	switch {
	case err != nil:
		return &Error{ErrType, -1}
	case bytes.Equal(want, data):
		return nil
	}
	return c.difference(data, want)
}

// Encodes tells whether data is the one encoding of v, for who reads by himself.
// Scratch is as in Unmarshal.
func (c Codec) Encodes(v any, data, scratch []byte) bool {
	want, err := c.marshal(v, scratch)
	return err == nil && bytes.Equal(want, data)
}

// Split returns the items of an array as they are, unread.
func (c Codec) Split(data []byte) ([]cbor.RawMessage, error) {
	var items []cbor.RawMessage
	if err := c.decode.Unmarshal(data, &items); err != nil {
		return nil, classify(err)
	}
	return items, nil
}

// Read decodes data into v without holding it against the one encoding of v:
// for who compares the whole of which data is a part.
func (c Codec) Read(data []byte, v any) error {
	if err := c.decode.Unmarshal(data, v); err != nil {
		return classify(err)
	}
	return nil
}

func classify(err error) error {
	var (
		unknown *cbor.UnknownFieldError
		typed   *cbor.UnmarshalTypeError
		twice   *cbor.DupMapKeyError
	)
	switch {
	case errors.As(err, &unknown):
		return &Error{ErrUnknown, -1}
	case errors.As(err, &typed):
		return &Error{ErrType, -1}
	case errors.As(err, &twice):
		return &Error{ErrNotCanonical, -1}
	}
	return &Error{ErrMalformed, -1}
}

// difference finds out why two encodings of one value differ: got is what was
// read, want what should have been there. It runs for refused input only.
func (c Codec) difference(got, want []byte) error {
	var have, must map[int]cbor.RawMessage
	if c.decode.Unmarshal(got, &have) != nil || c.decode.Unmarshal(want, &must) != nil {
		return &Error{ErrNotCanonical, -1}
	}
	keys := slices.AppendSeq(slices.Collect(maps.Keys(have)), maps.Keys(must))
	slices.Sort(keys)
	for _, key := range keys {
		g, w := have[key], must[key]
		switch {
		case bytes.Equal(g, w):
		case g == nil:
			return &Error{ErrMissing, key}
		case w == nil, g[0]>>5 == 7, c.shortest(g):
			// An optional field that says nothing, or a value that its
			// field cannot hold, such as a null, another simple value (major
			// type 7), or a byte string too short.
			return &Error{ErrType, key}
		default:
			return &Error{ErrNotCanonical, key}
		}
	}
	return &Error{ErrNotCanonical, -1}
}

// shortest tells whether an item by itself is in its one encoding.
func (c Codec) shortest(item []byte) bool {
	var v any
	if c.decode.Unmarshal(item, &v) != nil {
		return false
	}
	again, err := c.Marshal(v)
	return err == nil && bytes.Equal(again, item)
}
