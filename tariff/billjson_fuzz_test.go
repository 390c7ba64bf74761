// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"reflect"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// FuzzBillJSON: what is read and holds together is written so that it is read as
// the same again.
func FuzzBillJSON(f *testing.F) {
	text, err := json.Marshal(fullBill(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, s := range []string{"null", "{}", "[]", `{"lines":[null]}`, `{"lines":[{"dimension":"energy","price_per_kWh":null}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b, again Bill
		if json.Unmarshal(text, &b) != nil || b.Check() != nil {
			return
		}
		written, err := json.Marshal(b)
		if err != nil {
			t.Fatalf("%+v is sound, and not written: %v", b, err)
		}
		if err := json.Unmarshal(written, &again); err != nil || !reflect.DeepEqual(b, again) {
			t.Errorf("%v: %s\n%+v\n%+v", err, written, b, again)
		}
	})
}

// FuzzLineJSON reads one line, which need not hold together.
func FuzzLineJSON(f *testing.F) {
	for _, l := range fullBill(f).Lines {
		text, err := json.Marshal(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var l, again Line
		if json.Unmarshal(text, &l) != nil {
			return
		}
		written, err := json.Marshal(l)
		if err != nil {
			return
		}
		if err := json.Unmarshal(written, &again); err != nil || !reflect.DeepEqual(l, again) {
			t.Errorf("%v: %s\n%+v\n%+v", err, written, l, again)
		}
	})
}

// FuzzDecimal reads decimals and fractions, each of which has one text.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-12.340", "9223372036854775807", "-0", "1.000000000000000000", "91851/50000", "-1/3",
		"340282366920938463463374607431768211455/1", "1/0", "+1", "1.", ".1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if units, scale, err := ParseDecimal(text); err == nil {
			back, scale2, err := ParseDecimal(string(AppendDecimal(nil, units, scale)))
			if err != nil || back != units || scale2 != scale {
				t.Errorf("%q: %de-%d, then %de-%d (%v)", text, units, scale, back, scale2, err)
			}
		}
		var e Exact
		if err := e.UnmarshalText([]byte(text)); err == nil && e.String() != text {
			t.Errorf("%q comes back as %v", text, e)
		}
	})
}
