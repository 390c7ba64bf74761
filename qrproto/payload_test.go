// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
)

// wantError fails unless err is an *Error of this code, at this path.
func wantError(t testing.TB, err error, code qrproto.ErrorCode, path string) {
	t.Helper()
	var e *qrproto.Error
	if !errors.Is(err, code) || !errors.As(err, &e) || qrproto.CodeOf(err) != code || e.Path != path {
		t.Errorf("%v, want %v at %q", err, code, path)
	}
}

// kindOf is the kind that an error says it is about.
func kindOf(err error) qrproto.Kind {
	var e *qrproto.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Kind
}

// rule is one way to break one rule of a kind.
type rule[P qrproto.Payload] struct {
	path, name string
	broken     func(P)
}

// holdRules breaks each rule by itself: Seal must refuse it. That Open does
// too is shown on the wire, below.
func holdRules[P qrproto.Payload](t *testing.T, fresh func() P, rules []rule[P]) {
	for _, r := range rules {
		t.Run(r.path+" "+r.name, func(t *testing.T) {
			p := fresh()
			r.broken(p)
			_, err := qrproto.Seal(p, signerFor(p))
			wantError(t, err, qrproto.ErrField, r.path)
			if _, err := qrproto.Sum(p); !errors.Is(err, qrproto.ErrField) {
				t.Errorf("Sum: %v", err)
			}
		})
	}
}

const tooMuch = 1<<60 + 1

func TestIdentityRules(t *testing.T) {
	type I = *qrproto.Identity
	holdRules(t, identity, []rule[I]{
		{"Number", "absent", func(i I) { i.Number = nil }},
		{"Number", "of 8 bytes", func(i I) { i.Number = make([]byte, 8) }},
		{"Connector", "zero", func(i I) { i.Connector = 0 }},
		{"State", "unknown", func(i I) { i.State = qrproto.StateFaulted + 1 }},
		{"Place", "of 33 bytes", func(i I) { i.Place = strings.Repeat("x", 33) }},
		{"Place", "not UTF-8", func(i I) { i.Place = "\xff" }},
		{"Place", "with a line feed", func(i I) { i.Place = "a\nb" }},
		{"Place", "with a control of Latin-1", func(i I) { i.Place = "a\u0085b" }},
		{"Place", "written backwards", func(i I) { i.Place = "a\u202eb" }},
		{"Place", "with a mark of direction", func(i I) { i.Place = "a\u2067b" }},
		{"Place", "with a zero-width space", func(i I) { i.Place = "a\u200bb" }},
		{"Place", "with a byte order mark", func(i I) { i.Place = "\ufeffa" }},
		{"Place", "with a noncharacter", func(i I) { i.Place = "\ufdd0" }},
		{"Place", "with a tag", func(i I) { i.Place = "\U000e0041" }},
		{"Challenge.Counter", "zero", func(i I) { i.Challenge.Counter = 0 }},
		{"Boot", "zero", func(i I) { i.Boot = 0 }},
		{"Clock", "without a time", func(i I) { i.Wall = 0 }},
		{"Clock", "absent beside a time", func(i I) { i.Clock = 0 }},
		{"Clock", "unknown", func(i I) { i.Clock = 4 }},
		{"Wall", "negative", func(i I) { i.Wall = -1 }},
		{"Wall", "too late", func(i I) { i.Wall = 100_000_000_001 }},
		{"Rules", "zero", func(i I) { i.Rules = 0 }},
		{"Tariffs", "in part", func(i I) { i.Tariffs = i.Tariffs[:7] }},
		{"Tariffs", "more than 8", func(i I) { i.Tariffs = make(qrproto.Hints, 36) }},
		{"Health", "unknown", func(i I) { i.Health = qrproto.HealthFaulty + 1 }},
		{"Alarms", "unknown", func(i I) { i.Alarms = qrproto.AlarmEmergency << 1 }},
		{"Head.Seq", "zero", func(i I) { i.Head.Seq = 0 }},
		{"Head.Total", "negative", func(i I) { i.Head.Total = -1 }},
		{"Head.Total", "too large", func(i I) { i.Head.Total = tooMuch }},
		{"Open", "in part", func(i I) { i.Open = i.Open[:5] }},
		{"Open", "more than 16", func(i I) { i.Open = bytes.Repeat([]byte{1}, 68) }},
		{"Open", "nothing at the end", func(i I) { i.Open = append(i.Open, 0, 0, 0, 0) }},
		{"Back", "before the first challenge", func(i I) { i.Back = i.Challenge.Counter }},
		{"Records", "more than 4", func(i I) { i.Records = slices.Repeat([][]byte{{1}}, 5) }},
		{"Records", "empty", func(i I) { i.Records = [][]byte{{}} }},
		{"Records", "of 257 bytes", func(i I) { i.Records = [][]byte{make([]byte, 257)} }},
		{"Records", "without a head", func(i I) { i.Records, i.Head = [][]byte{{1}}, nil }},
		{"Ext", "of number 0", func(i I) { i.Ext = qrproto.Extensions{0: {1}} }},
		{"Ext", "of 65 bytes", func(i I) { i.Ext = qrproto.Extensions{1: make([]byte, 65)} }},
		{"Ext", "nine", func(i I) { i.Ext = nineExtensions() }},
	})
}

