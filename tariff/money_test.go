// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

func TestExponents(t *testing.T) {
	for code, want := range map[Currency]int{
		"CNY": 2, "EUR": 2, "USD": 2, "ZWG": 2, "XCG": 2, "HUF": 2, "AED": 2,
		"JPY": 0, "KRW": 0, "VND": 0, "XOF": 0, "ISK": 0, "UYI": 0,
		"KWD": 3, "BHD": 3, "TND": 3, "IQD": 3, "CLF": 4, "UYW": 4,
	} {
		if got, ok := code.Exponent(); !ok || got != want {
			t.Errorf("%s: %d, %v; want %d", code, got, ok, want)
		}
	}
}

func TestUnknownCurrencies(t *testing.T) {
	for _, code := range []Currency{"", "C", "CN", "cny", "CNYX", "XAU", "XXX", "XTS", "XDR", "DEM", "HRK", "P C", "NY ", "ÿÿ"} {
		if _, ok := code.Exponent(); ok {
			t.Errorf("%q is taken for a currency", code)
		}
	}
}

func cny(units int64, scale uint8) Money { return Money{Units: units, Scale: scale, Currency: "CNY"} }

func TestMoneyText(t *testing.T) {
	for want, m := range map[string]Money{
		"12.34 CNY":                cny(1234, 2),
		"0.00 CNY":                 cny(0, 2),
		"-0.05 CNY":                cny(-5, 2),
		"0.50 CNY":                 cny(50, 2),
		"-12.3 CNY":                cny(-123, 1),
		"7 CNY":                    cny(7, 0),
		"-9223372036854775808 CNY": cny(math.MinInt64, 0),
		"9.223372036854775807 CNY": cny(math.MaxInt64, 18),
		"0.000000000000000001 CNY": cny(1, 18),
		"922337203685477580.7 JPY": {Units: math.MaxInt64, Scale: 1, Currency: "JPY"},
		`5e-19 "CNY"`:              cny(5, 19),
		`5e-2 ""`:                  {Units: 5, Scale: 2},
		`7e-0 "yen"`:               {Units: 7, Currency: "yen"},
	} {
		if got := m.String(); got != want {
			t.Errorf("%d at %d: %q, want %q", m.Units, m.Scale, got, want)
		}
	}
}

func TestMoneyTextRefusals(t *testing.T) {
	if _, err := cny(1, 19).AppendText(nil); !errors.Is(err, ErrScale) {
		t.Errorf("19 decimals: %v", err)
	}
	if _, err := (Money{Units: 1}).AppendText(nil); !errors.Is(err, ErrCurrency) {
		t.Errorf("no currency: %v", err)
	}
}

func TestMoneyAdd(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b    Money
		want    Money
		wantErr error
	}{
		{"same scale", cny(150, 2), cny(-20, 2), cny(130, 2), nil},
		{"scales aligned exactly", cny(15, 1), cny(-5, 3), cny(1495, 3), nil},
		{"extremes cancel", cny(math.MaxInt64, 0), cny(math.MinInt64, 0), cny(-1, 0), nil},
		{"an intermediate above int64 fits in the end", cny(10, 0), cny(-math.MaxInt64, 18), cny(776_627_963_145_224_193, 18), nil},
		{"overflow", cny(math.MaxInt64, 2), cny(1, 2), Money{}, ErrOverflow},
		{"overflow by scale", cny(100, 0), cny(0, 18), Money{}, ErrOverflow},
		{"negative overflow", cny(math.MinInt64, 2), cny(-1, 2), Money{}, ErrOverflow},
		{"other currency", cny(1, 2), Money{Units: 1, Scale: 2, Currency: "EUR"}, Money{}, ErrMixed},
		{"no currency", cny(1, 2), Money{}, Money{}, ErrMixed},
		{"too many decimals", cny(1, 19), cny(1, 2), Money{}, ErrScale},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, pair := range [][2]Money{{c.a, c.b}, {c.b, c.a}} {
				got, err := pair[0].Add(pair[1])
				if !errors.Is(err, c.wantErr) || err != nil && c.wantErr == nil || got != c.want {
					t.Errorf("%v + %v = %v, %v; want %v, %v", pair[0], pair[1], got, err, c.want, c.wantErr)
				}
			}
		})
	}
}

