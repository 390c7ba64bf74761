// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A tariff of the general form is written twice by hand: as JSON for people,
// and as the items of its bytes. The two meet in check.

// euros is a tariff in euros as JSON: more members, and elements.
func euros(more string, elements ...string) json.RawMessage {
	return inJSON("EUR", `"rounding":{"unit":"session","mode":"half-up","payable_decimals":2}`+more, elements...)
}

func inJSON(currency, more string, elements ...string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"rules":1,"currency":%q,%s,"elements":[%s]}`, currency, more, strings.Join(elements, ",")))
}

// priced is an element as JSON: what stands before its components, and these,
// each as dimension, class, price and more members, parted by spaces.
func priced(when string, components ...string) string {
	keys := map[string]string{"energy": "price_per_kWh", "time": "price_per_hour", "idle": "price_per_hour", "volume": "price_per_L", "flat": "price"}
	var out []string
	for _, c := range components {
		f := strings.SplitN(c, " ", 4)
		text := fmt.Sprintf(`{"dimension":%q,"class":%q,%q:%q`, f[0], f[1], keys[f[0]], f[2])
		if len(f) > 3 {
			text += "," + f[3]
		}
		out = append(out, text+"}")
	}
	if when != "" {
		when += ","
	}
	return fmt.Sprintf(`{%s"components":[%s]}`, when, strings.Join(out, ","))
}

// general is the bytes of a tariff in euros.
func general(scale int64, options object, elements ...list) list {
	return generalIn("EUR", scale, options, elements...)
}

func generalIn(currency string, scale int64, options object, elements ...list) list {
	all := list{}
	for _, e := range elements {
		all = append(all, e)
	}
	out := list{number(1), number(scale), words(currency), all}
	if len(options) > 0 {
		out = append(out, options)
	}
	return out
}

// element is kinds, prices and the like, and a map of restrictions where there
// is one.
func element(when object, ns ...int64) list {
	out := numbers(ns...)
	if when != nil {
		out = append(out, when)
	}
	return out
}

func generals() []tariffVector {
	var all []tariffVector
	add := func(name, comment string, text json.RawMessage, body list) {
		all = append(all, tariffVector{name: "general-" + name, comment: comment, body: body, text: text})
	}
	generalPrices(add)
	generalTimes(add)
	generalSpans(add)
	generalSteps(add)
	generalTaxes(add)
	generalRules(add)
	return all
}

type generalAdder func(name, comment string, text json.RawMessage, body list)

func generalPrices(add generalAdder) {
	add("energy", "one price for energy", euros("", priced("", "energy electricity 0.49")), general(2, nil, element(nil, 0, 49)))
	add("free", "energy for nothing", euros("", priced("", "energy electricity 0")), general(0, nil, element(nil, 0, 0)))
	add("negative", "a price below zero", euros("", priced("", "energy electricity -0.05")), general(2, nil, element(nil, 0, -5)))
	add("time", "by the hour; the scale is the least that holds the prices", euros("", priced("", "time electricity 2.00")), general(0, nil, element(nil, 4, 2)))
	add("volume", "by the litre", euros("", priced("", "volume other 1.799")), general(3, nil, element(nil, 19, 1799)))
	add("flat", "a flat fee", euros("", priced("", "flat service 0.50")), general(1, nil, element(nil, 13, 5)))
	add("yen", "a currency without decimals",
		inJSON("JPY", `"rounding":{"unit":"session","mode":"half-up","payable_decimals":0}`, priced("", "energy electricity 30")), generalIn("JPY", 0, nil, element(nil, 0, 30)))
	add("dinar", "a currency of three decimals",
		inJSON("KWD", `"rounding":{"unit":"session","mode":"half-up","payable_decimals":3}`, priced("", "energy electricity 0.025")), generalIn("KWD", 3, nil, element(nil, 0, 25)))
	add("finest", "nine decimals, the highest and the lowest price",
		euros("", priced("", "energy electricity 9223372036.854775807", "energy other -9223372036.854775807")),
		general(9, nil, element(nil, 0, 1<<63-1, 3, -1<<63+1)))
	var texts []string
	var elements []list
	for d, dimension := range []string{"energy", "time", "idle", "flat", "volume"} {
		var components []string
		var items []int64
		for c, class := range []string{"electricity", "service", "occupancy", "other"} {
			kind := 4*d + c
			components = append(components, fmt.Sprintf("%s %s %d", dimension, class, kind+1))
			items = append(items, int64(kind), int64(kind+1))
		}
		texts = append(texts, priced("", components...))
		elements = append(elements, element(nil, items...))
	}
	add("kinds", "each pair of dimension and class", euros("", texts...), general(0, nil, elements...))
}

func generalTimes(add generalAdder) {
	add("day-night", "by day and by night; elements without names stand in the order in which they begin",
		euros("", priced(`"when":{"windows":["22:00-06:00"]}`, "energy electricity 0.21"), priced("", "energy electricity 0.42")),
		general(2, nil, element(object{{2, numbers(24, 88)}}, 0, 42), element(object{{2, numbers(88, 24)}}, 0, 21)))
	add("minutes", "times that are no quarters of an hour are seconds below zero",
		euros("", priced(`"when":{"windows":["07:10-19:50:01"]}`, "energy electricity 0.42")),
		general(2, nil, element(object{{2, numbers(-25800, -71401)}}, 0, 42)))
	add("end-of-day", "the end of the day is 96 quarters",
		euros("", priced(`"when":{"windows":["17:00-00:00"]}`, "energy electricity 0.42")),
		general(2, nil, element(object{{2, numbers(68, 96)}}, 0, 42)))
	add("windows", "two windows under one price, given in the wrong order",
		euros("", priced(`"when":{"windows":["17:00-20:00","07:00-09:00"]}`, "energy electricity 0.42", "time service 0.10")),
		general(2, nil, element(object{{2, numbers(28, 36, 68, 80)}}, 0, 42), element(object{{2, numbers(28, 36, 68, 80)}}, 5, 10)))
	add("names", "elements in the order of their names",
		euros("", priced(`"rate":"valley","when":{"windows":["00:00-07:15"]}`, "energy electricity 0.11"), priced(`"rate":"peak"`, "energy electricity 0.31")),
		general(2, nil, element(object{{1, number(2)}, {2, numbers(29, 96)}}, 0, 31), element(object{{1, number(4)}, {2, numbers(0, 29)}}, 0, 11)))
	add("days", "cheaper at weekends: the first that holds counts",
		euros("", priced(`"when":{"days":["sunday","saturday"]}`, "energy electricity 0.21"), priced("", "energy electricity 0.42")),
		general(2, nil, element(object{{3, number(65)}}, 0, 21), element(nil, 0, 42)))
	add("dates", "another price in 2026",
		euros("", priced(`"when":{"from":"2026-01-01","until":"2027-01-01"}`, "energy electricity 0.42"), priced("", "energy electricity 0.53")),
		general(2, nil, element(object{{4, number(20454)}, {5, number(20819)}}, 0, 42), element(nil, 0, 53)))
	add("mixed", "what only the time of day restricts comes first, then the rest",
		euros("", priced(`"when":{"days":["monday"]}`, "energy electricity 0.21"), priced("", "energy electricity 0.42", "energy service 0.05")),
		general(2, nil, element(nil, 1, 5), element(object{{3, number(2)}}, 0, 21), element(nil, 0, 42)))
}

func generalSpans(add generalAdder) {
	tiers := func(name, comment, component, unit string, edge int64, key int64, kind int64, written int64) {
		add(name, comment,
			euros("", priced(fmt.Sprintf(`"when":{%q:{"max":%d}}`, unit, edge), component+" 3"), priced(fmt.Sprintf(`"when":{%q:{"min":%d}}`, unit, edge), component+" 2")),
			general(0, nil, element(object{{key + 1, number(written)}}, kind, 3), element(object{{key, number(written)}}, kind, 2)))
	}
	tiers("energy-tiers", "another price from 20 kWh on: edges of energy in Wh", "energy electricity", "energy_mWh", 20_000_000, 7, 0, 20_000)
	tiers("energy-odd", "an edge that is no whole Wh is mWh below zero", "energy electricity", "energy_mWh", 20_000_001, 7, 0, -20_000_001)
	tiers("energy-highest", "the highest edge, 2^53 mWh", "energy electricity", "energy_mWh", maxTier, 7, 0, -maxTier)
	tiers("time-tiers", "another price from the second hour on: edges of time in minutes", "time electricity", "time_s", 3600, 9, 4, 60)
	tiers("volume-tiers", "another price from 250 L on", "volume other", "volume_mL", 250_000, 11, 19, 250)
	tiers("power", "by power: edges in kW", "energy electricity", "power_W", 22_000, 13, 0, 22)
	tiers("current", "by current: 32.5 A is no whole A", "energy electricity", "current_mA", 32_500, 15, 0, -32_500)
	tiers("duration", "by how long the session lasts", "time electricity", "duration_s", 14_400, 17, 4, 240)
	tiers("idle-tiers", "by how long the idling lasts", "idle other", "idle_s", 901, 19, 11, -901)
	var texts []string
	var elements []list
	for i := range int64(64) {
		when := object{{7, number(i)}, {8, number(i + 1)}}
		if i == 0 {
			when = when[1:]
		}
		texts = append(texts, priced(fmt.Sprintf(`"when":{"energy_mWh":{"min":%d,"max":%d}}`, 1000*i, 1000*i+1000), fmt.Sprintf("energy electricity %d", i)))
		elements = append(elements, element(when, 0, i))
	}
	add("64-elements", "the most elements; in one array of 64", euros("", texts...), general(0, nil, elements...))
}

func generalSteps(add generalAdder) {
	add("steps", "1 Wh, 1 minute, 15 minutes, 100 mL",
		euros("", priced("", `energy electricity 0.25 "step_mWh":1000`, `time electricity 2.00 "step_s":60`, `idle occupancy 5.00 "step_s":900`, `volume other 1.00 "step_mL":100`)),
		general(2, nil, element(nil, 20, 25, 1), element(nil, 24, 200, 1), element(nil, 30, 500, 15), element(nil, 39, 100, -100)))
	add("step-odd", "a step that is no whole Wh", euros("", priced("", `energy electricity 0.25 "step_mWh":1500`)), general(2, nil, element(nil, 20, 25, -1500)))
	add("step-of-one", "one of two components has a step",
		euros("", priced("", "energy electricity 0.25", `energy service 0.05 "step_mWh":500000`)), general(2, nil, element(nil, 0, 25, 21, 5, 500)))
	add("reservation", "reserved time, and a fee where nobody came",
		euros("", priced("", "energy electricity 0.25"), priced(`"when":{"reservation":"reservation"}`, `time electricity 5.00 "step_s":60`),
			priced(`"when":{"reservation":"expired-reservation"}`, "flat electricity 4.00")),
		general(2, nil, element(nil, 0, 25), element(object{{6, number(1)}}, 24, 500, 1), element(object{{6, number(2)}}, 12, 400)))
	flat := func(when, price string) string { return priced(`"when":{`+when+`}`, "flat electricity "+price) }
	monday := `"days":["monday"],`
	add("reservation-twice", "behind a fee that always holds another one stays if it is of a reservation that expired, but not under the same restrictions; of a reservation none stays",
		euros("", priced("", "energy electricity 0.25"),
			flat(`"reservation":"expired-reservation"`, "4.00"), flat(monday+`"reservation":"expired-reservation"`, "3.00"),
			`{"rate":"peak",`+flat(`"reservation":"expired-reservation"`, "2.00")[1:],
			flat(`"reservation":"reservation"`, "1.00"), flat(monday+`"reservation":"reservation"`, "0.50")),
		general(2, nil, element(nil, 0, 25), element(object{{6, number(2)}}, 12, 400), element(object{{3, number(2)}, {6, number(2)}}, 12, 300),
			element(object{{6, number(1)}}, 12, 100)))
}

func taxed(percent string) string {
	return fmt.Sprintf(`"taxes":[{"name":"VAT","percent":%q}]`, percent)
}

func generalTaxes(add generalAdder) {
	vat := list{words("VAT"), number(19_000)}
	add("tax", "a tax on top of the price", euros("", priced("", "energy electricity 0.49 "+taxed("19"))), general(2, object{{4, list{vat}}}, element(nil, 0, 49)))
	add("tax-included", "the price with its tax", euros(`,"tax_included":true`, priced("", "energy electricity 0.49 "+taxed("19"))), general(2, object{{5, list{vat}}}, element(nil, 0, 49)))
	add("taxes", "two sets, numbered as they come: a component of the first does not say so",
		euros("", priced("", "energy electricity 0.49 "+taxed("19"), "energy service 0.20 "+taxed("7"), "time electricity 1.00 "+taxed("19"))),
		general(2, object{{4, list{vat, list{words("VAT"), number(7000)}}}}, element(nil, 0, 49, 41, 20, 1), element(nil, 4, 100)))
	add("tax-on-one", "the first set is empty: electricity is not taxed",
		euros("", priced("", "energy electricity 0.49", `energy service 0.20 "step_mWh":1000,`+taxed("19"))),
		general(2, object{{4, list{list{}, vat}}}, element(nil, 0, 49, 61, 20, 1, 1)))
	add("tax-stacked", "a second tax on price and first tax: 9.975 % are written -1 - 9975",
		euros("", priced("", `energy electricity 0.49 "taxes":[{"name":"QST","percent":"9.975","stack":3},{"name":"GST","percent":"5","stack":1}]`)),
		general(2, object{{4, list{list{words("GST"), number(5000), words("QST"), number(-9976)}}}}, element(nil, 0, 49)))
	add("tax-highest", "four taxes: without a name, of 0 %, of 1000 %, of 24 characters",
		euros("", priced("", `energy electricity 0.49 "taxes":[{"percent":"0"},{"name":"A","percent":"1000","stack":1},{"name":"~~~~~~~~~~~~~~~~~~~~~~~~","percent":"1","stack":1},{"name":"Z","percent":"0","stack":2}]`)),
		general(2, object{{4, list{list{words(""), number(0), words("A"), number(-1_000_001), words("~~~~~~~~~~~~~~~~~~~~~~~~"), number(1000), words("Z"), number(-1)}}}}, element(nil, 0, 49)))
}

func generalRules(add generalAdder) {
	price := priced("", "energy electricity 0.49")
	sold := element(nil, 0, 49)
	add("minimum", "at least 0.50", euros(`,"limit":{"min":"0.50"}`, price), general(2, object{{6, numbers(50)}}, sold))
	add("maximum", "at most 50.00", euros(`,"limit":{"max":"50.00"}`, price), general(2, object{{6, numbers(0, 5000)}}, sold))
	add("limit-gross", "between 1.00 and 50.00, taxes included",
		euros(`,"limit":{"min":"1.00","max":"50.00","gross":true}`, priced("", "energy electricity 0.49 "+taxed("19"))),
		general(2, object{{4, list{list{words("VAT"), number(19_000)}}}, {7, numbers(100, 5000)}}, sold))
	add("rounding", "each component to the even neighbour, one decimal is paid",
		inJSON("EUR", `"rounding":{"unit":"component","mode":"half-even","payable_decimals":1}`, price), general(2, object{{2, numbers(3, 2, 1)}}, sold))
	fee := priced("", "idle occupancy 6.00")
	add("grace", "an occupancy fee after 15 minutes", euros(`,"idle":{"grace_s":900}`, price, fee), general(2, object{{8, numbers(15)}}, sold, element(nil, 10, 600)))
	add("idle-rules", "each rule of idle time: grace of 901 s in each episode, retroactive, caps for the session and the local day",
		euros(`,"idle":{"grace_s":901,"per_episode":true,"retroactive":true,"session_cap":"50.00","period_cap":"20.00","period":"local-day"}`, price, fee),
		general(2, object{{8, numbers(-901, 11, 5000, 2000)}}, sold, element(nil, 10, 600)))
	add("cap", "a cap for each 24 hours alone", euros(`,"idle":{"period_cap":"20.01","period":"24-hours"}`, price, fee), general(2, object{{8, numbers(0, 4, 0, 2001)}}, sold, element(nil, 10, 600)))
	add("cap-scale", "all prices end in a zero, and a cap does not: the scale holds all",
		euros(`,"idle":{"period_cap":"20.01","period":"24-hours"}`, priced("", "energy electricity 0.50"), fee),
		general(2, object{{8, numbers(0, 4, 0, 2001)}}, element(nil, 0, 50), element(nil, 10, 600)))
	add("all", "every part of the general form",
		inJSON("EUR", `"rounding":{"unit":"group","mode":"down","payable_decimals":1},"tax_included":true,"limit":{"min":"0.500","max":"100.000","gross":true},`+
			`"idle":{"grace_s":900,"session_cap":"50.000"}`,
			priced(`"rate":"deep-valley","when":{"windows":["17:00-24:00"],"days":["monday","saturday"],"from":"2026-05-01","until":"2027-01-01","energy_mWh":{"min":1,"max":2000},`+
				`"time_s":{"max":240},"volume_mL":{"min":5},"power_W":{"min":7,"max":8000},"current_mA":{"min":9,"max":10},"duration_s":{"min":11,"max":720},"idle_s":{"min":13,"max":14}}`,
				`energy electricity 0.250 "step_mWh":500000,`+taxed("19"), "energy other -0.001"), fee),
		general(3, object{{2, numbers(2, 4, 1)}, {5, list{list{words("VAT"), number(19_000)}, list{}}}, {7, numbers(500, 100_000)}, {8, numbers(15, 0, 50_000)}},
			element(object{
				{1, number(5)}, {2, numbers(68, 96)}, {3, number(66)}, {4, number(20574)}, {5, number(20819)}, {7, number(-1)}, {8, number(2)}, {10, number(4)},
				{11, number(-5)}, {13, number(-7)}, {14, number(8)}, {15, number(-9)}, {16, number(-10)}, {17, number(-11)}, {18, number(12)}, {19, number(-13)}, {20, number(-14)},
			}, 20, 250, 500, 43, -1, 1), element(nil, 50, 6000, 1)))
}
