// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// atStake is what flows in the 30 seconds between two durable registers.
const atStake = 50_000 // mWh

// TestAttack11PowerCutInMidSession: at any moment of a sale. What is durable is
// billed, the relay stays open, and the next register shows what was lost.
func TestAttack11PowerCutInMidSession(t *testing.T) {
	for _, after := range []time.Duration{0, 3 * time.Second, 24 * time.Second, 60 * time.Second, 10 * time.Minute} {
		s := newStreet(t).install(7)
		if err := s.meter(1, false); err != nil {
			t.Fatal(err)
		}
		o := s.buy("anna", 1)
		s.accepted("anna", o.Code.Text())
		if after > 0 {
			s.charge(1, after)
		}
		s.pass(time.Hour)
		s.boot()
		if err := s.meter(1, true); err != nil || s.charger.Do(1).Relay {
			t.Errorf("%v: the power is back, and the relay closes: %v", after, err)
		}
		s.refused("the order once more", o.Code.Text(), charger.ErrChallenge)
		if err := s.meter(1, false); err != nil {
			t.Fatal(err)
		}
		q, err := s.server.Quote(ctx, "bert", s.identity(1))
		if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != o.ID {
			t.Fatalf("%v: %+v, %v", after, q, err)
		}
		cut := q.Carried[0].Order.Settlement
		if lost := s.meters[1] - cut.Register - cut.Delivered; lost < 0 || lost > atStake || cut.Reason != qrproto.StopPowerLoss {
			t.Errorf("%v: %d mWh are lost, the reason is %v", after, lost, cut.Reason)
		}
		if _, err := s.server.Pay(ctx, o.ID); err != nil {
			t.Fatal(err)
		}
		s.captured("anna", (cut.Delivered+5_000)/10_000) // a fen for 10 Wh, half up
		if next := read[*qrproto.Settlement](s.street, second(s.sell("bert", 1))); next.Register+1_000_000 != s.meters[1] {
			t.Errorf("%v: the next sale begins at %d of %d", after, next.Register, s.meters[1]-1_000_000)
		}
	}
	s := newStreet(t).install(7)
	if _, err := s.pay(second(s.sell("anna", 1))); err != nil {
		t.Error(err)
	}
	s.captured("anna", 1_00)
}

// TestAttack12TornWriteWornFlash: each write of a sale fails, with and without
// having been written, and the power is cut soon after. No energy flows that the
// journal does not know of. A record that is torn all the same, which is for the
// journal's check sum to find, keeps the charger from selling.
func TestAttack12TornWriteWornFlash(t *testing.T) {
	for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
		for n, reached := 0, true; reached; n++ {
			reached = failingWrite(t, n, fault)
			if n < 4 != reached && (n < 4 || n > 30) {
				t.Fatalf("write %d of a sale: reached is %v", n, reached)
			}
		}
	}
	s := newStreet(t).install(7)
	s.leave("anna", 1)
	records := slices.Collect(recordsOf(t, s.journal))
	for i, record := range records {
		for n := range record {
			torn := settletest.NewJournal(1 << 20)
			if err := torn.Rewrite(slices.Values(slices.Concat(records[:i], [][]byte{record[:n]}, records[i+1:]))); err != nil {
				t.Fatal(err)
			}
			_, err := charger.Open(s.device, torn, s.clock, nil)
			s.wants("a torn record", err, charger.ErrRecord)
		}
	}
	s.boot()
}

// failingWrite plays a sale of 4 minutes whose write n after the first identity
// fails, and a power cut. It tells whether there are so many writes.
func failingWrite(t *testing.T, n int, fault settletest.Fault) (reached bool) {
	s := newStreet(t).install(7)
	o := s.buy("anna", 1)
	s.journal.Inject(append(make([]settletest.Fault, n), fault)...)
	scanned := s.scan(o.Code.Text())
	start := s.meters[1]
	for range 80 {
		_ = s.meter(1, true) // the alarm tells
		if s.charger.Do(1).Relay {
			if last := lastOf(t, s.journal, 'D'); last == nil || last.Order != o.Sum.Ref() {
				t.Errorf("write %d: the relay is closed, and the journal knows of %+v", n, last)
			}
			s.meters[1] += 5_000
		}
		s.pass(3 * time.Second)
	}
	_ = s.meter(1, false)
	reached = s.journal.Pending() == 0
	flowed := s.meters[1] - start
	s.journal = s.journal.Snapshot() // without the fault, if it is still to come
	s.boot()
	got := lastOf(t, s.journal, 'S')
	switch {
	case got == nil && (flowed > 0 || scanned == nil):
		t.Errorf("write %d: %d mWh, and no settlement", n, flowed)
	case got != nil && (got.Order != o.Sum.Ref() || got.Seq != 1 || got.Delivered > flowed || got.Delivered < flowed-atStake):
		t.Errorf("write %d: of %d mWh is settled %+v", n, flowed, got)
	}
	return reached
}

