// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// carried are the places in the chain of what an identity carries.
func carried(t testing.TB, id *qrproto.Identity) (seqs []uint32) {
	t.Helper()
	for _, record := range id.Records {
		s, err := qrproto.DecodeRecord(number, record)
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, s.Seq)
	}
	return seqs
}

func wantCarried(t testing.TB, what string, id *qrproto.Identity, want ...uint32) {
	t.Helper()
	got := carried(t, id)
	if len(got) != len(want) {
		t.Fatalf("%s: carries %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: carries %v, want %v", what, got, want)
		}
	}
}

// cancel accepts an order on connector n and takes it back: a settlement at
// zero, the cheapest there is.
func (r *rig) cancel(n int, ack *qrproto.Ack) *qrproto.Settlement {
	r.t.Helper()
	r.accept(n, func(o *qrproto.StartOrder) { o.Ack = ack })
	r.dismiss(n)
	s := r.settlement(n)
	r.dismiss(n)
	return s
}

func TestIdentityCarriesTheOldestThatAreNotStored(t *testing.T) {
	r := newRig(t, nil)
	one := r.cancel(1, nil)
	wantCarried(t, "after one", r.identity(1), 1)
	two := r.cancel(1, ackOf(t, one))
	wantCarried(t, "1 is stored", r.identity(1), 2)
	three := r.cancel(1, ackOf(t, two))
	r.cancel(1, ackOf(t, two)) // the server saw 3, and does not say that it is stored
	wantCarried(t, "3 was seen", r.identity(1), 4)
	r.cancel(1, ackOf(t, three))
	r.boot()
	wantCarried(t, "what was seen is forgotten, what is stored is not", r.identity(1), 4)
}

func TestCarriesAsManyAsItWasToldAndFit(t *testing.T) {
	for carry, want := range map[int]int{0: 1, 1: 1, 2: 2, 4: 4, 5: 4, -1: 1} {
		r := newRig(t, &charger.Options{Carry: carry})
		for range 5 {
			r.cancel(1, nil)
		}
		r.boot()
		if got := carried(t, r.identity(1)); len(got) != want || got[0] != 1 {
			t.Errorf("told %d: carries %v", carry, got)
		}
	}
}

func TestLowerAcknowledgementOfAFreshOrderCarriesAgain(t *testing.T) {
	for _, set := range []string{"back", "to nothing"} {
		r := newRig(t, nil)
		one := r.cancel(1, nil)
		two := r.cancel(1, ackOf(t, one))
		three := r.cancel(1, ackOf(t, two))
		r.accept(1, func(o *qrproto.StartOrder) { o.Ack = ackOf(t, three) })
		r.dismiss(1)
		four := r.settlement(1)
		if _, err := r.c.Accept(r.receipt(four, ackOf(t, four))); err != nil {
			t.Fatal(err)
		}
		wantCarried(t, "all stored", r.identity(1))
		// The server comes back from a backup.
		ack, from := ackOf(t, one), uint32(2)
		if set == "to nothing" {
			ack, from = nil, 1
		}
		r.cancel(1, ack)
		wantCarried(t, "the new one first", r.identity(1), 5)
		seen := map[uint32]bool{}
		for range 20 {
			for _, seq := range carried(t, r.identity(1)) {
				seen[seq] = true
			}
			r.cancel(1, ack)
		}
		for seq := from; seq <= 4; seq++ {
			if !seen[seq] {
				t.Errorf("set %s: record %d was not carried again", set, seq)
			}
		}
	}
}

// A clone's record of the same place keeps the server from acknowledging, for as
// long as it takes an operator to decide.
func TestForkHoldsUpNoOtherRecord(t *testing.T) {
	r := newRig(t, nil)
	one := r.cancel(1, nil)
	r.cancel(1, ackOf(t, one)) // record 2 is contested from now on
	seen := map[uint32]int{}
	for range 15 { // 12 bring a new one, 3 one of the old ones again
		id := r.identity(1)
		for _, seq := range carried(t, id) {
			seen[seq]++
		}
		r.cancel(1, ackOf(t, one))
	}
	for seq := uint32(2); seq <= 13; seq++ {
		if seen[seq] == 0 {
			t.Errorf("record %d was never carried: %v", seq, seen)
		}
	}
}

func TestAcknowledgedRecordsGoOnlyWhenRoomIsNeeded(t *testing.T) {
	const sales = 300
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(16 << 10)
	r.boot()
	var chain []*qrproto.Settlement
	var ack *qrproto.Ack
	most := 0
	for range sales {
		chain = append(chain, r.cancel(1, ack))
		ack = ackOf(t, chain[len(chain)-1])
		kept := r.settlements()
		most = max(most, len(kept))
		last := kept[len(kept)-1]
		if last.Seq != uint32(len(chain)) || kept[0].Seq+uint32(len(kept)) != last.Seq+1 {
			t.Fatalf("keeps %d to %d", kept[0].Seq, last.Seq)
		}
	}
	if r.c.Sums() > most {
		t.Errorf("the hashes of %d settlements are held, for %d kept", r.c.Sums(), most)
	}
	if most < 20 {
		t.Errorf("at most %d records were kept in a journal that has room for more", most)
	}
	r.boot()
	if id := r.identity(1); id.Head.Seq != sales || id.Head.Sum != ack.Sum {
		t.Errorf("head %+v", id.Head)
	}
	wantCarried(t, "after the restart", r.identity(1), sales)
}

