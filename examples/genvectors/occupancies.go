// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// occupancies are grids with a fee for occupancy.
func occupancies() []tariffVector {
	var all []tariffVector
	add := func(name, comment, rules, fee string, g grid, options object) {
		all = append(all, tariffVector{name: "occupancy-" + name, comment: comment, body: g.write(options), text: g.withFee(rules, fee)})
	}
	fee := func(ns ...int64) object { return object{{3, numbers(ns...)}} }
	add("usual", "15 minutes of grace, then 5 yuan for each 15 minutes begun, at most 100 a session and 200 a day",
		`,"idle":{"grace_s":900,"session_cap":"100","period_cap":"200","period":"local-day"}`, priced("", `idle occupancy 20 "step_s":900`), chinese(), fee(6, 2, 15, 15, 8, 10, 20))
	add("price", "a price alone", "", priced("", "idle occupancy 12.5"), chinese(), fee(4, 125))
	add("free", "an occupancy fee of zero, which is put on the bill", "", priced("", "idle occupancy 0"), chinese(), fee(0, 0))
	add("by-day", "free at night", "", priced(`"when":{"windows":["08:00-22:00"]}`, "idle occupancy 6"), chinese(), fee(5, 6, 0, 0, 0, 0, 0, 32, 88))
	add("odd", "times that are no whole minutes or quarters; grace anew in each episode, retroactive",
		`,"idle":{"grace_s":901,"per_episode":true,"retroactive":true}`, priced(`"when":{"windows":["22:00:01-00:01"]}`, `idle occupancy 1 "step_s":61`), chinese(),
		fee(5, 1, -61, -901, 3, 0, 0, -79201, -60))
	add("fine", "a cap that keeps the zeros of the price", `,"idle":{"session_cap":"1.00001"}`, priced("", "idle occupancy 1"), chinese(), fee(0, 100_000, 0, 0, 0, 100_001))
	add("negative", "who leaves the place free is not paid, but a price may be below zero", "", priced("", "idle occupancy -0.1"), chinese(), fee(4, -1))
	named := chinese()
	named.Rates[0].Name, named.Rates[1].Name, named.Rates[2].Name, named.Rates[3].Name = 2, 3, 4, 5
	named.Rounding = []int64{2, 4, 1}
	add("all", "names, rounding and fee; a cap for each 24 hours", `,"idle":{"period_cap":"50","period":"24-hours"}`, priced("", "idle occupancy 6"), named,
		object{{1, octets{2, 3, 4, 5}}, {2, numbers(2, 4, 1)}, {3, numbers(5, 6, 0, 0, 4, 0, 50)}})
	coarse := chinese()
	coarse.Scale = 3
	coarse.Rates = []rate{{1, 1350, 400}, {2, 1120, 400}, {3, 710, 400}, {4, 330, 350}}
	add("scale", "prices of energy that end in a zero, and a fee that does not: the scale holds all", "", priced("", "idle occupancy 1.005"), coarse, fee(0, 1005))
	return all
}

// withFee is a grid with a fee for idle time as JSON.
func (g grid) withFee(rules, fee string) json.RawMessage {
	var elements []string
	for i, r := range g.Rates {
		var windows []string
		for s := range len(g.Slots) {
			if int(g.Slots[s]-'0') == i {
				windows = append(windows, fmt.Sprintf(`"%02d:%02d-%02d:%02d"`, s/2, s%2*30, (s+1)/2, (s+1)%2*30))
			}
		}
		name := []string{"", "sharp", "peak", "flat", "valley", "deep-valley"}[r.Name]
		elements = append(elements, priced(fmt.Sprintf(`"rate":%q,"when":{"windows":[%s]}`, name, strings.Join(windows, ",")),
			"energy electricity "+g.decimal(r.Electricity), "energy service "+g.decimal(r.Service)))
	}
	unit := []string{"", "session", "group", "component"}[g.Rounding[0]]
	mode := []string{"", "half-up", "half-even", "up", "down"}[g.Rounding[1]]
	rounding := fmt.Sprintf(`"rounding":{"unit":%q,"mode":%q,"payable_decimals":%d}`, unit, mode, g.Rounding[2])
	return inJSON(g.Currency, rounding+rules, append(elements, fee)...)
}

// decimal is a price with all its decimals; those of these grids are above zero.
func (g grid) decimal(units int64) string {
	text := fmt.Sprintf("%0*d", g.Scale+1, units)
	return text[:len(text)-int(g.Scale)] + "." + text[len(text)-int(g.Scale):]
}
