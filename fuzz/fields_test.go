// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// integer is a number, or beyond ±(2^53 − 1) a decimal string.
type integer int64

func (i *integer) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*i = integer(n)
	return err
}

type (
	integers   []integer
	extensions map[string]octets
	challenge  struct {
		Counter integer `json:"counter"`
		Nonce   octets  `json:"nonce"`
	}
	ack struct {
		Seq integer `json:"seq"`
		Sum octets  `json:"sum"`
	}
)

type identityFields struct {
	Number    octets     `json:"number"`
	Ext       extensions `json:"ext"`
	Connector integer    `json:"connector"`
	State     integer    `json:"state"`
	Place     string     `json:"place"`
	Challenge challenge  `json:"challenge"`
	Boot      integer    `json:"boot"`
	Wall      integer    `json:"wall_unix_s"`
	Clock     integer    `json:"clock"`
	Epoch     integer    `json:"epoch"`
	Rules     integer    `json:"rules"`
	Tariffs   octets     `json:"tariffs"`
	Health    integer    `json:"health"`
	Alarms    integer    `json:"alarms"`
	Head      *struct {
		ack
		Total integer `json:"total_mwh_or_ml"`
	} `json:"head"`
	Open    octets   `json:"open"`
	Back    integer  `json:"back"`
	Records []octets `json:"records"`
}

type orderFields struct {
	Ext         extensions `json:"ext"`
	ID          octets     `json:"id"`
	Charger     octets     `json:"charger"`
	Connector   integer    `json:"connector"`
	Challenge   challenge  `json:"challenge"`
	Issued      integer    `json:"issued_unix_s"`
	Held        integer    `json:"held_s"`
	Window      integer    `json:"window_s"`
	Tariff      octets     `json:"tariff"`
	TariffHash  octets     `json:"tariff_hash"`
	Offsets     integers   `json:"offsets"`
	Scale       integer    `json:"scale"`
	Uncertainty integer    `json:"uncertainty_s"`
	Epoch       integer    `json:"epoch"`
	Ack         *ack       `json:"ack"`
	Funding     integer    `json:"funding"`
	Target      *struct {
		Kind  integer `json:"kind"`
		Value integer `json:"value"`
	} `json:"target"`
	Limits *struct {
		Energy   integer `json:"energy_mwh"`
		Volume   integer `json:"volume_ml"`
		Duration integer `json:"duration_s"`
		Amount   integer `json:"amount"`
	} `json:"limits"`
	Facts *struct {
		Reserved integer `json:"reserved_s"`
		Expired  integer `json:"expired"`
		Energy   integer `json:"energy_mwh"`
		Time     integer `json:"time_s"`
		Volume   integer `json:"volume_ml"`
	} `json:"facts"`
}

type settlementFields struct {
	Number      octets     `json:"number"`
	Ext         extensions `json:"ext"`
	Connector   integer    `json:"connector"`
	Seq         integer    `json:"seq"`
	Previous    octets     `json:"previous"`
	Order       octets     `json:"order"`
	Boot        integer    `json:"boot"`
	Start       integer    `json:"start_unix_s"`
	Duration    integer    `json:"duration_s"`
	Uncertainty integer    `json:"uncertainty_s"`
	Register    integer    `json:"register_mwh_or_ml"`
	Delivered   integer    `json:"delivered_mwh_or_ml"`
	Cells       integers   `json:"cells"`
	Last        integers   `json:"last"`
	Flats       integers   `json:"flats"`
	Payable     integer    `json:"payable"`
	Waived      integer    `json:"waived"`
	Reason      integer    `json:"reason"`
	Total       integer    `json:"total_mwh_or_ml"`
	Marks       integers   `json:"marks"`
	Evidence    octets     `json:"evidence"`
}

type receiptFields struct {
	Ext        extensions `json:"ext"`
	Settlement octets     `json:"settlement"`
	Paid       integer    `json:"paid"`
	Refunded   integer    `json:"refunded"`
	Time       integer    `json:"time_unix_s"`
	Ack        *ack       `json:"ack"`
	Anchor     octets     `json:"anchor"`
}

type stopFields struct {
	Ext   extensions `json:"ext"`
	Order octets     `json:"order"`
}

type trustFields struct {
	Ext         extensions         `json:"ext"`
	Epoch       integer            `json:"epoch"`
	Least       integer            `json:"least"`
	Delegations []delegationFields `json:"delegations"`
}

