// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"errors"
	"math"
	"slices"
	"unicode/utf8"
)

// item is an item of CBOR as CDDL sees it, read by hand from RFC 8949. It knows
// nothing of the library.
type item struct {
	major byte
	n     int64  // of integers, and the number of a tag
	huge  bool   // an integer that no int64 holds
	bytes []byte // of strings
	items []item // of arrays and tags; of maps key, value, key, value
}

var errNoItem = errors.New("not one item of CBOR of the kind used")

// parseItem reads exactly one item: no indefinite length, no float, no simple
// value.
func parseItem(b []byte) (item, error) {
	v, rest, err := takeItem(b, 16)
	if err == nil && len(rest) > 0 {
		err = errNoItem
	}
	return v, err
}

func takeItem(b []byte, depth int) (v item, rest []byte, err error) {
	if len(b) == 0 || depth == 0 {
		return v, nil, errNoItem
	}
	v.major = b[0] >> 5
	n, rest, ok := takeHead(b)
	if !ok || v.major == 7 {
		return v, nil, errNoItem
	}
	v.n, v.huge = int64(n), n > math.MaxInt64
	switch v.major {
	case 1:
		v.n = -1 - v.n
	case 2, 3:
		if n > uint64(len(rest)) {
			return v, nil, errNoItem
		}
		v.bytes, rest = rest[:n], rest[n:]
		if v.major == 3 && !utf8.Valid(v.bytes) {
			return v, nil, errNoItem
		}
	case 4, 5, 6:
		return v.children(rest, n, depth)
	}
	return v, rest, nil
}

func takeHead(b []byte) (n uint64, rest []byte, ok bool) {
	n, rest = uint64(b[0]&31), b[1:]
	if n < 24 {
		return n, rest, true
	}
	size := 1 << (n - 24)
	if n > 27 || len(rest) < size {
		return 0, nil, false
	}
	n = 0
	for _, c := range rest[:size] {
		n = n<<8 | uint64(c)
	}
	return n, rest[size:], true
}

func (v item) children(rest []byte, n uint64, depth int) (item, []byte, error) {
	if n > uint64(len(rest)) && v.major != 6 {
		return v, nil, errNoItem
	}
	count := int(n)
	switch v.major {
	case 5:
		count *= 2
	case 6:
		count = 1
	}
	for range count {
		child, behind, err := takeItem(rest, depth-1)
		if err != nil {
			return v, nil, err
		}
		v.items, rest = append(v.items, child), behind
	}
	return v, rest, nil
}

// matches tells whether an item is of a rule.
func (s schema) matches(name string, v item) bool {
	return s.isOf(&cddlType{op: opName, name: name}, v)
}

func (s schema) isOf(t *cddlType, v item) bool {
	switch t.op {
	case opRange:
		return v.major <= 1 && !v.huge && t.least <= v.n && v.n <= t.most
	case opChoice:
		for _, c := range t.list {
			if s.isOf(c, v) {
				return true
			}
		}
		return false
	case opEnum:
		for _, e := range t.group.choices[0] {
			if s.isOf(e.typ, v) {
				return true
			}
		}
		return false
	case opTag:
		return v.major == 6 && v.n == t.least && s.isOf(t.list[0], v.items[0])
	case opArray:
		return v.major == 4 && s.group(t.group, cursor{items: v.items}, cursor.atEnd)
	case opMap:
		return v.major == 5 && s.group(t.group, cursor{items: v.items, isMap: true}, cursor.atEnd)
	}
	return s.isNamed(t, v)
}

func (s schema) isNamed(t *cddlType, v item) bool {
	switch t.name {
	case "int":
		return v.major <= 1
	case "bstr", "tstr":
		if v.major != map[string]byte{"bstr": 2, "tstr": 3}[t.name] {
			return false
		}
		if t.size != nil && !s.isOf(t.size, item{n: int64(len(v.bytes))}) {
			return false
		}
		if t.inner == nil {
			return true
		}
		inner, err := parseItem(v.bytes)
		return err == nil && s.isOf(t.inner, inner)
	}
	return s[t.name].typ != nil && s.isOf(s[t.name].typ, v)
}

