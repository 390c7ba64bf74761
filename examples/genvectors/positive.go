// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ecdh"
	"errors"
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A positive vector is a code that every reader must open.
type positive struct {
	name, comment string
	draft
}

type positiveJSON struct {
	Comment    string    `json:"comment"`
	Kind       string    `json:"kind"`
	Signer     signer    `json:"signer"`
	Keys       []key     `json:"keys"`
	Fields     members   `json:"fields"`
	Diagnostic string    `json:"diagnostic"`
	Payload    octetsHex `json:"payload_cbor"`
	Message    octetsHex `json:"to_be_signed"`
	Envelope   octetsHex `json:"envelope"`
	Sum        octetsHex `json:"sum"`
	Text       string    `json:"text"`
	Base       string    `json:"base"`
	Link       string    `json:"link"`
}

func (p positive) vector() any {
	payload := p.payload.(object)
	return positiveJSON{
		Comment: p.comment, Kind: p.kind, Signer: p.by, Keys: p.keys,
		Fields: fields(p.kind, p.by.Number, payload), Diagnostic: payload.diagnostic(),
		Payload: payload.bytes(), Message: p.message(), Envelope: p.envelope(), Sum: p.sum(),
		Text: p.text(), Base: linkBase, Link: linkBase + p.text(),
	}
}

// check holds what this program wrote against what qrproto reads and writes.
func (p positive) check() error {
	o, err := qrproto.Open(p.text(), trust(p.keys))
	if err != nil {
		return err
	}
	if !bytes.Equal(o.Sum[:], p.sum()) {
		return fmt.Errorf("qrproto sums %v", o.Sum)
	}
	private, err := p.by.private()
	if err != nil {
		return err
	}
	code, err := qrproto.Seal(o.Payload, qrproto.Signer{ID: qrproto.KeyID(p.by.ID), Key: private})
	if err != nil {
		return err
	}
	link, err := code.Link(linkBase)
	if err != nil {
		return err
	}
	if !bytes.Equal(code.Bytes(), p.envelope()) || code.Text() != p.text() || link != linkBase+p.text() {
		return fmt.Errorf("qrproto seals %x", code.Bytes())
	}
	return nil
}

// trust is the keys of a vector as qrproto takes them.
func trust(keys []key) qrproto.KeyList {
	var l qrproto.KeyList
	for _, k := range keys {
		out := qrproto.Key{ID: qrproto.KeyID(k.ID), Public: k.public(), Number: k.Number}
		if public, err := ecdh.X25519().NewPublicKey(k.Agreement); err == nil {
			out.Agreement = public
		}
		for _, letter := range []byte(k.Kinds) {
			out.Kinds = append(out.Kinds, qrproto.Kind(letter))
		}
		l = append(l, out)
	}
	return l
}

func word(kind string) string {
	return map[string]string{
		"I": "identity", "O": "order", "S": "settlement", "R": "receipt", "X": "stop", "T": "trust", "V": "voucher",
	}[kind]
}

func positives() []positive {
	var all []positive
	for _, kind := range kinds() {
		add := func(name, comment string, payload object) {
			all = append(all, positive{word(kind) + "-" + name, comment, newDraft(kind, payload)})
		}
		add("minimal", "only the required fields", minimal(kind))
		add("full", "every field", full(kind))
		switch kind {
		case "I":
			identities(add)
		case "O":
			orders(add)
			orderEnums(add)
			stickers(add)
		case "S":
			settlements(add)
		case "R":
			receipts(add)
		case "X":
			stops(add)
		case "T":
			snapshots(add)
		case "V":
			vouchers(add)
		}
	}
	return append(append(all, signers()...), byP256()...)
}

// adder takes a name, a comment and a payload.
type adder func(name, comment string, payload object)

