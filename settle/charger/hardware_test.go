// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"crypto"
	"errors"
	"io"
	"iter"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// element is a secure element that may fail, or sign wrongly.
type element struct {
	crypto.Signer
	fails, lies bool
}

func (e *element) Sign(random io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	if e.fails {
		return nil, errors.New("secure element: no answer")
	}
	signature, err := e.Signer.Sign(random, message, o)
	if e.lies {
		signature[10] ^= 1
	}
	return signature, err
}

func TestSignerThatFailsShowsNothing(t *testing.T) {
	r := newRig(t, nil)
	e := &element{Signer: r.device.Key.Key}
	r.device.Key.Key = e
	r.boot()
	for _, broken := range []*bool{&e.fails, &e.lies} {
		*broken = true
		if d := r.c.Do(1); d.Screen != charger.ScreenFault || d.Text != "" || d.Wake <= r.clock.Up {
			t.Errorf("identity: %+v", d)
		}
		*broken = false
		_, s := r.sell(1, nil)
		r.dismiss(1)
		*broken = true
		_, err := r.c.Again(1)
		wants(t, "again", err, qrproto.ErrSigner)
		*broken = false
		r.accept(1, nil)
		r.dismiss(1)
		*broken = true
		if d := r.c.Do(1); d.Screen != charger.ScreenFault || d.Text != "" {
			t.Errorf("settlement: %+v", d)
		}
		*broken = false
		if got := r.settlement(1); got.Seq != s.Seq+1 { // it recovers
			t.Errorf("seq %d", got.Seq)
		}
		r.dismiss(1)
		r.pass(45 * time.Second)
	}
}

func TestCodesAreBareTextWithoutALink(t *testing.T) {
	r := newRig(t, nil)
	r.device.Link = ""
	r.boot()
	if text := r.c.Do(1).Text; text[:4] != "QI1/" {
		t.Errorf("%.20s", text)
	}
}

// shared is a journal on a disk that others fill too.
type shared struct {
	*settletest.Journal
	taken int64
}

func (s *shared) Room() int64 { return s.Journal.Room() - s.taken }

func TestDiskThatOthersFillStopsTheSession(t *testing.T) {
	r := newRig(t, nil)
	disk := &shared{Journal: r.journal}
	open := func() {
		c, err := charger.Open(r.device, disk, r.clock, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.c = c
	}
	open()
	one := r.cancel(1, nil)
	o := r.accept(1, nil)
	r.read(1, 0)
	r.charge(1, 20*time.Second, 3600)
	disk.taken = disk.Journal.Room() - 1000
	r.charge(1, 20*time.Second, 3600)
	if r.c.Do(1).Relay {
		t.Error("goes on without room for a checkpoint")
	}
	// A receipt opens locks all the same, and what it acknowledges counts, unwritten.
	before := disk.Len()
	r.unplug(1)
	s := r.settlement(1)
	r.verify(o, s)
	if s.Reason != qrproto.StopLimit || disk.Len() != before+1 {
		t.Errorf("reason %d, %d records", s.Reason, disk.Len()-before)
	}
	disk.taken = disk.Journal.Room()
	if _, err := r.c.Accept(r.receipt(s, ackOf(t, s))); err != nil || disk.Len() != before+1 {
		t.Errorf("receipt: %v, %d records", err, disk.Len()-before)
	}
	if id := r.identity(1); len(id.Records) != 0 {
		t.Errorf("carries %v", carried(t, id))
	}
	disk.taken = 0
	open()
	wantCarried(t, "after a restart", r.identity(1), one.Seq)
}

// stiff is a journal whose rewrites fail, before or after their effect.
type stiff struct {
	*settletest.Journal
	fault    settletest.Fault
	rewrites int
}

func (s *stiff) Rewrite(records iter.Seq[[]byte]) error {
	s.rewrites++
	s.Journal.Inject(s.fault)
	return s.Journal.Rewrite(records)
}

func newStiff(t *testing.T, fault settletest.Fault) (*rig, *stiff) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(10 << 10)
	s := &stiff{Journal: r.journal, fault: fault}
	r.openOn(s)
	return r, s
}

