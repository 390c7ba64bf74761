// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// An edge is a value just outside of what a field may be, beside the outermost
// that it may be. All of them are ErrField.
type edge struct {
	key           int64
	name, comment string
	out, in       item
}

// edges turns them into vectors, the rest of each payload as in base.
func edges(kind string, base object, list []edge) []negative {
	var all []negative
	for _, e := range list {
		all = append(all, fault(qrproto.ErrField, kind, e.name, e.comment, base.with(e.key, e.out), base.with(e.key, e.in)))
	}
	return all
}

func challengeOf(counter int64, nonce octets) list { return list{number(counter), nonce} }

// challengeEdges hold in identities and orders.
func challengeEdges() []edge {
	sound := challengeOf(4711, nonce())
	return []edge{
		{4, "counter-0", "a challenge counter of zero; the first is 1", challengeOf(0, nonce()), sound},
		{4, "counter-high", "a challenge counter of 2^32", challengeOf(1<<32, nonce()), challengeOf(maxUint32, nonce())},
		{4, "nonce-7", "a nonce of seven bytes", challengeOf(4711, repeat(1, 7)), sound},
		{4, "nonce-9", "a nonce of nine bytes", challengeOf(4711, repeat(1, 9)), sound},
		{4, "challenge-one-item", "a challenge without a nonce", numbers(4711), sound},
		{4, "challenge-three-items", "a challenge with a third item", list{number(4711), nonce(), number(0)}, sound},
		{4, "nonce-array", "a nonce as an array of numbers", list{number(4711), numbers(1, 2, 3, 4, 5, 6, 7, 8)}, sound},
	}
}

func badIdentities() []negative {
	base := full("I").without(16)
	head := func(seq int64, sum octets, total int64) list { return list{number(seq), sum, number(total)} }
	sound := head(20345, repeat(9, 8), 412_345_678_901)
	all := edges("I", base, challengeEdges())
	all = append(all, edges("I", base, []edge{
		{4, "nonce-zero", "a nonce of zeros, with which an order says that it answers no identity", challengeOf(4711, repeat(0, 8)), challengeOf(4711, append(repeat(0, 7), 1))},
	})...)
	all = append(all, edges("I", base, []edge{
		{1, "connector-0", "connector zero; the first is 1", number(0), number(1)},
		{1, "connector-256", "connector 256", number(256), number(255)},
		{1, "connector-negative", "a connector below zero", number(-1), number(1)},
		{2, "state-6", "a state that does not exist", number(6), number(5)},
		{3, "place-33-bytes", "a place of 33 bytes", words(strings.Repeat("x", 33)), words(strings.Repeat("x", 32))},
		{5, "boot-0", "no boot so far", number(0), number(1)},
		{5, "boot-high", "2^32 boots", number(1 << 32), number(maxUint32)},
		{6, "wall-high", "a time beyond 10^11 s", number(maxUnix + 1), number(maxUnix)},
		{6, "wall-negative", "a time before 1970", number(-1), number(1)},
		{7, "clock-4", "a source of time that does not exist", number(4), number(3)},
		{8, "epoch-high", "epoch 2^32", number(1 << 32), number(maxUint32)},
		{9, "rules-0", "no tariff rules are understood", number(0), number(1)},
		{9, "rules-256", "rules 256", number(256), number(255)},
		{10, "tariffs-half", "a hint of three bytes", repeat(0xa1, 7), repeat(0xa1, 8)},
		{10, "tariffs-9", "nine hints at tariffs; the most is eight", repeat(0xa1, 36), repeat(0xa1, 32)},
		{11, "health-4", "a health that does not exist", number(4), number(3)},
		{12, "alarms-512", "an alarm that does not exist", number(512), number(511)},
		{13, "head-seq-0", "a head that names no record; before the first one there is no head", head(0, repeat(9, 8), 0), sound},
		{13, "head-seq-high", "a head's seq of 2^32", head(1<<32, repeat(9, 8), 0), head(maxUint32, repeat(9, 8), 0)},
		{13, "head-sum-7", "a head's hash of seven bytes", head(1, repeat(9, 7), 0), sound},
		{13, "head-sum-9", "a head's hash of nine bytes", head(1, repeat(9, 9), 0), sound},
		{13, "head-total-negative", "a total below zero", head(1, repeat(9, 8), -1), head(1, repeat(9, 8), 0)},
		{13, "head-total-high", "a total above 2^60", head(1, repeat(9, 8), maxQuantity+1), head(1, repeat(9, 8), maxQuantity)},
		{13, "head-two-items", "a head without a total", list{number(1), repeat(9, 8)}, sound},
		{14, "open-half", "a hint of three bytes", repeat(0xc1, 7), repeat(0xc1, 8)},
		{14, "open-17", "open orders of 17 connectors; the most is 16", repeat(0xc1, 68), repeat(0xc1, 64)},
		{14, "open-last-empty", "no order on the last connector of the list", octets(unhex("c1c2c3c400000000")), octets(unhex("c1c2c3c4"))},
		{15, "back-too-far", "an oldest open challenge before the first one", number(4711), number(4710)},
		{15, "back-negative", "an oldest open challenge after this one", number(-1), number(1)},
	})...)
	return append(append(all, badPlaces()...), badRecords()...)
}

