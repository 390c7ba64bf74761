// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// sale is an order that was issued, and what came of it in truth.
type sale struct {
	id       qrproto.OrderID
	account  int
	text     string
	hash     qrproto.Ref
	issued   int64 // as it says, Unix s
	photo    *photo
	epoch    uint32 // that it names
	forged   bool   // with the stolen key: the server knows nothing of it
	accepted int
	refunded bool
	begun    int64 // true time, s since noon, of the start; 0 before
	heard    int64 // and of the newest reading
	written  int64 // and of the newest that must be durable
	flowed   int64 // mWh
	durable  int64 // of which a power cut may take nothing
	settled  int
}

// The properties. The first five are those of the security considerations.
const (
	propClock      = "P1 clock"
	propDisclosure = "P2 disclosure"
	propRefund     = "P3 refund"
	propRollback   = "P4 rollback"
	propTransport  = "P5 transport"
	propOnce       = "one charging per order"
	propCharged    = "never charged twice"
	propAccounted  = "nothing unaccounted"
	propOpen       = "one open order per account"
	propRevoked    = "nothing by a revoked key"
)

var properties = [...]string{propClock, propDisclosure, propRefund, propRollback, propTransport, propOnce, propCharged, propAccounted, propOpen, propRevoked}

// breach is a property that does not hold.
type breach struct{ property, why string }

func (b *breach) Error() string { return b.property + ": " + b.why }

func broken(property, format string, args ...any) error {
	return &breach{property, fmt.Sprintf(format, args...)}
}

const maxLag = qrproto.MaxWindow // s

func (o *sale) begin(now int64) { o.begun, o.heard, o.written = now, now, now }

// stop is the end of delivery, which is durable whatever follows.
func (o *sale) stop(now int64) { o.heard, o.written, o.durable = now, now, o.flowed }

// read is a reading that the charger gets. It must be durable where the next one
// could come more than 30 s after the last that was: 5 s is how often firmware
// is asked to read.
func (o *sale) read(now int64) {
	o.heard = now
	if now+5-o.written > 30 {
		o.written, o.durable = now, o.flowed
	}
}

// checkAccepted holds an acceptance against what it must imply.
func (m *maze) checkAccepted(n, k, j int) error {
	o, p := &m.orders[j], m.posts[n]
	lag := noonUnix + m.now - o.issued
	switch {
	case o.photo.post != n || int(o.photo.id.Connector) != k:
		return broken(propOnce, "order %d is for another connector", j)
	case o.accepted > 0 && p.setBack:
		return broken(propRollback, "order %d is accepted again", j)
	case o.accepted > 0:
		return broken(propOnce, "order %d is accepted twice", j)
	case o.photo.boot != p.boots:
		return broken(propRollback, "order %d is from before a restart", j)
	case o.refunded && !p.setBack:
		return broken(propRefund, "order %d is accepted and was refunded", j)
	case lag < -2 || lag > maxLag:
		return broken(propClock, "order %d is accepted %d s after its issue", j, lag)
	}
	if err := m.checkTrusted(n, j); err != nil || o.forged {
		return err // whoever has a key can issue unseen
	}
	return m.checkDisclosed(n, k, j)
}

// checkDisclosed: the identity showed all that was made before it, and the
// connector has made nothing since.
func (m *maze) checkDisclosed(n, k, j int) error {
	o, p := &m.orders[j], m.posts[n]
	if got := headSeq(o.photo.id); int(got) != o.photo.made {
		return broken(propDisclosure, "order %d answers an identity that shows %d settlements, there were %d", j, got, o.photo.made)
	}
	for _, s := range p.made[o.photo.made:] {
		if int(s.settlement.Connector) == k {
			return broken(propDisclosure, "order %d answers an identity from before settlement %d", j, s.settlement.Seq)
		}
	}
	return nil
}

func headSeq(i *qrproto.Identity) uint32 {
	if i.Head == nil {
		return 0
	}
	return i.Head.Seq
}

// checkPost looks for new settlements in a journal, and for those that are gone.
func (m *maze) checkPost(n int) error {
	p := m.posts[n]
	kept, err := m.stage.settlements(n, p.journal)
	if err != nil {
		return err
	}
	known := func(list []made, s made) bool {
		return slices.ContainsFunc(list, func(o made) bool { return o.sum == s.sum })
	}
	for _, s := range kept {
		if known(p.made, s) {
			continue
		}
		p.made = append(p.made, s)
		if err := m.checkMade(n, s.settlement); err != nil {
			return err
		}
	}
	for _, s := range p.made {
		if !known(kept, s) && !m.isStored(s) {
			return broken(propRollback, "settlement %d is given up, and the server has not got it", s.settlement.Seq)
		}
	}
	for _, s := range p.made[:min(int(acknowledged(p.journal)), len(p.made))] {
		if !m.isStored(s) {
			return broken(propRollback, "settlement %d counts as stored, and the server has not got it", s.settlement.Seq)
		}
	}
	if head, err := p.head(); err != nil || head != p.charger.Head() {
		return broken(propAccounted, "the chain is at %v, the charger says %v: %v", head, p.charger.Head(), err)
	}
	return m.checkOpen(n)
}

// isStored tells whether the server has a settlement.
func (m *maze) isStored(s made) bool {
	list, err := m.desk.store.Records(context.Background(), s.settlement.Number, s.settlement.Seq, s.settlement.Seq)
	return err == nil && slices.ContainsFunc(list, func(r server.Record) bool { return r.Sum.Ref() == s.sum })
}

// checkMade holds a new settlement against what flowed, and its times against
// the true ones.
func (m *maze) checkMade(n int, s *qrproto.Settlement) error {
	j := slices.IndexFunc(m.orders, func(o sale) bool { return o.hash == s.Order })
	if j < 0 {
		return broken(propAccounted, "settlement %d is of no order", s.Seq)
	}
	o, back := &m.orders[j], m.posts[n].setBack
	if o.settled++; o.settled > 1 && !back {
		return broken(propOnce, "order %d has two settlements", j)
	}
	least, cut := o.flowed, int(s.Boot) < m.posts[n].boots
	if cut {
		least = o.durable
	}
	if s.Delivered > o.flowed || s.Delivered < least && !back {
		return broken(propAccounted, "settlement of order %d: %d mWh, at least %d of %d", j, s.Delivered, least, o.flowed)
	}
	if s.Delivered > 0 && !back {
		return o.checkTimes(s, cut)
	}
	return nil
}

// checkTimes: session time lags true time by what the settlement says at most.
// What a power cut has taken of it is never billed.
func (o *sale) checkTimes(s *qrproto.Settlement, cut bool) error {
	start, end := noonUnix+o.begun-s.Start, noonUnix+o.heard-s.Start-s.Duration
	most := min(int64(s.Uncertainty), maxLag)
	if start < -2 || start > most || end < -2 || end > most && !cut {
		return broken(propClock, "the session lags %d s at its start, %d s at its end, and says %d s", start, end, s.Uncertainty)
	}
	return nil
}

// checkOpen: what was accepted is settled, or runs.
func (m *maze) checkOpen(n int) error {
	p := m.posts[n]
	for j := range m.orders {
		o := &m.orders[j]
		runs := slices.ContainsFunc(p.spots, func(at spot) bool { return at.order == j })
		if o.photo.post == n && o.accepted > 0 && o.settled == 0 && !runs && !p.setBack {
			return broken(propAccounted, "order %d was accepted, and is forgotten", j)
		}
	}
	return nil
}
