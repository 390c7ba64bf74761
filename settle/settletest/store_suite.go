// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// TestStore is what a server.Store must pass. open returns a new, empty store
// each time, for the test that it is given; what must be closed, it closes itself
// by that test's Cleanup.
func TestStore(t *testing.T, open func(t *testing.T) server.Store) {
	for _, part := range []struct {
		name string
		test func(*testing.T, *storeTest)
	}{
		{"what was never stored is not there", testStoreEmpty},
		{"what is read is what was applied", testStoreRoundTrip},
		{"versions compare and set", testStoreVersions},
		{"a change is applied whole or not at all", testStoreAtomic},
		{"a claim has one holder", testStoreClaims},
		{"a record's place and hash are unique", testStoreRecordsUnique},
		{"records come by seq, then branch", testStoreRecordsOrder},
		{"each field of a query narrows", testStoreFind},
		{"what is handed over is not shared", testStoreIsolation},
		{"of many concurrent changes one wins", testStoreRace},
		{"counting by compare and set loses nothing", testStoreCounter},
		{"a cancelled context stops", testStoreContext},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.test(t, &storeTest{t, open(t), context.Background()})
		})
	}
}

// sampleCode is the text of a code that reads, as Code fields hold them.
const sampleCode = "QR1/011808825057292342251979919828000100000000000000001000000000000000002477091464216576065052708198293568067224825451410635931447285732650618552446399048254536915262364795590739943420326874169729944627673859495548016060159102832881404501741300775"

type storeTest struct {
	*testing.T
	server.Store
	ctx context.Context
}

// apply fails the test where the change does not end as it must; want is nil
// for a change that goes through.
func (s *storeTest) apply(c *server.Change, want error) {
	s.Helper()
	if err := s.Apply(s.ctx, c); !errors.Is(err, want) {
		s.Fatalf("Apply: %v, want %v", err, want)
	}
}

func (s *storeTest) order(id byte) *server.Order {
	s.Helper()
	o, err := s.Order(s.ctx, qrproto.OrderID{id})
	if err != nil {
		s.Fatal(err)
	}
	return o
}

func (s *storeTest) found(q server.Query) string {
	s.Helper()
	orders, err := s.Find(s.ctx, q)
	if err != nil {
		s.Fatal(err)
	}
	var ids []byte
	for _, o := range orders {
		ids = append(ids, '0'+o.ID[0])
	}
	return string(ids)
}

