// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// plain is a tariff of package tariff that OCPI can say.
func plain() *tariff.Tariff {
	return &tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 4},
		Elements: []tariff.Element{{Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 25, Step: 1000}}}}}
}

var head = Tariff{Version: V230, ID: "X", CountryCode: "DE", PartyID: "ALL", LastUpdated: "2025-01-01T00:00:00Z"}

func TestModelsThatOCPICannotSay(t *testing.T) {
	vat := func(rate int32) []tariff.Tax { return []tariff.Tax{{Name: "VAT", Rate: rate}} }
	idle := tariff.Component{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: 100}
	first := func(m *tariff.Tariff) *tariff.Element { return &m.Elements[0] }
	for _, tt := range []struct {
		name   string
		change func(*tariff.Tariff)
		path   string
	}{
		{"volume", func(m *tariff.Tariff) {
			first(m).Components[0] = tariff.Component{Dimension: tariff.Volume, Class: 2, Price: 1}
		}, "Elements[0].Components[0].Dimension"},
		{"a step within a Wh", func(m *tariff.Tariff) { first(m).Components[0].Step = 500 }, "Elements[0].Components[0].Step"},
		{"two taxes", func(m *tariff.Tariff) {
			first(m).Components[0].Taxes = []tariff.Tax{{Name: "GST", Rate: 5000}, {Name: "PST", Rate: 7000}}
		}, "Elements[0].Components[0].Taxes[1]"},
		{"a grace", func(m *tariff.Tariff) {
			first(m).Components = append(first(m).Components, idle)
			m.Idle.Grace = 900
		}, "Idle"},
		{"a cap", func(m *tariff.Tariff) {
			first(m).Components = append(first(m).Components, idle)
			m.Idle.SessionCap = 900
		}, "Idle"},
		{"charging time", func(m *tariff.Tariff) { first(m).When.Time.Max = 60 }, "Elements[0].When.Time"},
		{"volume so far", func(m *tariff.Tariff) { first(m).When.Volume.Max = 60 }, "Elements[0].When.Volume"},
		{"idle for", func(m *tariff.Tariff) {
			first(m).Components = []tariff.Component{idle}
			first(m).When.Idle.Min = 60
		}, "Elements[0].When.Idle"},
		{"a window within a minute", func(m *tariff.Tariff) { first(m).When.Windows = []tariff.Window{{From: 30, To: 3600}} }, "Elements[0].When.Windows[0]"},
		{"fees under different taxes", func(m *tariff.Tariff) {
			first(m).Components = append(first(m).Components, tariff.Component{Dimension: tariff.Energy, Class: tariff.Service, Price: 5, Step: 1000, Taxes: vat(6000)})
		}, "Elements[0].Components[1]"},
		{"fees under different steps", func(m *tariff.Tariff) {
			first(m).Components = append(first(m).Components, tariff.Component{Dimension: tariff.Energy, Class: tariff.Service, Price: 5})
		}, "Elements[0].Components[1]"},
		{"fees at different powers", func(m *tariff.Tariff) {
			m.Elements = append(m.Elements, tariff.Element{When: tariff.Restrictions{Power: tariff.Span{Max: 1000}}, Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Service, Price: 5}}})
		}, "Elements"},
		{"steps of time beside an occupancy fee", func(m *tariff.Tariff) {
			first(m).Components = []tariff.Component{{Dimension: tariff.TimeSpent, Class: tariff.Service, Price: 5, Step: 60}, idle}
		}, "Elements"},
		{"a gross limit under several taxes", func(m *tariff.Tariff) {
			first(m).Components = append(first(m).Components, tariff.Component{Dimension: tariff.FlatFee, Class: tariff.Service, Price: 5, Taxes: vat(6000)})
			m.Limit = tariff.PriceLimit{Max: 500, Gross: true}
		}, "Limit.Max"},
		{"a gross limit that is no net decimal", func(m *tariff.Tariff) {
			first(m).Components[0].Taxes = vat(19000)
			m.Limit = tariff.PriceLimit{Min: 500, Gross: true}
		}, "Limit.Min"},
	} {
		m := plain()
		tt.change(m)
		if err := m.Check(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		p, findings, err := FromModel(m, head)
		checkError(t, err, ErrInexpressible, tt.path)
		if p != nil || findings != nil {
			t.Errorf("%s: %v, %v beside an error", tt.name, p, findings)
		}
	}
	if _, _, err := FromModel(&tariff.Tariff{}, head); !errors.Is(err, tariff.ErrRules) {
		t.Errorf("no tariff: %v", err)
	}
	m := plain()
	m.Scale = 0
	m.Elements[0].Components = []tariff.Component{{Dimension: tariff.Energy, Class: 1, Price: 1<<63 - 1}, {Dimension: tariff.Energy, Class: 2, Price: 1<<63 - 1}}
	if _, _, err := FromModel(m, head); !errors.Is(err, tariff.ErrOverflow) {
		t.Errorf("a sum beyond reason: %v", err)
	}
}

