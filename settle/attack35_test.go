// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// TestAttack35TwoOrdersWithOneTruncatedHash: 8 bytes can be made to agree by who
// chooses both orders, 16 cannot. In each place that names something by 16 bytes of
// its hash, a name of which 8 are right, and one of the others is not, names
// nothing.
func TestAttack35TwoOrdersWithOneTruncatedHash(t *testing.T) {
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
