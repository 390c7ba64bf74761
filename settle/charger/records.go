// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// The first byte of a journal record.
const (
	// tagBoot: the number of this boot, 4 bytes.
	tagBoot byte = 'B'
	// tagDraft: what the settlement of an open session would be if the power
	// failed now, as a record. Its place in the chain is not yet its own.
	tagDraft byte = 'D'
	// tagSettled: a settlement, as a record.
	tagSettled byte = 'S'
	// tagAck: what the server has stored, 4 bytes of seq and 8 of hash.
	tagAck byte = 'K'
)

// chain is the device's chain of settlements and what the server knows of it.
type chain struct {
	head  settle.Head
	acked uint32 // highest seq that the server has stored, as far as known
	// kept are the settlements in the journal, oldest first, contiguous up to
	// the head.
	kept []kept
}

// kept is a settlement in the journal.
type kept struct {
	seq   uint32
	short qrproto.Short
}

// sumAt returns the hash of a settlement that is still here.
func (c *chain) sumAt(seq uint32) (qrproto.Short, bool) {
	i, ok := slices.BinarySearchFunc(c.kept, seq, func(k kept, seq uint32) int {
		return cmp.Compare(k.seq, seq)
	})
	if !ok {
		return qrproto.Short{}, false
	}
	return c.kept[i].short, true
}

// checkAck refuses an acknowledgement of what this device never wrote: then its
// memory was set back, or somebody else writes in its name.
func (c *chain) checkAck(a *qrproto.Ack) error {
	if a == nil {
		return nil
	}
	if a.Seq > c.head.Seq {
		return fail(ErrAck, "record %d, the newest is %d", a.Seq, c.head.Seq)
	}
	if sum, ok := c.sumAt(a.Seq); ok && sum != a.Sum {
		return fail(ErrAck, "record %d is %v, not %v", a.Seq, sum, a.Sum)
	}
	return nil
}

// add takes in a settlement that is in the journal.
func (c *chain) add(s *qrproto.Settlement) error {
	head, err := settle.Next(c.head, s)
	if len(c.kept) == 0 && s.Seq > 1 { // older ones were reclaimed
		var sum qrproto.Hash
		sum, err = qrproto.Sum(s)
		head = settle.Head{Seq: s.Seq, Sum: sum.Ref(), Total: s.Total}
		c.acked = s.Seq - 1
	}
	if err != nil {
		return err
	}
	c.head = head
	c.kept = append(c.kept, kept{s.Seq, head.Sum.Short()})
	return nil
}