// badPlaces hold the first or the last of each range of characters that a
// display must not get, beside the neighbour that it may get.
func badPlaces() []negative {
	var list []edge
	for _, c := range []struct{ out, in rune }{
		{0, ' '}, {'\t', ' '}, {'\n', ' '}, {0x1f, 0x20}, {0x7f, 0x7e}, {0x85, 0xa0}, {0x9f, 0xa0}, {0x61c, 0x61b}, {0x200b, 0x200a}, {0x200e, 0x2010}, {0x200f, 0x2010},
		{0x2028, 0x2027}, {0x202e, 0x202f}, {0x2060, 0x205f}, {0x206f, 0x2070}, {0xfdd0, 0xfdcf}, {0xfdef, 0xfdf0}, {0xfeff, 0xfefe},
		{0xfff0, 0xffef}, {0xffff, 0x10000}, {0xe0000, 0xdffff}, {0x10ffff, 0xdffff},
	} {
		list = append(list, edge{3, fmt.Sprintf("place-%04x", c.out), fmt.Sprintf("a place with U+%04X, which no display can show", c.out),
			words("P2" + string(c.out)), words("P2" + string(c.in))})
	}
	return edges("I", full("I"), list)
}

func badRecords() []negative {
	base := full("I")
	clock := minimal("I")
	five := list{octets{1}, octets{1}, octets{1}, octets{1}, octets{1}}
	return append(edges("I", base, []edge{
		{16, "records-5", "five carried records; the most is four", five, five[:4]},
		{16, "record-empty", "a carried record of no bytes", list{octets{}}, list{octets{0}}},
		{16, "record-257-bytes", "a carried record of 257 bytes", list{repeat(0, 257)}, list{repeat(0, 256)}},
		{16, "record-map", "a carried record that is not wrapped in a byte string", list{minimal("R")}, list{octets(minimal("R").bytes())}},
	}),
		fault(qrproto.ErrField, "I", "records-without-head", "carries a record although there has been no settlement", base.without(13), base),
		fault(qrproto.ErrField, "I", "wall-without-clock", "a time, and no word on where it comes from",
			clock.with(6, number(1795348800)), clock.with(6, number(1795348800)).with(7, number(1))),
		fault(qrproto.ErrField, "I", "clock-without-wall", "a source of time, and no time",
			clock.with(7, number(1)), clock.with(6, number(1795348800)).with(7, number(1))),
		fault(qrproto.ErrMalformed, "I", "place-not-utf8", "a place that is not UTF-8", base.with(3, words("P2\xff\xfe")), base),
		fault(qrproto.ErrMalformed, "I", "place-surrogate", "a place with half a surrogate pair", base.with(3, words("\xed\xa0\x80")), base),
	)
}

