// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// TestGeneralNormalFormIsItsOwn: over all features.
func TestGeneralNormalFormIsItsOwn(t *testing.T) {
	for run := range 2000 {
		w := randomWorld(rand.New(rand.NewPCG(71, uint64(run))))
		once := must[*Tariff](t)(w.tariff.Normalize())
		if twice := must[*Tariff](t)(once.Normalize()); !reflect.DeepEqual(once, twice) {
			t.Fatalf("run %d: once  %+v\ntwice %+v", run, once, twice)
		}
	}
}

// TestGeneralNormalForms: what the columns of a general tariff become.
func TestGeneralNormalForms(t *testing.T) {
	idle := Component{Dimension: IdleTime, Class: Occupancy, Price: 5}
	tier := Restrictions{Energy: Span{Max: 10}}
	taxes := func(t ...Tax) Component { c := energy(1); c.Taxes = t; return c }
	for _, c := range []struct {
		name     string
		in, want []Element
	}{
		{"dimensions part", []Element{element(energy(1), idle)}, []Element{element(energy(1)), element(idle)}},
		{"an idle fee beside a grid leaves the grid as it was", []Element{
			when(Restrictions{Windows: []Window{hours(22, 6)}}, energy(1)), element(energy(2), idle)},
			[]Element{when(Restrictions{Windows: []Window{hours(6, 22)}}, energy(2)),
				when(Restrictions{Windows: []Window{hours(22, 6)}}, energy(1)), element(idle)}},
		{"tiers of the same restrictions stay together", []Element{when(tier, energy(1), service(3)), element(energy(2), service(4))},
			[]Element{when(tier, energy(1), service(3)), element(energy(2), service(4))}},
		{"tiers of one fee do not touch the other", []Element{when(tier, energy(1)), element(energy(2), service(4))},
			[]Element{element(service(4)), when(tier, energy(1)), element(energy(2))}},
		{"what never applies is gone", []Element{element(energy(1)), when(tier, energy(2))}, []Element{element(energy(1))}},
		{"all days are none", []Element{when(Restrictions{Days: 127}, energy(1))}, []Element{element(energy(1))}},
		{"taxes are sorted and stacks counted", []Element{element(taxes(Tax{"B", 5, 3}, Tax{"C", 6, 1}, Tax{"A", 7, 3}))},
			[]Element{element(taxes(Tax{"C", 6, 0}, Tax{"A", 7, 1}, Tax{"B", 5, 1}))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := eur(c.in...)
			in.Scale = 0
			want := eur(c.want...)
			want.Scale = 0
			if got := must[*Tariff](t)(in.Normalize()); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestRulesWithoutEffectAreDropped(t *testing.T) {
	tariff := eur(element(energy(1)))
	tariff.TaxIncluded, tariff.Limit.Gross = true, true
	tariff.Idle = IdleRule{Grace: 5, PerEpisode: true, SessionCap: 5, PeriodCap: 6, Period: Per24Hours}
	if got := must[*Tariff](t)(tariff.Normalize()); !reflect.DeepEqual(got, eur(element(energy(1)))) {
		t.Errorf("%+v", got)
	}
}

// TestOnlyGridsAreGrids: each feature that a grid cannot say makes it none.
func TestOnlyGridsAreGrids(t *testing.T) {
	for name, change := range map[string]func(*Tariff){
		"step":  func(t *Tariff) { t.Elements[0].Components[0].Step = 1 },
		"tax":   func(t *Tariff) { t.Elements[0].Components[0].Taxes = []Tax{{}} },
		"limit": func(t *Tariff) { t.Limit.Max = 5 },
		"days":  func(t *Tariff) { t.Elements[0].When.Days = 1 },
		"idle": func(t *Tariff) {
			t.Elements = append(t.Elements, element(Component{Dimension: IdleTime, Class: Occupancy, Price: 5}))
		},
		"occupancy fee by energy": func(t *Tariff) {
			t.Elements[0].Components = append(t.Elements[0].Components, Component{Dimension: Energy, Class: Occupancy, Price: 5})
		},
	} {
		tariff := must[*Tariff](t)(FromGrid(fourRates(), "CNY"))
		change(tariff)
		if err := tariff.Check(); err != nil {
			t.Fatal(err)
		}
		if _, ok := tariff.Grid(); ok {
			t.Errorf("%s: still a grid", name)
		}
	}
}

func TestGeneralCheckRefusals(t *testing.T) {
	occupancy := func(price int64, taxes ...Tax) Component {
		return Component{Dimension: IdleTime, Class: Occupancy, Price: price, Taxes: taxes}
	}
	many := eur()
	for i := range int32(17) {
		c := energy(1)
		c.Taxes = []Tax{{Rate: i}}
		many.Elements = append(many.Elements, when(Restrictions{Energy: Span{Min: int64(i)}}, c))
	}
	for _, c := range []struct {
		name   string
		tariff *Tariff
		change func(*Tariff)
		want   error
		path   string
	}{
		{"empty range", eur(when(Restrictions{Power: Span{5, 5}}, energy(1))), nil, ErrRestriction, "Elements[0].When.Power"},
		{"negative range", eur(when(Restrictions{Idle: Span{-1, 5}}, energy(1))), nil, ErrRestriction, "Elements[0].When.Idle"},
		{"an eighth day", eur(when(Restrictions{Days: 128}, energy(1))), nil, ErrRestriction, "Elements[0].When.Days"},
		{"dates that end before they begin", eur(when(Restrictions{From: 5, Until: 5}, energy(1))), nil, ErrRestriction, "Elements[0].When.Until"},
		{"a third kind of reservation", eur(when(Restrictions{Reservation: 3}, energy(1))), nil, ErrRestriction, "Elements[0].When.Reservation"},
		{"energy while reserved", eur(when(Restrictions{Reservation: 1}, energy(1))), nil, ErrRestriction, "Elements[0].Components[0].Dimension"},
		{"negative step", eur(element(Component{Dimension: Energy, Class: Service, Step: -1})), nil, ErrStep, "Elements[0].Components[0].Step"},
		{"step of a flat fee", eur(element(Component{Dimension: FlatFee, Class: Service, Step: 1})), nil, ErrStep, "Elements[0].Components[0].Step"},
		{"negative tax", eur(element(occupancy(1, Tax{Rate: -1}))), nil, ErrTax, "Elements[0].Components[0].Taxes[0]"},
		{"five taxes", eur(element(occupancy(1, make([]Tax, 5)...))), nil, ErrTax, "Elements[0].Components[0].Taxes"},
		{"a name that is no ASCII", eur(element(occupancy(1, Tax{Name: "税"}))), nil, ErrTax, "Elements[0].Components[0].Taxes[0].Name"},
		{"seventeen tax groups", many, nil, ErrTax, "Elements[16].Components[0].Taxes"},
		{"negative minimum", eur(element(energy(1))), func(t *Tariff) { t.Limit.Min = -1 }, ErrLimit, "Limit.Min"},
		{"negative grace", eur(element(energy(1))), func(t *Tariff) { t.Idle.Grace = -1 }, ErrIdle, "Idle.Grace"},
		{"a cap without a period", eur(element(energy(1))), func(t *Tariff) { t.Idle.PeriodCap = 1 }, ErrIdle, "Idle.Period"},
		{"a cap of a negative fee", eur(element(occupancy(-1))), func(t *Tariff) { t.Idle.SessionCap = 1 }, ErrIdle, "Elements[0].Components[0]"},
		{"a cap over two sets of taxes", eur(when(Restrictions{Idle: Span{0, 9}}, occupancy(1)), element(occupancy(1, Tax{Rate: 5}))),
			func(t *Tariff) { t.Idle.SessionCap = 1 }, ErrIdle, "Elements[1].Components[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.tariff)
			}
			wantError(t, c.tariff.Check(), c.want, c.path)
		})
	}
}

// TestGeneralNoOverflowPastCompile: random prices near the limit of int64 over
// all features. The dearest sessions that Measure lets pass can be priced, and
// their bills are sound.
func TestGeneralNoOverflowPastCompile(t *testing.T) {
	passed, refused := 0, 0
	for run := range 3000 {
		r := rand.New(rand.NewPCG(81, uint64(run)))
		w := randomWorld(r)
		shift := r.UintN(44)
		for i := range w.tariff.Elements {
			for j := range w.tariff.Elements[i].Components {
				c := &w.tariff.Elements[i].Components[j]
				if c.Price = (r.Int64() - math.MaxInt64/2) >> shift; c.Dimension == IdleTime && c.Price < 0 {
					c.Price = -c.Price
				}
			}
		}
		if r.IntN(3) == 0 {
			w.tariff.Limit.Min = r.Int64() >> shift
		}
		w.limits.Energy, w.limits.Volume = r.Int64N(1<<r.UintN(40)), r.Int64N(1<<r.UintN(29))
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			if !errors.Is(err, ErrOverflow) {
				t.Fatal(err)
			}
			refused++
			continue
		}
		passed++
		priceDearest(t, plan, run)
	}
	if passed < 300 || refused < 300 {
		t.Errorf("%d passed, %d refused: the test is one-sided", passed, refused)
	}
	t.Logf("%d passed, %d refused", passed, refused)
}

// priceDearest prices for each cell alone, and for all together as far as the
// ceilings allow, the largest quantities.
func priceDearest(t *testing.T, plan *Plan, run int) {
	t.Helper()
	l := plan.Limits()
	most := map[Dimension]int64{Energy: MaxEnergy, TimeSpent: MaxDuration, IdleTime: MaxDuration, Volume: MaxVolume}
	if l.Energy > 0 {
		most[Energy] = l.Energy + EnergyOverrun
	}
	if l.Volume > 0 {
		most[Volume] = l.Volume + VolumeOverrun
	}
	index := 0
	for _, e := range plan.Tariff().Elements {
		d := e.Components[0].Dimension
		q := Quantities{Cells: []Cell{{index, most[d]}}}
		if d == FlatFee {
			q = Quantities{Flats: []int{index}}
		}
		for j := range e.Components { // a step group may need its last component
			for _, last := range [][]int{nil, {index + j}, {index, index + 1}} {
				q.Last = last
				var bill Bill
				err := plan.Price(&bill, q)
				if errors.Is(err, ErrQuantities) {
					continue
				}
				if err == nil {
					err = bill.Check()
				}
				if err != nil {
					t.Fatalf("run %d: %v: %+v\n%+v\n%+v", run, err, q, plan.Tariff(), l)
				}
			}
		}
		index += len(e.Components)
	}
}

// TestGeneralBills: bills over all features go through JSON unchanged, and a
// change of any amount or quantity in them is found.
func TestGeneralBills(t *testing.T) {
	changed := 0
	for run := range 80 {
		r := rand.New(rand.NewPCG(91, uint64(run)))
		w := randomWorld(r)
		plan, err := w.tariff.Compile(w.limits, w.offsets)
		if err != nil {
			continue
		}
		var q Quantities
		if err := plan.Measure(&q, w.readings); err != nil {
			t.Fatal(err)
		}
		bill := new(Bill)
		if err := plan.Price(bill, q); err != nil {
			t.Fatal(err)
		}
		text := must[[]byte](t)(json.Marshal(bill))
		var back Bill
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if err := back.Check(); err != nil {
			t.Fatalf("run %d: %v\n%s", run, err, text)
		}
		if again := must[[]byte](t)(json.Marshal(&back)); string(again) != string(text) {
			t.Fatalf("run %d: %s\ncomes back as %s", run, text, again)
		}
		fields(reflect.ValueOf(bill).Elem(), "", func(path string) {
			if !strings.HasSuffix(path, "Units") && !strings.HasSuffix(path, "Exact") && !strings.HasSuffix(path, "ExactGross") &&
				!strings.HasSuffix(path, "Kind") && !strings.HasSuffix(path, "Billed") || strings.Count(path, "/") > 2 && path[7] > '9' {
				return
			}
			var forged Bill
			if err := json.Unmarshal(text, &forged); err != nil {
				t.Fatal(err)
			}
			before := get(reflect.ValueOf(&forged).Elem(), path)
			mutate(reflect.ValueOf(&forged).Elem(), path, 1)
			if get(reflect.ValueOf(&forged).Elem(), path) == before {
				return
			}
			changed++
			if forged.Check() == nil && !strings.HasPrefix(path, "/Waived") {
				t.Errorf("run %d: %s goes unnoticed\n%s", run, path, text)
			}
		})
	}
	t.Logf("%d changes", changed)
}

// get returns the leaf at a path.
func get(v reflect.Value, path string) any {
	for _, head := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		if v.Kind() == reflect.Slice {
			v = v.Index(int(head[0] - '0'))
		} else {
			v = v.FieldByName(head)
		}
	}
	return v.Interface()
}
