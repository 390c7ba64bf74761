// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff"
)

// fullTariff uses every field of the form, and fullTariffJSON is the form.
func fullTariff() *Tariff {
	return &Tariff{
		Rules: Rules1, Currency: "EUR", Scale: 3, TaxIncluded: true,
		Rounding: Rounding{Unit: PerGroup, Mode: HalfEven, Payable: 1},
		Limit:    PriceLimit{Min: 500, Max: 100_000, Gross: true},
		Idle:     IdleRule{Grace: 900, PerEpisode: true, Retroactive: true, SessionCap: 50_000, PeriodCap: 10_000, Period: PerLocalDay},
		Elements: []Element{{
			Rate: DeepValley,
			When: Restrictions{
				Windows: []Window{{61_200, 86_400}, {79_200, 21_630}}, Days: 1<<1 | 1<<6,
				From: DateOf(2026, 5, 1), Until: DateOf(2027, 1, 1),
				Energy: Span{1, 2}, Time: Span{0, 4}, Volume: Span{5, 0}, Power: Span{7, 8}, Current: Span{9, 10},
				Duration: Span{11, 12}, Idle: Span{13, 14},
			},
			Components: []Component{
				{Dimension: Energy, Class: Electricity, Price: 250, Step: 500_000, Taxes: []Tax{{"VAT", 19_000, 0}, {"", 5_205, 1}}},
				{Dimension: TimeSpent, Class: Service, Price: -1, Step: 60},
				{Dimension: IdleTime, Class: Occupancy, Step: 900},
				{Dimension: Volume, Class: OtherFee, Price: 12_345, Step: 100},
			}}, {
			When:       Restrictions{Reservation: ExpiredReservation},
			Components: []Component{{Dimension: FlatFee, Class: OtherFee, Price: 4000}},
		}},
	}
}

const fullTariffJSON = `{"rules":1,"currency":"EUR","rounding":{"unit":"group","mode":"half-even","payable_decimals":1},` +
	`"tax_included":true,"limit":{"min":"0.500","max":"100.000","gross":true},` +
	`"idle":{"grace_s":900,"per_episode":true,"retroactive":true,"session_cap":"50.000","period_cap":"10.000","period":"local-day"},` +
	`"elements":[{"rate":"deep-valley","when":{"windows":["17:00-24:00","22:00-06:00:30"],"days":["monday","saturday"],` +
	`"from":"2026-05-01","until":"2027-01-01","energy_mWh":{"min":1,"max":2},"time_s":{"max":4},"volume_mL":{"min":5},` +
	`"power_W":{"min":7,"max":8},"current_mA":{"min":9,"max":10},"duration_s":{"min":11,"max":12},"idle_s":{"min":13,"max":14}},` +
	`"components":[{"dimension":"energy","class":"electricity","price_per_kWh":"0.250","step_mWh":500000,` +
	`"taxes":[{"name":"VAT","percent":"19"},{"percent":"5.205","stack":1}]},` +
	`{"dimension":"time","class":"service","price_per_hour":"-0.001","step_s":60},` +
	`{"dimension":"idle","class":"occupancy","price_per_hour":"0.000","step_s":900},` +
	`{"dimension":"volume","class":"other","price_per_L":"12.345","step_mL":100}]},` +
	`{"when":{"reservation":"expired-reservation"},"components":[{"dimension":"flat","class":"other","price":"4.000"}]}]}`

func TestTariffJSON(t *testing.T) {
	text := must[[]byte](t)(json.Marshal(fullTariff()))
	if string(text) != fullTariffJSON {
		t.Errorf("got  %s\nwant %s", text, fullTariffJSON)
	}
	var back Tariff
	if err := json.Unmarshal([]byte(fullTariffJSON), &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&back, fullTariff()) {
		t.Errorf("got  %+v\nwant %+v", &back, fullTariff())
	}
}

// fullSession uses every field of the form.
func fullSession() Session {
	return Session{
		Limits: Limits{Energy: 1, Volume: 2, Duration: 3, Feedback: 11, Amount: 20_000, Scale: 2,
			Facts: Facts{Reserved: 900, Expired: true, Energy: 4, Time: 5, Volume: 6}},
		Offsets: []Offset{{Seconds: 28_800}, {From: 1_761_440_400, Seconds: -12_645}},
		Readings: []Reading{{At: 1_772_442_000, Phase: Reserved},
			{At: 1_772_442_001, Energy: 7, Volume: 8, Power: -9, Current: 10, Phase: Idle}},
	}
}