func badOrders() []negative {
	base := full("O")
	ack := func(seq int64, n int) list { return list{number(seq), repeat(8, n)} }
	all := edges("O", base, challengeEdges())
	all = append(all, edges("O", base, []edge{
		{1, "id-7", "an order id of seven bytes", repeat(1, 7), repeat(1, 8)},
		{1, "id-9", "an order id of nine bytes", repeat(1, 9), repeat(1, 8)},
		{2, "charger-empty", "a device's number of no bytes", octets{}, octets{0}},
		{2, "charger-8", "a device's number of eight bytes", repeat(1, 8), repeat(1, 7)},
		{3, "connector-0", "connector zero", number(0), number(1)},
		{3, "connector-256", "connector 256", number(256), number(255)},
		{5, "issued-0", "issued at no time", number(0), number(1)},
		{5, "issued-high", "issued beyond 10^11 s", number(maxUnix + 1), number(maxUnix)},
		{5, "issued-negative", "issued before 1970", number(-1), number(1)},
		{6, "held-481", "held for 481 s; the most is 480", number(481), number(480)},
		{7, "window-0", "a window of zero", number(0), number(1)},
		{7, "window-181", "a window of 181 s; the most is 180", number(181), number(180)},
		{8, "tariff-513-bytes", "a tariff of 513 bytes", repeat(0, 513), repeat(0, 512)},
		{8, "tariff-array", "a tariff that is not wrapped in a byte string", numbers(1, 2), octets{1}},
		{11, "scale-7", "amounts of seven decimals; the most is six", number(7), number(6)},
		{14, "funding-0", "no funding", number(0), number(1)},
		{14, "funding-7", "a funding that does not exist", number(7), number(6)},
		{16, "uncertainty-65536", "an uncertainty of 2^16 s", number(65536), number(65535)},
		{17, "epoch-high", "epoch 2^32", number(1 << 32), number(maxUint32)},
		{18, "ack-seq-0", "an acknowledgement of no record", ack(0, 8), ack(1, 8)},
		{18, "ack-sum-7", "an acknowledgement with a hash of seven bytes", ack(1, 7), ack(1, 8)},
		{18, "ack-sum-9", "an acknowledgement with a hash of nine bytes", ack(1, 9), ack(1, 8)},
		{18, "ack-one-item", "an acknowledgement without a hash", numbers(1), ack(1, 8)},
	})...)
	all = append(all, edges("O", base, orderArrays())...)
	hashed := byHash(base)
	return append(all,
		fault(qrproto.ErrField, "O", "tariff-twice", "a tariff both embedded and by its hash", base.with(9, hashed.get(9)), base),
		fault(qrproto.ErrField, "O", "tariff-absent", "no tariff, neither embedded nor by its hash", base.without(8), base),
		fault(qrproto.ErrField, "O", "tariff-hash-15", "a tariff's hash of 15 bytes", hashed.with(9, repeat(1, 15)), hashed),
		fault(qrproto.ErrField, "O", "tariff-hash-17", "a tariff's hash of 17 bytes", hashed.with(9, repeat(1, 17)), hashed),
		fault(qrproto.ErrField, "O", "tariff-hash-32", "a tariff's hash in full", hashed.with(9, repeat(1, 32)), hashed),
	)
}

