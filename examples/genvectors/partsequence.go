// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A sequence is what a camera reads, text by text, and what a reader has of it
// after each. One refusal does not end it.
type sequence struct {
	name, comment string
	steps         []sequenceStep
}

type sequenceStep struct {
	Comment   string `json:"comment"`
	Text      string `json:"text"`
	Error     int    `json:"error"`
	ErrorName string `json:"error_name"`
	Have      int    `json:"have"`  // parts of the set under way
	Count     int    `json:"count"` // of which it consists, 0 where there is none
	Whole     string `json:"whole"` // that is there, or has been read; empty beside an error
}

type sequenceJSON struct {
	Comment string         `json:"comment"`
	Steps   []sequenceStep `json:"steps"`
}

func (s sequence) vector() any { return sequenceJSON{s.comment, s.steps} }

func (s sequence) check() error {
	var a qrproto.Assembly
	for i, step := range s.steps {
		p, err := a.Add(step.Text)
		if code := int(qrproto.CodeOf(err)); code != step.Error || p.Code.Text() != step.Whole {
			return fmt.Errorf("step %d: want %d and %q, have %q, %w", i+1, step.Error, step.Whole, p.Code.Text(), err)
		}
		if step.Text != step.Whole && (p.Have != step.Have || p.Count != step.Count) {
			return fmt.Errorf("step %d: want %d of %d, have %d of %d", i+1, step.Have, step.Count, p.Have, p.Count)
		}
	}
	return nil
}

// A shownCode is a code with its parts, to write sequences in few words.
type shownCode struct {
	whole string
	parts []onePart
}

func showIn(d draft, count int) shownCode { return shownCode{d.text(), d.cut(count)} }

// forged is a part with another piece.
func (c shownCode) forged(n int) string {
	p := c.parts[n-1]
	p.piece = slices.Clone(p.piece)
	p.piece[0] ^= 1
	return p.text()
}

// takes is a step after which the reader has so many parts of this code.
func (c shownCode) takes(comment string, n, have int) sequenceStep {
	return c.left(comment, c.parts[n-1].text(), 0, have)
}

// left is a step after which the reader has so many parts of this code, whatever
// was shown.
func (c shownCode) left(comment, text string, code qrproto.ErrorCode, have int) sequenceStep {
	s := sequenceStep{comment, text, int(code), errorName(code), have, len(c.parts), ""}
	if have == len(c.parts) && code == 0 {
		s.Whole = c.whole
	}
	return s
}

// nothing is a step after which the reader has no part of any code.
func nothing(comment, text string, code qrproto.ErrorCode) sequenceStep {
	return sequenceStep{Comment: comment, Text: text, Error: int(code), ErrorName: errorName(code)}
}

// through is a whole code: it is taken as it is, and the set under way stays.
func (c shownCode) through(comment string, whole draft, have int) sequenceStep {
	return sequenceStep{Comment: comment, Text: whole.text(), Have: have, Count: len(c.parts), Whole: whole.text()}
}

const foreign = qrproto.ErrForeignPart

// sequences are of an order in 3 parts, a receipt in 3 and in 2, and a settlement.
func sequences() []sequence {
	order, receipt, third := newDraft("O", full("O")), newDraft("R", full("R")), newDraft("S", full("S"))
	a, b, d := showIn(order, 3), showIn(receipt, 3), showIn(third, 2)
	text := func(c shownCode, n int) string { return c.parts[n-1].text() }
	begin := a.takes("the first part of an order", 1, 1)
	all := []sequence{
		{"stray", "one part of another code costs nothing", []sequenceStep{
			begin, a.left("a part of a receipt", text(b, 2), foreign, 1), a.takes("the order goes on", 2, 2), a.takes("whole", 3, 3)}},
		{"display-changes", "two parts of another code, under two numbers, and nothing between: the display has changed", []sequenceStep{
			begin, a.left("a part of a receipt", text(b, 1), foreign, 1), b.takes("another part of it", 2, 2), b.takes("whole", 3, 3)}},
		{"display-changes-backwards", "the numbers need not ascend", []sequenceStep{
			begin, a.left("the last part of a receipt", text(b, 3), foreign, 1), b.takes("the one before", 2, 2), b.takes("whole", 1, 3)}},
		{"stray-twice", "the same part of another code again and again is no change of the display", []sequenceStep{
			begin, a.left("a part of a receipt", text(b, 1), foreign, 1), a.left("the same part", text(b, 1), foreign, 1),
			a.takes("the order goes on", 2, 2), a.left("the same part of the receipt", text(b, 1), foreign, 2), a.takes("whole", 3, 3)}},
		{"own-part-between", "a part of the set under way between two of another code: the display is still there", []sequenceStep{
			begin, a.left("a part of a receipt", text(b, 1), foreign, 1), a.takes("the part that is already there", 1, 1),
			a.left("another part of the receipt", text(b, 2), foreign, 1), a.takes("a new part", 2, 2),
			a.left("the third part of the receipt", text(b, 3), foreign, 2), a.takes("whole", 3, 3)}},
		{"third-between", "a part of a third code between two of another one", []sequenceStep{
			begin, a.left("a part of a receipt", text(b, 1), foreign, 1), a.left("a part of a settlement", text(d, 1), foreign, 1),
			a.left("another part of the receipt", text(b, 2), foreign, 1), b.takes("and another, with nothing between", 3, 2), b.takes("whole", 1, 3)}},
		{"cut-otherwise", "the same code cut in 2 is another set", []sequenceStep{
			begin, a.left("of 2", text(showIn(order, 2), 1), foreign, 1), showIn(order, 2).takes("the other of 2", 2, 2)}},
		{"next-code", "a reader that has a whole begins anew with the first part of another code", []sequenceStep{
			begin, a.takes("the second", 2, 2), a.takes("whole", 3, 3), a.takes("a part of it again", 1, 3), b.takes("a part of a receipt", 2, 1),
			b.left("a part of the order, which is another code now", text(a, 1), foreign, 1), b.takes("the receipt goes on", 1, 2), b.takes("whole", 3, 3)}},
	}
	return append(all, conflicts(a, b)...)
}

