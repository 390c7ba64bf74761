// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
	"time"

	. "github.com/seed81979277/qrcharge/tariff"
)

// The full oracle prices a session second by second and mWh by mWh (or mL), in
// big fractions, from the tariff as it was written. Per second it asks every
// element in order whether it holds, by the letter of each rule; it has no
// normal form, masks, cells, common denominators or breakpoints.

// moment is all that a restriction can ask about.
type moment struct {
	local                time.Time
	energy, seconds, mL  int64 // cumulative: with what the Facts add
	power, current       int64
	duration, idle       int64
	reserved, expiredToo bool
	energyAt, secondsAt  int64 // the same at the last sample, for other dimensions
	mLAt                 int64
}

func inSpan(v int64, s Span) bool { return v >= s.Min && (s.Max == 0 || v < s.Max) }

// holds applies every restriction; d is the dimension asked for, which is cut
// at its own tier while the others are as at the last sample.
func (m *moment) holds(r *Restrictions, d Dimension) bool {
	second := int32(m.local.Hour()*3600 + m.local.Minute()*60 + m.local.Second())
	inWindow := len(r.Windows) == 0
	for _, w := range r.Windows {
		to := w.To
		if to == 0 {
			to = 86400
		}
		if w.From < to {
			inWindow = inWindow || second >= w.From && second < to
		} else {
			inWindow = inWindow || second >= w.From || second < to
		}
	}
	date := Date(time.Date(m.local.Year(), m.local.Month(), m.local.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
	energy, seconds, mL := m.energyAt, m.secondsAt, m.mLAt
	switch d {
	case Energy:
		energy = m.energy
	case TimeSpent:
		seconds = m.seconds
	case Volume:
		mL = m.mL
	}
	return inWindow &&
		(r.Days == 0 || r.Days&(1<<m.local.Weekday()) != 0) &&
		(r.From == 0 || date >= r.From) && (r.Until == 0 || date < r.Until) &&
		inSpan(energy, r.Energy) && inSpan(seconds, r.Time) && inSpan(mL, r.Volume) &&
		inSpan(m.power, r.Power) && inSpan(m.current, r.Current) &&
		inSpan(m.duration, r.Duration) && inSpan(m.idle, r.Idle) &&
		(r.Reservation != NoReservation) == m.reserved && (r.Reservation != ExpiredReservation || m.expiredToo)
}

// choice is a component of the tariff as written.
type choice struct{ element, component int }

// choose applies the rule of selection; of a reservation the expired go first.
func choose(t *Tariff, m *moment, d Dimension, class Class) (choice, bool) {
	for _, expired := range []bool{true, false} {
		for i := range t.Elements {
			e := &t.Elements[i]
			if expired && e.When.Reservation != ExpiredReservation || !m.holds(&e.When, d) {
				continue
			}
			for j, c := range e.Components {
				if c.Dimension == d && c.Class == class {
					return choice{i, j}, true
				}
			}
		}
	}
	return choice{}, false
}

// fullOracle is what was counted.
type fullOracle struct {
	t       *Tariff
	facts   Facts
	offsets []Offset
	counted map[choice]int64
	last    map[[3]int]choice // by dimension, class, and whether reserved
	flats   map[[2]int]choice // by class and whether reserved
	idle    []idleSecond      // each second of idling, in order
	cum     [3]int64
	start   int64 // of the session, -1 before
	first   int64
	hits    map[string]int
}

// idleSecond is one second of idling: when, how long the session had idled
// before in this episode and in all, and what it costs by class.
type idleSecond struct {
	at, episodes, inEpisode, inAll int64
	costs                          map[Class]choice
}

func (o *fullOracle) local(at int64) time.Time {
	seconds := o.offsets[0].Seconds
	for _, f := range o.offsets[1:] {
		if at >= f.From {
			seconds = f.Seconds
		}
	}
	return time.Unix(at+int64(seconds), 0).UTC()
}

// run walks over samples that are one second apart, or none.
func (o *fullOracle) run(readings []Reading) {
	o.counted, o.last, o.flats = map[choice]int64{}, map[[3]int]choice{}, map[[2]int]choice{}
	o.cum = [3]int64{o.facts.Energy, o.facts.Time, o.facts.Volume}
	o.start, o.first = -1, readings[0].At-o.facts.Reserved
	for at := o.first; at < readings[0].At; at++ {
		r := readings[0]
		r.At, r.Phase, r.Power, r.Current = at, Reserved, 0, 0
		next := r
		next.At++
		o.second(r, next, 0, 0, 0)
	}
	var episode, inEpisode, inAll int64
	for i := range readings[:len(readings)-1] {
		r, next := readings[i], readings[i+1]
		if r.Phase == Idle && (i == 0 || readings[i-1].Phase != Idle) {
			episode, inEpisode = episode+1, 0
		}
		o.second(r, next, episode, inEpisode, inAll)
		if r.Phase == Idle {
			inEpisode += next.At - r.At
			inAll += next.At - r.At
		}
	}
}

// second books the time and the draw between two samples.
func (o *fullOracle) second(r, next Reading, episode, inEpisode, inAll int64) {
	if r.Phase != Reserved && o.start < 0 {
		o.start = r.At
	}
	origin := o.start
	if origin < 0 {
		origin = o.first
	}
	m := &moment{local: o.local(r.At), power: int64(r.Power), current: int64(r.Current), duration: r.At - origin,
		reserved: r.Phase == Reserved, expiredToo: o.facts.Expired,
		energy: o.cum[0], seconds: o.cum[1], mL: o.cum[2], energyAt: o.cum[0], secondsAt: o.cum[1], mLAt: o.cum[2]}
	if r.Phase == Idle {
		m.idle = inEpisode
	}
	if next.At == r.At && next.Energy == r.Energy && next.Volume == r.Volume {
		return
	}
	for class := Electricity; class <= OtherFee; class++ {
		key := [2]int{int(class), truth(m.reserved)}
		if c, ok := choose(o.t, m, FlatFee, class); ok {
			if _, already := o.flats[key]; !already {
				o.flats[key] = c
			}
		}
	}
	if r.Phase != Reserved {
		o.draw(m, Energy, &m.energy, &o.cum[0], next.Energy-r.Energy)
		o.draw(m, Volume, &m.mL, &o.cum[2], next.Volume-r.Volume)
	}
	for s := r.At; s < next.At; s++ {
		switch r.Phase {
		case Idle:
			i := idleSecond{s, episode, inEpisode + s - r.At, inAll + s - r.At, map[Class]choice{}}
			for class := Electricity; class <= OtherFee; class++ {
				if c, ok := choose(o.t, m, IdleTime, class); ok {
					i.costs[class] = c
				}
			}
			o.idle = append(o.idle, i)
		case Charging:
			o.draw(m, TimeSpent, &m.seconds, &o.cum[1], 1)
		case Reserved:
			fixed := m.seconds
			o.draw(m, TimeSpent, &fixed, new(int64), 1)
		}
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// draw books units one by one.
func (o *fullOracle) draw(m *moment, d Dimension, now, cum *int64, units int64) {
	for range units {
		for class := Electricity; class <= OtherFee; class++ {
			if c, ok := choose(o.t, m, d, class); ok {
				o.counted[c]++
				o.last[[3]int{int(d), int(class), truth(m.reserved)}] = c
			}
		}
		*now++
		*cum++
	}
}

// chargedIdle drops the seconds that grace keeps free.
func (o *fullOracle) chargedIdle() (charged []idleSecond) {
	rule := o.t.Idle
	total := map[int64]int64{}
	for _, s := range o.idle {
		key := s.episodes
		if !rule.PerEpisode {
			key = 0
		}
		total[key]++
	}
	for _, s := range o.idle {
		before, key := s.inAll, int64(0)
		if rule.PerEpisode {
			before, key = s.inEpisode, s.episodes
		}
		free := before < rule.Grace
		if rule.Retroactive && rule.Grace > 0 {
			free = total[key] <= rule.Grace
		}
		if free {
			o.hit("grace")
			continue
		}
		charged = append(charged, s)
	}
	return charged
}

func (o *fullOracle) hit(feature string) { o.hits[feature]++ }

// position is one charge: what is billed, at what price, under which taxes.
type position struct {
	choice
	billed *big.Rat // in units of the price: kWh, h, litres, pieces
	class  Class
	taxes  []Tax
	amount *big.Rat
}

var perUnit = map[Dimension]int64{Energy: 1_000_000, TimeSpent: 3600, IdleTime: 3600, FlatFee: 1, Volume: 1000}

// positions applies steps and caps.
func (o *fullOracle) positions() (all []position) {
	charged := o.chargedIdle()
	lastIdle := map[Class]choice{}
	idleSum := map[Class]int64{}
	for _, s := range charged {
		for class, c := range s.costs {
			o.counted[c]++
			lastIdle[class] = c
			idleSum[class]++
		}
	}
	sums := map[[3]int]int64{}
	for c, n := range o.counted {
		sums[o.group(c)] += n
	}
	surplus := map[choice]int64{}
	for group, last := range o.last {
		if idleSum[Class(group[1])] > 0 && Dimension(group[0]) == TimeSpent && group[2] == 0 {
			continue
		}
		o.roundUp(surplus, last, sums[group])
	}
	for class, last := range lastIdle {
		o.roundUp(surplus, last, idleSum[class])
	}
	for c, n := range o.counted {
		all = append(all, o.position(c, n+surplus[c]))
	}
	for _, c := range o.flats {
		all = append(all, o.position(c, 1))
		o.hit("flat")
	}
	return o.caps(all, charged, surplus)
}

func (o *fullOracle) group(c choice) [3]int {
	e := o.t.Elements[c.element]
	k := e.Components[c.component]
	return [3]int{int(k.Dimension), int(k.Class), truth(e.When.Reservation != NoReservation)}
}

func (o *fullOracle) roundUp(surplus map[choice]int64, c choice, sum int64) {
	step := o.t.Elements[c.element].Components[c.component].Step
	if step > 0 && sum%step != 0 {
		surplus[c] = (sum/step+1)*step - sum
		o.hit("step")
	}
}

func (o *fullOracle) price(units int64) *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(units), tenTo(o.t.Scale))
}

func (o *fullOracle) position(c choice, n int64) position {
	k := o.t.Elements[c.element].Components[c.component]
	billed := big.NewRat(n, perUnit[k.Dimension])
	return position{c, billed, k.Class, k.Taxes, new(big.Rat).Mul(billed, o.price(k.Price))}
}

// caps takes off what exceeds the caps of the occupancy fee.
func (o *fullOracle) caps(all []position, charged []idleSecond, surplus map[choice]int64) []position {
	rule := o.t.Idle
	periods := map[int64]*big.Rat{}
	total := new(big.Rat)
	var taxes []Tax
	latest, any := int64(-1<<62), false
	add := func(period int64, c choice, seconds int64) {
		k := o.t.Elements[c.element].Components[c.component]
		if periods[period] == nil {
			periods[period] = new(big.Rat)
		}
		amount := new(big.Rat).Mul(o.price(k.Price), big.NewRat(seconds, 3600))
		periods[period].Add(periods[period], amount)
		total.Add(total, amount)
		taxes, any = k.Taxes, true
		latest = max(latest, period)
	}
	for _, s := range charged {
		if c, ok := s.costs[Occupancy]; ok {
			add(o.period(s.at), c, 1)
		}
	}
	for c, n := range surplus {
		if k := o.t.Elements[c.element].Components[c.component]; k.Dimension == IdleTime && k.Class == Occupancy {
			add(latest, c, n)
		}
	}
	off := new(big.Rat)
	if rule.PeriodCap > 0 {
		for _, sum := range periods {
			if over := new(big.Rat).Sub(sum, o.price(rule.PeriodCap)); over.Sign() > 0 {
				off.Add(off, over)
				o.hit("period cap")
			}
		}
	}
	if rule.SessionCap > 0 && any {
		rest := new(big.Rat).Sub(total, off)
		if over := rest.Sub(rest, o.price(rule.SessionCap)); over.Sign() > 0 {
			off.Add(off, over)
			o.hit("session cap")
		}
	}
	if off.Sign() > 0 {
		all = append(all, position{choice{-1, -1}, nil, Occupancy, taxes, off.Neg(off)})
	}
	return all
}

func (o *fullOracle) period(at int64) int64 {
	if o.t.Idle.Period == PerLocalDay {
		l := o.local(at)
		return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
	}
	return (at - o.start) / 86400
}

// taxed returns an amount without taxes and with them, from one or the other.
func taxed(amount *big.Rat, taxes []Tax, gross bool) (net, with *big.Rat) {
	stacks := map[uint8]*big.Rat{}
	for _, t := range taxes {
		if stacks[t.Stack] == nil {
			stacks[t.Stack] = new(big.Rat)
		}
		stacks[t.Stack].Add(stacks[t.Stack], big.NewRat(int64(t.Rate), 100_000))
	}
	factor := big.NewRat(1, 1)
	for _, rate := range stacks {
		factor.Mul(factor, new(big.Rat).Add(big.NewRat(1, 1), rate))
	}
	if gross {
		return new(big.Rat).Quo(amount, factor), amount
	}
	return amount, new(big.Rat).Mul(amount, factor)
}

// groupKey names a tax group; classes sort as their numbers do.
func groupKey(class Class, taxes []Tax) string {
	sorted := slices.Clone(taxes)
	sort.Slice(sorted, func(i, j int) bool {
		return fmt.Sprint(sorted[i].Stack, sorted[i]) < fmt.Sprint(sorted[j].Stack, sorted[j])
	})
	return fmt.Sprint(int(class), sorted)
}

// total is what the oracle knows of a bill.
type total struct {
	exactNet, exactGross *big.Rat
	net, gross, payable  *big.Int
	limited              bool
}

// price adds the positions up.
func (o *fullOracle) total(l Limits) total {
	t, r := o.t, o.t.Rounding
	type bucket struct{ net, gross *big.Rat }
	buckets, groups := map[string]*bucket{}, map[string]*bucket{}
	var order []string
	put := func(into map[string]*bucket, key string, net, gross *big.Rat) {
		if into[key] == nil {
			into[key] = &bucket{new(big.Rat), new(big.Rat)}
		}
		into[key].net.Add(into[key].net, net)
		into[key].gross.Add(into[key].gross, gross)
	}
	out := total{exactNet: new(big.Rat), exactGross: new(big.Rat), net: new(big.Int), gross: new(big.Int)}
	taxes := map[string][]Tax{}
	for _, p := range o.positions() {
		net, gross := taxed(p.amount, p.taxes, t.TaxIncluded)
		group := groupKey(p.class, p.taxes)
		if groups[group] == nil {
			order = append(order, group)
		}
		taxes[group] = p.taxes
		put(groups, group, net, gross)
		put(buckets, map[RoundingUnit]string{PerSession: "", PerGroup: group, PerComponent: fmt.Sprint(p.choice)}[r.Unit], net, gross)
		out.exactNet.Add(out.exactNet, net)
		out.exactGross.Add(out.exactGross, gross)
	}
	for _, b := range buckets {
		out.net.Add(out.net, oracleRound(b.net, l.Scale, r.Mode))
		out.gross.Add(out.gross, oracleRound(b.gross, l.Scale, r.Mode))
	}
	value := out.net
	if t.Limit.Gross {
		value = out.gross
	}
	limit := func(units int64) *big.Int { return oracleRound(o.price(units), l.Scale, Down) }
	var target *big.Int
	if t.Limit.Max > 0 && value.Cmp(limit(t.Limit.Max)) > 0 {
		target = limit(t.Limit.Max)
	} else if t.Limit.Min > 0 && (t.Limit.Max == 0 || t.Limit.Min <= t.Limit.Max) && value.Cmp(limit(t.Limit.Min)) < 0 {
		target = limit(t.Limit.Min)
	}
	if target != nil && len(order) > 0 {
		out.limited = true
		o.hit("limit")
		sort.Strings(order) // keys begin with the class
		weights := make([]*big.Int, len(order))
		for i, g := range order {
			w := groups[g].net
			if t.Limit.Gross {
				w = groups[g].gross
			}
			weights[i] = new(big.Int).Abs(oracleRound(w, l.Scale, r.Mode))
		}
		out.net, out.gross, out.exactNet, out.exactGross = new(big.Int), new(big.Int), new(big.Rat), new(big.Rat)
		for i, part := range hamilton(target, weights) {
			amount := new(big.Rat).SetFrac(part, tenTo(l.Scale))
			net, gross := taxed(amount, taxes[order[i]], t.Limit.Gross)
			out.exactNet.Add(out.exactNet, net)
			out.exactGross.Add(out.exactGross, gross)
			out.net.Add(out.net, oracleRound(net, l.Scale, r.Mode))
			out.gross.Add(out.gross, oracleRound(gross, l.Scale, r.Mode))
		}
	}
	paid := oracleRound(new(big.Rat).SetFrac(out.gross, tenTo(l.Scale)), r.Payable, r.Mode)
	out.payable = new(big.Int).Mul(paid, tenTo(l.Scale-r.Payable))
	return out
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
