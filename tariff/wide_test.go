// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"
)

func (w wide) big() *big.Int {
	b := new(big.Int).SetUint64(w.hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(w.lo))
}

// randomWide favours the edges of both words.
func randomWide(r *rand.Rand) wide {
	word := func() uint64 {
		switch r.IntN(4) {
		case 0:
			return 0
		case 1:
			return ^uint64(0) - r.Uint64N(3)
		case 2:
			return r.Uint64N(1000)
		}
		return r.Uint64() >> r.UintN(64)
	}
	return wide{word(), word()}
}

func TestWideAgreesWithBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	same := func(op string, a, b, got wide, ok bool, want *big.Int) {
		t.Helper()
		fits := want.Cmp(limit) < 0
		if ok != fits || ok && got.big().Cmp(want) != 0 {
			t.Fatalf("%v %s %v = %v, %v; want %v", a.big(), op, b.big(), got.big(), ok, want)
		}
	}
	for range 100_000 {
		a, b := randomWide(r), randomWide(r)
		sum, ok := a.add(b)
		same("+", a, b, sum, ok, new(big.Int).Add(a.big(), b.big()))
		m := wide{lo: b.lo}
		prod, ok := a.mul(b.lo)
		same("*", a, m, prod, ok, new(big.Int).Mul(a.big(), m.big()))
		prod, ok = a.mulWide(b)
		same("*", a, b, prod, ok, new(big.Int).Mul(a.big(), b.big()))
		if a.cmp(b) != a.big().Cmp(b.big()) {
			t.Fatalf("cmp %v %v", a, b)
		}
		if text := string(a.append(nil)); text != a.big().String() {
			t.Fatalf("append %v: %s", a.big(), text)
		}
		if back, ok := parseWide(a.big().String()); !ok || back != a {
			t.Fatalf("parse %v: %v", a.big(), back)
		}
		if a.isZero() || b.isZero() {
			continue
		}
		q, rest := a.divMod(b)
		same("/", a, b, q, true, new(big.Int).Div(a.big(), b.big()))
		same("%", a, b, rest, true, new(big.Int).Mod(a.big(), b.big()))
		same("gcd", a, b, gcd(a, b), true, new(big.Int).GCD(nil, nil, a.big(), b.big()))
	}
}

func (e Exact) rat() *big.Rat {
	v := new(big.Rat).SetFrac(e.num.big(), e.denominator().big())
	if e.neg {
		v.Neg(v)
	}
	return v
}

func TestExactSumAgreesWithRat(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	random := func() Exact {
		num := signed{mag: wide{lo: r.Uint64() >> r.UintN(64)}, neg: r.IntN(2) == 0}
		return newExact(num, wide{lo: 1 + r.Uint64()>>(24+r.UintN(40))})
	}
	for range 50_000 {
		a, b := random(), random()
		sum, err := a.add(b)
		if err != nil {
			t.Fatal(err)
		}
		want := new(big.Rat).Add(a.rat(), b.rat())
		if sum.String() != want.Num().String()+"/"+want.Denom().String() {
			t.Fatalf("%v + %v = %v, want %v", a, b, sum, want)
		}
	}
}

func TestExactSumReportsOverflow(t *testing.T) {
	huge := newExact(signed{mag: wide{^uint64(0), ^uint64(0)}}, wide{lo: 1})
	for name, other := range map[string]Exact{
		"numerator":   huge,
		"denominator": newExact(signed{mag: wide{lo: 1}}, wide{hi: 5, lo: 7}),
	} {
		if _, err := huge.add(other); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := huge.round(0, HalfUp); !errors.Is(err, ErrOverflow) {
		t.Errorf("round: %v", err)
	}
}

// TestRoundingModes is a table written by hand: tenths rounded to whole units.
func TestRoundingModes(t *testing.T) {
	modes := []RoundingMode{HalfUp, HalfEven, Up, Down}
	for _, c := range []struct {
		tenths int64
		want   [4]int64 // half up, half even, up, down
	}{
		{0, [4]int64{0, 0, 0, 0}},
		{1, [4]int64{0, 0, 1, 0}},
		{4, [4]int64{0, 0, 1, 0}},
		{5, [4]int64{1, 0, 1, 0}},
		{6, [4]int64{1, 1, 1, 0}},
		{10, [4]int64{1, 1, 1, 1}},
		{14, [4]int64{1, 1, 2, 1}},
		{15, [4]int64{2, 2, 2, 1}},
		{25, [4]int64{3, 2, 3, 2}},
		{26, [4]int64{3, 3, 3, 2}},
		{-1, [4]int64{0, 0, -1, 0}},
		{-5, [4]int64{-1, 0, -1, 0}},
		{-6, [4]int64{-1, -1, -1, 0}},
		{-10, [4]int64{-1, -1, -1, -1}},
		{-15, [4]int64{-2, -2, -2, -1}},
		{-25, [4]int64{-3, -2, -3, -2}},
		{-26, [4]int64{-3, -3, -3, -2}},
	} {
		for i, mode := range modes {
			got, err := newExact(product(c.tenths, 1), wide{lo: 10}).round(0, mode)
			if err != nil || got != c.want[i] {
				t.Errorf("%d tenths, %v: %d, %v; want %d", c.tenths, mode, got, err, c.want[i])
			}
			scaled, err := newExact(product(c.tenths, 1), wide{lo: 10_000}).round(3, mode)
			if err != nil || scaled != c.want[i] {
				t.Errorf("%d ten thousandths at scale 3, %v: %d, %v; want %d", c.tenths, mode, scaled, err, c.want[i])
			}
		}
	}
}
