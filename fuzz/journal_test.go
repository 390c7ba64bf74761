// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"encoding/binary"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// recordsOf are the records of a journal, each behind its length, 2 bytes.
func recordsOf(t testing.TB, j *settletest.Journal) (out []byte) {
	for record, err := range j.Records() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(record))), record...)
	}
	return out
}

// journalOf is a journal of records, of which the last may be cut short, and of so
// many as there is room for.
func journalOf(records []byte) *settletest.Journal {
	j := settletest.NewJournal(16 << 10)
	for len(records) >= 2 {
		n := min(int(binary.BigEndian.Uint16(records)), len(records)-2)
		if j.Append(records[2:2+n]) != nil {
			break
		}
		records = records[2+n:]
	}
	return j
}

// FuzzJournal opens a charger over a flash that holds anything. It opens or says
// which record it cannot read; once it has opened, it does so again, where it was,
// and closes no relay.
func FuzzJournal(f *testing.F) {
	fresh := newBooth(f)
	for _, life := range lives {
		fresh.live(life.script)
		f.Add(recordsOf(f, fresh.journal))
	}
	running := newBusy(f)
	running.begin()
	f.Add(recordsOf(f, running.journal))
	f.Add(make([]byte, 4096)) // more records than a flash holds, of no byte each
	f.Fuzz(func(t *testing.T, records []byte) {
		if len(records) > 4096 {
			return
		}
		b := *fresh
		b.t, b.journal, b.clock = t, journalOf(records), &settletest.Clock{}
		before := b.journal.Writes()
		c, err := charger.Open(b.device, b.journal, b.clock, nil)
		if err != nil {
			if c != nil || qrproto.CodeOf(err) != charger.ErrRecord && qrproto.CodeOf(err) != charger.ErrFull {
				t.Fatalf("%v beside %v, %d writes", c, err, b.journal.Writes()-before)
			}
			return
		}
		b.journal = b.journal.Snapshot()
		b.open()
		if b.c.Head() != c.Head() || b.c.Epoch() != c.Epoch() {
			t.Fatalf("head %+v at epoch %d, then %+v at %d", c.Head(), c.Epoch(), b.c.Head(), b.c.Epoch())
		}
		for n := 1; n <= 2; n++ {
			if b.c.Do(n).Relay {
				t.Fatalf("connector %d is closed", n)
			}
		}
	})
}

func TestEachLifeOpensFromItsRecords(t *testing.T) {
	b := newBooth(t)
	for i, life := range lives {
		b.live(life.script)
		head, epoch := b.c.Head(), b.c.Epoch()
		b.journal = journalOf(recordsOf(t, b.journal))
		if b.open(); b.c.Head() != head || b.c.Epoch() != epoch {
			t.Errorf("life %d: head %+v at epoch %d, was %+v at %d", i, b.c.Head(), b.c.Epoch(), head, epoch)
		}
	}
}