// Whoever was shown a record may have lost it: where nobody acknowledges, all have
// their turn, and then again.
func TestWhatIsNotAcknowledgedIsToldRoundAndRound(t *testing.T) {
	for _, carry := range []int{1, 2} {
		r := newRig(t, &charger.Options{Carry: carry})
		r.device.Connectors = 16
		r.boot()
		for range 3 {
			r.cancel(1, nil)
		}
		told := map[uint32]int{}
		for n := 2; n <= 16; n++ {
			for _, seq := range carried(t, r.identity(n)) {
				told[seq]++
			}
			r.accept(n, nil)
		}
		for seq := uint32(1); seq <= 3; seq++ {
			if told[seq] < 4 {
				t.Errorf("%d at a time: record %d is told %d times in 15 identities", carry, seq, told[seq])
			}
		}
	}
}

// A rewritten journal forgets what the server has, and nothing else: of what it
// keeps it knows an acknowledgement that is not true, and the order of another
// connector, whether that waits for its plug or is being delivered.
func TestWhatIsKeptIsStillKnownAfterARewrite(t *testing.T) {
	for _, seconds := range []time.Duration{0, 40} {
		r := newRig(t, nil)
		r.journal = settletest.NewJournal(16 << 10)
		r.boot()
		open := r.accept(2, nil)
		if seconds > 0 {
			r.read(2, 0)
			r.charge(2, seconds*time.Second, 3600) // 1 Wh a second, written down after 30 s
		}
		var before, last *qrproto.Settlement
		for last == nil || r.settlements()[0].Seq == 1 {
			var ack *qrproto.Ack
			if before != nil {
				ack = ackOf(t, before)
			}
			before, last = last, r.cancel(1, ack)
		}
		for _, s := range r.settlements() {
			wrong := &qrproto.Ack{Seq: s.Seq, Sum: qrproto.Short{1}}
			r.refused("an acknowledgement that is not true", charger.ErrAck, r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Ack = wrong }))))
		}
		r.boot()
		all := r.settlements()
		end := all[len(all)-1]
		if end.Order != refOf(t, open) || end.Connector != 2 || (end.Delivered > 0) != (seconds > 0) {
			t.Errorf("settled last: %+v", end)
		}
	}
}

// fill sells until the journal is full, without a server that stores anything.
func fill(t *testing.T, capacity int64) (*rig, []*qrproto.Settlement) {
	t.Helper()
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(capacity)
	r.boot()
	for range 1000 {
		text := r.seal(r.order(r.identity(1), nil))
		_, err := r.c.Accept(text)
		if errors.Is(err, charger.ErrFull) {
			return r, r.settlements()
		}
		if err != nil {
			t.Fatal(err)
		}
		r.dismiss(1)
		r.dismiss(1)
	}
	t.Fatal("never full")
	return nil, nil
}

func TestFullJournalRefusesOrdersAndKeepsEverything(t *testing.T) {
	r, before := fill(t, 16<<10)
	if len(before) < 20 || before[0].Seq != 1 {
		t.Fatalf("%d records, from %d", len(before), before[0].Seq)
	}
	r.refused("another order", charger.ErrFull, r.scan(r.seal(r.order(r.identity(1), nil))))
	r.pass(45 * time.Second)
	if id := r.identity(1); id.Alarms != qrproto.AlarmStorage {
		t.Errorf("alarms %b", id.Alarms)
	}
	for range 100 { // not even switching it off and on fills it up
		r.boot()
	}
	if after := r.settlements(); len(after) != len(before) {
		t.Errorf("%d records, were %d", len(after), len(before))
	}
}

// Customers whose orders a full charger refuses still take its records to the
// server, and the server's acknowledgement back: it gets well again.
func TestFullJournalEmptiesThroughRefusedCustomers(t *testing.T) {
	r, all := fill(t, 16<<10)
	r.boot()
	var stored uint32
	for customers := range 200 {
		id := r.identity(1)
		for _, seq := range carried(t, id) {
			if seq == stored+1 {
				stored = seq
			}
		}
		text := r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Ack = ackOf(t, all[stored-1]) }))
		_, err := r.c.Accept(text)
		if err == nil {
			if customers > len(all) {
				t.Errorf("%d customers for %d records", customers, len(all))
			}
			for _, s := range r.settlements() {
				if s.Seq == stored+1 {
					return
				}
			}
			t.Fatal("what was not stored is gone")
		}
		wants(t, "order", err, charger.ErrFull)
		r.pass(45 * time.Second)
	}
	t.Errorf("still full after 200 customers, %d of %d stored", stored, len(all))
}

