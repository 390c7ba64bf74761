// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
	"github.com/seed81979277/qrcharge/tariff"
)

const (
	issuerID = qrproto.KeyID("iss1")
	linkBase = "HTTPS://PAY.EXAMPLE.COM/C/A/"
)

func number() []byte { return []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33} }

func testKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func deviceSigner() qrproto.Signer {
	return qrproto.Signer{ID: qrproto.DeviceKeyID(number(), 1), Key: testKey(1)}
}

func issuerSigner() qrproto.Signer { return qrproto.Signer{ID: issuerID, Key: testKey(2)} }

func signerFor(p qrproto.Payload) qrproto.Signer {
	switch {
	case p.Kind() == qrproto.KindTrust:
		return rootSigner()
	case formOf(p.Kind()).device:
		return deviceSigner()
	}
	return issuerSigner()
}

// trusted are keys under the two ids of the fixtures, of any seeds and for any
// kinds.
func trusted(device, issuer byte, deviceKinds, issuerKinds string) qrproto.KeyList {
	return qrproto.KeyList{
		{ID: deviceSigner().ID, Public: testKey(device).Public(), Kinds: kinds(deviceKinds), Number: number()},
		{ID: issuerID, Public: testKey(issuer).Public(), Kinds: kinds(issuerKinds)},
	}
}

func kinds(letters string) (out []qrproto.Kind) {
	for _, l := range []byte(letters) {
		out = append(out, qrproto.Kind(l))
	}
	return out
}

func run16(b byte) (r qrproto.Ref) {
	for i := range r {
		r[i] = b + byte(i)
	}
	return r
}

func identity() *qrproto.Identity {
	return &qrproto.Identity{
		Number: number(), Connector: 2, State: qrproto.StatePreparing, Place: "P2-A07",
		Challenge: qrproto.Challenge{Counter: 4711, Nonce: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}},
		Boot:      1203, Wall: 1795348800, Clock: qrproto.ClockInformative, Epoch: 41, Rules: 1,
		Tariffs: qrproto.Hints{0xa1, 0xa2, 0xa3, 0xa4, 0xb1, 0xb2, 0xb3, 0xb4},
		Health:  qrproto.HealthService, Alarms: qrproto.AlarmTemperature | qrproto.AlarmStorage,
		Head: &qrproto.Head{Seq: 20345, Sum: run16(0x90).Short(), Total: 412_345_678_901},
		Open: qrproto.Hints{0, 0, 0, 0, 0xd1, 0xd2, 0xd3, 0xd4},
		Back: 9,
	}
}

// newborn is an identity with nothing that may be absent.
func newborn() *qrproto.Identity {
	return &qrproto.Identity{
		Number: []byte{7}, Connector: 1, Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1}},
		Boot: 1, Rules: 1,
	}
}

// carrying is an identity with a record in the clear and one that is not.
func carrying(t testing.TB) *qrproto.Identity {
	record, err := qrproto.EncodeRecord(settlement())
	if err != nil {
		t.Fatal(err)
	}
	i := identity()
	i.Records = [][]byte{record, {0xde, 0xad, 0xbe, 0xef}}
	return i
}

func fourRates(t testing.TB) *tariff.Tariff {
	g := tariff.Grid{
		Scale: 5, Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates: []tariff.GridRate{
			{Name: tariff.Sharp, Electricity: 135_468, Service: 40_000},
			{Name: tariff.Peak, Electricity: 112_345, Service: 40_000},
			{Name: tariff.Flat, Electricity: 71_234, Service: 40_000},
			{Name: tariff.Valley, Electricity: 33_321, Service: 35_000},
		},
	}
	for i := range g.Slots {
		switch hour := i / 2; {
		case hour < 7 || hour == 23:
			g.Slots[i] = 3
		case hour == 11 || hour == 19:
			g.Slots[i] = 0
		case hour >= 10 && hour < 15 || hour >= 18 && hour < 21:
			g.Slots[i] = 1
		default:
			g.Slots[i] = 2
		}
	}
	out, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func startOrder(t testing.TB) *qrproto.StartOrder {
	b, err := qrproto.EncodeTariff(fourRates(t))
	if err != nil {
		t.Fatal(err)
	}
	return &qrproto.StartOrder{
		ID:      qrproto.OrderID{0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18},
		Charger: number(), Connector: 2,
		Challenge: qrproto.Challenge{Counter: 4711, Nonce: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}},
		Issued:    1795348860, Held: 58, Window: 180,
		Tariff: b, Offsets: qrproto.MakeOffsets([]tariff.Offset{{Seconds: 28800}}), Scale: 2,
		Target:  &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 30_000_000},
		Limits:  &qrproto.Limits{Energy: 80_000_000, Duration: 43200, Amount: 10000},
		Funding: qrproto.FundingHold, Epoch: 41,
		Ack: &qrproto.Ack{Seq: 20344, Sum: run16(0x80).Short()},
	}
}

// sparseOrder names its tariff by hash, asks for as much as the vehicle takes,
// and crosses a change of the local time.
func sparseOrder(t testing.TB) *qrproto.StartOrder {
	h, err := qrproto.TariffHash(fourRates(t))
	if err != nil {
		t.Fatal(err)
	}
	o, ref := startOrder(t), h.Ref()
	o.Tariff, o.TariffHash, o.Target, o.Limits, o.Epoch, o.Ack = nil, &ref, nil, nil, 0, nil
	o.Held, o.Scale, o.Funding, o.Uncertainty = 0, 3, qrproto.FundingDirectDebit, 300
	o.Offsets = qrproto.Offsets{-12600, 1795352400, -9000}
	o.Facts = &qrproto.Facts{Reserved: 900, Energy: 1_234_567}
	o.Ext = qrproto.Extensions{7: {0xca, 0xfe}}
	return o
}

