// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"crypto/ed25519"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// The fixture by which sizes are measured: a number of 7 bytes, an issuer's
// key id of 4, an order id of 8, a link base of 28 characters, 2 connectors, 2
// tariff hints, a place of 6 bytes, counters as after some years of work.
const (
	issuerID = qrproto.KeyID("iss1")
	rootID   = qrproto.KeyID("root")
	linkBase = "HTTPS://PAY.EXAMPLE.COM/C/A/"
)

var number = []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}

func testKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(slices.Repeat([]byte{seed}, ed25519.SeedSize))
}

func deviceSigner() qrproto.Signer {
	return qrproto.Signer{ID: qrproto.DeviceKeyID(number, 1), Key: testKey(1)}
}

func issuerSigner() qrproto.Signer { return qrproto.Signer{ID: issuerID, Key: testKey(2)} }

func rootSigner() qrproto.Signer { return qrproto.Signer{ID: rootID, Key: testKey(3)} }

func rootKey() qrproto.Key {
	return qrproto.Key{ID: rootID, Public: testKey(3).Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}}
}

func trusted() qrproto.KeyList {
	return qrproto.KeyList{
		{ID: qrproto.DeviceKeyID(number, 1), Public: testKey(1).Public(), Number: number,
			Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}},
		{ID: issuerID, Public: testKey(2).Public(),
			Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt, qrproto.KindStopOrder, qrproto.KindVoucher}},
		rootKey(),
	}
}

// signerFor returns who signs a payload.
func signerFor(p qrproto.Payload) qrproto.Signer {
	return signerOf(p.Kind())
}

func signerOf(kind qrproto.Kind) qrproto.Signer {
	switch kind {
	case qrproto.KindIdentity, qrproto.KindSettlement:
		return deviceSigner()
	case qrproto.KindTrust:
		return rootSigner()
	}
	return issuerSigner()
}

func seal(t testing.TB, p qrproto.Payload) qrproto.Code {
	t.Helper()
	code, err := qrproto.Seal(p, signerFor(p))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func identity() *qrproto.Identity {
	return &qrproto.Identity{
		Number:    number,
		Connector: 2,
		State:     qrproto.StateAvailable,
		Place:     "P2-A07",
		Challenge: qrproto.Challenge{Counter: 4711, Nonce: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}},
		Boot:      1203,
		Wall:      1795348800,
		Clock:     qrproto.ClockInformative,
		Epoch:     41,
		Rules:     1,
		Tariffs:   qrproto.Hints{0xa1, 0xa2, 0xa3, 0xa4, 0xb1, 0xb2, 0xb3, 0xb4},
		Health:    qrproto.HealthGood,
		Alarms:    qrproto.AlarmTemperature,
		Head:      &qrproto.Head{Seq: 20345, Sum: qrproto.Short{9, 9, 9, 9, 9, 9, 9, 9}, Total: 412_345_678_901},
		Open:      qrproto.Hints{0xc1, 0xc2, 0xc3, 0xc4, 0xd1, 0xd2, 0xd3, 0xd4},
		Back:      9,
	}
}

// fourRates is a day of the Chinese kind: 5 decimals of a yuan where the
// prices need them.
func fourRates(t testing.TB) *tariff.Tariff {
	t.Helper()
	g := tariff.Grid{
		Scale:    5,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
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
		case hour == 11 || hour == 19 || hour == 20:
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
	t.Helper()
	b, err := qrproto.EncodeTariff(fourRates(t))
	if err != nil {
		t.Fatal(err)
	}
	return &qrproto.StartOrder{
		ID:        qrproto.OrderID{0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18},
		Charger:   number,
		Connector: 2,
		Challenge: qrproto.Challenge{Counter: 4711, Nonce: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}},
		Issued:    1795348860,
		Held:      58,
		Window:    180,
		Tariff:    b,
		Offsets:   qrproto.MakeOffsets([]tariff.Offset{{Seconds: 28800}}),
		Scale:     2,
		Target:    &qrproto.Target{Kind: qrproto.TargetEnergy, Value: 30_000_000},
		Limits:    &qrproto.Limits{Energy: 80_000_000, Duration: 43200, Amount: 10000},
		Funding:   qrproto.FundingHold,
		Epoch:     41,
		Ack:       &qrproto.Ack{Seq: 20344, Sum: qrproto.Short{8, 8, 8, 8, 8, 8, 8, 8}},
	}
}

func orderByHash(t testing.TB) *qrproto.StartOrder {
	t.Helper()
	o := startOrder(t)
	h, err := qrproto.TariffHash(fourRates(t))
	if err != nil {
		t.Fatal(err)
	}
	ref := h.Ref()
	o.Tariff, o.TariffHash = nil, &ref
	return o
}

func settlement() *qrproto.Settlement {
	return &qrproto.Settlement{
		Number:      number,
		Connector:   2,
		Seq:         20346,
		Previous:    qrproto.Ref{7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7},
		Order:       qrproto.Ref{6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6},
		Boot:        1203,
		Start:       1795348899,
		Duration:    9_876,
		Uncertainty: 31,
		Register:    412_345_678_901,
		Delivered:   30_000_123,
		Cells:       qrproto.Cells{0, 7_000_000, 2, 8_000_000, 4, 9_000_000, 6, 6_000_123},
		Payable:     3512,
		Reason:      qrproto.StopTarget,
		Total:       412_375_679_024,
	}
}

