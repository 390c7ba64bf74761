// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Every code that differs from a sound one by a bit, or ends early, is refused:
// its bytes, its text, its link behind the base. (What precedes the mark of a
// text is ignored, so the base may be anything.)

func TestFlippedAndCutCodesAreRefused(t *testing.T) {
	for name, c := range soundCodes(t) {
		t.Run(name, func(t *testing.T) {
			if (testing.Short() || raceDetector) && !strings.HasSuffix(name, "-usual") {
				t.Skip("one of each kind in short mode, and where it takes ten times as long")
			}
			t.Parallel()
			if _, err := qrproto.Open(c.base+c.text, c.keys); err != nil {
				t.Fatal(err)
			}
			refused := func(what string, at int, text string) {
				if o, err := qrproto.Open(text, c.keys); o != nil || err == nil || !hasCode(err) {
					t.Errorf("%s at %d opens or fails with %v: %q", what, at, err, text)
				}
			}
			for i := range c.envelope {
				refused("bytes cut", i, textOf(c.text[1], c.envelope[:i]))
			}
			for i, b := range flips(c.envelope) {
				refused("bit of the bytes", i, textOf(c.text[1], b))
			}
			for i := range c.text {
				refused("text cut", i, c.text[:i])
				refused("link cut", i, c.base+c.text[:i])
			}
			for i, b := range flips([]byte(c.text)) {
				refused("bit of the text", i, string(b))
				refused("bit of the link", i, c.base+string(b))
			}
		})
	}
}

// soundCode is a code that opens under some keys.
type soundCode struct {
	base, text string
	envelope   []byte
	keys       qrproto.KeyList
}

// soundCodes are all those among the vectors: the positive ones, the identities
// that carry, and the snapshots that a device takes.
func soundCodes(t *testing.T) map[string]soundCode {
	t.Helper()
	const base = "HTTPS://PAY.EXAMPLE.COM/C/"
	out := map[string]soundCode{}
	add := func(name, base, text string, keys vectorKeys) {
		code, err := qrproto.ParseCode(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = soundCode{base, text, code.Bytes(), keys.trust()}
	}
	for name, v := range load[positive](t, "positive") {
		add(name, v.Base, v.Text, v.Keys)
		if !bytes.Equal(out[name].envelope, v.Envelope) {
			t.Errorf("%s: the bytes are others", name)
		}
	}
	for name, v := range load[carriedVector](t, "carried") {
		add("carried/"+name, base, v.Text, v.Keys)
	}
	for name, v := range load[trustSet](t, "trust") {
		for i, step := range v.Steps {
			if step.Error == 0 {
				add(fmt.Sprintf("trust/%s/%d", name, i), base, step.Text, v.Keys)
			}
		}
	}
	return out
}

// carriedVector is an identity that carries records. The rest of it is for
// the generator to check.
type carriedVector struct {
	Comment       string          `json:"comment"`
	Keys          vectorKeys      `json:"keys"`
	Text          string          `json:"text"`
	DevicePrivate json.RawMessage `json:"device_private"`
	DevicePublic  json.RawMessage `json:"device_public"`
	ServerPrivate json.RawMessage `json:"server_private"`
	ServerPublic  json.RawMessage `json:"server_public"`
	SharedSecret  json.RawMessage `json:"shared_secret"`
	Salt          json.RawMessage `json:"salt"`
	Records       json.RawMessage `json:"records"`
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
