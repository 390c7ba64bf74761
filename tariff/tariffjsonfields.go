// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrField: a field in a JSON object that is unknown, repeated or missing.
var ErrField = errors.New("tariff: unknown, repeated or missing field")

// The package encoding/json takes a misspelt field for one that is not there,
// "RULES" for "rules", null for anything and the last of two fields of one
// name. A restriction lost that way is money lost, so tariffs are read here
// field by field.

// reader reads one JSON value.
type reader func(text []byte) error

// field is a field of an object and what reads it.
type field struct {
	name     string
	required bool
	read     reader
}

func must(name string, read reader) field { return field{name, true, read} }

func may(name string, read reader) field { return field{name, false, read} }

// readObject reads an object of these fields and no others.
func readObject(text []byte, fields ...field) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return ErrSyntax
	}
	seen := make([]bool, len(fields))
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return ErrSyntax
		}
		i := 0
		for i < len(fields) && fields[i].name != name {
			i++
		}
		if i == len(fields) || seen[i] {
			return &Error{name, ErrField}
		}
		seen[i] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return &Error{name, ErrSyntax}
		}
		if err := fields[i].read(value); err != nil {
			return inside(name, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return ErrSyntax
	}
	if _, err := d.Token(); err != io.EOF {
		return ErrSyntax
	}
	for i, f := range fields {
		if f.required && !seen[i] {
			return &Error{f.name, ErrField}
		}
	}
	return nil
}

// inside puts a name in front of an error's path.
func inside(name string, err error) error {
	e, ok := err.(*Error)
	switch {
	case !ok:
		return &Error{name, err}
	case strings.HasPrefix(e.Path, "["):
		return &Error{name + e.Path, e.Err}
	}
	return &Error{name + "." + e.Path, e.Err}
}

// list reads an array.
func list[T any](dst *[]T, read func(*T, []byte) error) reader {
	return func(text []byte) error {
		var values []json.RawMessage
		if len(text) == 0 || text[0] != '[' || json.Unmarshal(text, &values) != nil {
			return ErrSyntax
		}
		*dst = nil
		for i, value := range values {
			var item T
			if err := read(&item, value); err != nil {
				return inside(fmt.Sprintf("[%d]", i), err)
			}
			*dst = append(*dst, item)
		}
		return nil
	}
}

func readString(dst *string, text []byte) error {
	if len(text) == 0 || text[0] != '"' || json.Unmarshal(text, dst) != nil {
		return ErrSyntax
	}
	return nil
}

// word reads a string that has a meaning of its own.
func word(dst encoding.TextUnmarshaler) reader {
	return func(text []byte) error {
		var s string
		if err := readString(&s, text); err != nil {
			return err
		}
		return dst.UnmarshalText([]byte(s))
	}
}

func boolean(dst *bool) reader {
	return func(text []byte) error {
		*dst = string(text) == "true"
		if !*dst && string(text) != "false" {
			return ErrSyntax
		}
		return nil
	}
}

// integer reads a number without a point or an exponent.
func integer[T ~uint8 | ~int32 | ~int64](dst *T) reader {
	return func(text []byte) error {
		value, err := strconv.ParseInt(string(text), 10, 64)
		switch {
		case errors.Is(err, strconv.ErrRange):
			return ErrOverflow
		case err != nil:
			return ErrSyntax
		}
		if *dst = T(value); int64(*dst) != value {
			return ErrOverflow
		}
		return nil
	}
}
