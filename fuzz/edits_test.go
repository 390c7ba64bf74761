// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Changes of single bytes seldom leave a payload well-formed. An edit leaves it
// so: a script takes fields away, makes them anything, and grafts those of others.

// fields are what a payload has, in its order: key and value, encoded.
type fields []field

type field struct{ key, value []byte }

// fieldsOf is a payload in its fields, nil for what is no map.
func fieldsOf(payload []byte) (out fields) {
	if len(payload) == 0 || payload[0]>>5 != 5 {
		return nil
	}
	items, rest := itemsOf(payload)
	if rest == nil || len(rest) > 0 {
		return nil
	}
	for pair := range slices.Chunk(items, 2) {
		out = append(out, field{pair[0], pair[1]})
	}
	return out
}

// itemsOf cuts the list or map at the front of b into its items, and returns
// what follows it; nil for what is cut short.
func itemsOf(b []byte) (items [][]byte, rest []byte) {
	n, rest := headOf(b)
	if b[0]>>5 == 5 {
		n *= 2
	}
	for ; rest != nil && n > 0; n-- {
		var item []byte
		item, rest = itemOf(rest)
		items = append(items, item)
	}
	return items, rest
}

// headOf reads the number of a head, and returns what follows.
func headOf(b []byte) (n uint64, rest []byte) {
	info := b[0] & 31
	if info < 24 {
		return uint64(info), b[1:]
	}
	size := 1 << (info & 3)
	if info > 27 || len(b) <= size {
		return 0, nil
	}
	var wide [8]byte
	copy(wide[8-size:], b[1:])
	return binary.BigEndian.Uint64(wide[:]), b[1+size:]
}

// itemOf cuts the first item off.
func itemOf(b []byte) (item, rest []byte) {
	if len(b) == 0 {
		return nil, nil
	}
	n, rest := headOf(b)
	switch major := b[0] >> 5; {
	case rest == nil || major == 6:
		return nil, nil
	case major == 4 || major == 5:
		_, rest = itemsOf(b)
	case major == 2 || major == 3:
		if n > uint64(len(rest)) {
			return nil, nil
		}
		rest = rest[n:]
	}
	return b[:len(b)-len(rest)], rest
}

// payloadIn is the payload that an envelope holds.
func payloadIn(envelope []byte) []byte {
	items, _ := itemsOf(envelope[1:]) // behind the tag
	_, payload := headOf(items[2])
	return payload
}

// set puts a value under a key where the deterministic encoding has it.
func (l fields) set(key, value []byte) fields {
	i, found := slices.BinarySearchFunc(l, key, func(f field, key []byte) int { return bytes.Compare(f.key, key) })
	if found {
		l[i].value = value
		return l
	}
	return slices.Insert(l, i, field{key, value})
}

func (l fields) get(key []byte) []byte {
	for _, f := range l {
		if bytes.Equal(f.key, key) {
			return f.value
		}
	}
	return nil
}

func (l fields) payload() []byte {
	out := cborHead(5, len(l))
	for _, f := range l {
		out = append(append(out, f.key...), f.value...)
	}
	return out
}

// donors are what an edit takes fields from: payloads of the same kind.
type donors struct {
	all  []fields
	keys [][]byte // that any of them has, and one that none has
}

func donorsOf(payloads [][]byte) *donors {
	d := &donors{keys: [][]byte{cborHead(0, 31)}}
	for _, p := range payloads {
		l := fieldsOf(p)
		if l == nil {
			continue
		}
		d.all = append(d.all, l)
		for _, f := range l {
			d.keys = append(d.keys, f.key)
		}
	}
	slices.SortFunc(d.keys, bytes.Compare)
	d.keys = slices.CompactFunc(d.keys, bytes.Equal)
	return d
}

// edit is a payload after a script.
func (d *donors) edit(payload, script []byte) []byte {
	l := fieldsOf(payload)
	if l == nil || len(script) == 0 {
		return payload
	}
	for in := (&fuzzed{script[:min(len(script), 64)]}); len(in.rest) > 0; {
		l = d.editField(l, in)
	}
	return l.payload()
}