func extensions() object {
	return object{
		{1, octets{}}, {2, octets("a")}, {23, repeat(1, 23)}, {24, repeat(2, 24)}, {255, repeat(3, 63)}, {256, repeat(4, 64)},
		{32766, repeat(5, 64)}, {32767, repeat(6, 64)},
	}
}

func identities(add adder) {
	// Between them they have each state, clock, health and alarm.
	base := full("I").without(0).without(16)
	record := octets(plainSettlement().bytes())
	add("usual", "as a device shows it between two customers", base)
	add("no-place", "a device that does not say where it stands", base.without(3).with(2, number(0)))
	add("place-utf8", "a place in Chinese", base.with(2, number(2)).with(3, words("地下二层充电桩07")).with(7, number(1)))
	add("one-record", "carries one settlement", base.with(2, number(3)).with(11, number(2)).with(16, list{record}))
	add("four-records", "carries four settlements, the most", minimal("I").with(13, base.get(13)).with(16, list{record, record, record, record}))
	add("record-256-bytes", "a carried record is opaque to this kind, of up to 256 bytes", base.with(2, number(4)).with(7, number(3)).with(16, list{repeat(0xee, 256)}))
	add("record-1-byte", "a carried record of the least size", base.with(2, number(5)).with(12, number(1<<2|1<<3|1<<5)).with(16, list{octets{0}}))
	add("1024-bytes", "the largest code: an envelope of 1024 bytes",
		minimal("I").with(13, base.get(13)).with(16, list{repeat(1, 256), repeat(2, 256), repeat(3, 256), repeat(4, 113)}))
	add("highest", "each field at the upper end of its range", object{
		{1, number(255)}, {2, number(5)}, {3, words(strings.Repeat("桩", 10) + "07")}, {4, list{number(maxUint32), repeat(0xff, 8)}},
		{5, number(maxUint32)}, {6, number(maxUnix)}, {7, number(3)}, {8, number(maxUint32)}, {9, number(255)},
		{10, repeat(0xff, 32)}, {11, number(3)}, {12, number(511)}, {13, list{number(maxUint32), repeat(0xff, 8), number(maxQuantity)}},
		{14, repeat(0xff, 64)}, {15, number(maxUint32 - 1)},
	})
	add("head-lowest", "the first settlement, of nothing", minimal("I").with(13, list{number(1), repeat(0, 8), number(0)}))
	add("open-second-only", "an order runs on connector 2 and none on connector 1", base.with(14, octets(unhex("00000000d1d2d3d4"))))
	add("alarm-moved", "several alarms at once", base.with(12, number(1<<6|1<<7|1<<8)))
}

func orders(add adder) {
	base := full("O").without(0)
	embedded := octets(fourRates().bytes())
	add("usual", "a tariff of four rates embedded", base.without(15).without(16))
	add("by-hash", "the same with the tariff by its hash", byHash(base.without(15).without(16)))
	add("occupancy", "a tariff of four rates with an occupancy fee embedded", base.without(15).without(16).with(8, octets(occupancies()[0].body.bytes())))
	add("general", "a tariff of the general form embedded, and facts that it asks for", base.without(16).with(8, octets(generals()[0].body.bytes())))
	add("minimal-embedded", "only the required fields, tariff embedded", minimal("O").without(9).with(8, embedded))
	add("tariff-512-bytes", "Open leaves a tariff as bytes, up to 512 of them", minimal("O").without(9).with(8, repeat(0, 512)))
	add("tariff-1-byte", "and as few as one", minimal("O").without(9).with(8, octets{0}))
	add("lowest", "each field at the lower end of its range", minimal("O").with(2, octets{0}).with(5, number(1)).with(7, number(1)).
		with(6, number(1)).with(10, numbers(-64800)).with(11, number(1)).with(12, numbers(1, 1)).with(13, numbers(0, 0, 0, 1)).
		with(15, object{{1, number(1)}}).with(16, number(1)).with(17, number(1)).with(18, list{number(1), repeat(0, 8)}))
	add("highest", "each field at the upper end of its range", object{
		{1, repeat(0xff, 8)}, {2, repeat(0xff, 7)}, {3, number(255)}, {4, list{number(maxUint32), repeat(0xff, 8)}},
		{5, number(maxUnix)}, {6, number(480)}, {7, number(180)}, {9, repeat(0xff, 16)},
		{10, numbers(64800, maxUnix-1, -64800, maxUnix, 64800)}, {11, number(6)}, {12, numbers(3, maxQuantity)},
		{13, numbers(maxQuantity, maxQuantity, maxDuration, maxQuantity)}, {14, number(6)},
		{15, object{{1, number(maxDuration)}, {2, number(1)}, {3, number(maxTier)}, {4, number(maxTier)}, {5, number(maxTier)}}}, {16, number(65535)}, {17, number(maxUint32)}, {18, list{number(maxUint32), repeat(0xff, 8)}},
	})
	add("offsets-1", "UTC+5:45 throughout", minimal("O").with(10, numbers(20700)))
	add("offsets-3", "summer time ends", minimal("O").with(10, numbers(7200, 1795348861, 3600)))
	add("offsets-5", "summer time begins and ends, the offset is UTC in between", minimal("O").with(10, numbers(-3600, 1795348861, 0, 1795359999, -3600)))
	add("charger-1-byte", "a device's number of one byte", minimal("O").with(2, octets{7}))
}

