// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// randomGrid has n rates, each in some slot, with names or without, and
// sometimes a rounding of its own.
func randomGrid(rng *rand.Rand, n int) (tariff.Grid, tariff.Currency) {
	currency := []tariff.Currency{"CNY", "JPY", "KWD", "EUR"}[rng.IntN(4)]
	exponent, _ := currency.Exponent()
	g := tariff.Grid{
		Scale:    uint8(rng.IntN(10)),
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: uint8(exponent)},
	}
	if rng.IntN(2) == 0 {
		g.Rounding = tariff.Rounding{Unit: tariff.RoundingUnit(1 + rng.IntN(3)), Mode: tariff.RoundingMode(1 + rng.IntN(4)), Payable: uint8(rng.IntN(10))}
	}
	names := rng.Perm(8)
	for i := range n {
		r := tariff.GridRate{Electricity: randomPrice(rng), Service: randomPrice(rng)}
		if rng.IntN(4) > 0 {
			r.Name = tariff.Rate(names[i] + 1)
		}
		g.Rates = append(g.Rates, r)
	}
	for i := range g.Slots {
		g.Slots[i] = uint8(rng.IntN(n))
	}
	for i, slot := range rng.Perm(len(g.Slots))[:n] {
		g.Slots[slot] = uint8(i)
	}
	return g, currency
}

// randomPrice is of any size, and below zero now and then.
func randomPrice(rng *rand.Rand) int64 {
	v := rng.Int64() >> rng.IntN(63)
	if rng.IntN(8) == 0 {
		v = -v
	}
	return v
}

// byHand writes a grid as SPEC.md, section 14, says, or returns nil where it is
// in no normal form. It shares no code with the package.
func byHand(t testing.TB, g tariff.Grid, currency string, decimals int) []byte {
	t.Helper()
	bits := map[int]int{1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3, 7: 3, 8: 3}[len(g.Rates)]
	packed := ""
	for _, s := range g.Slots {
		for b := bits - 1; b >= 0; b-- {
			packed += string('0' + s>>b&1)
		}
	}
	slots := make([]byte, len(packed)/8)
	for i, c := range packed {
		slots[i/8] = slots[i/8]<<1 | byte(c-'0')
	}
	items := []any{1, g.Scale, currency, slots}
	names, standard := []byte{}, true
	for i, r := range g.Rates {
		items = append(items, r.Electricity, r.Service)
		names = append(names, byte(r.Name))
		standard = standard && int(r.Name) == i+1
	}
	options := map[int]any{}
	if !standard {
		options[1] = names
	}
	r := g.Rounding
	if r.Unit != 1 || r.Mode != 1 || int(r.Payable) != decimals {
		options[2] = []int{int(r.Unit), int(r.Mode), int(r.Payable)}
	}
	if len(options) > 0 {
		items = append(items, options)
	}
	return deterministic(t, items)
}

func deterministic(t testing.TB, v any) []byte {
	t.Helper()
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTariffsComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 8; n++ {
		for range 40 {
			g, currency := randomGrid(rng, n)
			list, err := tariff.FromGrid(g, currency)
			if err != nil {
				t.Fatal(err)
			}
			b, err := qrproto.EncodeTariff(list)
			if err != nil {
				t.Fatal(err)
			}
			again, err := qrproto.DecodeTariff(b)
			if err != nil || !reflect.DeepEqual(again, list) {
				t.Fatalf("%+v, %v, want %+v", again, err, list)
			}
			normal, ok := list.Grid()
			if decimals, _ := currency.Exponent(); !ok || !bytes.Equal(b, byHand(t, normal, string(currency), decimals)) {
				t.Fatalf("% x is not what the spec says", b)
			}
		}
	}
}

// Two ways to write one tariff: other order of rates, other scale, a rate cut
// in two.
func TestOneMeaningHasOneHash(t *testing.T) {
	g, _ := fourRates(t).Grid()
	want, err := qrproto.TariffHash(fourRates(t))
	if err != nil {
		t.Fatal(err)
	}
	turned := g
	turned.Rates = slices.Clone(g.Rates)
	slices.Reverse(turned.Rates)
	for i := range turned.Slots {
		turned.Slots[i] = 3 - turned.Slots[i]
	}
	finer := g
	finer.Scale += 2
	finer.Rates = slices.Clone(g.Rates)
	for i := range finer.Rates {
		finer.Rates[i].Electricity *= 100
		finer.Rates[i].Service *= 100
	}
	for name, grid := range map[string]tariff.Grid{"turned": turned, "finer": finer} {
		list, err := tariff.FromGrid(grid, "CNY")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := qrproto.TariffHash(list); err != nil || got != want {
			t.Errorf("%s: %v (%v), want %v", name, got, err, want)
		}
	}
}

