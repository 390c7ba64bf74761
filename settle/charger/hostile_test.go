// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// hostile is a device in a world that is against it: clocks jump, registers hold
// anything, the power goes, the journal fails, old codes are shown again.
type hostile struct {
	*rig
	*rand.Rand
	texts   []string // of all codes so far
	tariffs []*tariff.Tariff
	epoch   uint32
	number  uint32 // of the last order for a sticker
}

func newHostile(t *testing.T, seed uint64) *hostile {
	random := rand.New(rand.NewPCG(seed, 42))
	o := &charger.Options{Seal: charger.Seal(random.IntN(2)), Carry: random.IntN(6)}
	if random.IntN(4) == 0 {
		o.Sticker = sticker().Sticker
	}
	h := &hostile{rig: newRig(t, o), Rand: random}
	h.tariffs = []*tariff.Tariff{dayAndNight(t), flatFee(), kWhAndIdle(), water(),
		priced(always(component(tariff.TimeSpent, tariff.Service, 600, 60)))}
	if random.IntN(3) == 0 {
		h.device.Measures = tariff.Volume
	}
	h.journal = settletest.NewJournal(int64(5<<10 + random.IntN(6<<10)))
	h.boot()
	return h
}

// extreme is a number where sums overflow, or near one.
func (h *hostile) extreme() int64 {
	all := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, qrproto.MaxQuantity, qrproto.MaxQuantity + 1, 1e9, 1e12}
	return all[h.IntN(len(all))]
}

func (h *hostile) look() charger.Reading {
	x := charger.Reading{Plugged: h.IntN(4) > 0, Relay: h.IntN(5) == 0}
	if h.IntN(12) == 0 {
		x.Energy, x.Volume, x.Power, x.Current = h.extreme(), h.extreme(), int32(h.extreme()), int32(h.extreme())
		x.Phase = tariff.Phase(h.IntN(5))
		return x
	}
	h.reg += h.Int64N(50_000)
	x.Energy, x.Volume, x.Power = h.reg, h.reg, h.Int32N(30_000)
	return x
}

func (h *hostile) show(text string) {
	h.texts = append(h.texts, text)
	_, _ = h.c.Accept(text)
}

// sell shows an order for what connector n shows, good or not.
func (h *hostile) sell(n int) {
	h.number++
	id := &qrproto.Identity{Number: number, Connector: uint8(n), Challenge: qrproto.Challenge{Counter: h.number}}
	if h.options.Sticker == nil {
		shown, err := qrproto.As[*qrproto.Identity](qrproto.Open(h.c.Do(n).Text, h.keys))
		if err != nil {
			return // no identity is shown
		}
		id = shown
	}
	if code, err := qrproto.Seal(h.order(id, h.bend), h.issuer); err == nil {
		h.show(code.Text())
	}
}

// bend makes of an order one of those that a server can make.
func (h *hostile) bend(o *qrproto.StartOrder) {
	under(h.t, h.tariffs[h.IntN(len(h.tariffs))], 10_000)(o)
	o.Epoch, o.Held = h.epoch, uint16(h.IntN(20))
	if h.options.Sticker != nil {
		under(h.t, flatFee(), 500)(o)
		o.Funding, o.Held = qrproto.FundingPrepaid, 0
	}
	if h.IntN(4) == 0 {
		o.Issued = 100_000_000_000 - h.Int64N(200)
	}
	if h.IntN(4) == 0 {
		o.Limits = &qrproto.Limits{Energy: 1 + h.Int64N(1e12), Duration: h.Int64N(31_622_400), Amount: 500 + h.Int64N(1<<40)}
	}
	if h.IntN(4) == 0 {
		o.Target = &qrproto.Target{Kind: qrproto.TargetKind(1 + h.IntN(4)), Value: 1 + h.Int64N(31_622_400)}
	}
	if head := h.c.Head(); head.Seq > 0 && h.options.Sticker == nil && h.IntN(2) == 0 {
		o.Ack = &qrproto.Ack{Seq: head.Seq, Sum: head.Sum.Short()}
	}
}

func (h *hostile) delegate() {
	h.epoch++
	few := delegation(factory, func(d *qrproto.Delegation) { d.Quota = h.Uint32N(9) })
	h.show(signed(h.t, snapshot(h.epoch, few), root))
	h.epoch = h.c.Epoch()
}