func orderEnums(add adder) {
	for kind := range int64(4) {
		value := int64(1000)
		if kind == 3 {
			value = maxDuration
		}
		limits := make([]int64, 4)
		limits[kind] = 5000
		add(fmt.Sprintf("target-%d", kind+1), fmt.Sprintf("target of kind %d, and one limit alone", kind+1),
			minimal("O").with(12, numbers(kind+1, value)).with(13, numbers(limits...)).with(14, number(kind+1)))
	}
	add("funding-5", "paid by somebody else", minimal("O").with(14, number(5)))
	add("funding-6", "collected under a mandate", minimal("O").with(14, number(6)))
	add("facts-expired", "a reservation that ran out unused", minimal("O").with(15, object{{2, number(1)}}))
	add("facts-energy", "energy that was drawn under the same tiers before, as of a month", minimal("O").with(15, object{{3, number(1)}}))
	add("facts-time", "time that was charged under the same tiers before", minimal("O").with(15, object{{4, number(3600)}}))
	add("facts-volume", "volume that was drawn under the same tiers before", minimal("O").with(15, object{{5, number(250_000)}}))
}

func settlements(add adder) {
	// Between them they have each reason.
	base := plainSettlement()
	add("usual", "four rates in four cells", base)
	add("occupancy", "four rates and an occupancy fee in steps, capped for each local day: two cells stand behind the components",
		base.with(11, numbers(0, 7_000_000, 2, 8_000_000, 8, 5_000, 9, 360_000_000, 10, 1_440_000_000)).with(12, numbers(8)).with(16, number(3)))
	add("flats", "a flat fee alone, which has no cell", base.without(11).with(13, numbers(0)).with(10, number(0)).with(16, number(1)))
	add("zero", "an order that was accepted and never used", base.without(11).with(7, number(0)).with(10, number(0)).
		with(14, number(0)).with(16, number(7)).with(17, number(412_345_678_901)))
	add("negative", "a price below zero", base.with(11, numbers(0, 7_000_000)).with(14, number(-3512)).with(16, number(1)))
	add("marks", "three marks: offset in s, register less start, cause", base.with(16, number(3)).with(18, numbers(0, 0, 0, 0, 0, 255, 9876, 30_000_123, 3)))
	add("evidence", "with the hash of the meter's own record", base.with(16, number(6)).with(19, repeat(4, 16)))
	add("first-of-more", "the first of its chain, with a total above what it delivered: it opens, and contradicts its chain",
		base.with(2, number(1)).with(3, repeat(0, 16)).with(16, number(1)))
	add("waived", "more was delivered than may be charged", base.with(15, number(25)).with(16, number(5)))
	cells, marks := make([]int64, 64), make([]int64, 48)
	for i := range int64(32) {
		cells[2*i], cells[2*i+1] = i, 1
	}
	for i := range int64(16) {
		marks[3*i], marks[3*i+1], marks[3*i+2] = i*i, i, i%4
	}
	add("cells-32", "32 cells, the most", base.with(11, numbers(cells...)).with(16, number(2)))
	add("marks-16", "16 marks, the most; equal offsets may follow each other", base.with(16, number(8)).with(18, numbers(marks...)))
	add("groups", "last components of 16 groups and 16 flats, the most of both",
		base.with(12, numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 65535)).with(13, numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 65535)).with(16, number(9)))
	add("highest", "each field at the upper end of its range", object{
		{1, number(255)}, {2, number(maxUint32)}, {3, repeat(0xff, 16)}, {4, repeat(0xff, 16)}, {5, number(maxUint32)},
		{6, number(maxUnix)}, {7, number(maxDuration)}, {8, number(65535)}, {9, number(maxQuantity)}, {10, number(maxQuantity)},
		{11, numbers(0, 1, 65535, maxQuantity)}, {12, numbers(65535)}, {13, numbers(65535)},
		{14, number(maxQuantity)}, {15, number(maxQuantity)}, {16, number(10)}, {17, number(maxQuantity)},
		{18, numbers(maxDuration, maxQuantity, 255)}, {19, repeat(0xff, 16)},
	})
	add("lowest", "the smallest amount; the rest as small as it can be", minimal("S").with(4, repeat(0, 16)).with(6, number(1)).with(14, number(-maxQuantity)))
}

