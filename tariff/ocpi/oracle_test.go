// SPDX-License-Identifier: Apache-2.0

package ocpi_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ocpi"
)

// The oracle prices a session second by second with fractions, as the OCPI
// document words it, from a description of its own. It shares no code with the
// package, nor with package tariff.

type oracleElement struct {
	kinds              []string
	price, vat, step   map[string]int64 // 1/100, percent (-1 for none), Wh or s
	from, to           int              // minutes, equal for none
	minE, maxE         int64            // Wh
	minD, maxD         int              // s
	minP, maxP         int              // kW
	days               [7]bool
	someDays, reserved bool
}

type oraclePeriod struct {
	kind    string // TIME, PARKING_TIME or RESERVATION_TIME
	seconds int
	energy  int64 // mWh, drawn evenly
	power   int   // kW
}

// world makes a random tariff and session. Few tiers are passed at whole seconds,
// and few seconds have whole milliwatt-hours.
func world(r *rand.Rand) (elements []oracleElement, periods []oraclePeriod, start time.Time) {
	for range 1 + r.IntN(6) {
		e := oracleElement{price: map[string]int64{}, vat: map[string]int64{}, step: map[string]int64{}}
		e.reserved = r.IntN(6) == 0
		for _, kind := range []string{"ENERGY", "TIME", "PARKING_TIME", "FLAT"} {
			if r.IntN(2) == 0 || e.reserved && (kind == "ENERGY" || kind == "PARKING_TIME") {
				continue
			}
			e.kinds = append(e.kinds, kind)
			e.price[kind], e.vat[kind] = r.Int64N(400), []int64{-1, 0, 5, 19, 21}[r.IntN(5)]
			e.step[kind] = []int64{0, 1, 60, 300, 900, 1000}[r.IntN(6)]
		}
		if len(e.kinds) == 0 {
			continue
		}
		if r.IntN(3) == 0 {
			e.from, e.to = r.IntN(48)*30, r.IntN(48)*30
		}
		if r.IntN(3) == 0 {
			e.minE, e.maxE = 2*r.Int64N(1000), 2*(1000+r.Int64N(2000))
		}
		if r.IntN(4) == 0 {
			e.minD, e.maxD = r.IntN(3000), 3001+r.IntN(5000)
		}
		if r.IntN(4) == 0 && !e.reserved {
			e.minP, e.maxP = r.IntN(10), 11+r.IntN(10)
		}
		if r.IntN(4) == 0 {
			e.someDays = true
			for d := range e.days {
				e.days[d] = r.IntN(2) == 0
			}
			e.days[r.IntN(7)] = true
		}
		elements = append(elements, e)
	}
	if r.IntN(3) == 0 {
		periods = append(periods, oraclePeriod{"RESERVATION_TIME", 4 * (1 + r.IntN(900)), 0, 0})
	}
	for range r.IntN(5) {
		p := oraclePeriod{"TIME", 1 + r.IntN(4800), 0, 1 + r.IntN(22)}
		p.energy = int64(p.seconds*(500<<r.IntN(3)) + r.IntN(p.seconds))
		if r.IntN(3) == 0 {
			p.kind, p.energy = "PARKING_TIME", 0
		}
		periods = append(periods, p)
	}
	return elements, periods, time.Date(2025, 6, 1+r.IntN(10), r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)
}

func (e *oracleElement) json() string {
	var prices, when []string
	for _, kind := range e.kinds {
		vat := ""
		if e.vat[kind] >= 0 {
			vat = fmt.Sprintf(`, "vat": %d`, e.vat[kind])
		}
		prices = append(prices, fmt.Sprintf(`{"type": %q, "price": %d.%02d%s, "step_size": %d}`, kind, e.price[kind]/100, e.price[kind]%100, vat, e.step[kind]))
	}
	add := func(format string, args ...any) { when = append(when, fmt.Sprintf(format, args...)) }
	if e.from != e.to {
		add(`"start_time": "%02d:%02d", "end_time": "%02d:%02d"`, e.from/60, e.from%60, e.to/60, e.to%60)
	}
	if e.maxE > 0 {
		add(`"min_kwh": %d.%03d, "max_kwh": %d.%03d`, e.minE/1000, e.minE%1000, e.maxE/1000, e.maxE%1000)
	}
	if e.maxD > 0 {
		add(`"min_duration": %d, "max_duration": %d`, e.minD, e.maxD)
	}
	if e.maxP > 0 {
		add(`"min_power": %d, "max_power": %d`, e.minP, e.maxP)
	}
	if e.someDays {
		var names []string
		for d, in := range e.days {
			if in {
				names = append(names, fmt.Sprintf("%q", strings.ToUpper(time.Weekday(d).String())))
			}
		}
		add(`"day_of_week": [%s]`, strings.Join(names, ","))
	}
	if e.reserved {
		add(`"reservation": "RESERVATION"`)
	}
	return fmt.Sprintf(`{"price_components": [%s], "restrictions": {%s}}`, strings.Join(prices, ","), strings.Join(when, ","))
}