func (s *storeTest) records(from, to uint32) []server.Record {
	s.Helper()
	r, err := s.Records(s.ctx, []byte{9}, from, to)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

func sampleOrder(id byte) *server.Order {
	return &server.Order{
		ID: qrproto.OrderID{id}, Version: 1, State: server.StatePlacing, Account: "anna", Charger: []byte{9},
		Connector: 1, Boot: 3, Counter: 4, Head: 6, Created: 1795348800 + int64(id), Tariff: []byte{1, 2},
		HoldKey: fmt.Sprint("hold/", id), HeldSince: 1795348700, Amount: tariff.Money{Units: 5, Scale: 2, Currency: "CNY"},
	}
}

// fullOrder has every field set.
func fullOrder(t *testing.T, id byte) *server.Order {
	t.Helper()
	o := sampleOrder(id)
	o.State, o.Hold = server.StateDisputed, "h1"
	o.Start = &qrproto.StartOrder{
		Ext: qrproto.Extensions{1: {2}}, ID: o.ID, Charger: []byte{9}, Connector: 1, Challenge: qrproto.Challenge{Counter: 4},
		Issued: 1795348800, Window: 180, Tariff: []byte{1, 2}, Offsets: qrproto.Offsets{28800}, Scale: 2,
		Target: &qrproto.Target{Kind: 1, Value: 3}, Limits: &qrproto.Limits{Amount: 5}, Funding: qrproto.FundingHold,
		Facts: &qrproto.Facts{Reserved: 1}, Epoch: 8, Ack: &qrproto.Ack{Seq: 1},
	}
	o.Settlement = &qrproto.Settlement{Number: []byte{9}, Connector: 1, Seq: 7, Cells: qrproto.Cells{0, 5}, Marks: []int64{0, 0, 1}, Evidence: &qrproto.Ref{1}}
	o.Sum, o.SettlementSum = qrproto.Hash{id, 1}, qrproto.Hash{id, 2}
	o.Bill = &tariff.Bill{Payable: o.Amount, Lines: []tariff.Line{{Kind: tariff.ChargeLine, Measured: 5}}}
	o.Verdict, o.Dispute = settle.ErrDispute, &settle.Dispute{Path: "Payable", Claimed: 1, Computed: 2}
	o.Paid = o.Amount
	code, err := qrproto.ParseCode(sampleCode)
	if err != nil {
		t.Fatal(err)
	}
	o.Code, o.Trust, o.Receipt = code, code, code
	return o
}

func sampleDevice() *server.Device {
	return &server.Device{
		Charger: []byte{9}, Version: 1, Chain: settle.Head{Seq: 4, Sum: qrproto.Ref{1}, Total: 99}, Contested: 5, Records: 6, Generation: 3,
		Log: qrproto.Hash{7}, Sights: []server.Sight{{Sum: qrproto.Hash{1}, Boot: 2, Counter: 3, At: 4}}, Sold: 10, Sale: qrproto.OrderID{11}, Epoch: 12, Before: 9,
		Newest: &qrproto.Identity{Number: []byte{9}, Connector: 1, Boot: 2, Epoch: 8, Open: qrproto.Hints{1, 2, 3, 4}, Head: &qrproto.Head{Seq: 4}},
	}
}

func sampleRecord(seq, branch uint32, sum byte) server.Record {
	return server.Record{
		Charger: []byte{9}, Seq: seq, Branch: branch, Index: uint64(sum), Sum: qrproto.Hash{sum}, Payload: []byte{sum},
		Source: "QS1/", Received: 5, Order: qrproto.OrderID{1}, Verdict: server.ErrBilled,
	}
}

func testStoreEmpty(t *testing.T, s *storeTest) {
	if _, err := s.Order(s.ctx, qrproto.OrderID{1}); !errors.Is(err, server.ErrNotFound) {
		t.Errorf("Order: %v", err)
	}
	d, err := s.Device(s.ctx, []byte{9})
	if err != nil || !reflect.DeepEqual(d, &server.Device{Charger: []byte{9}}) {
		t.Errorf("Device: %+v, %v", d, err)
	}
	if got := s.found(server.Query{}); got != "" {
		t.Errorf("Find: %q", got)
	}
	if got := s.records(0, 10); len(got) != 0 {
		t.Errorf("Records: %v", got)
	}
}

func testStoreRoundTrip(t *testing.T, s *storeTest) {
	for _, o := range []*server.Order{sampleOrder(1), fullOrder(t, 2)} {
		s.apply(&server.Change{Orders: []*server.Order{o}}, nil)
		if got := s.order(o.ID[0]); !reflect.DeepEqual(got, o) {
			t.Errorf("order: got %+v\nwant %+v", got, o)
		}
	}
	s.apply(&server.Change{Device: sampleDevice(), Records: []server.Record{sampleRecord(4, 0, 1)}}, nil)
	if d, err := s.Device(s.ctx, []byte{9}); err != nil || !reflect.DeepEqual(d, sampleDevice()) {
		t.Errorf("device: got %+v, %v\nwant %+v", d, err, sampleDevice())
	}
	if got := s.records(4, 4); !reflect.DeepEqual(got, []server.Record{sampleRecord(4, 0, 1)}) {
		t.Errorf("records: %+v", got)
	}
}

func testStoreVersions(t *testing.T, s *storeTest) {
	put := func(o *server.Order, d *server.Device, want error) {
		t.Helper()
		c := &server.Change{Device: d}
		if o != nil {
			c.Orders = []*server.Order{o}
		}
		s.apply(c, want)
	}
	o, d := sampleOrder(1), sampleDevice()
	o.Version, d.Version = 2, 2
	put(o, nil, server.ErrConflict)
	put(nil, d, server.ErrConflict)
	o.Version, d.Version = 1, 1
	put(o, d, nil)
	put(o, nil, server.ErrConflict)
	put(nil, d, server.ErrConflict)
	o.Version, o.State, d.Version = 3, server.StatePaid, 3
	put(o, nil, server.ErrConflict)
	put(nil, d, server.ErrConflict)
	if got := s.order(1); got.State != server.StatePlacing {
		t.Errorf("a refused change has changed the state to %v", got.State)
	}
	o.Version, d.Version = 2, 2
	put(o, d, nil)
	if got := s.order(1); got.State != server.StatePaid || got.Version != 2 {
		t.Errorf("version %d is %v", got.Version, got.State)
	}
}

// testStoreAtomic spoils a change in one part at a time.
func testStoreAtomic(t *testing.T, s *storeTest) {
	s.apply(&server.Change{Orders: []*server.Order{sampleOrder(1)}, Records: []server.Record{sampleRecord(1, 0, 1)}, Take: []string{"taken"}}, nil)
	whole := func() *server.Change {
		return &server.Change{
			Orders: []*server.Order{sampleOrder(2), sampleOrder(3)}, Device: sampleDevice(),
			Records: []server.Record{sampleRecord(2, 0, 2)}, Take: []string{"new"},
		}
	}
	for name, spoil := range map[string]func(*server.Change) error{
		"order":  func(c *server.Change) error { c.Orders[1] = sampleOrder(1); return server.ErrConflict },
		"device": func(c *server.Change) error { c.Device.Version = 9; return server.ErrConflict },
		"record": func(c *server.Change) error {
			c.Records = append(c.Records, sampleRecord(1, 0, 7))
			return server.ErrConflict
		},
		"free": func(c *server.Change) error { c.Free = []string{"nobody's"}; return server.ErrConflict },
		"take": func(c *server.Change) error { c.Take = append(c.Take, "taken"); return server.ErrClaimed },
	} {
		c := whole()
		want := spoil(c)
		s.apply(c, want)
		d, err := s.Device(s.ctx, []byte{9})
		if err != nil || d.Version != 0 || s.found(server.Query{}) != "1" || len(s.records(0, 9)) != 1 {
			t.Errorf("spoilt by its %s, something was applied", name)
		}
	}
	s.apply(whole(), nil)
	s.apply(&server.Change{Take: []string{"new"}}, server.ErrClaimed)
}

func testStoreClaims(t *testing.T, s *storeTest) {
	s.apply(&server.Change{Take: []string{"a", "b"}}, nil)
	err := s.Apply(s.ctx, &server.Change{Take: []string{"c", "b"}})
	var claim *server.ClaimError
	if !errors.As(err, &claim) || claim.Claim != "b" || !errors.Is(err, server.ErrClaimed) {
		t.Errorf("a claim taken twice: %v", err)
	}
	s.apply(&server.Change{Take: []string{"d", "d"}}, server.ErrClaimed)
	s.apply(&server.Change{Free: []string{"a"}}, nil)
	s.apply(&server.Change{Free: []string{"a"}}, server.ErrConflict)
	s.apply(&server.Change{Take: []string{"a"}}, nil)
	// What is given up can be taken in the same change.
	s.apply(&server.Change{Free: []string{"a"}, Take: []string{"a"}}, nil)
	s.apply(&server.Change{Take: []string{"a"}}, server.ErrClaimed)
	s.apply(&server.Change{Take: []string{"c"}}, nil)
}

func testStoreRecordsUnique(_ *testing.T, s *storeTest) {
	add := func(want error, r ...server.Record) { s.Helper(); s.apply(&server.Change{Records: r}, want) }
	add(nil, sampleRecord(1, 0, 1))
	add(server.ErrConflict, sampleRecord(1, 0, 2)) // its place and branch
	add(server.ErrConflict, sampleRecord(1, 1, 1)) // its hash at that place
	add(nil, sampleRecord(1, 1, 2))
	add(server.ErrConflict, sampleRecord(2, 0, 3), sampleRecord(2, 0, 4))
	other := sampleRecord(1, 0, 1)
	other.Charger = []byte{8}
	add(nil, other)
}

func testStoreRecordsOrder(t *testing.T, s *storeTest) {
	for i, r := range []server.Record{sampleRecord(10, 0, 1), sampleRecord(2, 1, 2), sampleRecord(2, 0, 3), sampleRecord(300, 0, 4), sampleRecord(9, 0, 5)} {
		s.apply(&server.Change{Records: []server.Record{r}}, nil)
		if got := s.records(r.Seq, r.Seq); len(got) == 0 {
			t.Errorf("record %d is not there", i)
		}
	}
	var got []byte
	for _, r := range s.records(2, 10) {
		got = append(got, r.Sum[0])
	}
	if want := []byte{3, 2, 5, 1}; string(got) != string(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := len(s.records(0, 1<<32-1)); n != 5 {
		t.Errorf("%d of 5 in all", n)
	}
}

func testStoreFind(t *testing.T, s *storeTest) {
	for _, id := range []byte{3, 1, 5, 4, 2} {
		o := sampleOrder(id)
		switch id {
		case 2:
			o.Account, o.State = "bert", server.StateIssued
			o.Created += 10 // the youngest
		case 3:
			o.HoldKey = "hold/1"
		case 4:
			o.Charger, o.Sum = []byte{8}, qrproto.Hash{4, 4}
		case 5:
			o.Created-- // as old as 4
		}
		s.apply(&server.Change{Orders: []*server.Order{o}}, nil)
	}
	o := s.order(5)
	o.Version, o.State, o.Sum = 2, server.StateIssued, qrproto.Hash{5, 5}
	s.apply(&server.Change{Orders: []*server.Order{o}}, nil)
	for _, q := range []struct {
		query server.Query
		want  string
	}{
		{server.Query{}, "13452"},
		{server.Query{Limit: 2}, "13"},
		{server.Query{Account: "anna"}, "1345"},
		{server.Query{Account: "carl"}, ""},
		{server.Query{HoldKey: "hold/1"}, "13"},
		{server.Query{HoldKey: "hold/1", Account: "bert"}, ""},
		{server.Query{HoldKey: "hold/1", Sum: qrproto.Hash{4, 4}.Ref()}, ""},
		{server.Query{Sum: qrproto.Hash{4, 4}.Ref()}, "4"},
		{server.Query{Sum: qrproto.Hash{5, 5}.Ref()}, "5"},
		{server.Query{Sum: qrproto.Hash{5}.Ref()}, ""},
		{server.Query{States: []server.State{server.StateIssued}}, "52"},
		{server.Query{States: []server.State{server.StateIssued, server.StatePlacing}}, "13452"},
		{server.Query{Account: "anna", States: []server.State{server.StateIssued}}, "5"},
		{server.Query{Account: "anna", Limit: 2}, "13"},
	} {
		if got := s.found(q.query); got != q.want {
			t.Errorf("%+v: got %q, want %q", q.query, got, q.want)
		}
	}
}

func testStoreIsolation(t *testing.T, s *storeTest) {
	o, d, r := fullOrder(t, 1), sampleDevice(), sampleRecord(1, 0, 1)
	s.apply(&server.Change{Orders: []*server.Order{o}, Device: d, Records: []server.Record{r}}, nil)
	spoil := func(o *server.Order, d *server.Device, r *server.Record) {
		o.Charger[0], o.Tariff[0], o.Start.Tariff[0], o.Start.Limits.Amount, o.Start.Ext[1][0] = 0, 0, 0, 0, 0
		o.Settlement.Cells[1], o.Bill.Lines[0].Measured, o.Dispute.Claimed, o.State = 0, 0, 0, 0
		d.Sights[0].At, d.Newest.Open[0], d.Newest.Head.Seq, d.Charger[0] = 0, 0, 0, 0
		r.Payload[0], r.Charger[0] = 0, 0
	}
	spoil(o, d, &r)
	for round := range 2 {
		o, got := s.order(1), s.records(1, 1)
		d, err := s.Device(s.ctx, []byte{9})
		if err != nil || len(got) != 1 {
			t.Fatal(err, got)
		}
		if !reflect.DeepEqual(o, fullOrder(t, 1)) || !reflect.DeepEqual(d, sampleDevice()) || !reflect.DeepEqual(got[0], sampleRecord(1, 0, 1)) {
			t.Errorf("round %d: the store shares what it was given or gave", round)
		}
		spoil(o, d, &got[0])
	}
	orders, err := s.Find(s.ctx, server.Query{})
	if err != nil || len(orders) != 1 {
		t.Fatal(err, orders)
	}
	orders[0].Charger[0] = 0
	if s.order(1).Charger[0] != 9 {
		t.Error("Find shares")
	}
}
