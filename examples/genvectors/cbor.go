// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// An item is a CBOR data item (RFC 8949) that writes itself. The vectors are
// written by this small writer and by nothing that qrproto is built on, so that
// the two check each other; and it can write what qrproto never would.
type item interface {
	bytes() []byte
	diagnostic() string // RFC 8949, section 8
	plain() any         // for JSON
}

type (
	number int64
	octets []byte
	words  string
	list   []item
	// object is a map in the order in which it is to be written.
	object []entry
	entry  struct {
		key   int64
		value item
	}
	// raw is bytes in hex that break a rule.
	raw string
)

// Major types.
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

// head writes the initial byte and the argument in its shortest form.
func head(major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return []byte{major | byte(n)}
	case n < 1<<8:
		return []byte{major | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{major | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{major | 27}, n)
}

func (n number) bytes() []byte {
	if n < 0 {
		return head(majorNint, uint64(-1-n))
	}
	return head(majorUint, uint64(n))
}

func (b octets) bytes() []byte { return append(head(majorBytes, uint64(len(b))), b...) }
func (s words) bytes() []byte  { return append(head(majorText, uint64(len(s))), s...) }

func (l list) bytes() []byte {
	out := head(majorArray, uint64(len(l)))
	for _, i := range l {
		out = append(out, i.bytes()...)
	}
	return out
}

func (o object) bytes() []byte {
	out := head(majorMap, uint64(len(o)))
	for _, e := range o {
		out = append(out, number(e.key).bytes()...)
		out = append(out, e.value.bytes()...)
	}
	return out
}

func (r raw) bytes() []byte { return unhex(string(r)) }

func (n number) diagnostic() string { return fmt.Sprint(int64(n)) }
func (b octets) diagnostic() string { return "h'" + hex.EncodeToString(b) + "'" }
func (s words) diagnostic() string  { return fmt.Sprintf("%q", string(s)) }
func (r raw) diagnostic() string    { return "(faulty)" }

func (l list) diagnostic() string {
	var parts []string
	for _, i := range l {
		parts = append(parts, i.diagnostic())
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (o object) diagnostic() string {
	var parts []string
	for _, e := range o {
		parts = append(parts, fmt.Sprintf("%d: %s", e.key, e.value.diagnostic()))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// maxSafe is the largest integer that every reader of JSON keeps exactly
// (RFC 7493, section 2.2). What is beyond stands as a decimal string.
const maxSafe = 1<<53 - 1

func (n number) plain() any {
	if n > maxSafe || n < -maxSafe {
		return fmt.Sprint(int64(n))
	}
	return int64(n)
}

func (b octets) plain() any { return hex.EncodeToString(b) }
func (s words) plain() any  { return string(s) }
func (r raw) plain() any    { return string(r) }

func (l list) plain() any {
	out := []any{}
	for _, i := range l {
		out = append(out, i.plain())
	}
	return out
}

func (o object) plain() any {
	var m members
	for _, e := range o {
		m = append(m, member{fmt.Sprint(e.key), e.value.plain()})
	}
	return m
}

// with returns o with another value under a key, or with one more key, which
// goes where the order of keys wants it.
func (o object) with(key int64, value item) object {
	out := slices.Clone(o)
	for i, e := range out {
		if e.key == key {
			out[i].value = value
			return out
		}
		if e.key > key {
			return slices.Insert(out, i, entry{key, value})
		}
	}
	return append(out, entry{key, value})
}

func (o object) without(key int64) object {
	return slices.DeleteFunc(slices.Clone(o), func(e entry) bool { return e.key == key })
}

func (o object) get(key int64) item {
	for _, e := range o {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// numbers is a list of numbers.
func numbers(ns ...int64) list {
	l := list{}
	for _, n := range ns {
		l = append(l, number(n))
	}
	return l
}

// repeat is n times the same byte.
func repeat(b byte, n int) octets { return octets(slices.Repeat([]byte{b}, n)) }

// hexed is bytes that break a rule.
func hexed(parts ...[]byte) raw { return raw(hex.EncodeToString(slices.Concat(parts...))) }

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err) // a slip in a table of this program
	}
	return b
}