func TestAChangedByteIsRefusedOrAnotherTariff(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 4, 7} {
		g, currency := randomGrid(rng, n)
		list, err := tariff.FromGrid(g, currency)
		if err != nil {
			t.Fatal(err)
		}
		b, err := qrproto.EncodeTariff(list)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := qrproto.TariffHash(list)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(b) {
			changed := bytes.Clone(b)
			changed[bit/8] ^= 1 << (bit % 8)
			other, err := qrproto.DecodeTariff(changed)
			if err != nil {
				if !errors.Is(err, qrproto.ErrTariff) {
					t.Errorf("bit %d: %v", bit, err)
				}
				continue
			}
			again, err := qrproto.EncodeTariff(other)
			otherHash, err2 := qrproto.TariffHash(other)
			if err != nil || err2 != nil || !bytes.Equal(again, changed) || otherHash == hash || reflect.DeepEqual(other, list) {
				t.Errorf("bit %d: % x reads as %+v (%v, %v)", bit, changed, other, err, err2)
			}
		}
		for n := range b {
			if _, err := qrproto.DecodeTariff(b[:n]); !errors.Is(err, qrproto.ErrTariff) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

func TestTariffBytesThatAreRefused(t *testing.T) {
	slots := bytes.Repeat([]byte{0x55}, 6) // two rates in turn
	array := func(items ...any) []byte { return deterministic(t, items) }
	type options = map[int]any
	if _, err := qrproto.DecodeTariff(array(1, 1, "EUR", slots, 1, 0, 2, 0)); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		bytes []byte
		code  qrproto.ErrorCode
	}{
		"nothing":                    {nil, qrproto.ErrTariff},
		"no array":                   {[]byte{0x01}, qrproto.ErrTariff},
		"an empty array":             {array(), qrproto.ErrTariff},
		"no rates":                   {array(1, 1, "EUR", slots), qrproto.ErrTariff},
		"half a rate":                {array(1, 1, "EUR", slots, 1, 0, 2), qrproto.ErrTariff},
		"nine rates":                 {array(append([]any{1, 0, "EUR", make([]byte, 24)}, make18()...)...), qrproto.ErrTariff},
		"rules 2":                    {array(2, 1, "EUR", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"rules below zero":           {array(-1, 1, "EUR", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"rules 257":                  {array(257, 1, "EUR", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"scale 10":                   {array(1, 10, "EUR", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"scale as text":              {array(1, "1", "EUR", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"a scale too fine":           {array(1, 1, "EUR", slots, 10, 0, 20, 0), qrproto.ErrTariff},
		"a currency unknown":         {array(1, 1, "EUX", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"a currency in lower case":   {array(1, 1, "eur", slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"a currency in bytes":        {array(1, 1, []byte("EUR"), slots, 1, 0, 2, 0), qrproto.ErrTariff},
		"slots as text":              {array(1, 1, "EUR", "123456", 1, 0, 2, 0), qrproto.ErrTariff},
		"slots too short":            {array(1, 1, "EUR", slots[:5], 1, 0, 2, 0), qrproto.ErrTariff},
		"slots too long":             {array(1, 1, "EUR", append(slots, 0), 1, 0, 2, 0), qrproto.ErrTariff},
		"a rate without a slot":      {array(1, 1, "EUR", make([]byte, 6), 1, 0, 2, 0), qrproto.ErrTariff},
		"a slot without a rate":      {array(1, 1, "EUR", bytes.Repeat([]byte{0x1b}, 12), 1, 0, 2, 0, 3, 0), qrproto.ErrTariff},
		"a price as text":            {array(1, 1, "EUR", slots, 1, "0", 2, 0), qrproto.ErrTariff},
		"a price as a float":         {array(1, 1, "EUR", slots, 1, 0.5, 2, 0), qrproto.ErrTariff},
		"a price too large":          {array(1, 1, "EUR", slots, 1, uint64(math.MaxInt64)+1, 2, 0), qrproto.ErrTariff},
		"a price too small":          {array(1, 1, "EUR", slots, 1, int64(math.MinInt64), 2, 0), qrproto.ErrTariff},
		"options empty":              {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{}), qrproto.ErrTariff},
		"options unknown":            {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{4: 1}), qrproto.ErrTariff},
		"options of text":            {array(1, 1, "EUR", slots, 1, 0, 2, 0, map[string]int{"a": 1}), qrproto.ErrTariff},
		"options twice":              {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{1, 2, 2}}, options{}), qrproto.ErrTariff},
		"names that go without":      {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{1: []byte{1, 2}}), qrproto.ErrTariff},
		"names too few":              {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{1: []byte{3}}), qrproto.ErrTariff},
		"names unknown":              {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{1: []byte{1, 9}}), qrproto.ErrTariff},
		"names twice":                {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{1: []byte{3, 3}}), qrproto.ErrTariff},
		"names out of order":         {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{1: []byte{2, 1}}), qrproto.ErrTariff},
		"names as an array":          {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{1: []int{1, 3}}), qrproto.ErrTariff},
		"unnamed out of order":       {array(1, 1, "EUR", bytes.Repeat([]byte{0xaa}, 6), 1, 0, 2, 0, options{1: []byte{0, 0}}), qrproto.ErrTariff},
		"unnamed and alike":          {array(1, 1, "EUR", slots, 1, 0, 1, 0, options{1: []byte{0, 0}}), qrproto.ErrTariff},
		"rounding that goes without": {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{1, 1, 2}}), qrproto.ErrTariff},
		"rounding of two":            {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{1, 2}}), qrproto.ErrTariff},
		"rounding of four":           {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{1, 2, 2, 0}}), qrproto.ErrTariff},
		"rounding unit 4":            {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{4, 1, 2}}), qrproto.ErrTariff},
		"rounding mode 0":            {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{1, 0, 2}}), qrproto.ErrTariff},
		"rounding to 10 decimals":    {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []int{1, 1, 10}}), qrproto.ErrTariff},
		"rounding in bytes":          {array(1, 1, "EUR", slots, 1, 0, 2, 0, options{2: []byte{1, 2, 2}}), qrproto.ErrTariff},
		"513 bytes":                  {make([]byte, 513), qrproto.ErrTariff},
		"more than any has":          {make([]byte, qrproto.MaxTariff+1), qrproto.ErrTooLarge},
	} {
		if list, err := qrproto.DecodeTariff(tc.bytes); !errors.Is(err, tc.code) {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
}

func make18() (out []any) {
	for i := range 18 {
		out = append(out, i+1)
	}
	return out
}

// The order of unnamed rates where one of them runs over midnight: it begins in
// the evening, and so after the one that begins in the morning.
func TestUnnamedRatesAreOrderedByWhereTheyBegin(t *testing.T) {
	g := tariff.Grid{Rounding: tariff.Rounding{Unit: 1, Mode: 1, Payable: 2},
		Rates: []tariff.GridRate{{Electricity: 1}, {Electricity: 2}}} // night, day
	for i := 12; i < 44; i++ {
		g.Slots[i] = 1
	}
	list, err := tariff.FromGrid(g, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	b, err := qrproto.EncodeTariff(list)
	want := []byte{0x89, 1, 0, 0x63, 'E', 'U', 'R', 0x46, 0xff, 0xf0, 0, 0, 0, 0x0f, 2, 0, 1, 0, 0xa1, 1, 0x42, 0, 0}
	if err != nil || !bytes.Equal(b, want) {
		t.Errorf("% x (%v), want % x", b, err, want)
	}
}

// TestTariffsThatHaveNoBytes: what is not sound, with the path of the fault.
func TestTariffsThatHaveNoBytes(t *testing.T) {
	base := func(change func(*tariff.Tariff)) *tariff.Tariff {
		list := fourRates(t)
		change(list)
		return list
	}
	for path, list := range map[string]*tariff.Tariff{
		"Rules":                        {},
		"Currency":                     base(func(l *tariff.Tariff) { l.Currency = "XXX" }),
		"Elements[1].Components[1]":    base(func(l *tariff.Tariff) { l.Elements[1].Components[1].Class = tariff.Electricity }),
		"Elements[2].When.Windows[0]":  base(func(l *tariff.Tariff) { l.Elements[2].When.Windows[0].To = 86401 }),
		"Elements[0].When.Reservation": base(func(l *tariff.Tariff) { l.Elements[0].When.Reservation = 3 }),
	} {
		b, err := qrproto.EncodeTariff(list)
		var at *qrproto.Error
		if !errors.Is(err, qrproto.ErrTariff) || !errors.As(err, &at) || at.Path != path {
			t.Errorf("%s: % x, %v", path, b, err)
		}
		if _, err := qrproto.TariffHash(list); !errors.Is(err, qrproto.ErrTariff) {
			t.Errorf("%s: TariffHash: %v", path, err)
		}
	}
	if _, err := qrproto.EncodeTariff(nil); !errors.Is(err, qrproto.ErrTariff) {
		t.Errorf("nil: %v", err)
	}
}

func TestOffsetsComeBack(t *testing.T) {
	utc := []tariff.Offset{{}}
	for name, tc := range map[string]struct {
		steps []tariff.Offset
		flat  qrproto.Offsets
	}{
		"UTC":            {utc, nil},
		"one":            {[]tariff.Offset{{Seconds: 28800}}, qrproto.Offsets{28800}},
		"there and back": {[]tariff.Offset{{Seconds: 3600}, {From: 1774746000, Seconds: 7200}, {From: 1792890000, Seconds: 3600}}, qrproto.Offsets{3600, 1774746000, 7200, 1792890000, 3600}},
	} {
		if got := qrproto.MakeOffsets(tc.steps); !slices.Equal(got, tc.flat) {
			t.Errorf("%s: %v", name, got)
		}
		if got := tc.flat.Steps(); !slices.Equal(got, tc.steps) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
