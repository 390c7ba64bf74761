// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"errors"
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
		otherwise(t, rng, list, b)
	}
	t.Log(forms)
	if forms["general"] < forms["none"] {
		t.Error("most random tariffs are not sound")
	}
}

// otherwise writes a tariff in another way, and holds its bytes against b.
func otherwise(t *testing.T, rng *rand.Rand, list *tariff.Tariff, b []byte) {
	t.Helper()
	other := rewritten(rng, list)
	if other.Check() != nil {
		return // too many elements, or a cap that needs equal taxes
	}
	got, err := qrproto.EncodeTariff(other)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("%+v\nis % x\n%+v\nis % x (%v)", list, b, other, got, err)
	}
	hash, err := qrproto.TariffHash(list)
	if otherHash, err2 := qrproto.TariffHash(other); err != nil || err2 != nil || hash != otherHash {
		t.Fatalf("hashes %v and %v (%v, %v)", hash, otherHash, err, err2)
	}
}
