// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// fuzzProfiles are the default, and one with every switch at its other value.
var fuzzProfiles = []Profile{{}, {Decimals: 9, Rounding: tariff.HalfEven, Selection: FirstElement, Straddle: AtStart, Multiple: AddStep,
	Absorb: LastPeriod, Flats: OncePerSession, Labels: Met, EqualTimes: Never, Wrap: StartDay, Origin: FromPeriod, MissingTax: NoTax,
	Digits: FourDigits, Hours: ByVolume, Expiry: NoEnergy, Limits: NetOnly}}

// Whatever arrives: it is refused with a path, or comes back as it was.
func FuzzTariff(f *testing.F) {
	f.Add([]byte(full))
	for _, tt := range worked {
		for v := V211; v <= V230; v++ {
			f.Add([]byte(tariffText(v, tt.more, tt.elements)))
		}
	}
	for _, tt := range switches {
		f.Add([]byte(tariffText(V221, tt.more, tt.elements)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, _, err := ReadTariff(data, Options{})
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || !strings.HasPrefix(e.Path, "$") {
				t.Errorf("no path in %v", err)
			}
			return
		}
		for _, profile := range fuzzProfiles {
			p.Lint(profile)
			if m, _, err := p.Model(profile); err == nil && m.Check() != nil {
				t.Errorf("the model is none: %v", m.Check())
			}
		}
		text, err := WriteTariff(p)
		if err != nil {
			return
		}
		back, findings, err := ReadTariff(text, Options{p.Version})
		if err != nil || len(findings) > 0 {
			t.Fatalf("%v, %v in %s", err, findings, text)
		}
		back.TaxIncluded = p.TaxIncluded
		again, err := WriteTariff(back)
		if err != nil || string(again) != string(text) || !reflect.DeepEqual(back.Elements, p.Elements) {
			t.Errorf("%v: came back as %s, was %s", err, again, text)
		}
	})
}

func FuzzCDR(f *testing.F) {
	f.Add([]byte(record), []byte(full))
	for _, tt := range worked {
		for v := tt.from; v <= V230; v++ {
			f.Add([]byte(cdrText(v, tt.start, tt.end, "", strings.Join(tt.periods, ","))), []byte(tariffText(v, tt.more, tt.elements)))
		}
	}
	for _, tt := range switches {
		f.Add([]byte(cdrText(V221, tt.start, tt.end, `"total_cost": {"excl_vat": 1}, `, strings.Join(tt.periods, ","))), []byte(tariffText(V221, tt.more, tt.elements)))
	}
	f.Fuzz(func(t *testing.T, data, tariffData []byte) {
		c, _, err := ReadCDR(data, Options{})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Path, "$") {
				t.Errorf("no path in %v", err)
			}
			return
		}
		c.Zone()
		tariffs := c.Tariffs
		if p, _, err := ReadTariff(tariffData, Options{}); err == nil {
			tariffs = append([]*Tariff{p}, tariffs...)
		}
		for _, profile := range fuzzProfiles {
			r, err := Price(c, tariffs, PriceOptions{Profile: profile, Offsets: []tariff.Offset{{Seconds: 3600}, {From: 1748865600, Seconds: 7200}}})
			if err != nil {
				if errors.Is(err, tariff.ErrQuantities) || errors.Is(err, tariff.ErrBackwards) {
					t.Errorf("asked package tariff for the impossible: %v", err)
				}
				continue
			}
			checkSums(t, r)
			text, err := WriteCDR(c, r)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := ReadCDR(text, Options{c.Version}); err != nil {
				t.Errorf("%v in %s", err, text)
			}
		}
	})
}
