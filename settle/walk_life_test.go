// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/settle/charger"
)

// What is too far for every way is gone some ways at random, with more of
// everything.
var lives = []mazeSizes{
	{posts: 2, connectors: 2, photos: 12, orders: 6, accounts: 3, cuts: 4, waits: 20, lost: 2, halts: true},
	{posts: 1, connectors: 2, photos: 12, orders: 6, accounts: 2, cuts: 4, waits: 20, lost: 2, small: true, seal: charger.SealAtStop},
	{posts: 2, connectors: 1, photos: 12, orders: 6, accounts: 2, cuts: 4, images: 2, waits: 20, halts: true, small: true},
	{posts: 1, connectors: 2, photos: 12, orders: 6, accounts: 2, cuts: 4, waits: 20, trust: true, forged: 3, small: true},
	{posts: 2, connectors: 1, photos: 12, orders: 6, accounts: 2, cuts: 2, images: 1, waits: 20, trust: true, forged: 3},
}

// tally is what happened on the ways.
type tally struct{ issued, accepted, charged, refunded, cuts, images int }

func (t *tally) add(m *maze) {
	t.cuts += m.used.cuts
	t.images += m.used.images
	t.issued += len(m.orders)
	for i := range m.orders {
		o := &m.orders[i]
		if o.accepted > 0 {
			t.accepted++
		}
		if o.flowed > 0 {
			t.charged++
		}
		if o.refunded {
			t.refunded++
		}
	}
}

// pick draws an act: half of the time what a customer would do next, and seldom
// what ends all that runs.
func (m *maze) pick(random *rand.Rand) act {
	all, usual := m.acts(), m.usual()
	if i := slices.Index(all, usual); i >= 0 && random.IntN(2) == 0 {
		return usual
	}
	rare := []verb{actCut, actRestore, actStop, actRelease, actRevoke}
	for {
		a := all[random.IntN(len(all))]
		if !slices.Contains(rare, a.verb) && (a.verb != actWait || a.a == 0) || random.IntN(8) == 0 {
			return a
		}
	}
}

// usual is what somebody would do next who wants to charge.
func (m *maze) usual() act {
	for n, p := range m.posts {
		for k, at := range p.spots {
			switch {
			case at.screen == charger.ScreenPlug && !at.plug, at.screen == charger.ScreenUnplug:
				return act{actPlug, uint8(n), uint8(k)}
			case at.screen == charger.ScreenCharging:
				return act{verb: actWait}
			}
		}
	}
	if j := len(m.orders) - 1; j >= 0 && m.orders[j].accepted == 0 {
		return act{actScan, uint8(m.orders[j].photo.post), uint8(j)}
	}
	if i := len(m.photos) - 1; i >= 0 {
		return act{actIssue, uint8(i), uint8(i % m.stage.sizes.accounts)}
	}
	return act{}
}

// live goes one way of so many acts, drawn from a seed.
func live(sizes mazeSizes, acts int, seed uint64, sum *tally) (way []act, err error) {
	m, err := begin(sizes, weakness{}, "power on")
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for range acts {
		a := m.pick(random)
		way = append(way, a)
		if err := m.do(a); err != nil {
			return way, err
		}
	}
	sum.add(m)
	return way, m.finish()
}

// relive goes a way again, without what is not possible any more.
func relive(sizes mazeSizes, way []act) error {
	m, err := begin(sizes, weakness{}, "power on")
	for _, a := range way {
		if err == nil && slices.Contains(m.acts(), a) {
			err = m.do(a)
		}
	}
	if err != nil {
		return err
	}
	return m.finish()
}

// shortest leaves out of a way what it takes no part of.
func shortest(sizes mazeSizes, way []act, err error) []act {
	var want, got *breach
	if !errors.As(err, &want) {
		return way
	}
	for n := len(way) / 2; n > 0; n /= 2 {
		for i := 0; i+n <= len(way); {
			less := slices.Concat(way[:i], way[i+n:])
			if errors.As(relive(sizes, less), &got) && got.property == want.property {
				way = less
			} else {
				i += n
			}
		}
	}
	return way
}

func names(way []act) string {
	var out []string
	for _, a := range way {
		out = append(out, a.String())
	}
	return strings.Join(out, "; ")
}

func TestWalkAtRandom(t *testing.T) {
	ways, acts := 12, 80
	if testing.Short() {
		ways = 2
	}
	if minutes, err := walkMinutes(); err != nil {
		t.Fatal(err)
	} else if minutes > 0 {
		ways = int(minutes * 100)
	}
	for i, sizes := range lives {
		var sum tally
		for seed := range ways {
			way, err := live(sizes, acts, uint64(seed), &sum)
			if err != nil {
				t.Errorf("life %d.%d: %v\n%s", i, seed, err, names(shortest(sizes, way, err)))
				break
			}
		}
		t.Logf("%d ways of %d acts: %+v", ways, acts, sum)
		if sum.charged < ways/2 || sum.refunded == 0 && ways > 50 {
			t.Errorf("life %d: hardly anything happens: %+v", i, sum)
		}
	}
}
