// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// byHandGeneral writes a normal form as SPEC.md, section 14, says. It shares no
// code with the package.
func byHandGeneral(t testing.TB, n *tariff.Tariff) []byte {
	t.Helper()
	var sets [][]tariff.Tax
	var elements []any
	for _, e := range n.Elements {
		var items []any
		for _, c := range e.Components {
			set := slices.IndexFunc(sets, func(s []tariff.Tax) bool { return slices.Equal(s, c.Taxes) })
			if set < 0 {
				set, sets = len(sets), append(sets, c.Taxes)
			}
			kind := int(c.Dimension)*4 + int(c.Class) - 5
			tail := []any{}
			if c.Step != 0 {
				kind += 20
				tail = append(tail, inUnits(c.Step, map[tariff.Dimension]int64{1: 1000, 2: 60, 3: 60, 5: 1000}[c.Dimension]))
			}
			if set > 0 {
				kind += 40
				tail = append(tail, set)
			}
			items = append(append(items, kind, c.Price), tail...)
		}
		if when := whenByHand(&e); len(when) > 0 {
			items = append(items, when)
		}
		elements = append(elements, items)
	}
	items := []any{int(n.Rules), n.Scale, string(n.Currency), elements}
	if options := optionsByHand(n, sets); len(options) > 0 {
		items = append(items, options)
	}
	return deterministic(t, items)
}

func inUnits(q, unit int64) int64 {
	if q%unit == 0 {
		return q / unit
	}
	return -q
}

func whenByHand(e *tariff.Element) map[int]any {
	when := map[int]any{}
	put := func(key int, v int64) {
		if v != 0 {
			when[key] = v
		}
	}
	w := e.When
	put(1, int64(e.Rate))
	var edges []int64
	for _, x := range w.Windows {
		edges = append(edges, inUnits(int64(x.From), 900), inUnits(int64(x.To), 900))
	}
	if edges != nil {
		when[2] = edges
	}
	put(3, int64(w.Days))
	put(4, int64(w.From))
	put(5, int64(w.Until))
	put(6, int64(w.Reservation))
	for i, s := range []tariff.Span{w.Energy, w.Time, w.Volume, w.Power, w.Current, w.Duration, w.Idle} {
		unit := []int64{1000, 60, 1000, 1000, 1000, 60, 60}[i]
		put(7+2*i, inUnits(s.Min, unit))
		put(8+2*i, inUnits(s.Max, unit))
	}
	return when
}

func optionsByHand(n *tariff.Tariff, sets [][]tariff.Tax) map[int]any {
	options := map[int]any{}
	decimals, _ := n.Currency.Exponent()
	if r := n.Rounding; int(r.Unit) != 1 || int(r.Mode) != 1 || int(r.Payable) != decimals {
		options[2] = []int{int(r.Unit), int(r.Mode), int(r.Payable)}
	}
	if len(sets) > 1 || len(sets[0]) > 0 {
		var table []any
		for _, s := range sets {
			flat, stack := []any{}, uint8(0)
			for _, tax := range s {
				rate := int(tax.Rate)
				if tax.Stack > stack {
					rate, stack = -1-rate, tax.Stack
				}
				flat = append(flat, tax.Name, rate)
			}
			table = append(table, flat)
		}
		options[map[bool]int{false: 4, true: 5}[n.TaxIncluded]] = table
	}
	short := func(v ...int64) []int64 {
		for len(v) > 0 && v[len(v)-1] == 0 {
			v = v[:len(v)-1]
		}
		return v
	}
	if l := n.Limit; l.Min != 0 || l.Max != 0 {
		options[map[bool]int{false: 6, true: 7}[l.Gross]] = short(l.Min, l.Max)
	}
	kinds := int64(n.Idle.Period) * 4
	if n.Idle.PerEpisode {
		kinds++
	}
	if n.Idle.Retroactive {
		kinds += 2
	}
	if idle := short(inUnits(n.Idle.Grace, 60), kinds, n.Idle.SessionCap, n.Idle.PeriodCap); len(idle) > 0 {
		options[8] = idle
	}
	return options
}

