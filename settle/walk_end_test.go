// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"errors"
	"slices"

	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
)

// finish asks of a state whether all comes in order from here: sessions end,
// nobody scans the settlements, and then honest customers come. It uses the maze
// up.
func (m *maze) finish() error {
	for n := range m.posts {
		for k := range m.posts[n].spots {
			if err := m.leave(n, k); err != nil {
				return err
			}
		}
	}
	for n := range m.posts {
		if err := m.visits(n); err != nil {
			return err
		}
	}
	// What was shown elsewhere has aged then, and one more identity says so.
	if err := m.wait(700); err != nil {
		return err
	}
	for n := range m.posts {
		if _, err := m.visit(n); err != nil {
			return err
		}
	}
	m.now += 3700 // nobody signs any more what was asked for before
	return m.settleUp()
}

// leave is a driver who goes away without a scan.
func (m *maze) leave(n, k int) error {
	at := &m.at(n).spots[k]
	if at.plug {
		at.plug = false
		if err := m.meter(n, k); err != nil {
			return err
		}
	}
	for at.screen != charger.ScreenIdentity {
		if err := m.press(n, k); err != nil {
			return err
		}
	}
	return nil
}

// maxVain is how many customers come in vain to a charger whose memory was set
// back, of which the server has seen newer identities.
const maxVain = 20

// visits is as many honest customers as the protocol may need for what a flash
// holds.
func (m *maze) visits(n int) error {
	kept, err := m.stage.settlements(n, m.posts[n].journal)
	if err != nil {
		return err
	}
	last, orders := -1, len(m.orders)+2*len(kept)+2
	for tries := 0; len(m.orders) < orders && tries < orders+maxVain; tries++ {
		backlog, err := m.visit(n)
		if err != nil {
			return err
		}
		if last > 0 && backlog >= last && m.clean(n) && !m.misled(n) {
			return broken(propTransport, "charger %d: a backlog of %d, and of %d after another visit", n, last, backlog)
		}
		last = backlog
	}
	if last > 0 && m.clean(n) {
		return broken(propTransport, "charger %d: a backlog of %d is left", n, last)
	}
	if kept, err = m.stage.settlements(n, m.posts[n].journal); err != nil {
		return err
	}
	for _, s := range kept {
		if !m.isStored(s) {
			return broken(propTransport, "settlement %d of charger %d does not come home", s.settlement.Seq, n)
		}
	}
	return nil
}

// clean tells whether nobody has set back the memory of a charger, which may make
// its chain contested.
func (m *maze) clean(n int) bool { return !m.posts[n].setBack }

// misled tells whether a charger took an order of the stolen key, and with it, that
// the server has seen what the identity carried. Then other records go first.
func (m *maze) misled(n int) bool {
	return slices.ContainsFunc(m.orders, func(o sale) bool { return o.forged && o.accepted > 0 && o.photo.post == n })
}

// visit is an honest customer: who scans what is shown, and pays. It returns how
// many settlements the server has not got, and has not acknowledged, twice those
// that are both.
func (m *maze) visit(n int) (backlog int, err error) {
	if err := m.wait(46); err != nil {
		return 0, err
	}
	o, err := m.order(n)
	if o == nil || err != nil {
		return 0, err
	}
	refusal, err := m.scan(n, len(m.orders)-1)
	switch {
	case err != nil:
		return 0, err
	case refusal == nil:
		err = m.conclude(n)
	case !errors.Is(refusal, charger.ErrFull):
		err = broken(propTransport, "charger %d refuses an honest customer: %v", n, refusal)
	}
	backlog = int(headSeq(m.orders[len(m.orders)-1].photo.id))
	if o.Start.Ack != nil {
		backlog -= int(o.Start.Ack.Seq)
	}
	for _, s := range m.posts[n].made {
		if !m.isStored(s) {
			backlog++
		}
	}
	return backlog, err
}