func TestModelsWithLosses(t *testing.T) {
	m := plain()
	m.Rounding = tariff.Rounding{Unit: tariff.PerComponent, Mode: tariff.Up, Payable: 2}
	m.Elements[0].Rate = tariff.Valley
	m.Elements[0].Components[0].Taxes = []tariff.Tax{{Name: "GST", Rate: 5000}}
	m.Elements[0].Components = append(m.Elements[0].Components, tariff.Component{Dimension: tariff.Energy, Class: tariff.Service, Price: 5, Step: 1000, Taxes: m.Elements[0].Components[0].Taxes})
	p, findings, err := FromModel(m, head)
	if err != nil {
		t.Fatal(err)
	}
	for code, path := range map[Code]string{RoundingLost: "Rounding", TextLost: "Elements[0].Rate", FeesJoined: "Elements[0].Components[1]"} {
		if got := findPath(findings, code); got != path {
			t.Errorf("%s at %q, want %q", code, got, path)
		}
	}
	if c := p.Elements[0].Components[0]; c.Price.String() != "0.30" || c.VAT.String() != "5" || c.StepSize != 1 || p.TaxIncluded != TaxNo {
		t.Errorf("%+v", p)
	}
}

// A Chinese day of electricity and service fees is written as one price each.
func TestGridGoesOut(t *testing.T) {
	fee := func(class tariff.Class, price int64) tariff.Component {
		return tariff.Component{Dimension: tariff.Energy, Class: class, Price: price}
	}
	m := &tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 5, Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 4},
		Elements: []tariff.Element{ // the two fees apart, as nobody else writes them
			{Rate: tariff.Peak, When: tariff.Restrictions{Windows: []tariff.Window{{From: 8 * 3600, To: 12 * 3600}}}, Components: []tariff.Component{fee(tariff.Electricity, 120000)}},
			{Rate: tariff.Peak, When: tariff.Restrictions{Windows: []tariff.Window{{From: 8 * 3600, To: 12 * 3600}}}, Components: []tariff.Component{fee(tariff.Service, 40001)}},
			{Rate: tariff.Valley, Components: []tariff.Component{fee(tariff.Electricity, 30000)}},
			{Rate: tariff.Valley, Components: []tariff.Component{fee(tariff.Service, 40000)}},
		}}
	p, findings, err := FromModel(m, head)
	if err != nil || !hasCode(findings, FeesJoined) {
		t.Fatal(err, findings)
	}
	c := mustCDR(t, V230, strings.Replace(cdrText(V230, at("11:00"), at("13:00"), "", period(at("11:00"), "ENERGY 10")), "EUR", "CNY", 1))
	if r := mustPrice(t, c, PriceOptions{}, p); costs(r.Total) != "11.5001 11.5001" { // 5 × 1.60001 + 5 × .70
		t.Errorf("%s; %+v", costs(r.Total), p.Elements)
	}
}

func TestLimitsGoOut(t *testing.T) {
	for _, tt := range []struct {
		limit tariff.PriceLimit
		rate  int32
		want  string
	}{
		{tariff.PriceLimit{Max: 1000}, 20000, "10 12"},
		{tariff.PriceLimit{Max: 1200, Gross: true}, 20000, "10 12"},
		{tariff.PriceLimit{Max: 1000}, 0, "10 10"},
		{tariff.PriceLimit{Max: 1200, Gross: true}, 0, "12 12"},
	} {
		m := plain()
		m.Limit = tt.limit
		if tt.rate > 0 {
			m.Elements[0].Components[0].Taxes = []tariff.Tax{{Name: "VAT", Rate: tt.rate}}
		}
		p, _, err := FromModel(m, head)
		if err != nil || p.Max.ExclTax.String()+" "+p.Max.InclTax.String() != tt.want || p.Min != nil {
			t.Errorf("%+v: %+v, %v", tt, p.Max, err)
		}
	}
	m := plain()
	m.Limit.Max = 1000
	m.Elements[0].Components[0].Taxes = []tariff.Tax{{Name: "VAT", Rate: 20000}}
	m.Elements[0].Components = append(m.Elements[0].Components, tariff.Component{Dimension: tariff.FlatFee, Class: tariff.Service, Price: 5})
	if p, _, err := FromModel(m, head); err != nil || p.Max.InclTax != nil {
		t.Errorf("several taxes: %+v, %v", p, err)
	}
	m.TaxIncluded = true
	if p, _, err := FromModel(m, head); err != nil || p.TaxIncluded != TaxYes {
		t.Errorf("with taxes: %+v, %v", p, err)
	}
}

