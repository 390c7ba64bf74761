// SPDX-License-Identifier: Apache-2.0

package canon

import (
	"encoding/binary"
	"math"
)

// Major is a major type of CBOR (RFC 8949, section 3.1).
type Major byte

// The major types of the data model used.
const (
	Uint  Major = 0
	Nint  Major = 1
	Bytes Major = 2
	Text  Major = 3
	Array Major = 4
	Map   Major = 5
	None  Major = 8 // nothing left, or after a fault
)

// AppendHead appends the head of an item in its shortest form. N is the
// number, the length in bytes, or the number of items or pairs.
func AppendHead(dst []byte, major Major, n uint64) []byte {
	first := byte(major) << 5
	switch {
	case n < 24:
		return append(dst, first|byte(n))
	case n <= math.MaxUint8:
		return append(dst, first|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, first|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, first|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, first|27), n)
}

// AppendInt appends an integer.
func AppendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return AppendHead(dst, Nint, uint64(-1-v))
	}
	return AppendHead(dst, Uint, uint64(v))
}

// AppendText appends a text string, which is UTF-8.
func AppendText(dst []byte, s string) []byte {
	return append(AppendHead(dst, Text, uint64(len(s))), s...)
}

// AppendBytes appends a byte string.
func AppendBytes(dst, b []byte) []byte {
	return append(AppendHead(dst, Bytes, uint64(len(b))), b...)
}

// A Reader takes items off the front of bytes, for who knows what has to come.
// The first fault stays, and all that is read after it is zero. It allocates
// nothing, and no number of items that it returns is above the bytes that are
// left. Heads need not be in their shortest form: who reads compares with what
// he would write.
type Reader struct {
	rest  []byte
	fault bool
}

// NewReader returns a reader of b, which must not change.
func NewReader(b []byte) Reader { return Reader{rest: b} }

// Fail makes what was read a fault.
func (r *Reader) Fail() { r.rest, r.fault = nil, true }

// Failed reports whether there was a fault.
func (r *Reader) Failed() bool { return r.fault }

// Done reports whether all was read, without a fault.
func (r *Reader) Done() bool { return !r.fault && len(r.rest) == 0 }

// Next is the major type of the item that comes.
func (r *Reader) Next() Major {
	if len(r.rest) == 0 {
		return None
	}
	return Major(r.rest[0] >> 5)
}

// head takes a head.
func (r *Reader) head() (major Major, n uint64) {
	if len(r.rest) == 0 {
		r.Fail()
		return None, 0
	}
	major, n = Major(r.rest[0]>>5), uint64(r.rest[0]&31)
	r.rest = r.rest[1:]
	if n < 24 {
		return major, n
	}
	size := 1 << (n & 7) // 1, 2, 4 or 8 bytes for 24 to 27
	if n > 27 || len(r.rest) < size {
		r.Fail()
		return None, 0
	}
	n = 0
	for _, v := range r.rest[:size] {
		n = n<<8 | uint64(v)
	}
	r.rest = r.rest[size:]
	return major, n
}

// Int takes an integer.
func (r *Reader) Int() int64 {
	major, n := r.head()
	switch {
	case major > Nint || n > math.MaxInt64:
		r.Fail()
		return 0
	case major == Nint:
		return -1 - int64(n)
	}
	return int64(n)
}

// Small takes an integer from 0 to 255.
func (r *Reader) Small() uint8 { return uint8(r.UpTo(math.MaxUint8)) }

// UpTo takes an integer from 0 to most.
func (r *Reader) UpTo(most int64) int64 {
	v := r.Int()
	if v < 0 || v > most {
		r.Fail()
		return 0
	}
	return v
}

// count takes a head whose number counts something of at least one byte.
func (r *Reader) count(want Major) int {
	major, n := r.head()
	if major != want || n > uint64(len(r.rest)) {
		r.Fail()
		return 0
	}
	return int(n)
}

// Items takes the head of an array and returns how many items follow.
func (r *Reader) Items() int { return r.count(Array) }

// Pairs takes the head of a map and returns how many pairs follow.
func (r *Reader) Pairs() int { return r.count(Map) }

// String takes a byte string or a text string, as want says. It is a part of
// the bytes read.
func (r *Reader) String(want Major) []byte {
	n := r.count(want)
	s := r.rest[:n:n]
	r.rest = r.rest[n:]
	return s
}
