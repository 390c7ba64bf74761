// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

const (
	maxUint32    = math.MaxUint32
	maxComponent = 1<<16 - 1
)

// Hints are hints one behind the other, 4 bytes each.
type Hints []byte

// Len is the number of hints.
func (h Hints) Len() int { return len(h) / len(Hint{}) }

// At returns hint i, from 0 on; like an index, it panics from Len on.
func (h Hints) At(i int) Hint { return Hint(h[len(Hint{})*i:]) }

// Has tells whether hint is one of h.
func (h Hints) Has(hint Hint) bool {
	for i := range h.Len() {
		if h.At(i) == hint {
			return true
		}
	}
	return false
}

func (h Hints) validate(path string, most int) error {
	if len(h)%len(Hint{}) != 0 || h.Len() > most {
		return fieldError(path, "not whole hints, or too many")
	}
	return nil
}

// Extensions are what a kind does not define, by number. A reader keeps those
// above zero that it does not know; one below zero is critical, and a reader
// that does not know it refuses the code: Open asks its Keys whether they are a
// Knower. Seal writes both. At most 8, of up to 64 bytes each.
type Extensions map[int16][]byte

const (
	maxExtensions = 8
	maxExtension  = 64
)

func (e Extensions) validate() error {
	switch n := len(e); {
	case n == 0:
		return nil // the usual case; what follows allocates
	case n > maxExtensions:
		return fieldError("Ext", "more than 8")
	}
	for id, value := range e {
		if id == 0 || len(value) > maxExtension {
			return fieldError("Ext", "number zero, or above 64 bytes")
		}
	}
	return nil
}

// checkCritical refuses the lowest critical extension that keys do not know; nil
// keys know none.
func (e Extensions) checkCritical(kind Kind, keys Keys) error {
	if len(e) == 0 {
		return nil
	}
	knower, some := keys.(Knower)
	for _, id := range slices.Sorted(maps.Keys(e)) {
		if id < 0 && !(some && knower.Knows(kind, id)) {
			return &Error{Code: ErrCritical, Path: fmt.Sprintf("Ext.%d", id)}
		}
	}
	return nil
}

// firstOf returns the first error there is.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func within(path string, v, least, most int64) error {
	if v < least || v > most {
		return fieldError(path, fmt.Sprintf("%d is outside %d to %d", v, least, most))
	}
	return nil
}

func checkNumber(path string, n []byte) error {
	return within(path, int64(len(n)), 1, MaxNumber)
}

func ascending(path string, list []uint16, most int) error {
	if len(list) > most {
		return fieldError(path, "too many")
	}
	for i := 1; i < len(list); i++ {
		if list[i] <= list[i-1] {
			return fieldError(path, "not ascending")
		}
	}
	return nil
}

// ofItem puts the place of an item in a list before the path of its error.
func ofItem(list string, i int, err error) error {
	var e *Error
	if errors.As(err, &e) {
		item := *e
		item.Path = fmt.Sprintf("%s[%d].%s", list, i, e.Path)
		return &item
	}
	return err
}

func fieldError(path, why string) error {
	return &Error{Code: ErrField, Path: path, Why: why}
}
