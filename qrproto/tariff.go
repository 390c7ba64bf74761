// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"

	"github.com/fxamacker/cbor/v2"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// maxTariff bounds a tariff's canonical bytes inside an order.
const maxTariff = 512

// tariffCodec reads and writes tariffs, which nest deeper than payloads do.
var tariffCodec = canon.New(7)

// tariffDomain separates a tariff's hash from those of payloads.
const tariffDomain = "qrcharge/1/tariff"

// EncodeTariff returns the canonical bytes of a tariff: two tariffs of the same
// meaning have the same ones. They are a CBOR array
//
//	[rules, scale, currency, slots, + price, ? options]
//
// with 1 to 8 pairs of prices, electricity and service fee of one rate. Slots
// holds for each half hour of the local day the index of its rate in 0, 1, 2 or
// 3 bits, as many as the number of rates asks for, from the highest bit of the
// first byte on. Options is a map and absent when empty: {1: the rates' names
// as bytes, where they are not 1, 2, 3 …; 2: [unit, mode, payable] of the
// rounding, where it is not once per session, half up, to the currency's own
// decimals}.
//
// It fails with ErrTariff for a tariff that is not sound or no grid.
func EncodeTariff(t *tariff.Tariff) ([]byte, error) {
	if t == nil {
		return nil, &Error{Code: ErrTariff, Why: "no tariff"}
	}
	grid, ok := t.Grid()
	if !ok {
		if err := t.Check(); err != nil {
			return nil, &Error{Code: ErrTariff, Err: err}
		}
		return nil, &Error{Code: ErrTariff, Why: "not a grid of half hours"}
	}
	items := []any{uint8(t.Rules), grid.Scale, string(t.Currency), packSlots(&grid)}
	for _, r := range grid.Rates {
		items = append(items, r.Electricity, r.Service)
	}
	if options := gridOptions(&grid, t.Currency); len(options) > 0 {
		items = append(items, options)
	}
	b, err := tariffCodec.Marshal(items)
	if err != nil {
		return nil, &Error{Code: ErrTariff, Err: err}
	}
	if len(b) > maxTariff {
		return nil, &Error{Code: ErrTooLarge, Path: "Tariff"}
	}
	return b, nil
}

// DecodeTariff is the inverse of EncodeTariff. The result is in normal form. It
// fails with ErrTariff for bytes that EncodeTariff would not write.
func DecodeTariff(b []byte) (*tariff.Tariff, error) {
	fail := func(err error) (*tariff.Tariff, error) { return nil, &Error{Code: ErrTariff, Err: err} }
	if len(b) > maxTariff {
		return nil, &Error{Code: ErrTooLarge, Path: "Tariff"}
	}
	items, err := tariffCodec.Split(b)
	if err != nil {
		return fail(err)
	}
	r := tariffReader{items: items}
	rules, scale, currency := r.small(), r.small(), r.text()
	grid := tariff.Grid{Scale: scale, Rounding: defaultRounding(currency)}
	slots := r.bytes()
	r.rates(&grid)
	r.options(&grid)
	if r.bad || !unpackSlots(&grid, slots) || tariff.Rules(rules) != tariff.Rules1 {
		return nil, &Error{Code: ErrTariff, Why: "not a tariff in its one encoding"}
	}
	t, err := tariff.FromGrid(grid, currency)
	if err != nil {
		return fail(err)
	}
	if again, err := EncodeTariff(t); err != nil || !bytes.Equal(again, b) {
		return nil, &Error{Code: ErrTariff, Why: "not the normal form"}
	}
	return t, nil
}

// TariffHash names a tariff: SHA-256 of the deterministic CBOR array
// ["qrcharge/1/tariff", h”, canonical bytes].
func TariffHash(t *tariff.Tariff) (Hash, error) {
	b, err := EncodeTariff(t)
	if err != nil {
		return Hash{}, err
	}
	return sum(tariffDomain, nil, b), nil
}

