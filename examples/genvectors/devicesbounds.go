// SPDX-License-Identifier: Apache-2.0

package main

// Benches of section 23.3: the bounds of a key, and what is not sold at all.

// delegated is a device that trusts one key, within bounds.
func delegated(name, comment string, delegation list) *bench {
	b := newBench(name, comment)
	b.takes("a snapshot of one key", newDraft("T", snapshot(1, 0, delegation)))
	return b
}

func free() list { return unbound(seller().key) }

func fleets() *bench {
	b := delegated("fleet", "a key is good at the devices of its fleet", free().put(ofFleet, octets(deviceNumber())))
	one := b.shows(1)
	order := ordered(seller(), b.answer(one))
	b.takes("the fleet is this one device", order)
	stop := newDraft("X", object{{1, octets(order.sum()[:16])}}).signedBy(seller())
	b.takes("a snapshot that has the key for another fleet", newDraft("T", snapshot(2, 0, free().put(ofFleet, octets(unhex("320107"))))))
	b.refuses("23.3", "the sale goes on, and a stop order of that key does not end it", stop)
	b.ends(1)
	again := b.shows(1)
	b.refuses("23.3", "nor does it sell", ordered(seller(), b.answer(again)))
	b.takes("a snapshot that has the key for half of a number", newDraft("T", snapshot(3, 0, free().put(ofFleet, octets(unhex("320106"))))))
	b.takes("now it does", ordered(seller(), b.answer(again)))
	return b
}

func currencies() *bench {
	b := delegated("currency", "a key sells in one currency", free().put(ofCurrency, words("EUR")))
	one := b.shows(1)
	b.refuses("23.3", "a tariff in yuan", ordered(seller(), b.answer(one)))
	b.takes("a snapshot that has the key for yuan", newDraft("T", snapshot(2, 0, free().put(ofCurrency, words("CNY")))))
	b.takes("now it sells, without a limit of the amount too", ordered(seller(), b.answer(one).without(13)))
	return b
}

// amounts need 128 bits, for some are beyond 64 when they are compared.
func amounts() *bench {
	bound := func(epoch, amount int64) draft {
		return newDraft("T", snapshot(epoch, 0, free().put(ofCurrency, words("CNY")).put(ofAmount, number(amount))))
	}
	b := newBench("amount", "what an order may cost at most, at two scales")
	shown := b.shows(1)
	at := func(scale, limit int64) draft {
		return ordered(seller(), b.answer(shown).with(11, number(scale)).with(13, numbers(0, 0, 0, limit)))
	}
	again := func() {
		b.ends(1)
		shown = b.shows(1)
	}
	b.takes("a snapshot: 200.00 yuan at most", bound(1, 20_000))
	b.refuses("23.3", "no limit at all", ordered(seller(), b.answer(shown).without(13)))
	b.refuses("23.3", "limits, and none of the amount", ordered(seller(), b.answer(shown).with(13, numbers(30_000_000, 0, 0, 0))))
	b.refuses("23.3", "200.01", at(2, 20_001))
	b.refuses("23.3", "200.001", at(3, 200_001))
	b.takes("200.000", at(3, 200_000))
	again()
	b.takes("a snapshot: 2^60 cents at most", bound(2, maxQuantity))
	b.takes("2^60 at scale 2: 100 times that is beyond 64 bits on both sides", at(2, maxQuantity))
	again()
	b.takes("a snapshot: a cent less", bound(3, maxQuantity-1))
	b.refuses("23.3", "2^60 at scale 2: a binary64 number cannot tell the two apart", at(2, maxQuantity))
	b.takes("a snapshot: 2^56 cents at most", bound(4, maxQuantity/16))
	b.refuses("23.3", "2^60 at scale 2: 100 times that is 2^62 in 64 bits, and 100 times 2^56 is more", at(2, maxQuantity))
	b.takes("2^60 at scale 6", at(6, maxQuantity))
	return b
}

