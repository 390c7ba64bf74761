// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	. "github.com/seed81979277/qrcharge/tariff"
)

// striped is a tariff of so many windows a day, under two prices in turn, and a
// session of a day under it with so many readings, one at each boundary included.
func striped(t testing.TB, windows, readings int) (*Plan, []Reading) {
	t.Helper()
	var a, b Element
	length := int32(86_400 / windows)
	for i := range int32(windows) {
		e := &a
		if i%2 == 1 {
			e = &b
		}
		e.When.Windows = append(e.When.Windows, Window{i * length, (i + 1) * length})
	}
	a.Components, b.Components = []Component{energy(100)}, []Component{energy(50)}
	plan := must[*Plan](t)(eur(a, b).Compile(Limits{Scale: 2}, []Offset{{}}))
	times := make([]int64, 0, readings+windows)
	for i := range int64(readings) {
		times = append(times, i*86_400/int64(readings))
	}
	for i := range int64(windows) {
		times = append(times, i*int64(length))
	}
	slices.Sort(times)
	var all []Reading
	for _, at := range slices.Compact(times) {
		all = append(all, Reading{At: at, Energy: at * 1000})
	}
	return plan, all
}

// BenchmarkMeasureScales: the cost grows with readings plus boundaries, and not
// with their product.
func BenchmarkMeasureScales(b *testing.B) {
	for _, c := range [][2]int{{24, 100}, {24, 1000}, {24, 10_000}, {24, 86_400}, {2, 1000}, {240, 1000}} {
		b.Run(fmt.Sprintf("windows=%d/readings=%d", c[0], c[1]), func(b *testing.B) {
			plan, readings := striped(b, c[0], c[1])
			var q Quantities
			b.ReportAllocs()
			for b.Loop() {
				if err := plan.Measure(&q, readings); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(readings)), "ns/reading")
		})
	}
}

// TestCostIsLinear: a hundred times the readings take about a hundred times as
// long, and ten times the windows no longer than ten times. The bounds are
// wide, as a test shares its machine; a product or a square would be far above.
func TestCostIsLinear(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("measures time")
	}
	cost := func(windows, readings int) time.Duration {
		plan, all := striped(t, windows, readings)
		var q Quantities
		least := time.Hour
		for range 20 {
			start := time.Now()
			if err := plan.Measure(&q, all); err != nil {
				t.Fatal(err)
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	few, many := cost(24, 800), cost(24, 80_000)
	narrow, wide := cost(24, 80_000), cost(240, 80_000)
	t.Logf("800 readings %v, 80000 readings %v; 24 windows %v, 240 windows %v", few, many, narrow, wide)
	if many > 400*few || wide > 10*narrow {
		t.Error("not linear")
	}
}
