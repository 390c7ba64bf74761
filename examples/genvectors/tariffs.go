// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// A tariffVector is the canonical bytes of a tariff, as an order holds them.
// Open leaves them as bytes; DecodeTariff reads them.
type tariffVector struct {
	name, comment string
	body          item
	grid          *grid           // of a grid without a fee for occupancy
	text          json.RawMessage // of others, the JSON that package tariff reads
}

// grid is a tariff as readable JSON.
type grid struct {
	Rules    int64   `json:"rules"`
	Scale    int64   `json:"scale"`
	Currency string  `json:"currency"`
	Slots    string  `json:"slots"` // the rate of each half hour, from 0 on
	Rates    []rate  `json:"rates"`
	Rounding []int64 `json:"rounding"` // unit, mode, payable decimals
}

type rate struct {
	Name        int64 `json:"name"`
	Electricity int64 `json:"electricity"`
	Service     int64 `json:"service"`
}

type tariffJSON struct {
	Comment    string          `json:"comment"`
	Grid       *grid           `json:"grid,omitempty"`
	Tariff     json.RawMessage `json:"tariff,omitempty"`
	Diagnostic string          `json:"diagnostic"`
	Bytes      octetsHex       `json:"bytes"`
	Hash       octetsHex       `json:"hash"`
}

func (t tariffVector) vector() any {
	b := t.body.bytes()
	return tariffJSON{t.comment, t.grid, t.text, t.body.diagnostic(), b, sum("qrcharge/1/tariff", nil, b)}
}

func (t tariffVector) check() error {
	decoded, err := qrproto.DecodeTariff(t.body.bytes())
	if err != nil {
		return err
	}
	again, err := qrproto.EncodeTariff(decoded)
	if err != nil {
		return err
	}
	hash, err := qrproto.TariffHash(decoded)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, t.body.bytes()) || !bytes.Equal(hash[:], sum("qrcharge/1/tariff", nil, again)) {
		return fmt.Errorf("qrproto encodes %x, hash %v", again, hash)
	}
	return t.checkText()
}

// checkText holds the tariff that was written for people against the bytes.
func (t tariffVector) checkText() error {
	if t.text == nil {
		return nil
	}
	var told tariff.Tariff
	if err := json.Unmarshal(t.text, &told); err != nil {
		return err
	}
	b, err := qrproto.EncodeTariff(&told)
	if err == nil && !bytes.Equal(b, t.body.bytes()) {
		err = fmt.Errorf("qrproto encodes %x, not %x", b, t.body.bytes())
	}
	return err
}

// bits is how many an index below n takes.
func bits(n int) int {
	return map[bool]int{true: 0, false: len(fmt.Sprintf("%b", n-1))}[n == 1]
}

// write is the encoding of a grid.
func (g grid) write(options object) list {
	out := list{number(g.Rules), number(g.Scale), words(g.Currency), octets(packSlots(g.Slots, bits(len(g.Rates))))}
	for _, r := range g.Rates {
		out = append(out, number(r.Electricity), number(r.Service))
	}
	if len(options) > 0 {
		out = append(out, options)
	}
	return out
}

const chineseDay = "333333333333332222221100111111222222110000222233"

func chinese() grid {
	return grid{1, 5, "CNY", chineseDay, []rate{{1, 135_468, 40_000}, {2, 112_345, 40_000}, {3, 71_234, 40_000}, {4, 33_321, 35_000}}, []int64{1, 1, 2}}
}