func quotas() *bench {
	bound := func(epoch int64) draft { return newDraft("T", snapshot(epoch, 0, free().put(ofQuota, number(2)))) }
	b := newBench("quota", "orders that a device accepts of a key under one snapshot")
	order := func() draft {
		b.uptime += 45_000
		return ordered(seller(), b.answer(b.shows(1)))
	}
	first := order()
	b.takes("of a provisioned key any number", first)
	b.ends(1)
	b.takes("a snapshot: two orders of the key", bound(1))
	b.takes("the first, of a sale that comes to nothing", order())
	b.ends(1)
	b.refuses("16", "an order that is refused does not count", ordered(seller(), b.answer(challengeOf(9999, repeat(0xee, 8)))))
	b.takes("the second", order())
	b.ends(1)
	b.refuses("23.3", "the third", order())
	b.takes("the snapshot in force again, which changes nothing", bound(1))
	b.refuses("23.3", "the third still", order())
	b.boots()
	b.refuses("23.3", "and after the power was cut", order())
	b.takes("the next snapshot, with the same bounds", bound(2))
	b.takes("counts anew", order())
	return b
}

func rightsOf() *bench {
	order := func(b *bench, c list) object { return b.answer(c) }
	ack := list{number(1), repeat(8, 8)}
	b := newBench("rights", "what a key may sign, and acknowledge")
	one := b.shows(1)
	b.refuses("16", "an acknowledgement above the head of a device that has settled nothing", ordered(seller(), order(b, one).with(18, ack)))
	b.takes("a snapshot: the key may sell, and not acknowledge", newDraft("T", snapshot(1, 0, free().put(ofRights, number(1)))))
	b.refuses("23.3", "an order with an acknowledgement", ordered(seller(), order(b, one).with(18, ack)))
	sold := ordered(seller(), order(b, one))
	b.takes("one without", sold)
	b.refuses("23.3", "a stop order, for which it has no right", newDraft("X", object{{1, octets(sold.sum()[:16])}}).signedBy(seller()))
	b.ends(1)
	two := b.shows(1)
	b.takes("a snapshot: the key may stop and sign receipts", newDraft("T", snapshot(2, 0, free().put(ofRights, number(6)))))
	b.refuses("23.3", "an order", ordered(seller(), order(b, two)))
	b.refuses("23.4", "an order of a key that was delegated by nobody", ordered(second(), order(b, two)))
	b.refuses("23.4", "an order of the root", ordered(root(), order(b, two)))
	b.takes("a snapshot of nobody", newDraft("T", snapshot(3, 0)))
	b.refuses("23.4", "an order of the issuer that was provisioned", ordered(seller(), order(b, two)))
	return b
}

// notSold is what a device does not measure or cannot evaluate.
func notSold() *bench {
	b := newBench("tariff", "what a device does not sell")
	one := b.shows(1)
	try := func(section, comment string, change func(object) object) {
		b.refuses(section, comment, ordered(seller(), change(b.answer(one))))
	}
	try("23.4", "a tariff by its hash, which the device does not hold", byHash)
	try("14", "a tariff that is none", func(o object) object { return o.with(8, octets{0x80}) })
	try("14", "a tariff with a byte behind it", func(o object) object { return o.with(8, octets(append(fourRates().bytes(), 0))) })
	try("11", "a scale below the decimals of the tariff's cost", func(o object) object { return o.with(11, number(1)) })
	try("2", "a target in mL, at a device that measures mWh", func(o object) object { return o.with(12, numbers(2, 1000)) })
	try("15", "an energy limit above 10^12 mWh", func(o object) object { return o.with(13, numbers(1_000_000_000_001, 0, 0, 20_000)) })
	b.refuses("24", "a voucher", newDraft("V", full("V")))
	b.refuses("23.4", "an identity", newDraft("I", full("I")))
	b.takes("an energy limit of 10^12 mWh", ordered(seller(), b.answer(one).with(13, numbers(1_000_000_000_000, 0, 0, 20_000))))
	return b
}

func stopsAt() *bench {
	b := newBench("stop", "a stop order ends the one sale that it names, and is kept nowhere")
	one := b.shows(1)
	order := ordered(seller(), b.answer(one))
	stop := newDraft("X", object{{1, octets(order.sum()[:16])}}).signedBy(seller())
	b.refuses("22", "the order is not there yet", stop)
	b.takes("it comes: the stop order was not kept", order)
	b.refuses("22", "one that names another order by its last byte", newDraft("X", object{{1, append(octets(order.sum()[:15]), order.sum()[15]^1)}}).signedBy(seller()))
	b.takes("one that names it", stop)
	b.refuses("22", "the same again: the sale is over", stop)
	return b
}
