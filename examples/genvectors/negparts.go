// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// badPartSets are those of one part by itself, and those of several.
func badPartSets() []badParts {
	return slices.Concat(badHeads(), badPartOrders())
}

// badHeads are refused whatever came before. Each stands behind the sound first
// part of its set.
func badHeads() []badParts {
	order := newDraft("O", full("O"))
	parts := order.cut(2)
	var all []badParts
	add := func(code qrproto.ErrorCode, name, comment string, change func(*onePart)) {
		p := parts[1]
		p.piece = slices.Clone(p.piece)
		change(&p)
		all = append(all, badParts{code, name, comment, []string{parts[0].text(), p.text()}, textsOf(parts), order.text()})
	}
	add(qrproto.ErrBadPart, "index-0", "part 0 of 2; parts count from 1", func(p *onePart) { p.index = 0 })
	add(qrproto.ErrBadPart, "index-3-of-2", "part 3 of 2", func(p *onePart) { p.index = 3 })
	add(qrproto.ErrBadPart, "count-0", "part 2 of 0", func(p *onePart) { p.count = 0 })
	add(qrproto.ErrBadPart, "count-1", "part 1 of 1, with all bytes of the whole; that is no part", func(p *onePart) {
		p.index, p.count, p.piece = 1, 1, order.envelope()
	})
	add(qrproto.ErrBadPart, "count-5", "part 2 of 5; the most are 4", func(p *onePart) {
		p.count, p.piece = 5, p.piece[:(p.total+4)/5]
	})
	add(qrproto.ErrBadPart, "head-only", "a head without a piece", func(p *onePart) { p.piece = nil })
	add(qrproto.ErrBadPart, "head-cut", "a head of 11 bytes", func(p *onePart) { p.set, p.piece = p.set[:7], nil })
	add(qrproto.ErrBadPart, "piece-short", "the piece is a byte shorter than total and count say", func(p *onePart) { p.piece = p.piece[1:] })
	add(qrproto.ErrBadPart, "piece-long", "the piece is a byte longer than total and count say", func(p *onePart) { p.piece = append(p.piece, 0) })
	add(qrproto.ErrBadPart, "total-0", "a whole of 0 bytes", func(p *onePart) { p.total = 0 })
	add(qrproto.ErrBadPart, "nothing-for-the-last", "5 bytes in 4 parts of 2: nothing is left for part 4", func(p *onePart) {
		p.index, p.count, p.total, p.piece = 3, 4, 5, p.piece[:1]
	})
	add(qrproto.ErrTooLarge, "total-1025", "a whole of 1025 bytes; the limit is 1024", func(p *onePart) {
		p.total, p.piece = 1025, slices.Repeat([]byte{7}, 512)
	})
	add(qrproto.ErrTooLarge, "part-525-bytes", "a part of 525 bytes; half of the largest whole and a head are 524", func(p *onePart) {
		p.total, p.piece = 1024, slices.Repeat([]byte{7}, 513)
	})
	add(qrproto.ErrKind, "no-such-kind", "a part of a kind A", func(p *onePart) { p.kind = 'A' })
	add(qrproto.ErrKind, "part-of-a-part", "parts are not cut again", func(p *onePart) { p.kind = 'P' })
	add(qrproto.ErrForeignPart, "other-set", "the set has another name", func(p *onePart) { p.set = setName('O', nil) })
	add(qrproto.ErrForeignPart, "other-kind", "the whole is of another kind", func(p *onePart) { p.kind = 'R' })
	add(qrproto.ErrPartConflict, "bit-in-piece", "one bit of the piece is flipped: the whole is not the one that the set names", func(p *onePart) {
		p.piece[10] ^= 1
	})
	return append(all, badPartTexts(order, parts)...)
}

// badPartTexts are damaged before they are bytes.
func badPartTexts(order draft, parts []onePart) []badParts {
	text := parts[1].text()
	var all []badParts
	add := func(code qrproto.ErrorCode, name, comment, faulty string) {
		all = append(all, badParts{code, name, comment, []string{parts[0].text(), faulty}, textsOf(parts), order.text()})
	}
	add(qrproto.ErrDigits, "none", "no digits behind the mark", "QP1/")
	add(qrproto.ErrDigits, "one-missing", "the last digit is missing", text[:len(text)-1])
	add(qrproto.ErrDigits, "letter", "a letter among the digits", text[:30]+"O"+text[31:])
	add(qrproto.ErrVersion, "2", "a part of version 2 of the wire", "QP2/"+text[4:])
	add(qrproto.ErrText, "small-p", "the mark has a small letter", "Qp1/"+text[4:])
	return all
}

// badPartOrders are of parts that are sound by themselves.
func badPartOrders() []badParts {
	order := newDraft("O", full("O"))
	two, three := order.cut(2), order.cut(3)
	receipt := newDraft("R", full("R")).cut(3)
	forged := three[1]
	forged.piece = slices.Clone(forged.piece)
	forged.piece[0] ^= 1
	junk := cutUp('O', slices.Repeat([]byte{7}, 200), 2)
	one := func(code qrproto.ErrorCode, name, comment string, texts ...string) badParts {
		return badParts{code, name, comment, texts, textsOf(three), order.text()}
	}
	return []badParts{
		one(qrproto.ErrForeignPart, "other-code", "a part of a receipt among those of an order",
			three[0].text(), three[1].text(), receipt[2].text()),
		one(qrproto.ErrForeignPart, "cut-otherwise", "the same order cut in 2, among its parts of 3",
			three[0].text(), two[1].text()),
		one(qrproto.ErrPartConflict, "two-in-one-place", "two different parts have one place",
			three[0].text(), three[1].text(), forged.text()),
		one(qrproto.ErrPartConflict, "first-in-one-place", "the same, the false one first",
			forged.text(), three[0].text(), three[1].text()),
		one(qrproto.ErrPartConflict, "not-the-whole", "no place has two parts, and the whole is not the one that the set names",
			three[0].text(), forged.text(), three[2].text()),
		one(qrproto.ErrEnvelope, "no-envelope", "parts that make up what their set names, which is no COSE_Sign1",
			junk[0].text(), junk[1].text()),
	}
}
