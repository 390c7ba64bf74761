// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// member is a value in an object or, without a key, in an array.
type member struct {
	key   string // with its quotes, ": " behind
	value json.RawMessage
}

// members takes an object or an array apart, and returns its brackets; other
// values have none.
func members(t *testing.T, text json.RawMessage) (parts []member, opening, closing string) {
	t.Helper()
	if text[0] != '{' && text[0] != '[' {
		return nil, "", ""
	}
	opening, closing = string(text[0]), string(text[len(text)-1])
	d := json.NewDecoder(bytes.NewReader(text))
	must[json.Token](t)(d.Token())
	for d.More() {
		var m member
		if opening == "{" {
			m.key = string(must[[]byte](t)(json.Marshal(must[json.Token](t)(d.Token())))) + ": "
		}
		if err := d.Decode(&m.value); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, m)
	}
	return parts, opening, closing
}

// write appends a value at a depth, behind lead characters of its line.
func write(t *testing.T, b *strings.Builder, text json.RawMessage, depth, lead int) {
	t.Helper()
	parts, opening, closing := members(t, text)
	if line := flat(t, text); len(parts) == 0 || lead+utf8.RuneCountInString(line) <= 110 {
		b.WriteString(line)
		return
	}
	indent := "\n" + strings.Repeat("  ", depth+1)
	b.WriteString(opening)
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(indent + p.key)
		write(t, b, p.value, depth+1, len(indent)+utf8.RuneCountInString(p.key))
	}
	b.WriteString(indent[:len(indent)-2] + closing)
}

// flat returns a value in one line.
func flat(t *testing.T, text json.RawMessage) string {
	t.Helper()
	parts, opening, closing := members(t, text)
	if opening == "" {
		return string(text)
	}
	var lines []string
	for _, p := range parts {
		lines = append(lines, p.key+flat(t, p.value))
	}
	return opening + strings.Join(lines, ", ") + closing
}