// randomRuns is 2 000, or what QRCHARGE_RANDOM says.
func randomRuns(t testing.TB) int {
	if text := os.Getenv("QRCHARGE_RANDOM"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 2_000
}

// TestRandomTariffsComeBack: each tariff that has a normal form has bytes, those
// that the specification says; they read as the normal form; and another
// writing of the same meaning has the same hash.
func TestRandomTariffsComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	forms := map[string]int{}
	for range randomRuns(t) {
		list := randomTariff(rng)
		n, err := list.Normalize()
		b, err2 := qrproto.EncodeTariff(list)
		if err != nil || err2 != nil {
			if err == nil || !errors.Is(err2, qrproto.ErrTariff) {
				t.Fatalf("%+v: %v, %v", list, err, err2)
			}
			forms["none"]++
			continue
		}
		if b[7] < 0x60 { // a byte string
			forms["grid"]++
		} else if forms["general"]++; !bytes.Equal(b, byHandGeneral(t, n)) {
			t.Fatalf("%+v\nis % x\nby hand % x", n, b, byHandGeneral(t, n))
		}
		again, err := qrproto.DecodeTariff(b)
		if err != nil || !reflect.DeepEqual(again, n) {
			t.Fatalf("% x reads as\n%+v, %v, want\n%+v", b, again, err, n)
		}
		if otherwise(t, rng, list, b) {
			forms["written twice"]++
		}
	}
	t.Log(forms)
	if forms["written twice"] < forms["none"] {
		t.Error("most random tariffs are not sound")
	}
}

// otherwise writes a tariff in another way, and holds its bytes against b. It
// returns false where the other way is not sound.
func otherwise(t *testing.T, rng *rand.Rand, list *tariff.Tariff, b []byte) bool {
	t.Helper()
	other := rewritten(rng, list)
	if other.Check() != nil {
		return false // a cap that needs equal taxes, written in equal order
	}
	got, err := qrproto.EncodeTariff(other)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("%+v\nis % x\n%+v\nis % x (%v)", list, b, other, got, err)
	}
	hash, err := qrproto.TariffHash(list)
	if otherHash, err2 := qrproto.TariffHash(other); err != nil || err2 != nil || hash != otherHash {
		t.Fatalf("hashes %v and %v (%v, %v)", hash, otherHash, err, err2)
	}
	return true
}

// TestOnlyNormalFormsAreRead: of tariffs near a normal form, written by hand as
// they are, those are read that normalising leaves as they are, and no others.
func TestOnlyNormalFormsAreRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	taken, refused := 0, 0
	for range 2 * randomRuns(t) {
		n, err := randomTariff(rng).Normalize()
		if err != nil {
			continue
		}
		list := disturbed(rng, n)
		if rng.IntN(2) == 0 {
			list = disturbed(rng, list)
		}
		if list.Check() != nil {
			continue
		}
		again, err := list.Normalize()
		normal := err == nil && reflect.DeepEqual(again, list)
		b := byHandGeneral(t, list)
		if _, grid := list.Grid(); grid {
			continue // another form
		}
		got, err := qrproto.DecodeTariff(b)
		if taken++; !normal {
			taken, refused = taken-1, refused+1
		}
		if (err == nil) != normal || normal && !reflect.DeepEqual(got, list) {
			t.Fatalf("%+v\nread: %v, %v, its normal form is\n%+v", list, got, err, again)
		}
	}
	t.Logf("%d read, %d refused", taken, refused)
	if min(taken, refused) < randomRuns(t)/10 {
		t.Errorf("%d read, %d refused", taken, refused)
	}
}

// TestAnyTariffHasBytes: one that is as large as the model lets it be has less
// than MaxTariff.
func TestAnyTariffHasBytes(t *testing.T) {
	list := &tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 9, TaxIncluded: true,
		Rounding: tariff.Rounding{Unit: tariff.PerGroup, Mode: tariff.Down, Payable: 9},
		Limit:    tariff.PriceLimit{Min: math.MaxInt64, Max: math.MaxInt64, Gross: true},
		Idle:     tariff.IdleRule{Grace: tariff.MaxDuration - 1, PerEpisode: true, SessionCap: math.MaxInt64, PeriodCap: math.MaxInt64 / 3600, Period: tariff.PerLocalDay}}
	sets := largeTaxes()
	edge := func(i int) tariff.Span { return tariff.Span{Min: tariff.MaxTier - 99, Max: tariff.MaxTier - int64(i)} }
	for i := range tariff.MaxElements {
		e := tariff.Element{Rate: 8, When: tariff.Restrictions{Days: 126, From: 2_000_000, Until: 2_900_001, Energy: edge(2*i%98 + 1),
			Time: edge(1), Volume: edge(1), Power: edge(1), Current: edge(1), Duration: edge(1), Idle: edge(i%50 + 1)}}
		for w := range int32(tariff.MaxWindows / tariff.MaxElements) {
			e.When.Windows = append(e.When.Windows, tariff.Window{From: 65_601 + 1000*w, To: 65_602 + 1000*w})
		}
		for c := range 4 {
			e.Components = append(e.Components, tariff.Component{Dimension: tariff.Energy, Class: tariff.Class(c + 1),
				Price: math.MaxInt64 - int64(i), Step: 999_999_999, Taxes: sets[4*c+i%4]})
		}
		list.Elements = append(list.Elements, e)
	}
	// Idle time that the rules are for, in place of one of energy.
	list.Elements[63].Components = []tariff.Component{{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: math.MaxInt64, Step: 31*86_400 - 1, Taxes: sets[9]}}
	n, err := list.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	b := encoded(t, n)
	if len(n.Elements) != tariff.MaxElements || len(b) > qrproto.MaxTariff {
		t.Errorf("%d elements in %d bytes, at most %d", len(n.Elements), len(b), qrproto.MaxTariff)
	}
	t.Logf("%d bytes", len(b))
}