func nineExtensions() qrproto.Extensions {
	e := qrproto.Extensions{}
	for i := range int16(9) {
		e[i+1] = []byte{1}
	}
	return e
}

func TestStartOrderRules(t *testing.T) {
	type O = *qrproto.StartOrder
	holdRules(t, func() O { return startOrder(t) }, []rule[O]{
		{"Charger", "absent", func(o O) { o.Charger = nil }},
		{"Charger", "of 8 bytes", func(o O) { o.Charger = make([]byte, 8) }},
		{"Connector", "zero", func(o O) { o.Connector = 0 }},
		{"Challenge.Counter", "zero", func(o O) { o.Challenge.Counter = 0 }},
		{"Issued", "zero", func(o O) { o.Issued = 0 }},
		{"Issued", "too late", func(o O) { o.Issued = 100_000_000_001 }},
		{"Held", "too long", func(o O) { o.Held = 481 }},
		{"Window", "zero", func(o O) { o.Window = 0 }},
		{"Window", "too long", func(o O) { o.Window = 181 }},
		{"Tariff", "absent", func(o O) { o.Tariff = nil }},
		{"Tariff", "twice", func(o O) { o.TariffHash = new(qrproto.Ref) }},
		{"Tariff", "of 513 bytes", func(o O) { o.Tariff = make([]byte, 513) }},
		{"Offsets", "of two numbers", func(o O) { o.Offsets = qrproto.Offsets{0, 1} }},
		{"Offsets", "of seven numbers", func(o O) { o.Offsets = qrproto.Offsets{0, 1, 1, 2, 2, 3, 3} }},
		{"Offsets", "UTC written out", func(o O) { o.Offsets = qrproto.Offsets{0} }},
		{"Offsets", "too far east", func(o O) { o.Offsets = qrproto.Offsets{64801} }},
		{"Offsets", "too far west", func(o O) { o.Offsets = qrproto.Offsets{1, 5, -64801} }},
		{"Offsets", "a change to the same", func(o O) { o.Offsets = qrproto.Offsets{3600, 5, 3600} }},
		{"Offsets", "a change before all time", func(o O) { o.Offsets = qrproto.Offsets{3600, 0, 7200} }},
		{"Offsets", "a change after all time", func(o O) { o.Offsets = qrproto.Offsets{3600, 100_000_000_001, 7200} }},
		{"Offsets", "changes out of order", func(o O) { o.Offsets = qrproto.Offsets{3600, 9, 7200, 9, 3600} }},
		{"Offsets", "late changes out of order", func(o O) { o.Offsets = qrproto.Offsets{0, 2_000_000_000, 7200, 1_900_000_000, 3600} }},
		{"Scale", "too fine", func(o O) { o.Scale = 7 }},
		{"Target.Kind", "zero", func(o O) { o.Target.Kind = 0 }},
		{"Target.Kind", "unknown", func(o O) { o.Target.Kind = qrproto.TargetTime + 1 }},
		{"Target.Value", "zero", func(o O) { o.Target.Value = 0 }},
		{"Target.Value", "too large", func(o O) { o.Target.Value = tooMuch }},
		{"Target.Value", "too long", func(o O) { o.Target = &qrproto.Target{Kind: qrproto.TargetTime, Value: 366*86400 + 1} }},
		{"Limits", "limits nothing", func(o O) { o.Limits = &qrproto.Limits{} }},
		{"Limits.Energy", "too large", func(o O) { o.Limits.Energy = tooMuch }},
		{"Limits.Amount", "too large", func(o O) { o.Limits.Amount = tooMuch }},
		{"Limits.Energy", "negative", func(o O) { o.Limits.Energy = -1 }},
		{"Limits.Volume", "too large", func(o O) { o.Limits.Volume = tooMuch }},
		{"Limits.Volume", "negative", func(o O) { o.Limits.Volume = -1 }},
		{"Limits.Duration", "negative", func(o O) { o.Limits.Duration = -1 }},
		{"Limits.Duration", "too long", func(o O) { o.Limits.Duration = 366*86400 + 1 }},
		{"Limits.Amount", "negative", func(o O) { o.Limits.Amount = -1 }},
		{"Funding", "zero", func(o O) { o.Funding = 0 }},
		{"Funding", "unknown", func(o O) { o.Funding = qrproto.FundingDirectDebit + 1 }},
		{"Facts", "say nothing", func(o O) { o.Facts = &qrproto.Facts{} }},
		{"Facts.Reserved", "negative", func(o O) { o.Facts = &qrproto.Facts{Reserved: -1} }},
		{"Facts.Expired", "neither yes nor no", func(o O) { o.Facts = &qrproto.Facts{Expired: 2} }},
		{"Facts.Energy", "too much", func(o O) { o.Facts = &qrproto.Facts{Energy: 1<<53 + 1} }},
		{"Facts.Time", "too long", func(o O) { o.Facts = &qrproto.Facts{Time: 1<<53 + 1} }},
		{"Facts.Volume", "too much", func(o O) { o.Facts = &qrproto.Facts{Volume: 1<<53 + 1} }},
		{"Facts.Time", "below zero", func(o O) { o.Facts = &qrproto.Facts{Time: -1} }},
		{"Ack", "names no record", func(o O) { o.Ack.Seq = 0 }},
	})
}

