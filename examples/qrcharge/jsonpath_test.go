// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestFaultsInJSON says where a text stops being JSON.
func TestFaultsInJSON(t *testing.T) {
	for _, c := range []struct {
		name, text string
		path       string
		line       int
	}{
		{"cut off in an array", "{\"id\": 1,\n \"elements\": [{\"a\": 1}, {\"b\":", "$.elements[1].b", 2},
		{"a missing value", "{\"elements\":\n[1, {\"x\": }]}", "$.elements[1].x", 2},
		{"a missing comma", "{\"a\": [1\n2]}", "$.a[1]", 2},
		{"a key without quotes", "{price: 1}", "$", 1},
		{"a comma too many", "{\"a\": {\"b\": 1,}}", "$.a.b", 1},
		{"nothing", "", "$", 1},
		{"two values", "{} {}", "$", 1},
		{"an array of arrays", "[[1],[2,[x", "$[1][1][0]", 1},
	} {
		var fault *jsonFault
		if err := checkJSON([]byte(c.text)); !errors.As(err, &fault) {
			t.Errorf("%s: %v", c.name, err)
		} else if fault.path != c.path || fault.line != c.line {
			t.Errorf("%s: at %q, line %d, want %q, line %d: %v", c.name, fault.path, fault.line, c.path, c.line, fault.err)
		}
	}
	for _, text := range []string{"{}", " [1, {\"a\": null}] \n", "\ufeff{\"a\": \"b\"}", "0"} {
		if err := checkJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestDeepJSONIsRefusedAtOnce follows a text no deeper than any real document
// goes, and repeats little of it.
func TestDeepJSONIsRefusedAtOnce(t *testing.T) {
	if err := checkJSON([]byte(strings.Repeat("[", 32) + strings.Repeat("]", 32))); err != nil {
		t.Errorf("32 levels: %v", err)
	}
	key := strings.Repeat("é", 1000)
	for name, text := range map[string]string{
		"arrays to no end":      strings.Repeat("[", 20_000_000),
		"33 arrays, all closed": strings.Repeat("[", 33) + strings.Repeat("]", 33),
		"objects":               strings.Repeat(`{"`+key+`":`, 33),
	} {
		err := checkJSON([]byte(text))
		if !errors.Is(err, errDepth) {
			t.Errorf("%s: %v", name, err)
		} else if n := len(err.Error()); n > 400 || !utf8.ValidString(err.Error()) {
			t.Errorf("%s: a message of %d bytes", name, n)
		}
	}
	var fault *jsonFault
	if err := checkJSON([]byte(`{"` + key + `": [0, x]}`)); !errors.As(err, &fault) {
		t.Error(err)
	} else if want := "$." + strings.Repeat("é", 24) + "…[1]"; fault.path != want {
		t.Errorf("at %s, want %s", fault.path, want)
	}
}

// TestLargeFilesAreRefused reads no more than a file of its kind can need.
func TestLargeFilesAreRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tariff.json")
	f, err := os.Create(name)
	if err == nil {
		err = errors.Join(f.Truncate(maxRecord+1), f.Close()) // sparse
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"lint", name}, {"tariff", "hash", name}, {"tariff", "convert", "--to", "json", name}, {"price", "--cdr", name},
		{"stop-at", "--budget", "1", "--power", "1", "--tariff", name},
	} {
		var out, stderr bytes.Buffer
		code := run(args, &stdio{in: strings.NewReader(""), out: &out, err: &stderr})
		if code != exitUnreadable || out.Len() > 0 || !strings.Contains(stderr.String(), errInputSize.Error()) {
			t.Errorf("%v: exit code %d: %s", args, code, &stderr)
		}
	}
}

// TestLongNamesAreNotRepeated cuts what an error or a finding quotes of a file.
func TestLongNamesAreNotRepeated(t *testing.T) {
	long := strings.Repeat("a", 1_000_000)
	for args, text := range map[string]string{
		"lint":                    `{"currency": "EUR", "` + long + `": 1, "elements": [{"price_components": [{"type": "ENERGY", "price": 1, "step_size": 1}]}]}`,
		"tariff hash":             `{"currency": "` + long + `", "elements": []}`,
		"tariff hash --from json": `{"rules": 1, "` + long + `": 1}`,
		"price --cdr":             `{"` + long + `": [}`,
	} {
		var out, stderr bytes.Buffer
		run(append(strings.Fields(args), "-"), &stdio{in: strings.NewReader(text), out: &out, err: &stderr})
		if n := out.Len() + stderr.Len(); n == 0 || n > 4000 {
			t.Errorf("%s: %d bytes of output", args, n)
		}
	}
}