// largeTaxes are 16 sets of taxes in which each number takes the most bytes.
func largeTaxes() (sets [][]tariff.Tax) {
	for i := range 16 {
		var taxes []tariff.Tax
		for j := range tariff.MaxTaxes {
			taxes = append(taxes, tariff.Tax{Name: "a tax of that name, no. " + string('A'+rune(i)), Rate: 999_999, Stack: uint8(j)})
		}
		for j := range taxes {
			taxes[j].Name = taxes[j].Name[:23] + taxes[j].Name[24:]
		}
		sets = append(sets, taxes)
	}
	return sets
}

// A bit that is turned gives another tariff, in its one encoding, or none.
func TestAChangedBitOfTheGeneralFormIsRefusedOrAnotherTariff(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 12 {
		list, err := randomTariff(rng).Normalize()
		if err != nil {
			continue
		}
		b := encoded(t, list)
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
			if again := encoded(t, other); !bytes.Equal(again, changed) || reflect.DeepEqual(other, list) {
				t.Errorf("bit %d: % x reads as %+v", bit, changed, other)
			}
		}
		for n := range b {
			if _, err := qrproto.DecodeTariff(b[:n]); !errors.Is(err, qrproto.ErrTariff) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

// The error says where in the tariff the fault is.
func TestAFaultHasItsPath(t *testing.T) {
	type m = map[int]any
	array := func(items ...any) []byte { return deterministic(t, append([]any{1, 2, "EUR"}, items...)) }
	for path, b := range map[string][]byte{
		"Elements[1]":                     array([]any{[]any{0, 49}, []any{0}}),
		"Elements[0].Components":          array([]any{[]any{4, 2, 0, 49}}),
		"Elements[1].When.Windows":        array([]any{[]any{0, 49, m{2: []int{0, 40}}}, []any{0, 47, m{2: []int{60, 64, 64, 70}}}}),
		"Elements[2]":                     array([]any{[]any{0, 49, m{2: []int{0, 40}}}, []any{0, 47, m{2: []int{41, 60}}}, []any{0, 45, m{2: []int{59, 80}}}}),
		"Scale":                           array([]any{[]any{0, 50}}),
		"Idle.Grace":                      array([]any{[]any{0, 49}}, m{8: []int{15}}),
		"Elements[0].When.Days":           array([]any{[]any{0, 49, m{3: 200}}}),
		"Elements[0].Components[0].Taxes": array([]any{[]any{40, 49, 1}}, m{4: []any{[]any{"VAT", 1}}}),
		"Idle.Period":                     array([]any{[]any{10, 49}}, m{8: []int{15, 4}}),
		"options":                         array([]any{[]any{0, 49}}, m{9: 1}),
		"Currency":                        deterministic(t, []any{1, 2, "EUX", []any{[]any{0, 49}}}),
		"Rules":                           deterministic(t, []any{2, 2, "EUR", []any{[]any{0, 49}}}),
	} {
		var at *qrproto.Error
		if _, err := qrproto.DecodeTariff(b); !errors.As(err, &at) || at.Code != qrproto.ErrTariff || at.Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func BenchmarkDecodeTariff(b *testing.B) {
	day := tariff.Element{Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 42}}}
	night := tariff.Element{When: tariff.Restrictions{Windows: []tariff.Window{{From: 79_200, To: 21_600}}},
		Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 21}}}
	general, err := (&tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 2, Rounding: tariff.Rounding{Unit: 1, Mode: 1, Payable: 2},
		Elements: []tariff.Element{night, day}}).Normalize()
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		list *tariff.Tariff
	}{{"grid", fourRates(b)}, {"occupancy", occupied(b, fourRates(b))}, {"general", general}} {
		bytes := encoded(b, c.list)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := qrproto.DecodeTariff(bytes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
