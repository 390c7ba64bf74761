// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"unicode"
)

// The exit codes, as the package documentation and --help tell them.
const (
	exitDone       = 0
	exitUnverified = 1 // or a tariff that has a fault, or that a form cannot express
	exitUnreadable = 2
	exitMisuse     = 3
)

// failure is an error with the exit code it ends the command with.
type failure struct {
	exit int
	why  string // may be empty
	err  error
}

func (f *failure) Error() string {
	if f.why == "" {
		return f.err.Error()
	}
	return f.why + ": " + f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

func unreadable(err error) error { return &failure{exitUnreadable, "unreadable", err} }

func misuse(err error) error { return &failure{exit: exitMisuse, err: err} }

// printable replaces what a terminal would obey rather than show: a code that
// nobody has verified may hold anything.
func printable(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			fmt.Fprintf(&b, "\\u{%X}", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hidden(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }
