// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// course is a true session, second by second.
func course(r *rand.Rand, start int64) (all []Reading) {
	now := Reading{At: start, Energy: r.Int64N(1 << 40), Volume: r.Int64N(1 << 30)}
	phases := []Phase{Charging, Charging, Idle, Charging, Idle, Reserved}
	now.Phase = phases[r.IntN(6)]
	for range 2 + r.IntN(1500) {
		all = append(all, now)
		drawing := now.Phase == Charging
		if chance(r, 150) {
			now.Phase = phases[r.IntN(6)]
		}
		if chance(r, 100) {
			now.Power, now.Current = int32(r.IntN(50)), int32(r.IntN(50))
		}
		now.At++
		if drawing {
			now.Energy += r.Int64N(4)
			now.Volume += r.Int64N(2)
		}
	}
	return all
}

// complete returns the samples of a course that no complete record lacks, and
// the others with the chance of 1 in n: its ends, each change of a label, each
// moment that the meter names, and each sample at which a tier was entered,
// which matters to what is not itself cut at that tier.
func complete(t *testing.T, plan *Plan, edges [2][]int64, all []Reading, r *rand.Rand, n int) *Meter {
	t.Helper()
	m := plan.Meter()
	for i, now := range all {
		due, ok := m.Due()
		take := i == 0 || i == len(all)-1 || ok && now.At >= due || chance(r, n)
		if i > 0 {
			before := all[i-1]
			take = take || now.Phase != before.Phase || now.Power != before.Power || now.Current != before.Current
			for _, edge := range edges[0] {
				take = take || before.Energy < edge && now.Energy >= edge
			}
			for _, edge := range edges[1] {
				take = take || before.Volume < edge && now.Volume >= edge
			}
		}
		if take {
			if err := m.Add(now); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// tierEdges returns the registers at which a tier begins. Energy and volume
// drawn while reserved do not count, so that courses draw none then.
func tierEdges(w *world, first Reading) (edges [2][]int64) {
	for i := range w.tariff.Elements {
		when := &w.tariff.Elements[i].When
		f := w.limits.Facts
		for _, v := range []int64{when.Energy.Min, when.Energy.Max} {
			edges[0] = append(edges[0], first.Energy+v-f.Energy)
		}
		for _, v := range []int64{when.Volume.Min, when.Volume.Max} {
			edges[1] = append(edges[1], first.Volume+v-f.Volume)
		}
	}
	return edges
}

// TestPartitionInvariance: of complete records of one course, all have the same
// quantities and the same bill, however many true samples they add, for every
// step and rounding policy; and a meter has them at every moment that Measure has.
func TestPartitionInvariance(t *testing.T) {
	runs := worlds(400, 60)
	for run := range runs {
		r := rand.New(rand.NewPCG(51, uint64(run)))
		w := randomWorld(r)
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		all := course(r, w.readings[0].At)
		edges := tierEdges(&w, all[0])
		var want Quantities
		if err := plan.Measure(&want, all); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1 << 30, 300, 20, 2, 1} {
			got := complete(t, plan, edges, all, r, n).Quantities()
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("run %d, 1 of %d further samples: %v, want %v\n%+v", run, n, got, want, w.tariff)
			}
		}
	}
}

// TestIncompleteRecordsDiffer is the honest limit: a record that lacks a sample
// at a boundary of the clock gives all until the next sample to the old price.
func TestIncompleteRecordsDiffer(t *testing.T) {
	plan := fourRatePlan(t)
	whole := []Reading{at(atLocal(9, 0, 0), 0), at(atLocal(10, 0, 0), 600), at(atLocal(11, 0, 0), 1000)}
	var complete, lacking Quantities
	if err := plan.Measure(&complete, whole); err != nil {
		t.Fatal(err)
	}
	if err := plan.Measure(&lacking, []Reading{whole[0], whole[2]}); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(complete.Cells) != "[{2 400} {4 600}]" || fmt.Sprint(lacking.Cells) != "[{4 1000}]" {
		t.Errorf("complete %v, lacking %v", complete.Cells, lacking.Cells)
	}
}

// TestMeterIsMeasureAllTheWay: after each reading, over all features.
func TestMeterIsMeasureAllTheWay(t *testing.T) {
	for run := range 300 {
		r := rand.New(rand.NewPCG(61, uint64(run)))
		w := randomWorld(r)
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		m := plan.Meter()
		for i, reading := range w.readings {
			if err := m.Add(reading); err != nil {
				t.Fatal(err)
			}
			var want Quantities
			if err := plan.Measure(&want, w.readings[:i+1]); err != nil {
				t.Fatal(err)
			}
			if got := m.Quantities(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("run %d after %d readings: %v, want %v", run, i+1, got, want)
			}
		}
	}
}
