// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"math"
	"reflect"
	"unicode/utf8"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// A codec that reads by reflection spends a tenth of a verification on a usual
// code, and a third on the largest ones. So payloads are read by hand, loosely, and
// taken if what was read has these bytes as its encoding: the codec writes that, by
// the tags of the fields. Whatever is not taken, the codec reads, and tells what is
// wrong with it.

// readByHand tells whether b is the one encoding of what it has read into p.
// Otherwise p is as it was: empty.
func readByHand(p Payload, b, scratch []byte) bool {
	r := canon.NewReader(b)
	for n := r.Pairs(); n > 0 && !r.Failed(); n-- {
		p.read(r.Int(), &r)
	}
	if r.Done() && encodes(p, b, scratch) {
		return true
	}
	reflect.ValueOf(p).Elem().SetZero()
	return false
}

func encodes(p Payload, b, scratch []byte) bool {
	if t, ok := p.(*Trust); ok && t.Ext == nil {
		return bytes.Equal(t.append(scratch[:0]), b)
	}
	return payloadCodec.Encodes(p, b, scratch)
}

// append writes a snapshot without extensions as the codec does, whom its 16 arrays
// take ten times as long.
func (t *Trust) append(dst []byte) []byte {
	pairs := 1 + min(uint64(t.Least), 1) + min(uint64(len(t.Delegations)), 1)
	dst = canon.AppendHead(dst, canon.Map, pairs)
	dst = canon.AppendInt(append(dst, 1), int64(t.Epoch))
	if t.Least > 0 {
		dst = canon.AppendInt(append(dst, 2), int64(t.Least))
	}
	if len(t.Delegations) == 0 {
		return dst
	}
	dst = canon.AppendHead(append(dst, 3), canon.Array, uint64(len(t.Delegations)))
	for i := range t.Delegations {
		d := &t.Delegations[i]
		dst = canon.AppendHead(dst, canon.Array, 7)
		dst = canon.AppendBytes(canon.AppendBytes(canon.AppendBytes(dst, d.ID), d.Public), d.Fleet)
		dst = canon.AppendInt(canon.AppendText(dst, string(d.Currency)), d.Amount)
		dst = canon.AppendInt(canon.AppendInt(dst, int64(d.Quota)), int64(d.Rights))
	}
	return dst
}

func readUint16(r *canon.Reader) uint16 { return uint16(r.UpTo(math.MaxUint16)) }
func readUint32(r *canon.Reader) uint32 { return uint32(r.UpTo(math.MaxUint32)) }

// readBytes is a part of what is read.
func readBytes(r *canon.Reader) []byte { return r.String(canon.Bytes) }

// readInto takes a byte string that has one length.
func readInto(r *canon.Reader, dst []byte) {
	s := readBytes(r)
	if len(s) != len(dst) {
		r.Fail()
		return
	}
	copy(dst, s)
}

func readText(r *canon.Reader) string {
	s := r.String(canon.Text)
	if !utf8.Valid(s) {
		r.Fail()
	}
	return string(s)
}

func readRef(r *canon.Reader) *Ref {
	ref := new(Ref)
	readInto(r, ref[:])
	return ref
}

// tuple takes the head of an array that has n items.
func tuple(r *canon.Reader, n int) {
	if r.Items() != n {
		r.Fail()
	}
}

// length takes the head of an array of at most n items.
func length(r *canon.Reader, most int) int {
	n := r.Items()
	if n > most {
		r.Fail()
		return 0
	}
	return n
}

func readInts(r *canon.Reader, most int) []int64 {
	list := make([]int64, length(r, most))
	for i := range list {
		list[i] = r.Int()
	}
	return list
}

func readIndices(r *canon.Reader, most int) []uint16 {
	list := make([]uint16, length(r, most))
	for i := range list {
		list[i] = readUint16(r)
	}
	return list
}

// readExtensions shares no memory with what is read: records are read from memory
// of others.
func readExtensions(r *canon.Reader) Extensions {
	n := r.Pairs()
	if n > maxExtensions {
		r.Fail()
		return nil
	}
	e := make(Extensions, n)
	for range n {
		id := r.Int()
		if id != int64(int16(id)) {
			r.Fail()
		}
		e[int16(id)] = bytes.Clone(readBytes(r))
	}
	return e
}

func readChallenge(r *canon.Reader) (c Challenge) {
	tuple(r, 2)
	c.Counter = readUint32(r)
	readInto(r, c.Nonce[:])
	return c
}

func readAck(r *canon.Reader) *Ack {
	tuple(r, 2)
	a := &Ack{Seq: readUint32(r)}
	readInto(r, a.Sum[:])
	return a
}

func readHead(r *canon.Reader) *Head {
	tuple(r, 3)
	h := &Head{Seq: readUint32(r)}
	readInto(r, h.Sum[:])
	h.Total = r.Int()
	return h
}

func readRecords(r *canon.Reader) [][]byte {
	list := make([][]byte, length(r, maxRecords))
	for i := range list {
		list[i] = readBytes(r)
	}
	return list
}

func readTarget(r *canon.Reader) *Target {
	tuple(r, 2)
	return &Target{Kind: TargetKind(r.Small()), Value: r.Int()}
}

func readLimits(r *canon.Reader) *Limits {
	tuple(r, 4)
	return &Limits{Energy: r.Int(), Volume: r.Int(), Duration: r.Int(), Amount: r.Int()}
}

func readFacts(r *canon.Reader) *Facts {
	f := new(Facts)
	for n := r.Pairs(); n > 0 && !r.Failed(); n-- {
		switch r.Int() {
		case 1:
			f.Reserved = r.Int()
		case 2:
			f.Expired = r.Small()
		case 3:
			f.Energy = r.Int()
		case 4:
			f.Time = r.Int()
		case 5:
			f.Volume = r.Int()
		default:
			r.Fail()
		}
	}
	return f
}

func readDelegations(r *canon.Reader) []Delegation {
	list := make([]Delegation, length(r, maxDelegations))
	for i := range list {
		tuple(r, 7)
		list[i] = Delegation{
			ID: readBytes(r), Public: readBytes(r), Fleet: readBytes(r), Currency: tariff.Currency(readText(r)),
			Amount: r.Int(), Quota: readUint32(r), Rights: Rights(r.Small()),
		}
	}
	return list
}
