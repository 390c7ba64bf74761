// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

func TestCompileRefusals(t *testing.T) {
	for _, c := range []struct {
		name    string
		limits  Limits
		offsets []Offset
		want    error
		path    string
	}{
		{"negative energy", Limits{Energy: -1, Scale: 2}, utc8, ErrLimits, "Limits.Energy"},
		{"more energy than any session", Limits{Energy: MaxEnergy + 1, Scale: 2}, utc8, ErrLimits, "Limits.Energy"},
		{"negative volume", Limits{Volume: -1, Scale: 2}, utc8, ErrLimits, "Limits.Volume"},
		{"negative duration", Limits{Duration: -1, Scale: 2}, utc8, ErrLimits, "Limits.Duration"},
		{"negative amount", Limits{Amount: -1, Scale: 2}, utc8, ErrLimits, "Limits.Amount"},
		{"ten decimals", Limits{Scale: 10}, utc8, ErrScale, "Limits.Scale"},
		{"cents to pay in an order without", Limits{Scale: 1}, utc8, ErrScale, "Limits.Scale"},
		{"no offset", Limits{Scale: 2}, nil, ErrOffsets, "Offsets"},
		{"offsets out of order", Limits{Scale: 2}, []Offset{{5, 0}, {4, 0}}, ErrOffsets, "Offsets[1]"},
		{"two offsets at once", Limits{Scale: 2}, []Offset{{5, 0}, {5, 60}}, ErrOffsets, "Offsets[1]"},
		{"offset beyond 18 hours", Limits{Scale: 2}, []Offset{{5, 64_801}}, ErrOffsets, "Offsets[0]"},
		{"offset beyond -18 hours", Limits{Scale: 2}, []Offset{{5, -64_801}}, ErrOffsets, "Offsets[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := always(energy(1)).Compile(c.limits, c.offsets)
			wantError(t, err, c.want, c.path)
		})
	}
}

// TestCompileProvesTheRange: at each edge of what Compile lets pass, the dearest
// session is priced without an error, and a little more is refused.
func TestCompileProvesTheRange(t *testing.T) {
	for _, c := range []struct {
		name       string
		components []Component
		limits     Limits
		ok         bool
	}{
		{"the largest price for a small session", []Component{energy(math.MaxInt64 / 102)}, Limits{Energy: 1_000_000, Scale: 2}, true},
		{"and its mirror image", []Component{energy(-math.MaxInt64 / 102)}, Limits{Energy: 1_000_000, Scale: 2}, true},
		{"one kWh more of it", []Component{energy(math.MaxInt64 / 101)}, Limits{Energy: 2_000_000, Scale: 2}, false},
		{"two fees that fit alone", []Component{energy(math.MaxInt64 / 150), service(math.MaxInt64 / 150)}, Limits{Energy: 1_000_000, Scale: 2}, false},
		{"no limit, a dear price", []Component{energy(900_000_000_000)}, Limits{Scale: 2}, true},
		{"no limit, a dearer one", []Component{energy(90_000_000_000_000)}, Limits{Scale: 2}, false},
		{"nine decimals for the order", []Component{energy(100)}, Limits{Scale: 9}, true},
		{"nine decimals are too many", []Component{energy(1_000_000)}, Limits{Scale: 9}, false},
		{"the largest price of all", []Component{energy(math.MaxInt64), service(math.MaxInt64)}, Limits{Scale: 2}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for mode := HalfUp; mode <= Down; mode++ {
				tariff := always(c.components...)
				tariff.Rounding = Rounding{PerComponent, mode, 0}
				plan, err := tariff.Compile(c.limits, utc8)
				if !c.ok {
					wantError(t, err, ErrOverflow, "Limits.Energy")
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				dearest(t, plan)
			}
		})
	}
}

// dearest prices the largest session that the plan measures.
func dearest(t *testing.T, plan *Plan) {
	t.Helper()
	most := int64(MaxEnergy)
	if e := plan.Limits().Energy; e > 0 {
		most = e + EnergyOverrun
	}
	var q Quantities
	if err := plan.Measure(&q, []Reading{at(0, 0), at(1, most)}); err != nil {
		t.Fatal(err)
	}
	var bill Bill
	if err := plan.Price(&bill, q); err != nil {
		t.Fatal(err)
	}
	if err := bill.Check(); err != nil {
		t.Fatalf("%v: %+v", err, bill)
	}
}

