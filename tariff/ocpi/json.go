// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/seed81979277/qrcharge/tariff"
)

// Bounds of a document. A CDR of a day with a period a second is below both.
const (
	maxBytes = 64 << 20
	maxDepth = 32
)

// kind is the JSON type of a node.
type kind byte

const (
	null    kind = 0
	boolean kind = 1
	number  kind = 2
	text    kind = 3
	array   kind = 4
	object  kind = 5
)

// node is a JSON value as it was written: numbers keep their digits, objects
// their order and their duplicates.
type node struct {
	kind   kind
	index  int      // among the kids of its parent
	text   string   // of a text, number or boolean
	keys   []string // of an object
	kids   []*node  // of an object or array
	parent *node    // nil of the root
}

// parse reads one JSON document.
func parse(data []byte) (*node, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > maxBytes {
		return nil, fail(ErrSyntax, "$")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	n, err := parseValue(d, &node{}, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fail(ErrSyntax, "$")
	}
	return n, nil
}

// parseValue reads a value into n, which knows its place.
func parseValue(d *json.Decoder, n *node, depth int) (*node, error) {
	token, err := d.Token()
	if err != nil || depth > maxDepth {
		return nil, fail(ErrSyntax, "%s", n.path())
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return n, n.parseObject(d, depth)
		}
		return n, n.parseArray(d, depth)
	case json.Number:
		n.kind, n.text = number, v.String()
	case string:
		n.kind, n.text = text, v
	case bool:
		n.kind, n.text = boolean, strconv.FormatBool(v)
	}
	return n, nil
}

func (n *node) parseObject(d *json.Decoder, depth int) error {
	n.kind = object
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return fail(ErrSyntax, "%s", n.path())
		}
		n.keys = append(n.keys, key)
		kid, err := parseValue(d, &node{parent: n, index: len(n.kids)}, depth+1)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, kid)
	}
	return n.parseEnd(d)
}

func (n *node) parseArray(d *json.Decoder, depth int) error {
	n.kind = array
	for d.More() {
		kid, err := parseValue(d, &node{parent: n, index: len(n.kids)}, depth+1)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, kid)
	}
	return n.parseEnd(d)
}

func (n *node) parseEnd(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fail(ErrSyntax, "%s", n.path())
	}
	return nil
}

// get returns the value of a key, the last where there are several; nil where
// there is none or it is null, which in OCPI is the same.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := len(n.keys) - 1; i >= 0; i-- {
		if n.keys[i] == key {
			if n.kids[i].kind == null {
				return nil
			}
			return n.kids[i]
		}
	}
	return nil
}

// has reports whether an object has one of these keys.
func (n *node) has(keys ...string) bool {
	for _, key := range keys {
		if n.get(key) != nil {
			return true
		}
	}
	return false
}

// want returns [ErrType] where n is of another kind.
func (n *node) want(k kind) error {
	if n.kind != k {
		return fail(ErrType, "%s", n.path())
	}
	return nil
}

// decimal reads a number exactly.
func (n *node) decimal() (Decimal, error) {
	if err := n.want(number); err != nil {
		return Decimal{}, err
	}
	units, scale, err := tariff.ParseDecimal(n.text)
	switch {
	case errors.Is(err, tariff.ErrSyntax): // JSON, so it is an exponent
		return Decimal{}, fail(ErrNumber, "%s", n.path())
	case err != nil:
		return Decimal{}, fail(ErrRange, "%s", n.path())
	}
	return Decimal{units, scale}, nil
}

// whole reads a whole number, which may be written 5.0, not below zero.
func (n *node) whole() (int64, error) {
	d, err := n.decimal()
	if err != nil {
		return 0, err
	}
	d = d.trim()
	switch {
	case d.Scale > 0:
		return 0, fail(ErrNumber, "%s", n.path())
	case d.Units < 0:
		return 0, fail(ErrRange, "%s", n.path())
	}
	return d.Units, nil
}

// trim removes the zeros that the decimals end in.
func (d Decimal) trim() Decimal {
	for d.Scale > 0 && d.Units%10 == 0 {
		d.Units, d.Scale = d.Units/10, d.Scale-1
	}
	return d
}

// at returns d in units of 10^-scale, and false where it is finer or does not fit.
func (d Decimal) at(scale uint8) (int64, bool) {
	d = d.trim()
	if d.Scale > scale {
		return 0, false
	}
	units := d.Units
	for range scale - d.Scale {
		next := units * 10
		if next/10 != units {
			return 0, false
		}
		units = next
	}
	return units, true
}

// append appends the JSON of a node.
func (n *node) append(dst []byte) []byte {
	switch n.kind {
	case number, boolean:
		return append(dst, n.text...)
	case text:
		return appendText(dst, n.text)
	case array:
		dst = append(dst, '[')
		for i, kid := range n.kids {
			dst = kid.append(separate(dst, i))
		}
		return append(dst, ']')
	case object:
		dst = append(dst, '{')
		for i, kid := range n.kids {
			dst = append(appendText(separate(dst, i), n.keys[i]), ':')
			dst = kid.append(dst)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

func separate(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

// appendText appends a JSON string. A Go string always has one.
func appendText(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// indent lays JSON out for people.
func indent(data []byte) []byte {
	var b bytes.Buffer
	_ = json.Indent(&b, data, "", "  ") // of what append wrote
	b.WriteByte('\n')
	return b.Bytes()
}

// Constructors of nodes that are written.

func textNode(s string) *node     { return &node{kind: text, text: s} }
func decimalNode(d Decimal) *node { return &node{kind: number, text: d.String()} }
func wholeNode(v int64) *node     { return &node{kind: number, text: strconv.FormatInt(v, 10)} }

// set appends a member, or replaces those of its key.
func (n *node) set(key string, value *node) {
	n.remove(key)
	n.keys, n.kids = append(n.keys, key), append(n.kids, value)
}

// remove takes the members of a key away.
func (n *node) remove(key string) {
	keys, kids := []string{}, []*node{}
	for i := range n.keys {
		if n.keys[i] != key {
			keys, kids = append(keys, n.keys[i]), append(kids, n.kids[i])
		}
	}
	n.keys, n.kids = keys, kids
}
