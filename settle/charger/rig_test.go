// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// rig is a charger on a bench: its journal, its clock, an issuer who signs
// whatever order a test wants, and everything that it ever showed.
type rig struct {
	t       testing.TB
	c       *charger.Charger
	device  charger.Device
	options *charger.Options
	journal *settletest.Journal
	clock   *settletest.Clock
	issuer  qrproto.Signer
	keys    qrproto.KeyList // what a server trusts: the device
	reg     int64           // register, mWh
	wall    int64           // true time, Unix s
	orders  byte
}

const evening = 1795348800 // 2026-11-22 12:00 UTC, 20:00 in China

var number = []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}

func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// stream is a deterministic source of randomness that goes on over boots.
func stream(name string) io.Reader { return rand.NewChaCha8(sha256.Sum256([]byte(name))) }

func newRig(t testing.TB, o *charger.Options) *rig {
	r := &rig{
		t: t, options: o, journal: settletest.NewJournal(1 << 20), clock: &settletest.Clock{},
		issuer: qrproto.Signer{ID: "iss1", Key: key("issuer")}, reg: 5_000_000, wall: evening,
	}
	device := qrproto.DeviceKeyID(number, 1)
	r.device = charger.Device{
		Number: number, Connectors: 2, Place: "P2-A07", Link: "HTTPS://PAY.EXAMPLE.COM/C/A/",
		Key: qrproto.Signer{ID: device, Key: key("device")}, Secret: [32]byte{1, 2, 3},
		Rand: stream("device"),
		Keys: []qrproto.Key{
			{ID: "iss1", Public: key("issuer").Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt, qrproto.KindStopOrder}},
			{ID: "root", Public: key("root").Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}},
			{ID: "spare", Public: key("spare root").Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}},
		},
	}
	r.keys = qrproto.KeyList{{ID: device, Public: key("device").Public(), Number: number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}}
	r.boot()
	return r
}

