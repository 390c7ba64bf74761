// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// row is a field of a code, ready to be shown to people and to machines.
type row struct {
	name  string
	value any    // as it is signed; nil where an optional field is absent
	unit  string // of the value
	text  string // for people; empty where the value says it all
	bare  bool   // the text says it all: people need no value beside it

	fields []row // below, by name
	items  []row // below, as a list
	brief  bool  // the text says what stands below: only machines need it
}

// line is the row for people, without its name and what stands below it.
func (r row) line() string {
	var value string
	if r.value != nil {
		value = strings.TrimSpace(fmt.Sprint(r.value) + " " + r.unit)
	}
	switch {
	case r.text == "":
		return value
	case r.bare || value == "" || value == r.text:
		return r.text
	}
	return r.text + "  (" + value + ")"
}

// printRows writes rows in two columns, with what stands below a row indented.
// Each line begins with prefix.
func printRows(w *bytes.Buffer, prefix string, rows []row) {
	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r.name))
	}
	for _, r := range rows {
		line := fmt.Sprintf("%s%-*s  %s", prefix, width, r.name, printable(r.line()))
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		if !r.brief {
			printRows(w, prefix+"  ", append(r.fields, r.items...))
		}
	}
}

// jsonRow is a row for machines.
type jsonRow struct {
	Name   string             `json:"name,omitempty"`
	Value  any                `json:"value"`
	Unit   string             `json:"unit,omitempty"`
	Text   string             `json:"text,omitempty"`
	Fields map[string]jsonRow `json:"fields,omitempty"`
	Items  []jsonRow          `json:"items,omitempty"`
}

func (r row) json() jsonRow {
	out := jsonRow{Value: r.value, Unit: r.unit, Text: r.text, Fields: jsonRows(r.fields)}
	for _, item := range r.items {
		j := item.json()
		j.Name = item.name
		out.Items = append(out.Items, j)
	}
	return out
}

// jsonRows are rows by name. Nil stays nil.
func jsonRows(rows []row) map[string]jsonRow {
	if rows == nil {
		return nil
	}
	out := make(map[string]jsonRow, len(rows))
	for _, r := range rows {
		out[jsonName(r.name)] = r.json()
	}
	return out
}

func jsonName(name string) string { return strings.ReplaceAll(name, " ", "_") }
