// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/settle/charger"
)

// The walk is testdata/model on the code itself: chargers, their journals, the
// server and a payment provider, and everything that people, power cuts and an
// adversary can do with them, who holds every code and delivers any of it to any
// side, at any time and as often as he likes. Nobody needs to scan anything, so
// that drivers who walk away are among it.

// A course is a walk: what there is, and what has happened before it begins.
type course struct {
	name  string
	sizes mazeSizes
	from  string
}

// beginnings are where walks begin. The one from power on is the whole; those from
// within a sale get further.
var beginnings = map[string][]act{
	"power on": nil,
	"ordered":  {{actLook, 0, 0}, {actIssue, 0, 0}},
	"armed":    {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}},
	"charging": {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actPlug, 0, 0}, {actWait, 0, 0}},
	"settled": {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actPlug, 0, 0}, {actWait, 0, 0},
		{actPlug, 0, 0}},
	"uploaded": {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actPlug, 0, 0}, {actWait, 0, 0},
		{actPlug, 0, 0}, {actUpload, 0, 0}},
	"two orders": {{actLook, 0, 0}, {actIssue, 0, 0}, {actLook, 0, 1}, {actIssue, 1, 1}, {actScan, 0, 0}, {actPlug, 0, 0}},
	"two posts":  {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actLook, 1, 0}, {actIssue, 1, 1}},
	"walked away": {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actPlug, 0, 0}, {actWait, 0, 0}, {actPlug, 0, 0},
		{actStop, 0, 0}},
	"copied, armed": {{actCopy, 0, 0}, {actCut, 0, 0}, {actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}},
	"copied within a sale": {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actPlug, 0, 0}, {actCopy, 0, 0},
		{actWait, 0, 0}, {actPlug, 0, 0}},
	"two settled": {{actLook, 0, 0}, {actIssue, 0, 0}, {actLook, 0, 1}, {actIssue, 1, 1}, {actScan, 0, 0}, {actPlug, 0, 0},
		{actScan, 0, 1}, {actStop, 0, 1}, {actPlug, 0, 0}, {actStop, 0, 0}},
	"three settled": {{actLook, 0, 0}, {actIssue, 0, 0}, {actLook, 0, 1}, {actIssue, 1, 1}, {actScan, 0, 0}, {actPlug, 0, 0},
		{actScan, 0, 1}, {actStop, 0, 1}, {actPlug, 0, 0}, {actStop, 0, 0}, {actStop, 0, 1}, {actIssue, 2, 2}, {actIssue, 3, 3},
		{actScan, 0, 2}, {actStop, 0, 0}},
	"stolen":          {{actReveal, 0, 0}},
	"revoked":         {{actReveal, 0, 0}, {actRevoke, 0, 0}, {actReveal, 0, 1}},
	"stolen, sold":    {{actReveal, 0, 0}, {actLook, 0, 0}, {actForge, 0, 0}, {actScan, 0, 0}, {actStop, 0, 0}, {actCut, 0, 0}},
	"stolen, settled": {{actReveal, 0, 0}, {actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actStop, 0, 0}, {actStop, 0, 0}},
	"looked":          {{actLook, 0, 0}},
	"long ago":        {{actLook, 0, 0}, {actWait, 2, 0}, {actSee, 0, 0}},
	"paid": {{actLook, 0, 0}, {actIssue, 0, 0}, {actScan, 0, 0}, {actPlug, 0, 0}, {actWait, 0, 0}, {actPlug, 0, 0},
		{actUpload, 0, 0}, {actPay, 0, 0}},
}

var (
	oneCharger  = mazeSizes{posts: 1, connectors: 2, photos: 3, orders: 2, accounts: 2, cuts: 2, waits: 4}
	twoChargers = mazeSizes{posts: 2, connectors: 1, photos: 3, orders: 2, accounts: 2, cuts: 2, waits: 4, halts: true}
	withImages  = mazeSizes{posts: 1, connectors: 2, photos: 4, orders: 2, accounts: 1, cuts: 1, images: 2, waits: 3}
	lostAnswers = mazeSizes{posts: 1, connectors: 1, photos: 2, orders: 2, accounts: 2, cuts: 1, waits: 3, lost: 2}
	smallFlash  = mazeSizes{posts: 1, connectors: 1, photos: 4, orders: 3, accounts: 3, cuts: 3, waits: 3, small: true}
	backlog     = mazeSizes{posts: 1, connectors: 2, photos: 5, orders: 4, accounts: 4, cuts: 1, waits: 1, small: true}
	stolenKey   = mazeSizes{posts: 1, connectors: 1, photos: 3, orders: 3, accounts: 1, cuts: 2, waits: 2, trust: true, forged: 2, small: true}
	sealAtStop  = mazeSizes{posts: 1, connectors: 1, photos: 3, orders: 2, accounts: 1, cuts: 1, waits: 4, seal: charger.SealAtStop, halts: true}
)

