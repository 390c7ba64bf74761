// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// flaky is a journal with little room that now and then cannot be read.
type flaky struct {
	*settletest.Journal
	unread int   // readings that fail from now on
	taken  int64 // of the room, until it is rewritten
}

func (f *flaky) Room() int64 { return f.Journal.Room() - f.taken }

func (f *flaky) Records() iter.Seq2[[]byte, error] {
	if f.unread == 0 {
		return f.Journal.Records()
	}
	f.unread--
	return func(yield func([]byte, error) bool) { yield(nil, errors.New("bus")) }
}

func (f *flaky) Rewrite(records iter.Seq[[]byte]) error {
	f.taken = 0
	return f.Journal.Rewrite(records)
}

// Firmware with other roots was a mistake, and is rolled back. What it wrote again
// of the journal meanwhile must not make orders of the snapshot good once more.
func TestFirmwareThatIsRolledBackSellsNothingTwice(t *testing.T) {
	r := newRig(t, sticker())
	r.trust(5, nil)
	used := signed(t, r.prepaid(1, 7, func(o *qrproto.StartOrder) { o.Epoch = 5 }), second)
	if _, err := r.c.Accept(used); err != nil {
		t.Fatal(err)
	}
	r.boot()
	before := r.device.Keys[1].Public
	r.device.Keys[1].Public = key("new root").Public()
	f := &flaky{Journal: r.journal, taken: r.journal.Room()}
	if _, err := charger.Open(r.device, f, r.clock, r.options); err != nil || f.taken > 0 {
		t.Fatalf("not rewritten: %v", err)
	}
	r.device.Keys[1].Public = before
	r.boot()
	r.refused("the order that was used", charger.ErrOvertaken, r.scan(used))
}

// A settlement was written, and neither Append nor the first reading tells. If the
// journal were rewritten then, the settlement would stand before the other sale's
// draft, count for lost, and be made again under the same number.
func TestJournalIsNotRewrittenInDoubt(t *testing.T) {
	r := newRig(t, nil)
	f := &flaky{Journal: r.journal}
	var err error
	if r.c, err = charger.Open(r.device, f, r.clock, r.options); err != nil {
		t.Fatal(err)
	}
	r.accept(1, nil)
	r.accept(2, nil)
	r.read(2, 0)
	r.charge(2, 10*time.Second, 7200)
	r.journal.Inject(settletest.FaultAfter)
	wants(t, "the settlement", r.c.Stop(1, r.reading(0), qrproto.StopUser), charger.ErrJournal)
	f.unread, f.taken = 1, f.Journal.Room()-3000
	r.pass(26 * time.Second)
	wants(t, "the checkpoint", r.c.Meter(2, r.reading(7200)), charger.ErrJournal)
	r.pass(time.Second)
	if d := r.c.Do(1); d.Screen != charger.ScreenSettlement || r.c.Head().Seq != 1 {
		t.Errorf("screen %d, %+v", d.Screen, r.c.Head())
	}
	r.c.Do(2)
	r.unplug(2)
	if _, err := charger.Open(r.device, f, r.clock, r.options); err != nil {
		t.Error(err)
	}
	if n := len(r.settlements()); n != 2 {
		t.Errorf("%d settlements", n)
	}
}
