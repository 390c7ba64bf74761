// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"math/bits"

	"github.com/seed81979277/qrcharge/tariff"
)

// perUnit is how many units of exact, 10^-9 yuan, an amount's 10^-4 yuan holds.
const perUnit = 100_000

// exact is an amount before rounding: a price of 10^-5 yuan times an energy of
// 10^-4 kWh. A price has 33 bits, an energy 32, and at most eight are added: 68
// bits are enough, and a quotient by perUnit always fits 64.
type exact struct{ hi, lo uint64 }

func product(price uint64, energy uint32) exact {
	hi, lo := bits.Mul64(price, uint64(energy))
	return exact{hi, lo}
}

func (e exact) add(f exact) exact {
	lo, carry := bits.Add64(e.lo, f.lo, 0)
	return exact{e.hi + f.hi + carry, lo}
}

// round returns e in 10^-4 yuan.
func (e exact) round(mode tariff.RoundingMode) uint64 {
	units, rest := bits.Div64(e.hi, e.lo, perUnit)
	up := false
	switch mode {
	case tariff.Up:
		up = rest > 0
	case tariff.HalfUp:
		up = rest >= perUnit/2
	case tariff.HalfEven:
		up = rest > perUnit/2 || rest == perUnit/2 && units&1 == 1
	}
	if up {
		units++
	}
	return units
}
