// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"encoding/json"
	"fmt"

	"github.com/seed81979277/qrcharge/tariff"
)

// A tariff and a session, as files hold them, and their price.
func Example_json() {
	var t tariff.Tariff
	fmt.Println(json.Unmarshal([]byte(`{
		"rules": 1, "currency": "EUR",
		"rounding": {"unit": "session", "mode": "half-up", "payable_decimals": 2},
		"elements": [
			{"when": {"windows": ["17:00-22:00"]},
			 "components": [{"dimension": "energy", "class": "electricity", "price_per_kWh": "0.42"}]},
			{"components": [{"dimension": "energy", "class": "electricity", "price_per_kWh": "0.25"}]}
		]}`), &t))
	var s tariff.Session
	fmt.Println(json.Unmarshal([]byte(`{
		"limits": {"decimals": 2},
		"offsets": [{"utc_offset": "+01:00"}],
		"readings": [
			{"at": "2026-03-02T15:30:00Z", "phase": "charging"},
			{"at": "2026-03-02T16:00:00Z", "phase": "charging", "energy_mWh": 6000000},
			{"at": "2026-03-02T17:00:00Z", "phase": "charging", "energy_mWh": 16000000}
		]}`), &s))
	plan, err := t.Compile(s.Limits, s.Offsets)
	fmt.Println(err)
	var q tariff.Quantities
	var bill tariff.Bill
	fmt.Println(plan.Measure(&q, s.Readings), plan.Price(&bill, q))
	fmt.Println(bill.Payable) // 6 × 0.25 + 10 × 0.42
	fmt.Println(json.Unmarshal([]byte(`{"rules": 1, "currencies": ["EUR"]}`), &t))
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// <nil> <nil>
	// 5.70 EUR
	// tariff: unknown, repeated or missing field at currencies
}
