// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// fullBill has every kind of line. One charge, 2.5 kWh at 1.010, lies half way
// between two cents, so that another rounding mode gives another amount.
func fullBill(t testing.TB) *Bill {
	tariff := &Tariff{Rules: Rules1, Currency: "CNY", Scale: 3, Rounding: Rounding{PerGroup, HalfUp, 1}, Elements: []Element{
		{Rate: Sharp, When: Restrictions{Windows: []Window{hours(19, 21)}}, Components: []Component{energy(1301), service(400)}},
		{Rate: Peak, When: Restrictions{Windows: []Window{hours(10, 15), hours(21, 23)}}, Components: []Component{energy(1010), service(400)}},
		{Rate: Valley, Components: []Component{energy(301), service(405)}},
	}}
	bill := priced(t, tariff, Limits{Scale: 2, Amount: 500}, Cell{0, 2_102_500}, Cell{2, 2_500_000}, Cell{4, 4_334_000})
	kinds := map[LineKind]int{}
	for _, l := range bill.Lines {
		kinds[l.Kind]++
	}
	if kinds[ChargeLine] != 6 || kinds[ResidueLine] == 0 || kinds[PayableLine] != 1 || kinds[WaivedLine] != 1 {
		t.Fatalf("the fixture lacks a kind of line: %v", lineTexts(bill))
	}
	return bill
}

// TestCheckCatchesEveryChangedField adds one to, or otherwise changes, each
// field of a bill and of each of its lines, alone. Not noticed can be a label
// that another tariff would give: the last class of an element, in a group whose
// residue stays the same, and an element apart for the last line.
func TestCheckCatchesEveryChangedField(t *testing.T) {
	count := 0
	label := []string{"/Lines/1/Class", "/Lines/3/Class", "/Lines/5/Class", "/Lines/5/Element"}
	fields(reflect.ValueOf(fullBill(t)).Elem(), "", func(path string) {
		for _, delta := range []int64{1, -1} {
			bill := fullBill(t)
			if !mutate(reflect.ValueOf(bill).Elem(), path, delta) {
				t.Fatalf("%s was not changed", path)
			}
			count++
			if bill.Check() == nil && !slices.Contains(label, path) {
				t.Errorf("%s %+d goes unnoticed", path, delta)
			}
		}
	})
	if count < 300 {
		t.Errorf("only %d changes", count)
	}
	t.Logf("%d changes", count)
}

// fields calls f for the path of each leaf below v.
func fields(v reflect.Value, path string, f func(string)) {
	switch {
	case v.Type() == reflect.TypeFor[Exact]():
		f(path)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fields(v.Field(i), path+"/"+v.Type().Field(i).Name, f)
		}
	case v.Kind() == reflect.Slice:
		f(path)
		for i := range v.Len() {
			fields(v.Index(i), path+"/"+string(rune('0'+i)), f)
		}
	default:
		f(path)
	}
}

// mutate changes the leaf at a path, and says whether it did.
func mutate(v reflect.Value, path string, delta int64) bool {
	head, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if head != "" {
		if v.Kind() == reflect.Slice {
			own := reflect.MakeSlice(v.Type(), v.Len(), v.Len()) // windows are shared between lines
			reflect.Copy(own, v)
			v.Set(own)
			return mutate(v.Index(int(head[0]-'0')), rest, delta)
		}
		return mutate(v.FieldByName(head), rest, delta)
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + delta)
	case reflect.Uint8:
		v.SetUint(uint64(uint8(v.Uint()) + uint8(delta)))
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		before := v.String()
		v.SetString(map[int64]string{1: "EUR", -1: "XYZ"}[delta])
		return v.String() != before
	case reflect.Struct: // Exact
		e := v.Addr().Interface().(*Exact)
		text := map[int64]string{1: "5/2", -1: "-1/7"}[delta]
		return e.UnmarshalText([]byte(text)) == nil
	case reflect.Slice:
		if delta > 0 {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		} else if v.Len() > 0 {
			v.Set(v.Slice(0, v.Len()-1))
		} else {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
	}
	return true
}