// recordsOf are copies of a journal's records.
func recordsOf(t *testing.T, j *settletest.Journal) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for r, err := range j.Records() {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(bytes.Clone(r)) {
				return
			}
		}
	}
}

// lastOf is the last record of a tag that holds a settlement, nil for none.
func lastOf(t *testing.T, j *settletest.Journal, tag byte) (last *qrproto.Settlement) {
	t.Helper()
	for r := range recordsOf(t, j) {
		if r[0] != tag {
			continue
		}
		var err error
		if last, err = qrproto.DecodeRecord([]byte{0x32, 0x01, 7}, r[1:]); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// TestAttack28ChallengesRequestedInAFlood: to look costs the charger nothing, and
// neither does a code that it refuses.
func TestAttack28ChallengesRequestedInAFlood(t *testing.T) {
	s := newStreet(t).install(7)
	first := s.identity(1)
	old := s.buy("anna", 1)
	writes := s.journal.Writes()
	for range 1000 {
		if s.identity(1) != first {
			t.Fatal("another look makes another challenge")
		}
		s.refused("nonsense", "QO1/000", qrproto.ErrEnvelope)
	}
	seen := map[string]bool{}
	for range 1000 {
		s.pass(45 * time.Second)
		seen[s.identity(1)] = true
	}
	s.refused("of 12 hours ago", old.Code.Text(), charger.ErrChallenge)
	if len(seen) != 1000 || s.journal.Writes() != writes {
		t.Errorf("%d challenges, %d writes", len(seen), s.journal.Writes()-writes)
	}
	if s.accepted("the newest", s.buy("anna", 1).Code.Text()); s.journal.Writes() != writes+1 {
		t.Errorf("an acceptance is %d writes", s.journal.Writes()-writes)
	}
}

// cancel takes an order that acknowledges nothing, and takes it back.
func (s *station) cancel(n int) error {
	i := read[*qrproto.Identity](s.street, s.identity(n))
	o := s.twin(uint64(i.Challenge.Counter))
	o.Connector, o.Challenge = i.Connector, i.Challenge
	if err := s.scan(s.seal(o, s.issuer)); err != nil {
		return err
	}
	for range 2 { // the second takes the settlement off the screen
		if err := s.charger.Stop(n, charger.Reading{Reading: tariff.Reading{Energy: s.meters[n]}}, qrproto.StopUser); err != nil {
			return err
		}
	}
	return nil
}

// TestAttack30JournalFilledOnPurpose: by somebody with the issuer's key, who
// starts and cancels. The charger sells no more, but forgets nothing, and what
// runs comes to its end. Customers of the real server empty it.
func TestAttack30JournalFilledOnPurpose(t *testing.T) {
	s := newStreet(t).install(7, func(s *station) { s.journal = settletest.NewJournal(16 << 10) })
	o := s.buy("anna", 2)
	s.accepted("anna", o.Code.Text())
	s.charge(2, time.Minute)
	var err error
	for err == nil {
		err = s.cancel(1)
	}
	s.wants("one more", err, charger.ErrFull)
	s.charge(2, time.Minute)
	writes := s.journal.Writes()
	s.wants("and again", s.cancel(1), charger.ErrFull)
	if i := read[*qrproto.Identity](s.street, s.identity(1)); s.journal.Writes() != writes || i.Alarms&qrproto.AlarmStorage == 0 {
		t.Errorf("%d writes, alarms %b", s.journal.Writes()-writes, i.Alarms)
	}
	s.charge(2, 8*time.Minute)
	settled := read[*qrproto.Settlement](s.street, s.unplug(2))
	if settled.Delivered != 1_000_000 {
		t.Errorf("the sale under way has settled %d mWh", settled.Delivered)
	}
	var seqs []uint32
	for r := range recordsOf(t, s.journal) {
		if st, err := qrproto.DecodeRecord(s.device.Number, r[1:]); err == nil && r[0] == 'S' {
			seqs = append(seqs, st.Seq)
		}
	}
	for i, seq := range seqs {
		if int(seq) != i+1 || len(seqs) != int(settled.Seq) || settled.Seq < 10 {
			t.Fatalf("of %d settlements are kept %d", settled.Seq, seqs)
		}
	}
	for n := 0; ; n++ {
		s.pass(3 * time.Minute)
		o, err := s.order("bert", s.identity(1))
		if err != nil {
			t.Fatal(err)
		}
		if err = s.scan(o.Code.Text()); err == nil {
			break
		}
		if s.wants("before there is room", err, charger.ErrFull); n > len(seqs) {
			t.Fatalf("%d customers, and still no room", n)
		}
	}
}

// TestAttack32BreakerOpenedInTheValleyClosedAtThePeak: a cut ends the session at
// the cheap register that is durable. It does not go on under the cheap clock.
func TestAttack32BreakerOpenedInTheValleyClosedAtThePeak(t *testing.T) {
	s := morning(t)
	o := s.buy("anna", 1)
	s.accepted("anna", o.Code.Text())
	s.charge(1, time.Minute) // 100 Wh, 6 fen
	s.pass(time.Hour)
	s.boot()
	at := s.meters[1]
	if s.charge(1, time.Minute); s.meters[1] != at {
		t.Errorf("%d mWh at the peak", s.meters[1]-at)
	}
	s.refused("the order of the valley", o.Code.Text(), charger.ErrChallenge)
	if got := lastOf(t, s.journal, 'S'); got.Payable > 6 || got.Duration > 60 || got.Reason != qrproto.StopPowerLoss {
		t.Errorf("%+v", got)
	}
	whole := read[*qrproto.Settlement](s.street, second(morning(t).sell("anna", 1)))
	if whole.Payable != 1_40 {
		t.Errorf("without a cut from 5:58 to 6:08: %d fen", whole.Payable)
	}
}

// TestAttack39LockAndReceiptWaitForEachOther: a plug that is held until a receipt,
// which needs a settlement, which needs the plug out. A charger does one or the
// other; the lock that waits for a receipt waits for two minutes.
func TestAttack39LockAndReceiptWaitForEachOther(t *testing.T) {
	stop := func(seal charger.Seal) *station {
		s := newStreet(t).install(7, func(s *station) { s.options.Seal = seal })
		s.accepted("anna", s.buy("anna", 1).Code.Text())
		if s.charge(1, time.Minute); !s.charger.Do(1).Lock {
			t.Error("the plug is not held while energy flows")
		}
		reading := charger.Reading{Reading: tariff.Reading{Energy: s.meters[1]}, Plugged: true}
		if err := s.charger.Stop(1, reading, qrproto.StopUser); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if d := stop(charger.SealAtUnplug).charger.Do(1); d.Lock || d.Text != "" {
		t.Errorf("sealed at unplug, and stopped: %+v", d)
	}
	s := stop(charger.SealAtStop)
	d := s.charger.Do(1)
	if !d.Lock || d.Screen != charger.ScreenSettlement {
		t.Errorf("sealed at stop: %+v", d)
	}
	s.pass(119 * time.Second)
	if d := s.charger.Do(1); !d.Lock || d.Wake > s.clock.Up+time.Second {
		t.Errorf("without a receipt, before the time: %+v", d)
	}
	s.pass(time.Second)
	if s.charger.Do(1).Lock {
		t.Error("without a receipt the plug is held for ever")
	}
	s = stop(charger.SealAtStop)
	o, err := s.pay(s.charger.Do(1).Text)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := s.server.Receipt(ctx, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if s.accepted("receipt", receipt.Text()); s.charger.Do(1).Lock {
		t.Error("the receipt does not open the lock")
	}
}
