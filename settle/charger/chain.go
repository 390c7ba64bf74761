// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"cmp"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
)

// chain is the device's chain of settlements and what the server knows of it.
type chain struct {
	head  settle.Head
	acked uint32 // highest seq that the server has stored, as far as known
	// told is the highest seq that the server has seen: an identity carried it
	// and was answered, or it was acknowledged. Those above go first, so that a
	// record that cannot be acknowledged, such as one of two in a fork, holds up
	// no other.
	told uint32
	// again is the last one that was told once more, and news how many new ones
	// were told since.
	again uint32
	news  int
	// lost is told as it was when the server last went back. An old receipt
	// that says otherwise is from before, also after the journal was rewritten.
	lost uint32
	// sums are of the settlements in the journal, by seq, without gaps up to
	// the head.
	sums []sum
}

type sum struct {
	seq   uint32
	short qrproto.Short
}

// sumAt returns the hash of a settlement that is still here.
func (c *chain) sumAt(seq uint32) (qrproto.Short, bool) {
	i, ok := slices.BinarySearchFunc(c.sums, seq, func(s sum, seq uint32) int {
		return cmp.Compare(s.seq, seq)
	})
	if !ok {
		return qrproto.Short{}, false
	}
	return c.sums[i].short, true
}

// checkAck refuses an acknowledgement of what this device never wrote: then its
// memory was set back, or somebody else writes in its name.
func (c *chain) checkAck(a qrproto.Ack) error {
	if a.Seq > c.head.Seq {
		return fail(ErrAck, "record %d, the newest is %d", a.Seq, c.head.Seq)
	}
	if sum, ok := c.sumAt(a.Seq); ok && sum != a.Sum {
		return fail(ErrAck, "record %d is %v, not %v", a.Seq, sum, a.Sum)
	}
	return nil
}

// replayed takes in a settlement that the journal holds. The first of a journal
// may follow on others that were acknowledged and given up.
func (c *chain) replayed(s *qrproto.Settlement) error {
	if c.head.Seq == 0 && s.Seq > 1 {
		c.head = settle.Head{Seq: s.Seq - 1, Sum: s.Previous, Total: s.Total - s.Delivered}
		c.heed(s.Seq - 1)
	}
	head, err := settle.Next(c.head, s)
	if err != nil {
		return err
	}
	if head == c.head {
		return fail(settle.ErrPast, "settlement %d twice", s.Seq)
	}
	c.extend(head, s)
	return nil
}

// heed takes in that the server has stored everything up to seq. If it had
// stored more before, that may be lost.
func (c *chain) heed(seq uint32) {
	if seq < c.acked {
		c.again, c.lost, c.news = seq, c.told, 0
	}
	c.acked, c.told = seq, max(c.told, seq)
}

// answered takes in that the server has seen what an identity carried up to seq.
func (c *chain) answered(seq uint32) {
	if seq > c.told {
		c.told = seq
		c.news++
	} else {
		c.again, c.news = seq, 0
	}
}

// carryFrom is the seq behind which the settlements to carry begin: new ones,
// and after some of them one of those that were told and not acknowledged, round
// and round. What the server is known to have lost comes every other time.
func (c *chain) carryFrom() uint32 {
	again, some := max(c.again, c.acked), 4
	if again >= c.told {
		again = c.acked
	}
	if again < c.lost {
		some = 1
	}
	if c.told == c.head.Seq || again < c.told && c.news >= some {
		return again
	}
	return c.told
}

// extend makes a settlement the head. Where nobody will ever fetch it, that
// counts as stored, unless one before it is still to be fetched.
func (c *chain) extend(head settle.Head, s *qrproto.Settlement) {
	c.head = head
	c.sums = append(c.sums, sum{head.Seq, head.Sum.Short()})
	if unseen(s) && c.acked == head.Seq-1 {
		c.heed(head.Seq)
	}
}

// forget drops the sums of settlements that are no longer kept.
func (c *chain) forget(acked uint32) {
	c.sums = slices.DeleteFunc(c.sums, func(s sum) bool { return !c.keeps(s.seq, acked) })
}

// keeps tells whether a settlement must stay in the journal: the server has not
// stored it, or it is the head.
func (c *chain) keeps(seq, acked uint32) bool { return seq > acked || seq == c.head.Seq }

// place makes a settlement the next of the chain.
func (c *chain) place(s *qrproto.Settlement) {
	s.Seq, s.Previous, s.Total = c.head.Seq+1, c.head.Sum, c.head.Total+s.Delivered
}

// acks are the acknowledgements that a rewritten journal keeps: the newest record
// of one, or, where the server has gone back, that from before and the one that it
// went back to. Read in this order they say so again, so that an old receipt still
// counts for nothing.
func (c *chain) acks(newest []byte) [][]byte {
	if c.lost <= c.acked {
		return [][]byte{newest}
	}
	return [][]byte{c.ack(c.lost), c.ack(c.acked)}
}

// ack is the record of an acknowledgement up to seq, with the hash that it had as
// far as that is still known.
func (c *chain) ack(seq uint32) []byte {
	sum, _ := c.sumAt(seq)
	return append([]byte{tagAck}, ackBody(seq, sum)...)
}
