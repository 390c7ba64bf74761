// SPDX-License-Identifier: Apache-2.0

package settle

import (
	"fmt"
	"sync"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// plansKept is of how many tariffs Plans remembers the plan: less than ten
// megabytes of four-rate tariffs.
const plansKept = 1024

// Plans compiles orders as Compile does, and remembers the tariffs that it met
// last: to decode and compile one takes half as long as to verify a signature,
// and a server settles many orders under few tariffs. Only the time that a call
// takes depends on what is remembered. The zero value is ready; it may be used
// by several goroutines at once and must not be copied.
type Plans struct {
	mu   sync.Mutex
	by   map[string]known // by the tariff's canonical bytes
	ring [plansKept]string
	next int // of ring: the oldest
}

// known is a tariff with a plan of it, whoever's order that was for.
type known struct {
	plan *tariff.Plan
	name qrproto.Ref
}

// Compile returns the plan of an order, given the canonical bytes of its tariff
// (qrproto.EncodeTariff), which for an order that embeds its tariff may be nil.
// It fails as the function Compile does.
func (p *Plans) Compile(o *qrproto.StartOrder, canonical []byte) (*tariff.Plan, error) {
	if o.TariffHash == nil {
		canonical = o.Tariff
	}
	k, ok := p.find(canonical)
	if !ok {
		return p.learn(o, canonical)
	}
	if o.TariffHash != nil && *o.TariffHash != k.name {
		return nil, fmt.Errorf("settle: tariff %v, order names %v: %w", k.name, o.TariffHash, ErrOtherTariff)
	}
	plan, err := k.plan.With(limitsOf(o), o.Offsets.Steps())
	return checked(plan, err)
}

// learn compiles a tariff and remembers it.
func (p *Plans) learn(o *qrproto.StartOrder, canonical []byte) (*tariff.Plan, error) {
	t, err := qrproto.DecodeTariff(canonical)
	if err != nil {
		return nil, err
	}
	hash, err := qrproto.TariffHash(t)
	if err != nil {
		return nil, err
	}
	plan, err := compile(o, t, hash)
	if err != nil {
		return nil, err
	}
	p.keep(string(canonical), known{plan, hash.Ref()})
	return plan, nil
}

func (p *Plans) find(canonical []byte) (known, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.by[string(canonical)]
	return k, ok
}

// keep remembers a tariff in place of the one that came first.
func (p *Plans) keep(canonical string, k known) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, twice := p.by[canonical]; twice {
		return
	}
	if p.by == nil {
		p.by = make(map[string]known)
	}
	delete(p.by, p.ring[p.next])
	p.by[canonical], p.ring[p.next] = k, canonical
	p.next = (p.next + 1) % plansKept
}