// holds judges an element at a moment: local time, energy so far in 1/unit mWh,
// seconds of the session so far, power.
func (e *oracleElement) holds(local time.Time, energy, unit int64, duration, power int, reserved bool) bool {
	minute := local.Hour()*60 + local.Minute()
	inside := minute >= e.from && minute < e.to
	if e.to <= e.from {
		inside = minute >= e.from || minute < e.to
	}
	return e.reserved == reserved && (e.from == e.to || inside) &&
		(e.maxE == 0 || energy >= e.minE*1000*unit && energy < e.maxE*1000*unit) &&
		(e.maxD == 0 || duration >= e.minD && duration < e.maxD) &&
		(e.maxP == 0 || power >= e.minP && power < e.maxP) && (!e.someDays || e.days[local.Weekday()])
}

// key is a component of an element.
type key struct {
	element int
	kind    string
}

// oracleRun is a session as far as it was priced. Quantities are in mWh and
// seconds.
type oracleRun struct {
	elements []oracleElement
	zone     *time.Location
	quantity map[key]*big.Rat
	last     map[string]key
	flats    map[bool]bool
}

// moment is a part of a second, at the end of which more was drawn than at its
// beginning.
type moment struct {
	at               time.Time
	duration         int
	drawn            int64 // drawn is in 1/seconds of the period of a mWh
	energy, of, part int64 // what was drawn meanwhile; the part of the second is part/of
}

// oracle returns the cost without and with taxes. A period is judged at each
// second, and where a tier is passed within one, at that moment too; or at its
// start alone.
func oracle(elements []oracleElement, periods []oraclePeriod, start time.Time, zone *time.Location, atStart bool) (excl, incl *big.Rat) {
	run := &oracleRun{elements, zone, map[key]*big.Rat{}, map[string]key{}, map[bool]bool{}}
	at, energy, origin := start, int64(0), start
	for _, p := range periods {
		began, end := at, at.Add(time.Duration(p.seconds)*time.Second)
		if p.kind == "RESERVATION_TIME" {
			origin = end // of the session that follows
		}
		sums, seconds := map[key]int64{}, int64(p.seconds)
		for n := range p.seconds {
			m := moment{at: at, drawn: energy*seconds + int64(n)*p.energy, of: max(p.energy, 1)}
			for _, m := range run.cut(m, p) {
				if atStart {
					m.at, m.drawn = began, energy*seconds
				}
				m.duration = int(m.at.Sub(origin) / time.Second)
				if p.kind == "RESERVATION_TIME" {
					m.duration = int(m.at.Sub(start) / time.Second)
				}
				run.count(m, p, sums)
			}
			at = at.Add(time.Second)
		}
		run.add(p, sums)
		energy += p.energy
	}
	return sumUp(elements, run.quantity, run.last)
}

// cut cuts a second where it passes a tier of energy.
func (run *oracleRun) cut(m moment, p oraclePeriod) (out []moment) {
	end, left := m.drawn+p.energy, m.of
	for m.drawn < end {
		next := end
		for i := range run.elements {
			for _, edge := range []int64{run.elements[i].minE * 1000 * int64(p.seconds), run.elements[i].maxE * 1000 * int64(p.seconds)} {
				if edge > m.drawn && edge < next {
					next = edge
				}
			}
		}
		m.energy, m.part = next-m.drawn, next-m.drawn
		out = append(out, m)
		m.drawn, left = next, left-m.part
	}
	if p.energy == 0 {
		m.part = left
		return []moment{m}
	}
	return out
}

// count adds a moment to the components that price it.
func (run *oracleRun) count(m moment, p oraclePeriod, sums map[key]int64) {
	reserved := p.kind == "RESERVATION_TIME"
	for _, want := range []struct {
		kind   string
		amount int64
	}{{"ENERGY", m.energy}, {strings.TrimPrefix(p.kind, "RESERVATION_"), m.part}, {"FLAT", 1}} {
		if want.amount == 0 || want.kind == "FLAT" && run.flats[reserved] {
			continue
		}
		for i := range run.elements {
			e := &run.elements[i]
			if _, ok := e.price[want.kind]; !ok || !e.holds(m.at.In(run.zone), m.drawn, int64(p.seconds), m.duration, p.power, reserved) {
				continue
			}
			group := want.kind
			if reserved {
				group += " reserved"
			}
			k := key{i, want.kind}
			sums[k], run.last[group] = sums[k]+want.amount, k
			run.flats[reserved] = run.flats[reserved] || want.kind == "FLAT"
			break
		}
	}
}

