// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/tariff"
)

func TestIdentityIsFrozenFor45Seconds(t *testing.T) {
	r := newRig(t, nil)
	d := r.c.Do(1)
	if d.Wake != r.clock.Up+45*time.Second {
		t.Errorf("wake after %v", d.Wake-r.clock.Up)
	}
	for range 44 {
		r.pass(time.Second)
		r.read(1, 0) // also when something is plugged in meanwhile
		if got := r.c.Do(1); got.Text != d.Text || got.Wake != d.Wake {
			t.Fatal("the code changed while its counter did not")
		}
	}
	r.pass(time.Second)
	id := r.identity(1)
	if id.Challenge.Counter != 2 || id.State != qrproto.StatePreparing {
		t.Errorf("after 45 s: %+v", id)
	}
	if other := r.identity(2); other.Challenge.Counter != 3 || other.Challenge.Nonce == id.Challenge.Nonce {
		t.Errorf("the other connector: %+v", other.Challenge)
	}
}

func TestChallengesCloseWhenNoOrderCanBeInTime(t *testing.T) {
	r := newRig(t, nil)
	other := r.identity(2)
	var ids []*qrproto.Identity
	for range 20 {
		ids = append(ids, r.identity(1))
		r.pass(45 * time.Second)
	}
	last := r.identity(1) // the 21st
	for i, id := range ids {
		// The age alone would let these pass: the server claims to have held each.
		held := min(480, 45*(20-i))
		text := r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Held = uint16(held) }))
		switch {
		case i < 6: // more than 660 s ago
			r.refused("one of the older ones", charger.ErrChallenge, r.scan(text))
		case 45*(20-i)-held > 180:
			r.refused("an old one", charger.ErrExpired, r.scan(text))
		}
	}
	r.refused("the other connector's, forgotten", charger.ErrChallenge,
		r.scan(r.seal(r.order(other, func(o *qrproto.StartOrder) { o.Held = 480 }))))
	if want := ids[6].Challenge.Counter; last.Oldest() != want {
		t.Errorf("oldest open is %d, want %d: the one shown 630 s ago", last.Oldest(), want)
	}
	o := r.order(ids[12], func(o *qrproto.StartOrder) { o.Held = 360 })
	if _, err := r.c.Accept(r.seal(o)); err != nil {
		t.Errorf("one shown 360 s ago and held as long: %v", err)
	}
	// Acceptance retires them all.
	r.pass(45 * time.Second)
	if id := r.identity(2); id.Oldest() <= last.Challenge.Counter {
		t.Errorf("oldest open is %d, want one after %d", id.Oldest(), last.Challenge.Counter)
	}
}

func TestOrderAgesByUptimeLessWhatTheServerHeld(t *testing.T) {
	for _, c := range []struct {
		name         string
		wait         time.Duration
		held, window uint16
		want         qrproto.ErrorCode
		lag          uint16
	}{
		{"at once", 0, 0, 180, 0, 2},
		{"a little later", 1500 * time.Millisecond, 0, 180, 0, 4},
		{"at the end of the window, 2 s for whole seconds", 178 * time.Second, 0, 180, 0, 180},
		{"after it", 178*time.Second + 1, 0, 180, charger.ErrExpired, 0},
		{"at the end of a short window", 30 * time.Second, 0, 30, 0, 32},
		{"after a short window", 31 * time.Second, 0, 30, charger.ErrExpired, 0},
		{"held as long as may be, the window used up", 658 * time.Second, 480, 180, 0, 180},
		{"held as long as may be, the window just passed", 658*time.Second + 1, 480, 180, charger.ErrExpired, 0},
		{"held as long as may be, the window passed", 660*time.Second + 1, 480, 180, charger.ErrChallenge, 0},
		{"held for as long as the code was shown, in whole seconds", 8 * time.Second, 10, 180, 0, 2},
		{"held for longer than the code was shown", 8*time.Second - 1, 10, 180, charger.ErrHeld, 0},
	} {
		r := newRig(t, nil)
		o := r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Held, o.Window = c.held, c.window })
		r.pass(c.wait)
		text := r.seal(o)
		if c.want != 0 {
			r.refused(c.name, c.want, r.scan(text))
			continue
		}
		if _, err := r.c.Accept(text); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r.dismiss(1)
		if s := r.settlement(1); s.Uncertainty != c.lag {
			t.Errorf("%s: uncertainty %d s, want %d", c.name, s.Uncertainty, c.lag)
		}
	}
}

func TestOrderMayAskForBetterTime(t *testing.T) {
	r := newRig(t, nil)
	id := r.identity(1)
	r.pass(59 * time.Second)
	r.refused("61 s for 1", charger.ErrUncertain, r.scan(r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Uncertainty = 1 }))))
	r.refused("61 s for 60", charger.ErrUncertain, r.scan(r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Uncertainty = 60 }))))
	if _, err := r.c.Accept(r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Uncertainty = 61 }))); err != nil {
		t.Error(err)
	}
}

func TestNoncesOfABootSurviveNeitherPowerNorFlash(t *testing.T) {
	r := newRig(t, nil)
	image := r.journal.Snapshot()
	id := r.identity(1)
	text := r.seal(r.order(id, nil))
	r.journal = image
	r.boot() // with the same boot number as before
	again := r.identity(1)
	if again.Boot != id.Boot+1 || again.Challenge.Counter != id.Challenge.Counter || again.Challenge.Nonce == id.Challenge.Nonce {
		t.Errorf("%+v and %+v", id.Challenge, again.Challenge)
	}
	r.refused("an order of before", charger.ErrChallenge, r.scan(text))
}

