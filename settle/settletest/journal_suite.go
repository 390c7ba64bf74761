// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"bytes"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/settle/charger"
)

// TestJournal holds a charger.Journal against what a charger relies on. Open
// returns a new, empty journal with room for at least 64 KiB. That records
// survive a power cut only a test of the journal itself can show.
func TestJournal(t *testing.T, open func(t *testing.T) charger.Journal) {
	for _, c := range []struct {
		name string
		test func(*testing.T, charger.Journal)
	}{
		{"a new journal is empty", testEmptyJournal},
		{"records come back in order, whatever their bytes", testOrder},
		{"a record belongs to the journal once it is appended", testCopies},
		{"a reader may stop early", testStop},
		{"a rewrite replaces everything", testRewrite},
		{"room shrinks with each record and comes back with a rewrite", testRoom},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// wantRecords fails unless the journal holds these.
func wantRecords(t *testing.T, j charger.Journal, want ...[]byte) {
	t.Helper()
	var got [][]byte
	for r, err := range j.Records() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, slices.Clone(r))
	}
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("holds %q, want %q", got, want)
	}
}

func mustAppend(t *testing.T, j charger.Journal, records ...[]byte) {
	t.Helper()
	for _, r := range records {
		if err := j.Append(r); err != nil {
			t.Fatal(err)
		}
	}
}

// samples are a byte, every byte, the largest record, and one twice.
func samples() [][]byte {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	return [][]byte{{0}, every, bytes.Repeat([]byte{0xff}, 257), {'a'}, {'a'}}
}

func testEmptyJournal(t *testing.T, j charger.Journal) {
	wantRecords(t, j)
	if err := j.Rewrite(slices.Values([][]byte(nil))); err != nil {
		t.Error(err)
	}
	wantRecords(t, j)
}

func testOrder(t *testing.T, j charger.Journal) {
	mustAppend(t, j, samples()...)
	wantRecords(t, j, samples()...)
	wantRecords(t, j, samples()...) // reading takes nothing away
}

func testCopies(t *testing.T, j charger.Journal) {
	r := []byte("before")
	mustAppend(t, j, r)
	copy(r, "after!")
	wantRecords(t, j, []byte("before"))
}

func testStop(t *testing.T, j charger.Journal) {
	mustAppend(t, j, samples()...)
	for r, err := range j.Records() {
		if err != nil || !bytes.Equal(r, samples()[0]) {
			t.Errorf("first is %q, %v", r, err)
		}
		break
	}
	mustAppend(t, j, []byte("more"))
	wantRecords(t, j, append(samples(), []byte("more"))...)
}

func testRewrite(t *testing.T, j charger.Journal) {
	mustAppend(t, j, samples()...)
	if err := j.Rewrite(slices.Values([][]byte{[]byte("x"), []byte("y")})); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, []byte("z"))
	wantRecords(t, j, []byte("x"), []byte("y"), []byte("z"))
}

func testRoom(t *testing.T, j charger.Journal) {
	before := j.Room()
	if before < 64<<10 {
		t.Fatalf("room for %d bytes at first", before)
	}
	record := bytes.Repeat([]byte{1}, 200)
	for range 50 {
		room := j.Room()
		mustAppend(t, j, record)
		if taken := room - j.Room(); taken < int64(len(record)) {
			t.Fatalf("a record of %d bytes took %d", len(record), taken)
		}
	}
	if err := j.Rewrite(slices.Values([][]byte{record})); err != nil {
		t.Fatal(err)
	}
	if room := j.Room(); room > before || room < before-10*int64(len(record)) {
		t.Errorf("room for %d bytes after a rewrite to one record, %d when empty", room, before)
	}
}
