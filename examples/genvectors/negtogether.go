// SPDX-License-Identifier: Apache-2.0

package main

// badTogether are tariffs of which each part alone is sound.
func badTogether(add faultAdder) {
	badReservations(add)
	badManyParts(add)
	badCaps(add)
}

// badReservations have fees for a reservation that are never selected.
func badReservations(add faultAdder) {
	flat := func(price, days, reservation int64) list {
		when := object{{3, number(days)}, {6, number(reservation)}}
		if days == 0 {
			when = when[1:]
		}
		return element(when, 12, price)
	}
	add("twice-expired", "a fee for a reservation that expired behind one under the same restrictions",
		plain(flat(401, 0, 2), flat(301, 0, 2)), plain(flat(401, 0, 2), flat(301, 2, 2)))
	add("never-reserved", "a fee for a reservation behind one that nothing else restricts",
		plain(flat(401, 0, 1), flat(301, 2, 1)), plain(flat(301, 2, 1), flat(401, 0, 1)))
}

// badManyParts have more of something than a tariff may have in all elements.
func badManyParts(add faultAdder) {
	windows := func(from, to int64) object {
		var edges []int64
		for i := from; i < to; i++ {
			edges = append(edges, -300*i-1, -300*i-2)
		}
		return object{{2, numbers(edges...)}}
	}
	many := func(n int64) list { return plain(element(windows(0, 200), 0, 42), element(windows(200, n), 0, 21)) }
	add("windows-257", "257 windows in two elements; the most is 256", many(257), many(256))
	pairs := func(n int64) list {
		var sets list
		var elements []list
		for i := range n {
			when := object{{7, number(i + 1)}, {8, number(i + 2)}}
			sets = append(sets, list{words("VAT"), number(i)})
			if i == 0 {
				elements = append(elements, element(when, 0, 1))
				continue
			}
			elements = append(elements, element(when, 40, 1, i))
		}
		return general(0, object{{4, sets}}, append(elements, element(object{{7, number(1)}, {8, number(2)}}, 1, 5))...)
	}
	add("groups-17", "17 pairs of class and taxes under 16 sets; the most is 16", pairs(16), pairs(15))
	tax := func(rate int64) list {
		return general(2, object{{4, list{list{words("A"), number(1), words("B"), number(rate)}}}}, sold())
	}
	add("tax-rate-high-stacked", "above 1000 %, upon another tax", tax(-1_000_002), tax(-1_000_001))
}

func badCaps(add faultAdder) {
	most := func(limit int64) list {
		return general(2, object{{8, numbers(15, 4, 0, limit)}}, sold(), element(nil, 10, 600))
	}
	add("idle-period-cap-high", "a period cap that is beyond 63 bits times 3600", most(maxPeriodCap+1), most(maxPeriodCap))
	night := object{{2, numbers(88, 24)}}
	parking := func(night list) list {
		sets := list{list{}, list{words("VAT"), number(19_000)}}
		return general(2, object{{4, sets}, {8, numbers(0, 0, 100)}}, sold(), element(object{{2, numbers(24, 88)}}, 50, 600, 1), night)
	}
	add("idle-cap-taxes", "a cap of fees under two sets of taxes", parking(element(night, 10, 500)), parking(element(night, 50, 500, 1)))
}