const fullSessionJSON = `{"limits":{"decimals":2,"amount":"200.00","energy_mWh":1,"volume_mL":2,"duration_s":3,"feedback_mWh":11,` +
	`"facts":{"reserved_s":900,"expired":true,"energy_mWh":4,"time_s":5,"volume_mL":6}},` +
	`"offsets":[{"utc_offset":"+08:00"},{"from":"2025-10-26T01:00:00Z","utc_offset":"-03:30:45"}],` +
	`"readings":[{"at":"2026-03-02T09:00:00Z","phase":"reserved"},` +
	`{"at":"2026-03-02T09:00:01Z","phase":"idle","energy_mWh":7,"volume_mL":8,"power_W":-9,"current_mA":10}]}`

func TestSessionJSON(t *testing.T) {
	text := must[[]byte](t)(json.Marshal(fullSession()))
	if string(text) != fullSessionJSON {
		t.Errorf("got  %s\nwant %s", text, fullSessionJSON)
	}
	var back Session
	if err := json.Unmarshal([]byte(fullSessionJSON), &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, fullSession()) {
		t.Errorf("got  %+v\nwant %+v", back, fullSession())
	}
}

// TestJSONOfRandomWorlds: tariffs and sessions over all features come back as
// they were, and no two have the same form.
func TestJSONOfRandomWorlds(t *testing.T) {
	seen := map[string]int{}
	for run := range 2000 {
		w := randomWorld(rand.New(rand.NewPCG(95, uint64(run))))
		text := must[[]byte](t)(json.Marshal(w.tariff))
		var back Tariff
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("run %d: %v\n%s", run, err, text)
		}
		if again := must[[]byte](t)(json.Marshal(&back)); string(again) != string(text) || fmt.Sprint(&back) != fmt.Sprint(w.tariff) {
			t.Fatalf("run %d: %+v\nbecame %+v", run, w.tariff, &back)
		}
		if before, ok := seen[string(text)]; ok {
			t.Fatalf("runs %d and %d have one form", before, run)
		}
		seen[string(text)] = run
		s := Session{w.limits, w.offsets, w.readings}
		text = must[[]byte](t)(json.Marshal(s))
		var session Session
		if err := json.Unmarshal(text, &session); err != nil || !reflect.DeepEqual(s, session) {
			t.Fatalf("run %d: %v: %+v\nbecame %+v", run, err, s, session)
		}
	}
}

// TestJSONScale: the largest number of decimals is the scale of all amounts.
func TestJSONScale(t *testing.T) {
	text := strings.NewReplacer(`"0.250"`, `"0.25"`, `"-0.001"`, `"-0.00001"`, `"12.345"`, `"12"`).Replace(fullTariffJSON)
	var got Tariff
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Elements[0].Components
	if got.Scale != 5 || c[0].Price != 25_000 || c[1].Price != -1 || c[3].Price != 1_200_000 || got.Limit.Min != 50_000 || got.Idle.PeriodCap != 1_000_000 {
		t.Errorf("%+v", &got)
	}
}