// TestNoOverflowPastCompile: random prices near the limit of int64. Whatever
// Compile lets pass can be priced.
func TestNoOverflowPastCompile(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	passed, refused := 0, 0
	for range 3000 {
		tariff := randomTariff(r)
		shift := r.UintN(20)
		for i := range tariff.Elements {
			for j := range tariff.Elements[i].Components {
				tariff.Elements[i].Components[j].Price = (r.Int64() - math.MaxInt64/2) >> shift
			}
		}
		limits := Limits{Energy: 1 + r.Int64N(1<<r.UintN(40)), Scale: tariff.Rounding.Payable + uint8(r.IntN(3)), Amount: r.Int64N(2) * r.Int64()}
		plan, err := tariff.Compile(limits, utc8)
		if err != nil {
			if !errors.Is(err, ErrOverflow) {
				t.Fatal(err)
			}
			refused++
			continue
		}
		passed++
		dearest(t, plan)
	}
	if passed < 300 || refused < 300 {
		t.Errorf("%d passed, %d refused: the test is one-sided", passed, refused)
	}
}

func TestPlanDoesNotShareItsInput(t *testing.T) {
	tariff, offsets := must[*Tariff](t)(FromGrid(fourRates(), "CNY")), []Offset{{Seconds: 8 * 3600}}
	plan := must[*Plan](t)(tariff.Compile(Limits{Scale: 2}, offsets))
	tariff.Elements[0].Components[0].Price = 1
	tariff.Elements[0].When.Windows[0].From = 0
	offsets[0].Seconds = 0
	var bill Bill
	var q Quantities
	if err := plan.Measure(&q, []Reading{at(atLocal(20, 0, 0), 0), at(atLocal(20, 30, 0), 1_000_000)}); err != nil {
		t.Fatal(err)
	}
	if err := plan.Price(&bill, q); err != nil {
		t.Fatal(err)
	}
	if got := bill.Payable.String(); got != "1.80 CNY" { // 1.34520 + 0.45000
		t.Error(got)
	}
}

// TestWithIsCompile: a plan taken over for another order is the plan that
// Compile makes for it, and leaves the first one alone.
func TestWithIsCompile(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	taken := 0
	for range 2000 {
		w := randomWorld(r)
		first, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		again, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			t.Fatal(err)
		}
		other := randomFacts(r)
		other.Scale = w.limits.Scale - uint8(r.IntN(2))
		other.Energy, other.Amount = r.Int64N(3)*1_000_000, r.Int64N(3)
		offsets := []Offset{{Seconds: 3600 * int32(r.IntN(25)-12)}}
		want, wantErr := w.tariff.Compile(other, offsets)
		got, gotErr := first.With(other, offsets)
		if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() || !reflect.DeepEqual(got, want) {
			t.Fatalf("with %+v: %v, compiled: %v", other, gotErr, wantErr)
		}
		if !reflect.DeepEqual(first, again) {
			t.Fatal("With changed the plan that it was called on")
		}
		if gotErr == nil {
			taken++
		}
	}
	if taken < 500 {
		t.Errorf("only %d plans were compared", taken)
	}
}

// TestMostBoundsTheDearestSession: what a session costs never exceeds Most,
// which is no more than a few times it where energy is all that costs.
func TestMostBoundsTheDearestSession(t *testing.T) {
	for _, price := range []int64{1, -1, 100, -70_000, 1_000_000_000} {
		p, err := always(energy(price)).Compile(Limits{Energy: 1_000_000, Scale: 2}, utc8)
		if err != nil {
			t.Fatal(err)
		}
		var bill Bill
		if err := p.Price(&bill, Quantities{Cells: []Cell{{0, 1_000_000 + EnergyOverrun}}}); err != nil {
			t.Fatal(err)
		}
		if cost := max(bill.Payable.Units, -bill.Payable.Units); cost > p.Most() || p.Most() > 2*cost+1000 {
			t.Errorf("at %d: %d, Most says %d", price, cost, p.Most())
		}
	}
}
