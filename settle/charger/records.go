// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"encoding/binary"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// The first byte of a journal record.
const (
	// tagBoot: the number of this boot, 4 bytes.
	tagBoot byte = 'B'
	// tagTrust: a trust snapshot, the bytes of its code. Counts begin anew.
	tagTrust byte = 'T'
	// tagTally: what was counted so far, of as many keys as one record holds.
	tagTally byte = 'C'
	// tagAccepted: an acceptance: what it makes of the tally, and a draft.
	tagAccepted byte = 'A'
	// tagDraft: what the settlement of an open session would be if the power
	// failed now, as a record. Its place in the chain is not yet its own.
	tagDraft byte = 'D'
	// tagSettled: a settlement, as a record.
	tagSettled byte = 'S'
	// tagAck: what the server has stored, 4 bytes of seq and 8 of hash; zero
	// for nothing, and the hash zero where it is no longer known.
	tagAck byte = 'K'
)

// each reads the journal. A draft, also of an acceptance, or a settlement is handed
// over decoded too.
func (c *Charger) each(do func(record []byte, s *qrproto.Settlement) error) error {
	for record, err := range c.journal.Records() {
		if err != nil {
			return fail(ErrJournal, "%w", err)
		}
		s, err := c.parse(record)
		if err != nil {
			return err
		}
		if err := do(record, s); err != nil {
			return err
		}
	}
	return nil
}

// parse checks a record and decodes what is a settlement.
func (c *Charger) parse(record []byte) (*qrproto.Settlement, error) {
	if len(record) == 0 {
		return nil, fail(ErrRecord, "empty")
	}
	body := record[1:]
	switch tag, n := record[0], len(record)-1; {
	case tag == tagBoot && n == 4, tag == tagAck && n == 12, tag == tagTrust:
		return nil, nil
	case tag == tagTally, tag == tagAccepted:
		var err error
		if _, body, err = splitTally(body); err == nil && tag == tagTally && len(body) > 0 {
			err = fail(ErrRecord, "%d bytes behind a tally", len(body))
		}
		if err != nil || tag == tagTally {
			return nil, err
		}
	case tag != tagDraft && tag != tagSettled:
		return nil, fail(ErrRecord, "tag %#x with %d bytes", tag, n)
	}
	s, err := qrproto.DecodeRecord(c.device.Number, slices.Clone(body))
	if err != nil {
		return nil, fail(ErrRecord, "settlement: %w", err)
	}
	if _, err := c.at(int(s.Connector)); err != nil {
		return nil, fail(ErrRecord, "settlement: %w", err)
	}
	return s, nil
}

// replay reads boot, trust, acknowledgement and chain from the journal, and
// returns the sessions that are open there, at most one for each connector.
func (c *Charger) replay() ([]*qrproto.Settlement, error) {
	var trust []byte
	drafts := make([]*qrproto.Settlement, len(c.connectors))
	err := c.each(func(record []byte, s *qrproto.Settlement) error {
		switch record[0] {
		case tagBoot:
			c.boot = max(c.boot, binary.BigEndian.Uint32(record[1:]))
		case tagAck:
			c.chain.heed(binary.BigEndian.Uint32(record[1:]))
		case tagTrust:
			trust, c.tally.counts = slices.Clone(record[1:]), nil
		case tagTally:
			c.replayTally(record)
		case tagAccepted:
			c.replayTally(record)
			fallthrough
		case tagDraft:
			drafts[s.Connector-1] = s
			c.knowRegister(s)
		case tagSettled:
			c.knowRegister(s)
			return c.replaySettlement(s, drafts)
		}
		return nil
	})
	if err == nil {
		err = c.replayTrust(trust)
	}
	return slices.DeleteFunc(drafts, func(s *qrproto.Settlement) bool { return s == nil }), err
}

func (c *Charger) replayTally(record []byte) {
	t, _, _ := splitTally(record[1:]) // parse has done so before
	c.tally.take(t)
}