func TestSettlementRules(t *testing.T) {
	type S = *qrproto.Settlement
	marked := func() S {
		s := settlement()
		s.Marks = []int64{0, 0, 1, 100, 5000, 2, 100, 5000, 3}
		return s
	}
	longest := marked()
	longest.Last, longest.Flats = []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 65535}
	for _, s := range []S{marked(), longest} {
		if _, err := qrproto.Seal(s, deviceSigner()); err != nil {
			t.Fatal(err)
		}
	}
	holdRules(t, marked, []rule[S]{
		{"Number", "absent", func(s S) { s.Number = nil }},
		{"Connector", "zero", func(s S) { s.Connector = 0 }},
		{"Seq", "zero", func(s S) { s.Seq = 0 }},
		{"Previous", "absent", func(s S) { s.Previous = qrproto.Ref{} }},
		{"Previous", "of the first", func(s S) { s.Seq = 1 }},
		{"Boot", "zero", func(s S) { s.Boot = 0 }},
		{"Start", "zero", func(s S) { s.Start = 0 }},
		{"Duration", "negative", func(s S) { s.Duration = -1 }},
		{"Duration", "too long", func(s S) { s.Duration = 366*86400 + 1 }},
		{"Register", "negative", func(s S) { s.Register = -1 }},
		{"Delivered", "negative", func(s S) { s.Delivered = -1 }},
		{"Cells", "half a pair", func(s S) { s.Cells = s.Cells[:3] }},
		{"Cells", "33 pairs", func(s S) { s.Cells = pairs(33) }},
		{"Cells", "one index twice", func(s S) { s.Cells = qrproto.Cells{3, 1, 3, 1} }},
		{"Cells", "a negative index", func(s S) { s.Cells = qrproto.Cells{-1, 1} }},
		{"Cells", "an index too large", func(s S) { s.Cells = qrproto.Cells{65536, 1} }},
		{"Cells", "a quantity of zero", func(s S) { s.Cells = qrproto.Cells{0, 0} }},
		{"Cells", "a quantity too large", func(s S) { s.Cells = qrproto.Cells{0, tooMuch} }},
		{"Cells", "a quantity too small", func(s S) { s.Cells = qrproto.Cells{0, -1} }},
		{"Last", "not ascending", func(s S) { s.Last = []uint16{2, 2} }},
		{"Last", "17", func(s S) { s.Last = []uint16{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16} }},
		{"Flats", "not ascending", func(s S) { s.Flats = []uint16{2, 1} }},
		{"Payable", "too large", func(s S) { s.Payable = tooMuch }},
		{"Payable", "too small", func(s S) { s.Payable = -tooMuch }},
		{"Waived", "negative", func(s S) { s.Waived = -1 }},
		{"Reason", "zero", func(s S) { s.Reason = 0 }},
		{"Reason", "unknown", func(s S) { s.Reason = qrproto.StopEmergency + 1 }},
		{"Total", "below what was delivered", func(s S) { s.Total = s.Delivered - 1 }},
		{"Total", "too large", func(s S) { s.Total = tooMuch }},
		{"Marks", "not whole", func(s S) { s.Marks = s.Marks[:4] }},
		{"Marks", "17", func(s S) { s.Marks = make([]int64, 51) }},
		{"Marks", "before the start", func(s S) { s.Marks[0] = -1 }},
		{"Marks", "after the end", func(s S) { s.Marks[6] = s.Duration + 1 }},
		{"Marks", "out of order", func(s S) { s.Marks[6] = 99 }},
		{"Marks", "less than nothing", func(s S) { s.Marks[1] = -1 }},
		{"Marks", "beyond the stop", func(s S) { s.Marks[7] = s.Delivered + 1 }},
		{"Marks", "a register that runs back", func(s S) { s.Marks[7] = 4999 }},
		{"Marks", "a cause below zero", func(s S) { s.Marks[2] = -1 }},
		{"Marks", "a cause too large", func(s S) { s.Marks[2] = 256 }},
	})
}