// orderArrays are the fields of an order with parts.
func orderArrays() []edge {
	const from = 1795348861
	return []edge{
		{10, "offsets-2", "an offset and a time, and nothing behind it", numbers(7200, from), numbers(7200)},
		{10, "offsets-7", "three transitions; the most is two", numbers(1, from, 2, from+1, 3, from+2, 4), numbers(1, from, 2, from+1, 3)},
		{10, "offsets-utc", "UTC written out; absence says it", numbers(0), numbers(1)},
		{10, "offsets-high", "more than 18 hours east", numbers(64801), numbers(64800)},
		{10, "offsets-low", "more than 18 hours west", numbers(-64801), numbers(-64800)},
		{10, "offsets-second-high", "more than 18 hours east after a transition", numbers(0, from, 64801), numbers(0, from, 64800)},
		{10, "offsets-order", "the second transition before the first", numbers(1, from, 2, from-1, 3), numbers(1, from, 2, from+1, 3)},
		{10, "offsets-equal-times", "two transitions at one moment", numbers(1, from, 2, from, 3), numbers(1, from, 2, from+1, 3)},
		{10, "offsets-same", "a transition to the same offset", numbers(1, from, 1), numbers(1, from, 2)},
		{10, "offsets-second-same", "a second transition to the same offset", numbers(1, from, 2, from+1, 2), numbers(1, from, 2, from+1, 1)},
		{10, "offsets-time-0", "a transition at no time", numbers(1, 0, 2), numbers(1, 1, 2)},
		{10, "offsets-time-high", "a transition beyond 10^11 s", numbers(1, maxUnix+1, 2), numbers(1, maxUnix, 2)},
		{12, "target-0", "a target of no kind; absence says as much as the vehicle takes", numbers(0, 1), numbers(1, 1)},
		{12, "target-5", "a kind of target that does not exist", numbers(5, 1), numbers(4, 1)},
		{12, "target-value-0", "a target of zero", numbers(1, 0), numbers(1, 1)},
		{12, "target-value-high", "a target above 2^60", numbers(1, maxQuantity+1), numbers(1, maxQuantity)},
		{12, "target-time-high", "a target of more than 366 days", numbers(4, maxDuration+1), numbers(4, maxDuration)},
		{12, "target-three-items", "a target with a third item", numbers(1, 1, 1), numbers(1, 1)},
		{13, "limits-none", "limits that limit nothing; absence says none", numbers(0, 0, 0, 0), numbers(0, 0, 0, 1)},
		{13, "limits-negative", "a limit below zero", numbers(-1, 0, 0, 0), numbers(1, 0, 0, 0)},
		{13, "limits-energy-high", "an energy above 2^60", numbers(maxQuantity+1, 0, 0, 0), numbers(maxQuantity, 0, 0, 0)},
		{13, "limits-volume-high", "a volume above 2^60", numbers(0, maxQuantity+1, 0, 0), numbers(0, maxQuantity, 0, 0)},
		{13, "limits-duration-high", "more than 366 days", numbers(0, 0, maxDuration+1, 0), numbers(0, 0, maxDuration, 0)},
		{13, "limits-amount-high", "an amount above 2^60", numbers(0, 0, 0, maxQuantity+1), numbers(0, 0, 0, maxQuantity)},
		{13, "limits-three-items", "limits without an amount", numbers(1, 1, 1), numbers(1, 1, 1, 1)},
		{15, "facts-none", "facts that say nothing; absence does", object{}, object{{3, number(1)}}},
		{15, "facts-reserved-high", "reserved for more than 366 days", object{{1, number(maxDuration + 1)}}, object{{1, number(maxDuration)}}},
		{15, "facts-reserved-negative", "reserved for less than no time", object{{1, number(-1)}}, object{{1, number(1)}}},
		{15, "facts-expired-2", "expired is neither 0 nor 1", object{{2, number(2)}}, object{{2, number(1)}}},
		{15, "facts-reserved-0", "reserved for no time; absence says so", object{{1, number(0)}, {3, number(1)}}, object{{3, number(1)}}},
		{15, "facts-energy-high", "more than 2^53 mWh before", object{{3, number(maxTier + 1)}}, object{{3, number(maxTier)}}},
		{15, "facts-energy-negative", "less than nothing before", object{{3, number(-1)}}, object{{3, number(1)}}},
		{15, "facts-time-high", "more than 2^53 s before", object{{4, number(maxTier + 1)}}, object{{4, number(maxTier)}}},
		{15, "facts-volume-high", "more than 2^53 mL before", object{{5, number(maxTier + 1)}}, object{{5, number(maxTier)}}},
		{15, "facts-volume-text", "the volume as text", object{{5, words("1")}}, object{{5, number(1)}}},
		{15, "facts-array", "facts as an array", numbers(1, 0, 1), object{{1, number(1)}, {3, number(1)}}},
	}
}

func badReceipts() []negative {
	base := full("R")
	ack := func(seq int64, n int) list { return list{number(seq), repeat(8, n)} }
	return edges("R", base, []edge{
		{1, "settlement-15", "a settlement's hash of 15 bytes", repeat(5, 15), repeat(5, 16)},
		{1, "settlement-17", "a settlement's hash of 17 bytes", repeat(5, 17), repeat(5, 16)},
		{2, "paid-high", "an amount above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{2, "paid-low", "an amount below -2^60", number(-maxQuantity - 1), number(-maxQuantity)},
		{2, "paid-int64", "an amount that fits no 64-bit integer with a sign", raw("1b 8000000000000000"), number(maxQuantity)},
		{3, "refunded-high", "a refund above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{3, "refunded-negative", "a refund below zero", number(-1), number(1)},
		{4, "time-0", "no time", number(0), number(1)},
		{4, "time-high", "a time beyond 10^11 s", number(maxUnix + 1), number(maxUnix)},
		{4, "time-int64", "the largest 64-bit integer for a time", number(math.MaxInt64), number(maxUnix)},
		{5, "ack-seq-0", "an acknowledgement of no record", ack(0, 8), ack(1, 8)},
		{5, "ack-seq-high", "an acknowledgement of record 2^32", ack(1<<32, 8), ack(maxUint32, 8)},
		{5, "ack-sum-7", "an acknowledgement with a hash of seven bytes", ack(1, 7), ack(1, 8)},
		{6, "anchor-11", "an anchor of eleven bytes", repeat(1, 11), repeat(1, 12)},
		{6, "anchor-13", "an anchor of thirteen bytes", repeat(1, 13), repeat(1, 12)},
	})
}
