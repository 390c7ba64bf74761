// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// onePart is a part of a whole, field by field, so that each can be wrong.
type onePart struct {
	kind                byte
	index, count, total int
	set, piece          octetsHex
}

func (p onePart) bytes() octetsHex {
	return slices.Concat([]byte{p.kind, byte(p.index<<4 | p.count), byte(p.total >> 8), byte(p.total)}, p.set, p.piece)
}

func (p onePart) text() string { return "QP1/" + digits(p.bytes()) }

// setName is the name of the set of a whole.
func setName(kind byte, whole []byte) octetsHex {
	h := sha256.Sum256([]byte("Q" + string(kind) + "1/" + digits(whole)))
	return h[:8]
}

func cutUp(kind byte, whole []byte, count int) []onePart {
	var parts []onePart
	for piece := range slices.Chunk(whole, (len(whole)+count-1)/count) {
		parts = append(parts, onePart{kind, len(parts) + 1, count, len(whole), setName(kind, whole), piece})
	}
	return parts
}

func (d draft) cut(count int) []onePart { return cutUp(d.kind[0], d.envelope(), count) }

func textsOf(parts []onePart) []string {
	var texts []string
	for _, p := range parts {
		texts = append(texts, p.text())
	}
	return texts
}

// A partSet is a code in parts that every reader must put together.
type partSet struct {
	name, comment  string
	version, count int // QR version that the parts keep to, and how many they are
	base           string
	draft
}

type partSetJSON struct {
	Comment   string     `json:"comment"`
	Kind      string     `json:"kind"`
	QRVersion int        `json:"qr_version"`
	Base      string     `json:"base"`
	Envelope  octetsHex  `json:"envelope"`
	Text      string     `json:"text"`
	Set       octetsHex  `json:"set"`
	Parts     []partJSON `json:"parts"`
}

type partJSON struct {
	Bytes octetsHex `json:"bytes"`
	Text  string    `json:"text"`
}

func (s partSet) vector() any {
	v := partSetJSON{Comment: s.comment, Kind: s.kind, QRVersion: s.version, Base: s.base, Envelope: s.envelope(), Text: s.text()}
	for _, p := range s.cut(s.count) {
		v.Set = p.set
		v.Parts = append(v.Parts, partJSON{p.bytes(), s.base + p.text()})
	}
	return v
}

func (s partSet) check() error {
	if _, err := qrproto.Open(s.text(), trust(s.keys)); err != nil {
		return err
	}
	code, err := qrproto.ParseCode(s.text())
	if err != nil {
		return err
	}
	var texts []string
	for _, p := range s.cut(s.count) {
		texts = append(texts, s.base+p.text())
	}
	if got, err := code.Parts(s.version, s.base); err != nil || !slices.Equal(got, texts) {
		return fmt.Errorf("qrproto cuts %q (%w)", got, err)
	}
	return assembles(texts, s.text())
}

// assembles holds that texts make up a whole, without an error on the way.
func assembles(texts []string, whole string) error {
	var a qrproto.Assembly
	var p qrproto.Progress
	for _, text := range texts {
		var err error
		if p, err = a.Add(text); err != nil {
			return err
		}
	}
	if p.Code.Text() != whole {
		return fmt.Errorf("qrproto has %d of %d parts", p.Have, p.Count)
	}
	return nil
}

func partSets() []partSet {
	largest := newDraft("I", minimal("I").with(13, full("I").get(13)).with(16, list{repeat(1, 256), repeat(2, 256), repeat(3, 256), repeat(4, 113)}))
	order, receipt := newDraft("O", full("O")), newDraft("R", full("R"))
	return []partSet{
		{"order-in-2", "a start order in 2 parts", 8, 2, "", order},
		{"order-in-3", "the same in 3", 6, 3, "", order},
		{"order-in-4", "the same in 4", 5, 4, "", order},
		{"order-in-2-linked", "links behind a base", 9, 2, linkBase, order},
		{"settlement-in-2", "a settlement in 2 parts", 8, 2, linkBase, newDraft("S", minimal("S"))},
		{"receipt-in-2", "a receipt in 2 parts", 7, 2, "", receipt},
		{"identity-1024-bytes-in-2", "the largest code, in the largest parts", 18, 2, "", largest},
		{"identity-1024-bytes-in-3", "a last part that is shorter by 2", 14, 3, "", largest},
		{"identity-1024-bytes-in-4", "the largest code, in the most parts", 13, 4, linkBase, largest},
		{"trust-in-2", "a snapshot of one key in 2 parts", 6, 2, "", newDraft("T", snapshot(41, 40, delegate(seller().key)))},
		{"trust-1024-bytes-in-4", "a snapshot of sixteen keys in the most parts", 12, 4, "", newDraft("T", snapshot(42, 0, sixteen()...))},
	}
}

// badParts is a sequence of texts of which a reader takes all but the last.
type badParts struct {
	code          qrproto.ErrorCode
	name, comment string
	texts, sound  []string
	whole         string // that sound makes up
}

type badPartsJSON struct {
	Comment   string   `json:"comment"`
	Error     int      `json:"error"`
	ErrorName string   `json:"error_name"`
	Texts     []string `json:"texts"`
	Sound     []string `json:"sound"`
	Whole     string   `json:"whole"`
}

func (b badParts) vector() any {
	return badPartsJSON{b.comment, int(b.code), errorName(b.code), b.texts, b.sound, b.whole}
}

func (b badParts) check() error {
	var a qrproto.Assembly
	for i, text := range b.texts {
		p, err := a.Add(text)
		if i+1 < len(b.texts) {
			if err != nil || p.Code.Kind() != 0 {
				return fmt.Errorf("text %d: %+v, %w", i, p, err)
			}
			continue
		}
		if err := mustRefuse(err, b.code); err != nil {
			return err
		}
	}
	return assembles(b.sound, b.whole)
}
