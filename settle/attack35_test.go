// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

var collide = flag.Bool("collide", false, "search for the ids of two orders whose hashes begin with the same 8 bytes: some 2^32 hashes")

// twins are the ids of two orders of the first identity of charger 7 whose hashes
// agree in 8 bytes and in no more. It took 9.1 × 10^9 hashes to find them; with
// -run Attack35 -collide others are looked for.
var twins = [2]uint64{0xf2878d8c05d84f8e, 0x32d47600d5e20709}

// TestAttack35TwoOrdersWithOneTruncatedHash: 8 bytes can be made to agree by who
// chooses both orders, 16 cannot. So nothing may go by 8.
func TestAttack35TwoOrdersWithOneTruncatedHash(t *testing.T) {
	t.Run("two orders", twoOrders)
	t.Run("whoever names one", namedNearly)
}

// twoOrders: an insider signs both, a cheap one for the server's log and a dear one
// for the charger. Both sides tell them apart.
func twoOrders(t *testing.T) {
	stops := func(s *station) { s.device.Keys[0].Kinds = append(s.device.Keys[0].Kinds, qrproto.KindStopOrder) }
	s := newStreet(t).install(7, stops)
	logged, other := s.twin(twins[0]), s.twin(twins[1])
	if *collide {
		t.Fatalf("%#x", collision(t, logged))
	}
	a, b := sumOf(t, logged), sumOf(t, other)
	if a.Short() != b.Short() || a.Ref() == b.Ref() {
		t.Fatalf("%v and %v are no twins: look for others with -collide", a, b)
	}
	text, twin := s.seal(logged, s.issuer), s.seal(other, s.issuer)
	o := s.log(logged)
	s.accepted("an order", text)
	s.refused("the same", text, charger.ErrUsed)
	s.refused("its twin, which was not used", twin, charger.ErrBusy)
	s.charge(1, 10*time.Minute)
	s.refused("a stop order for the twin", s.seal(&qrproto.StopOrder{Order: b.Ref()}, s.issuer), charger.ErrNotRunning)
	s.accepted("a stop order", s.seal(&qrproto.StopOrder{Order: a.Ref()}, s.issuer))
	if paid, err := s.pay(s.unplug(1)); err != nil || paid.ID != o.ID {
		t.Errorf("the order that is in the log: %v", err)
	}
	s.captured("anna", 1_00)

	s = newStreet(t).install(7)
	s.identity(1)
	o = s.log(logged)
	s.accepted("the twin", twin)
	s.charge(1, 10*time.Minute)
	s.sees(2)
	_, err := s.server.Release(ctx, o.ID)
	s.wants("while the twin runs, a hint of 4 bytes delays a refund", err, server.ErrNotDead)
	_, err = s.pay(s.unplug(1))
	s.wants("its settlement is of no order in the log", err, server.ErrUnknownOrder)
	s.pass(3 * time.Minute)
	s.sees(1)
	if _, err := s.server.Release(ctx, o.ID); err != nil {
		t.Errorf("the order in the log is in no settlement: %v", err)
	}
	s.captured("anna", 0)
}

// namedNearly: in each place that names something by 16 bytes of its hash, a name
// of which 8 bytes are right, and one of the others is not, names nothing.
func namedNearly(t *testing.T) {
	for i := 8; i < 16; i++ {
		nearly := func(r qrproto.Ref) qrproto.Ref {
			r[i] ^= 1
			return r
		}
		s := newStreet(t).install(7, func(s *station) {
			s.device.Keys[0].Kinds = append(s.device.Keys[0].Kinds, qrproto.KindStopOrder)
			s.device.Tariffs = []*tariff.Tariff{s.book.tariff}
		})
		dead := s.buy("bert", 1)
		o := s.buy("anna", 2)
		priced := *o.Start
		ref := nearly(*o.Start.TariffHash)
		priced.TariffHash = &ref
		s.refused("a tariff", s.seal(&priced, s.issuer), settle.ErrOtherTariff)
		s.accepted("a tariff by its name", o.Code.Text())
		s.charge(2, 10*time.Minute)
		s.refused("a stop order", s.seal(&qrproto.StopOrder{Order: nearly(o.Sum.Ref())}, s.issuer), charger.ErrNotRunning)
		text := s.unplug(2)
		st := read[*qrproto.Settlement](s.street, text)
		s.refused("a receipt", s.seal(&qrproto.Receipt{Settlement: nearly(sumOf(t, st).Ref()), Time: issued}, s.issuer), charger.ErrNotLast)

		other := newStreetLike(s) // has the settlement, and not the order
		_, err := other.pay(text)
		s.wants("a settlement, elsewhere", err, server.ErrUnknownOrder)
		fork := after(t, st, qrproto.Ref{1})
		fork.Previous = nearly(fork.Previous)
		_, err = other.pay(s.seal(fork, s.device.Key))
		s.wants("the settlement before", err, settle.ErrFork)
		if _, err := s.pay(text); err != nil {
			t.Fatal(err)
		}
		billed := after(t, st, nearly(o.Sum.Ref()))
		_, err = s.pay(s.seal(billed, s.device.Key))
		s.wants("an order that is paid", err, server.ErrUnknownOrder)
		last := after(t, billed, nearly(dead.Sum.Ref()))
		_, err = s.pay(s.seal(last, s.device.Key))
		s.wants("an order that is not used", err, server.ErrUnknownOrder)
		s.restarted(last)
		if _, err := s.server.Release(ctx, dead.ID); err != nil {
			t.Errorf("no settlement names it: %v", err)
		}
	}
}

