// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto/sha256"
	"fmt"

	"github.com/seed81979277/qrcharge/qrproto/internal/digits"
)

// A code that is too large for one QR code is shown as several, one after the
// other (SPEC.md, section 21). The text of a part begins with "QP1/": P is the
// letter of no kind, so that a part can never pass for a whole code.
const (
	partMark Kind = 'P'
	// MaxParts is the largest number of parts of a code.
	MaxParts = 4
	// partHead is the length of what stands before the piece of the whole.
	partHead = 12
	maxPart  = partHead + MaxBytes/2
)

// partSet is what all parts of a set have in common.
type partSet struct {
	kind  Kind
	count int // 0 in no set
	total int // bytes of the whole
	id    [8]byte
}

// setOf is the set of a code that is cut in count parts.
func setOf(c Code, count int) partSet {
	hash := sha256.Sum256(c.appendText(make([]byte, 0, markLen+digits.EncodedLen(len(c.bytes)))))
	return partSet{c.kind, count, len(c.bytes), [8]byte(hash[:8])}
}

// step is the length of every piece but the last, which has the rest.
func (s partSet) step() int { return (s.total + s.count - 1) / s.count }

// span is where a piece lies in the whole; indices count from 0 here.
func (s partSet) span(index int) (from, to int) {
	return index * s.step(), min((index+1)*s.step(), s.total)
}

// Parts returns the texts that show a code in QR codes of a version, 1 to 40,
// at error correction level M: one, the code itself, if it fits, else as few
// parts as do, which an Assembly puts together again. They are links where base
// is not empty, as of Link.
//
// Show parts in turn, each for at least 500 ms, again and again: qrimage.GIF
// does. A single code is read faster; choose the highest version that the
// reader's camera bears.
//
// It fails with ErrParts if four parts do not fit, or if there is no such
// version, with ErrLink for an unusable base and ErrText for the zero Code. A
// base with seven or more digits in a row can take encoders one version higher,
// and qrimage takes version 27 where 26 would do.
func (c Code) Parts(version int, base string) ([]string, error) {
	if base != "" {
		if err := checkBase(base); err != nil {
			return nil, err
		}
	}
	room := capacity(version, len(base)+markLen)
	switch {
	case c.kind == 0:
		return nil, &Error{Code: ErrText, Why: "no code"}
	case digits.EncodedLen(len(c.bytes)) <= room:
		return []string{base + c.Text()}, nil
	}
	for count := 2; count <= MaxParts; count++ {
		if s := setOf(c, count); digits.EncodedLen(partHead+s.step()) <= room {
			return c.cut(s, base), nil
		}
	}
	return nil, &Error{Code: ErrParts, Kind: c.kind, Why: fmt.Sprintf("%d bytes, QR version %d", len(c.bytes), version)}
}

func (c Code) cut(s partSet, base string) []string {
	texts := make([]string, s.count)
	for i := range texts {
		from, to := s.span(i)
		b := []byte{byte(s.kind), byte((i+1)<<4 | s.count), byte(s.total >> 8), byte(s.total)}
		b = append(append(b, s.id[:]...), c.bytes[from:to]...)
		texts[i] = base + string(Code{partMark, b}.appendText(nil))
	}
	return texts
}

// dataCodewords is the capacity of a QR code of a version at level M, ISO/IEC
// 18004, table 7.
var dataCodewords = [...]int{
	1: 16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627, 669,
	714, 782, 860, 914, 1000, 1062, 1128, 1193, 1267, 1373, 1455, 1541, 1631, 1725, 1812, 1914, 1992, 2102, 2216, 2334,
}

// capacity is how many digits a QR code of a version at level M has room for in
// a numeric segment behind an alphanumeric one of so many characters, 0 for no
// such version.
func capacity(version, front int) int {
	if version < 1 || version >= len(dataCodewords) {
		return 0
	}
	heads := 4 + 9 + 4 + 10 // mode and count of each segment, ISO/IEC 18004, table 3
	switch {
	case version > 26:
		heads += 4 + 4
	case version > 9:
		heads += 2 + 2
	}
	bits := 8*dataCodewords[version] - heads - front/2*11 - front%2*6
	if bits < 0 {
		return 0
	}
	return bits/10*3 + [10]int{4: 1, 1, 1, 2, 2, 2}[bits%10]
}

// codePart is one part as it was read.
type codePart struct {
	set   partSet
	index int // from 0
	piece []byte
}

// parsePart reads the digits of a part.
func parsePart(text string) (codePart, error) {
	n, err := digits.DecodedLen(len(text))
	switch {
	case err != nil || n == 0:
		return codePart{}, &Error{Code: ErrDigits, Kind: partMark, Err: err}
	case n > maxPart:
		return codePart{}, &Error{Code: ErrTooLarge, Kind: partMark}
	}
	b, err := digits.AppendDecode(make([]byte, 0, n), text)
	if err != nil {
		return codePart{}, &Error{Code: ErrDigits, Kind: partMark, Err: err}
	}
	if n <= partHead {
		return codePart{}, badPart("no piece")
	}
	p := codePart{
		set:   partSet{Kind(b[0]), int(b[1] & 15), int(b[2])<<8 | int(b[3]), [8]byte(b[4:partHead])},
		index: int(b[1]>>4) - 1, piece: b[partHead:],
	}
	return p, p.validate()
}

// validate holds the rules of a part by itself.
func (p codePart) validate() error {
	switch s := p.set; {
	case s.kind.newPayload() == nil:
		return &Error{Code: ErrKind, Kind: s.kind, Why: "of the whole"}
	case s.count < 2 || s.count > MaxParts:
		return badPart(fmt.Sprintf("one of %d", s.count))
	case p.index < 0 || p.index >= s.count:
		return badPart(fmt.Sprintf("number %d of %d", p.index+1, s.count))
	case s.total > MaxBytes:
		return &Error{Code: ErrTooLarge, Kind: s.kind, Why: "the whole"}
	case s.total <= (s.count-1)*s.step():
		return badPart("a whole with nothing for the last part")
	}
	if from, to := p.set.span(p.index); len(p.piece) != to-from {
		return badPart(fmt.Sprintf("a piece of %d bytes, not %d", len(p.piece), to-from))
	}
	return nil
}

func badPart(why string) error { return &Error{Code: ErrBadPart, Kind: partMark, Why: why} }
