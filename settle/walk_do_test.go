// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// do lets something happen. An error is a property that does not hold.
func (m *maze) do(a act) error {
	n, k := int(a.a), int(a.b)
	switch a.verb {
	case actLook:
		return m.show(n, k)
	case actPlug:
		p := m.at(n)
		p.spots[k].plug = !p.spots[k].plug
		return m.meter(n, k)
	case actStop:
		return m.press(n, k)
	case actScan:
		_, err := m.scan(n, k)
		return err
	case actReceive:
		return m.receive(n, m.receipts[k])
	case actCut:
		m.used.cuts++
		return m.cut(n)
	case actCopy:
		p := m.at(n)
		p.image = &image{p.journal.Snapshot(), slices.Clip(p.made)}
		return nil
	case actRestore:
		return m.restore(n)
	case actWait:
		m.used.waits++
		return m.wait(waits[n])
	case actRevoke:
		m.used.revoked = true
		return nil
	case actReveal:
		return m.reveal(n, uint32(k+1))
	case actForge:
		return m.forge(n, k == 1)
	case actHalt:
		return m.halt(n, k)
	}
	return m.doDesk(a)
}

// restore puts the copy of the flash into charger n.
func (m *maze) restore(n int) error {
	m.used.images++
	p := m.at(n)
	p.journal, p.made, p.setBack = p.image.journal.Snapshot(), p.image.made, true
	return m.cut(n)
}

// doDesk lets something happen at the server.
func (m *maze) doDesk(a act) (err error) {
	s, ctx := m.serve(), context.Background()
	if a.verb == actIssueLost || a.verb == actPayLost {
		m.used.lost++
		s.Payments = lossyPayments{s.Payments}
	}
	switch n := int(a.a); a.verb {
	case actSee:
		if _, err = s.Quote(ctx, "", m.photos[n].text); err != nil {
			return fmt.Errorf("quote: %w", err)
		}
	case actIssue, actIssueLost:
		err = m.issue(n, int(a.b))
	case actUpload:
		if _, err := s.Settle(ctx, m.bills[n]); qrproto.CodeOf(err) < 200 && err != nil {
			return fmt.Errorf("settle: %w", err)
		}
	case actPay, actPayLost:
		err = m.pay(n)
	case actRelease:
		_, _ = s.Release(ctx, m.orders[n].id) // checkDesk looks what came of it
	}
	m.desk.provider.Deliver()
	if err != nil {
		return err
	}
	return m.checkDesk()
}

// issue asks for an order on a photo, and keeps it if there is one.
func (m *maze) issue(n, account int) error {
	o, err := m.stage.server.Issue(context.Background(), server.Ask{Account: accountName(account), Identity: m.photos[n].text, Tariff: m.stage.hash})
	if err != nil {
		return nil // whatever the reason: nothing was handed out
	}
	m.orders = append(m.orders, sale{id: o.ID, account: account, text: o.Code.Text(), hash: o.Sum.Ref(),
		issued: o.Start.Issued, photo: m.photos[n], epoch: o.Start.Epoch})
	return nil
}

func accountName(n int) string { return string(rune('a' + n)) }

// pay captures, and hands the receipt out.
func (m *maze) pay(n int) error {
	s, ctx := m.stage.server, context.Background()
	if _, err := s.Pay(ctx, m.orders[n].id); err != nil {
		return nil
	}
	code, err := s.Receipt(ctx, m.orders[n].id)
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	if !slices.Contains(m.receipts, code.Text()) {
		m.receipts = append(m.receipts, code.Text())
	}
	return nil
}

// lossyPayments does what it is asked for, and does not answer.
type lossyPayments struct{ server.Payments }

func (l lossyPayments) Hold(ctx context.Context, key, account string, amount tariff.Money) (string, error) {
	_, err := l.Payments.Hold(ctx, key, account, amount)
	return "", errors.Join(settletest.ErrTimeout, err)
}

func (l lossyPayments) Capture(ctx context.Context, key, hold string, amount tariff.Money) error {
	return errors.Join(settletest.ErrTimeout, l.Payments.Capture(ctx, key, hold, amount))
}

func (l lossyPayments) Release(ctx context.Context, key, hold string) error {
	return errors.Join(settletest.ErrTimeout, l.Payments.Release(ctx, key, hold))
}

// wait lets time pass everywhere. Firmware reads a plugged connector at least
// every 30 s.
func (m *maze) wait(s int64) error {
	for s > 0 {
		step := min(s, 30)
		s -= step
		m.now += step
		for n := range m.posts {
			p := m.at(n)
			p.up += time.Duration(step) * time.Second
			m.at(n)
			m.flow(p, step)
			for k := range p.spots {
				if p.spots[k].screen == charger.ScreenIdentity {
					continue
				}
				if err := m.meter(n, k); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
