// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Clone copies a charger over a copy of its journal and clock, so that a walk
// can go two ways from one state. It serves tariffs of one price only, whose
// meter is the same after its first and last reading as after all of them.
func (c *Charger) Clone(j Journal, k Clock) *Charger {
	if c.doubt != nil {
		panic("a charger in doubt cannot be cloned: ask Do first")
	}
	out := *c
	out.journal, out.clock = j, k
	out.nonces.shown = slices.Clone(c.nonces.shown)
	out.chain.sums = slices.Clone(c.chain.sums)
	out.tally.counts = slices.Clone(c.tally.counts)
	out.connectors = slices.Clone(c.connectors)
	for i := range out.connectors {
		n := &out.connectors[i]
		n.lately = slices.Clone(n.lately)
		if n.sale != nil {
			n.sale = n.sale.clone()
		}
	}
	return &out
}

func (s *sale) clone() *sale {
	out := *s
	out.bill.Lines = slices.Clone(s.bill.Lines)
	if s.meter == nil {
		return &out
	}
	out.meter = s.plan.Meter()
	if err := out.meter.Add(s.first); err != nil {
		panic(err)
	}
	if err := out.meter.Add(s.last); err != nil {
		panic(err)
	}
	return &out
}

// Sums is how many settlements' hashes are held.
func (c *Charger) Sums() int { return len(c.chain.sums) }

// Rows names the rows of the table, as "from event to" and, where there are two
// of these, when.
func Rows() (out []string) {
	for _, t := range table() {
		out = append(out, t.name())
	}
	return out
}

// Drawn gives the newest challenge of a connector the counter and nonce of a
// vector, as if the device had drawn them.
func (c *Charger) Drawn(n int, challenge qrproto.Challenge) {
	for i := range c.nonces.shown {
		if s := &c.nonces.shown[i]; s.connector == n && s.challenge.Counter == c.nonces.counter {
			s.challenge, c.nonces.counter = challenge, challenge.Counter
		}
	}
}