// TestTariffJSONRefusals: what a writer may get wrong is found, and where.
func TestTariffJSONRefusals(t *testing.T) {
	component := `elements[0].components[0]`
	for _, c := range []struct {
		name, old, new string
		want           error
		path           string
	}{
		{"a restriction of another format", `"days"`, `"day_of_week"`, ErrField, "elements[0].when.day_of_week"},
		{"another case", `"rules"`, `"Rules"`, ErrField, "Rules"},
		{"a field twice", `"tax_included":true`, `"currency":"EUR"`, ErrField, "currency"},
		{"no name at all", `"tax_included"`, `""`, ErrField, ""},
		{"no rules", `"rules":1,`, ``, ErrField, "rules"},
		{"no rounding mode", `"mode":"half-even",`, ``, ErrField, "rounding.mode"},
		{"no elements", `"elements"`, `"element"`, ErrField, "element"},
		{"no dimension", `"dimension":"energy",`, ``, ErrField, component + ".dimension"},
		{"no class", `,"class":"electricity"`, ``, ErrField, component + ".class"},
		{"no price", `"price_per_kWh":"0.250",`, ``, ErrField, component + ".price_per_kWh"},
		{"a price of another dimension", `"price_per_kWh"`, `"price_per_hour"`, ErrField, component + ".price_per_hour"},
		{"a step of another dimension", `"step_mWh":500000`, `"step_s":5`, ErrField, component + ".step_s"},
		{"a step of a flat fee", `"price":"4.000"`, `"price":"4.000","step_s":1`, ErrField, "elements[1].components[0].step_s"},
		{"no percentage", `{"percent":"5.205","stack":1}`, `{"stack":1}`, ErrField, component + ".taxes[1].percent"},
		{"null", `"tax_included":true`, `"tax_included":null`, ErrSyntax, "tax_included"},
		{"null elements", `"elements":[`, `"elements":null,"x":[`, ErrSyntax, "elements"},
		{"a number for a word", `"currency":"EUR"`, `"currency":5`, ErrSyntax, "currency"},
		{"a number for an amount", `"min":"0.500"`, `"min":0.5`, ErrSyntax, "limit.min"},
		{"a number for a rate", `"deep-valley"`, `5`, ErrSyntax, "elements[0].rate"},
		{"a number for a percentage", `"5.205"`, `5.205`, ErrSyntax, component + ".taxes[1].percent"},
		{"a percentage in words", `"5.205"`, `"five"`, ErrSyntax, component + ".taxes[1].percent"},
		{"an amount with an exponent", `"0.250"`, `"25e-2"`, ErrSyntax, component + ".price_per_kWh"},
		{"an integer with a point", `"grace_s":900`, `"grace_s":900.0`, ErrSyntax, "idle.grace_s"},
		{"an integer in quotes", `"grace_s":900`, `"grace_s":"900"`, ErrSyntax, "idle.grace_s"},
		{"an unknown word", `"half-even"`, `"bankers"`, ErrSyntax, "rounding.mode"},
		{"an unknown day", `"monday"`, `"Monday"`, ErrSyntax, "elements[0].when.days[0]"},
		{"a day twice", `"monday"`, `"saturday"`, ErrField, "elements[0].when.days[1]"},
		{"a day that no month has", `2026-05-01`, `2026-02-29`, ErrSyntax, "elements[0].when.from"},
		{"the day before the first", `2026-05-01`, `1970-01-01`, ErrSyntax, "elements[0].when.from"},
		{"a window past midnight", `17:00-24:00`, `17:00-25:00`, ErrSyntax, "elements[0].when.windows[0]"},
		{"an array for an object", `{"min":1,"max":2}`, `[1,2]`, ErrSyntax, "elements[0].when.energy_mWh"},
		{"rules beyond a byte", `"rules":1`, `"rules":257`, ErrOverflow, "rules"},
		{"an integer beyond 64 bits", `"grace_s":900`, `"grace_s":9223372036854775808`, ErrOverflow, "idle.grace_s"},
		{"ten decimals", `"0.250"`, `"0.2500000000"`, ErrScale, component + ".price_per_kWh"},
		{"an amount too large at the scale", `"0.250"`, `"9223372036854775.808"`, ErrOverflow, component + ".price_per_kWh"},
		{"an amount too large at another's scale", `"min":"0.500"`, `"min":"9223372036854775807"`, ErrOverflow, "limit.min"},
		{"a percentage with four decimals", `"5.205"`, `"5.2051"`, ErrScale, component + ".taxes[1].percent"},
		{"a percentage beyond 32 bits", `"5.205"`, `"2147484"`, ErrOverflow, component + ".taxes[1].percent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(fullTariffJSON, c.old, c.new, 1)
			if text == fullTariffJSON {
				t.Fatal("nothing was replaced")
			}
			var got Tariff
			wantError(t, json.Unmarshal([]byte(text), &got), c.want, c.path)
			if !reflect.DeepEqual(got, Tariff{}) {
				t.Error("the tariff was written to")
			}
		})
	}
}

