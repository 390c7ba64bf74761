// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"testing"
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
