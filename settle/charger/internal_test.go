// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// Showing a code takes 45 s, so that the age closes challenges before the number
// does; only a device whose signer fails again and again comes to this.
func TestSixteenNewestChallengesOfAConnectorAreOpen(t *testing.T) {
	var n nonces
	if err := n.seed([32]byte{1}, 1, strings.NewReader(strings.Repeat("x", 32))); err != nil {
		t.Fatal(err)
	}
	other := n.fresh(2, 0)
	for i := range 20 {
		c := n.fresh(1, time.Duration(i))
		if n.find(1, c) == nil || n.find(2, c) != nil {
			t.Fatal("a challenge is open on its connector, and on no other")
		}
	}
	if n.find(2, other) == nil || n.oldest() != other.Counter {
		t.Error("one connector closed another's challenge")
	}
	n.retire(2)
	if len(n.shown) != nonceKept || n.oldest() != n.counter-nonceKept+1 {
		t.Errorf("%d open, the oldest %d of %d", len(n.shown), n.oldest(), n.counter)
	}
	n.retire(1)
	if n.oldest() != n.counter {
		t.Errorf("oldest of none is %d", n.oldest())
	}
}

// The first of all is closed like any other, where there is but one connector.
func TestTheSeventeenthChallengeClosesTheFirst(t *testing.T) {
	var n nonces
	if err := n.seed([32]byte{1}, 1, strings.NewReader(strings.Repeat("x", 32))); err != nil {
		t.Fatal(err)
	}
	first := n.fresh(1, 0)
	for i := range nonceKept {
		if n.find(1, first) == nil {
			t.Fatalf("closed by the %dth after it", i)
		}
		n.fresh(1, 0)
	}
	if n.find(1, first) != nil || len(n.shown) != nonceKept {
		t.Errorf("%d are open", len(n.shown))
	}
}

func TestFlowIsRoundedUpAndPowerToo(t *testing.T) {
	for _, c := range []struct {
		watts int64
		d     time.Duration
		mWh   int64
	}{{0, time.Hour, 0}, {1, time.Hour, 1000}, {7200, time.Second, 2000}, {1, time.Millisecond, 1}, {3601, time.Millisecond, 2}} {
		if got := flow(c.watts, c.d); got != c.mWh {
			t.Errorf("%d W for %v: %d mWh, want %d", c.watts, c.d, got, c.mWh)
		}
	}
	for _, c := range []struct {
		mWh   int64
		d     time.Duration
		watts int64
	}{{0, time.Second, 0}, {5, 0, 0}, {2000, time.Second, 7200}, {1, time.Hour, 1}, {1001, time.Hour, 2}} {
		if got := power(c.mWh, c.d); got != c.watts {
			t.Errorf("%d mWh in %v: %d W, want %d", c.mWh, c.d, got, c.watts)
		}
	}
}

// A counter that began anew would repeat nonces, and with them keystreams.
func TestCountersOfABootAreUsedOnce(t *testing.T) {
	c := &Charger{connectors: []connector{{n: 1}}, nonces: nonces{counter: math.MaxUint32, key: []byte{1}}}
	if text, err := c.identity(&c.connectors[0], 0); text != "" || !errors.Is(err, ErrState) || c.nonces.counter != math.MaxUint32 {
		t.Errorf("%q, %v, counter %d", text, err, c.nonces.counter)
	}
}