// boot switches the power on, or off and on.
func (r *rig) boot() {
	r.t.Helper()
	r.clock.Up = time.Second
	c, err := charger.Open(r.device, r.journal, r.clock, r.options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.c = c
}

func (r *rig) pass(d time.Duration) {
	r.clock.Advance(d)
	r.wall += int64(d / time.Second)
}

// identity scans connector n's screen.
func (r *rig) identity(n int) *qrproto.Identity {
	r.t.Helper()
	d := r.c.Do(n)
	id, err := qrproto.As[*qrproto.Identity](qrproto.Open(d.Text, r.keys))
	if err != nil || d.Screen != charger.ScreenIdentity {
		r.t.Fatalf("no identity on screen %v: %v", d.Screen, err)
	}
	return id
}

// dayAndNight is dear from 06:00 to 22:00 local and cheap otherwise.
func dayAndNight(t testing.TB) *tariff.Tariff {
	t.Helper()
	g := tariff.Grid{
		Scale:    2,
		Rates:    []tariff.GridRate{{Name: tariff.Peak, Electricity: 120, Service: 40}, {Name: tariff.Valley, Electricity: 30, Service: 20}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
	}
	for i := range g.Slots {
		if i < 12 || i >= 44 {
			g.Slots[i] = 1
		}
	}
	out, err := tariff.FromGrid(g, "CNY")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// order answers an identity; change may be nil.
func (r *rig) order(id *qrproto.Identity, change func(*qrproto.StartOrder)) *qrproto.StartOrder {
	r.t.Helper()
	b, err := qrproto.EncodeTariff(dayAndNight(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	r.orders++
	o := &qrproto.StartOrder{
		ID: qrproto.OrderID{r.orders}, Charger: id.Number, Connector: id.Connector, Challenge: id.Challenge,
		Issued: r.wall, Window: 180, Tariff: b, Offsets: qrproto.Offsets{28800}, Scale: 2,
		Limits: &qrproto.Limits{Amount: 10000}, Funding: qrproto.FundingHold,
	}
	if change != nil {
		change(o)
	}
	return o
}

func (r *rig) seal(p qrproto.Payload) string {
	r.t.Helper()
	code, err := qrproto.Seal(p, r.issuer)
	if err != nil {
		r.t.Fatal(err)
	}
	return code.Text()
}

// accept issues an order on connector n's present code and scans it.
func (r *rig) accept(n int, change func(*qrproto.StartOrder)) *qrproto.StartOrder {
	r.t.Helper()
	o := r.order(r.identity(n), change)
	if got, err := r.c.Accept(r.seal(o)); err != nil || got != n {
		r.t.Fatalf("accept on %d: %d, %v", n, got, err)
	}
	return o
}

func (r *rig) reading(watts int32) charger.Reading {
	return charger.Reading{Reading: tariff.Reading{Energy: r.reg, Power: watts}, Plugged: true}
}

// charge reads connector n every second for d at a power.
func (r *rig) charge(n int, d time.Duration, watts int32) {
	r.t.Helper()
	for range int64(d / time.Second) {
		r.pass(time.Second)
		if r.c.Do(n).Relay {
			r.reg += int64(watts) * 1000 / 3600
		}
		if err := r.c.Meter(n, r.reading(watts)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// settlement scans the settlement on connector n's screen.
func (r *rig) settlement(n int) *qrproto.Settlement {
	r.t.Helper()
	d := r.c.Do(n)
	s, err := qrproto.As[*qrproto.Settlement](qrproto.Open(d.Text, r.keys))
	if err != nil || d.Screen != charger.ScreenSettlement {
		r.t.Fatalf("no settlement on screen %v: %v", d.Screen, err)
	}
	return s
}

// verify prices a settlement as a server does.
func (r *rig) verify(o *qrproto.StartOrder, s *qrproto.Settlement) *tariff.Bill {
	r.t.Helper()
	plan, err := settle.Compile(o, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	bill, err := settle.Verify(o, plan, s)
	if err != nil {
		r.t.Fatal(err)
	}
	return bill
}

func refOf(t testing.TB, p qrproto.Payload) qrproto.Ref {
	t.Helper()
	h, err := qrproto.Sum(p)
	if err != nil {
		t.Fatal(err)
	}
	return h.Ref()
}

// wants fails unless err is of a code.
func wants(t testing.TB, what string, err error, code qrproto.ErrorCode) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Errorf("%s: %v, want %v", what, err, code)
	}
	if got := qrproto.CodeOf(err); got != code {
		t.Errorf("%s: CodeOf is %v, want %v", what, got, code)
	}
}

// state is all that can be seen of a charger from outside: what a rejected code
// must not change.
func (r *rig) state() string {
	out := fmt.Sprintf("%d writes, %d records, room %d, epoch %d, %v\n", r.journal.Writes(), r.journal.Len(), r.journal.Room(), r.c.Epoch(), r.c.Head())
	for n := range r.device.Connectors {
		out += fmt.Sprintf("%+v\n", r.c.Do(n+1))
	}
	return out
}

// refused fails unless a call fails with a code and changes nothing.
func (r *rig) refused(what string, code qrproto.ErrorCode, call func() error) {
	r.t.Helper()
	before := r.state()
	wants(r.t, what, call(), code)
	if after := r.state(); after != before {
		r.t.Errorf("%s: was\n%s\nis\n%s", what, before, after)
	}
}

// scan is Accept as a call for refused.
func (r *rig) scan(text string) func() error {
	return func() error {
		_, err := r.c.Accept(text)
		return err
	}
}

// records are the journal's settlements, as any reader finds them: by the tag
// that the first byte is.
func (r *rig) settlements() []*qrproto.Settlement {
	r.t.Helper()
	return settlementsOf(r.t, r.journal)
}

func settlementsOf(t testing.TB, j *settletest.Journal) (out []*qrproto.Settlement) {
	t.Helper()
	for record, err := range j.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if record[0] != 'S' {
			continue
		}
		s, err := qrproto.DecodeRecord(number, bytes.Clone(record[1:]))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// count is how many records of a tag the journal has.
func (r *rig) count(tag byte) (n int) {
	for record := range r.journal.Records() {
		if record[0] == tag {
			n++
		}
	}
	return n
}

// read tells connector n a reading, and must succeed.
func (r *rig) read(n int, watts int32) {
	r.t.Helper()
	if err := r.c.Meter(n, r.reading(watts)); err != nil {
		r.t.Fatal(err)
	}
}

// unplug takes the plug of connector n out.
func (r *rig) unplug(n int) {
	r.t.Helper()
	out := r.reading(0)
	out.Plugged = false
	if err := r.c.Meter(n, out); err != nil {
		r.t.Fatal(err)
	}
}

// sell takes connector n from its identity to its settlement: some minutes at
// 7.2 kW.
func (r *rig) sell(n int, change func(*qrproto.StartOrder)) (*qrproto.StartOrder, *qrproto.Settlement) {
	r.t.Helper()
	o := r.accept(n, change)
	r.read(n, 0)
	r.charge(n, 2*time.Minute, 7200)
	if err := r.c.Stop(n, r.reading(0), qrproto.StopUser); err != nil {
		r.t.Fatal(err)
	}
	r.unplug(n)
	return o, r.settlement(n)
}

// dismiss takes a settlement off the screen.
func (r *rig) dismiss(n int) {
	r.t.Helper()
	out := r.reading(0)
	out.Plugged = false
	if err := r.c.Stop(n, out, qrproto.StopUser); err != nil {
		r.t.Fatal(err)
	}
}

func ackOf(t testing.TB, s *qrproto.Settlement) *qrproto.Ack {
	return &qrproto.Ack{Seq: s.Seq, Sum: refOf(t, s).Short()}
}

func (r *rig) receipt(s *qrproto.Settlement, ack *qrproto.Ack) string {
	r.t.Helper()
	return r.seal(&qrproto.Receipt{Settlement: refOf(r.t, s), Paid: s.Payable, Time: r.wall, Ack: ack})
}
