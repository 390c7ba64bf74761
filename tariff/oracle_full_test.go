// SPDX-License-Identifier: Apache-2.0

package tariff_test

import (
	"time"

	. "github.com/seed81979277/qrcharge/tariff"
)

// The full oracle prices a session second by second, mWh by mWh and mL by mL,
// from the tariff as it was written. At each reading it asks every element in
// order whether it holds, by the letter of each rule, and it counts in plain
// integers; money is in big ones. It has no normal form, masks, cells or
// breakpoints.

// moment is all that a restriction can ask about.
type moment struct {
	second         int32 // of the local day
	weekday        time.Weekday
	date           Date
	power, current int64
	duration, idle int64
	reserved       bool
}

// inSpan applies one range; without a minimum there is no lower bound.
func inSpan(v int64, s Span) bool { return (s.Min == 0 || v >= s.Min) && (s.Max == 0 || v < s.Max) }

// holds applies every restriction but those of cumulative tiers.
func (m *moment) holds(r *Restrictions, expired bool) bool {
	inWindow := len(r.Windows) == 0
	for _, w := range r.Windows {
		to := w.To
		if to == 0 {
			to = 86400
		}
		if w.From < to {
			inWindow = inWindow || m.second >= w.From && m.second < to
		} else {
			inWindow = inWindow || m.second >= w.From || m.second < to
		}
	}
	return inWindow &&
		(r.Days == 0 || r.Days&(1<<m.weekday) != 0) &&
		(r.From == 0 || m.date >= r.From) && (r.Until == 0 || m.date < r.Until) &&
		inSpan(m.power, r.Power) && inSpan(m.current, r.Current) &&
		inSpan(m.duration, r.Duration) && inSpan(m.idle, r.Idle) &&
		(r.Reservation != NoReservation) == m.reserved && (r.Reservation != ExpiredReservation || expired)
}

// writtenPart is a component of the tariff as written.
type writtenPart struct {
	Component
	element  int
	reserved bool
	tiers    [3]Span
	group    int // of taxes
}

// fullOracle is what was counted. It is used over and over, for speed.
type fullOracle struct {
	t       *Tariff
	facts   Facts
	offsets []Offset
	parts   []writtenPart
	order   [Volume + 1][OtherFee + 1][]int // components that compete, in order
	held    []bool                          // by element
	rival   [OtherFee + 1][]rival
	counted []int64 // by component
	rose    []int64 // by component: when it was last given something, as a running number
	now     int64
	fired   [2][OtherFee + 1]int // 1 + component
	taken   [3]int64
	idle    []idleRun
	episode []int64 // how long each lasted
	start   int64   // of the session, -1 before
	first   int64
	money   oracleMoney
}

// idleRun is the idle time between two readings: when, how long the session had
// idled before in this episode and in all, and what it costs by class.
type idleRun struct {
	at, seconds, inEpisode, inAll int64
	episode                       int
	costs                         [OtherFee + 1]int // 1 + component
}

// begin lists the components in the order of selection: of a reservation the
// expired go first.
func (o *fullOracle) begin(t *Tariff, facts Facts, offsets []Offset) {
	o.t, o.facts, o.offsets = t, facts, offsets
	o.parts, o.idle, o.episode, o.now = o.parts[:0], o.idle[:0], o.episode[:0], 0
	o.fired = [2][OtherFee + 1]int{}
	for d := range o.order {
		for class := range o.order[d] {
			o.order[d][class] = o.order[d][class][:0]
		}
	}
	for _, expired := range []bool{true, false} {
		for i := range t.Elements {
			when := &t.Elements[i].When
			if expired != (when.Reservation == ExpiredReservation) {
				continue
			}
			for _, c := range t.Elements[i].Components {
				o.order[c.Dimension][c.Class] = append(o.order[c.Dimension][c.Class], len(o.parts))
				o.parts = append(o.parts, writtenPart{Component: c, element: i, reserved: when.Reservation != NoReservation,
					tiers: [3]Span{when.Energy, when.Time, when.Volume}})
			}
		}
	}
	o.counted = append(o.counted[:0], make([]int64, len(o.parts))...)
	o.rose = append(o.rose[:0], make([]int64, len(o.parts))...)
	o.taken = [3]int64{facts.Energy, facts.Time, facts.Volume}
}

// offset returns the offset at a moment.
func (o *fullOracle) offset(at int64) int64 {
	seconds := o.offsets[0].Seconds
	for _, f := range o.offsets[1:] {
		if at >= f.From {
			seconds = f.Seconds
		}
	}
	return int64(seconds)
}

