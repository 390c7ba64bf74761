// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// badGenerals are bytes of the general form, and of occupancy fees, that are no
// tariff or not the normal form of one.
func badGenerals() []badTariff {
	var all []badTariff
	add := func(name, comment string, faulty, sound item) {
		all = append(all, badTariff{qrproto.ErrTariff, "general-" + name, comment, faulty, sound})
	}
	badElements(add)
	badKinds(add)
	badWhens(add)
	badWindows(add)
	badSequences(add)
	badTaxes(add)
	badOptions(add)
	badTogether(add)
	badOccupancies(func(name, comment string, faulty, sound item) {
		all = append(all, badTariff{qrproto.ErrTariff, "occupancy-" + name, comment, faulty, sound})
	})
	return all
}

type faultAdder func(name, comment string, faulty, sound item)

// sold is a price for energy alone.
func sold() list { return element(nil, 0, 49) }

// plain is a tariff in euros of elements without options.
func plain(elements ...list) list { return general(2, nil, elements...) }

func badElements(add faultAdder) {
	sound := plain(sold())
	add("no-elements", "no element at all", plain(), sound)
	add("no-options", "a fifth item that is no map", append(slices.Clone(sound), number(0)), sound)
	add("six-items", "an item behind the options", append(slices.Clone(general(2, object{{6, numbers(50)}}, sold())), number(0)), general(2, object{{6, numbers(50)}}, sold()))
	add("elements-map", "a map for the elements", sound.set(3, object{}), sound)
	add("elements-long", "the head of the elements is not in its shortest form", sound.set(3, raw("9801 82 00 1831")), sound)
	add("elements-indefinite", "elements of indefinite length", sound.set(3, raw("9f 82 00 1831 ff")), sound)
	var many []list
	for i := range int64(65) {
		many = append(many, element(object{{7, number(i + 1)}, {8, number(i + 2)}}, 0, i))
	}
	add("65-elements", "65 elements; the most is 64", general(0, nil, many...), general(0, nil, many[:64]...))
	add("element-number", "a number for an element", sound.set(3, list{number(0)}), sound)
	add("element-empty", "an element without an item", plain(list{}), sound)
	add("element-when-only", "restrictions of nothing", plain(element(object{{1, number(1)}})), plain(element(object{{1, number(1)}}, 0, 49)))
	add("element-when-first", "restrictions before the components", plain(list{object{{1, number(1)}}, number(0), number(49)}), plain(element(object{{1, number(1)}}, 0, 49)))
	add("element-half", "a component without a price", plain(element(nil, 0)), sound)
	add("element-half-second", "a second component without a price", plain(element(nil, 0, 49, 1)), plain(element(nil, 0, 49, 3, 5)))
	add("element-cut", "an element that claims more than there is", sound.set(3, raw("81 84 00 1831")), sound)
	add("price-text", "a price as text", plain(list{number(0), words("49")}), sound)
	add("price-float", "a price as a float", plain(list{number(0), raw("f93800")}), sound)
	add("price-null", "null for a price", plain(list{number(0), raw("f6")}), sound)
	add("price-long", "a price is not in its shortest form", plain(list{number(0), raw("190031")}), sound)
	add("price-bignum", "a price as a bignum", plain(list{number(0), raw("c2 41 31")}), sound)
	add("price-lowest", "the lowest 64-bit integer, which has no opposite", plain(element(nil, 0, -1<<63)), plain(element(nil, 0, -1<<63+1)))
}

