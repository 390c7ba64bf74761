// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"cmp"
	"math/big"
	"slices"
	"sort"

	. "github.com/seed81979277/qrcharge/tariff"
)

// perPrice is how many 9 000 000ths of a price one unit of a dimension costs:
// a mWh, a second, a piece, a mL.
var perPrice = [Volume + 1]int64{Energy: 9, TimeSpent: 2500, IdleTime: 2500, FlatFee: 9_000_000, Volume: 9000}

var tens = func() (tens [19]*big.Int) {
	for i := range tens {
		tens[i] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(i)), nil)
	}
	return tens
}()

// oracleMoney adds charges up.
type oracleMoney struct {
	groups []oracleGroup
	unit   *big.Int // what charges are counted in: parts of 1
}

// oracleGroup is a class under one set of taxes. Its gross is up/down times its net.
type oracleGroup struct {
	class    Class
	taxes    []Tax
	up, down *big.Int
	sum      *big.Int // as prices are written, in parts of 1/unit; nil where nothing is charged
}

// normalTaxes sorts taxes, and counts stacks from 0.
func normalTaxes(taxes []Tax) []Tax {
	sorted := slices.Clone(taxes)
	slices.SortFunc(sorted, func(a, b Tax) int {
		return cmp.Or(cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rate, b.Rate))
	})
	stacks := map[uint8]uint8{}
	for i := range sorted {
		if _, known := stacks[sorted[i].Stack]; !known {
			stacks[sorted[i].Stack] = uint8(len(stacks))
		}
		sorted[i].Stack = stacks[sorted[i].Stack]
	}
	return sorted
}

// group returns the index of the group of a component.
func (m *oracleMoney) group(c *Component) int {
	var taxes []Tax
	if len(c.Taxes) > 0 {
		taxes = normalTaxes(c.Taxes)
	}
	for i := range m.groups {
		if m.groups[i].class == c.Class && slices.Equal(m.groups[i].taxes, taxes) {
			return i
		}
	}
	up, down := big.NewInt(1), big.NewInt(1)
	var rates [4]int64
	for _, tax := range taxes {
		rates[tax.Stack] += int64(tax.Rate)
	}
	for _, rate := range rates {
		if rate > 0 {
			up.Mul(up, big.NewInt(100_000+rate))
			down.Mul(down, big.NewInt(100_000))
		}
	}
	m.groups = append(m.groups, oracleGroup{c.Class, taxes, up, down, nil})
	return len(m.groups) - 1
}

// fraction is num/den, not reduced; den > 0.
type fraction struct{ num, den *big.Int }

// round rounds to units of 10^-scale.
func (f fraction) round(scale uint8, mode RoundingMode) *big.Int {
	down, rest := new(big.Int), new(big.Int)
	down.QuoRem(rest.Mul(f.num, tens[scale]), f.den, rest) // towards zero
	if rest.Sign() == 0 {
		return down
	}
	away := int64(rest.Sign())
	c := rest.Abs(rest).Lsh(rest, 1).CmpAbs(f.den)
	if mode == Up || mode == HalfUp && c >= 0 || mode == HalfEven && (c > 0 || c == 0 && down.Bit(0) == 1) {
		down.Add(down, big.NewInt(away))
	}
	return down
}

// split returns an amount of a group without taxes and with them.
func (g *oracleGroup) split(amount fraction, gross bool) (net, with fraction) {
	if len(g.taxes) == 0 {
		return amount, amount
	}
	if gross {
		return fraction{new(big.Int).Mul(amount.num, g.down), new(big.Int).Mul(amount.den, g.up)}, amount
	}
	return amount, fraction{new(big.Int).Mul(amount.num, g.up), new(big.Int).Mul(amount.den, g.down)}
}

// total is what the oracle knows of a bill.
type total struct {
	exactNet, exactGross        big.Rat
	net, gross, payable, waived big.Int
	limited                     bool
}

func (t *total) same(o *total) bool {
	return t.exactNet.Cmp(&o.exactNet) == 0 && t.exactGross.Cmp(&o.exactGross) == 0 && t.net.Cmp(&o.net) == 0 &&
		t.gross.Cmp(&o.gross) == 0 && t.payable.Cmp(&o.payable) == 0 && t.waived.Cmp(&o.waived) == 0
}

// add takes in an amount of one rounding unit.
func (t *total) add(net, gross fraction, scale uint8, mode RoundingMode) {
	n := net.round(scale, mode)
	t.net.Add(&t.net, n)
	if gross != net {
		n = gross.round(scale, mode)
	}
	t.gross.Add(&t.gross, n)
}

// addExact adds fractions that are not rounded.
func addExact(sum *big.Rat, f fraction) { sum.Add(sum, new(big.Rat).SetFrac(f.num, f.den)) }