func TestSessionJSONRefusals(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           error
		path           string
	}{
		{"a misspelt fact", `"reserved_s"`, `"reservation_s"`, ErrField, "limits.facts.reservation_s"},
		{"a limit twice", `"energy_mWh":1`, `"decimals":2`, ErrField, "limits.decimals"},
		{"no decimals", `"decimals":2,`, ``, ErrField, "limits.decimals"},
		{"no phase", `,"phase":"reserved"`, ``, ErrField, "readings[0].phase"},
		{"an amount with more decimals", `"200.00"`, `"200.001"`, ErrScale, "limits.amount"},
		{"an amount too large at the scale", `"200.00"`, `"9223372036854775807"`, ErrOverflow, "limits.amount"},
		{"more decimals than there are", `"decimals":2`, `"decimals":19`, ErrScale, "limits.decimals"},
		{"an instant with an offset", `09:00:00Z`, `09:00:00+00:00`, ErrSyntax, "readings[0].at"},
		{"an instant with a fraction", `09:00:00Z`, `09:00:00.5Z`, ErrSyntax, "readings[0].at"},
		{"a second zero", `"+08:00"`, `"-00:00"`, ErrSyntax, "offsets[0].utc_offset"},
		{"an offset without a sign", `"+08:00"`, `"08:00"`, ErrSyntax, "offsets[0].utc_offset"},
		{"an unknown phase", `"idle"`, `"parking"`, ErrSyntax, "readings[1].phase"},
		{"a power beyond 32 bits", `"power_W":-9`, `"power_W":2147483648`, ErrOverflow, "readings[1].power_W"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got Session
			wantError(t, json.Unmarshal([]byte(strings.Replace(fullSessionJSON, c.old, c.new, 1)), &got), c.want, c.path)
		})
	}
}

// TestJSONOfWhatHasNone: values that the form cannot hold are refused, not bent.
func TestJSONOfWhatHasNone(t *testing.T) {
	change := func(f func(*Tariff)) *Tariff { t := fullTariff(); f(t); return t }
	for _, c := range []struct {
		name  string
		value any
		want  error
	}{
		{"a tariff without components", &Tariff{Rules: Rules1, Scale: 3}, ErrElement},
		{"a step of a flat fee", change(func(t *Tariff) { t.Elements[1].Components[0].Step = 1 }), ErrStep},
		{"a ninth day", change(func(t *Tariff) { t.Elements[0].When.Days = 255 }), ErrRestriction},
		{"a date before the first", change(func(t *Tariff) { t.Elements[0].When.From = -1 }), ErrRestriction},
		{"an unknown period", change(func(t *Tariff) { t.Idle.Period = 3 }), ErrIdle},
		{"an unknown mode", change(func(t *Tariff) { t.Rounding.Mode = 0 }), ErrRounding},
		{"an unknown phase", Session{Readings: []Reading{{Phase: 3}}}, ErrReading},
		{"a reading in the year 10000", Session{Readings: []Reading{{At: 253402300800}}}, ErrReading},
		{"an offset of two days", Session{Offsets: []Offset{{Seconds: 172_800}}}, ErrOffsets},
	} {
		t.Run(c.name, func(t *testing.T) {
			if text, err := json.Marshal(c.value); !errors.Is(err, c.want) {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
}

// TestJSONUnmarshalDirectly: without encoding/json in front, which looks at the
// syntax first, a text that is no object is refused all the same.
func TestJSONUnmarshalDirectly(t *testing.T) {
	for _, text := range []string{"", "null", "[]", `{"rules"`, `{"rules":}`, `{"rules":1`, fullTariffJSON + "{}", `{"rules":1]`} {
		if err := new(Tariff).UnmarshalJSON([]byte(text)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzTariffJSON: what is read is written so that it is read as the same again.
func FuzzTariffJSON(f *testing.F) {
	f.Add([]byte(fullTariffJSON), []byte(fullSessionJSON))
	f.Add([]byte(`{"elements":[{"components":[{"price":"-0","class":"other","dimension":"flat"}],"rate":"unnamed"}],`+
		`"rounding":{"mode":"up","unit":"session","payable_decimals":9},"currency":"KWD","rules":255,"idle":{"period":"none"}}`),
		[]byte(`{"readings":[],"offsets":[],"limits":{"decimals":18,"amount":"-0.0"}}`))
	f.Fuzz(func(t *testing.T, tariff, session []byte) {
		var a, b Tariff
		if json.Unmarshal(tariff, &a) == nil && len(a.Elements) > 0 && len(a.Elements[0].Components) > 0 {
			text := must[[]byte](t)(json.Marshal(&a))
			if err := json.Unmarshal(text, &b); err != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("%v: %s\n%+v\n%+v", err, text, &a, &b)
			}
		}
		var s, r Session
		if json.Unmarshal(session, &s) == nil {
			text := must[[]byte](t)(json.Marshal(s))
			if err := json.Unmarshal(text, &r); err != nil || !reflect.DeepEqual(s, r) {
				t.Errorf("%v: %s\n%+v\n%+v", err, text, s, r)
			}
		}
	})
}