// cursor is what of an array or map is not matched yet.
type cursor struct {
	items []item
	isMap bool
}

func (c cursor) atEnd() bool { return len(c.items) == 0 }

// group tells whether a group takes something off the cursor so that what
// remains is right too.
func (s schema) group(g *cddlGroup, c cursor, rest func(cursor) bool) bool {
	for _, row := range g.choices {
		if s.row(row, c, rest) {
			return true
		}
	}
	return false
}

func (s schema) row(row []cddlEntryOf, c cursor, rest func(cursor) bool) bool {
	if len(row) == 0 {
		return rest(c)
	}
	return s.entry(row[0], 0, c, func(c cursor) bool { return s.row(row[1:], c, rest) })
}

// entry matches as often as it can, and less often where that does not do.
func (s schema) entry(e cddlEntryOf, count int, c cursor, rest func(cursor) bool) bool {
	if count < e.most && s.once(e, c, func(after cursor) bool {
		return len(after.items) < len(c.items) && s.entry(e, count+1, after, rest)
	}) {
		return true
	}
	return count >= e.least && rest(c)
}

func (s schema) once(e cddlEntryOf, c cursor, rest func(cursor) bool) bool {
	switch named := e.typ; {
	case e.group != nil:
		return s.group(e.group, c, rest)
	case e.key == nil && named.op == opName && s[named.name] != nil && s[named.name].group != nil:
		return s.group(s[named.name].group, c, rest)
	case c.isMap:
		return e.key != nil && s.pair(e, c, rest)
	}
	return len(c.items) > 0 && s.isOf(e.typ, c.items[0]) && rest(cursor{items: c.items[1:]})
}

// pair takes any pair of a map that fits.
func (s schema) pair(e cddlEntryOf, c cursor, rest func(cursor) bool) bool {
	for i := 0; i < len(c.items); i += 2 {
		if !s.isOf(e.key, c.items[i]) || !s.isOf(e.typ, c.items[i+1]) {
			continue
		}
		others := append(append([]item(nil), c.items[:i]...), c.items[i+2:]...)
		if rest(cursor{others, true}) {
			return true
		}
	}
	return false
}

// uses returns the names that a rule refers to.
func (r *cddlRule) uses() (names []string) {
	var ofType func(t *cddlType)
	ofGroup := func(g *cddlGroup) {
		for _, e := range slices.Concat(g.choices...) {
			ofType(e.key)
			ofType(e.typ)
			if e.group != nil {
				names = append(names, (&cddlRule{group: e.group}).uses()...)
			}
		}
	}
	ofType = func(t *cddlType) {
		if t == nil {
			return
		}
		if t.op == opName {
			names = append(names, t.name)
		}
		if t.group != nil {
			ofGroup(t.group)
		}
		for _, part := range append(t.list, t.size, t.inner) {
			ofType(part)
		}
	}
	ofType(r.typ)
	if r.group != nil {
		ofGroup(r.group)
	}
	return names
}

// resolve tells what is wrong with a schema: names that nothing defines, and
// rules that cannot be reached from the roots.
func (s schema) resolve(roots ...string) (faults []string) {
	reached := map[string]bool{"bstr": true, "tstr": true, "int": true}
	for todo := roots; len(todo) > 0; todo = todo[1:] {
		name := todo[0]
		if reached[name] {
			continue
		}
		reached[name] = true
		if s[name] == nil {
			faults = append(faults, "undefined: "+name)
			continue
		}
		todo = append(todo, s[name].uses()...)
	}
	for name := range s {
		if !reached[name] {
			faults = append(faults, "unused: "+name)
		}
	}
	slices.Sort(faults)
	return faults
}