func receipt() *qrproto.Receipt {
	return &qrproto.Receipt{
		Settlement: qrproto.Ref{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5},
		Paid:       3512,
		Refunded:   6488,
		Time:       1795358811,
		Ack:        &qrproto.Ack{Seq: 20346, Sum: qrproto.Short{5, 5, 5, 5, 5, 5, 5, 5}},
		Anchor:     &qrproto.Anchor{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
	}
}

// stickerOrder is for a device without a display.
func stickerOrder(t testing.TB) *qrproto.StartOrder {
	o := startOrder(t)
	o.Challenge = qrproto.Challenge{Counter: 4711}
	o.Held, o.Funding = 0, qrproto.FundingPrepaid
	return o
}

func stopOrder() *qrproto.StopOrder {
	return &qrproto.StopOrder{Order: qrproto.Ref{6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6}}
}

func voucher() *qrproto.Voucher {
	return &qrproto.Voucher{
		ID:       qrproto.VoucherID{0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30},
		Amount:   5000,
		Scale:    2,
		Currency: "CNY",
		From:     1795348800,
		Until:    1826884800,
	}
}

// delegation is of the issuer's key, with a bound of each sort.
func delegation() qrproto.Delegation {
	return qrproto.Delegation{
		ID: []byte(issuerID), Public: testKey(2).Public().(ed25519.PublicKey), Fleet: slices.Clone(number[:3]), Currency: "CNY", Amount: 65_000,
		Quota: 500, Rights: qrproto.RightOrder | qrproto.RightStop | qrproto.RightReceipt | qrproto.RightAcknowledge,
	}
}

// snapshot trusts n keys, the issuer's first.
func snapshot(n byte) *qrproto.Trust {
	t := &qrproto.Trust{Epoch: 41, Least: 40}
	for i := range n {
		d := delegation()
		d.ID[3] += i
		if i > 0 {
			d.Public = testKey(100 + i).Public().(ed25519.PublicKey)
		}
		t.Delegations = append(t.Delegations, d)
	}
	return t
}

// payloads are one of each kind, full.
func payloads(t testing.TB) map[string]qrproto.Payload {
	record, err := qrproto.EncodeRecord(settlement())
	if err != nil {
		t.Fatal(err)
	}
	carrying := identity()
	carrying.Records = [][]byte{record}
	return map[string]qrproto.Payload{
		"identity":              identity(),
		"identity, one record":  carrying,
		"start order, embedded": startOrder(t),
		"start order, by hash":  orderByHash(t),
		"settlement":            settlement(),
		"receipt":               receipt(),
		"start order, no nonce": stickerOrder(t),
		"stop order":            stopOrder(),
		"trust, one delegation": snapshot(1),
		"trust in nobody":       snapshot(0),
		"voucher":               voucher(),
	}
}

// forged is a code that Seal would not make: any bytes as payload, signed well.
// It is written by hand from SPEC.md, sections 3 to 5, and shares no code with
// the package.
func forged(kind qrproto.Kind, payload []byte) string {
	return digitText(kind, forgedBytes(kind, payload))
}

func forgedBytes(kind qrproto.Kind, payload []byte) []byte {
	s := signerOf(kind)
	protected := append([]byte{0xa2, 0x01, 0x32, 0x04}, byteString([]byte(s.ID))...)
	signature := ed25519.Sign(s.Key.(ed25519.PrivateKey), toBeSigned(kind, protected, payload))
	return slices.Concat([]byte{0xd2, 0x84}, byteString(protected), []byte{0xa0}, byteString(payload), byteString(signature))
}

func toBeSigned(kind qrproto.Kind, protected, payload []byte) []byte {
	return slices.Concat([]byte("\x84\x6aSignature1"), byteString(protected),
		byteString([]byte("qrcharge/1/"+string(rune(kind)))), byteString(payload))
}

// byteString is b as a CBOR byte string.
func byteString(b []byte) []byte {
	switch n := len(b); {
	case n < 24:
		return append([]byte{0x40 | byte(n)}, b...)
	case n < 256:
		return append([]byte{0x58, byte(n)}, b...)
	default:
		return append([]byte{0x59, byte(n >> 8), byte(n)}, b...)
	}
}

// digitText writes bytes as the text of a code, by big numbers.
func digitText(kind qrproto.Kind, b []byte) string {
	text := "Q" + string(rune(kind)) + "1/"
	for group := range slices.Chunk(b, 7) {
		number := slices.Clone(group)
		slices.Reverse(number)
		digits := new(big.Int).SetBytes(number).String()
		text += strings.Repeat("0", []int{0, 3, 5, 8, 10, 13, 15, 17}[len(group)]-len(digits)) + digits
	}
	return text
}

func keyFromSeed(seed []byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed) }

// weakKey is the neutral point.
func weakKey() ed25519.PublicKey { return append(ed25519.PublicKey{1}, make([]byte, 31)...) }
