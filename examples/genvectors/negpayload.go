// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// The faulty payloads below carry a right signature over the faulty bytes by
// the right key: nothing but the payload is at fault.

// fault is a payload that is refused, beside one that is not.
func fault(code qrproto.ErrorCode, kind, name, comment string, faulty, sound item) negative {
	return negative{code, word(kind) + "-" + name, comment, newDraft(kind, faulty), newDraft(kind, sound)}
}

// splice writes a map with other bytes for one value, or for its head.
func splice(o object, key int64, value string) item { return o.with(key, raw(value)) }

// badEncodings break the rules of CBOR, or of its one encoding, in a receipt.
func badEncodings() []negative {
	sound := full("R")
	whole := sound.bytes()
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment string, faulty []byte) {
		all = append(all, fault(code, "R", name, comment, raw(fmt.Sprintf("%x", faulty)), sound))
	}
	at := func(key int64, value string) []byte { return splice(sound, key, value).bytes() }
	add(qrproto.ErrMalformed, "trailing-byte", "a byte behind the payload's map", append(whole, 0))
	add(qrproto.ErrMalformed, "two-maps", "the payload's map stands twice", append(whole, whole...))
	add(qrproto.ErrMalformed, "cut", "the last byte of the payload is missing", whole[:len(whole)-1])
	add(qrproto.ErrMalformed, "head-only", "a map of 7 pairs without a pair", whole[:1])
	add(qrproto.ErrMalformed, "head-greedy", "a map that says it has 2^32 pairs", slices.Concat(unhex("ba ffffffff"), whole[1:]))
	add(qrproto.ErrMalformed, "reserved", "a head with the reserved value 28", at(2, "1c"))
	add(qrproto.ErrMalformed, "break", "a break for a value", at(2, "ff"))
	add(qrproto.ErrMalformed, "map-indefinite", "a map of indefinite length", slices.Concat(unhex("bf"), whole[1:], unhex("ff")))
	add(qrproto.ErrMalformed, "bytes-indefinite", "a byte string in chunks", at(1, "5f 50 05050505050505050505050505050505 ff"))
	add(qrproto.ErrMalformed, "array-indefinite", "an array of indefinite length", at(5, "9f 194f7a 48 0505050505050505 ff"))
	add(qrproto.ErrMalformed, "tag-time", "a time with tag 1", at(4, "c1 1a 6b035a9b"))
	add(qrproto.ErrMalformed, "bignum", "an amount as a bignum, tag 2", at(2, "c2 42 0db8"))
	add(qrproto.ErrMalformed, "tag-self", "the payload is tagged as CBOR, tag 55799", slices.Concat(unhex("d9d9f7"), whole))

	add(qrproto.ErrNotCanonical, "map-long", "the head of the map is not in its shortest form", slices.Concat(unhex("b807"), whole[1:]))
	add(qrproto.ErrNotCanonical, "key-long", "a key is not in its shortest form", append(slices.Clone(whole[:len(whole)-14]), slices.Concat(unhex("1806"), whole[len(whole)-13:])...))
	add(qrproto.ErrNotCanonical, "number-long", "a number of two bytes in four", at(2, "1a 00000db8"))
	add(qrproto.ErrNotCanonical, "number-long-8", "a number of two bytes in eight", at(2, "1b 0000000000000db8"))
	add(qrproto.ErrNotCanonical, "bytes-long", "the length of a byte string is not in its shortest form", at(1, "5810 05050505050505050505050505050505"))
	add(qrproto.ErrNotCanonical, "array-long", "the head of an array is not in its shortest form", at(5, "9802 194f7a 48 0505050505050505"))
	add(qrproto.ErrNotCanonical, "number-in-array-long", "a number within an array is not in its shortest form", at(5, "82 1a00004f7a 48 0505050505050505"))
	add(qrproto.ErrNotCanonical, "ext-key-long", "an extension's number is not in its shortest form", at(0, "a1 1807 45 736576656e"))
	add(qrproto.ErrNotCanonical, "ext-unsorted", "two extensions in descending order", at(0, "a2 08 40 07 40"))
	add(qrproto.ErrNotCanonical, "ext-twice", "one extension twice", at(0, "a2 07 40 07 40"))
	add(qrproto.ErrNotCanonical, "key-twice", "a key twice, with the same value", append(sound, entry{6, sound.get(6)}).bytes())
	add(qrproto.ErrNotCanonical, "key-twice-other", "a key twice, with another value", append(sound, entry{6, repeat(1, 12)}).bytes())
	return append(append(all, notMaps()...), badNesting()...)
}

