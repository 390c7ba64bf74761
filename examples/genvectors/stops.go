// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/seed81979277/qrcharge/qrproto"

func stops(add adder) {
	add("usual", "ends the sale of the order that is there as order-usual",
		object{{1, octets(sum("qrcharge/1/O", nil, full("O").without(0).without(15).without(16).bytes())[:16])}})
	add("lowest", "a hash of zeros", object{{1, repeat(0, 16)}})
	add("highest", "a hash of ones", object{{1, repeat(0xff, 16)}})
	add("extensions", "the most that an extension map holds", minimal("X").with(0, extensions()))
}

func vouchers(add adder) {
	base := full("V").without(0)
	add("usual", "50.00 yuan for a year", base)
	add("yen", "a currency without decimals", base.without(3).with(2, number(1000)).with(4, words("JPY")))
	add("lowest", "each field at the lower end of its range", object{
		{1, repeat(0, 16)}, {2, number(1)}, {3, number(1)}, {4, words("AED")}, {5, number(1)}, {6, number(2)},
	})
	add("highest", "each field at the upper end of its range", object{
		{1, repeat(0xff, 16)}, {2, number(maxQuantity)}, {3, number(6)}, {4, words("ZWG")}, {5, number(maxUnix - 1)}, {6, number(maxUnix)},
	})
}

// sticker is an order that answers no identity: number 4711 of its device, 30 kWh
// for a flat fee of 5.00.
func sticker() object {
	return full("O").without(0).without(6).without(15).without(16).without(18).with(4, challengeOf(4711, repeat(0, 8))).
		with(8, octets(general(0, nil, element(nil, 13, 5)).bytes())).with(13, numbers(0, 0, 0, 500)).with(14, number(3))
}

func stickers(add adder) {
	add("sticker", "answers no identity: for a device without a display, paid before", sticker())
	add("sticker-first", "the first order of such a device, with the amount as its only limit", minimal("O").
		with(4, challengeOf(1, repeat(0, 8))).with(13, numbers(0, 0, 0, 1)).with(14, number(3)))
	add("sticker-last", "and the last that it can take", minimal("O").
		with(4, challengeOf(maxUint32, repeat(0, 8))).with(13, numbers(0, 0, 3600, maxQuantity)).with(14, number(3)))
	add("sticker-uncertain", "with Uncertainty, no end and an acknowledgement, which is for the device to refuse, and not for who opens it", minimal("O").
		with(4, challengeOf(1, repeat(0, 8))).with(13, numbers(0, 0, 0, 1)).with(14, number(3)).with(16, number(30)).with(18, list{number(1), repeat(8, 8)}))
	add("nonce-lowest", "the least nonce that is one", minimal("O").with(4, challengeOf(1, append(repeat(0, 7), 1))))
}

// badStickers answer no identity, and say what such an order must not.
func badStickers() []negative {
	sound := sticker()
	var all []negative
	for _, c := range []struct {
		name, comment string
		faulty        object
	}{
		{"postpaid", "billed afterwards", sound.with(14, number(1))},
		{"hold", "reserved, not taken", sound.with(14, number(2))},
		{"deposit", "covered by a deposit", sound.with(14, number(4))},
		{"gift", "paid by somebody else", sound.with(14, number(5))},
		{"direct-debit", "collected under a mandate", sound.with(14, number(6))},
		{"held", "held for a second, of an identity that there is not", sound.with(6, number(1))},
		{"no-limits", "without limits", sound.without(13)},
		{"no-amount", "without a limit of the amount", sound.with(13, numbers(30_000_000, 0, 0, 0))},
		{"number-0", "order number zero; the first is 1", sound.with(4, challengeOf(0, repeat(0, 8)))},
	} {
		all = append(all, fault(qrproto.ErrField, "O", "sticker-"+c.name, "an order that answers no identity: "+c.comment, c.faulty, sound))
	}
	return all
}

func badStops() []negative {
	return append(edges("X", full("X"), []edge{
		{1, "order-15", "an order's hash of 15 bytes", repeat(6, 15), repeat(6, 16)},
		{1, "order-17", "an order's hash of 17 bytes", repeat(6, 17), repeat(6, 16)},
		{1, "order-32", "an order's hash in full", repeat(6, 32), repeat(6, 16)},
		{1, "order-empty", "an order's hash of no bytes", octets{}, repeat(6, 16)},
		{1, "order-numbers", "an order's hash as an array of numbers", numbers(6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6), repeat(6, 16)},
	}),
		altered(qrproto.ErrKeyUsage, "stop-by-order-key", "the key may sign orders and receipts only", newDraft("X", full("X")), func(d *draft) {
			d.keys = []key{issuer().key}
		}),
		negative{qrproto.ErrKeyUsage, "stop-by-device", "a device signs a stop order", newDraft("X", full("X")).signedBy(device()), newDraft("X", full("X"))})
}

func badVouchers() []negative {
	base := full("V")
	return append(edges("V", base, []edge{
		{1, "id-15", "an id of 15 bytes", repeat(1, 15), repeat(1, 16)},
		{1, "id-17", "an id of 17 bytes", repeat(1, 17), repeat(1, 16)},
		{2, "amount-0", "of nothing", number(0), number(1)},
		{2, "amount-negative", "of less than nothing", number(-1), number(1)},
		{2, "amount-high", "an amount above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{3, "scale-7", "an amount of seven decimals; the most is six", number(7), number(6)},
		{4, "currency-unknown", "a currency that ISO 4217 does not have", words("XQX"), words("USD")},
		{4, "currency-no-decimals", "gold, for which ISO 4217 tells no decimals", words("XAU"), words("USD")},
		{4, "currency-small", "a currency in small letters", words("cny"), words("CNY")},
		{4, "currency-empty", "no currency", words(""), words("CNY")},
		{4, "currency-2", "a currency of two letters", words("CN"), words("CNY")},
		{4, "currency-4", "a currency of four letters", words("CNYX"), words("CNY")},
		{5, "from-0", "good from no time", number(0), number(1)},
		{5, "from-at-until", "good from the moment on at which it ends", number(1826884800), number(1826884799)},
		{5, "from-negative", "good from before 1970", number(-1), number(1)},
		{6, "until-before-from", "ends before it begins", number(1795348799), number(1795348801)},
		{6, "until-high", "ends beyond 10^11 s", number(maxUnix + 1), number(maxUnix)},
	}),
		altered(qrproto.ErrKeyUsage, "voucher-by-order-key", "the key may sign orders and receipts only", newDraft("V", base), func(d *draft) {
			d.keys = []key{issuer().key}
		}))
}
