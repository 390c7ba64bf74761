// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"encoding/binary"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// tally is what acceptances leave behind for good, also when their sales are
// settled and given up. An acceptance holds what it makes of it, in one record
// with the sale, so that neither is there without the other; a rewritten journal
// holds all of it.
type tally struct {
	rank   uint64  // of the last order, of a device without a display
	counts []count // of keys with a quota, since the snapshot in force
}

// count is how many orders of a key were accepted.
type count struct {
	key qrproto.KeyID
	n   uint32
}

// tallyMost is of how many keys one record holds the counts: its length is one
// byte. A snapshot has as many keys at most, and firmware brings more of its own.
const tallyMost = 16

// of is how many orders of a key were accepted.
func (t *tally) of(id qrproto.KeyID) uint32 {
	for _, c := range t.counts {
		if c.key == id {
			return c.n
		}
	}
	return 0
}

// take takes in a newer one. Counts only rise; the rank does, as long as the roots
// stay.
func (t *tally) take(u tally) {
	if u.rank > 0 {
		t.rank = u.rank
	}
	for _, c := range u.counts {
		i := slices.IndexFunc(t.counts, func(have count) bool { return have.key == c.key })
		if i < 0 {
			t.counts = append(t.counts, c)
		} else {
			t.counts[i].n = max(t.counts[i].n, c.n)
		}
	}
}

// append writes the length, 1 byte, the rank, 8 bytes, and for each key its
// count, 4 bytes, the length of its id, 1 byte, and the id: of tallyMost keys at
// most, or the length would not fit.
func (t *tally) append(b []byte) []byte {
	at := len(b)
	b = binary.BigEndian.AppendUint64(append(b, 0), t.rank)
	for _, c := range t.counts {
		b = binary.BigEndian.AppendUint32(b, c.n)
		b = append(append(b, byte(len(c.key))), c.key...)
	}
	b[at] = byte(len(b) - at - 1)
	return b
}

// splitTally reads what append writes, and returns what is behind it.
func splitTally(b []byte) (t tally, rest []byte, err error) {
	if len(b) == 0 || b[0] < 8 || len(b) <= int(b[0]) {
		return t, nil, fail(ErrRecord, "tally")
	}
	end := 1 + int(b[0])
	b, rest = b[1:end], b[end:]
	t.rank, b = binary.BigEndian.Uint64(b), b[8:]
	for len(b) > 0 {
		if len(b) < 5 || len(b) < 5+int(b[4]) {
			return t, nil, fail(ErrRecord, "tally")
		}
		end = 5 + int(b[4])
		t.counts = append(t.counts, count{qrproto.KeyID(b[5:end]), binary.BigEndian.Uint32(b)})
		b = b[end:]
	}
	return t, rest, nil
}

// tallied are the records of all that was counted. Counts are kept also of keys
// that nobody trusts now: they are since the snapshot in force, and firmware may
// bring those keys back before the next one.
func (c *Charger) tallied() (records [][]byte) {
	if c.tally.rank > 0 && len(c.tally.counts) == 0 {
		records = append(records, c.tally.append([]byte{tagTally}))
	}
	for counts := range slices.Chunk(c.tally.counts, tallyMost) {
		some := tally{c.tally.rank, counts}
		records = append(records, some.append([]byte{tagTally}))
	}
	return records
}

// asDraft is the record of an open session without what its acceptance counted:
// a rewritten journal has that in the tally, and a snapshot may have come since.
func asDraft(record []byte) []byte {
	if record[0] != tagAccepted {
		return slices.Clone(record)
	}
	_, draft, _ := splitTally(record[1:]) // parse has done so before
	return append([]byte{tagDraft}, draft...)
}