// badNesting is in maps and arrays below that of the payload.
func badNesting() []negative {
	order, trust := full("O"), full("T")
	one := delegate(seller().key)
	return []negative{
		fault(qrproto.ErrUnknownField, "O", "facts-unknown-key", "a key that Facts do not have", order.with(15, object{{1, number(600)}, {6, number(1)}}), order),
		fault(qrproto.ErrUnknownField, "O", "facts-negative-key", "a key of Facts below zero", order.with(15, object{{1, number(600)}, {-1, number(1)}}), order),
		fault(qrproto.ErrField, "O", "facts-text-key", "a key of Facts that is text", order.with(15, raw("a1 61 31 19 0258")), order),
		fault(qrproto.ErrField, "O", "limits-nested-5", "an array at depth 5, where a number should be", order.with(13, raw("84 81 81 81 00 00 00 00")), order),
		fault(qrproto.ErrField, "T", "delegation-nested-5", "an array at depth 5, in a key", trust.with(3, list{one.put(ofAmount, raw("81 81 00"))}), trust.with(3, list{one})),
	}
}

// notMaps are payloads of another type altogether.
func notMaps() []negative {
	sound := full("R")
	var all []negative
	for _, f := range []struct {
		code                qrproto.ErrorCode
		name, comment, body string
	}{
		{qrproto.ErrField, "is-array", "the payload is an array", "80"},
		{qrproto.ErrField, "is-number", "the payload is a number", "00"},
		{qrproto.ErrField, "is-text", "the payload is a text string", "6141"},
		{qrproto.ErrMissing, "is-empty-map", "the payload is a map without a key", "a0"},
	} {
		all = append(all, fault(f.code, "R", f.name, f.comment, raw(f.body), sound))
	}
	return all
}

// badMaps are of every kind: keys that no kind has, nulls, order, extensions.
func badMaps(kind string) []negative {
	sound := full(kind)
	swapped := slices.Clone(sound)
	last := len(swapped) - 1
	swapped[last], swapped[last-1] = swapped[last-1], swapped[last]
	connector := sound[1].key // the first required one
	optional := sound[last].key
	switch kind {
	case "X":
		optional = 0
	case "V":
		optional = 3
	}
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment string, faulty item) {
		all = append(all, fault(code, kind, name, comment, faulty, sound))
	}
	add(qrproto.ErrNotCanonical, "unsorted", "the last two keys have changed places", swapped)
	add(qrproto.ErrUnknownField, "unknown-key", "a key that the kind does not have", sound.with(20, number(0)))
	add(qrproto.ErrUnknownField, "negative-key", "a key below zero", append(sound, entry{-1, number(0)}))
	add(qrproto.ErrField, "null-required", "null for a required field", splice(sound, connector, "f6"))
	add(qrproto.ErrField, "null-optional", "null for an optional field; absence is the one way to leave it out", splice(sound, optional, "f6"))
	add(qrproto.ErrField, "undefined", "undefined for a required field", splice(sound, connector, "f7"))
	add(qrproto.ErrField, "simple-32", "the unassigned simple value 32 for a required field", splice(sound, connector, "f820"))
	add(qrproto.ErrField, "bool", "true for a required field", splice(sound, connector, "f5"))
	add(qrproto.ErrField, "float", "1.0 in half precision for a required field", splice(sound, connector, "f93c00"))
	add(qrproto.ErrField, "float-64", "1.0 in double precision for a required field", splice(sound, connector, "fb3ff0000000000000"))

	ext := func(o object) item { return sound.with(0, o) }
	add(qrproto.ErrCritical, "ext-critical", "an extension below zero is critical, and this one is unknown", ext(object{{-1, octets{}}}))
	add(qrproto.ErrCritical, "ext-critical-too", "a critical extension behind one that is not", ext(object{{7, octets{}}, {-7, octets{1}}}))
	add(qrproto.ErrField, "ext-empty", "an empty extension map; absence is the one way to say none", ext(object{}))
	add(qrproto.ErrField, "ext-zero", "an extension with the number zero", ext(object{{0, octets{}}}))
	add(qrproto.ErrField, "ext-65-bytes", "an extension of 65 bytes; the most is 64", ext(object{{7, repeat(0, 65)}}))
	add(qrproto.ErrField, "ext-9", "nine extensions; the most is eight", ext(object{
		{1, octets{}}, {2, octets{}}, {3, octets{}}, {4, octets{}}, {5, octets{}}, {6, octets{}}, {7, octets{}}, {8, octets{}}, {9, octets{}},
	}))
	add(qrproto.ErrField, "ext-number", "an extension that is a number", ext(object{{7, number(7)}}))
	add(qrproto.ErrField, "ext-text", "an extension that is a text string", ext(object{{7, words("seven")}}))
	add(qrproto.ErrField, "ext-nested", "an extension that is an array of arrays", ext(object{{7, list{list{number(0)}}}}))
	add(qrproto.ErrField, "ext-32768", "an extension's number is beyond 32767", ext(object{{32768, octets{}}}))
	add(qrproto.ErrField, "ext-below-32768", "an extension's number is below −32768: critical it may be, an extension it is not", ext(object{{-32769, octets{}}}))
	add(qrproto.ErrField, "ext-array", "an array for the extension map", sound.with(0, list{}))
	return all
}