const (
	optionNames    = 1
	optionRounding = 2
)

func gridOptions(g *tariff.Grid, c tariff.Currency) map[int]any {
	options := map[int]any{}
	names := make([]byte, len(g.Rates))
	standard := true
	for i, r := range g.Rates {
		names[i] = byte(r.Name)
		standard = standard && int(r.Name) == i+1
	}
	if !standard {
		options[optionNames] = names
	}
	if r := g.Rounding; r != defaultRounding(c) {
		options[optionRounding] = []uint8Item{uint8Item(r.Unit), uint8Item(r.Mode), uint8Item(r.Payable)}
	}
	return options
}

// uint8Item keeps a list of small numbers from becoming a byte string.
type uint8Item uint16

func defaultRounding(c tariff.Currency) tariff.Rounding {
	exponent, _ := c.Exponent()
	return tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: uint8(exponent)}
}

// slotBits is the number of bits that an index below n takes.
func slotBits(n int) int {
	bits := 0
	for 1<<bits < n {
		bits++
	}
	return bits
}

func packSlots(g *tariff.Grid) []byte {
	bits := slotBits(len(g.Rates))
	out := make([]byte, len(g.Slots)*bits/8)
	for i, s := range g.Slots {
		for b := range bits {
			at := i*bits + b
			out[at/8] |= s >> (bits - 1 - b) & 1 << (7 - at%8)
		}
	}
	return out
}

func unpackSlots(g *tariff.Grid, packed []byte) bool {
	bits := slotBits(len(g.Rates))
	if len(packed) != len(g.Slots)*bits/8 {
		return false
	}
	for i := range g.Slots {
		for b := range bits {
			at := i*bits + b
			g.Slots[i] = g.Slots[i]<<1 | packed[at/8]>>(7-at%8)&1
		}
	}
	return true
}

// tariffReader takes the items of a tariff's array one by one, each as the type
// that it must have, so that no item costs more than its own size. After the
// first that is not what it should be, bad is set and stays. What it lets
// through in another encoding is found when the whole is encoded again.
type tariffReader struct {
	items []cbor.RawMessage
	bad   bool
}

func (r *tariffReader) read(v any) {
	if r.bad || len(r.items) == 0 {
		r.bad = true
		return
	}
	r.bad = tariffCodec.Read(r.items[0], v) != nil
	r.items = r.items[1:]
}

func (r *tariffReader) small() (n uint8) {
	r.read(&n)
	return n
}

func (r *tariffReader) text() (c tariff.Currency) {
	r.read(&c)
	return c
}

func (r *tariffReader) bytes() (b []byte) {
	r.read(&b)
	return b
}

// rates reads pairs of prices up to the options or the end.
func (r *tariffReader) rates(g *tariff.Grid) {
	const majorMap = 5
	for len(r.items) > 0 && r.items[0][0]>>5 != majorMap && !r.bad {
		rate := tariff.GridRate{Name: tariff.Rate(len(g.Rates) + 1)}
		r.read(&rate.Electricity)
		r.read(&rate.Service)
		g.Rates = append(g.Rates, rate)
	}
}

func (r *tariffReader) options(g *tariff.Grid) {
	if len(r.items) == 0 {
		return
	}
	var options struct {
		Names    []byte    `cbor:"1,keyasint"`
		Rounding *[3]uint8 `cbor:"2,keyasint"`
	}
	r.read(&options)
	r.bad = r.bad || len(r.items) > 0 || options.Names != nil && len(options.Names) != len(g.Rates)
	if r.bad {
		return
	}
	for i, name := range options.Names {
		g.Rates[i].Name = tariff.Rate(name)
	}
	if o := options.Rounding; o != nil {
		g.Rounding = tariff.Rounding{Unit: tariff.RoundingUnit(o[0]), Mode: tariff.RoundingMode(o[1]), Payable: o[2]}
	}
}
