// SPDX-License-Identifier: Apache-2.0

package keyform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Object reads a JSON object into v, a pointer to a struct with named fields, as
// encoding/json does, and refuses what that takes for one of the names, or for its
// value, and others do not: a name in other capitals, one that stands twice, and
// null. Behind qrcharge_kinds, QRCHARGE_KINDS would be the kinds to some readers of
// a file and nothing to others (RFC 7517, section 4: the case counts); a d that is
// null makes the key a private one to those who ask whether it is there. It fails
// with ErrForm.
func Object(b []byte, v any) error {
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if null(b) {
		return fmt.Errorf("%w: null", ErrForm)
	}
	fields := reflect.TypeOf(v).Elem()
	seen := make([]bool, fields.NumField())
	for name, rest := range members(b) {
		for i := range seen {
			want, _, _ := strings.Cut(fields.Field(i).Tag.Get("json"), ",")
			exact, folded := matches(name, want)
			if !folded {
				continue
			}
			if seen[i] || !exact || null(rest) {
				return fmt.Errorf("%w: %s twice, null, or not in its own letters", ErrForm, want)
			}
			seen[i] = true
		}
	}
	return nil
}

// null tells whether a value is null, with what may stand before it.
func null(b []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(b, ": \t\r\n"), []byte("null")) }

// members yields the names in an object that is sound JSON, as they are written
// between their quotes, and what stands behind them.
func members(b []byte) func(yield func(name, rest []byte) bool) {
	return func(yield func(name, rest []byte) bool) {
		depth, before := 0, byte(0)
		for len(b) > 0 {
			c := b[0]
			b = b[1:]
			switch c {
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case '"':
				n := quoted(b)
				if depth == 1 && (before == '{' || before == ',') && !yield(b[:n], b[n+1:]) {
					return
				}
				b = b[n+1:]
			}
			if c > ' ' {
				before = c
			}
		}
	}
}

// quoted is the length of a string whose first quote was taken, without its last.
func quoted(b []byte) int {
	for i := 0; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
}

// matches tells whether a name as it is written is want, and whether it is to
// encoding/json. Names are wanted of letters alone, so that escapes which are not
// those of Go matter no more than others.
func matches(written []byte, want string) (exact, folded bool) {
	var room [64]byte
	name := room[:0]
	for rest := string(written); len(rest) > 0; {
		r, _, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil || len(name)+utf8.UTFMax > len(room) {
			return false, false
		}
		name, rest = utf8.AppendRune(name, r), tail
	}
	return string(name) == want, bytes.EqualFold(name, []byte(want))
}
