// SPDX-License-Identifier: Apache-2.0

package settletest_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

func TestJournal(t *testing.T) {
	settletest.TestJournal(t, func(*testing.T) charger.Journal { return settletest.NewJournal(64 << 10) })
}

func TestJournalFailsAsToldTo(t *testing.T) {
	x, y := []byte("x"), []byte("y")
	one := slices.Values([][]byte{y})
	for _, c := range []struct {
		name  string
		fault settletest.Fault
		write func(*settletest.Journal) error
		fails bool
		left  int
	}{
		{"nothing", settletest.FaultNone, func(j *settletest.Journal) error { return j.Append(y) }, false, 3},
		{"append lost", settletest.FaultLost, func(j *settletest.Journal) error { return j.Append(y) }, true, 2},
		{"append after", settletest.FaultAfter, func(j *settletest.Journal) error { return j.Append(y) }, true, 3},
		{"rewrite lost", settletest.FaultLost, func(j *settletest.Journal) error { return j.Rewrite(one) }, true, 2},
		{"rewrite after", settletest.FaultAfter, func(j *settletest.Journal) error { return j.Rewrite(one) }, true, 1},
	} {
		j := settletest.NewJournal(1000)
		j.Inject(settletest.FaultNone, settletest.FaultNone, c.fault)
		if err := errors.Join(j.Append(x), j.Append(x)); err != nil {
			t.Fatal(err)
		}
		if err := c.write(j); (err != nil) != c.fails || err != nil && !errors.Is(err, settletest.ErrInjected) || j.Len() != c.left {
			t.Errorf("%s: %v, %d records", c.name, err, j.Len())
		}
		if err := j.Append(x); err != nil {
			t.Errorf("%s: the write after it: %v", c.name, err)
		}
	}
}

func TestJournalRefusesWhatDoesNotFit(t *testing.T) {
	j := settletest.NewJournal(40)
	if err := j.Append(make([]byte, 24)); err != nil || j.Room() != 0 {
		t.Fatalf("%v, room %d", err, j.Room())
	}
	if err := j.Append(nil); !errors.Is(err, settletest.ErrJournalFull) {
		t.Errorf("full: %v", err)
	}
	if err := j.Rewrite(slices.Values([][]byte{make([]byte, 25)})); !errors.Is(err, settletest.ErrJournalFull) || j.Len() != 1 {
		t.Errorf("rewrite with more than fits: %v, %d records", err, j.Len())
	}
}

func TestJournalBreaksAndMends(t *testing.T) {
	j := settletest.NewJournal(1000)
	j.Break(true)
	if err := j.Append([]byte("x")); !errors.Is(err, settletest.ErrInjected) {
		t.Errorf("append: %v", err)
	}
	for _, err := range j.Records() {
		if !errors.Is(err, settletest.ErrInjected) {
			t.Errorf("records: %v", err)
		}
	}
	image := j.Snapshot()
	j.Break(false)
	if err := errors.Join(j.Append([]byte("x")), image.Append([]byte("y"))); err != nil || j.Writes() != 2 {
		t.Errorf("%v, %d writes", err, j.Writes())
	}
}

func TestClockPassesOnlyWhenTold(t *testing.T) {
	var c settletest.Clock
	if _, ok := c.Wall(); ok || c.Uptime() != 0 {
		t.Error("a new clock has a time")
	}
	c.Time = time.Unix(1000, 0)
	c.Advance(time.Minute)
	if wall, ok := c.Wall(); !ok || wall.Unix() != 1060 || c.Uptime() != time.Minute {
		t.Errorf("after a minute: %v, %v", wall, c.Uptime())
	}
}
