// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"slices"
)

// Assembly puts the parts of a code together, in whatever order and however
// often a camera sees them. The zero Assembly is ready. It holds at most one
// code of MaxBytes and what has been seen of a second one, in itself: it grows
// by nothing that it is given. It is not safe for concurrent use.
//
// What it returns is unverified: whoever shows parts can make up all of them.
// Open decides.
type Assembly struct {
	now   pieces // the set under way, or the last one that became whole
	rival pieces // another set, of which one part has been seen since
}

// Progress says how far an Assembly is: Have of Count parts, both 0 before the
// first. Code is the whole once there is nothing left to wait for, and the zero
// Code until then and beside an error. It is told again with each of its parts,
// until other parts begin.
type Progress struct {
	Have, Count int
	Code        Code
}

// Add takes what a camera has read: the text of a part, bare or as a link. A
// whole code passes through and leaves the parts alone, so that one loop reads
// both.
//
// An error concerns this text alone, but for ErrPartConflict; Progress then says
// what is still held. Scanning goes on in any case:
//
//   - A part that is already there changes nothing.
//   - A part of another set: ErrForeignPart, and the set under way stays. If a
//     second, different part of that other set is seen before any other part, the
//     screen has changed: the other set is under way with both. After a whole,
//     the first part of another set begins anew.
//   - Two different parts in one place, or parts that do not make up what they
//     name: ErrPartConflict, and the set is discarded, as nobody can tell which of
//     them is true. If what they make up is no envelope it goes with ErrEnvelope.
//   - Other errors are ErrBadPart, ErrTooLarge, ErrKind, and those of ParseCode;
//     they change nothing.
//
// Nothing that was read before can keep a code from being assembled: when all
// its parts have been seen twice in turn, and nothing else between, it is whole.
func (a *Assembly) Add(text string) (Progress, error) {
	code, err := a.read(text)
	p := a.progress()
	switch {
	case err != nil:
		p.Code = Code{} // one that was told before is not what this text is
	case code.kind != 0:
		p = Progress{1, 1, code}
	}
	return p, err
}

// read takes a part, or returns a code that is whole.
func (a *Assembly) read(text string) (Code, error) {
	kind, rest, err := split(text)
	if err != nil {
		return Code{}, err
	}
	if kind != partMark {
		return ParseCode(text)
	}
	p, err := parsePart(rest)
	if err != nil {
		return Code{}, err
	}
	return Code{}, a.take(p)
}

// Reset forgets everything.
func (a *Assembly) Reset() { *a = Assembly{} }

// take puts a part where it belongs.
func (a *Assembly) take(p codePart) error {
	switch {
	case p.set == a.now.set:
		// Only a part of the set under way shows that its screen is still there.
		a.rival.set = partSet{}
	case a.now.whole():
		a.now.begin(p.set)
	case p.set == a.rival.set && !a.rival.has(p.index):
		a.now, a.rival.set = a.rival, partSet{}
	default:
		a.rival.begin(p.set)
		a.rival.put(p)
		return &Error{Code: ErrForeignPart, Kind: p.set.kind}
	}
	err := a.now.add(p)
	if err != nil {
		a.now.begin(partSet{})
	}
	return err
}

func (a *Assembly) progress() Progress {
	out := Progress{Count: a.now.set.count}
	for i := range out.Count {
		if a.now.has(i) {
			out.Have++
		}
	}
	if out.Count > 0 && a.now.whole() {
		out.Code = a.now.code()
	}
	return out
}

// pieces is a set with what was seen of it.
type pieces struct {
	set   partSet
	seen  uint8 // a bit for each part
	bytes [MaxBytes]byte
}

func (s *pieces) begin(set partSet) { s.set, s.seen = set, 0 }

func (s *pieces) has(index int) bool { return s.seen>>index&1 == 1 }

// whole says that no part is missing, which is so of no set too.
func (s *pieces) whole() bool { return s.seen == 1<<s.set.count-1 }

// add takes a part, and holds the whole against the name of its set once there
// is one.
func (s *pieces) add(p codePart) error {
	if !s.put(p) {
		return &Error{Code: ErrPartConflict, Kind: s.set.kind, Why: "another part was in its place"}
	}
	if !s.whole() {
		return nil
	}
	code := s.code()
	if setOf(code, s.set.count) != s.set {
		return &Error{Code: ErrPartConflict, Kind: s.set.kind, Why: "not the whole that they name"}
	}
	_, err := parseEnvelope(code.kind, code.bytes)
	return err
}

// put takes a part and says whether it agrees with what is there.
func (s *pieces) put(p codePart) bool {
	from, to := s.set.span(p.index)
	if s.has(p.index) {
		return bytes.Equal(s.bytes[from:to], p.piece)
	}
	s.seen |= 1 << p.index
	copy(s.bytes[from:to], p.piece)
	return true
}

func (s *pieces) code() Code { return Code{s.set.kind, slices.Clone(s.bytes[:s.set.total])} }
