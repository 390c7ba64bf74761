// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// step is one thing that can happen.
type step struct {
	name string
	do   func(*world)
}

// steps are all that can happen to connectors 1 to n.
func steps(n int) (out []step) {
	for k := 1; k <= n; k++ {
		out = append(out,
			step{"show", func(w *world) { w.show(k) }},
			step{"plug", func(w *world) { w.meter(k, true) }},
			step{"unplug", func(w *world) { w.meter(k, false) }},
			step{"stop", func(w *world) { w.stop(k) }},
			step{"receipt", func(w *world) { w.pay(k) }},
		)
	}
	for _, d := range []time.Duration{45, 91, 200, 700} {
		out = append(out, step{fmt.Sprintf("wait %d s", d), func(w *world) { w.pass(d * time.Second) }})
	}
	return append(out,
		step{"newest order", func(w *world) { w.scanNth(-1) }},
		step{"newest but one", func(w *world) { w.scanNth(-2) }},
		step{"oldest order", func(w *world) { w.scanNth(0) }},
		step{"reboot", (*world).reboot},
		step{"old flash", (*world).restore},
		step{"lost write", func(w *world) { w.fault(settletest.FaultLost) }},
		step{"late failure", func(w *world) { w.fault(settletest.FaultAfter) }},
	)
}

// fault makes the next write fail. The model knows nothing of that until the
// next restart; what check holds must be true all the same.
func (w *world) fault(f settletest.Fault) {
	w.unsure = true
	w.journal.Inject(f)
}

// take lets a step happen, and everybody look at what comes of it.
func (w *world) take(s step) {
	w.trail = append(slices.Clip(w.trail), s.name)
	s.do(w)
	for n := range w.at {
		w.model(n + 1)
	}
}

// scanNth shows an order by its age, counted from the newest if negative.
func (w *world) scanNth(i int) {
	if i < 0 {
		i += len(w.issues)
	}
	if i >= 0 && i < len(w.issues) {
		w.scanIssue(i)
	}
}

// print tells worlds apart by what can be seen of them. Registers and numbers
// that only rise are left out, or the walk would never meet itself.
func (w *world) print() string {
	out := fmt.Sprint(w.epoch, w.plug, w.unsure, w.forged, w.journal.Pending(), len(settlementsOf(w.t, w.journal)) > 0)
	for n := range w.at {
		d := w.c.Do(n + 1)
		at := w.at[n]
		out += fmt.Sprint(d.Screen, d.Relay, d.Lock, d.Wake-w.clock.Up, at.freed, at.issue >= 0, min(w.clock.Up-at.since, 800*time.Second), w.last[n] != nil)
	}
	for i := range w.issues {
		o := &w.issues[i]
		out += fmt.Sprint(o.n, o.accepted, o.maybe, o.dead, o.boot == w.boots, min(w.clock.Up-o.shown, 800*time.Second))
	}
	return out
}

// walk goes every way from a world, up to a number of steps.
func walk(t *testing.T, start *world, all []step, depth int) (states, taken int) {
	seen := map[string]bool{start.print(): true}
	front := []*world{start}
	for range depth {
		var next []*world
		for _, from := range front {
			for _, s := range all {
				w := from.clone()
				w.take(s)
				w.check()
				taken++
				if p := w.print(); !seen[p] {
					seen[p] = true
					next = append(next, w)
				}
			}
		}
		front = next
	}
	return len(seen), taken
}

func TestEveryWayOfOneConnector(t *testing.T) {
	for _, seal := range []charger.Seal{charger.SealAtUnplug, charger.SealAtStop} {
		depth := 5 - int(seal)
		if testing.Short() {
			depth = 3
		}
		states, taken := walk(t, newWorld(t, &charger.Options{Seal: seal}), steps(1), depth)
		t.Logf("seal %d: %d states, %d steps, to depth %d", seal, states, taken, depth)
	}
}

func TestEveryWayFromTheMiddleOfASale(t *testing.T) {
	for _, name := range []string{"armed", "charging", "settled"} {
		w := newWorld(t, nil)
		w.show(1)
		w.scanNth(-1)
		if name != "armed" {
			w.meter(1, true)
			w.meter(1, true)
		}
		if name == "settled" {
			w.meter(1, false)
			w.show(1)
		}
		depth := 3
		if testing.Short() {
			depth = 2
		}
		states, taken := walk(t, w, steps(1), depth)
		t.Logf("%s: %d states, %d steps, to depth %d", name, states, taken, depth)
	}
}

func TestEveryWayOfTwoConnectors(t *testing.T) {
	w := newWorld(t, nil)
	w.show(1)
	w.show(2)
	w.scanNth(0)
	w.meter(1, true)
	depth := 3
	if testing.Short() {
		depth = 2
	}
	states, taken := walk(t, w, steps(2), depth)
	t.Logf("%d states, %d steps, to depth %d", states, taken, depth)
}

func TestLongRandomLife(t *testing.T) {
	for _, seal := range []charger.Seal{charger.SealAtUnplug, charger.SealAtStop} {
		random := rand.New(rand.NewPCG(1, uint64(seal)))
		w := newWorld(t, &charger.Options{Seal: seal})
		all := steps(2)
		newest := step{"newest order", func(w *world) { w.scanNth(-1) }}
		rare := map[string]bool{"reboot": true, "lost write": true, "late failure": true, "wait 200 s": true, "wait 700 s": true}
		rounds := 3000
		if testing.Short() {
			rounds = 500
		}
		for i := range rounds {
			s := all[random.IntN(len(all))]
			switch {
			case s.name == "old flash", rare[s.name] && random.IntN(8) > 0:
				continue
			case random.IntN(8) == 0: // a sale, or what becomes of one
				w.take(all[0])
				s = newest
			}
			w.take(s)
			if i%10 == 0 {
				w.check()
			}
		}
		t.Logf("seal %d: %d steps, %d boots, %d settlements", seal, rounds, w.boots, w.c.Head().Seq)
	}
}