func TestMoneyCmp(t *testing.T) {
	for _, c := range []struct {
		a, b Money
		want int
	}{
		{cny(15, 1), cny(150, 2), 0},
		{cny(15, 1), cny(1501, 3), -1},
		{cny(-15, 1), cny(-1501, 3), 1},
		{cny(-1, 0), cny(1, 18), -1},
		{cny(math.MaxInt64, 0), cny(math.MaxInt64, 18), 1},
		{cny(math.MinInt64, 0), cny(math.MinInt64, 18), -1},
	} {
		got, err := c.a.Cmp(c.b)
		back, err2 := c.b.Cmp(c.a)
		if err != nil || err2 != nil || got != c.want || back != -c.want {
			t.Errorf("%v against %v: %d, %d, %v, %v; want %d", c.a, c.b, got, back, err, err2, c.want)
		}
	}
	if _, err := cny(1, 0).Cmp(Money{Units: 1, Currency: "USD"}); !errors.Is(err, ErrMixed) {
		t.Errorf("other currency: %v", err)
	}
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text  string
		units int64
		scale uint8
		err   error
	}{
		{"0", 0, 0, nil},
		{"12.340", 12340, 3, nil},
		{"-0.05", -5, 2, nil},
		{"9223372036854775807", math.MaxInt64, 0, nil},
		{"-9223372036854775808", math.MinInt64, 0, nil},
		{"-9.223372036854775808", math.MinInt64, 18, nil},
		{"9223372036854775808", 0, 0, ErrOverflow},
		{"99999999999999999999999999", 0, 0, ErrOverflow},
		{"0.0000000000000000001", 0, 0, ErrScale},
		{"", 0, 0, ErrSyntax}, {"-", 0, 0, ErrSyntax}, {".", 0, 0, ErrSyntax}, {".5", 0, 0, ErrSyntax},
		{"5.", 0, 0, ErrSyntax}, {"1.2.3", 0, 0, ErrSyntax}, {"+1", 0, 0, ErrSyntax}, {"--1", 0, 0, ErrSyntax},
		{"1e3", 0, 0, ErrSyntax}, {" 1", 0, 0, ErrSyntax}, {"1,5", 0, 0, ErrSyntax}, {"-.5", 0, 0, ErrSyntax}, {"٣", 0, 0, ErrSyntax},
	} {
		units, scale, err := ParseDecimal(c.text)
		if units != c.units || scale != c.scale || !errors.Is(err, c.err) {
			t.Errorf("%q: %d at %d, %v; want %d at %d, %v", c.text, units, scale, err, c.units, c.scale, c.err)
		}
		if c.err == nil && string(AppendDecimal(nil, units, scale)) != c.text {
			t.Errorf("%q comes back as %q", c.text, AppendDecimal(nil, units, scale))
		}
	}
}

func ExampleMoney() {
	price := Money{Units: 1250, Scale: 2, Currency: "CNY"}
	rebate := Money{Units: -5, Scale: 1, Currency: "CNY"}
	sum, err := price.Add(rebate)
	fmt.Println(sum, err)
	_, err = price.Add(Money{Units: 1, Currency: "JPY"})
	fmt.Println(err)
	// Output:
	// 12.00 CNY <nil>
	// tariff: different currencies
}

func ExampleCurrency_Exponent() {
	for _, c := range []Currency{"CNY", "JPY", "KWD", "XAU"} {
		fmt.Print(c, " ")
		fmt.Println(c.Exponent())
	}
	// Output:
	// CNY 2 true
	// JPY 0 true
	// KWD 3 true
	// XAU 0 false
}

func ExampleParseDecimal() {
	units, scale, err := ParseDecimal("0.24000")
	fmt.Println(units, scale, err)
	fmt.Println(string(AppendDecimal(nil, units, scale)))
	// Output:
	// 24000 5 <nil>
	// 0.24000
}
