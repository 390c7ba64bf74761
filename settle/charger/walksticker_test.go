// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// blind is a device without a display, with three orders that somebody has
// bought: numbers 1 and 2 for connector 1, 3 for connector 2.
type blind struct {
	*rig
	texts    []string
	hashes   []qrproto.Ref
	accepted []uint32 // numbers, in order
	unsure   bool     // the journal failed in this boot
	reg      int64
	trail    []string
}

func newBlind(t testing.TB) *blind {
	b := &blind{rig: newRig(t, sticker())}
	for i, connector := range []uint8{1, 1, 2} {
		o := b.prepaid(connector, uint32(i)+1, nil)
		b.texts, b.hashes = append(b.texts, b.seal(o)), append(b.hashes, refOf(t, o))
	}
	return b
}

func (b *blind) clone() *blind {
	out, r, clock := *b, *b.rig, *b.clock
	out.rig, out.accepted, out.trail = &r, slices.Clone(b.accepted), slices.Clone(b.trail)
	r.clock, r.journal = &clock, b.journal.Clone()
	r.c = b.c.Clone(r.journal, r.clock)
	return &out
}

// show scans an order. One that is not above all that were accepted is refused.
func (b *blind) show(n uint32) {
	_, err := b.c.Accept(b.texts[n-1])
	switch {
	case errors.Is(err, charger.ErrJournal):
		b.unsure = true
	case err != nil:
	case len(b.accepted) > 0 && n <= slices.Max(b.accepted):
		b.t.Fatalf("%q: order %d after %v", b.trail, n, b.accepted)
	default:
		b.accepted = append(b.accepted, n)
	}
}

func (b *blind) meter(n int, plug bool) {
	if b.c.Do(n).Relay {
		b.reg += 1000
	}
	if err := b.c.Meter(n, charger.Reading{Reading: tariff.Reading{Energy: b.reg}, Plugged: plug}); err != nil {
		b.unsure = true
	}
}

func (b *blind) reboot() {
	b.journal, b.unsure = b.journal.Snapshot(), false
	b.boot()
}

// check cuts the power in a copy: whatever was accepted has one settlement, no
// more has, and no order that is behind is ever taken again.
func (b *blind) check() {
	relay := false
	for range 5 { // until no write that is tried again fails
		relay = b.c.Do(1).Relay || b.c.Do(2).Relay
	}
	r := *b.rig
	after := &blind{rig: &r}
	r.clock = &settletest.Clock{}
	after.reboot()
	settled := after.settlements()
	count := map[qrproto.Ref]int{}
	for _, s := range settled {
		count[s.Order]++
	}
	for i, hash := range b.hashes {
		n := uint32(i) + 1
		accepted := slices.Contains(b.accepted, n)
		if count[hash] > 1 || accepted && count[hash] != 1 || !accepted && count[hash] == 1 && !b.unsure && !b.maybe(n) {
			b.t.Fatalf("%q: order %d: accepted %v, %d settlements", b.trail, n, accepted, count[hash])
		}
		if count[hash] == 1 {
			for behind := range n {
				_, err := after.c.Accept(b.texts[behind])
				wants(b.t, fmt.Sprintf("%q: order %d after %d and a cut", b.trail, behind+1, n), err, charger.ErrOvertaken)
			}
		}
	}
	if relay && len(settled) == 0 {
		b.t.Fatalf("%q: a relay is closed and nothing is durable", b.trail)
	}
}

// maybe tells whether an order is in the journal though Accept failed.
func (b *blind) maybe(n uint32) bool {
	return slices.ContainsFunc(b.settlements(), func(s *qrproto.Settlement) bool { return s.Order == b.hashes[n-1] })
}

func TestEveryWayWithoutADisplay(t *testing.T) {
	all := []struct {
		name string
		do   func(*blind)
	}{
		{"order 1", func(b *blind) { b.show(1) }},
		{"order 2", func(b *blind) { b.show(2) }},
		{"order 3", func(b *blind) { b.show(3) }},
		{"plug", func(b *blind) { b.meter(1, true) }},
		{"unplug", func(b *blind) { b.meter(1, false) }},
		{"plug 2", func(b *blind) { b.meter(2, true) }},
		{"wait 91 s", func(b *blind) { b.pass(91 * time.Second) }},
		{"reboot", (*blind).reboot},
		{"lost write", func(b *blind) { b.journal.Inject(settletest.FaultLost) }},
		{"late failure", func(b *blind) { b.journal.Inject(settletest.FaultAfter) }},
	}
	depth := 4
	if testing.Short() {
		depth = 3
	}
	taken := 0
	front := []*blind{newBlind(t)}
	for range depth {
		var next []*blind
		for _, from := range front {
			for _, s := range all {
				b := from.clone()
				b.trail = append(b.trail, s.name)
				s.do(b)
				b.check()
				taken++
				next = append(next, b)
			}
		}
		front = next
	}
	t.Logf("%d steps, all ways to depth %d", taken, depth)
}
