// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Every code that differs from a sound one by a bit, or ends early, is refused:
// its bytes, its text, its link behind the base. (What precedes the mark of a
// text is ignored, so the base may be anything.)

func TestFlippedAndCutCodesAreRefused(t *testing.T) {
	for name, v := range load[positive](t, "positive") {
		t.Run(name, func(t *testing.T) {
			if (testing.Short() || raceDetector) && !strings.HasSuffix(name, "-usual") {
				t.Skip("one of each kind in short mode, and where it takes ten times as long")
			}
			t.Parallel()
			keys := v.Keys.trust()
			if _, err := qrproto.Open(v.Link, keys); err != nil {
				t.Fatal(err)
			}
			refused := func(what string, at int, text string) {
				if o, err := qrproto.Open(text, keys); o != nil || err == nil || !hasCode(err) {
					t.Errorf("%s at %d opens or fails with %v: %q", what, at, err, text)
				}
			}
			for i := range v.Envelope {
				refused("bytes cut", i, textOf(v.Kind[0], v.Envelope[:i]))
			}
			for i, b := range flips(v.Envelope) {
				refused("bit of the bytes", i, textOf(v.Kind[0], b))
			}
			for i := range v.Text {
				refused("text cut", i, v.Text[:i])
				refused("link cut", i, v.Base+v.Text[:i])
			}
			for i, b := range flips([]byte(v.Text)) {
				refused("bit of the text", i, string(b))
				refused("bit of the link", i, v.Base+string(b))
			}
		})
	}
}

// flips yields b with bit i changed, for each i.
func flips(b []byte) func(func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		for i := range 8 * len(b) {
			changed := slices.Clone(b)
			changed[i/8] ^= 1 << (i % 8)
			if !yield(i, changed) {
				return
			}
		}
	}
}

// hasCode tells whether an error is this library's own, with a code that a
// reader of codes may give.
func hasCode(err error) bool {
	var e *qrproto.Error
	return errors.As(err, &e) && e.Code >= qrproto.ErrTooLarge && e.Code <= qrproto.ErrParts && qrproto.CodeOf(err) == e.Code
}

// TestFlippedAndCutTariffsAreRefusedOrOthers: each bit of each tariff in turn.
func TestFlippedAndCutTariffsAreRefusedOrOthers(t *testing.T) {
	for name, v := range load[tariffVector](t, "tariff-positive") {
		for n := range len(v.Bytes) {
			if _, err := qrproto.DecodeTariff(v.Bytes[:n]); qrproto.CodeOf(err) != qrproto.ErrTariff {
				t.Errorf("%s, cut to %d: %v", name, n, err)
			}
		}
		for bit := range 8 * len(v.Bytes) {
			changed := bytes.Clone(v.Bytes)
			changed[bit/8] ^= 1 << (bit % 8)
			got, err := qrproto.DecodeTariff(changed)
			if err != nil {
				if got != nil || qrproto.CodeOf(err) != qrproto.ErrTariff {
					t.Errorf("%s, bit %d: %v", name, bit, err)
				}
				continue
			}
			if again, err := qrproto.EncodeTariff(got); err != nil || !bytes.Equal(again, changed) {
				t.Errorf("%s, bit %d: %x reads as another (%v)", name, bit, changed, err)
			}
		}
	}
}