// TestCheckCatchesMovedLines: lines out of order, repeated or missing.
func TestCheckCatchesMovedLines(t *testing.T) {
	n := len(fullBill(t).Lines)
	for i := range n {
		bill := fullBill(t)
		bill.Lines = append(bill.Lines[:i:i], bill.Lines[i+1:]...)
		if bill.Check() == nil {
			t.Errorf("line %d missing goes unnoticed", i)
		}
		bill = fullBill(t)
		bill.Lines = append(bill.Lines[:i+1:i+1], bill.Lines[i:]...)
		if bill.Check() == nil {
			t.Errorf("line %d twice goes unnoticed", i)
		}
		bill = fullBill(t)
		j := (i + 1) % n
		bill.Lines[i], bill.Lines[j] = bill.Lines[j], bill.Lines[i]
		if bill.Check() == nil {
			t.Errorf("lines %d and %d swapped go unnoticed", i, j)
		}
	}
}

// TestCheckCatchesForgeries changes fields that depend on each other together,
// so that all sums are right again.
func TestCheckCatchesForgeries(t *testing.T) {
	all := Restrictions{}.Windows
	charge := func(element, component int, class Class, quantity int64, windows []Window) Line {
		exact := new(Exact)
		if err := exact.UnmarshalText([]byte(strconv.FormatInt(quantity/1_000_000, 10) + "/1")); err != nil {
			t.Fatal(err)
		}
		return Line{Kind: ChargeLine, Rate: Peak, Dimension: Energy, Class: class, Element: element, Component: component,
			When: Restrictions{Windows: windows}, Measured: quantity, Billed: quantity, Price: cny(1, 0), Exact: *exact, Amount: cny(quantity/10_000, 2)}
	}
	kWh := func(element, component int, class Class) Line {
		return charge(element, component, class, 1_000_000, []Window{hours(int32(element), int32(element)+1)})
	}
	for _, c := range []struct {
		name  string
		lines []Line
		ok    bool
	}{
		{"one charge", []Line{charge(0, 0, Electricity, 1_000_000, all)}, true},
		{"two classes", []Line{kWh(0, 0, Electricity), kWh(0, 1, Service)}, true},
		{"two elements", []Line{kWh(0, 0, Electricity), kWh(1, 1, Electricity)}, true},
		{"elements left out", []Line{kWh(3, 6, Electricity), kWh(3, 7, Service), kWh(6, 12, Electricity)}, true},
		{"elements left out, of one component each", []Line{kWh(3, 3, Electricity), kWh(6, 6, Electricity)}, true},
		{"the first element's component is not 0", []Line{kWh(0, 1, Electricity)}, false},
		{"fewer components than elements before", []Line{kWh(3, 2, Electricity)}, false},
		{"more components than elements before can have", []Line{kWh(3, 13, Electricity)}, false},
		{"fewer components than the elements left out", []Line{kWh(3, 3, Electricity), kWh(6, 5, Electricity)}, false},
		{"more components than the elements left out can have", []Line{kWh(3, 3, Electricity), kWh(6, 13, Electricity)}, false},
		{"a component between two neighbours", []Line{kWh(0, 0, Electricity), kWh(1, 2, Electricity)}, false},
		{"two quantities in one cell", []Line{charge(0, 0, Electricity, 1_000_000, all), charge(0, 1, Service, 2_000_000, all)}, false},
		{"one class twice in an element", []Line{kWh(0, 0, Electricity), kWh(0, 1, Electricity)}, false},
		{"one class twice under the same restrictions", []Line{charge(0, 0, Electricity, 1_000_000, all), charge(1, 1, Electricity, 1_000_000, all)}, false},
		{"two classes under the same restrictions", []Line{charge(0, 0, Electricity, 1_000_000, all), charge(1, 1, Service, 1_000_000, all)}, true},
		{"more elements than a tariff has", []Line{charge(64, 64, Electricity, 1_000_000, all)}, false},
		{"more energy than can be measured", []Line{charge(0, 0, Electricity, 3*MaxEnergy, all)}, false},
	} {
		var units int64
		for _, l := range c.lines {
			units += l.Amount.Units
		}
		bill := &Bill{Rules: Rules1, Rounding: halfUp2, Lines: c.lines,
			Net: cny(units, 2), Gross: cny(units, 2), Payable: cny(units, 2), Waived: cny(0, 2)}
		if err := bill.Exact.UnmarshalText([]byte(strconv.FormatInt(units/100, 10) + "/1")); err != nil {
			t.Fatal(err)
		}
		bill.ExactGross = bill.Exact
		if err := bill.Check(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrBill) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestCheckCatchesAForgedWaiver: more waived than there was to pay.
func TestCheckCatchesAForgedWaiver(t *testing.T) {
	bill := fullBill(t)
	last := &bill.Lines[len(bill.Lines)-1]
	bill.Waived.Units, last.Amount.Units = bill.Waived.Units+1000, last.Amount.Units-1000
	bill.Payable.Units -= 1000
	wantError(t, bill.Check(), ErrBill, "Waived")
}

func TestCheckNamesTheFault(t *testing.T) {
	for _, c := range []struct {
		change func(*Bill)
		want   error
		path   string
	}{
		{func(b *Bill) { *b = Bill{} }, ErrRules, "Rules"},
		{func(b *Bill) { b.Rounding.Mode = 9 }, ErrRounding, "Rounding.Mode"},
		{func(b *Bill) { b.Net.Currency = "???" }, ErrCurrency, "Net.Currency"},
		{func(b *Bill) { b.Net.Scale = 19 }, ErrScale, "Net.Scale"},
		{func(b *Bill) { b.Gross.Units++ }, ErrBill, "Gross"},
		{func(b *Bill) { b.Payable.Units++ }, ErrBill, "Payable"},
		{func(b *Bill) { b.Waived.Units++ }, ErrBill, "Lines[6:]"},
		{func(b *Bill) { b.Lines[2].Amount.Units++ }, ErrBill, "Lines[2].Amount"},
		{func(b *Bill) { b.Lines[3].Price.Units++ }, ErrBill, "Lines[3].Exact"},
		{func(b *Bill) { b.Lines[1].Billed++ }, ErrBill, "Lines[1].Billed"},
		{func(b *Bill) { b.Lines[1].Rate = 9 }, ErrRate, "Lines[1].Rate"},
		{func(b *Bill) { b.Lines[5].Amount.Currency = "EUR" }, ErrBill, "Lines[5].Amount"},
	} {
		bill := fullBill(t)
		c.change(bill)
		wantError(t, bill.Check(), c.want, c.path)
	}
}

// TestCheckSurvivesAnything: bills of any content give an error, never a panic.
func TestCheckSurvivesAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	var paths []string
	fields(reflect.ValueOf(fullBill(t)).Elem(), "", func(path string) {
		if !strings.HasSuffix(path, "Lines") && !strings.HasSuffix(path, "Windows") {
			paths = append(paths, path)
		}
	})
	for range 20_000 {
		bill := fullBill(t)
		for range 1 + r.IntN(4) {
			mutate(reflect.ValueOf(bill).Elem(), paths[r.IntN(len(paths))], (r.Int64()-1<<62)>>r.UintN(63)|1)
		}
		_ = bill.Check()
	}
}

func TestBillJSONRoundTrip(t *testing.T) {
	empty := priced(t, twoPrices(halfUp2), Limits{Scale: 2})
	for name, bill := range map[string]*Bill{"full": fullBill(t), "empty": empty} {
		text, err := json.Marshal(bill)
		if err != nil {
			t.Fatal(err)
		}
		var back Bill
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := back.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := json.Marshal(back)
		if err != nil || string(again) != string(text) {
			t.Errorf("%s: %s\ncomes back as %s, %v", name, text, again, err)
		}
	}
}

// TestBillJSON is written by hand: the published case of 1.83702, limited to 1.80.
func TestBillJSON(t *testing.T) {
	bill := priced(t, twoPrices(halfUp2), Limits{Scale: 2, Amount: 180}, Cell{0, 969_000}, Cell{1, 7_293_000})
	want := `{
  "rules": 1,
  "rounding": {
    "unit": "session",
    "mode": "half-up",
    "payable_decimals": 2
  },
  "exact": "91851/50000",
  "net": {
    "amount": "1.84",
    "currency": "EUR"
  },
  "gross": {
    "amount": "1.84",
    "currency": "EUR"
  },
  "payable": {
    "amount": "1.80",
    "currency": "EUR"
  },
  "waived": {
    "amount": "0.04",
    "currency": "EUR"
  },
  "lines": [
    {
      "kind": "charge",
      "rate": "peak",
      "dimension": "energy",
      "class": "electricity",
      "element": 0,
      "component": 0,
      "when": {
        "windows": [
          "06:00-22:00"
        ]
      },
      "measured_mWh": 969000,
      "billed_mWh": 969000,
      "price_per_kWh": {
        "amount": "0.24",
        "currency": "EUR"
      },
      "exact": "2907/12500",
      "amount": {
        "amount": "0.23",
        "currency": "EUR"
      }
    },
    {
      "kind": "charge",
      "rate": "valley",
      "dimension": "energy",
      "class": "electricity",
      "element": 1,
      "component": 1,
      "when": {
        "windows": [
          "22:00-06:00"
        ]
      },
      "measured_mWh": 7293000,
      "billed_mWh": 7293000,
      "price_per_kWh": {
        "amount": "0.22",
        "currency": "EUR"
      },
      "exact": "80223/50000",
      "amount": {
        "amount": "1.60",
        "currency": "EUR"
      }
    },
    {
      "kind": "residue",
      "amount": {
        "amount": "0.01",
        "currency": "EUR"
      }
    },
    {
      "kind": "waived",
      "amount": {
        "amount": "-0.04",
        "currency": "EUR"
      }
    }
  ]
}`
	got, err := json.MarshalIndent(bill, "", "  ")
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestJSONRefusals(t *testing.T) {
	for _, c := range []struct {
		name, text string
		dst        any
		want       error // nil: an error of encoding/json
	}{
		{"money as a number", `{"amount":1.5,"currency":"CNY"}`, new(Money), nil},
		{"money with another field", `{"amount":"1.5","currency":"CNY","tip":"1"}`, new(Money), nil},
		{"money in no currency", `{"amount":"1.5","currency":"yuan"}`, new(Money), ErrCurrency},
		{"money without an amount", `{"currency":"CNY"}`, new(Money), ErrSyntax},
		{"money beyond int64", `{"amount":"92233720368547758.08","currency":"CNY"}`, new(Money), ErrOverflow},
		{"money in other letters", `{"amount":"1.5","Currency":"CNY"}`, new(Money), ErrField},
		{"money twice", `{"amount":"1.5","amount":"2.5","currency":"CNY"}`, new(Money), ErrField},
		{"bill with another field", `{"rules":1,"discount":"all"}`, new(Bill), ErrField},
		{"bill of nothing", `{}`, new(Bill), ErrField},
		{"bill with its rounding twice", `{"rules":1,"rounding":{"unit":"session","Unit":"group","mode":"up","payable_decimals":2}}`, new(Bill), ErrField},
		{"line with another field", `{"kind":"charge","tip":1}`, new(Line), ErrField},
		{"energy in seconds", `{"kind":"charge","dimension":"energy","measured_s":1,"amount":{"amount":"1.5","currency":"CNY"}}`, new(Line), ErrField},
		{"residue with a quantity", `{"kind":"residue","measured_mWh":1,"amount":{"amount":"1.5","currency":"CNY"}}`, new(Line), ErrField},
		{"a tax in other letters", `{"kind":"tax","tax":{"Name":"A","rate_per_100000":1},"amount":{"amount":"1.5","currency":"CNY"}}`, new(Line), ErrField},
		{"line with another restriction", `{"kind":"charge","when":{"day_of_week":["monday"]}}`, new(Line), ErrField},
		{"line with windows of its own", `{"kind":"charge","windows":["08:00-11:00"]}`, new(Line), nil},
		{"restrictions with another field", `{"weather":"rain"}`, new(Restrictions), ErrField},
		{"restrictions as an array", `[]`, new(Restrictions), ErrSyntax},
		{"line of unknown kind", `{"kind":"gift"}`, new(Line), ErrSyntax},
		{"line without a kind", `{"kind":""}`, new(Line), ErrSyntax},
		{"fraction not in lowest terms", `"2/4"`, new(Exact), ErrSyntax},
		{"fraction over zero", `"1/0"`, new(Exact), ErrSyntax},
		{"negative zero", `"-0/1"`, new(Exact), ErrSyntax},
		{"leading zero", `"01/2"`, new(Exact), ErrSyntax},
		{"negative denominator", `"1/-2"`, new(Exact), ErrSyntax},
		{"fraction beyond 128 bits", `"340282366920938463463374607431768211456/1"`, new(Exact), ErrSyntax},
		{"window without an end", `"08:00"`, new(Window), ErrSyntax},
		{"window beyond the day", `"08:00-24:01"`, new(Window), ErrSyntax},
		{"minute 60", `"08:60-09:00"`, new(Window), ErrSyntax},
		{"needless seconds", `"08:00:00-09:00"`, new(Window), ErrSyntax},
		{"one digit", `"8:00-9:00"`, new(Window), ErrSyntax},
	} {
		err := json.Unmarshal([]byte(c.text), c.dst)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := new(Money).UnmarshalJSON([]byte(`{"amount":"1.5","currency":"CNY"} {}`)); !errors.Is(err, ErrSyntax) {
		t.Errorf("money with text behind it: %v", err)
	}
	if _, err := json.Marshal(Money{Units: 1}); !errors.Is(err, ErrCurrency) {
		t.Errorf("money without a currency: %v", err)
	}
	if _, err := json.Marshal(Line{Amount: cny(1, 2)}); !errors.Is(err, ErrBill) {
		t.Errorf("line without a kind: %v", err)
	}
}

func TestRestrictionsJSON(t *testing.T) {
	for want, r := range map[string]Restrictions{
		`{}`: {},
		`{"windows":["08:00-11:00"],"days":["sunday","saturday"],"from":"2026-10-01","until":"2026-10-08","energy_mWh":{"min":20000000},` +
			`"power_W":{"max":16000},"reservation":"reservation"}`: {Windows: []Window{hours(8, 11)}, Days: 1 | 1<<6,
			From: DateOf(2026, 10, 1), Until: DateOf(2026, 10, 8), Energy: Span{Min: 20_000_000}, Power: Span{Max: 16_000}, Reservation: AnyReservation},
	} {
		text, err := json.Marshal(r)
		if err != nil || string(text) != want {
			t.Errorf("%s, %v, want %s", text, err, want)
		}
		back := Restrictions{Days: 1}
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s comes back as %+v, %v", text, back, err)
		}
	}
}

func TestNamesRoundTrip(t *testing.T) {
	for r := range Rate(9) {
		roundTrip(t, r, new(Rate))
	}
	roundTrip(t, Energy, new(Dimension))
	for i := range uint8(4) {
		roundTrip(t, HalfUp+RoundingMode(i), new(RoundingMode))
		roundTrip(t, ChargeLine+LineKind(i), new(LineKind))
	}
	for i := range uint8(3) {
		roundTrip(t, PerSession+RoundingUnit(i), new(RoundingUnit))
	}
	roundTrip(t, Electricity, new(Class))
	roundTrip(t, Service, new(Class))
	for _, w := range []Window{hours(8, 11), hours(22, 6), hours(0, 24), hours(5, 0), {1, 86_399}} {
		roundTrip(t, w, new(Window))
	}
}

func roundTrip[T comparable](t *testing.T, v T, back *T) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, back)
	}
	if err != nil || *back != v {
		t.Errorf("%v is %s and comes back as %v, %v", v, text, *back, err)
	}
}