func (c *Charger) replaySettlement(s *qrproto.Settlement, drafts []*qrproto.Settlement) error {
	if err := c.chain.replayed(s); err != nil {
		return fail(ErrRecord, "%w", err)
	}
	if d := drafts[s.Connector-1]; d != nil && d.Order == s.Order {
		drafts[s.Connector-1] = nil
	}
	c.connectors[s.Connector-1].closed = c.chain.head.Sum
	return nil
}

// knowRegister takes the register from what was written last, until the meter
// is heard.
func (c *Charger) knowRegister(s *qrproto.Settlement) {
	last, register := &c.connectors[s.Connector-1].last, min(s.Register+s.Delivered, qrproto.MaxQuantity)
	if c.device.Measures == tariff.Volume {
		last.Volume = register
	} else {
		last.Energy = register
	}
}

// countBoot makes this boot's number durable.
func (c *Charger) countBoot() error {
	boot := binary.BigEndian.AppendUint32(nil, c.boot+1)
	return c.write(tagBoot, boot, func() { c.boot++ })
}

// appendSettlement gives a settlement its place in the chain and makes it
// durable; then happens what depends on it.
func (c *Charger) appendSettlement(k *connector, s *qrproto.Settlement, then func()) error {
	c.chain.place(s)
	record, err := qrproto.EncodeRecord(s)
	if err != nil {
		return fail(ErrState, "settlement: %w", err)
	}
	head, err := settle.Next(c.chain.head, s)
	if err != nil {
		return fail(ErrState, "settlement: %w", err)
	}
	return c.write(tagSettled, record, func() {
		c.chain.extend(head, s)
		k.closed = head.Sum
		then()
	})
}

// acknowledge takes in what the server has stored, which checkAck has passed.
func (c *Charger) acknowledge(a qrproto.Ack) error {
	if a.Seq == c.chain.acked {
		return nil
	}
	if c.journal.Room() < c.reserve()+recordRoom {
		c.chain.heed(a.Seq) // the room is for settlements; the server will say it again
		return nil
	}
	return c.write(tagAck, ackBody(a.Seq, a.Sum), func() { c.chain.heed(a.Seq) })
}

// ackBody is the record of an acknowledgement behind its tag.
func ackBody(seq uint32, sum qrproto.Short) []byte {
	return append(binary.BigEndian.AppendUint32(nil, seq), sum[:]...)
}

// unacknowledged reads the oldest settlements that the server has not stored,
// at most so many, as records, and the seq of the first.
func (c *Charger) unacknowledged(most int) (records [][]byte, first uint32, err error) {
	from := c.chain.carryFrom()
	if from >= c.chain.head.Seq {
		return nil, 0, nil
	}
	var seq uint32 // of the settlement at hand; only the first is decoded
	for record, err := range c.journal.Records() {
		if err != nil {
			return nil, 0, fail(ErrJournal, "%w", err)
		}
		if len(record) == 0 || record[0] != tagSettled {
			continue
		}
		if seq++; seq == 1 {
			s, err := c.parse(record)
			if err != nil {
				return nil, 0, err
			}
			seq = s.Seq
		}
		if seq > from {
			if records = append(records, slices.Clone(record[1:])); len(records) == most {
				break
			}
		}
	}
	return records, seq - uint32(len(records)) + 1, nil
}

// Again returns the code of a connector's last settlement once more, for a
// driver who missed it: a text as Do tells it. It fails with ErrState where there
// is none any more, with ErrJournal, ErrConnector, and qrproto.ErrSigner.
func (c *Charger) Again(n int) (string, error) {
	k, err := c.at(n)
	if err != nil {
		return "", err
	}
	var text string
	err = c.each(func(record []byte, s *qrproto.Settlement) error {
		if record[0] != tagSettled || text != "" {
			return nil
		}
		if sum, err := qrproto.Sum(s); err != nil || sum.Ref() != k.closed {
			return err
		}
		text, err = c.text(s)
		return err
	})
	if err == nil && text == "" {
		err = fail(ErrState, "connector %d has settled nothing that is kept", n)
	}
	return text, err
}