func TestTariffsWithoutModel(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		err            error
		path           string
		lint           bool // Lint finds it too
	}{
		{"two limits that do not follow", `"incl_vat": 0.55`, `"incl_vat": 0.60`, ErrInexpressible, "$.min_price", false},
		{"limits under several taxes", `"price": 0.5, "vat": 10`, `"price": 0.5, "vat": 20`, ErrInexpressible, "$.min_price", false},
		{"a maximum of 0", `{"excl_vat": 50, "incl_vat": 55}`, `{"excl_vat": 0}`, ErrInexpressible, "$.max_price", false},
		{"a limit below 0", `{"excl_vat": 50, "incl_vat": 55}`, `{"excl_vat": -1}`, ErrRange, "$.max_price.excl_vat", false},
		{"a limit of ten decimals", `{"excl_vat": 50, "incl_vat": 55}`, `{"excl_vat": 1.0123456789}`, ErrRange, "$.max_price.excl_vat", false},
		{"a price of ten decimals", `0.2500`, `0.0123456789`, ErrRange, "$.elements[0].price_components[0].price", true},
		{"a VAT of four decimals", `"vat": 10.0, "step_size": 1}`, `"vat": 10.0001, "step_size": 1}`, ErrRange, "$.elements[0].price_components[0].vat", true},
		{"a VAT beyond reason", `"vat": 10.0, "step_size": 1}`, `"vat": 99999999999, "step_size": 1}`, ErrRange, "$.elements[0].price_components[0].vat", true},
		{"a VAT of more than is held", `"vat": 10.0, "step_size": 1}`, `"vat": 1000.001, "step_size": 1}`, ErrRange, "$.elements[0].price_components[0].vat", true},
		{"a step of time beyond reason", `"step_size": 60`, `"step_size": 4611686018427387904`, ErrRange, "$.elements[1].price_components[0].step_size", true},
		{"a step of more than 1 MWh", `"vat": 10.0, "step_size": 1}`, `"vat": 10.0, "step_size": 1000001}`, ErrRange, "$.elements[0].price_components[0].step_size", true},
		{"a step beyond reason", `"vat": 10.0, "step_size": 1}`, `"vat": 10.0, "step_size": 9999999999}`, ErrRange, "$.elements[0].price_components[0].step_size", true},
		{"a price that does not fit beside another", `"price": 0.5,`, `"price": 9223372036854775807,`, ErrRange, "$.elements[0].price_components[1].price", true},
		{"energy below a mWh", `"min_kwh": 1`, `"min_kwh": 0.0000001`, ErrRange, "$.elements[0].restrictions.min_kwh", true},
		{"power below a W", `"max_power": 22`, `"max_power": 22.0001`, ErrRange, "$.elements[0].restrictions.max_power", true},
		{"energy beyond reason", `"max_kwh": 40.5`, `"max_kwh": 99999999999`, ErrRange, "$.elements[0].restrictions.max_kwh", true},
	} {
		p := mustTariff(t, V221, strings.Replace(full, tt.old, tt.new, 1))
		_, _, err := p.Model(Profile{})
		checkError(t, err, tt.err, tt.path)
		if got := findPath(p.Lint(Profile{}), NoModel); (got == tt.path) != tt.lint {
			t.Errorf("%s: lint says %q", tt.name, got)
		}
	}
	many := strings.Repeat(perKWh1+",", tariff.MaxElements) + perKWh1
	_, _, err := mustTariff(t, V221, tariffText(V221, "", many)).Model(Profile{})
	checkError(t, err, tariff.ErrElement, "$.elements")
	_, _, err = (&Tariff{Currency: "EUR", Elements: []Element{{Components: []PriceComponent{{Type: "HEAT"}}}}}).Model(Profile{})
	checkError(t, err, ErrValue, "$.elements[0].price_components[0].type")
}

func TestLint(t *testing.T) {
	for _, tt := range []struct {
		old, new string
		code     Code
		path     string
	}{
		{`"incl_vat": 55`, `"incl_vat": 45`, BelowTax, "$.max_price"},
		{`"excl_vat": 0.50, "incl_vat": 0.55`, `"excl_vat": 60, "incl_vat": 66`, MinAboveMax, "$.min_price"},
		{`"excl_vat": 0.50, "incl_vat": 0.55`, `"excl_vat": 0.5, "incl_vat": 66`, MinAboveMax, "$.min_price"},
		{`"min_kwh": 1,`, `"min_kwh": 50,`, NeverApplies, "$.elements[0]"},
		{`"type": "FLAT"`, `"type": "ENERGY"`, SecondPrice, "$.elements[0].price_components[1]"},
		{`"type": "TIME"`, `"type": "PARKING_TIME"`, NeverApplies, "$.elements[1].price_components[0]"},
	} {
		if got := findPath(mustTariff(t, V221, strings.Replace(full, tt.old, tt.new, 1)).Lint(Profile{}), tt.code); got != tt.path {
			t.Errorf("%s: at %q, want %q", tt.code, got, tt.path)
		}
	}
	if findings := mustTariff(t, V221, full).Lint(Profile{}); len(findings) > 0 {
		t.Errorf("nothing is wrong: %v", findings)
	}
}