type delegationFields struct {
	ID       octets  `json:"kid"`
	Public   octets  `json:"public"`
	Fleet    octets  `json:"fleet"`
	Currency string  `json:"currency"`
	Amount   integer `json:"amount"`
	Quota    integer `json:"quota"`
	Rights   integer `json:"rights"`
}

type voucherFields struct {
	Ext      extensions `json:"ext"`
	ID       octets     `json:"id"`
	Amount   integer    `json:"amount"`
	Scale    integer    `json:"scale"`
	Currency string     `json:"currency"`
	From     integer    `json:"from_unix_s"`
	Until    integer    `json:"until_unix_s"`
}

// payloadOf makes a payload of the fields of a vector.
func payloadOf(t testing.TB, kind string, fields json.RawMessage) qrproto.Payload {
	t.Helper()
	read := func(v any) {
		if err := strictJSON(fields, v); err != nil {
			t.Fatalf("%s: %v", fields, err)
		}
	}
	f, ok := map[string]interface{ payload() qrproto.Payload }{
		"I": new(identityFields), "O": new(orderFields), "S": new(settlementFields), "R": new(receiptFields),
		"X": new(stopFields), "T": new(trustFields), "V": new(voucherFields),
	}[kind]
	if !ok {
		t.Fatalf("kind %q", kind)
	}
	read(f)
	return f.payload()
}

func (f *identityFields) payload() qrproto.Payload {
	p := &qrproto.Identity{
		Number: f.Number, Ext: f.Ext.payload(), Connector: uint8(f.Connector), State: qrproto.State(f.State), Place: f.Place,
		Challenge: f.Challenge.payload(), Boot: uint32(f.Boot), Wall: int64(f.Wall), Clock: qrproto.ClockTrust(f.Clock),
		Epoch: uint32(f.Epoch), Rules: uint8(f.Rules), Tariffs: qrproto.Hints(f.Tariffs), Health: qrproto.Health(f.Health),
		Alarms: qrproto.Alarms(f.Alarms), Open: qrproto.Hints(f.Open), Back: uint32(f.Back),
	}
	if h := f.Head; h != nil {
		p.Head = &qrproto.Head{Seq: uint32(h.Seq), Sum: qrproto.Short(h.Sum), Total: int64(h.Total)}
	}
	for _, r := range f.Records {
		p.Records = append(p.Records, r)
	}
	return p
}

func (f *orderFields) payload() qrproto.Payload {
	p := &qrproto.StartOrder{
		Ext: f.Ext.payload(), ID: qrproto.OrderID(f.ID), Charger: f.Charger, Connector: uint8(f.Connector),
		Challenge: f.Challenge.payload(), Issued: int64(f.Issued), Held: uint16(f.Held), Window: uint16(f.Window),
		Tariff: f.Tariff, TariffHash: refOf(f.TariffHash), Offsets: qrproto.Offsets(f.Offsets.long()), Scale: uint8(f.Scale),
		Funding: qrproto.Funding(f.Funding), Uncertainty: uint16(f.Uncertainty), Epoch: uint32(f.Epoch), Ack: f.Ack.payload(),
	}
	if t := f.Target; t != nil {
		p.Target = &qrproto.Target{Kind: qrproto.TargetKind(t.Kind), Value: int64(t.Value)}
	}
	if l := f.Limits; l != nil {
		p.Limits = &qrproto.Limits{Energy: int64(l.Energy), Volume: int64(l.Volume), Duration: int64(l.Duration), Amount: int64(l.Amount)}
	}
	if x := f.Facts; x != nil {
		p.Facts = &qrproto.Facts{Reserved: int64(x.Reserved), Expired: uint8(x.Expired),
			Energy: int64(x.Energy), Time: int64(x.Time), Volume: int64(x.Volume)}
	}
	return p
}

func (f *settlementFields) payload() qrproto.Payload {
	return &qrproto.Settlement{
		Number: f.Number, Ext: f.Ext.payload(), Connector: uint8(f.Connector), Seq: uint32(f.Seq), Previous: qrproto.Ref(f.Previous),
		Order: qrproto.Ref(f.Order), Boot: uint32(f.Boot), Start: int64(f.Start), Duration: int64(f.Duration),
		Uncertainty: uint16(f.Uncertainty), Register: int64(f.Register), Delivered: int64(f.Delivered),
		Cells: qrproto.Cells(f.Cells.long()), Last: f.Last.short(), Flats: f.Flats.short(), Payable: int64(f.Payable),
		Waived: int64(f.Waived), Reason: qrproto.StopReason(f.Reason), Total: int64(f.Total), Marks: f.Marks.long(), Evidence: refOf(f.Evidence),
	}
}