func badKinds(add faultAdder) {
	sound := plain(sold())
	add("kind-negative", "a kind below zero", plain(element(nil, -1, 49)), sound)
	add("kind-80", "a kind that does not exist", plain(element(nil, 80, 49)), sound)
	add("kind-twice", "one pair of dimension and class twice in an element", plain(element(nil, 0, 49, 0, 49)), sound)
	add("kind-order", "components not in the order of their classes", plain(element(nil, 3, 5, 0, 49)), plain(element(nil, 0, 49, 3, 5)))
	add("kind-five", "five components in an element; the most is four", plain(element(nil, 0, 1, 1, 2, 2, 3, 3, 49, 3, 5)), plain(element(nil, 0, 1, 1, 2, 2, 3, 3, 49)))
	add("two-dimensions", "energy and time in one element", plain(element(nil, 0, 49, 4, 25)), plain(sold(), element(nil, 4, 25)))
	add("dimension-order", "time before energy", plain(element(nil, 4, 25), sold()), plain(sold(), element(nil, 4, 25)))
	add("step-zero", "a step of nothing, which absence says", plain(element(nil, 20, 49, 0)), sound)
	add("step-unit", "a step in mWh that is whole Wh", plain(element(nil, 20, 49, -1000)), plain(element(nil, 20, 49, 1)))
	add("step-high", "a step above 1 MWh", plain(element(nil, 20, 49, -1_000_000_001)), plain(element(nil, 20, 49, 1_000_000)))
	add("step-overflow", "a step that fits no 64-bit integer in mWh", plain(element(nil, 20, 49, 1<<62)), plain(element(nil, 20, 49, 1)))
	add("step-lowest", "a step of the lowest integer", plain(element(nil, 20, 49, -1<<63)), plain(element(nil, 20, 49, -1)))
	add("step-flat", "a step of a flat fee", plain(element(nil, 32, 49, 1)), plain(element(nil, 12, 49)))
	add("step-missing", "a kind that promises a step", plain(element(nil, 20, 49)), plain(element(nil, 20, 49, 1)))
}

func badWhens(add faultAdder) {
	sound := plain(sold())
	when := func(o object) list { return plain(element(o, 0, 49)) }
	add("when-empty", "restrictions that restrict nothing", when(object{}), sound)
	add("when-key-0", "a restriction that does not exist", when(object{{0, number(1)}}), sound)
	add("when-key-21", "a restriction that does not exist", when(object{{21, number(1)}}), sound)
	add("when-key-negative", "a key below zero", when(object{{-1, number(1)}}), sound)
	add("when-key-text", "a key that is text", sound.set(3, raw("81 83 00 1831 a1 6131 01")), sound)
	add("when-unsorted", "restrictions in descending order", when(object{{3, number(2)}, {1, number(1)}}), when(object{{1, number(1)}, {3, number(2)}}))
	add("when-twice", "one restriction twice", when(object{{3, number(2)}, {3, number(2)}}), when(object{{3, number(2)}}))
	add("rate-0", "no name, which absence says", when(object{{1, number(0)}}), sound)
	add("rate-9", "a name that does not exist", when(object{{1, number(9)}}), when(object{{1, number(8)}}))
	add("days-0", "no days, which absence says of all", when(object{{3, number(0)}}), sound)
	add("days-127", "all days, which absence says", when(object{{3, number(127)}}), sound)
	add("days-128", "an eighth day", when(object{{3, number(128)}}), when(object{{3, number(64)}}))
	add("from-0", "from no date, which absence says", when(object{{4, number(0)}}), sound)
	add("from-negative", "a date before 1970", when(object{{4, number(-1)}}), when(object{{4, number(1)}}))
	add("from-high", "a date after the year 9999", when(object{{4, number(2932897)}}), when(object{{4, number(2932896)}}))
	add("until-from", "until the day from which it holds", when(object{{4, number(20454)}, {5, number(20454)}}), when(object{{4, number(20454)}, {5, number(20455)}}))
	reserved := func(kind, n int64) list { return plain(element(object{{6, number(n)}}, kind, 49)) }
	add("reservation-0", "no reservation, which absence says", reserved(4, 0), plain(element(nil, 4, 49)))
	add("reservation-3", "a reservation that does not exist", reserved(4, 3), reserved(4, 2))
	add("reservation-energy", "energy while reserved", reserved(0, 1), reserved(4, 1))
	span := func(least, most int64) list {
		return when(slices.DeleteFunc(object{{7, number(least)}, {8, number(most)}}, func(e entry) bool { return e.value == number(-1<<62) }))
	}
	const none = -1 << 62
	add("span-zero", "from zero on, which absence says", span(0, 20), span(none, 20))
	add("span-open", "an upper edge of zero, which absence says of none", span(20, 0), span(20, none))
	add("span-empty", "from 20 Wh until 20 Wh", span(20, 20), span(20, 21))
	add("span-unit", "an edge in mWh that is whole Wh", span(none, -20_000), span(none, 20))
	add("span-high", "an edge above 2^53 mWh", span(none, -maxTier-1), span(none, -maxTier+1))
	add("span-overflow", "an edge that fits no 64-bit integer in mWh", span(none, 1<<60), span(none, 1<<30))
	add("span-array", "an edge that is an array", when(object{{7, numbers(1)}}), when(object{{7, number(1)}}))
	add("span-idle-unit", "an edge in seconds that is whole minutes", when(object{{19, number(-60)}}), when(object{{19, number(1)}}))
}