func tariffs() []tariffVector {
	var all []tariffVector
	add := func(name, comment string, g grid, options object) {
		all = append(all, tariffVector{name: name, comment: comment, body: g.write(options), grid: &g})
	}
	add("four-rates", "sharp, peak, flat and valley in 10^-5 yuan", chinese(), nil)
	flat := grid{1, 2, "EUR", strings.Repeat("0", 48), []rate{{1, 49, 0}}, []int64{1, 1, 2}}
	add("one-rate", "one price all day: an index takes no bit", flat, nil)
	flat.Scale, flat.Currency, flat.Rates, flat.Rounding = 0, "JPY", []rate{{1, 30, 5}}, []int64{1, 1, 0}
	add("no-decimals", "a currency without decimals", flat, nil)
	two := grid{1, 3, "KWD", strings.Repeat("0", 14) + strings.Repeat("1", 34), []rate{{1, 25, 1}, {2, 31, 1}}, []int64{1, 1, 3}}
	add("two-rates", "two rates: an index takes one bit; a currency of three decimals", two, nil)
	three := grid{1, 2, "EUR", strings.Repeat("0", 16) + strings.Repeat("1", 16) + strings.Repeat("2", 16), []rate{{1, 10, 1}, {2, 20, 1}, {3, 30, 2}}, []int64{1, 1, 2}}
	add("three-rates", "three rates: an index takes two bits", three, nil)
	eight := grid{1, 9, "CNY", strings.Repeat("01234567", 6), nil, []int64{1, 1, 2}}
	for i := range int64(8) {
		eight.Rates = append(eight.Rates, rate{i + 1, 1_000_000_001 + i, -i})
	}
	add("eight-rates", "eight rates, nine decimals, a service fee of zero and below", eight, nil)
	named := chinese()
	named.Rates[0].Name, named.Rates[1].Name, named.Rates[2].Name, named.Rates[3].Name = 2, 3, 4, 5
	add("names", "peak, flat, valley and deep valley: names that are not 1, 2, 3 …", named, object{{1, octets{2, 3, 4, 5}}})
	rounded := chinese()
	rounded.Rounding = []int64{3, 4, 0}
	add("rounding", "each component rounded down, whole yuan are paid", rounded, object{{2, numbers(3, 4, 0)}})
	named.Rounding = []int64{2, 2, 1}
	add("names-and-rounding", "both options", named, object{{1, octets{2, 3, 4, 5}}, {2, numbers(2, 2, 1)}})
	free := grid{1, 0, "CNY", strings.Repeat("0", 48), []rate{{1, 0, 0}}, []int64{1, 1, 2}}
	add("free", "everything for nothing", free, nil)
	add("unnamed", "rates without names stand in the order in which they begin in the day", unnamed("10"), object{{1, octets{0, 0}}})
	return slices.Concat(all, occupancies(), generals())
}

// unnamed is a day and a night rate without names; order has the index of the
// night's and of the day's.
func unnamed(order string) grid {
	night, day := order[:1], order[1:]
	g := grid{1, 2, "EUR", strings.Repeat(night, 14) + strings.Repeat(day, 32) + strings.Repeat(night, 2), []rate{{0, 31, 1}, {0, 25, 1}}, []int64{1, 1, 2}}
	if order == "01" {
		g.Rates[0], g.Rates[1] = g.Rates[1], g.Rates[0]
	}
	return g
}

// A badTariff is bytes that DecodeTariff refuses.
type badTariff struct {
	code          qrproto.ErrorCode
	name, comment string
	faulty, sound item
}

type badTariffJSON struct {
	Comment   string    `json:"comment"`
	Error     int       `json:"error"`
	ErrorName string    `json:"error_name"`
	Bytes     octetsHex `json:"bytes"`
	Sound     octetsHex `json:"sound"`
}

func (t badTariff) vector() any {
	return badTariffJSON{t.comment, int(t.code), errorName(t.code), t.faulty.bytes(), t.sound.bytes()}
}

func (t badTariff) check() error {
	if _, err := qrproto.DecodeTariff(t.sound.bytes()); err != nil {
		return fmt.Errorf("the sound one: %w", err)
	}
	decoded, err := qrproto.DecodeTariff(t.faulty.bytes())
	if decoded != nil {
		return fmt.Errorf("decodes")
	}
	return mustRefuse(err, t.code)
}
