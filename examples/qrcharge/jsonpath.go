// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// jsonFault says where text is no JSON: the path to the value that could not be
// read, as in "$.elements[0].price_components[1]", and the line.
type jsonFault struct {
	path string
	line int
	err  error
}

func (f *jsonFault) Error() string {
	return fmt.Sprintf("at %s, line %d: %v", f.path, f.line, f.err)
}

func (f *jsonFault) Unwrap() error { return f.err }

var (
	errTrailing = errors.New("more than one JSON value")
	errDepth    = fmt.Errorf("nested deeper than %d levels", maxDepth)
)

// maxDepth is how many objects and arrays may stand in one another. No document
// that is read here comes near it.
const maxDepth = 32

// Bounds of what a message repeats of a file.
const (
	maxKey     = 48
	maxPath    = 256
	maxMessage = 1024
)

// shortened cuts text that is longer than so many bytes, at the end of a rune.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

// checkJSON returns a *jsonFault unless text is one JSON value of at
// most maxDepth levels.
func checkJSON(text []byte) error {
	text = withoutMark(text)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var w pathWalk
	for {
		token, err := d.Token()
		if err == io.EOF && w.done {
			return nil
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err == nil && w.done {
			err = errTrailing
		}
		if delim, _ := token.(json.Delim); err == nil && len(w.levels) == maxDepth && (delim == '{' || delim == '[') {
			err = errDepth
		}
		if err != nil {
			at := d.InputOffset()
			if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
				at = max(at, e.Offset)
			}
			line := 1 + bytes.Count(text[:min(at, int64(len(text)))], []byte("\n"))
			return &jsonFault{w.path(), line, err}
		}
		w.take(token)
	}
}

// withoutMark cuts off the byte order mark that some editors write.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// pathWalk follows the tokens of a JSON text.
type pathWalk struct {
	levels []pathLevel
	done   bool
}

type pathLevel struct {
	object bool
	key    string // of an object's member, empty before the first
	inKey  bool   // the next token is a key
	index  int    // of an array's item
}

func (w *pathWalk) take(token json.Token) {
	top := len(w.levels) - 1
	switch delim, _ := token.(json.Delim); {
	case delim == '{' || delim == '[':
		w.levels = append(w.levels, pathLevel{object: delim == '{', inKey: delim == '{'})
		return
	case delim == '}' || delim == ']':
		w.levels = w.levels[:top]
	case top >= 0 && w.levels[top].inKey:
		w.levels[top].key, w.levels[top].inKey = token.(string), false
		return
	}
	w.next()
}

// next follows a complete value.
func (w *pathWalk) next() {
	if len(w.levels) == 0 {
		w.done = true
		return
	}
	level := &w.levels[len(w.levels)-1]
	level.inKey = level.object
	level.index++
}

func (w *pathWalk) path() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, level := range w.levels {
		switch {
		case !level.object:
			fmt.Fprintf(&b, "[%d]", level.index)
		case level.key != "":
			b.WriteString("." + shortened(level.key, maxKey))
		}
	}
	return shortened(b.String(), maxPath)
}
