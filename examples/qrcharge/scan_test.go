// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// TestScanSaysWhatItWaitsFor: on a terminal it would seem to hang. In a pipe it
// is silent.
func TestScanSaysWhatItWaitsFor(t *testing.T) {
	m, err := qrimage.Encode("hello")
	if err != nil {
		t.Fatal(err)
	}
	var image bytes.Buffer
	if err := m.PNG(&image, 4); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args        []string
		typed, says bool
	}{
		{[]string{"scan"}, true, true},
		{[]string{"scan"}, false, false},
		{[]string{"scan", "-"}, true, false},
	} {
		var out, errors bytes.Buffer
		std := &stdio{in: bytes.NewReader(image.Bytes()), out: &out, err: &errors, typed: c.typed}
		if exit := run(c.args, std); exit != exitDone || out.String() != "hello\n" {
			t.Errorf("%q: exit code %d, %q", c.args, exit, out.String())
		}
		if says := strings.Contains(errors.String(), "standard input"); says != c.says {
			t.Errorf("%q, typed %v: %q", c.args, c.typed, errors.String())
		}
	}
}
