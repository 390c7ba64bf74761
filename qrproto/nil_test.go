// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func TestNothingGivesAnErrorAndNoPanic(t *testing.T) {
	text := seal(t, receipt()).Text()
	var none *qrproto.Receipt
	for name, c := range map[string]struct {
		call func() error
		want qrproto.ErrorCode
	}{
		"open without keys":       {func() error { _, err := qrproto.Open(text, nil); return err }, qrproto.ErrUnknownKey},
		"open with a nil KeyFunc": {func() error { _, err := qrproto.Open(text, qrproto.KeyFunc(nil)); return err }, qrproto.ErrUnknownKey},
		"as of nothing":           {func() error { _, err := qrproto.As[*qrproto.Receipt](nil, nil); return err }, qrproto.ErrKind},
		"sum of nil":              {func() error { _, err := qrproto.Sum(nil); return err }, qrproto.ErrMalformed},
		"sum of a nil receipt":    {func() error { _, err := qrproto.Sum(none); return err }, qrproto.ErrMalformed},
		"seal a nil receipt":      {func() error { _, err := qrproto.Seal(none, issuerSigner()); return err }, qrproto.ErrMalformed},
		"record of nil":           {func() error { _, err := qrproto.EncodeRecord(nil); return err }, qrproto.ErrMalformed},
		"encode a nil tariff":     {func() error { _, err := qrproto.EncodeTariff(nil); return err }, qrproto.ErrTariff},
		"hash a nil tariff":       {func() error { _, err := qrproto.TariffHash(nil); return err }, qrproto.ErrTariff},
		"validate a nil key":      {func() error { return (*qrproto.Key)(nil).Validate() }, qrproto.ErrBadKey},
		"link of no code":         {func() error { _, err := qrproto.Code{}.Link(linkBase); return err }, qrproto.ErrText},
	} {
		if err := c.call(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if text := (qrproto.Code{}).Text(); text != "" {
		t.Errorf("no code has the text %q", text)
	}
}

func TestCodeStandsInJSONAsItsText(t *testing.T) {
	code := seal(t, receipt())
	for _, in := range []qrproto.Code{code, {}} {
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if want := `"` + in.Text() + `"`; string(b) != want {
			t.Errorf("%s, want %s", b, want)
		}
		out := code
		if err := json.Unmarshal(b, &out); err != nil || out.Text() != in.Text() || out.Kind() != in.Kind() {
			t.Errorf("%s comes back as %q: %v", b, out.Text(), err)
		}
	}
	var out qrproto.Code
	if err := json.Unmarshal([]byte(`"QR1/123"`), &out); !errors.Is(err, qrproto.ErrEnvelope) {
		t.Errorf("damaged: %v", err)
	}
}

func TestKindOfAKeyIsACapitalLetter(t *testing.T) {
	for kind, want := range map[qrproto.Kind]error{'A': nil, 'Z': nil, '@': qrproto.ErrBadKey, '[': qrproto.ErrBadKey, 'o': qrproto.ErrBadKey} {
		key := trusted()[1]
		key.Kinds = []qrproto.Kind{kind}
		if err := key.Validate(); !errors.Is(err, want) {
			t.Errorf("%c: %v", kind, err)
		}
	}
}