// after is a settlement that follows another one, of whatever order.
func after(t *testing.T, st *qrproto.Settlement, order qrproto.Ref) *qrproto.Settlement {
	t.Helper()
	next := *st
	next.Seq, next.Previous, next.Order, next.Total = st.Seq+1, sumOf(t, st).Ref(), order, st.Total+st.Delivered
	return &next
}

// restarted shows the server an identity after a restart, at a head.
func (s *station) restarted(head *qrproto.Settlement) {
	s.t.Helper()
	i := read[*qrproto.Identity](s.street, s.identity(1))
	i.Boot, i.Back, i.Records = i.Boot+1, 0, nil
	i.Head = &qrproto.Head{Seq: head.Seq, Sum: sumOf(s.t, head).Short(), Total: head.Total}
	if _, err := s.server.Quote(ctx, "", s.seal(i, s.device.Key)); err != nil {
		s.t.Fatal(err)
	}
}

// log stores an order as Issue would have.
func (s *station) log(start *qrproto.StartOrder) *server.Order {
	s.t.Helper()
	code, err := qrproto.Seal(start, s.issuer)
	if err != nil {
		s.t.Fatal(err)
	}
	hold, err := s.provider.Hold(ctx, "hold", "anna", yuan(100_00))
	if err != nil {
		s.t.Fatal(err)
	}
	o := &server.Order{ID: start.ID, Version: 1, State: server.StateIssued, Account: "anna", Charger: start.Charger, Connector: 1,
		Boot: 1, Counter: start.Challenge.Counter, Created: issued, Tariff: start.Tariff, HoldKey: "hold", HeldSince: issued,
		Hold: hold, Amount: yuan(100_00), Code: code, Start: start, Sum: sumOf(s.t, start)}
	if err := s.store.Apply(ctx, &server.Change{Orders: []*server.Order{o}, Take: []string{"open-order/anna"}}); err != nil {
		s.t.Fatal(err)
	}
	return o
}

// collision walks from id to id: the first 8 bytes of an order's hash are the id of
// the next. Two walks that meet have come from two orders that agree. A walk ends
// where 21 bits are 0, so that few ends have to be kept.
func collision(t *testing.T, o *qrproto.StartOrder) (ids [2]uint64) {
	t.Helper()
	message, at := hashed(t, o)
	next := func(id uint64) uint64 {
		binary.BigEndian.PutUint64(message[at:], id)
		sum := sha256.Sum256(message)
		return binary.BigEndian.Uint64(sum[:])
	}
	type walk struct{ from, steps uint64 }
	ends := map[uint64]walk{}
	for from := uint64(1); ; from++ {
		w, id := walk{from: from}, from
		for id = next(id); id&(1<<21-1) != 0; id = next(id) {
			w.steps++
		}
		met, ok := ends[id]
		if ends[id] = w; !ok {
			continue
		}
		if met.steps < w.steps {
			met, w = w, met
		}
		for ; met.steps > w.steps; met.steps-- {
			met.from = next(met.from)
		}
		if met.from == w.from {
			continue // one walk began on the other
		}
		for next(met.from) != next(w.from) {
			met.from, w.from = next(met.from), next(w.from)
		}
		return [2]uint64{met.from, w.from}
	}
}

// hashed is what the hash of an order is over, and where its id stands there.
func hashed(t *testing.T, o *qrproto.StartOrder) (message []byte, id int) {
	t.Helper()
	code, err := qrproto.Seal(o, signer("iss1"))
	if err != nil {
		t.Fatal(err)
	}
	message = slices.Concat([]byte{0x83, 0x6c}, []byte("qrcharge/1/O"), []byte{0x40}, bstr(payloadOf(code)))
	if sum := sha256.Sum256(message); sum != sumOf(t, o) {
		t.Fatal("these are not the bytes that are hashed")
	}
	return message, bytes.Index(message, o.ID[:])
}
