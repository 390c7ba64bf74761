// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"math/big"

	"github.com/seed81979277/qrcharge/tariff"
)

// Sums over several bills, and limits on them, are fractions of any size here;
// what leaves the package fits [tariff.Exact] or is an error.

func ratio(num, den int64) *big.Rat { return big.NewRat(num, den) }

// ratOf returns a decimal as a fraction.
func ratOf(d Decimal) *big.Rat {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil)
	return new(big.Rat).SetFrac(big.NewInt(d.Units), den)
}

// ratExact returns an exact amount as a fraction.
func ratExact(e tariff.Exact) *big.Rat {
	r, ok := new(big.Rat).SetString(e.String())
	if !ok {
		return new(big.Rat) // never: the form of String is one that is read
	}
	return r
}

// exact returns a fraction as an exact amount, or [tariff.ErrOverflow].
func exact(r *big.Rat) (e tariff.Exact, err error) {
	if e.UnmarshalText([]byte(r.String())) != nil {
		return e, tariff.ErrOverflow
	}
	return e, nil
}

// round returns r in units of 10^-scale. The mode is that of magnitudes, as
// package tariff defines it.
func round(r *big.Rat, scale uint8, mode tariff.RoundingMode) (int64, error) {
	num := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	num.Mul(num, r.Num())
	whole, rest := new(big.Int).QuoRem(num.Abs(num), r.Denom(), new(big.Int))
	half := rest.Cmp(new(big.Int).Sub(r.Denom(), rest)) // the rest against what is missing
	up := rest.Sign() > 0 && (mode == tariff.Up || mode == tariff.HalfUp && half >= 0 ||
		mode == tariff.HalfEven && (half > 0 || half == 0 && whole.Bit(0) == 1))
	if up {
		whole.Add(whole, big.NewInt(1))
	}
	if r.Sign() < 0 {
		whole.Neg(whole)
	}
	if !whole.IsInt64() {
		return 0, tariff.ErrOverflow
	}
	return whole.Int64(), nil
}