// conflicts are after which nothing is held, or after which all is.
func conflicts(a, b shownCode) []sequence {
	const conflict = qrproto.ErrPartConflict
	begin := a.takes("the first part of an order", 1, 1)
	junk := cutUp('O', slices.Repeat([]byte{7}, 200), 2)
	bad, order := a.parts[1], newDraft("O", full("O"))
	bad.index = 0
	anew := func(steps ...sequenceStep) []sequenceStep {
		return append(steps, a.takes("the reader begins anew", 3, 1), a.takes("a part", 1, 2), a.takes("whole", 2, 3))
	}
	return []sequence{
		{"two-in-one-place", "of two different parts in one place the set is discarded, and both with it", anew(
			begin, a.takes("the second part", 2, 2), nothing("another second part", a.forged(2), conflict))},
		{"false-whole", "no place has two parts, but they do not make up what they name", anew(
			begin, a.left("a false second part", a.forged(2), 0, 2), nothing("the third part", a.parts[2].text(), conflict))},
		{"whole-contradicted", "a false part behind a whole discards it", anew(
			begin, a.takes("the second", 2, 2), a.takes("whole", 3, 3), nothing("another second part", a.forged(2), conflict))},
		{"no-envelope", "what parts make up is no envelope", anew(
			sequenceStep{Comment: "a part of what is no code", Text: junk[0].text(), Have: 1, Count: 2},
			nothing("the other part", junk[1].text(), qrproto.ErrEnvelope))},
		{"conflict-forgets-the-other", "nor is a part of another code left after a conflict", []sequenceStep{
			begin, a.left("a part of a receipt", b.parts[0].text(), foreign, 1), nothing("another first part of the order", a.forged(1), conflict),
			b.takes("another part of the receipt", 2, 1)}},
		{"false-other", "a display that changes, with a false part at first", []sequenceStep{
			begin, a.left("a false part of a receipt", b.forged(1), foreign, 1), b.takes("a part of it", 2, 2),
			nothing("the third part: not what they name", b.parts[2].text(), conflict),
			b.takes("the second round", 1, 1), b.takes("a part", 2, 2), b.takes("whole", 3, 3)}},
		{"false-other-corrected", "of another code the newest part counts", []sequenceStep{
			begin, a.left("a false part of a receipt", b.forged(1), foreign, 1), a.left("the right one", b.parts[0].text(), foreign, 1),
			b.takes("another part of it", 2, 2), b.takes("whole", 3, 3)}},
		{"damaged", "a damaged part, or what is none, changes nothing of what is held", []sequenceStep{
			begin, a.left("part 0", bad.text(), qrproto.ErrBadPart, 1), a.left("the mark is cut", a.parts[1].text()[1:], qrproto.ErrText, 1),
			a.left("no digits", "QP1/", qrproto.ErrDigits, 1), a.left("wire 2", "QP2/"+a.parts[1].text()[4:], qrproto.ErrVersion, 1),
			a.left("an address", linkBase, qrproto.ErrText, 1), a.through("a whole code", order, 1), a.takes("a part", 2, 2),
			a.takes("whole", 3, 3), a.left("part 0", bad.text(), qrproto.ErrBadPart, 3), a.takes("a part again", 2, 3)}},
		{"damaged-between", "a damaged part between two of another code is none between them", []sequenceStep{
			begin, a.left("a part of a receipt", b.parts[0].text(), foreign, 1), a.left("part 0", bad.text(), qrproto.ErrBadPart, 1),
			b.takes("another part of the receipt", 3, 2), b.takes("whole", 2, 3)}},
	}
}
