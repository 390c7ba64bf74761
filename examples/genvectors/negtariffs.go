// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// set returns l with another item at an index.
func (l list) set(at int, i item) list {
	out := slices.Clone(l)
	out[at] = i
	return out
}

func badTariffs() []badTariff {
	sound := chinese().write(nil)
	var all []badTariff
	against := func(right item) func(name, comment string, faulty item) {
		return func(name, comment string, faulty item) {
			all = append(all, badTariff{qrproto.ErrTariff, name, comment, faulty, right})
		}
	}
	add := against(sound)
	whole := sound.bytes()
	hex := func(b []byte) raw { return raw(fmt.Sprintf("%x", b)) }
	add("empty", "no bytes", raw(""))
	add("empty-array", "an array without an item", list{})
	add("map", "a map", object{})
	add("trailing-byte", "a byte behind the array", hex(append(slices.Clone(whole), 0)))
	add("cut", "the last byte is missing", hex(whole[:len(whole)-1]))
	add("array-long", "the head of the array is not in its shortest form", hex(slices.Concat([]byte{0x98, whole[0] & 31}, whole[1:])))
	add("array-indefinite", "an array of indefinite length", hex(slices.Concat([]byte{0x9f}, whole[1:], []byte{0xff})))
	add("rules-0", "no revision of the rules", sound.set(0, number(0)))
	add("rules-2", "a revision of the rules that is unknown here", sound.set(0, number(2)))
	add("rules-257", "a revision that is 1 in its lowest byte", sound.set(0, number(257)))
	add("rules-long", "the revision is not in its shortest form", sound.set(0, raw("1801")))
	add("scale-10", "prices of ten decimals; the most is nine", sound.set(1, number(10)))
	add("scale-negative", "a scale below zero", sound.set(1, number(-1)))
	add("currency-unknown", "no currency of ISO 4217", sound.set(2, words("XYZ")))
	add("currency-lower-case", "a currency in small letters", sound.set(2, words("cny")))
	add("currency-gold", "gold: a code without decimals", sound.set(2, words("XAU")))
	add("currency-bytes", "the currency is a byte string", sound.set(2, octets("CNY")))
	add("slots-short", "eleven bytes of slots for four rates", sound.set(3, repeat(0x1b, 11)))
	add("slots-long", "thirteen bytes of slots for four rates", sound.set(3, repeat(0x1b, 13)))
	add("slots-text", "the slots are a text string", sound.set(3, words("0123")))
	add("price-half", "a rate without a service fee", sound[:len(sound)-1])
	add("price-float", "a price as a float", sound.set(4, raw("f93c00")))
	add("price-null", "null for a price", sound.set(4, raw("f6")))
	add("price-long", "a price is not in its shortest form", sound.set(4, raw("1b 000000000002112c")))
	add("price-lowest", "the lowest 64-bit integer, which has no opposite", sound.set(4, number(math.MinInt64)))
	add("price-high", "a price that fits no 64-bit integer with a sign", sound.set(4, raw("1b 8000000000000000")))
	add("price-bignum", "a price as a bignum", sound.set(4, raw("c2 43 02112c")))
	add("no-rates", "no rate at all", list{number(1), number(5), words("CNY"), octets{}})
	add("rate-never", "the fourth rate holds at no half hour", sound.set(3, octets(packSlots(strings.Repeat("012", 16), 2))))
	three := grid{1, 2, "EUR", strings.Repeat("012", 16), []rate{{1, 10, 1}, {2, 20, 1}, {3, 30, 2}}, []int64{1, 1, 2}}.write(nil)
	against(three)("slot-3-of-3", "a half hour of the fourth of three rates", three.set(3, octets(packSlots(strings.Repeat("0123", 12), 2))))
	nine := chinese()
	nine.Rates = nil
	for i := range int64(9) {
		nine.Rates = append(nine.Rates, rate{i + 1, 10_001 + i, 1})
	}
	nine.Slots = strings.Repeat("01234567", 5) + "01234568"
	add("rates-9", "nine rates; the most is eight", nine.write(nil))
	return slices.Concat(all, notNormal(), badGenerals())
}

