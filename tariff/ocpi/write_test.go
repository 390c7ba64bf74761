// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// What a version cannot say, at its path.
func TestVersionsThatCannotSayIt(t *testing.T) {
	component := func(more, restrictions string) string {
		return `{"price_components": [{"type": "TIME", "price": 1.00` + more + `, "step_size": 1}], "restrictions": {` + restrictions + `}}`
	}
	for _, tt := range []struct {
		more, elements string
		since          Version // the first that can
		path           string
	}{
		{"", component(`, "vat": 10`, ""), V221, "$.elements[0].price_components[0].vat"},
		{`"min_price": {"excl_vat": 1}, `, component("", ""), V221, "$.min_price"},
		{`"max_price": {"excl_vat": 1}, `, component("", ""), V221, "$.max_price"},
		{`"start_date_time": "2025-01-01T00:00:00Z", `, component("", ""), V221, "$.start_date_time"},
		{`"end_date_time": "2025-01-01T00:00:00Z", `, component("", ""), V221, "$.end_date_time"},
		{"", component("", `"min_current": 6`), V221, "$.elements[0].restrictions.min_current"},
		{"", component("", `"max_current": 6`), V221, "$.elements[0].restrictions.max_current"},
		{"", component("", `"reservation": "RESERVATION"`), V221, "$.elements[0].restrictions.reservation"},
		{`"tax_included": "YES", `, component("", ""), V230, "$.tax_included"},
		{`"tax_included": "N/A", `, component("", ""), V221, "$.tax_included"},
		{`"tax_included": "NO", `, component("", ""), V230, "$.tax_included"},
		{`"tax_included": "NO", `, component(`, "vat": 10`, ""), V221, "$.elements[0].price_components[0].vat"},
		{`"tax_included": "N/A", `, component(`, "vat": 10`, ""), V230, "$.tax_included"},
		{"", component("", ""), V211, ""},
	} {
		for v := V211; v <= V230; v++ {
			p := mustTariff(t, V221, tariffText(V221, tt.more, tt.elements))
			p.Version = v
			text, err := WriteTariff(p)
			if v == V211 && tt.more == `"tax_included": "NO", ` && !strings.Contains(tt.elements, `"vat"`) {
				continue // nobody tells of taxes there: they stay unknown
			}
			if v < tt.since {
				if v == V211 && strings.Contains(tt.elements, `"vat"`) {
					checkError(t, err, ErrInexpressible, "$.elements[0].price_components[0].vat")
					continue
				}
				checkError(t, err, ErrInexpressible, tt.path)
				continue
			}
			back, findings, err2 := ReadTariff(text, Options{v})
			if err != nil || err2 != nil || len(findings) > 0 {
				t.Errorf("%v of %s: %v, %v, %v\n%s", v, tt.path, err, err2, findings, text)
				continue
			}
			p.TaxIncluded = back.TaxIncluded // always said, or never
			if v == V211 {
				p.CountryCode, p.PartyID = "", ""
			}
			if !reflect.DeepEqual(p, back) {
				t.Errorf("%v came back as %+v, was %+v", v, back, p)
			}
		}
	}
}

func TestTariffsThatCannotBeWritten(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Tariff)
		err    error
		path   string
	}{
		{"no version", func(p *Tariff) { p.Version = Detect }, ErrVersion, "$"},
		{"no id", func(p *Tariff) { p.ID = "" }, ErrMissing, "$.id"},
		{"no country", func(p *Tariff) { p.CountryCode = "" }, ErrMissing, "$.country_code"},
		{"no date", func(p *Tariff) { p.LastUpdated = "" }, ErrMissing, "$.last_updated"},
		{"no currency", func(p *Tariff) { p.Currency = "" }, tariff.ErrCurrency, "$.currency"},
		{"no elements", func(p *Tariff) { p.Elements = nil }, ErrMissing, "$.elements[0]"},
		{"no such time", func(p *Tariff) { p.Elements[0].When.StartTime = "noon" }, ErrTime, "$.elements[0].restrictions.start_time"},
		{"no such word", func(p *Tariff) { p.TaxIncluded = 9 }, ErrValue, "$.tax_included"},
		{"no such reservation", func(p *Tariff) { p.Elements[1].When.Reservation = 9 }, ErrValue, "$.elements[1].restrictions.reservation"},
	} {
		p := mustTariff(t, Detect, full)
		tt.change(p)
		_, err := WriteTariff(p)
		if tt.err == ErrInexpressible {
			t.Error("wrong table")
		}
		checkError(t, err, tt.err, tt.path)
	}
}

func TestFullTariffComesBack(t *testing.T) {
	p := mustTariff(t, Detect, full)
	for _, v := range []Version{V221, V230} {
		p.Version, p.TaxIncluded = v, TaxNotSaid
		if v == V230 {
			p.TaxIncluded = TaxNo
		}
		text, err := WriteTariff(p)
		if err != nil {
			t.Fatal(err)
		}
		back, findings, err := ReadTariff(text, Options{})
		if err != nil || len(findings) > 0 || !reflect.DeepEqual(back, p) {
			t.Errorf("%v: %v, %v\n%s", v, findings, err, text)
		}
	}
}

