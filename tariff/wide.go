// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"math/bits"
	"strconv"
)

// wide is an unsigned 128-bit integer.
type wide struct{ hi, lo uint64 }

// mul64 returns a × b, which always fits.
func mul64(a, b uint64) wide {
	hi, lo := bits.Mul64(a, b)
	return wide{hi, lo}
}

func (w wide) isZero() bool   { return w.hi|w.lo == 0 }
func (w wide) cmp(v wide) int { return cmpWide(w, v) }

// add returns w + v, and false on overflow.
func (w wide) add(v wide) (wide, bool) {
	lo, carry := bits.Add64(w.lo, v.lo, 0)
	hi, carry := bits.Add64(w.hi, v.hi, carry)
	return wide{hi, lo}, carry == 0
}

// sub returns w - v for w ≥ v.
func (w wide) sub(v wide) wide {
	lo, borrow := bits.Sub64(w.lo, v.lo, 0)
	hi, _ := bits.Sub64(w.hi, v.hi, borrow)
	return wide{hi, lo}
}

// mul returns w × m, and false on overflow.
func (w wide) mul(m uint64) (wide, bool) {
	over, mid := bits.Mul64(w.hi, m)
	hi, lo := bits.Mul64(w.lo, m)
	hi, carry := bits.Add64(hi, mid, 0)
	return wide{hi, lo}, over == 0 && carry == 0
}

// mulWide returns w × v, and false on overflow.
func (w wide) mulWide(v wide) (wide, bool) {
	if v.hi == 0 {
		return w.mul(v.lo)
	}
	if w.hi != 0 {
		return wide{}, false
	}
	return v.mul(w.lo)
}

// divMod returns quotient and remainder of w / d for d > 0.
func (w wide) divMod(d wide) (q, r wide) {
	if d.hi == 0 {
		q.hi = w.hi / d.lo
		q.lo, r.lo = bits.Div64(w.hi%d.lo, w.lo, d.lo)
		return q, r
	}
	// The quotient has at most 64 bits; schoolbook shifting is rare enough here.
	r = w
	for shift := bits.LeadingZeros64(d.hi) - bits.LeadingZeros64(w.hi); shift >= 0; shift-- {
		if part := d.shl(uint(shift)); r.cmp(part) >= 0 {
			r = r.sub(part)
			q.lo |= 1 << uint(shift)
		}
	}
	return q, r
}

// shl returns w << n for n < 64.
func (w wide) shl(n uint) wide { return wide{w.hi<<n | w.lo>>(64-n), w.lo << n} }

// shr returns w >> n for n < 128.
func (w wide) shr(n uint) wide {
	if n >= 64 {
		return wide{0, w.hi >> (n - 64)}
	}
	return wide{w.hi >> n, w.lo>>n | w.hi<<(64-n)}
}

// trailingZeros counts the zero bits below the lowest one bit of w > 0.
func (w wide) trailingZeros() uint {
	if w.lo != 0 {
		return uint(bits.TrailingZeros64(w.lo))
	}
	return 64 + uint(bits.TrailingZeros64(w.hi))
}

// gcd returns the greatest common divisor of two positive numbers (Stein's
// binary algorithm, so that no step divides).
func gcd(a, b wide) wide {
	common := min(a.trailingZeros(), b.trailingZeros())
	a, b = a.shr(a.trailingZeros()), b.shr(b.trailingZeros())
	for a.hi|b.hi != 0 && a != b {
		if a.cmp(b) < 0 {
			a, b = b, a
		}
		a = a.sub(b)
		a = a.shr(a.trailingZeros())
	}
	if a != b {
		a = wide{lo: gcd64(a.lo, b.lo)}
	}
	if common >= 64 {
		return wide{hi: a.lo}.shl(common - 64)
	}
	return a.shl(common)
}

// gcd64 is gcd for two odd numbers of 64 bits.
func gcd64(a, b uint64) uint64 {
	for a != b {
		if a < b {
			a, b = b, a
		}
		a -= b
		a >>= uint(bits.TrailingZeros64(a))
	}
	return a
}

// append appends w in decimal.
func (w wide) append(dst []byte) []byte {
	const chunk = 1e19
	if w.hi == 0 {
		return strconv.AppendUint(dst, w.lo, 10)
	}
	q, r := w.divMod(wide{lo: chunk})
	dst = q.append(dst)
	start := len(dst)
	dst = append(dst, "0000000000000000000"...)
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] = byte('0' + r.lo%10)
		r.lo /= 10
	}
	return dst
}

// parseWide reads a decimal without sign or leading zeros.
func parseWide(text string) (wide, bool) {
	var w wide
	if len(text) == 0 || len(text) > 1 && text[0] == '0' {
		return w, false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return w, false
		}
		ten, ok1 := w.mul(10)
		sum, ok2 := ten.add(wide{lo: uint64(text[i] - '0')})
		if !ok1 || !ok2 {
			return w, false
		}
		w = sum
	}
	return w, true
}