// missing are payloads without one of the required fields.
func missing(kind string) []negative {
	sound := minimal(kind)
	var all []negative
	for _, e := range sound {
		if kind == "O" && e.key == 9 {
			continue // the tariff, required in one of two ways
		}
		name := fieldName(kind, e.key)
		all = append(all, fault(qrproto.ErrMissing, kind, "no-"+name, "the required field "+name+" is absent", sound.without(e.key), sound))
	}
	return all
}

// zeros are payloads in which an optional field says nothing; only its absence may.
func zeros(kind string) []negative {
	values := map[string][]entry{
		"I": {{3, words("")}, {6, number(0)}, {7, number(0)}, {8, number(0)}, {10, octets{}}, {11, number(0)}, {12, number(0)}, {14, octets{}}, {16, list{}}},
		"O": {{6, number(0)}, {8, octets{}}, {10, list{}}, {11, number(0)}, {16, number(0)}, {17, number(0)}},
		"S": {{11, list{}}, {12, list{}}, {13, list{}}, {15, number(0)}, {18, list{}}},
		"R": {{3, number(0)}},
		"T": {{2, number(0)}, {3, list{}}},
		"V": {{3, number(0)}},
	}[kind]
	var all []negative
	for _, e := range values {
		name := fieldName(kind, e.key)
		sound := minimal(kind)
		all = append(all, fault(qrproto.ErrField, kind, "zero-"+name,
			"the optional field "+name+" stands there empty or zero; absence is the one way to say so", sound.with(e.key, e.value), sound))
	}
	return all
}

// wrongTypes puts an item of another type under each key: a text string, and
// for texts a byte string.
func wrongTypes(kind string) []negative {
	sound := full(kind)
	var all []negative
	for _, e := range sound[1:] {
		var wrong item = words("1")
		if _, ok := e.value.(words); ok {
			wrong = octets("1")
		}
		name := fieldName(kind, e.key)
		all = append(all, fault(qrproto.ErrField, kind, "type-"+name, "the field "+name+" is of another type", sound.with(e.key, wrong), sound))
	}
	return all
}

func fieldName(kind string, key int64) string {
	for _, f := range schema(kind) {
		if f.key == key {
			return dashed(f.name)
		}
	}
	panic("no such key") // a slip in a table of this program
}

func dashed(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '_' {
			b[i] = '-'
		}
	}
	return string(b)
}