func (d *donors) editField(l fields, in *fuzzed) fields {
	key := d.keys[int(in.byte())%len(d.keys)]
	switch in.byte() % 8 {
	case 0:
		return slices.DeleteFunc(l, func(f field) bool { return bytes.Equal(f.key, key) })
	case 1:
		return l.set(key, someInteger(in))
	case 2:
		return l.set(key, someBytes(in))
	case 3:
		return l.set(cborHead(0, int(in.byte())), someInteger(in))
	case 4, 5, 6:
		if lent := d.all[int(in.byte())%len(d.all)].get(key); lent != nil {
			return l.set(key, lent)
		}
	case 7:
		if value := l.get(key); value != nil {
			return l.set(key, editedItem(value, in))
		}
	}
	return l
}

func someInteger(in *fuzzed) []byte {
	major := byte(0)
	if in.byte()%4 == 0 {
		major = 1 << 5
	}
	n := uint64(in.number())
	if n>>32 == 0 {
		b := cborHead(0, int(n))
		b[0] |= major
		return b
	}
	return binary.BigEndian.AppendUint64([]byte{major | 27}, n)
}

func someBytes(in *fuzzed) []byte {
	n := int(in.byte() % 48)
	return cborBytes(bytes.Repeat([]byte{in.byte()}, n))
}

// editedItem changes one item of a list, takes it away or doubles it. What is no
// list becomes a number.
func editedItem(value []byte, in *fuzzed) []byte {
	if value[0]>>5 != 4 || value[0] == 0x80 {
		return someInteger(in)
	}
	items, _ := itemsOf(value)
	switch i := int(in.byte()) % len(items); in.byte() % 6 {
	case 0:
		items = slices.Delete(items, i, i+1)
	case 1:
		items = slices.Insert(items, i, items[i])
	case 2:
		items[i], items[0] = items[0], items[i]
	case 3:
		items[i] = editedItem(items[i], in)
	case 4:
		items[i] = someBytes(in)
	case 5:
		items[i] = someInteger(in)
	}
	return append(cborHead(4, len(items)), bytes.Join(items, nil)...)
}

// An edit that says nothing leaves each vector as it is, and what it says happens.
func TestEditsDoWhatTheySay(t *testing.T) {
	for name, v := range load[positive](t, "positive") {
		if l := fieldsOf(v.Payload); l == nil || !bytes.Equal(l.payload(), v.Payload) {
			t.Errorf("%s: comes back as %x, was %x", name, l.payload(), v.Payload)
		}
	}
	const payload = "\xa3\x01\x02\x03\x82\x04\x05\x20\x00"
	d := donorsOf([][]byte{[]byte(payload), []byte("\xa1\x09\x61x")}) // of keys 1, 3, 9, 31 and -1
	for script, want := range map[string]string{
		"":                         payload,
		"\x00\x00":                 "\xa2\x03\x82\x04\x05\x20\x00",
		"\x05\x00":                 "\xa2\x03\x82\x04\x05\x20\x00",
		"\x00\x01\x01\x07":         "\xa3\x01\x07\x03\x82\x04\x05\x20\x00",
		"\x00\x01\x00\xf0\x12":     "\xa3\x01\x39\xf0\x12\x03\x82\x04\x05\x20\x00",
		"\x03\x02\x02\xaa":         "\xa4\x01\x02\x03\x82\x04\x05\x18\x1f\x42\xaa\xaa\x20\x00",
		"\x00\x03\x02\x01\x18":     "\xa4\x01\x02\x02\x18\x18\x03\x82\x04\x05\x20\x00",
		"\x02\x04\x01":             "\xa4\x01\x02\x03\x82\x04\x05\x09\x61x\x20\x00",
		"\x02\x04\x00":             payload,
		"\x01\x07\x01\x00":         "\xa3\x01\x02\x03\x81\x04\x20\x00",
		"\x01\x07\x00\x01":         "\xa3\x01\x02\x03\x83\x04\x04\x05\x20\x00",
		"\x01\x07\x01\x02":         "\xa3\x01\x02\x03\x82\x05\x04\x20\x00",
		"\x01\x07\x00\x04\x01\x11": "\xa3\x01\x02\x03\x82\x41\x11\x05\x20\x00",
	} {
		if got := d.edit([]byte(payload), []byte(script)); string(got) != want || cbor.Wellformed(got) != nil {
			t.Errorf("%q: %x, want %x", script, got, want)
		}
	}
}