// pairs are n cells.
func pairs(n int64) (c qrproto.Cells) {
	for i := range n {
		c = append(c, i, i+1)
	}
	return c
}

func TestReceiptRules(t *testing.T) {
	type R = *qrproto.Receipt
	holdRules(t, receipt, []rule[R]{
		{"Paid", "too large", func(r R) { r.Paid = tooMuch }},
		{"Paid", "too small", func(r R) { r.Paid = -tooMuch }},
		{"Refunded", "negative", func(r R) { r.Refunded = -1 }},
		{"Refunded", "too large", func(r R) { r.Refunded = tooMuch }},
		{"Time", "zero", func(r R) { r.Time = 0 }},
		{"Time", "too late", func(r R) { r.Time = 100_000_000_001 }},
		{"Ack", "names no record", func(r R) { r.Ack = &qrproto.Ack{} }},
	})
}

// fullest are payloads with as much in them as the limits of their fields let
// them have, one of each kind.
func fullest(t testing.TB) []qrproto.Payload {
	ext := nineExtensions()
	delete(ext, 9)
	i := identity()
	i.Ext, i.Place = ext, "充电桩 A07 · naïve 🔌"
	i.Challenge.Counter = math.MaxUint32
	i.Tariffs, i.Open = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 64)
	i.Records = [][]byte{{1}, make([]byte, 256), {3}, {4}}
	o := startOrder(t)
	o.Ext, o.Facts, o.Uncertainty = ext, &qrproto.Facts{Reserved: 60, Expired: 1, Energy: 5, Time: 6, Volume: 7}, 180
	o.Offsets = qrproto.Offsets{3600, 1_800_000_000, 7200, 1_900_000_000, 3600}
	s := settlement()
	s.Ext, s.Cells, s.Last, s.Flats = ext, pairs(32), []uint16{1, 7}, []uint16{0, 65535}
	s.Delivered, s.Total, s.Waived, s.Evidence = 0, 1<<60, 5, &qrproto.Ref{1}
	for range 16 {
		s.Marks = append(s.Marks, 0, 0, 255)
	}
	r := receipt()
	r.Ext, r.Paid = ext, -5
	x, v := stopOrder(), voucher()
	x.Ext, v.Ext = ext, ext
	u := snapshot(16)
	u.Ext = qrproto.Extensions{7: {1}}
	return []qrproto.Payload{i, o, s, r, x, u, v}
}