func badWindows(add faultAdder) {
	sound := plain(sold())
	windows := func(edges ...int64) list { return plain(element(object{{2, numbers(edges...)}}, 0, 49)) }
	add("windows-empty", "no windows, which absence says of all day", windows(), sound)
	add("windows-whole", "all day, which absence says", windows(0, 96), sound)
	add("windows-half", "a window without an end", windows(24), windows(24, 88))
	add("windows-nothing", "from 6 until 6", windows(24, 24), windows(24, 25))
	add("windows-high", "an end after the end of the day", windows(24, 97), windows(24, 96))
	add("windows-from-96", "from the end of the day", windows(96, 24), windows(95, 24))
	add("windows-unit", "an edge in seconds that is a whole quarter of an hour", windows(-21600, 88), windows(24, 88))
	add("windows-end-0", "the end of the day as its beginning", windows(68, 0), windows(68, 96))
	add("windows-order", "windows in descending order", windows(68, 80, 28, 36), windows(28, 36, 68, 80))
	add("windows-touch", "two windows that touch", windows(28, 36, 36, 80), windows(28, 80))
	add("windows-overlap", "two windows that overlap", windows(28, 68, 36, 80), windows(28, 80))
	add("windows-midnight", "a window over midnight as two", windows(0, 24, 88, 96), windows(88, 24))
	add("windows-night-first", "a window over midnight that is not the last", windows(88, 24, 40, 48), windows(40, 48, 88, 24))
	add("windows-bytes", "windows as bytes", plain(element(object{{2, octets{24, 88}}}, 0, 49)), windows(24, 88))
	add("windows-overflow", "an edge that fits no 64-bit integer in seconds", windows(24, 1<<60), windows(24, 88))
}

func badSequences(add faultAdder) {
	in := func(price int64, edges ...int64) list { return element(object{{2, numbers(edges...)}}, 0, price) }
	on := func(days, price int64) list { return element(object{{3, number(days)}}, 0, price) }
	add("order-start", "the element that begins later comes first", plain(in(21, 88, 24), in(42, 24, 88)), plain(in(42, 24, 88), in(21, 88, 24)))
	named := func(name, price int64, edges ...int64) list {
		return element(object{{1, number(name)}, {2, numbers(edges...)}}, 0, price)
	}
	add("order-name", "not in the order of the names", plain(named(4, 21, 0, 24), named(2, 42, 24, 96)), plain(named(2, 42, 24, 96), named(4, 21, 0, 24)))
	add("order-mixed", "an element on one day before one that only the time of day restricts", plain(on(2, 21), element(nil, 1, 5)), plain(element(nil, 1, 5), on(2, 21)))
	other := element(object{{3, number(4)}}, 1, 5)
	add("order-class", "service before electricity", plain(other, on(2, 21)), plain(on(2, 21), other))
	add("overlap", "two prices at one time of day, of which the first counts", plain(in(42, 24, 88), in(21, 80, 90)), plain(in(42, 24, 88), in(21, 88, 90)))
	add("overlap-night", "two prices at one time after midnight, of which the first counts", plain(in(42, 20, 88), in(21, 88, 24)), plain(in(42, 24, 88), in(21, 88, 24)))
	add("split-price", "one price in two elements", plain(in(42, 24, 40), in(42, 48, 88)), plain(in(42, 24, 40, 48, 88)))
	add("split-class", "two fees at one time in two elements", plain(sold(), element(nil, 3, 5)), plain(element(nil, 0, 49, 3, 5)))
	add("split-days", "two fees on the same days in two elements", plain(on(2, 21), element(object{{3, number(2)}}, 1, 5)), plain(element(object{{3, number(2)}}, 0, 21, 1, 5)))
	add("never", "a price behind one that always counts", plain(sold(), on(2, 21)), plain(on(2, 21), sold()))
	add("twice", "a price behind one under the same restrictions", plain(on(2, 21), on(2, 42)), plain(on(2, 21), on(4, 42)))
	add("scale", "all prices end in a zero: the scale is one too large", plain(element(nil, 0, 50)), general(1, nil, element(nil, 0, 5)))
	add("grid", "a grid of half hours in the general form", general(2, nil, element(object{{1, number(1)}}, 0, 49, 1, 5)), list{number(1), number(2), words("EUR"), octets{}, number(49), number(5)})
	add("grid-occupancy", "a grid and a fee for occupancy in the general form", general(2, nil, element(object{{1, number(1)}}, 0, 49, 1, 5), element(nil, 10, 600)),
		list{number(1), number(2), words("EUR"), octets{}, number(49), number(5), object{{3, numbers(2, 6)}}})
}

func badTaxes(add faultAdder) {
	vat := list{words("VAT"), number(19_000)}
	half := list{words("VAT"), number(7_000)}
	under := func(key int64, sets list, ns ...int64) list {
		return general(2, object{{key, sets}}, element(nil, ns...))
	}
	one := func(items ...item) list { return under(4, list{list(items)}, 0, 49) }
	sound := one(vat...)
	two := under(4, list{vat, half}, 0, 49, 43, 5, 1)
	add("taxes-none", "a table without a set", under(4, list{}, 0, 49), sound)
	add("taxes-empty", "a table of no taxes, which absence says", under(4, list{list{}}, 0, 49), sound)
	add("taxes-included-empty", "no taxes in the prices", under(5, list{list{}}, 0, 49), under(5, list{vat}, 0, 49))
	add("taxes-both", "taxes on top and included", general(2, object{{4, list{vat}}, {5, list{vat}}}, sold()), sound)
	add("taxes-unused", "a set that no component has", under(4, list{vat, half}, 0, 49), two)
	add("taxes-order", "sets not in the order of their use", under(4, list{half, vat}, 40, 49, 1, 3, 5), under(4, list{vat, half}, 0, 49, 43, 5, 1))
	add("taxes-twice", "one set twice", under(4, list{vat, vat}, 0, 49, 43, 5, 1), under(4, list{vat}, 0, 49, 3, 5))
	add("taxes-first-told", "a component that says it has the first set", under(4, list{vat}, 40, 49, 0), sound)
	add("taxes-2-of-2", "a set that is not there", under(4, list{vat, half}, 0, 49, 43, 5, 2), two)
	add("taxes-no-table", "a set, and no table", plain(element(nil, 40, 49, 1)), two)
	add("taxes-256", "a set that is 0 in its lowest byte", under(4, list{vat, half}, 0, 49, 43, 5, 256), two)
	var many list
	var kinds []list
	for i := range int64(17) {
		many = append(many, list{words("VAT"), number(i)})
		kinds = append(kinds, element(object{{7, number(i + 1)}, {8, number(i + 2)}}, 40, 1, i))
	}
	kinds[0] = element(object{{7, number(1)}, {8, number(2)}}, 0, 1)
	add("taxes-17", "17 sets; the most is 16", general(2, object{{4, many}}, kinds...), general(2, object{{4, many[:16]}}, kinds[:16]...))
	add("tax-half", "a tax without a rate", one(words("VAT")), sound)
	add("tax-name-number", "a number for a name", one(number(1), number(19_000)), sound)
	add("tax-name-25", "a name of 25 bytes; the most is 24", one(words(strings.Repeat("T", 25)), number(1)), one(words(strings.Repeat("T", 24)), number(1)))
	add("tax-name-umlaut", "a name that is not ASCII", one(words("MÜ"), number(1)), one(words("MU"), number(1)))
	add("tax-name-line-feed", "a line feed in a name", one(words("A\nB"), number(1)), one(words("A B"), number(1)))
	add("tax-rate-high", "above 1000 %", one(words("VAT"), number(1_000_001)), one(words("VAT"), number(1_000_000)))
	add("tax-first-stack", "the first tax on a stack of its own", one(words("VAT"), number(-19_001)), sound)
	add("tax-order", "two taxes not in the order of their names", one(words("B"), number(1), words("A"), number(1)), one(words("A"), number(1), words("B"), number(1)))
	five := list{}
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		five = append(five, words(name), number(1))
	}
	add("tax-five", "five taxes; the most is four", one(five...), one(five[:8]...))
}