func (f *receiptFields) payload() qrproto.Payload {
	p := &qrproto.Receipt{
		Ext: f.Ext.payload(), Settlement: qrproto.Ref(f.Settlement), Paid: int64(f.Paid), Refunded: int64(f.Refunded),
		Time: int64(f.Time), Ack: f.Ack.payload(),
	}
	if f.Anchor != nil {
		anchor := qrproto.Anchor(f.Anchor)
		p.Anchor = &anchor
	}
	return p
}

func (f *stopFields) payload() qrproto.Payload {
	return &qrproto.StopOrder{Ext: f.Ext.payload(), Order: qrproto.Ref(f.Order)}
}

func (f *trustFields) payload() qrproto.Payload {
	p := &qrproto.Trust{Ext: f.Ext.payload(), Epoch: uint32(f.Epoch), Least: uint32(f.Least)}
	for _, d := range f.Delegations {
		p.Delegations = append(p.Delegations, qrproto.Delegation{
			ID: d.ID, Public: d.Public, Fleet: d.Fleet, Currency: tariff.Currency(d.Currency), Amount: int64(d.Amount),
			Quota: uint32(d.Quota), Rights: qrproto.Rights(d.Rights),
		})
	}
	return p
}

func (f *voucherFields) payload() qrproto.Payload {
	return &qrproto.Voucher{
		Ext: f.Ext.payload(), ID: qrproto.VoucherID(f.ID), Amount: int64(f.Amount), Scale: uint8(f.Scale),
		Currency: tariff.Currency(f.Currency), From: int64(f.From), Until: int64(f.Until),
	}
}

func (e extensions) payload() qrproto.Extensions {
	if e == nil {
		return nil
	}
	out := qrproto.Extensions{}
	for id, value := range e {
		n, err := strconv.ParseInt(id, 10, 16)
		if err != nil {
			panic(fmt.Sprintf("extension %q", id)) // a vector that is none
		}
		out[int16(n)] = value
	}
	return out
}

func (c challenge) payload() qrproto.Challenge {
	return qrproto.Challenge{Counter: uint32(c.Counter), Nonce: [8]byte(c.Nonce)}
}

func (a *ack) payload() *qrproto.Ack {
	if a == nil {
		return nil
	}
	return &qrproto.Ack{Seq: uint32(a.Seq), Sum: qrproto.Short(a.Sum)}
}

func refOf(b octets) *qrproto.Ref {
	if b == nil {
		return nil
	}
	ref := qrproto.Ref(b)
	return &ref
}

func (l integers) long() []int64 {
	var out []int64
	for _, n := range l {
		out = append(out, int64(n))
	}
	return out
}

func (l integers) short() []uint16 {
	var out []uint16
	for _, n := range l {
		out = append(out, uint16(n))
	}
	return out
}

// tariffOf makes a tariff of the grid of a vector.
func tariffOf(t testing.TB, body json.RawMessage) *tariff.Tariff {
	t.Helper()
	var f struct {
		Rules    integer `json:"rules"`
		Scale    integer `json:"scale"`
		Currency string  `json:"currency"`
		Slots    string  `json:"slots"`
		Rates    []struct {
			Name        integer `json:"name"`
			Electricity integer `json:"electricity"`
			Service     integer `json:"service"`
		} `json:"rates"`
		Rounding [3]integer `json:"rounding"`
	}
	if err := strictJSON(body, &f); err != nil || len(f.Slots) != 48 || tariff.Rules(f.Rules) != tariff.Rules1 {
		t.Fatalf("%s: %v", body, err)
	}
	g := tariff.Grid{Scale: uint8(f.Scale), Rounding: tariff.Rounding{
		Unit: tariff.RoundingUnit(f.Rounding[0]), Mode: tariff.RoundingMode(f.Rounding[1]), Payable: uint8(f.Rounding[2])}}
	for i := range g.Slots {
		g.Slots[i] = f.Slots[i] - '0'
	}
	for _, r := range f.Rates {
		g.Rates = append(g.Rates, tariff.GridRate{Name: tariff.Rate(r.Name), Electricity: int64(r.Electricity), Service: int64(r.Service)})
	}
	out, err := tariff.FromGrid(g, tariff.Currency(f.Currency))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
