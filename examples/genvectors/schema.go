// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
)

// members are the members of a JSON object in their order.
type (
	members []member
	member  struct {
		name  string
		value any
	}
)

func (m members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(e.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		value, err := compact(e.value)
		if err != nil {
			return nil, err
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// compact is json.Marshal that leaves <, > and & as they are.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// A field is the readable name of a key, with its unit where it has one, and
// the names of its parts where it is an array of several things.
type field struct {
	key   int64
	name  string
	parts []string
}

func schema(kind string) []field {
	switch kind {
	case "I":
		return []field{
			{0, "ext", nil}, {1, "connector", nil}, {2, "state", nil}, {3, "place", nil},
			{4, "challenge", []string{"counter", "nonce"}}, {5, "boot", nil}, {6, "wall_unix_s", nil}, {7, "clock", nil},
			{8, "epoch", nil}, {9, "rules", nil}, {10, "tariffs", nil}, {11, "health", nil}, {12, "alarms", nil},
			{13, "head", []string{"seq", "sum", "total_mwh_or_ml"}}, {14, "open", nil}, {15, "back", nil}, {16, "records", nil},
		}
	case "O":
		return []field{
			{0, "ext", nil}, {1, "id", nil}, {2, "charger", nil}, {3, "connector", nil},
			{4, "challenge", []string{"counter", "nonce"}}, {5, "issued_unix_s", nil}, {6, "held_s", nil}, {7, "window_s", nil},
			{8, "tariff", nil}, {9, "tariff_hash", nil}, {10, "offsets", nil}, {11, "scale", nil},
			{12, "target", []string{"kind", "value"}},
			{13, "limits", []string{"energy_mwh", "volume_ml", "duration_s", "amount"}}, {14, "funding", nil},
			{15, "facts", []string{"reserved_s", "expired", "energy_mwh", "time_s", "volume_ml"}}, {16, "uncertainty_s", nil},
			{17, "epoch", nil}, {18, "ack", []string{"seq", "sum"}},
		}
	case "S":
		return []field{
			{0, "ext", nil}, {1, "connector", nil}, {2, "seq", nil}, {3, "previous", nil}, {4, "order", nil}, {5, "boot", nil},
			{6, "start_unix_s", nil}, {7, "duration_s", nil}, {8, "uncertainty_s", nil}, {9, "register_mwh_or_ml", nil},
			{10, "delivered_mwh_or_ml", nil}, {11, "cells", nil}, {12, "last", nil}, {13, "flats", nil}, {14, "payable", nil},
			{15, "waived", nil}, {16, "reason", nil}, {17, "total_mwh_or_ml", nil}, {18, "marks", nil}, {19, "evidence", nil},
		}
	case "X":
		return []field{{0, "ext", nil}, {1, "order", nil}}
	case "T":
		return []field{
			{0, "ext", nil}, {1, "epoch", nil}, {2, "least", nil},
			{3, "delegations", []string{"kid", "public", "fleet", "currency", "amount", "quota", "rights"}},
		}
	case "V":
		return []field{
			{0, "ext", nil}, {1, "id", nil}, {2, "amount", nil}, {3, "scale", nil}, {4, "currency", nil},
			{5, "from_unix_s", nil}, {6, "until_unix_s", nil},
		}
	}
	return []field{
		{0, "ext", nil}, {1, "settlement", nil}, {2, "paid", nil}, {3, "refunded", nil}, {4, "time_unix_s", nil},
		{5, "ack", []string{"seq", "sum"}}, {6, "anchor", nil},
	}
}

// fields is a payload as readable JSON. The number of a device stands in no
// payload; it comes from the key.
func fields(kind string, number []byte, payload object) members {
	var m members
	if len(number) > 0 {
		m = append(m, member{"number", hex.EncodeToString(number)})
	}
	for _, f := range schema(kind) {
		value := payload.get(f.key)
		if value == nil {
			continue
		}
		if f.parts == nil {
			m = append(m, member{f.name, value.plain()})
			continue
		}
		m = append(m, member{f.name, named(f.parts, value)})
	}
	return m
}

// named gives names to the parts of a value, and to those of each array in it if
// it is a list of such.
func named(names []string, value item) any {
	if l, ok := value.(list); ok {
		var all []any
		for _, one := range l {
			if array, ok := one.(list); ok {
				all = append(all, named(names, array))
			}
		}
		if all != nil {
			return all
		}
	}
	var parts members
	for i, name := range names {
		if part := partOf(value, i); part != nil {
			parts = append(parts, member{name, part.plain()})
		}
	}
	return parts
}

// partOf is item i of an array, or what a map has under key i + 1.
func partOf(value item, i int) item {
	if o, ok := value.(object); ok {
		return o.get(int64(i + 1))
	}
	return value.(list)[i]
}