// openOn starts the charger on a journal of another behaviour.
func (r *rig) openOn(j charger.Journal) {
	c, err := charger.Open(r.device, j, r.clock, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	r.c = c
}

// A rewrite that fails leaves the old journal or the new one; the charger goes on
// with either.
func TestFailedRewriteLosesNothing(t *testing.T) {
	for _, fault := range []settletest.Fault{settletest.FaultLost, settletest.FaultAfter} {
		r, j := newStiff(t, fault)
		var ack *qrproto.Ack
		failed := 0
		for range 120 {
			text := r.seal(r.order(r.identity(1), func(o *qrproto.StartOrder) { o.Ack = ack }))
			if _, err := r.c.Accept(text); err != nil {
				wants(t, "accept", err, charger.ErrJournal)
				r.pass(45 * time.Second)
				if id := r.identity(1); id.Alarms != qrproto.AlarmStorage {
					t.Errorf("alarms %b", id.Alarms)
				}
				if failed++; failed == 2 {
					j.fault = settletest.FaultNone
				}
				continue
			}
			r.dismiss(1)
			ack = ackOf(t, r.settlement(1))
			r.dismiss(1)
		}
		if failed != 2 || j.rewrites < 3 {
			t.Fatalf("%d rewrites, %d failed", j.rewrites, failed)
		}
		head := r.c.Head()
		r.boot()
		if r.c.Head() != head || head.Seq != 118 {
			t.Errorf("head %v, was %v", r.c.Head(), head)
		}
	}
}

func TestRewriteThatFailsStopsTheSession(t *testing.T) {
	r, j := newStiff(t, settletest.FaultLost)
	o := r.accept(1, nil)
	r.read(1, 0)
	for r.c.Do(1).Relay {
		r.pass(time.Second)
		r.reg += 10
		if err := r.c.Meter(1, r.reading(36)); err != nil {
			wants(t, "meter", err, charger.ErrJournal)
		}
		if r.clock.Up > 24*time.Hour {
			t.Fatal("never full")
		}
	}
	r.unplug(1)
	s := r.settlement(1)
	r.verify(o, s)
	if s.Reason != qrproto.StopFault || j.rewrites != 1 {
		t.Errorf("reason %d, %d rewrites", s.Reason, j.rewrites)
	}
}

// Where only small records are to be given up, opening fails with the journal.
func TestOpenFailsWithARewrite(t *testing.T) {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(5 << 10)
	for r.journal.Room() > 4600 {
		r.boot()
	}
	_, err := charger.Open(r.device, &stiff{Journal: r.journal, fault: settletest.FaultLost}, r.clock, nil)
	wants(t, "open", err, charger.ErrJournal)
	r.boot()
}

func TestMeterBeyondEveryPlanStops(t *testing.T) {
	r := newRig(t, nil)
	o := r.accept(1, func(o *qrproto.StartOrder) { o.Limits = nil })
	r.read(1, 0)
	r.pass(time.Second)
	r.reg += tariff.MaxEnergy - 10 // all that a plan without limits takes, but for 10 mWh
	r.read(1, 7200)
	if r.c.Do(1).Relay {
		t.Error("goes on")
	}
	r.unplug(1)
	s := r.settlement(1)
	r.verify(o, s)
	if s.Reason != qrproto.StopLimit {
		t.Errorf("reason %d", s.Reason)
	}
}

func TestBeginWithARegisterBeyondTime(t *testing.T) {
	// An order of the far future: its times cannot be told, and nothing begins.
	r := newRig(t, nil)
	r.accept(1, func(o *qrproto.StartOrder) { o.Issued = 100_000_000_000 })
	r.pass(time.Second)
	if err := r.c.Meter(1, r.reading(0)); err == nil || r.c.Do(1).Relay {
		t.Errorf("begins: %v", err)
	}
	r.pass(90 * time.Second)
	if s := r.settlement(1); s.Delivered != 0 {
		t.Errorf("%+v", s)
	}
}

func TestBadRegisterAndJournalBothAreTold(t *testing.T) {
	r := newRig(t, nil)
	r.accept(1, nil)
	r.read(1, 0)
	r.journal.Inject(settletest.FaultLost)
	err := r.c.Meter(1, charger.Reading{Reading: tariff.Reading{Energy: -1}})
	if !errors.Is(err, charger.ErrJournal) || !errors.Is(err, charger.ErrReading) || qrproto.CodeOf(err) != charger.ErrJournal {
		t.Error(err)
	}
}

func TestConnectorsAreOneByDefault(t *testing.T) {
	r := newRig(t, nil)
	r.device.Connectors = 0
	r.boot()
	wants(t, "second", r.c.Meter(2, r.reading(0)), charger.ErrConnector)
	r.accept(1, nil)
}
