// SPDX-License-Identifier: Apache-2.0

package tariff

import "strings"

// Exact is an amount before any rounding: a fraction in lowest terms, numerator
// and denominator of 128 bits each. The zero value is 0. Equal amounts are
// equal under ==.
type Exact struct {
	num, den wide // den is 0 only in the zero value, and stands for 1
	neg      bool
}

// newExact returns num/den in lowest terms; den > 0.
func newExact(num signed, den wide) Exact {
	if num.mag.isZero() {
		return Exact{}
	}
	if common := gcd(num.mag, den); common != (wide{lo: 1}) {
		num.mag, _ = num.mag.divMod(common)
		den, _ = den.divMod(common)
	}
	return Exact{num: num.mag, den: den, neg: num.neg}
}

// String returns "numerator/denominator" in lowest terms: "91851/50000" is
// 1.83702, and nothing is "0/1".
func (e Exact) String() string {
	text, _ := e.AppendText(nil)
	return string(text)
}

// AppendText appends the form of String. It never fails.
func (e Exact) AppendText(dst []byte) ([]byte, error) {
	if e.neg {
		dst = append(dst, '-')
	}
	dst = append(e.num.append(dst), '/')
	return e.denominator().append(dst), nil
}

// MarshalText returns the form of String.
func (e Exact) MarshalText() ([]byte, error) { return e.AppendText(nil) }

// UnmarshalText reads the form of String and nothing else: a fraction that is
// not in lowest terms is [ErrSyntax], as is one beyond 128 bits.
func (e *Exact) UnmarshalText(text []byte) error {
	digits, negative := strings.CutPrefix(string(text), "-")
	n, d, ok := strings.Cut(digits, "/")
	num, ok1 := parseWide(n)
	den, ok2 := parseWide(d)
	if !ok || !ok1 || !ok2 || den.isZero() {
		return ErrSyntax
	}
	read := newExact(signed{mag: num, neg: negative}, den)
	if read.String() != string(text) {
		return ErrSyntax
	}
	*e = read
	return nil
}

func (e Exact) denominator() wide {
	if e.den.isZero() {
		return wide{lo: 1}
	}
	return e.den
}

// add returns e + f, or [ErrOverflow].
func (e Exact) add(f Exact) (Exact, error) {
	d1, d2 := e.denominator(), f.denominator()
	common := gcd(d1, d2)
	m1, _ := d2.divMod(common)
	m2, _ := d1.divMod(common)
	a, ok1 := e.num.mulWide(m1)
	b, ok2 := f.num.mulWide(m2)
	den, ok3 := d1.mulWide(m1)
	_, ok4 := a.add(b)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return Exact{}, ErrOverflow
	}
	return newExact(signed{mag: a, neg: e.neg}.add(signed{mag: b, neg: f.neg}), den), nil
}

// round returns e in units of 10^-scale, or [ErrOverflow].
func (e Exact) round(scale uint8, mode RoundingMode) (int64, error) {
	return roundFraction(signed{mag: e.num, neg: e.neg}, e.denominator(), scale, mode)
}

// roundFraction returns num/den in units of 10^-scale. The whole part and the
// remainder are scaled apart, so that nothing is lost to the width of 128 bits
// that the result could hold.
func roundFraction(num signed, den wide, scale uint8, mode RoundingMode) (int64, error) {
	whole, rest := num.mag.divMod(den)
	scaled, ok1 := rest.mul(pow10(scale))
	part, left := scaled.divMod(den)
	units, ok2 := whole.mul(pow10(scale))
	units, ok3 := units.add(part)
	if !ok1 || !ok2 || !ok3 {
		return 0, ErrOverflow
	}
	if mode.up(units, left, den) {
		if units, ok1 = units.add(wide{lo: 1}); !ok1 {
			return 0, ErrOverflow
		}
	}
	result, ok := signed{mag: units, neg: num.neg}.int64()
	if !ok {
		return 0, ErrOverflow
	}
	return result, nil
}

// up decides whether a magnitude of units and left/den is rounded to units+1.
func (m RoundingMode) up(units, left, den wide) bool {
	if left.isZero() {
		return false
	}
	half := left.cmp(den.sub(left)) // left against the other part of the unit
	switch m {
	case Up:
		return true
	case HalfUp:
		return half >= 0
	case HalfEven:
		return half > 0 || half == 0 && units.lo&1 == 1
	}
	return false
}