func TestLongSessionFitsASmallJournal(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(10 << 10)
	r.boot()
	o, p := r.accept(1, nil), r.accept(2, nil)
	r.read(1, 0)
	r.read(2, 0)
	for range 5 * 3600 / 5 {
		r.pass(5 * time.Second)
		r.reg += 1000
		r.read(1, 720)
		r.read(2, 720)
		if !r.c.Do(1).Relay || !r.c.Do(2).Relay {
			t.Fatalf("stopped after %v with room for %d", r.clock.Up, r.journal.Room())
		}
	}
	r.unplug(1)
	r.unplug(2)
	r.verify(o, r.settlement(1))
	r.verify(p, r.settlement(2))
}

func TestSessionStopsWhenTheJournalIsFull(t *testing.T) {
	// Seven bytes more would have been enough for another minute: whatever the
	// size, both sessions end with a settlement.
	for capacity := int64(9 << 10); capacity < 10<<10; capacity += 97 {
		r := newRig(t, &charger.Options{Checkpoint: time.Minute})
		r.journal = settletest.NewJournal(capacity)
		r.boot()
		for range 8 {
			r.cancel(1, nil)
		}
		o := r.accept(1, nil)
		text := r.seal(r.order(r.identity(2), nil))
		if _, err := r.c.Accept(text); err != nil {
			wants(t, "second", err, charger.ErrFull)
		}
		r.read(1, 0)
		_ = r.c.Meter(2, r.reading(0))
		for range 2 * 3600 / 20 {
			r.pass(20 * time.Second)
			r.reg += 1000
			r.read(1, 180)
			_ = r.c.Meter(2, r.reading(180))
		}
		r.unplug(1)
		out := r.reading(0)
		out.Plugged = false
		_ = r.c.Meter(2, out)
		s := r.settlement(1)
		r.verify(o, s)
		r.boot()
	}
}

// Power that comes and goes writes a boot each time, which must neither fill the
// journal nor keep it from settling what is open.
func TestRestartsNeverFillTheJournal(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(8 << 10)
	r.boot()
	r.accept(1, nil)
	r.read(1, 0)
	for range 1000 {
		r.boot()
	}
	if got := r.settlements(); len(got) != 1 || got[0].Reason != qrproto.StopPowerLoss || r.identity(1).Boot != 1001 {
		t.Errorf("%d settlements, boot %d", len(got), r.identity(1).Boot)
	}
	r.accept(1, nil)
}

func TestRestoredFlashAcceptsNothingAndPrunesNothing(t *testing.T) {
	r := newRig(t, nil)
	one := r.cancel(1, nil)
	image := r.journal.Snapshot()
	old := []string{r.seal(r.order(r.identity(1), nil)), r.seal(r.order(r.identity(2), nil))}
	two := r.cancel(2, ackOf(t, one))
	old = append(old, r.seal(r.order(r.identity(1), nil)), r.receipt(two, ackOf(t, two)))
	r.journal = image
	r.boot()
	id := r.identity(1)
	for _, text := range old[:3] {
		r.refused("an order of the time after the image", charger.ErrChallenge, r.scan(text))
	}
	r.refused("a receipt of that time", charger.ErrNotLast, r.scan(old[3]))
	r.refused("an order of a server that has stored what is gone", charger.ErrAck,
		r.scan(r.seal(r.order(id, func(o *qrproto.StartOrder) { o.Ack = ackOf(t, two) }))))
	// A new record 2 is another one, and is not taken for the stored one.
	other := r.cancel(1, ackOf(t, one))
	if other.Seq != two.Seq {
		t.Fatalf("seq %d", other.Seq)
	}
	r.refused("an acknowledgement of the lost record 2", charger.ErrAck,
		r.scan(r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Ack = ackOf(t, two) }))))
	if got := r.settlements(); len(got) != 2 {
		t.Errorf("%d records", len(got))
	}
}

// The package documentation tells who sizes flash these figures.
func TestSixteenKiBSell(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(16 << 10)
	r.boot()
	var last *qrproto.Ack
	for i := range uint32(200) {
		if i%50 == 49 { // two of the largest snapshots at once, until it is rewritten
			if _, err := r.c.Accept(large(t, i)); err != nil {
				t.Fatal(err)
			}
			r.issuer = second
		}
		r.accept(1, func(o *qrproto.StartOrder) { o.Ack = last })
		r.read(1, 0)
		r.charge(1, 2*time.Minute, 7200)
		r.unplug(1)
		last = ackOf(t, r.settlement(1))
		r.dismiss(1)
	}
	r.journal, r.issuer = settletest.NewJournal(4<<10), factory
	r.boot()
	r.refused("4 KiB", charger.ErrFull, r.scan(r.seal(r.order(r.identity(1), nil))))
}