// replay reads the journal and returns the sessions that were open, by
// connector.
func (c *Charger) replay() ([]*qrproto.Settlement, error) {
	drafts := make([]*qrproto.Settlement, len(c.connectors))
	for record, err := range c.journal.Records() {
		if err != nil {
			return nil, fail(ErrJournal, "%w", err)
		}
		if err := c.replayRecord(record, drafts); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(drafts, func(s *qrproto.Settlement) bool { return s == nil }), nil
}

func (c *Charger) replayRecord(record []byte, drafts []*qrproto.Settlement) error {
	if len(record) == 0 {
		return fail(ErrRecord, "empty")
	}
	tag, body := record[0], record[1:]
	switch {
	case tag == tagBoot && len(body) == 4:
		c.boot = max(c.boot, binary.BigEndian.Uint32(body))
	case tag == tagAck && len(body) == 12:
		c.chain.acked = binary.BigEndian.Uint32(body)
	case tag == tagDraft || tag == tagSettled:
		return c.replaySettlement(tag, slices.Clone(body), drafts)
	default:
		return fail(ErrRecord, "tag %#x with %d bytes", tag, len(body))
	}
	return nil
}

func (c *Charger) replaySettlement(tag byte, body []byte, drafts []*qrproto.Settlement) error {
	s, err := qrproto.DecodeRecord(c.device.Number, body)
	if err != nil {
		return fail(ErrRecord, "settlement: %w", err)
	}
	k, err := c.at(int(s.Connector))
	if err != nil {
		return fail(ErrRecord, "settlement: %w", err)
	}
	if tag == tagDraft {
		drafts[k.n-1] = s
		return nil
	}
	if d := drafts[k.n-1]; d != nil && d.Order == s.Order {
		drafts[k.n-1] = nil
	}
	if err := c.chain.add(s); err != nil {
		return fail(ErrRecord, "%w", err)
	}
	k.closed = c.chain.head.Sum
	return nil
}

// countBoot makes this boot's number durable.
func (c *Charger) countBoot() error {
	c.boot++
	return c.append(binary.BigEndian.AppendUint32([]byte{tagBoot}, c.boot))
}

// recover settles a session that a power cut left open, at its last durable
// register.
func (c *Charger) recover(s *qrproto.Settlement) error {
	k := &c.connectors[s.Connector-1]
	s.Reason = qrproto.StopPowerLoss
	return c.appendSettlement(k, s)
}

// appendSettlement gives a settlement its place in the chain and makes it
// durable. Nothing has changed if it fails.
func (c *Charger) appendSettlement(k *connector, s *qrproto.Settlement) error {
	c.place(s)
	record, err := qrproto.EncodeRecord(s)
	if err != nil {
		return fail(ErrState, "settlement: %w", err)
	}
	if err := c.append(append([]byte{tagSettled}, record...)); err != nil {
		return err
	}
	if err := c.chain.add(s); err != nil {
		return fail(ErrState, "settlement: %w", err)
	}
	k.closed = c.chain.head.Sum
	return nil
}

// place makes a settlement the next of the chain.
func (c *Charger) place(s *qrproto.Settlement) {
	h := c.chain.head
	s.Seq, s.Previous, s.Total = h.Seq+1, h.Sum, h.Total+s.Delivered
}

// acknowledge takes in what the server has stored, which checkAck has passed.
// One lower than before counts too: the server was set back, and is told again
// from there.
func (c *Charger) acknowledge(a *qrproto.Ack) error {
	if a == nil || a.Seq == c.chain.acked {
		return nil
	}
	record := binary.BigEndian.AppendUint32([]byte{tagAck}, a.Seq)
	if err := c.append(append(record, a.Sum[:]...)); err != nil {
		return err
	}
	c.chain.acked = a.Seq
	return nil
}

func (c *Charger) append(record []byte) error {
	if err := c.journal.Append(record); err != nil {
		c.alarms |= qrproto.AlarmStorage
		return fail(ErrJournal, "%w", err)
	}
	c.alarms &^= qrproto.AlarmStorage
	return nil
}

// unacknowledged reads the oldest records that the server has not stored.
func (c *Charger) unacknowledged(most int) ([][]byte, error) {
	if c.chain.acked >= c.chain.head.Seq {
		return nil, nil
	}
	var out [][]byte
	seq := c.chain.head.Seq - uint32(len(c.chain.kept)) + 1
	for record, err := range c.journal.Records() {
		if err != nil {
			return nil, fail(ErrJournal, "%w", err)
		}
		if len(record) == 0 || record[0] != tagSettled {
			continue
		}
		if seq > c.chain.acked {
			if out = append(out, slices.Clone(record[1:])); len(out) == most {
				break
			}
		}
		seq++
	}
	return out, nil
}

// makeRoom sees to it that a sale can be recorded to its end. Acknowledged
// settlements go if there is need, and only then; the head stays always. The
// acknowledgement of the order at hand counts already.
func (c *Charger) makeRoom(a *qrproto.Ack) error {
	if c.journal.Room() >= saleRoom {
		return nil
	}
	acked := c.chain.acked
	if a != nil {
		acked = a.Seq
	}
	records, kept, err := c.survivors(acked)
	if err != nil {
		return err
	}
	if err := c.journal.Rewrite(slices.Values(records)); err != nil {
		c.alarms |= qrproto.AlarmStorage
		return fail(ErrJournal, "%w", err)
	}
	c.chain.kept = kept
	if room := c.journal.Room(); room < saleRoom {
		c.alarms |= qrproto.AlarmStorage
		return fail(ErrFull, "room for %d bytes", room)
	}
	return nil
}

// survivors are the records that a rewritten journal keeps: this boot, the
// settlements that the server has not stored and the head, the newest
// acknowledgement, the newest draft of each open session.
func (c *Charger) survivors(acked uint32) (records [][]byte, left []kept, err error) {
	records = append(records, binary.BigEndian.AppendUint32([]byte{tagBoot}, c.boot))
	var ack []byte
	drafts := make([][]byte, len(c.connectors))
	i := 0
	for record, err := range c.journal.Records() {
		if err != nil {
			return nil, nil, fail(ErrJournal, "%w", err)
		}
		switch record[0] {
		case tagAck:
			ack = slices.Clone(record)
		case tagDraft:
			if s, err := qrproto.DecodeRecord(c.device.Number, record[1:]); err == nil {
				drafts[s.Connector-1] = slices.Clone(record)
			}
		case tagSettled:
			if k := c.chain.kept[i]; k.seq > acked || k.seq == c.chain.head.Seq {
				records = append(records, slices.Clone(record))
				left = append(left, k)
			}
			i++
		}
	}
	if ack != nil {
		records = append(records, ack)
	}
	for n, draft := range drafts {
		if s := c.connectors[n].sale; draft != nil && s != nil && s.end == nil {
			records = append(records, draft)
		}
	}
	return records, left, nil
}