// OCPI → ours → OCPI → ours is ours.
func TestRoundTrip(t *testing.T) {
	texts := []string{strings.NewReplacer(`"excl_vat": 50,`, `"excl_vat": 50.0,`).Replace(full)}
	for _, tt := range worked {
		texts = append(texts, tariffText(V221, tt.more, tt.elements))
	}
	for _, tt := range switches {
		if tt.name != "Limits" { // has no model
			texts = append(texts, tariffText(V221, tt.more, tt.elements))
		}
	}
	for seed := range uint64(200) {
		elements, _, _ := world(rand.New(rand.NewPCG(seed, 3)))
		var parts []string
		for i := range elements {
			parts = append(parts, elements[i].json())
		}
		if len(parts) > 0 {
			texts = append(texts, tariffText(V221, "", strings.Join(parts, ",")))
		}
	}
	for _, text := range texts {
		first := mustTariff(t, Detect, text)
		m, _, err := first.Model(Profile{})
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for v := V211; v <= V230; v++ {
			again, _, err := FromModel(m, Tariff{Version: v, ID: "X", CountryCode: "DE", PartyID: "ALL", LastUpdated: "2025-01-01T00:00:00Z"})
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			written, err := WriteTariff(again)
			if v == V211 && err != nil {
				checkSentinel(t, err, ErrInexpressible)
				continue
			}
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			back := mustTariff(t, v, string(written))
			n, _, err := back.Model(Profile{})
			if err != nil {
				t.Fatalf("%v in %s", err, written)
			}
			want, err1 := m.Normalize()
			got, err2 := n.Normalize()
			if err1 != nil || err2 != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %v, %v\n%s\n%s\nis %+v\nnot %+v", v, err1, err2, text, written, got, want)
			}
		}
	}
}

func checkSentinel(t *testing.T, err, want error) {
	t.Helper()
	e, ok := err.(*Error)
	if !ok || e.Err != want || !strings.HasPrefix(e.Path, "$.") {
		t.Errorf("error %v, want %v", err, want)
	}
}

// A priced CDR holds its costs and all that it held before.
func TestWriteCDR(t *testing.T) {
	for _, tt := range []struct {
		v    Version
		want string
	}{
		{V211, `{"total_cost": 6.7500}`},
		{V221, `{"total_cost": {"excl_vat": 6.7500, "incl_vat": 7.6000}, "total_fixed_cost": {"excl_vat": 0.5000, "incl_vat": 0.6000},
			"total_energy_cost": {"excl_vat": 5.0000, "incl_vat": 5.5000}, "total_reservation_cost": {"excl_vat": 1.2500, "incl_vat": 1.5000}}`},
		{V230, `{"total_cost": {"before_taxes": 6.7500, "taxes": [{"name": "VAT", "amount": 0.5000, "percentage": 10}, {"name": "VAT", "amount": 0.3500, "percentage": 20}]},
			"total_fixed_cost": {"before_taxes": 0.5000, "taxes": [{"name": "VAT", "amount": 0.1000, "percentage": 20}]},
			"total_energy_cost": {"before_taxes": 5.0000, "taxes": [{"name": "VAT", "amount": 0.5000, "percentage": 10}]},
			"total_reservation_cost": {"before_taxes": 1.2500, "taxes": [{"name": "VAT", "amount": 0.2500, "percentage": 20}]}}`},
	} {
		periods := period("2025-06-02T11:45:00Z", "RESERVATION_TIME 0.25") + "," + period(noon, "ENERGY 20")
		text := cdrText(tt.v, "2025-06-02T11:45:00Z", one, `"total_parking_cost": 3, "x_custom": [1.50, null, true, "ü<"], "total_energy": 20, `, periods)
		c := mustCDR(t, tt.v, text)
		r := mustPrice(t, c, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", reserve5+","+start50)))
		out, err := WriteCDR(c, r)
		if err != nil {
			t.Fatal(err)
		}
		var want, got, before map[string]any
		for _, d := range []struct {
			text string
			dst  *map[string]any
		}{{tt.want, &want}, {string(out), &got}, {text, &before}} {
			if err := json.Unmarshal([]byte(d.text), d.dst); err != nil {
				t.Fatal(err)
			}
		}
		delete(before, "total_parking_cost")
		for k, v := range before {
			want[k] = v
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %s", tt.v, out)
		}
		again := mustCDR(t, tt.v, string(out))
		if r := mustPrice(t, again, PriceOptions{}, mustTariff(t, V221, tariffText(V221, "", reserve5+","+start50))); hasCode(r.Findings, CostDiffers) {
			t.Errorf("%v: its own cost differs: %v", tt.v, r.Findings)
		}
	}
}

func TestWriteCDRWithLimitsAndWithoutTaxes(t *testing.T) {
	c := mustCDR(t, V230, cdrText(V230, noon, one, "", period(noon, "ENERGY 12")))
	p := mustTariff(t, V221, tariffText(V221, `"max_price": {"excl_vat": 10.00, "incl_vat": 11.00}, `, `{"price_components": [{"type": "ENERGY", "price": 1, "vat": 20, "step_size": 1}]}`))
	r := mustPrice(t, c, PriceOptions{}, p)
	out, err := WriteCDR(c, r)
	back := mustCDR(t, V230, string(out))
	if err != nil || back.TotalCost.ExclTax.String() != "10.0000" || back.TotalCost.InclTax.String() != "11.0000" || !strings.Contains(string(out), `"adjustment"`) {
		t.Errorf("%v\n%s", err, out)
	}
	r = mustPrice(t, c, PriceOptions{Profile: Profile{MissingTax: UnknownTax}}, mustTariff(t, V221, tariffText(V221, "", perKWh1)))
	if out, err = WriteCDR(c, r); err != nil || strings.Contains(string(out), "tax") && strings.Contains(string(out), `"taxes"`) {
		t.Errorf("%v\n%s", err, out)
	}
	r.Currency = "SEK"
	_, err = WriteCDR(c, r)
	checkError(t, err, ErrCurrency, "$.currency")
	_, err = WriteCDR(&CDR{}, r)
	checkError(t, err, ErrMissing, "$")
}