// total prices what was counted.
func (o *fullOracle) total(l Limits) (out total) {
	m, r := &o.money, o.t.Rounding
	m.groups = m.groups[:0]
	m.unit = new(big.Int).Mul(big.NewInt(9_000_000), tens[o.t.Scale])
	charges, off := o.charges()
	charge := func(g int, amount *big.Int) {
		group := &m.groups[g]
		if group.sum == nil {
			group.sum = new(big.Int)
		}
		group.sum.Add(group.sum, amount)
		if r.Unit == PerComponent {
			net, gross := group.split(fraction{amount, m.unit}, o.t.TaxIncluded)
			out.add(net, gross, l.Scale, r.Mode)
		}
	}
	occupancy := -1
	for i, n := range charges {
		p := &o.parts[i]
		if !n.is {
			continue
		}
		p.group = m.group(&p.Component)
		amount := big.NewInt(n.quantity * perPrice[p.Dimension])
		charge(p.group, amount.Mul(amount, big.NewInt(p.Price)))
		if p.Dimension == IdleTime && p.Class == Occupancy {
			occupancy = p.group
		}
	}
	if off > 0 {
		amount := big.NewInt(-off)
		charge(occupancy, amount.Mul(amount, big.NewInt(perPrice[IdleTime])))
	}
	o.sums(&out, l)
	o.limit(&out, l)
	paid := fraction{&out.gross, tens[l.Scale]}.round(r.Payable, r.Mode)
	out.payable.Mul(paid, tens[l.Scale-r.Payable])
	o.waive(&out, l)
	return out
}

// sums adds the groups up.
func (o *fullOracle) sums(out *total, l Limits) {
	r := o.t.Rounding
	plain, taxed := new(big.Int), false
	for i := range o.money.groups {
		g := &o.money.groups[i]
		net, gross := g.split(fraction{g.sum, o.money.unit}, o.t.TaxIncluded)
		if len(g.taxes) == 0 {
			plain.Add(plain, g.sum)
		} else {
			taxed = true
			addExact(&out.exactNet, net)
			addExact(&out.exactGross, gross)
		}
		if r.Unit == PerGroup {
			out.add(net, gross, l.Scale, r.Mode)
		}
	}
	untaxed := fraction{plain, o.money.unit}
	addExact(&out.exactNet, untaxed)
	if taxed {
		addExact(&out.exactGross, untaxed)
	} else {
		out.exactGross.Set(&out.exactNet)
	}
	if r.Unit == PerSession {
		out.add(fraction{out.exactNet.Num(), out.exactNet.Denom()}, fraction{out.exactGross.Num(), out.exactGross.Denom()}, l.Scale, r.Mode)
	}
}

// limitAt returns a limit at the scale of the order.
func (o *fullOracle) limitAt(units int64, l Limits) *big.Int {
	return fraction{big.NewInt(units), tens[o.t.Scale]}.round(l.Scale, Down)
}

// limit applies the tariff's limit: the target is shared out over the groups by
// the magnitude of their rounded amounts.
func (o *fullOracle) limit(out *total, l Limits) {
	t, groups := o.t, o.money.groups
	value := &out.net
	if t.Limit.Gross {
		value = &out.gross
	}
	var target *big.Int
	if t.Limit.Max > 0 && value.Cmp(o.limitAt(t.Limit.Max, l)) > 0 {
		target = o.limitAt(t.Limit.Max, l)
	} else if t.Limit.Min > 0 && (t.Limit.Max == 0 || t.Limit.Min <= t.Limit.Max) && value.Cmp(o.limitAt(t.Limit.Min, l)) < 0 {
		target = o.limitAt(t.Limit.Min, l)
	}
	if target == nil || len(groups) == 0 {
		return
	}
	slices.SortFunc(groups, func(a, b oracleGroup) int {
		return cmp.Or(cmp.Compare(a.class, b.class), slices.CompareFunc(a.taxes, b.taxes, func(a, b Tax) int {
			return cmp.Or(cmp.Compare(a.Stack, b.Stack), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Rate, b.Rate))
		}))
	})
	weights := make([]*big.Int, len(groups))
	for i := range groups {
		net, gross := groups[i].split(fraction{groups[i].sum, o.money.unit}, t.TaxIncluded)
		if t.Limit.Gross {
			net = gross
		}
		weights[i] = net.round(l.Scale, t.Rounding.Mode)
		weights[i].Abs(weights[i])
	}
	*out = total{limited: true}
	for i, part := range hamilton(target, weights) {
		net, gross := groups[i].split(fraction{part, tens[l.Scale]}, t.Limit.Gross)
		addExact(&out.exactNet, net)
		addExact(&out.exactGross, gross)
		out.add(net, gross, l.Scale, t.Rounding.Mode)
	}
}

// hamilton is the method of largest remainder, earlier parts first.
func hamilton(target *big.Int, weights []*big.Int) []*big.Int {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, w)
	}
	parts := make([]*big.Int, len(weights))
	if sum.Sign() == 0 {
		for i := range parts {
			parts[i] = new(big.Int)
		}
		parts[0].Set(target)
		return parts
	}
	rests, order, left := make([]*big.Int, len(weights)), []int{}, new(big.Int).Set(target)
	for i, w := range weights {
		parts[i], rests[i] = new(big.Int).QuoRem(new(big.Int).Mul(target, w), sum, new(big.Int))
		left.Sub(left, parts[i])
		order = append(order, i)
	}
	sort.SliceStable(order, func(a, b int) bool { return rests[order[a]].Cmp(rests[order[b]]) > 0 })
	for i := 0; left.Sign() > 0; i++ {
		parts[order[i]].Add(parts[order[i]], big.NewInt(1))
		left.Sub(left, big.NewInt(1))
	}
	return parts
}

// waive cuts what lies above the order's limit.
func (o *fullOracle) waive(out *total, l Limits) {
	if l.Amount == 0 {
		return
	}
	step := tens[l.Scale-o.t.Rounding.Payable]
	most := new(big.Int).Quo(big.NewInt(l.Amount), step)
	if most.Mul(most, step); out.payable.Cmp(most) > 0 {
		out.waived.Sub(&out.payable, most)
		out.payable.Set(most)
	}
}