// run walks over the readings. A reservation before them is read each second.
func (o *fullOracle) run(readings []Reading) {
	o.start, o.first = -1, readings[0].At-o.facts.Reserved
	for at := o.first; at < readings[0].At; at++ {
		r := readings[0]
		r.At, r.Phase, r.Power, r.Current = at, Reserved, 0, 0
		next := r
		next.At++
		o.between(&r, &next, 0, 0)
	}
	var inEpisode, inAll int64
	for i := range readings[:len(readings)-1] {
		r, next := &readings[i], &readings[i+1]
		if r.Phase == Idle && (i == 0 || readings[i-1].Phase != Idle) {
			o.episode, inEpisode = append(o.episode, 0), 0
		}
		o.between(r, next, inEpisode, inAll)
		if r.Phase == Idle {
			inEpisode += next.At - r.At
			inAll += next.At - r.At
			o.episode[len(o.episode)-1] = inEpisode
		}
	}
}

// look notes which elements hold at a reading.
func (o *fullOracle) look(r *Reading, inEpisode int64) {
	if r.Phase != Reserved && o.start < 0 {
		o.start = r.At
	}
	origin := o.start
	if origin < 0 {
		origin = o.first
	}
	local := time.Unix(r.At+o.offset(r.At), 0).UTC()
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix()
	m := moment{second: int32(local.Unix() - midnight), weekday: local.Weekday(), date: Date(midnight / 86400),
		power: int64(r.Power), current: int64(r.Current), duration: r.At - origin, reserved: r.Phase == Reserved}
	if r.Phase == Idle {
		m.idle = inEpisode
	}
	o.held = o.held[:0]
	for i := range o.t.Elements {
		o.held = append(o.held, m.holds(&o.t.Elements[i].When, o.facts.Expired))
	}
}

// choose applies the rule of selection to one dimension and class at a reading.
func (o *fullOracle) choose(d Dimension, class Class) int {
	for _, c := range o.order[d][class] {
		p := &o.parts[c]
		holds := o.held[p.element]
		for tier, span := range p.tiers {
			holds = holds && inSpan(o.taken[tier], span)
		}
		if holds {
			return c
		}
	}
	return -1
}