// generalOrder has a tariff that is no grid: energy by the evening, an occupancy
// fee after a grace.
func generalOrder(t testing.TB) *qrproto.StartOrder {
	b, err := qrproto.EncodeTariff(&tariff.Tariff{
		Rules: tariff.Rules1, Currency: "EUR", Scale: 2,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Idle:     tariff.IdleRule{Grace: 900, SessionCap: 2000},
		Elements: []tariff.Element{
			{When: tariff.Restrictions{Windows: []tariff.Window{{From: 61200, To: 79200}}, Days: 0x3e},
				Components: []tariff.Component{{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 49, Taxes: []tariff.Tax{{Name: "VAT", Rate: 19000}}}}},
			{Components: []tariff.Component{
				{Dimension: tariff.Energy, Class: tariff.Electricity, Price: 39, Taxes: []tariff.Tax{{Name: "VAT", Rate: 19000}}},
				{Dimension: tariff.IdleTime, Class: tariff.Occupancy, Price: 600, Step: 60}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := startOrder(t)
	o.Tariff = b
	return o
}

func settlement() *qrproto.Settlement {
	return &qrproto.Settlement{
		Number: number(), Connector: 2, Seq: 20346, Previous: run16(0x70), Order: run16(0x60), Boot: 1203,
		Start: 1795348899, Duration: 9_876, Uncertainty: 31,
		Register: 412_345_678_901, Delivered: 30_000_123,
		Cells:   qrproto.Cells{0, 7_000_000, 2, 8_000_000, 4, 9_000_000, 6, 6_000_123},
		Payable: 3512, Waived: 7, Reason: qrproto.StopTarget, Total: 412_375_679_024,
	}
}

// fullSettlement has all that may be absent.
func fullSettlement() *qrproto.Settlement {
	s := settlement()
	evidence := run16(0x50)
	s.Seq, s.Previous, s.Last, s.Flats, s.Evidence = 1, qrproto.Ref{}, []uint16{6}, []uint16{1, 9}, &evidence
	s.Marks = []int64{0, 0, 1, 3600, 15_000_000, 2}
	return s
}

func receipt() *qrproto.Receipt {
	return &qrproto.Receipt{
		Settlement: run16(0x40), Paid: 3512, Refunded: 6488, Time: 1795358811,
		Ack:    &qrproto.Ack{Seq: 20346, Sum: run16(0x40).Short()},
		Anchor: &qrproto.Anchor{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
	}
}

// payloads are the fixtures by the name of their file.
func payloads(t testing.TB) map[string]qrproto.Payload {
	unpriced := startOrder(t)
	unpriced.Tariff = []byte{0x80}
	return map[string]qrproto.Payload{
		"identity": identity(), "carrying": carrying(t), "order": startOrder(t), "sparse": sparseOrder(t),
		"general": generalOrder(t), "unpriced": unpriced, "settlement": settlement(), "full": fullSettlement(), "receipt": receipt(),
		"sticker": stickerOrder(t), "stop": stopOrder(t), "trust": snapshot(t), "voucher": voucher(), "sealed": sealed(t),
	}
}

// writeFixtures puts codes and keys into a folder: NAME.txt is a code as bare
// text, NAME.link as a link.
func writeFixtures(t testing.TB, dir string) {
	for name, p := range payloads(t) {
		code, err := qrproto.Seal(p, signerFor(p))
		if err != nil {
			t.Fatal(name, err)
		}
		link, err := code.Link(linkBase)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name+".txt", []byte(code.Text()+"\n"))
		write(t, dir, name+".link", []byte(link+"\r\n"))
	}
	for name, keys := range map[string]qrproto.KeyList{
		"keys.json":    trusted(1, 2, "IS", "OR"),
		"foreign.json": trusted(3, 4, "IS", "OR"), // other keys under the same ids
		"few.json":     trusted(1, 2, "S", "R"),
		"none.json":    nil,
		"all.json":     everybody(t),
		"roots.json":   {rootKey()},
	} {
		b, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, b)
	}
	b, err := keyfile.EncodeKeySet(trusted(1, 2, "IS", "OR"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "keys.cose", b)
	writePrivate(t, dir)
	for name, text := range brokenCodes(t) {
		write(t, dir, name+".txt", []byte(text))
	}
}

func write(t testing.TB, dir, name string, b []byte) {
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// digits is the text form of bytes, from its description: 7 bytes,
// little-endian, as 17 digits, a rest as 3, 5, 8, 10, 13 or 15.
func digits(b []byte) string {
	var out []byte
	for chunk := range slices.Chunk(b, 7) {
		var n uint64
		for i, v := range chunk {
			n |= uint64(v) << (8 * i)
		}
		width := [...]int{0, 3, 5, 8, 10, 13, 15, 17}[len(chunk)]
		text := bytes.Repeat([]byte("0"), width)
		for i := width - 1; n > 0; i-- {
			text[i] = byte('0' + n%10)
			n /= 10
		}
		out = append(out, text...)
	}
	return string(out)
}
