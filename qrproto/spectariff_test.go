// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// A piece is some bytes of an example, written by hand, and what they say.
type piece struct {
	indent    int
	hex, says string
}

// holdExample writes pieces into SPEC.md and holds them against a tariff.
func holdExample(t *testing.T, name string, list *tariff.Tariff, pieces []piece) {
	t.Helper()
	var whole []byte
	var lines []string
	for _, p := range pieces {
		b, err := hex.DecodeString(strings.ReplaceAll(p.hex, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, b...)
		lines = append(lines, annotated(p.indent, b, p.says)...)
	}
	if got := encoded(t, list); !bytes.Equal(got, whole) {
		t.Errorf("%s: by hand % x, is % x", name, whole, got)
	}
	hash, err := qrproto.TariffHash(list)
	if err != nil {
		t.Fatal(err)
	}
	holdPart(t, name, fenced(append(append(lines, "hash:"), annotated(2, hash[:], "")...)...))
}

func TestSpecOccupancyExample(t *testing.T) {
	holdExample(t, "occupancy-example", occupied(t, fourRates(t)), []piece{
		{0, "8d 01 05 63434e59", "array of 13; rules 1, scale 5, currency CNY"},
		{2, "4c ff ff ff fa aa 50 55 5a aa 50 0a af", "slots"},
		{2, "1a0002112c 199c40 1a0001b6d9 199c40", "sharp, peak"},
		{2, "1a00011642 199c40 198229 1988b8", "flat, valley"},
		{2, "a1 03 87", "options: 3, an array of 7"},
		{4, "06", "6 zeros left off"},
		{4, "02", "price: 2, that is 20.00000 an hour"},
		{4, "0f 0f", "step and grace: 15 minutes each"},
		{4, "08", "kinds: a cap for each local day"},
		{4, "0a 14", "caps: 10 and 20, that is 100.00000 and 200.00000"},
	})
}

func TestSpecGeneralExample(t *testing.T) {
	vat := []tariff.Tax{{Name: "VAT", Rate: 19_000}}
	energy := func(price int64, from, to int32) tariff.Element {
		return tariff.Element{When: tariff.Restrictions{Windows: []tariff.Window{{From: from, To: to}}},
			Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: price, Taxes: vat}}}
	}
	list := &tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 2, TaxIncluded: true,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Limit:    tariff.PriceLimit{Min: 50, Gross: true},
		Elements: []tariff.Element{energy(42, 21_600, 79_200), energy(21, 79_200, 21_600), {
			When:       tariff.Restrictions{Duration: tariff.Span{Min: 4 * 3600}},
			Components: []tariff.Component{{Dimension: tariff.TimeSpent, Class: tariff.Electricity, Price: 600, Step: 900, Taxes: vat}},
		}}}
	holdExample(t, "general-example", list, []piece{
		{0, "85 01 02 63455552", "array of 5; rules 1, scale 2, currency EUR"},
		{2, "83", "3 elements"},
		{4, "83 00 182a", "kind 0, energy in class electricity: 42"},
		{6, "a1 02 82 1818 1858", "windows: from 24 to 88 quarters of an hour, 06:00 to 22:00"},
		{4, "83 00 15 a1 02 82 1858 1818", "the same: 21, from 22:00 to 06:00"},
		{4, "84 1818 190258 0f", "kind 24, time with a step: 600, 15 minutes"},
		{6, "a1 11 18f0", "Duration.Min: 240 minutes"},
		{2, "a2", "options"},
		{4, "05 81 82 63564154 194a38", "taxes included: one set, VAT 19 %"},
		{4, "07 81 1832", "limit with taxes: at least 50"},
	})
}

func TestSpecTariffSizes(t *testing.T) {
	var b strings.Builder
	b.WriteString("| tariff | bytes | at most |\n|---|---|---|\n")
	for _, r := range sizesOfTariffs(t) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", r.name, r.bytes, r.most)
	}
	holdPart(t, "tariff-sizes", b.String())
}

// block returns a block of CDDL.
func block(t testing.TB, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(readSpec(t), "```cddl\n; "+name+"\n")
	if !ok {
		t.Fatalf("no block %q", name)
	}
	rest, _, _ = strings.Cut(rest, "```")
	return rest
}

// restriction is the field of an element under a name of the specification.
func restriction(e *tariff.Element, name string) reflect.Value {
	v := reflect.ValueOf(e).Elem()
	if name == "Rate" {
		return v.FieldByName(name)
	}
	v = v.FieldByName("When")
	for part := range strings.SplitSeq(name, ".") {
		v = v.FieldByName(part)
	}
	return v
}

