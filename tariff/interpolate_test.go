// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"reflect"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// TestInterpolate: fourRates has boundaries at 10:00 and 15:00.
func TestInterpolate(t *testing.T) {
	plan := fourRatePlan(t)
	record := []Reading{at(atLocal(9, 0, 0), 0), at(atLocal(12, 0, 0), 1000), at(atLocal(16, 0, 0), 5000)}
	record[0].Power = 7
	want := []Reading{record[0], {At: atLocal(10, 0, 0), Energy: 333, Power: 7}, record[1], at(atLocal(15, 0, 0), 4000), record[2]}
	got, err := plan.Interpolate(nil, record)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if again, err := plan.Interpolate(nil, got); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("again %v, %v", again, err)
	}
	_, err = plan.Interpolate(nil, []Reading{record[1], record[0]})
	wantError(t, err, ErrBackwards, "readings[1].At")
}

// TestInterpolatingTwiceIsNotOnce: 0 to 2000 Wh in 20 minutes has 1000 Wh in the
// middle; a true reading of 900 Wh after 5 minutes moves it to 1266⅔.
func TestInterpolatingTwiceIsNotOnce(t *testing.T) {
	plan := fourRatePlan(t)
	first, last := at(atLocal(9, 50, 0), 0), at(atLocal(10, 10, 0), 2_000_000)
	for _, c := range []struct {
		record []Reading
		middle int64
	}{
		{[]Reading{first, last}, 1_000_000},
		{[]Reading{first, at(atLocal(9, 55, 0), 900_000), last}, 1_266_666},
	} {
		got, err := plan.Interpolate(nil, c.record)
		if err != nil || got[len(got)-2].Energy != c.middle {
			t.Errorf("%v, %v", got, err)
		}
	}
}

// TestInterpolateIsBounded: fourRates has seven boundaries a day, the first two
// at 07:00 and 10:00, so that 15 058 days and 11 hours have 105 408.
func TestInterpolateIsBounded(t *testing.T) {
	plan := fourRatePlan(t)
	start := at(atLocal(0, 0, 0), 0)
	got, err := plan.Interpolate(nil, []Reading{start, at(start.At+15_058*86_400+11*3600, 9)})
	if err != nil || len(got) != MaxInterpolated+2 {
		t.Errorf("%d readings, %v", len(got), err)
	}
	_, err = plan.Interpolate(nil, []Reading{start, at(start.At+1, 0), at(start.At+15_059*86_400, 9)})
	wantError(t, err, ErrAboveLimit, "readings[2].At")
}