// barest are payloads with nothing in them that may be absent.
func barest(t testing.TB) []qrproto.Payload {
	challenge := qrproto.Challenge{Counter: 1, Nonce: [8]byte{7: 1}}
	i := &qrproto.Identity{Number: []byte{1}, Connector: 1, Challenge: challenge, Boot: 1, Rules: 1}
	o := &qrproto.StartOrder{Charger: []byte{1}, Connector: 1, Challenge: challenge, Issued: 1, Window: 1,
		Tariff: []byte{0}, Funding: qrproto.FundingPostpaid}
	s := &qrproto.Settlement{Number: []byte{1}, Connector: 1, Seq: 1, Boot: 1, Start: 1, Reason: qrproto.StopUser}
	v := &qrproto.Voucher{Amount: 1, Currency: "CNY", From: 1, Until: 2}
	return []qrproto.Payload{i, o, s, &qrproto.Receipt{Time: 1}, &qrproto.StopOrder{}, &qrproto.Trust{Epoch: 1}, v}
}

func TestBarestPayloadsComeBack(t *testing.T) {
	device := trusted()
	for _, p := range barest(t) {
		signer := signerFor(p)
		if signer.ID == device[0].ID {
			signer.ID = "\x01\x00"
		}
		code, err := qrproto.Seal(p, signer)
		if err != nil {
			t.Fatal(err)
		}
		short := trusted()
		short[0].ID, short[0].Number = "\x01\x00", []byte{1}
		o, err := qrproto.Open(code.Text(), short)
		if err != nil || !reflect.DeepEqual(o.Payload, p) {
			t.Errorf("%v: opened %+v (%v), sealed %+v", p.Kind(), o, err, p)
		}
	}
}

func TestFullestPayloadsComeBack(t *testing.T) {
	for _, p := range fullest(t) {
		o, err := qrproto.Open(seal(t, p).Text(), trusted())
		if err != nil || !reflect.DeepEqual(o.Payload, p) {
			t.Errorf("%v: opened %+v (%v), sealed %+v", p.Kind(), o, err, p)
		}
	}
}

// Below, payloads are made by hand and signed well: what Open refuses for its
// payload alone.