// notNormal are tariffs that mean the same as another one, which is the normal form.
func notNormal() []badTariff {
	sound := chinese().write(nil)
	named := sound.set(0, number(1))
	named = append(named, object{{1, octets{2, 3, 4, 5}}})
	var all []badTariff
	add := func(name, comment string, faulty, right item) {
		all = append(all, badTariff{qrproto.ErrTariff, name, comment, faulty, right})
	}
	option := func(o item) list { return append(slices.Clone(sound), o) }
	tens := chinese()
	tens.Scale = 6
	for i := range tens.Rates {
		tens.Rates[i].Electricity *= 10
		tens.Rates[i].Service *= 10
	}
	add("scale-not-least", "all prices end in a zero: the scale is one too large", tens.write(nil), sound)
	add("options-empty", "options without an option", option(object{}), sound)
	add("options-names-standard", "the names are 1, 2, 3, 4, which goes without saying", option(object{{1, octets{1, 2, 3, 4}}}), named)
	add("options-rounding-standard", "the rounding is the usual one, which goes without saying", option(object{{2, numbers(1, 1, 2)}}), option(object{{2, numbers(1, 1, 1)}}))
	add("options-unknown", "an option that does not exist", option(object{{9, number(1)}}), sound)
	add("options-unsorted", "the options in descending order", option(object{{2, numbers(1, 1, 1)}, {1, octets{2, 3, 4, 5}}}), option(object{{1, octets{2, 3, 4, 5}}, {2, numbers(1, 1, 1)}}))
	add("options-twice", "one option twice", option(object{{1, octets{2, 3, 4, 5}}, {1, octets{2, 3, 4, 5}}}), named)
	add("options-behind", "an item behind the options", append(slices.Clone(named), number(1)), named)
	add("names-short", "three names for four rates", option(object{{1, octets{2, 3, 4}}}), named)
	add("names-9", "a name that does not exist", option(object{{1, octets{2, 3, 4, 9}}}), named)
	add("names-twice", "one name twice", option(object{{1, octets{2, 3, 3, 5}}}), named)
	add("names-unsorted", "rates not in the order of their names", option(object{{1, octets{3, 2, 4, 5}}}), named)
	add("names-array", "the names are an array", option(object{{1, numbers(2, 3, 4, 5)}}), named)
	anonymous := object{{1, octets{0, 0}}}
	add("unnamed-order", "rates without names, the one that begins later first", unnamed("01").write(anonymous), unnamed("10").write(anonymous))
	same := unnamed("10")
	same.Rates[1] = same.Rates[0]
	add("unnamed-same", "two rates without names at the same price, which are one", same.write(anonymous), unnamed("10").write(anonymous))
	rounding := func(ns ...int64) list { return option(object{{2, numbers(ns...)}}) }
	add("rounding-unit-0", "no unit of rounding", rounding(0, 1, 2), rounding(2, 1, 2))
	add("rounding-unit-4", "a unit of rounding that does not exist", rounding(4, 1, 2), rounding(3, 1, 2))
	add("rounding-mode-0", "no mode of rounding", rounding(1, 0, 2), rounding(1, 2, 2))
	add("rounding-mode-5", "a mode of rounding that does not exist", rounding(1, 5, 2), rounding(1, 4, 2))
	add("rounding-payable-10", "ten decimals are paid; the most is nine", rounding(1, 1, 10), rounding(1, 1, 9))
	add("rounding-two-items", "a rounding without the decimals that are paid", rounding(1, 1), rounding(1, 1, 1))
	add("rounding-four-items", "a rounding with a fourth item", rounding(1, 1, 1, 1), rounding(1, 1, 1))
	add("rounding-bytes", "the rounding is a byte string", option(object{{2, octets{1, 1, 1}}}), rounding(1, 1, 1))
	all = append(all, badTariff{qrproto.ErrTooLarge, "20481-bytes", "20481 bytes; the limit is 20480, before anything is parsed", raw(strings.Repeat("00", 20481)), sound})
	return all
}

// A badLink is a base that no link is made with.
type badLink struct{ name, comment, faulty, sound string }

type badLinkJSON struct {
	Comment   string `json:"comment"`
	Error     int    `json:"error"`
	ErrorName string `json:"error_name"`
	Base      string `json:"base"`
	Sound     string `json:"sound"`
}

func (l badLink) vector() any {
	return badLinkJSON{l.comment, int(qrproto.ErrLink), errorName(qrproto.ErrLink), l.faulty, l.sound}
}

func (l badLink) check() error {
	code, err := qrproto.ParseCode(newDraft("I", minimal("I")).text())
	if err != nil {
		return err
	}
	_, sound := code.Link(l.sound)
	_, faulty := code.Link(l.faulty)
	return errors.Join(sound, mustRefuse(faulty, qrproto.ErrLink))
}

func badLinks() []badLink {
	long := func(n int) string { return "HTTPS://A.EXAMPLE/" + strings.Repeat("P", n-19) + "/" }
	return []badLink{
		{"empty", "no base", "", "HTTPS://A/"},
		{"http", "HTTP without S", "HTTP://A.EXAMPLE/", "HTTPS://A.EXAMPLE/"},
		{"small-scheme", "the scheme in small letters, which cost 8 bits each in a QR code", "https://A.EXAMPLE/", "HTTPS://A.EXAMPLE/"},
		{"small-host", "the host in small letters", "HTTPS://a.example/", "HTTPS://A.EXAMPLE/"},
		{"no-host", "no host", "HTTPS:///C/", "HTTPS://A/C/"},
		{"no-slash", "no slash at the end", "HTTPS://A.EXAMPLE", "HTTPS://A.EXAMPLE/"},
		{"no-slash-path", "no slash at the end of the path", "HTTPS://A.EXAMPLE/C", "HTTPS://A.EXAMPLE/C/"},
		{"query", "a question mark, which a QR code holds at 8 bits only", "HTTPS://A.EXAMPLE/?C=/", "HTTPS://A.EXAMPLE/C/"},
		{"fragment", "a number sign", "HTTPS://A.EXAMPLE/#/", "HTTPS://A.EXAMPLE/C/"},
		{"space", "a space", "HTTPS://A.EXAMPLE/A B/", "HTTPS://A.EXAMPLE/A-B/"},
		{"line-feed", "a line feed", "HTTPS://A.EXAMPLE/A\nB/", "HTTPS://A.EXAMPLE/A-B/"},
		{"umlaut", "a letter that is not ASCII", "HTTPS://MÜNCHEN.EXAMPLE/", "HTTPS://MUNCHEN.EXAMPLE/"},
		{"257-characters", "257 characters; the most is 256", long(257), long(256)},
	}
}