func badOptions(add faultAdder) {
	idle := element(nil, 10, 600)
	with := func(o object) list { return general(2, o, sold()) }
	park := func(ns ...int64) list { return general(2, object{{8, numbers(ns...)}}, sold(), idle) }
	sound := with(object{{6, numbers(50)}})
	add("options-empty", "options without an option", append(plain(sold()), object{}), plain(sold()))
	add("options-names", "names of rates, which elements have", with(object{{1, octets{1}}}), plain(sold()))
	add("options-occupancy", "a fee for occupancy, which is an element here", with(object{{3, numbers(0, 1)}}), plain(sold()))
	add("options-unknown", "an option that does not exist", with(object{{9, numbers(1)}}), sound)
	add("options-unsorted", "options in descending order", with(object{{6, numbers(50)}, {2, numbers(1, 1, 1)}}), with(object{{2, numbers(1, 1, 1)}, {6, numbers(50)}}))
	add("rounding-standard", "the rounding that goes without saying", with(object{{2, numbers(1, 1, 2)}}), with(object{{2, numbers(1, 1, 1)}}))
	add("limit-none", "a limit of nothing", with(object{{6, list{}}}), sound)
	add("limit-zero", "a limit of zero, which absence says", with(object{{6, numbers(0)}}), sound)
	add("limit-zero-behind", "a maximum of zero, which absence says", with(object{{6, numbers(50, 0)}}), sound)
	add("limit-three", "a limit of three numbers", with(object{{6, numbers(50, 60, 70)}}), with(object{{6, numbers(50, 60)}}))
	add("limit-negative", "a minimum below zero", with(object{{6, numbers(-50)}}), sound)
	add("limit-number", "a limit that is no array", with(object{{6, number(50)}}), sound)
	add("limit-gross", "a limit with taxes where there are none", with(object{{7, numbers(50)}}), sound)
	vat := list{list{words("VAT"), number(19_000)}}
	add("limit-both", "two limits", general(2, object{{4, vat}, {6, numbers(50)}, {7, numbers(50)}}, sold()), general(2, object{{4, vat}, {7, numbers(50)}}, sold()))
	add("idle-nothing", "rules that say nothing", park(0), park(15))
	add("idle-zero-behind", "a zero behind the last rule", park(15, 0), park(15))
	add("idle-unit", "a grace in seconds that is whole minutes", park(-900), park(15))
	add("idle-unused", "a grace, and no price for idle time", with(object{{8, numbers(15)}}), park(15))
	add("idle-kinds", "retroactive, without a grace", park(0, 2, 100), park(0, 0, 100))
	add("idle-period", "a period without a cap", park(15, 4), park(15, 4, 0, 100))
	add("idle-no-period", "a cap without a period", park(15, 0, 0, 100), park(15, 4, 0, 100))
	add("idle-period-3", "a period that does not exist", park(15, 12, 0, 100), park(15, 8, 0, 100))
	add("idle-five", "rules of five numbers", park(15, 4, 0, 100, 1), park(15, 4, 0, 100))
	add("idle-cap-unused", "a cap, and no fee for occupancy", general(2, object{{8, numbers(0, 0, 100)}}, sold(), element(nil, 11, 600)), park(0, 0, 100))
	add("idle-cap-negative", "a cap of a price below zero", general(2, object{{8, numbers(0, 0, 100)}}, sold(), element(nil, 10, -600)), park(0, 0, 100))
	add("idle-grace-high", "a grace of more than 3660 days", park(5_270_401), park(5_270_400))
}