// add adds what was counted in a period: energy in 1/seconds of a mWh, time in
// 1/energy of a second.
func (run *oracleRun) add(p oraclePeriod, sums map[key]int64) {
	for k, sum := range sums {
		of := max(p.energy, 1)
		switch k.kind {
		case "ENERGY":
			of = int64(p.seconds)
		case "FLAT":
			of = 1
		}
		if run.quantity[k] == nil {
			run.quantity[k] = new(big.Rat)
		}
		run.quantity[k].Add(run.quantity[k], big.NewRat(sum, of))
	}
}

// sumUp rounds by steps and adds up.
func sumUp(elements []oracleElement, quantity map[key]*big.Rat, last map[string]key) (excl, incl *big.Rat) {
	for group, k := range last {
		_, parked := last["PARKING_TIME"]
		if group == "TIME" && parked || k.kind == "FLAT" {
			continue
		}
		step, sum := elements[k.element].step[k.kind], new(big.Rat)
		if k.kind == "ENERGY" {
			step *= 1000
		}
		for other, q := range quantity {
			if other.kind == k.kind && elements[other.element].reserved == elements[k.element].reserved {
				sum.Add(sum, q)
			}
		}
		if step == 0 {
			continue
		}
		steps := new(big.Rat).Quo(sum, big.NewRat(step, 1))
		n := new(big.Int).Add(steps.Num(), steps.Denom())
		n.Quo(n.Sub(n, big.NewInt(1)), steps.Denom()) // rounded up
		billed := new(big.Rat).SetInt(n.Mul(n, big.NewInt(step)))
		quantity[k].Add(quantity[k], billed.Sub(billed, sum))
	}
	excl, incl = new(big.Rat), new(big.Rat)
	for k, q := range quantity {
		e := &elements[k.element]
		per := map[string]int64{"ENERGY": 1_000_000, "TIME": 3600, "PARKING_TIME": 3600, "FLAT": 1}[k.kind]
		cost := new(big.Rat).Mul(q, big.NewRat(e.price[k.kind], per*100))
		excl.Add(excl, cost)
		incl.Add(incl, cost.Mul(cost, big.NewRat(100+max(e.vat[k.kind], 0), 100)))
	}
	return excl, incl
}

func TestAgainstOracle(t *testing.T) {
	n := uint64(600)
	if testing.Short() {
		n = 100
	}
	zone := time.FixedZone("", 2*3600)
	priced, rounded := 0, 0
	for seed := range n {
		elements, periods, start := world(rand.New(rand.NewPCG(seed, 1)))
		if len(elements) == 0 || len(periods) == 0 {
			continue
		}
		var texts, steps []string
		for i := range elements {
			texts = append(texts, elements[i].json())
		}
		at := start
		for _, p := range periods {
			steps = append(steps, period(at.Format(time.RFC3339), fmt.Sprintf("%s %.5f", p.kind, float64(p.seconds)/3600),
				fmt.Sprintf("ENERGY %d.%06d", p.energy/1_000_000, p.energy%1_000_000), fmt.Sprintf("POWER %d", p.power)))
			at = at.Add(time.Duration(p.seconds) * time.Second)
		}
		c := mustCDR(t, V221, cdrText(V221, start.Format(time.RFC3339), at.Format(time.RFC3339), "", strings.Join(steps, ",")))
		p := mustTariff(t, V221, tariffText(V221, "", strings.Join(texts, ",")))
		var excl, incl *big.Rat
		for _, how := range []Straddle{AtStart, SplitProRata} {
			r := mustPrice(t, c, PriceOptions{Offsets: []tariff.Offset{{Seconds: 2 * 3600}}, Profile: Profile{Straddle: how}}, p)
			excl, incl = oracle(elements, periods, start, zone, how == AtStart)
			if findPath(r.Findings, Rounded) != "" {
				rounded++
				continue // of a denominator that does not fit
			}
			if rat(r.Total.ExactExcl).Cmp(excl) != 0 || rat(r.Total.ExactIncl).Cmp(incl) != 0 {
				t.Fatalf("seed %d: %v and %v, the oracle says %v and %v\n%s\n%s\n%+v", seed, r.Total.ExactExcl, r.Total.ExactIncl, excl, incl, texts, steps, r.Lines)
			}
		}
		if excl.Sign() > 0 {
			priced++
		}
	}
	if rounded > int(n/50) {
		t.Errorf("%d of %d prices are rounded", rounded, 2*n)
	}
	if priced < int(n/3) {
		t.Errorf("only %d of %d sessions cost anything", priced, n)
	}
}