func receipts(add adder) {
	add("usual", "without refund and extension", full("R").without(0).without(3))
	add("extensions", "the most that an extension map holds: 8, of 0 to 64 bytes, none critical", minimal("R").with(0, extensions()))
	add("refund", "nothing kept of what was prepaid", minimal("R").with(3, number(10000)))
	add("negative", "money paid out for a price below zero", minimal("R").with(2, number(-3512)))
	add("highest", "each field at the upper end of its range", object{
		{1, repeat(0xff, 16)}, {2, number(maxQuantity)}, {3, number(maxQuantity)}, {4, number(maxUnix)},
		{5, list{number(maxUint32), repeat(0xff, 8)}}, {6, repeat(0xff, 12)},
	})
	add("lowest", "each field at the lower end of its range", minimal("R").with(1, repeat(0, 16)).with(2, number(-maxQuantity)).
		with(3, number(1)).with(4, number(1)).with(5, list{number(1), repeat(0, 8)}).with(6, repeat(0, 12)))
}

// signers are codes by keys whose ids have other lengths.
func signers() []positive {
	short := newDevice(3, []byte{7}, 0)
	again := newDevice(4, deviceNumber(), 2)
	one := newSigner(5, []byte{0}, nil, "O")
	long := newSigner(6, []byte("issuer-8"), nil, "R")
	return []positive{
		{"identity-number-1-byte", "a device's number of one byte, its key id of two", newDraft("I", minimal("I")).signedBy(short)},
		{"settlement-second-key", "the same device after its key was replaced", newDraft("S", minimal("S")).signedBy(again)},
		{"order-kid-1-byte", "an issuer's key id of one byte", newDraft("O", minimal("O")).signedBy(one)},
		{"receipt-kid-8-bytes", "an issuer's key id of eight bytes", newDraft("R", minimal("R")).signedBy(long)},
	}
}

// mustRefuse tells what is wrong with how qrproto took a faulty code.
func mustRefuse(err error, code qrproto.ErrorCode) error {
	if !errors.Is(err, code) || qrproto.CodeOf(err) != code {
		return fmt.Errorf("want %v, have: %v", code, err)
	}
	return nil
}
