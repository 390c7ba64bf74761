// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"fmt"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

const exampleTariff = `{
  "country_code": "NL", "party_id": "ALF", "id": "16", "currency": "EUR", "last_updated": "2025-01-01T00:00:00Z",
  "elements": [
    {"price_components": [{"type": "ENERGY", "price": 0.40, "vat": 21, "step_size": 1}], "restrictions": {"start_time": "17:00", "end_time": "20:00"}},
    {"price_components": [{"type": "ENERGY", "price": 0.25, "vat": 21, "step_size": 1}], "restrictions": {"dayOfWeek": ["SUNDAY"]}}
  ]}`

// A misspelt restriction restricts nothing, and is told.
func ExampleReadTariff() {
	t, findings, err := ocpi.ReadTariff([]byte(exampleTariff), ocpi.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Version, t.ID, t.Elements[0].Components[0].Price)
	for _, f := range findings {
		fmt.Println(f)
	}
	// Output:
	// 2.2.1 16 0.40
	// misspelt-field at $.elements[1].restrictions.dayOfWeek: day_of_week
}

// What cannot be read is an error with the JSON path.
func ExampleReadCDR() {
	_, _, err := ocpi.ReadCDR([]byte(`{"id": "7", "currency": "EUR", "start_date_time": "2025-06-02T14:30:00Z", "charging_periods": [
		{"start_date_time": "2025-06-02T14:30:00Z", "dimensions": [{"type": "ENERGY", "volume": "20"}]}]}`), ocpi.Options{})
	fmt.Println(err)
	// Output:
	// ocpi: wrong type at $.charging_periods[0].dimensions[0].volume
}

func ExamplePrice() {
	t, _, err := ocpi.ReadTariff([]byte(exampleTariff), ocpi.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, _, err := ocpi.ReadCDR([]byte(`{"id": "7", "currency": "EUR", "cdr_location": {"country": "NLD"},
		"start_date_time": "2025-06-02T14:30:00Z", "end_date_time": "2025-06-02T15:30:00Z", "charging_periods": [
		{"start_date_time": "2025-06-02T14:30:00Z", "dimensions": [{"type": "ENERGY", "volume": 20.001}]}]}`), ocpi.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	amsterdam := time.FixedZone("CEST", 2*3600) // or time.LoadLocation of what c.Zone says
	from, to := c.Span()
	offsets := tariff.OffsetsIn(amsterdam, time.Unix(from, 0), time.Unix(to, 0))
	r, err := ocpi.Price(c, []*ocpi.Tariff{t}, ocpi.PriceOptions{Offsets: offsets})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range r.Lines {
		fmt.Println(l.Kind, l.Dimension, l.Billed, l.Unit, "at", l.Price, "is", l.Cost.ExclTax)
	}
	fmt.Println(r.Total.ExclTax, r.Total.InclTax, r.Total.ExactIncl)
	// Output:
	// charge ENERGY 10.0005 kWh at 0.40 EUR is 4.0002 EUR
	// charge ENERGY 10.0005 kWh at 0.25 EUR is 2.5001 EUR
	// 6.5003 EUR 7.8654 EUR 31461573/4000000
}

func ExampleWriteTariff() {
	m := &tariff.Tariff{Rules: tariff.Rules1, Currency: "EUR", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 4},
		Elements: []tariff.Element{{Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 25, Step: 1000,
			Taxes: []tariff.Tax{{Name: "VAT", Rate: 21000}}}}}}}
	t, _, err := ocpi.FromModel(m, ocpi.Tariff{Version: ocpi.V211, ID: "16", LastUpdated: "2025-01-01T00:00:00Z"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err = ocpi.WriteTariff(t); err != nil {
		fmt.Println(err)
	}
	t.Version, t.CountryCode, t.PartyID = ocpi.V221, "NL", "ALF"
	text, err := ocpi.WriteTariff(t)
	fmt.Println(string(text), err)
	// Output:
	// ocpi: the format cannot say this at $.elements[0].price_components[0].vat
	// {
	//   "country_code": "NL",
	//   "party_id": "ALF",
	//   "id": "16",
	//   "currency": "EUR",
	//   "elements": [
	//     {
	//       "price_components": [
	//         {
	//           "type": "ENERGY",
	//           "price": 0.25,
	//           "vat": 21,
	//           "step_size": 1
	//         }
	//       ]
	//     }
	//   ],
	//   "last_updated": "2025-01-01T00:00:00Z"
	// }
	//  <nil>
}
