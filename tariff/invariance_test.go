// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// course is a true session, second by second. With feedback its energy register
// falls now and then.
func course(r *rand.Rand, start int64, seconds int, feedback bool) (all []Reading) {
	now := Reading{At: start, Energy: 1<<20 + r.Int64N(1<<40), Volume: r.Int64N(1 << 30)}
	phases := []Phase{Charging, Charging, Idle, Charging, Idle, Reserved}
	now.Phase = phases[r.IntN(6)]
	sign, rare := int64(1), max(4, seconds/10)
	for range seconds {
		all = append(all, now)
		drawing := now.Phase == Charging
		if chance(r, rare) {
			now.Phase = phases[r.IntN(6)]
		}
		if chance(r, rare) {
			now.Power, now.Current = r.Int32N(6), r.Int32N(6)
		}
		if feedback && chance(r, rare) {
			sign = -sign
		}
		now.At++
		if drawing {
			now.Energy += sign * r.Int64N(4)
			now.Volume += r.Int64N(2)
		}
	}
	return all
}

// needs says of which readings of a course a complete record must not lack one:
// its ends, each change of a label, each turn of the register, and each at which
// a tier was entered, which matters to what is not itself cut at that tier. What
// the clock and durations need a meter names by itself.
func needs(all []Reading, edges *[2][]int64) []bool {
	need := make([]bool, len(all))
	need[0], need[len(all)-1] = true, true
	var sign int64
	for i := 1; i < len(all); i++ {
		before, now := &all[i-1], &all[i]
		need[i] = need[i] || now.Phase != before.Phase || now.Power != before.Power || now.Current != before.Current ||
			crosses(edges[0], before.Energy, now.Energy) || crosses(edges[1], before.Volume, now.Volume)
		if moved := now.Energy - before.Energy; moved != 0 {
			need[i-1] = need[i-1] || moved*sign < 0
			sign = moved
		}
	}
	return need
}

// crosses reports whether a tier begins between two registers.
func crosses(edges []int64, from, to int64) bool {
	return slices.ContainsFunc(edges, func(edge int64) bool { return (from < edge) != (to < edge) })
}

// sample meters what is needed of a course, and of the rest, one reading in n.
func sample(t *testing.T, plan *Plan, need []bool, all []Reading, r *rand.Rand, n int) *Meter {
	t.Helper()
	m := plan.Meter()
	for i, now := range all {
		due, ok := m.Due()
		if need[i] || ok && now.At >= due || chance(r, n) {
			if err := m.Add(now); err != nil {
				t.Fatal(err)
			}
		}
	}
	return m
}

// tierEdges returns the registers at which a tier begins. Energy and volume
// drawn while reserved do not count, so that courses draw none then.
func tierEdges(w *world, first *Reading) (edges [2][]int64) {
	for i := range w.tariff.Elements {
		when := &w.tariff.Elements[i].When
		f := w.limits.Facts
		for k, v := range [...]int64{when.Energy.Min, when.Energy.Max, when.Volume.Min, when.Volume.Max} {
			if v > 0 && k < 2 {
				edges[0] = append(edges[0], first.Energy+v-f.Energy)
			} else if v > 0 {
				edges[1] = append(edges[1], first.Volume+v-f.Volume)
			}
		}
	}
	return edges
}

// denseCourse draws a world and a course in it, and compiles it; nil where
// Compile refuses.
func denseCourse(t *testing.T, r *rand.Rand) (world, *Plan, []Reading) {
	t.Helper()
	w := denseWorld(r)
	plan, err := w.tariff.Compile(w.limits, w.offsets)
	if err != nil {
		return w, nil, nil
	}
	return w, plan, course(r, w.readings[0].At, 2+r.IntN(200), w.limits.Feedback > 0)
}

// TestPartitionInvariance: of complete records of one course, all have the same
// quantities, and so the same bill, however many true samples they add. Five
// records of a course are held against all its seconds, each a case.
func TestPartitionInvariance(t *testing.T) {
	cases, differing := worlds(10_000, 1000), 0
	var want Quantities
	for run := 0; 5*run < cases; run++ {
		r := rand.New(rand.NewPCG(51, uint64(run)))
		w, plan, all := denseCourse(t, r)
		if plan == nil {
			continue
		}
		edges := tierEdges(&w, &all[0])
		need := needs(all, &edges)
		if err := plan.Measure(&want, all); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1 << 30, 100, 20, 5, 2} {
			got := sample(t, plan, need, all, r, n).Quantities()
			if !sameQuantities(got, want) {
				t.Fatalf("run %d, 1 of %d further samples: %v, want %v\n%s", run, n, got, want, w.text())
			}
		}
		differing += min(1, len(want.Cells))
	}
	t.Logf("%d cases, %d of the courses had quantities", cases, differing)
}