func badOccupancies(add faultAdder) {
	fee := func(ns ...int64) list { return chinese().write(object{{3, numbers(ns...)}}) }
	sound := fee(6, 2, 15, 15)
	add("empty", "a fee without a number", fee(), sound)
	add("no-price", "a fee without a price", fee(0), fee(0, 1))
	add("zeros-few", "price and caps end in one zero more", fee(5, 20, 15, 15), sound)
	add("zeros-of-nothing", "the zeros of a price of nothing", fee(1, 0), fee(0, 0))
	add("zeros-high", "a price that fits no 64-bit integer", fee(19, 1), fee(18, 1))
	add("price-high", "a price that fits no 64-bit integer with its zeros", fee(18, 10), fee(18, 9))
	add("price-text", "a price as text", chinese().write(object{{3, list{number(0), words("2")}}}), fee(0, 2))
	add("period-cap-high", "a period cap that is beyond 63 bits times 3600", fee(0, 2_000_000, 15, 15, 8, 0, maxPeriodCap+1), fee(0, 2_000_000, 15, 15, 8, 0, maxPeriodCap))
	add("zero-behind", "a zero behind the last rule", fee(6, 2, 15, 15, 0), sound)
	add("step-unit", "a step in seconds that is whole minutes", fee(6, 2, -900, 15), sound)
	add("step-high", "a step of more than 31 days", fee(6, 2, 44_641), fee(6, 2, 44_640))
	add("kinds-without-grace", "retroactive, without a grace", fee(6, 2, 15, 0, 2), fee(6, 2, 15, 1, 2))
	add("kinds-12", "a period that does not exist", fee(6, 2, 15, 15, 12, 0, 20), fee(6, 2, 15, 15, 8, 0, 20))
	add("cap-negative", "a cap of a price below zero", fee(6, -2, 0, 0, 0, 20), fee(6, 2, 0, 0, 0, 20))
	add("windows-half", "a window without an end", fee(6, 2, 0, 0, 0, 0, 0, 32), fee(6, 2, 0, 0, 0, 0, 0, 32, 88))
	add("windows-whole", "all day, which absence says", fee(6, 2, 0, 0, 0, 0, 0, 0, 96), fee(6, 2))
	add("windows-order", "windows in descending order", fee(6, 2, 0, 0, 0, 0, 0, 68, 80, 32, 40), fee(6, 2, 0, 0, 0, 0, 0, 32, 40, 68, 80))
	add("bytes", "a fee as bytes", chinese().write(object{{3, octets{6, 2, 15, 15}}}), sound)
	add("taxes", "taxes, which only the general form has", chinese().write(object{{4, list{list{words("VAT"), number(6000)}}}}), sound)
	tens := chinese()
	tens.Scale = 6
	for i := range tens.Rates {
		tens.Rates[i].Electricity *= 10
		tens.Rates[i].Service *= 10
	}
	add("scale", "all prices end in a zero, that of the fee too", tens.write(object{{3, numbers(7, 2)}}), tens.write(object{{3, numbers(0, 1)}}))
}