// order gets an order for what connector 1 shows; nil where the server has seen
// a newer identity, as it may have of a charger whose memory was set back.
func (m *maze) order(n int) (*server.Order, error) {
	p := m.at(n)
	text := p.charger.Do(1).Text
	s, ctx, account := m.serve(), context.Background(), len(m.orders)+m.stage.sizes.accounts
	q, err := s.Quote(ctx, accountName(account), text)
	if err != nil {
		return nil, err
	}
	for _, c := range q.Carried {
		if c.Order != nil && c.Err == nil {
			if _, err := s.Pay(ctx, c.Order.ID); err != nil {
				return nil, broken(propCharged, "a carried settlement is not paid: %v", err)
			}
		}
	}
	o, err := s.Issue(ctx, server.Ask{Account: accountName(account), Identity: text, Tariff: m.stage.hash})
	switch {
	case errors.Is(err, server.ErrRebooted) && !m.clean(n):
		return nil, m.cut(n)
	case (errors.Is(err, server.ErrRetired) || errors.Is(err, server.ErrTaken)) && !m.clean(n):
		return nil, nil
	case err != nil:
		return nil, broken(propTransport, "an honest customer gets no order at charger %d: %v", n, err)
	}
	m.orders = append(m.orders, sale{id: o.ID, account: account, text: o.Code.Text(), hash: o.Sum.Ref(), issued: o.Start.Issued,
		photo: &photo{text, m.stage.identity(text), n, p.boots, len(p.made)}, epoch: o.Start.Epoch})
	if o.Trust.Kind() != 0 {
		err = m.reveal(n, o.Start.Epoch)
	}
	return o, errors.Join(err, m.checkDesk())
}

// conclude ends the sale that was just accepted on connector 1, with all that
// belongs to it.
func (m *maze) conclude(n int) error {
	if err := m.press(n, 0); err != nil {
		return err
	}
	s, ctx, last := m.serve(), context.Background(), m.orders[len(m.orders)-1].id
	if _, err := s.Settle(ctx, m.bills[len(m.bills)-1]); err != nil && m.clean(n) {
		return broken(propTransport, "the settlement of an honest customer: %v", err)
	}
	if _, err := s.Pay(ctx, last); err == nil {
		code, err := s.Receipt(ctx, last)
		if err != nil {
			return err
		}
		if err := m.receive(n, code.Text()); err != nil {
			return err
		}
	}
	if err := m.checkDesk(); err != nil {
		return err
	}
	return m.leave(n, 0)
}

// settleUp pays what is due and gives back what is dead. Of a charger whose
// memory was not set back nothing else is left.
func (m *maze) settleUp() error {
	s, ctx := m.serve(), context.Background()
	all, err := m.desk.store.Find(ctx, server.Query{})
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.State == server.StateSettled {
			_, err = s.Pay(ctx, o.ID)
		} else if o.State != server.StateReplaced {
			_, _ = s.Release(ctx, o.ID)
		}
		if err != nil {
			return broken(propCharged, "order %x: %v", o.ID[:4], err)
		}
	}
	if err := m.checkDesk(); err != nil {
		return err
	}
	if slices.ContainsFunc(m.posts, func(p *post) bool { return p.setBack }) {
		return nil
	}
	return m.closed()
}

// closed: each order that was accepted is paid, each other one's money is back.
func (m *maze) closed() error {
	for j := range m.orders {
		o := &m.orders[j]
		if o.forged {
			continue
		}
		got, err := m.desk.store.Order(context.Background(), o.id)
		switch {
		case err != nil:
			return err
		case o.accepted > 0 && got.State != server.StatePaid:
			return broken(propAccounted, "order %d was accepted, and is %v in the end", j, got.State)
		case o.accepted == 0 && got.State != server.StateReleased && got.State != server.StateReplaced:
			return broken(propRefund, "order %d was never accepted, and is %v in the end", j, got.State)
		}
		if held := m.desk.provider.Held(accountName(o.account)); held.Units != 0 {
			return broken(propRefund, "account %d has %v held in the end", o.account, held)
		}
	}
	return nil
}
