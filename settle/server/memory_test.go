// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/server"
)

// acknowledges fails the test unless the order to an account on the device's
// next identity acknowledges seq, 0 for nothing.
func (s *shop) acknowledges(account string, seq uint32, want settle.Head) {
	s.t.Helper()
	got := s.buy(account).Start.Ack
	switch {
	case seq == 0 && got != nil:
		s.t.Errorf("acknowledges %d, want nothing", got.Seq)
	case seq > 0 && (got == nil || got.Seq != seq || got.Sum != want.Sum.Short()):
		s.t.Errorf("acknowledges %v, want record %d", got, seq)
	}
}

// history sells to n accounts and returns the heads of the device, the empty one
// first.
func (s *shop) history(n int) []settle.Head {
	s.t.Helper()
	heads := []settle.Head{s.device.chain}
	for i := range n {
		o := s.buy(string(rune('a' + i)))
		s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 1_000_000)}, 0)
		heads = append(heads, s.device.chain)
	}
	return heads
}

// TestRestoredMemory: a flash image of before is put back, and the device shows
// a later boot, as it does after some more restarts. What it wrote is unknown to
// it. Orders must not acknowledge that, or the device would refuse each one of
// them; and an operator must see it.
func TestRestoredMemory(t *testing.T) {
	for head := range 3 {
		s := newShop(t)
		heads := s.history(3)
		s.chain(3, 0)
		s.device.chain = heads[head]
		s.device.boot += 5
		s.acknowledges("bert", uint32(head), heads[head])
		s.chain(uint32(head), uint32(head+1))
		s.acknowledges("carl", uint32(head), heads[head])
		s.chain(uint32(head), uint32(head+1))
		// What it settles now is a fork.
		o := s.buy("dora")
		s.settleAll([]*qrproto.Settlement{s.device.deliver(o, 2_000_000)}, settle.ErrFork)
		s.sound()
	}
}

// TestRestoredMemoryInTheSameBoot: nothing proves it yet, but the acknowledgement
// stays at what the device knows.
func TestRestoredMemoryInTheSameBoot(t *testing.T) {
	s := newShop(t)
	heads := s.history(3)
	s.device.chain = heads[1]
	s.acknowledges("bert", 1, heads[1])
	s.chain(3, 0)
	s.device.chain = heads[0]
	s.acknowledges("carl", 0, heads[0])
	s.chain(3, 0)
}

// TestAnotherHead: a copy of the device has gone its own way.
func TestAnotherHead(t *testing.T) {
	for head := uint32(1); head <= 3; head++ {
		s := newShop(t)
		heads := s.history(3)
		s.device.chain = settle.Head{Seq: head, Sum: qrproto.Ref{6}, Total: 1_000_000}
		s.acknowledges("bert", head-1, heads[head-1])
		s.chain(head-1, head)
		s.device.chain = heads[3] // the other one is no better
		s.acknowledges("carl", head-1, heads[head-1])
		s.chain(head-1, head)
	}
}

// TestAnotherHeadOfARecordThatWaits: the record is stored, but not yet reached by
// the chain.
func TestAnotherHeadOfARecordThatWaits(t *testing.T) {
	s := newShop(t)
	a, b := s.buy("anna"), s.buy("bert")
	one, two := s.device.deliver(a, 1_000_000), s.device.deliver(b, 1_000_000)
	s.settleAll([]*qrproto.Settlement{two}, 0)
	s.device.chain.Sum = qrproto.Ref{6}
	s.acknowledges("carl", 0, settle.Head{})
	s.chain(0, 2)
	s.settleAll([]*qrproto.Settlement{one}, 0)
	s.chain(1, 2)
}

// TestHeadBeforeOthersSettled: an identity that was made before other connectors
// settled comes late. Nothing is wrong with it.
func TestHeadBeforeOthersSettled(t *testing.T) {
	s := newShop(t)
	a, b := s.buy("anna"), s.buy("bert")
	one := s.device.deliver(a, 1_000_000)
	after := s.device.chain
	early := s.device.show()
	two := s.device.deliver(b, 1_000_000)
	s.settleAll([]*qrproto.Settlement{one, two}, 0, 0)
	o, err := s.try("carl", early)
	if err != nil || o.Start.Ack == nil || o.Start.Ack.Seq != 1 || o.Start.Ack.Sum != after.Sum.Short() {
		t.Errorf("%v, %v", o, err)
	}
	s.chain(2, 0)
}

// TestRestart: a device that has restarted and knows all, also what it settled
// of the boot before.
func TestRestart(t *testing.T) {
	s := newShop(t)
	s.history(1)
	o := s.buy("bert")
	s.device.boot++
	st := s.device.deliver(o, 1_000_000)
	s.acknowledges("carl", 1, settle.Head{Sum: st.Previous})
	s.settleAll([]*qrproto.Settlement{st}, 0)
	s.acknowledges("dora", 2, s.device.chain)
	s.chain(2, 0)
}

// TestRestoredMemorySeenBeforeTheRecord: the record that the device does not
// know any more arrives between Quote and Issue.
func TestRestoredMemorySeenBeforeTheRecord(t *testing.T) {
	s := newShop(t)
	lost := s.device.deliver(s.buy("anna"), 1_000_000)
	s.device.chain = settle.Head{}
	s.device.boot++
	identity := s.device.show()
	q, err := s.Quote(ctx, "bert", identity)
	if err != nil {
		t.Fatal(err)
	}
	s.chain(0, 0)
	s.settleAll([]*qrproto.Settlement{lost}, 0)
	s.chain(1, 0)
	o, err := s.Issue(ctx, server.Ask{Account: "bert", Identity: identity, Tariff: q.Hash})
	if err != nil || o.Start.Ack != nil {
		t.Errorf("%v, %v", o, err)
	}
	s.chain(0, 1)
}