// TestPartitionInvarianceOfLongSessions: the same with sessions of up to 25 minutes.
func TestPartitionInvarianceOfLongSessions(t *testing.T) {
	for run := range worlds(200, 30) {
		r := rand.New(rand.NewPCG(52, uint64(run)))
		w := randomWorld(r)
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		all := course(r, w.readings[0].At, 2+r.IntN(1500), false)
		edges := tierEdges(&w, &all[0])
		need := needs(all, &edges)
		var want Quantities
		if err := plan.Measure(&want, all); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1 << 30, 300, 20, 2, 1} {
			if got := sample(t, plan, need, all, r, n).Quantities(); !sameQuantities(got, want) {
				t.Fatalf("run %d, 1 of %d further samples: %v, want %v\n%s", run, n, got, want, w.text())
			}
		}
	}
}

// piece is what lies between two readings of a record.
type piece struct{ energy, seconds, volume int64 }

// lacking meters a record that has each change of phase but lacks others of the
// readings it needs, and returns how much was drawn and spent in the pieces that
// lack one, up and down.
func lacking(t *testing.T, plan *Plan, need []bool, all []Reading, r *rand.Rand) (*Meter, piece) {
	t.Helper()
	m := plan.Meter()
	var lost, this piece
	incomplete := false
	for i, now := range all {
		if i > 0 {
			this.energy += max(now.Energy-all[i-1].Energy, all[i-1].Energy-now.Energy)
			this.seconds += now.At - all[i-1].At
			this.volume += now.Volume - all[i-1].Volume
		}
		due, ok := m.Due()
		needed := need[i] || ok && now.At >= due
		if i > 0 && i < len(all)-1 && now.Phase == all[i-1].Phase && !chance(r, 20) {
			incomplete = incomplete || needed
			continue
		}
		if incomplete {
			lost = piece{lost.energy + this.energy, lost.seconds + this.seconds, lost.volume + this.volume}
		}
		this, incomplete = piece{}, false
		if err := m.Add(now); err != nil {
			t.Fatal(err)
		}
	}
	return m, lost
}

// TestIncompleteRecords is the honest limit of the property before: a record
// that lacks readings gives what lies between two to what held at the first of
// them. Where it has each change of phase the error does not spread: of one
// fee no more is counted wrong than was drawn or spent in the pieces that lack
// a reading, and where none does nothing is.
func TestIncompleteRecords(t *testing.T) {
	cases, wrong, complete := worlds(10_000, 1000), 0, 0
	var want Quantities
	for run := range cases {
		r := rand.New(rand.NewPCG(53, uint64(run)))
		w, plan, all := denseCourse(t, r)
		if plan == nil {
			continue
		}
		edges := tierEdges(&w, &all[0])
		if err := plan.Measure(&want, all); err != nil {
			t.Fatal(err)
		}
		m, lost := lacking(t, plan, needs(all, &edges), all, r)
		got := m.Quantities()
		if lost == (piece{}) {
			complete++
		}
		if !sameQuantities(got, want) {
			wrong++
		}
		most := [...]int64{Energy: lost.energy, TimeSpent: lost.seconds, IdleTime: lost.seconds, FlatFee: 0, Volume: lost.volume}
		for key, off := range astray(plan, &got, &want) {
			if off > 2*most[key.Dimension] {
				t.Fatalf("run %d: %v %v: %d astray, %+v lost\n%v, want %v\n%s", run, key.Dimension, key.Class, off, lost, got, want, w.text())
			}
		}
	}
	t.Logf("%d records, %d lack nothing, %d have other quantities", cases, complete, wrong)
	if cases >= 1000 && (wrong == 0 || complete == 0) {
		t.Error("the test is one-sided")
	}
}

// oneFee is a dimension and a class.
type oneFee struct {
	Dimension
	Class
}

// astray adds up by how much the cells of each fee differ.
func astray(plan *Plan, got, want *Quantities) map[oneFee]int64 {
	all := map[int]int64{}
	for _, c := range got.Cells {
		all[c.Index] += c.Quantity
	}
	for _, c := range want.Cells {
		all[c.Index] -= c.Quantity
	}
	off := map[oneFee]int64{}
	index := 0
	for _, e := range plan.Tariff().Elements {
		for _, c := range e.Components {
			key := oneFee{c.Dimension, c.Class}
			off[key] += max(all[index], -all[index])
		}
		index += len(e.Components)
	}
	return off
}

// TestIncompleteRecordsDiffer: the plainest example.
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

// TestMeterIsMeasureAllTheWay: after each reading, over all features, of dense
// worlds and of long ones. Each reading is a case.
func TestMeterIsMeasureAllTheWay(t *testing.T) {
	cases := worlds(20_000, 2000)
	var want Quantities
	for run, n := 0, 0; n < cases; run++ {
		r := rand.New(rand.NewPCG(61, uint64(run)))
		draw := denseWorld
		if run%20 == 0 {
			draw = randomWorld
		}
		w := draw(r)
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		m := plan.Meter()
		for i, reading := range w.readings {
			if err := m.Add(reading); err != nil {
				t.Fatal(err)
			}
			if err := plan.Measure(&want, w.readings[:i+1]); err != nil {
				t.Fatal(err)
			}
			if got := m.Quantities(); !sameQuantities(got, want) {
				t.Fatalf("run %d after %d readings: %v, want %v\n%s", run, i+1, got, want, w.text())
			}
		}
		n += len(w.readings)
	}
	t.Logf("%d prefixes", cases)
}