func (h *hostile) jump() {
	switch h.IntN(8) {
	case 0:
		h.clock.Up -= time.Duration(h.Int64N(int64(5 * time.Minute)))
	case 1:
		h.clock.Up += time.Duration(h.Int64N(int64(400 * 24 * time.Hour)))
	case 2:
		h.clock.Up = time.Duration(h.extreme())
	case 3:
		h.clock.Time = time.Unix(h.extreme(), 0)
	default:
		h.clock.Up += time.Duration(h.Int64N(int64(time.Minute)))
	}
}

// cut switches the power off and on, over the journal as it is, which must open and
// have all that was settled.
func (h *hostile) cut() {
	h.t.Helper()
	before := h.c.Head()
	h.journal = h.journal.Snapshot()
	if h.boot(); h.c.Head().Seq < before.Seq {
		h.t.Fatalf("the head is %v, and was %v", h.c.Head(), before)
	}
}

func (h *hostile) step() {
	n := 1 + h.IntN(2)
	switch h.IntN(12) {
	case 0, 1, 2:
		h.sell(n)
	case 3, 4, 5:
		_ = h.c.Meter(n, h.look())
	case 6:
		_ = h.c.Stop(n, h.look(), qrproto.StopReason(h.IntN(12)))
	case 7:
		if len(h.texts) > 0 {
			_, _ = h.c.Accept(h.texts[h.IntN(len(h.texts))])
		}
	case 8, 9:
		h.jump()
	case 10:
		h.cut()
	case 11:
		h.journal.Inject(settletest.Fault(h.IntN(3)))
		if h.IntN(3) == 0 {
			h.delegate()
		}
	}
	for n := 1; n <= 2; n++ {
		if text := h.c.Do(n).Text; text != "" && h.IntN(10) == 0 {
			_, _ = h.c.Again(n)
		}
	}
}

func TestNoClockNoMeterAndNoCodeBreaksADevice(t *testing.T) {
	sold := 0
	lives := uint64(250)
	if testing.Short() {
		lives = 25
	}
	for seed := range lives {
		t.Run(fmt.Sprint("life ", seed), func(t *testing.T) {
			h := newHostile(t, seed)
			for range 50 {
				h.step()
			}
			h.cut()
			sold += int(h.c.Head().Seq)
		})
	}
	if t.Logf("%d settlements", sold); sold < int(lives)/4 {
		t.Errorf("only %d settlements in all lives", sold)
	}
}

// pool are the records of a device that has a snapshot, sold, and sells.
func pool(t *testing.T) (r *rig, records [][]byte) {
	r = newRig(t, nil)
	r.trust(3, func(d *qrproto.Delegation) { d.Quota = 50 })
	_, s := r.sell(1, nil)
	r.dismiss(1)
	r.cancel(2, ackOf(t, s))
	r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, time.Minute, 7200)
	r.accept(2, nil)
	records = [][]byte{nil, {'T'}, {'B', 255, 255, 255, 255}, append([]byte{'K', 255, 255, 255, 255}, make([]byte, 8)...),
		append([]byte{'C', 8}, make([]byte, 8)...), append([]byte{'C', 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, 'i')}
	for record := range r.journal.Records() {
		records = append(records, slices.Clone(record))
	}
	return r, records
}

// A flash that somebody has written, or that has lost what it held, is refused or
// opens; and where it opens, it does so again.
func TestJournalOfShuffledRecordsOpensAgainOrNever(t *testing.T) {
	r, records := pool(t)
	opened := 0
	journals := uint64(1000)
	if testing.Short() {
		journals = 100
	}
	for seed := range journals {
		random := rand.New(rand.NewPCG(seed, 7))
		j, inOrder := settletest.NewJournal(1<<20), random.IntN(3) == 0
		for i := range 1 + random.IntN(len(records)) {
			record := slices.Clone(records[random.IntN(len(records))])
			if inOrder && i+6 < len(records) {
				record = slices.Clone(records[i+6])
			}
			if len(record) > 0 && random.IntN(8) == 0 {
				record[random.IntN(len(record))] ^= 1 << random.IntN(8)
			}
			_ = j.Append(record)
		}
		c, err := charger.Open(r.device, j, &settletest.Clock{Up: time.Second}, nil)
		if err != nil {
			wants(t, fmt.Sprint("seed ", seed), err, charger.ErrRecord)
			continue
		}
		opened++
		for n := 1; n <= 2; n++ {
			c.Do(n)
			_ = c.Meter(n, r.reading(0))
			_, _ = c.Again(n)
		}
		if _, err := charger.Open(r.device, j, &settletest.Clock{Up: time.Second}, nil); err != nil {
			t.Errorf("seed %d: opened once, and then %v", seed, err)
		}
	}
	if t.Logf("%d opened", opened); opened < int(journals)/10 {
		t.Errorf("only %d journals opened", opened)
	}
}