var courses = []course{
	{"one charger of two connectors", oneCharger, "power on"},
	{"one charger of two connectors", oneCharger, "armed"},
	{"one charger of two connectors", oneCharger, "settled"},
	{"one charger of two connectors", oneCharger, "two orders"},
	{"two chargers", twoChargers, "power on"},
	{"two chargers", twoChargers, "two posts"},
	{"flash set back", withImages, "copied, armed"},
	{"flash set back", withImages, "copied within a sale"},
	{"answers lost", lostAnswers, "power on"},
	{"answers lost", lostAnswers, "uploaded"},
	{"small flash", smallFlash, "walked away"},
	{"a backlog in a small flash", backlog, "two settled"},
	{"a backlog in a small flash", backlog, "three settled"},
	{"a stolen key", stolenKey, "stolen"},
	{"a stolen key", stolenKey, "stolen, settled"},
	{"sealed at the stop", sealAtStop, "charging"},
}

// begin sets a walk up and takes the acts that come before it.
func begin(sizes mazeSizes, weak weakness, from string) (*maze, error) {
	first, ok := beginnings[from]
	if !ok {
		return nil, fmt.Errorf("no beginning is called %s", from)
	}
	s, err := newStage(sizes, weak)
	if err != nil {
		return nil, err
	}
	m, err := newMaze(s)
	if err != nil {
		return nil, err
	}
	for _, a := range first {
		before := m.hash()
		if err := m.do(a); err != nil {
			return nil, fmt.Errorf("%v: %w", a, err)
		}
		if m.hash() == before {
			return nil, fmt.Errorf("%v: nothing happens", a)
		}
	}
	return m, nil
}

// walkMinutes is for how long to walk, 0 for as short as every test.
func walkMinutes() (float64, error) {
	v := os.Getenv("QRCHARGE_WALK")
	if v == "" {
		return 0, nil
	}
	return strconv.ParseFloat(v, 64)
}

// TestWalk goes every way, shortest first, to a depth. With QRCHARGE_WALK, a
// number of minutes, it goes on until they are over, an equal part for each
// course.
func TestWalk(t *testing.T) {
	depth, every, part := 3, 20, time.Duration(0)
	if testing.Short() {
		depth = 2
	}
	if minutes, err := walkMinutes(); err != nil {
		t.Fatal(err)
	} else if minutes > 0 {
		depth, every, part = 99, 200, time.Duration(minutes*float64(time.Minute))/time.Duration(len(courses))
	}
	t.Logf("%-30s %-21s %5s %9s %9s %7s %8s", "course", "from", "depth", "states", "acts", "ended", "time")
	for _, c := range courses {
		start, err := begin(c.sizes, weakness{}, c.from)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		clock := time.Now()
		s := newSearch(start, every, func(taken int) bool { return part > 0 && taken%64 == 0 && time.Since(clock) > part })
		done, err := s.run(depth)
		t.Logf("%-30s %-21s %5d %9d %9d %7d %8.1fs", c.name, c.from, done, len(s.seen), s.taken, s.ended, time.Since(clock).Seconds())
		if err != nil {
			t.Errorf("%s, from %s: %v\n%s", c.name, c.from, err, names(s.trail))
		}
		if len(s.seen) < 1<<min(depth, done) || s.ended == 0 && !testing.Short() {
			t.Errorf("%s, from %s: only %d states, %d ended", c.name, c.from, len(s.seen), s.ended)
		}
	}
}

// TestWalkCopiesAreWhole: after any way, a state that was reached by copies is the
// one that the same acts lead to without.
func TestWalkCopiesAreWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ways := 10
	if testing.Short() {
		ways = 1
	}
	for _, c := range courses {
		for range ways {
			m, err := begin(c.sizes, weakness{}, c.from)
			if err != nil {
				t.Fatal(err)
			}
			var way []act
			for range 8 {
				all := m.acts()
				a := all[random.IntN(len(all))]
				for range 3 { // others go elsewhere from here
					if err := m.clone().do(all[random.IntN(len(all))]); err != nil {
						t.Fatal(err)
					}
				}
				m = m.clone()
				if err := m.do(a); err != nil {
					t.Fatal(err)
				}
				way = append(way, a)
			}
			whole, err := begin(c.sizes, weakness{}, c.from)
			for _, a := range way {
				if err = errors.Join(err, whole.do(a)); err != nil {
					t.Fatal(err)
				}
			}
			if whole.hash() != m.hash() {
				t.Errorf("%s, from %s: %s: another state by copies", c.name, c.from, names(way))
			}
		}
	}
}
