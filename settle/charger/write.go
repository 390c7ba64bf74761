// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

const (
	// recordRoom is more than any one record takes but a snapshot, with what a
	// journal adds.
	recordRoom = 512
	// trustRoom is more than a snapshot takes.
	trustRoom = qrproto.MaxBytes + recordRoom
	// saleRoom is what a new sale must find beside the reserve: acceptance,
	// start, and enough checkpoints that a journal is not rewritten all the
	// time.
	saleRoom = 8 * recordRoom
)

// doubt is a record whose write failed. Whether it is there only the journal
// knows; if it is, it takes effect late.
type doubt struct {
	record []byte
	effect func()
}

var errDoubt = fail(ErrJournal, "a write failed and the journal cannot be read")

// write makes a record durable and then lets it take effect. After a failure
// nothing more is written until resolve has found out what became of it.
func (c *Charger) write(tag byte, body []byte, effect func()) error {
	if c.doubt != nil {
		return errDoubt
	}
	record := append([]byte{tag}, body...)
	if err := c.journal.Append(record); err != nil {
		c.doubt, c.failed = &doubt{record, effect}, true
		return fail(ErrJournal, "%w", err)
	}
	c.failed = false
	effect()
	return nil
}

// resolve finds out whether the record of a failed write is there after all.
// Two records behind each other are never the same but for drafts, which then
// say the same. If the journal cannot be read, the doubt stays.
func (c *Charger) resolve() {
	if c.doubt == nil {
		return
	}
	var last []byte
	for record, err := range c.journal.Records() {
		if err != nil {
			return
		}
		last = append(last[:0], record...)
	}
	d := c.doubt
	c.doubt = nil
	if bytes.Equal(last, d.record) {
		d.effect()
	}
}

// reserve is what must stay free so that all that is open can be settled: a
// boot, and for each sale a stop and a settlement.
func (c *Charger) reserve() int64 {
	records := int64(1)
	for i := range c.connectors {
		if s := c.connectors[i].sale; s != nil && s.end == nil {
			records += 2
		}
	}
	return records * recordRoom
}

// makeRoom sees to it that the journal can take so many bytes. Superseded
// records and settlements acknowledged up to acked go if there is need, and
// only if that will do: else nothing is written and it fails with ErrFull. Not
// while a record is in doubt: it would no longer be the last, and never count.
func (c *Charger) makeRoom(need int64, acked uint32) error {
	room := c.journal.Room()
	switch {
	case room >= need:
		return nil
	case c.doubt != nil:
		return errDoubt
	}
	keep, freed, err := c.survivors(acked)
	if err != nil {
		return err
	}
	if room+freed < need {
		return fail(ErrFull, "room for %d bytes and %d more, %d needed", room, freed, need)
	}
	return c.rewrite(keep, acked)
}

// tidy is makeRoom for when a charger is opened. Many boots take more room than
// their bytes show, so it gives up what it can, whether or not that will do.
func (c *Charger) tidy(need int64) error {
	if c.journal.Room() >= need {
		return nil
	}
	keep, freed, err := c.survivors(c.chain.acked)
	if err != nil || freed <= 0 {
		return err
	}
	return c.rewrite(keep, c.chain.acked)
}

func (c *Charger) rewrite(keep [][]byte, acked uint32) error {
	if err := c.journal.Rewrite(slices.Values(keep)); err != nil {
		c.failed = true
		return fail(ErrJournal, "%w", err)
	}
	c.chain.forget(acked)
	return nil
}

// survivors are the records that a rewritten journal keeps: the boot, the newest
// trust snapshot and what was counted since, the settlements that the server has
// not stored and the head, the newest acknowledgement and what it went back from,
// the newest draft of each open session. Freed is how many bytes that saves, what a
// journal adds to each record not counted.
func (c *Charger) survivors(acked uint32) (keep [][]byte, freed int64, err error) {
	var trust, ack []byte
	var settled [][]byte
	drafts := make([][]byte, len(c.connectors))
	orders := make([]qrproto.Ref, len(c.connectors))
	err = c.each(func(record []byte, s *qrproto.Settlement) error {
		freed += int64(len(record))
		switch record[0] {
		case tagTrust:
			trust = slices.Clone(record)
		case tagAck:
			ack = slices.Clone(record)
		case tagAccepted, tagDraft:
			drafts[s.Connector-1], orders[s.Connector-1] = asDraft(record), s.Order
		case tagSettled:
			if orders[s.Connector-1] == s.Order {
				drafts[s.Connector-1] = nil
			}
			if unseen(s) && s.Seq <= acked {
				ack = nil // of before, and says less
			}
			if c.chain.keeps(s.Seq, acked) {
				settled = append(settled, slices.Clone(record))
			}
		}
		return nil
	})
	boot := binary.BigEndian.AppendUint32([]byte{tagBoot}, c.boot)
	keep = slices.Concat([][]byte{boot, trust}, c.tallied(), settled, c.chain.acks(ack), drafts)
	keep = slices.DeleteFunc(keep, func(r []byte) bool { return r == nil })
	for _, r := range keep {
		freed -= int64(len(r))
	}
	return keep, freed, err
}