// Weak randomness that begins alike at each boot makes no two boots alike: their
// number, and the device's secret, are in the key too.
func TestNoncesDifferUnderRandomnessThatRepeats(t *testing.T) {
	seen := map[[8]byte]string{}
	for _, secret := range [][32]byte{{1}, {2}} {
		r := newRig(t, nil)
		r.device.Secret = secret
		for boot := range 3 {
			r.device.Rand = strings.NewReader(strings.Repeat("x", 64))
			r.boot()
			for n := 1; n <= 2; n++ {
				nonce, here := r.identity(n).Challenge.Nonce, fmt.Sprintf("secret %d, boot %d, connector %d", secret[0], boot, n)
				if before, twice := seen[nonce]; twice {
					t.Errorf("%s has the nonce of %s", here, before)
				}
				seen[nonce] = here
			}
		}
	}
}

func TestSealRetiresChallenges(t *testing.T) {
	// While a connector is not idle it shows no identity, so that none can be
	// open at the seal; those from before are gone with the acceptance.
	r := newRig(t, nil)
	before := r.identity(1)
	r.sell(1, nil)
	r.dismiss(1)
	id := r.identity(1)
	if id.Oldest() != id.Challenge.Counter || id.Oldest() <= before.Challenge.Counter {
		t.Errorf("oldest open is %d, at %d", id.Oldest(), id.Challenge.Counter)
	}
}

func TestIdentitySaysWhatThereIs(t *testing.T) {
	r := newRig(t, nil)
	if id := r.identity(1); id.Boot != 1 || id.Head != nil || id.Wall != 0 || id.Clock != 0 || id.Rules != 1 ||
		id.State != qrproto.StateAvailable || id.Health != qrproto.HealthGood || id.Place != "P2-A07" || len(id.Open) != 0 {
		t.Errorf("new: %+v", id)
	}
	r.clock.Time = time.Unix(evening, 0)
	tag := refOf(t, r.accept(2, nil)).Hint()
	r.pass(45 * time.Second)
	id := r.identity(1)
	if id.Open.Len() != 2 || id.Open.At(0) != (qrproto.Hint{}) || id.Open.At(1) != tag {
		t.Errorf("open tags %x, want the second to be %v", []byte(id.Open), tag)
	}
	if id.Wall != evening+45 || id.Clock != qrproto.ClockInformative {
		t.Errorf("clock: %d, %d", id.Wall, id.Clock)
	}
	r.read(2, 0)
	r.unplug(2)
	s := r.settlement(2)
	r.pass(45 * time.Second)
	id = r.identity(1)
	if len(id.Open) != 0 || id.Head == nil || id.Head.Seq != 1 || id.Head.Sum != refOf(t, s).Short() || len(id.Records) != 1 {
		t.Errorf("after the settlement: %+v", id)
	}
}

func TestAbsurdWallClockHarmsNothing(t *testing.T) {
	for _, wall := range []time.Time{time.Unix(-5, 0), time.Unix(0, 0), time.Unix(1<<60, 0)} {
		r := newRig(t, nil)
		r.clock.Time = wall
		if id := r.identity(1); id.Wall != 0 || id.Clock != qrproto.ClockUnknown {
			t.Errorf("%v: %d, %d", wall, id.Wall, id.Clock)
		}
		r.sell(1, nil)
	}
}

func TestTariffIsTakenByHash(t *testing.T) {
	r := newRig(t, nil)
	held := dayAndNight(t)
	hash, err := qrproto.TariffHash(held)
	if err != nil {
		t.Fatal(err)
	}
	r.device.Tariffs = []*tariff.Tariff{held, held}
	r.boot()
	if id := r.identity(1); id.Tariffs.Len() != 1 || !id.Tariffs.Has(hash.Hint()) {
		t.Errorf("hints %x", []byte(id.Tariffs))
	}
	ref, embedded := hash.Ref(), []byte(nil)
	_, s := r.sell(1, func(o *qrproto.StartOrder) { embedded, o.Tariff, o.TariffHash = o.Tariff, nil, &ref })
	// 240 Wh at 1.60 is 0.384.
	if s.Payable != 38 || len(embedded) == 0 {
		t.Errorf("payable %d", s.Payable)
	}
}

func TestNineTariffsGiveEightHints(t *testing.T) {
	r := newRig(t, nil)
	for i := range 9 {
		g, _ := dayAndNight(t).Grid()
		g.Rates[0].Electricity += int64(i)
		one, err := tariff.FromGrid(g, "CNY")
		if err != nil {
			t.Fatal(err)
		}
		r.device.Tariffs = append(r.device.Tariffs, one)
	}
	r.boot()
	if id := r.identity(1); id.Tariffs.Len() != 8 {
		t.Errorf("%d hints", id.Tariffs.Len())
	}
	hash, _ := qrproto.TariffHash(r.device.Tariffs[8])
	ref := hash.Ref()
	r.accept(1, func(o *qrproto.StartOrder) { o.Tariff, o.TariffHash = nil, &ref })
}