// payloadOf is the payload of a code, cut out of the envelope by its lengths.
func payloadOf(t testing.TB, p qrproto.Payload) []byte {
	t.Helper()
	b := seal(t, p).Bytes()
	b = b[3+b[2]&31+1 : len(b)-66] // tag, array, header, {} … head, signature
	_, rest, err := cutHead(b)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

func cutHead(b []byte) (n int, rest []byte, err error) {
	switch more := b[0] & 31; {
	case more < 24:
		return int(more), b[1:], nil
	case more == 24:
		return int(b[1]), b[2:], nil
	case more == 25:
		return int(b[1])<<8 | int(b[2]), b[3:], nil
	}
	return 0, nil, fmt.Errorf("head %x", b[0])
}

// mapOf writes a map of small keys, in the order given.
func mapOf(keys []int, values map[int]cbor.RawMessage) []byte {
	out := []byte{0xa0 | byte(len(keys))}
	for _, key := range keys {
		out = append(append(out, byte(key)), values[key]...)
	}
	return out
}

// with returns a payload with one value replaced or added; nil removes it.
func with(t testing.TB, payload []byte, key int, value []byte) []byte {
	t.Helper()
	keys, values := entries(t, payload)
	if value == nil {
		return mapOf(slices.DeleteFunc(keys, func(k int) bool { return k == key }), values)
	}
	if !slices.Contains(keys, key) {
		keys = append(keys, key)
		slices.Sort(keys)
	}
	values[key] = value
	return mapOf(keys, values)
}

func openForged(kind qrproto.Kind, payload []byte) (*qrproto.Opened, error) {
	return qrproto.Open(forged(kind, payload), trusted())
}

func TestForgedCodesOpenWhereTheyAreRight(t *testing.T) {
	for name, p := range payloads(t) {
		o, err := openForged(p.Kind(), payloadOf(t, p))
		if err != nil || !reflect.DeepEqual(o.Payload, p) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

// compact are payloads with each field present and few bytes.
func compact(t testing.TB) []qrproto.Payload {
	list := fullest(t)
	for _, p := range list {
		ext := reflect.ValueOf(p).Elem().FieldByName("Ext")
		ext.Set(reflect.ValueOf(qrproto.Extensions{7: {1}}))
		switch p := p.(type) {
		case *qrproto.Identity:
			p.Records = [][]byte{{1}}
		case *qrproto.Settlement:
			p.Marks, p.Cells = []int64{0, 0, 5}, pairs(2)
		case *qrproto.Trust:
			p.Delegations = p.Delegations[:2]
		}
	}
	return list
}

func TestRequiredFieldsMustBeThere(t *testing.T) {
	for _, p := range compact(t) {
		payload := payloadOf(t, p)
		keys, _ := entries(t, payload)
		for _, key := range keys {
			field, _ := fieldOf(p, key)
			if strings.Contains(field.Tag.Get("cbor"), "omitempty") {
				continue
			}
			_, err := openForged(p.Kind(), with(t, payload, key, nil))
			wantError(t, err, qrproto.ErrMissing, field.Name)
		}
	}
}

func TestValuesOfAnotherTypeAreRefused(t *testing.T) {
	strange := map[string]string{
		"null": "\xf6", "undefined": "\xf7", "true": "\xf5", "simple(32)": "\xf8\x20",
		"a float": "\xf9\x3c\x00", "a bignum": "\xc2\x41\x01", "a date": "\xc1\x01",
		"a negative number": "\x20", "a huge number": "\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
		"an empty string": "\x60", "a long string": "\x78\x21" + strings.Repeat("x", 33),
		"no bytes": "\x40", "an empty array": "\x80", "an empty map": "\xa0", "bytes in pieces": "\x5f\x41\x01\xff",
		"text that is not UTF-8": "\x61\xff", "nested too deep": "\x81\x81\x81\x81\x81\x00",
		"numbers for bytes": "\x86\x05\x04\x03\x02\x01\x00", "a large simple value": "\xf8\xff", "a reserved head": "\x1c",
	}
	signedFields := []string{"Payable", "Paid"}
	for _, p := range compact(t) {
		payload := payloadOf(t, p)
		keys, _ := entries(t, payload)
		for _, key := range keys {
			field, _ := fieldOf(p, key)
			for name, value := range strange {
				if name == "a negative number" && slices.Contains(signedFields, field.Name) {
					continue
				}
				_, err := openForged(p.Kind(), with(t, payload, key, []byte(value)))
				if code := qrproto.CodeOf(err); code < qrproto.ErrMalformed || code > qrproto.ErrUnknownField {
					t.Errorf("%v.%s as %s: %v", p.Kind(), field.Name, name, err)
				}
			}
		}
	}
}

func TestOtherEncodingsOfAPayloadAreRefused(t *testing.T) {
	for _, p := range compact(t) {
		payload := payloadOf(t, p)
		keys, values := entries(t, payload)
		swapped := slices.Clone(keys)
		swapped[0], swapped[1] = swapped[1], swapped[0]
		last := keys[len(keys)-1]
		body := payload[1:]
		for name, tc := range map[string]struct {
			payload []byte
			code    qrproto.ErrorCode
		}{
			"keys out of order":     {mapOf(swapped, values), qrproto.ErrNotCanonical},
			"a key twice":           {mapOf(append(slices.Clone(keys), last), values), qrproto.ErrNotCanonical},
			"a long head":           {append([]byte{0xb8, payload[0] & 31}, body...), qrproto.ErrNotCanonical},
			"an indefinite length":  {append(append([]byte{0xbf}, body...), 0xff), qrproto.ErrMalformed},
			"a long key":            {slices.Concat(payload[:1], []byte{0x18}, body), qrproto.ErrNotCanonical},
			"a byte behind it":      {append(slices.Clone(payload), 0), qrproto.ErrMalformed},
			"a byte too few":        {payload[:len(payload)-1], qrproto.ErrMalformed},
			"a tag before it":       {append([]byte{0xc0}, payload...), qrproto.ErrMalformed},
			"an unknown key":        {with(t, payload, 23, []byte{0}), qrproto.ErrUnknownField},
			"a key that is text":    {append([]byte{payload[0] + 1, 0x61, '1', 0}, body...), qrproto.ErrUnknownField},
			"null for all":          {[]byte{0xf6}, qrproto.ErrMissing},
			"an array":              {[]byte{0x81, 0x01}, qrproto.ErrField},
			"an empty map":          {[]byte{0xa0}, qrproto.ErrMissing},
			"an empty extensions":   {with(t, payload, 0, []byte{0xa0}), qrproto.ErrField},
			"a critical extension":  {with(t, payload, 0, []byte{0xa1, 0x20, 0x40}), qrproto.ErrCritical},
			"extensions unsorted":   {with(t, payload, 0, []byte{0xa2, 0x02, 0x40, 0x01, 0x40}), qrproto.ErrNotCanonical},
			"an extension of text":  {with(t, payload, 0, []byte{0xa1, 0x01, 0x60}), qrproto.ErrField},
			"an extension of 70000": {with(t, payload, 0, []byte{0xa1, 0x1a, 0, 1, 0x11, 0x70, 0x40}), qrproto.ErrField},
		} {
			_, err := openForged(p.Kind(), tc.payload)
			if !errors.Is(err, tc.code) {
				t.Errorf("%v, %s: %v, want %v", p.Kind(), name, err, tc.code)
			}
		}
	}
}

// Any change of one bit, signed anew, is refused or is another payload with
// another hash, whose one encoding it is.
func TestWhatOpensIsTheOneEncodingOfWhatItSays(t *testing.T) {
	for _, p := range compact(t) {
		payload := payloadOf(t, p)
		for bit := 0; bit < 8*len(payload); bit += 3 { // each bit of a byte in turn
			changed := slices.Clone(payload)
			changed[bit/8] ^= 1 << (bit % 8)
			o, err := openForged(p.Kind(), changed)
			if err != nil {
				continue
			}
			if again := payloadOf(t, o.Payload); !bytes.Equal(again, changed) {
				t.Errorf("%v, bit %d: % x encodes as % x", p.Kind(), bit, changed, again)
			}
			if sum, err := qrproto.Sum(p); err != nil || sum == o.Sum {
				t.Errorf("%v, bit %d: same hash (%v)", p.Kind(), bit, err)
			}
		}
	}
}

// bounds reads the ranges of a type of SPEC.md: of integers, and of the length
// of byte strings.
func bounds(spec, kind string) (least, most int64, isBytes, ok bool) {
	for range 3 { // a name of a name at most
		if m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(kind) + `\s*= (.*?)(\s+;.*)?$`).FindStringSubmatch(spec); m != nil {
			kind = m[1]
		}
	}
	number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	if m := regexp.MustCompile(`^(-?\d+)\.\.(\d+)$`).FindStringSubmatch(kind); m != nil {
		return number(m[1]), number(m[2]), false, true
	}
	if m := regexp.MustCompile(`^bstr \.size \(?(\d+)(?:\.\.(\d+)\))?$`).FindStringSubmatch(kind); m != nil {
		if m[2] == "" {
			m[2] = m[1]
		}
		return number(m[1]), number(m[2]), true, true
	}
	if strings.HasPrefix(kind, "&(") {
		values := regexp.MustCompile(`: (\d+)`).FindAllStringSubmatch(kind, -1)
		return number(values[0][1]), number(values[len(values)-1][1]), false, true
	}
	return 0, 0, false, false
}

// value is an integer, or a byte string of that length.
func value(t testing.TB, n int64, isBytes bool) []byte {
	t.Helper()
	if isBytes {
		return byteString(bytes.Repeat([]byte{1}, int(n)))
	}
	b, err := cbor.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRangesAreThoseOfTheSpec(t *testing.T) {
	spec := readSpec(t)
	// Seq 1 has no Previous; an order has one of the two, here the tariff; Least is
	// at most Epoch, and From below Until.
	otherwise := map[string]bool{"settlement.Seq": true, "order.TariffHash": true,
		"trust.Epoch": true, "trust.Least": true, "voucher.From": true, "voucher.Until": true}
	found := 0
	for block, empty := range cddlKinds {
		i := slices.IndexFunc(fullest(t), func(p qrproto.Payload) bool { return p.Kind() == empty.Kind() })
		payload := payloadOf(t, compact(t)[i])
		for _, e := range cddlMap(t, block) {
			least, most, isBytes, ok := bounds(spec, e.kind)
			if !ok {
				continue
			}
			found++
			for _, n := range []int64{least, most} {
				if _, err := openForged(empty.Kind(), with(t, payload, e.key, value(t, n, isBytes))); err != nil && !otherwise[block+"."+e.name] {
					t.Errorf("%s.%s = %d: %v, the spec allows it", block, e.name, n, err)
				}
			}
			for _, n := range []int64{least - 1, most + 1} {
				if n < 0 && isBytes {
					continue
				}
				if _, err := openForged(empty.Kind(), with(t, payload, e.key, value(t, n, isBytes))); err == nil {
					t.Errorf("%s.%s = %d opens, the spec forbids it", block, e.name, n)
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("the spec gives a range for %d fields only", found)
	}
}

func TestRecordsComeBack(t *testing.T) {
	s := settlement()
	record, err := qrproto.EncodeRecord(s)
	if err != nil || !bytes.Equal(record, payloadOf(t, s)) {
		t.Errorf("record % x (%v) is not the payload", record, err)
	}
	again, err := qrproto.DecodeRecord(number, record)
	if err != nil || !reflect.DeepEqual(again, s) {
		t.Errorf("%+v, %v", again, err)
	}
	sum, err := qrproto.Sum(again)
	if opened, err2 := qrproto.Open(seal(t, s).Text(), trusted()); err != nil || err2 != nil || opened.Sum != sum {
		t.Errorf("a record and its code have different hashes (%v, %v)", err, err2)
	}
	if _, err := qrproto.DecodeRecord(nil, record); !errors.Is(err, qrproto.ErrField) {
		t.Errorf("no number: %v", err)
	}
	if _, err := qrproto.DecodeRecord(number, record[:40]); !errors.Is(err, qrproto.ErrMalformed) {
		t.Errorf("cut off: %v", err)
	}
	s.Reason = 0
	if _, err := qrproto.EncodeRecord(s); !errors.Is(err, qrproto.ErrField) {
		t.Errorf("broken: %v", err)
	}
}

func TestHashesHangOnNumberAndKind(t *testing.T) {
	s := settlement()
	first, err := qrproto.Sum(s)
	if err != nil {
		t.Fatal(err)
	}
	s.Number = number[:6]
	other, err := qrproto.Sum(s)
	if err != nil || first == other {
		t.Errorf("two devices, one hash (%v)", err)
	}
	if first.Ref().Short() != first.Short() || first.Ref().Hint() != first.Hint() || first.String()[:8] != first.Hint().String() ||
		first.String()[:16] != first.Short().String() || first.String()[:32] != first.Ref().String() {
		t.Error("the short forms are not its beginnings")
	}
}

func TestHintsAndOffsets(t *testing.T) {
	h := identity().Open
	if h.Len() != 2 || h.At(1) != (qrproto.Hint{0xd1, 0xd2, 0xd3, 0xd4}) || !h.Has(h.At(0)) || h.Has(qrproto.Hint{1}) {
		t.Errorf("%v", h)
	}
	if (qrproto.Hints)(nil).Has(qrproto.Hint{}) {
		t.Error("no hints have one")
	}
}
