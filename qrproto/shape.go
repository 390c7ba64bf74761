// SPDX-License-Identifier: Apache-2.0

package qrproto

import "reflect"

// checkShape looks at a payload before the decoder does: only the arrays that
// its kind has, none longer than it may be, nothing nested deeper. The decoder
// would refuse the rest too, but it goes on to the end of an array and makes an
// error for each item of a wrong type, which costs many times what was sent.
// What is no CBOR at all is left to the decoder, which sees that first.
func checkShape(p Payload, b []byte) error {
	s := shape{rest: b}
	major, pairs := s.head()
	if major != majorMap {
		return nil
	}
	for i := uint64(0); i < pairs && len(s.rest) > 0; i++ {
		keyMajor, key := s.head()
		if keyMajor > majorNegative {
			return &Error{Code: ErrUnknownField, Why: "a key that is no integer"}
		}
		if keyMajor == majorNegative {
			key = noKey
		}
		if !s.value(p.Kind(), key) {
			return noPlace(fieldName(reflect.TypeOf(p).Elem(), int(min(key, noKey))))
		}
	}
	return nil
}

// noPlace is the error for an array or a map that is not one of the field. A
// key that is no field's has its digits as a name.
func noPlace(field string) error {
	if field[0] <= '9' {
		return &Error{Code: ErrUnknownField, Why: "an array or a map under a key that the kind does not have"}
	}
	return fieldError(field, "not an array or map of the kind")
}

// Major types of CBOR (RFC 8949, section 3.1).
const (
	majorUint     = 0
	majorNegative = 1
	majorBytes    = 2
	majorText     = 3
	majorArray    = 4
	majorMap      = 5
	majorTag      = 6

	noKey = 1<<15 - 1 // that no kind has
)

// shape reads heads off the front of rest.
type shape struct {
	rest   []byte
	broken bool // no CBOR of the data model; nothing is left then
}

// head takes a head and, of a string, what follows it. What is broken, or a tag,
// reads as the number zero at the end of everything.
func (s *shape) head() (major byte, n uint64) {
	if len(s.rest) == 0 {
		return 0, 0
	}
	first := s.rest[0]
	s.rest = s.rest[1:]
	major, n = first>>5, uint64(first&31)
	if n >= 24 {
		size := 1 << (n & 7) // 1, 2, 4 or 8 bytes for 24 to 27
		if n > 27 || len(s.rest) < size {
			major, size = majorTag, 0
		}
		n = bigEndian(s.rest[:size])
		s.rest = s.rest[size:]
	}
	switch major {
	case majorTag:
		s.rest, s.broken = nil, true
		return 0, 0
	case majorBytes, majorText:
		s.rest = s.rest[min(n, uint64(len(s.rest))):]
	}
	return major, n
}

func bigEndian(b []byte) (n uint64) {
	for _, v := range b {
		n = n<<8 | uint64(v)
	}
	return n
}

// value takes the value under a key and tells whether it has the shape that the
// kind has there: in long arrays stand numbers alone.
func (s *shape) value(kind Kind, key uint64) bool {
	const few, facts = 4, 5
	switch major, n := s.head(); major {
	case majorMap:
		if kind == KindStartOrder && key == 15 {
			return n <= facts && s.scalars(2*n, majorNegative)
		}
		return key == 0 && s.scalars(2*n, majorText)
	case majorArray:
		if kind == KindTrust && key == 3 {
			return s.delegations(n)
		}
		most := byte(majorText)
		if n > few {
			most = majorNegative
		}
		return n <= mostItems(kind, key) && s.scalars(n, most)
	}
	return true
}

// delegations takes the n items of a snapshot's list, each an array.
func (s *shape) delegations(n uint64) bool {
	fields := [...]byte{majorBytes, majorBytes, majorBytes, majorText, majorUint, majorUint, majorUint}
	for i := uint64(0); i < n && len(s.rest) > 0; i++ {
		major, m := s.head()
		if s.broken {
			return true // the decoder says so
		}
		if i == maxDelegations || major != majorArray || m != uint64(len(fields)) || !s.majors(fields[:]) {
			return false
		}
	}
	return true
}

// majors takes items and tells whether they are of these major types, as far as
// there are any.
func (s *shape) majors(want []byte) bool {
	for _, w := range want {
		if len(s.rest) == 0 {
			return true
		}
		if major, _ := s.head(); major != w && !s.broken {
			return false
		}
	}
	return true
}

// scalars takes n items and tells whether each was of a major type up to most.
func (s *shape) scalars(n uint64, most byte) bool {
	for i := uint64(0); i < n && len(s.rest) > 0; i++ {
		if major, _ := s.head(); major > most {
			return false
		}
	}
	return true
}

// mostItems is the length of the longest array that a kind has under a key.
func mostItems(kind Kind, key uint64) uint64 {
	type at struct {
		kind Kind
		key  uint64
	}
	switch (at{kind, key}) {
	case at{KindIdentity, 4}, at{KindStartOrder, 4}, at{KindStartOrder, 12}, at{KindStartOrder, 18}, at{KindReceipt, 5}:
		return 2
	case at{KindIdentity, 13}:
		return 3
	case at{KindIdentity, 16}, at{KindStartOrder, 13}:
		return 4
	case at{KindStartOrder, 10}:
		return 5
	case at{KindSettlement, 11}:
		return 2 * maxCells
	case at{KindSettlement, 12}:
		return maxLast
	case at{KindSettlement, 13}:
		return maxFlats
	case at{KindSettlement, 18}:
		return 3 * maxMarks
	}
	return 0
}
