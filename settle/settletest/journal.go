// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/settle/charger"
)

// ErrInjected is what a Journal fails with when it was told to.
var ErrInjected = errors.New("settletest: injected fault")

// ErrJournalFull is what a Journal without room fails with.
var ErrJournalFull = errors.New("settletest: the journal is full")

// Journal keeps records in memory, for tests and simulators. It outlives the
// charger that writes it: opening a new charger over the same Journal is what
// follows a power cut.
type Journal struct {
	records  [][]byte
	capacity int64
	used     int64
	faults   []Fault
	broken   bool
	writes   int
}

// Fault is what happens to one Append or Rewrite.
type Fault uint8

// The faults.
const (
	FaultNone  Fault = iota
	FaultLost        // fails, nothing is written
	FaultAfter       // fails, but everything is written
)

var _ charger.Journal = (*Journal)(nil)

// NewJournal returns an empty journal for so many bytes, each record counting
// 16 more than its length.
func NewJournal(capacity int64) *Journal { return &Journal{capacity: capacity} }

// Inject sets what happens to the writes to come, one fault each.
func (j *Journal) Inject(faults ...Fault) { j.faults = append(j.faults, faults...) }

// Break makes everything fail from now on, reading too, until it is called with
// false.
func (j *Journal) Break(broken bool) { j.broken = broken }

// Writes is how many writes succeeded or failed so far. A rewrite is one.
func (j *Journal) Writes() int { return j.writes }

func (j *Journal) fault() Fault {
	j.writes++
	if j.broken {
		return FaultLost
	}
	if len(j.faults) == 0 {
		return FaultNone
	}
	f := j.faults[0]
	j.faults = j.faults[1:]
	return f
}

const overhead = 16

// Append implements charger.Journal.
func (j *Journal) Append(record []byte) error {
	f := j.fault()
	if f == FaultLost {
		return ErrInjected
	}
	if j.Room() < int64(len(record)+overhead) {
		return ErrJournalFull
	}
	j.records = append(j.records, slices.Clone(record))
	j.used += int64(len(record) + overhead)
	if f == FaultAfter {
		return ErrInjected
	}
	return nil
}

// Records implements charger.Journal.
func (j *Journal) Records() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if j.broken {
			yield(nil, ErrInjected)
			return
		}
		for _, r := range j.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Rewrite implements charger.Journal.
func (j *Journal) Rewrite(records iter.Seq[[]byte]) error {
	f := j.fault()
	var next [][]byte
	var used int64
	for r := range records {
		next = append(next, slices.Clone(r))
		used += int64(len(r) + overhead)
	}
	if f == FaultLost {
		return ErrInjected
	}
	if used > j.capacity {
		return ErrJournalFull
	}
	j.records, j.used = next, used
	if f == FaultAfter {
		return ErrInjected
	}
	return nil
}

// Room implements charger.Journal.
func (j *Journal) Room() int64 { return j.capacity - j.used }

// Len is the number of records.
func (j *Journal) Len() int { return len(j.records) }

// Pending is how many of the faults injected are still to come.
func (j *Journal) Pending() int { return len(j.faults) }

// Clone returns a copy with the faults to come.
func (j *Journal) Clone() *Journal {
	out := *j
	out.records, out.faults = slices.Clone(j.records), slices.Clone(j.faults)
	return &out
}

// Snapshot returns a copy without the faults, such as a flash image that
// somebody may restore later.
func (j *Journal) Snapshot() *Journal {
	return &Journal{records: slices.Clone(j.records), capacity: j.capacity, used: j.used}
}

// Clock is time that passes only when told to.
type Clock struct {
	Up   time.Duration // since the device was switched on
	Time time.Time     // the wall clock; zero for none
}

var _ charger.Clock = (*Clock)(nil)

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.Up += d
	if !c.Time.IsZero() {
		c.Time = c.Time.Add(d)
	}
}

// Uptime implements charger.Clock.
func (c *Clock) Uptime() time.Duration { return c.Up }

// Wall implements charger.Clock.
func (c *Clock) Wall() (time.Time, bool) { return c.Time, !c.Time.IsZero() }
