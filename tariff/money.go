// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"cmp"
	"math"
	"math/bits"
	"strconv"
)

// maxDecimals is the largest Scale of an amount: 10^18 is the largest power of
// ten in an int64.
const maxDecimals = 18

// Money is an amount: Units × 10^-Scale of Currency. 1234 at scale 2 is 12.34.
// The zero Money has no currency and takes part in no sum.
type Money struct {
	Units    int64
	Scale    uint8 // decimals, at most 18
	Currency Currency
}

// Add returns m + n at the larger of the two scales, exactly. It fails with
// [ErrMixed] for two currencies, [ErrScale] for more than 18 decimals and
// [ErrOverflow] where the sum does not fit.
func (m Money) Add(n Money) (Money, error) {
	a, b, err := m.align(n)
	if err != nil {
		return Money{}, err
	}
	scale := max(m.Scale, n.Scale)
	sum := a.add(b)
	units, ok := sum.int64()
	if !ok {
		return Money{}, ErrOverflow
	}
	return Money{Units: units, Scale: scale, Currency: m.Currency}, nil
}

// Cmp returns -1, 0 or 1 as m is less than, equal to or greater than n; scales
// may differ (1.5 equals 1.50). It fails with [ErrMixed] or [ErrScale] as Add does.
func (m Money) Cmp(n Money) (int, error) {
	a, b, err := m.align(n)
	if err != nil {
		return 0, err
	}
	return a.cmp(b), nil
}

// align writes both amounts at the larger scale: 63 bits times 10^18 always
// fits 128 bits.
func (m Money) align(n Money) (a, b signed, err error) {
	if m.Currency != n.Currency {
		return a, b, ErrMixed
	}
	scale := max(m.Scale, n.Scale)
	if scale > maxDecimals {
		return a, b, ErrScale
	}
	a = product(m.Units, int64(pow10(scale-m.Scale)))
	b = product(n.Units, int64(pow10(scale-n.Scale)))
	return a, b, nil
}

// AppendText appends "12.34 CNY": all Scale decimals, a minus in front, then
// the currency. It fails with [ErrScale] above 18 decimals and [ErrCurrency]
// where Currency is not three capitals.
func (m Money) AppendText(dst []byte) ([]byte, error) {
	if !m.Currency.wellFormed() {
		return dst, ErrCurrency
	}
	if m.Scale > maxDecimals {
		return dst, ErrScale
	}
	dst = append(AppendDecimal(dst, m.Units, m.Scale), ' ')
	return append(dst, m.Currency...), nil
}

// String returns the text of AppendText, and for an amount that has none the
// plain fields, so that logs never lie.
func (m Money) String() string {
	if text, err := m.AppendText(nil); err == nil {
		return string(text)
	}
	return strconv.FormatInt(m.Units, 10) + "e-" + strconv.Itoa(int(m.Scale)) + " " + strconv.Quote(string(m.Currency))
}

// AppendDecimal appends units × 10^-scale as a plain decimal with exactly
// scale decimals: AppendDecimal(dst, -5, 2) appends "-0.05".
func AppendDecimal(dst []byte, units int64, scale uint8) []byte {
	magnitude := abs64(units)
	if units < 0 {
		dst = append(dst, '-')
	}
	if scale == 0 {
		return strconv.AppendUint(dst, magnitude, 10)
	}
	var digits [20]byte
	text := strconv.AppendUint(digits[:0], magnitude, 10)
	for missing := int(scale) + 1 - len(text); missing > 0; missing-- {
		dst = append(dst, '0')
		if missing == 1+int(scale)-len(text) {
			dst = append(dst, '.')
		}
	}
	if point := len(text) - int(scale); point > 0 {
		dst = append(append(dst, text[:point]...), '.')
		text = text[point:]
	}
	return append(dst, text...)
}

// ParseDecimal reads a plain decimal such as "-12.340" exactly: units -12340 at
// scale 3. The number of decimals written is the scale, at most 18. It fails
// with [ErrSyntax], [ErrScale] or [ErrOverflow]; exponents, plus signs, spaces
// and a point without digits on both sides are refused.
func ParseDecimal(text string) (units int64, scale uint8, err error) {
	digits, negative := text, false
	if len(digits) > 0 && digits[0] == '-' {
		digits, negative = digits[1:], true
	}
	var value uint64
	point := -1
	for i := range len(digits) {
		c := digits[i]
		if c == '.' && point < 0 && i > 0 {
			point = i
			continue
		}
		if c < '0' || c > '9' {
			return 0, 0, ErrSyntax
		}
		var ok bool
		if value, ok = times10plus(value, c-'0'); !ok {
			return 0, 0, ErrOverflow
		}
	}
	return signDecimal(digits, negative, value, point)
}

// signDecimal finishes ParseDecimal: sign, range and number of decimals.
func signDecimal(digits string, negative bool, value uint64, point int) (int64, uint8, error) {
	decimals := 0
	if point >= 0 {
		decimals = len(digits) - point - 1
	}
	switch {
	case len(digits) == 0 || point >= 0 && decimals == 0:
		return 0, 0, ErrSyntax
	case decimals > maxDecimals:
		return 0, 0, ErrScale
	}
	units, ok := signed{neg: negative, mag: wide{lo: value}}.int64()
	if !ok {
		return 0, 0, ErrOverflow
	}
	return units, uint8(decimals), nil
}

// times10plus returns 10v + digit, and false where it does not fit.
func times10plus(v uint64, digit byte) (uint64, bool) {
	hi, lo := bits.Mul64(v, 10)
	sum, carry := bits.Add64(lo, uint64(digit), 0)
	return sum, hi == 0 && carry == 0
}

// abs64 returns |v|, also of the smallest int64.
func abs64(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// pow10 returns 10^n; n is at most 19.
func pow10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// signed is a 128-bit magnitude with a sign: wide enough for every product of
// two int64. Zero is never negative.
type signed struct {
	mag wide
	neg bool
}

// product returns a × b.
func product(a, b int64) signed {
	mag := mul64(abs64(a), abs64(b))
	return signed{mag: mag, neg: (a < 0) != (b < 0) && !mag.isZero()}
}

// add returns s + t. It is used only where the sum of the magnitudes is known
// to fit 128 bits.
func (s signed) add(t signed) signed {
	if s.neg == t.neg {
		sum, _ := s.mag.add(t.mag)
		return signed{mag: sum, neg: s.neg}
	}
	switch s.mag.cmp(t.mag) {
	case 0:
		return signed{}
	case 1:
		return signed{mag: s.mag.sub(t.mag), neg: s.neg}
	}
	return signed{mag: t.mag.sub(s.mag), neg: t.neg}
}

// cmp compares s and t.
func (s signed) cmp(t signed) int {
	if s.neg != t.neg {
		if s.neg {
			return -1
		}
		return 1
	}
	if s.neg {
		return t.mag.cmp(s.mag)
	}
	return s.mag.cmp(t.mag)
}

// int64 returns s as an int64, and false where it does not fit.
func (s signed) int64() (int64, bool) {
	switch {
	case s.mag.hi != 0, s.mag.lo > 1<<63, !s.neg && s.mag.lo > math.MaxInt64:
		return 0, false
	case s.neg:
		return int64(-s.mag.lo), true
	}
	return int64(s.mag.lo), true
}

// cmpWide compares two 128-bit numbers.
func cmpWide(a, b wide) int {
	if c := cmp.Compare(a.hi, b.hi); c != 0 {
		return c
	}
	return cmp.Compare(a.lo, b.lo)
}