// between books the time and the draw between two readings.
func (o *fullOracle) between(r, next *Reading, inEpisode, inAll int64) {
	o.look(r, inEpisode)
	seconds, mWh, mL := next.At-r.At, next.Energy-r.Energy, next.Volume-r.Volume
	if seconds == 0 && mWh == 0 && mL == 0 {
		return
	}
	for class := Electricity; class <= OtherFee; class++ {
		fired := &o.fired[truth(r.Phase == Reserved)][class]
		if c := o.choose(FlatFee, class); c >= 0 && *fired == 0 {
			*fired = 1 + c
		}
	}
	if r.Phase == Reserved {
		o.draw(TimeSpent, -1, seconds)
		return
	}
	run := idleRun{at: r.At, seconds: seconds, inEpisode: inEpisode, inAll: inAll, episode: len(o.episode) - 1}
	if r.Phase == Idle {
		for class := Electricity; class <= OtherFee; class++ {
			run.costs[class] = 1 + o.choose(IdleTime, class)
		}
		o.idle = append(o.idle, run)
	}
	taken := o.taken
	taken[0] = o.draw(Energy, 0, mWh)
	if r.Phase == Charging {
		taken[1] = o.draw(TimeSpent, 1, seconds)
	}
	taken[2] = o.draw(Volume, 2, mL)
	o.taken = taken
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rival is a component that is selected for a dimension wherever its own tier is.
type rival struct {
	component int
	tier      Span
}

// rivals lists them by class, in order; own is the tier that the dimension itself
// is cut at, -1 for none.
func (o *fullOracle) rivals(d Dimension, own int) {
	for class := Electricity; class <= OtherFee; class++ {
		o.rival[class] = o.rival[class][:0]
		for _, c := range o.order[d][class] {
			p := &o.parts[c]
			holds := o.held[p.element]
			for tier, span := range p.tiers {
				holds = holds && (tier == own || inSpan(o.taken[tier], span))
			}
			if holds && own >= 0 {
				o.rival[class] = append(o.rival[class], rival{c, p.tiers[own]})
			} else if holds {
				o.rival[class] = append(o.rival[class], rival{component: c})
			}
		}
	}
}

// draw books units one by one, each under what holds at its own place in its
// tier, and returns how much was taken after them. A unit that is given back is
// taken off where it would have been taken.
func (o *fullOracle) draw(d Dimension, own int, units int64) int64 {
	value := int64(0)
	if own >= 0 {
		value = o.taken[own]
	}
	if units == 0 {
		return value
	}
	o.rivals(d, own)
	one := int64(1)
	if units < 0 {
		one = -1
	}
	for ; units != 0; units -= one {
		o.now++
		if one < 0 {
			value--
		}
		for class := Electricity; class <= OtherFee; class++ {
			for i := range o.rival[class] {
				r := &o.rival[class][i]
				if !inSpan(value, r.tier) {
					continue
				}
				if o.counted[r.component] += one; one > 0 {
					o.rose[r.component] = o.now
				}
				break
			}
		}
		if one > 0 {
			value++
		}
	}
	return value
}

// chargeIdle books the idle time that grace does not keep free, and returns the
// occupancy fee of each period, in s times the unit of price.
func (o *fullOracle) chargeIdle() (periods []int64) {
	rule := o.t.Idle
	var all int64
	for _, seconds := range o.episode {
		all += seconds
	}
	latest := int64(-1 << 62)
	for i := range o.idle {
		r := &o.idle[i]
		before, total := r.inAll, all
		if rule.PerEpisode {
			before, total = r.inEpisode, o.episode[r.episode]
		}
		for s := range r.seconds {
			free := before+s < rule.Grace
			if rule.Retroactive && rule.Grace > 0 {
				free = total <= rule.Grace
			}
			if free {
				continue
			}
			o.now++
			for _, c := range r.costs {
				if c == 0 {
					continue
				}
				o.counted[c-1]++
				o.rose[c-1] = o.now
				if o.parts[c-1].Class != Occupancy {
					continue
				}
				if p := o.period(r.at + s); p != latest {
					latest, periods = p, append(periods, 0)
				}
				periods[len(periods)-1] += o.parts[c-1].Price
			}
		}
	}
	return periods
}

// period returns which period a second of idling falls into. A local day that
// was over does not begin again where the clock is set back.
func (o *fullOracle) period(at int64) int64 {
	if o.t.Idle.Period == Per24Hours {
		return (at - o.start) / 86400
	}
	const farAway = 86400 * 10_000 // so that no day is negative
	date := (at + o.offset(at) + farAway) / 86400
	for i, f := range o.offsets[:len(o.offsets)-1] {
		if end := o.offsets[i+1].From; end <= at {
			date = max(date, (end-1+int64(f.Seconds)+farAway)/86400)
		}
	}
	return date
}

// roundUp applies steps: the sum of a step group, where it is above zero, is
// rounded up by the step of the component that was the last to be given
// something. It returns what is added to each component.
func (o *fullOracle) roundUp() []int64 {
	surplus := make([]int64, len(o.parts))
	var sums [Volume + 1][OtherFee + 1][2]int64
	last := map[[3]int]int{}
	for i := range o.parts {
		p := &o.parts[i]
		sums[p.Dimension][p.Class][truth(p.reserved)] += o.counted[i]
		key := [3]int{int(p.Dimension), int(p.Class), truth(p.reserved)}
		if before, ok := last[key]; o.rose[i] > 0 && (!ok || o.rose[before] < o.rose[i]) {
			last[key] = i
		}
	}
	for key, i := range last {
		besideIdle := Dimension(key[0]) == TimeSpent && key[2] == 0 && sums[IdleTime][key[1]][0] > 0
		sum, step := sums[key[0]][key[1]][key[2]], o.parts[i].Step
		if step > 0 && sum > 0 && sum%step != 0 && !besideIdle {
			surplus[i] = (sum/step+1)*step - sum
		}
	}
	return surplus
}

// capsOff returns what the caps take off the occupancy fee, in s times the unit
// of price.
func (o *fullOracle) capsOff(periods []int64, surplus []int64) (off int64) {
	var total int64
	for i := range o.parts {
		if p := &o.parts[i]; p.Dimension == IdleTime && p.Class == Occupancy && len(periods) > 0 {
			periods[len(periods)-1] += surplus[i] * p.Price
		}
	}
	for _, sum := range periods {
		total += sum
		if most := o.t.Idle.PeriodCap * 3600; most > 0 {
			off += max(0, sum-most)
		}
	}
	if most := o.t.Idle.SessionCap * 3600; most > 0 {
		off += max(0, total-off-most)
	}
	return off
}

// billed is how much of a component is billed, if it is.
type billed struct {
	quantity int64
	is       bool
}

// charges returns what is billed of each component, and what the caps take off.
func (o *fullOracle) charges() (all []billed, off int64) {
	periods := o.chargeIdle()
	surplus := o.roundUp()
	off = o.capsOff(periods, surplus)
	all = make([]billed, len(o.parts))
	for i := range all {
		all[i] = billed{o.counted[i] + surplus[i], o.counted[i] != 0 || surplus[i] != 0}
	}
	for _, fired := range o.fired {
		for _, c := range fired {
			if c > 0 {
				all[c-1] = billed{1, true}
			}
		}
	}
	return all, off
}