// TestSpecRestrictions holds keys, names, ranges and units of the restrictions
// against what is read: each key alone sets the field of its name.
func TestSpecRestrictions(t *testing.T) {
	read := func(kind, key int, value any) (*tariff.Element, error) {
		b := deterministic(t, []any{1, 2, "EUR", []any{[]any{kind, 49, map[int]any{key: value}}}})
		list, err := qrproto.DecodeTariff(b)
		if err != nil {
			return nil, err
		}
		return &list.Elements[0], nil
	}
	told := cddlMap(t, "general")
	for _, e := range told {
		kind, least, most := 4, int64(1), int64(tariff.MaxTier/60)
		unit := int64(60)
		if side := strings.SplitN(e.name, ".", 2)[0]; slices.Contains([]string{"Energy", "Volume", "Power", "Current"}, side) {
			unit, most = 1000, tariff.MaxTier/1000
		}
		if e.kind != "written" {
			unit = 1
			var ok bool
			if least, most, _, ok = bounds(readSpec(t), e.kind); !ok {
				t.Fatalf("%s: no range", e.name)
			}
		}
		for _, n := range []int64{least, most} {
			got, err := read(kind, e.key, n)
			if err != nil {
				t.Errorf("%s = %d: %v, the spec allows it", e.name, n, err)
				continue
			}
			field := restriction(got, e.name)
			if v := fmt.Sprint(field.Interface()); v != fmt.Sprint(n*unit) && field.Kind() != reflect.Uint8 && field.Kind() != reflect.Int32 {
				t.Errorf("%s = %d reads as %s", e.name, n, v)
			} else if field.IsZero() {
				t.Errorf("%s = %d sets another field: %+v", e.name, n, got)
			}
		}
		for _, n := range []int64{least - 1, most + 1} {
			if got, err := read(kind, e.key, n); err == nil {
				t.Errorf("%s = %d reads as %+v, the spec forbids it", e.name, n, got)
			}
		}
	}
	if len(told) != 19 { // 20 keys, of which the windows are an array
		t.Errorf("the spec tells of %d restrictions", len(told))
	}
	if _, err := read(4, 2, []int{24, 88}); err != nil {
		t.Error(err)
	}
}

// TestSpecOptions: the keys that the specification has are those that are read.
func TestSpecOptions(t *testing.T) {
	keys := map[int]bool{}
	for _, name := range []string{"tariff", "general"} {
		text := block(t, name)
		_, when, _ := strings.Cut(text, "when ")
		before, _, _ := strings.Cut(text, "when ")
		_, behind, _ := strings.Cut(when, "\n}\n")
		for _, m := range regexp.MustCompile(`[?(/] *(\d): `).FindAllStringSubmatch(before+behind, -1) {
			key, _ := strconv.Atoi(m[1])
			keys[key] = true
		}
	}
	grid := []any{1, 2, "EUR", []byte{}, 49, 5}
	general := []any{1, 2, "EUR", []any{[]any{0, 49}, []any{10, 600}}}
	for key, tc := range map[int]struct {
		front []any
		value any
	}{
		1: {grid, []byte{2}}, 2: {grid, []int{1, 1, 1}}, 3: {grid, []int{0, 1}}, 4: {general, []any{[]any{"VAT", 1}}},
		5: {general, []any{[]any{"VAT", 1}}}, 6: {general, []int{50}}, 8: {general, []int{15}},
		7: {[]any{1, 2, "EUR", []any{[]any{0, 49}}}, []int{50}},
	} {
		options := map[int]any{key: tc.value}
		if key == 7 {
			options[4] = []any{[]any{"VAT", 1}}
		}
		if _, err := qrproto.DecodeTariff(deterministic(t, append(slices.Clone(tc.front), options))); err != nil || !keys[key] {
			t.Errorf("option %d: %v, in the spec %v", key, err, keys[key])
		}
		delete(keys, key)
	}
	if len(keys) > 0 {
		t.Errorf("the spec has options %v", keys)
	}
}

// TestSpecLimitsOfSize: the sizes that the specification gives are the code's.
func TestSpecLimitsOfSize(t *testing.T) {
	spec := readSpec(t)
	for _, want := range []string{
		fmt.Sprintf("A tariff has at most %d bytes", qrproto.MaxTariff),
		fmt.Sprintf("in an order it has at most %d (", qrproto.MaxEmbedded),
		fmt.Sprintf("8: bstr .size (1..%d)", qrproto.MaxEmbedded),
		fmt.Sprintf("a list of up to %d **elements**", tariff.MaxElements),
		fmt.Sprintf("At most %d windows", tariff.MaxWindows),
		fmt.Sprintf("Grace is at most %d s", tariff.MaxDuration),
	} {
		if !strings.Contains(strings.Join(strings.Fields(spec), " "), want) {
			t.Errorf("the spec does not say %q", want)
		}
	}
}
