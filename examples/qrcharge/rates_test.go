// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
)

// TestRatesTellAllThatDecidesAPrice: who inspects an order must not take a price
// under a condition for one that always holds.
func TestRatesTellAllThatDecidesAPrice(t *testing.T) {
	everything := &tariff.Tariff{
		Rules: tariff.Rules1, Currency: "EUR", Scale: 2, TaxIncluded: true,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Limit:    tariff.PriceLimit{Min: 50, Max: 10000, Gross: true},
		Idle:     tariff.IdleRule{Grace: 900, PerEpisode: true, Retroactive: true, SessionCap: 5000, PeriodCap: 1000, Period: tariff.PerLocalDay},
		Elements: []tariff.Element{
			{When: tariff.Restrictions{
				Windows: []tariff.Window{{From: 79200, To: 21600}}, Days: 1<<time.Sunday | 1<<time.Saturday,
				From: tariff.DateOf(2026, 5, 1), Until: tariff.DateOf(2027, 1, 1),
				Energy: tariff.Span{Min: 1_000_000, Max: 20_500_000}, Time: tariff.Span{Max: 3600}, Power: tariff.Span{Min: 11_000},
				Current: tariff.Span{Max: 32_000}, Duration: tariff.Span{Min: 60}, Idle: tariff.Span{Max: 7200}, Volume: tariff.Span{Max: 1500},
			}, Components: []tariff.Component{
				{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 25, Step: 500_000, Taxes: []tariff.Tax{{Name: "VAT", Rate: 19000}, {Name: "city", Rate: 500, Stack: 1}}},
				{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: 600, Step: 900},
			}},
			{When: tariff.Restrictions{Reservation: tariff.ExpiredReservation}, Components: []tariff.Component{{Dimension: tariff.FlatFee, Class: tariff.OtherFee, Price: 400}}},
			{Rate: tariff.Peak, Components: []tariff.Component{
				{Dimension: tariff.TimeSpent, Class: tariff.Service, Price: 100}, {Dimension: tariff.Volume, Class: tariff.OtherFee, Price: 150}}},
		},
	}
	var out bytes.Buffer
	printRows(&out, "", append([]row{rates(everything)}, wholeTariff(everything)...))
	const want = `rates                   local time at the device
  unnamed  electricity 0.25 EUR/kWh in steps of 0.5 kWh incl. VAT 19 % incl. city 0.5 %, occupancy idle 6.00 EUR/h in steps of 0:15:00, 22:00-06:00, only Sunday, Saturday, from 2026-05-01, before 2027-01-01, energy from 1 kWh, energy below 20.5 kWh, charging time below 1:00:00, volume below 1.5 L, power from 11 kW, current below 32 A, duration from 0:01:00, idle below 2:00:00
  unnamed  other flat 4.00 EUR, all day, only expired-reservation
  peak     service time 1.00 EUR/h, other volume 1.50 EUR/L, all day
minimum price           0.50 EUR
maximum price           100.00 EUR
limits with tax         true
idle grace              0:15:00, each time anew, then charged from the beginning
idle cap per session    50.00 EUR
idle cap per local day  10.00 EUR
`
	if out.String() != want {
		t.Errorf("\n%swant\n%s", out.String(), want)
	}
}
