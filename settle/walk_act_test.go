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

// act is one thing that can happen. Its numbers are those of the maze that it
// happens in.
type act struct {
	verb verb
	a, b uint8
}

type verb uint8

const (
	actLook      verb = iota // at the screen of charger a, connector b
	actPlug                  // in or out, at charger a, connector b
	actStop                  // the button of charger a, connector b
	actScan                  // order b at charger a
	actReceive               // receipt b at charger a
	actCut                   // the power of charger a
	actCopy                  // the flash of charger a
	actRestore               // the copy
	actWait                  // so many s as waits[a]
	actSee                   // the server is shown photo a, by nobody
	actIssue                 // on photo a, to account b
	actIssueLost             // and the payment provider's answer is lost
	actUpload                // bill a
	actPay                   // order a, and its receipt
	actPayLost               // and the answer is lost
	actRelease               // order a
	actRevoke                // the server has the second snapshot from now on
	actReveal                // snapshot b to charger a
	actForge                 // an order on photo a; with an acknowledgement for b
	actHalt                  // the stop order of order b, at charger a
)

func (a act) String() string {
	names := [...]string{"look at %d.%d", "plug %d.%d", "stop %d.%d", "at charger %d scan order %d", "at charger %d scan receipt %d",
		"cut %d", "copy flash of %d", "restore %d", "wait %d", "show photo %d to the server", "order on photo %d for account %d",
		"order on photo %d for account %d, answer lost", "upload settlement %d", "pay order %d", "pay order %d, answer lost", "release order %d",
		"revoke", "at charger %d scan snapshot %d", "forge an order on photo %d, acknowledging %d",
		"at charger %d scan stop of order %d"}
	if a.verb == actWait {
		return fmt.Sprintf("wait %d s", waits[a.a])
	}
	args := []any{a.a, a.b}
	n := 0
	for _, c := range names[a.verb] {
		if c == '%' {
			n++
		}
	}
	return fmt.Sprintf(names[a.verb], args[:n]...)
}

// waits are the times that can pass at once, s. Seconds beside the bounds of the
// protocol are for tests of charger and server alone: 20 s are below what may be
// lost at a cut, 90 s end an armed connector, and two of them a window, 400 s
// are within what a server may hold an identity, and not with 90 s more.
var waits = [...]int64{20, 90, 400}

// acts are all that can happen in a maze. What only says again what was said is
// among them: any code, to any side, any number of times.
func (m *maze) acts() []act {
	var out []act
	add := func(v verb, a, b int) { out = append(out, act{v, uint8(a), uint8(b)}) }
	s := &m.stage.sizes
	for n, p := range m.posts {
		if n > 0 && !m.posts[n-1].begun() {
			break // chargers are alike: the first used is the first
		}
		for k := range p.spots {
			if k > 0 && n == 0 && !p.begun() {
				break
			}
			at := &p.spots[k]
			if at.screen == charger.ScreenIdentity && len(m.photos) < s.photos {
				add(actLook, n, k)
			}
			add(actPlug, n, k)
			if at.screen != charger.ScreenIdentity && at.screen != charger.ScreenUnplug {
				add(actStop, n, k)
			}
		}
		for j := range m.orders {
			add(actScan, n, j)
			if s.halts {
				add(actHalt, n, j)
			}
		}
		for r := range m.receipts {
			add(actReceive, n, r)
		}
		if m.used.cuts < s.cuts && p.begun() {
			add(actCut, n, 0)
		}
	}
	if p := m.posts[0]; s.images > 0 && p.image == nil {
		add(actCopy, 0, 0)
	} else if p.image != nil && m.used.images < s.images {
		add(actRestore, 0, 0)
	}
	if m.used.waits < s.waits && m.posts[0].begun() {
		for i := range waits {
			add(actWait, i, 0)
		}
	}
	if s.trust {
		out = append(out, m.theftActs()...)
	}
	return append(out, m.deskActs()...)
}

func (m *maze) deskActs() (out []act) {
	add := func(v verb, a, b int) { out = append(out, act{v, uint8(a), uint8(b)}) }
	s := &m.stage.sizes
	for i := range m.photos {
		add(actSee, i, 0)
		for account := range min(s.accounts, 1+len(m.orders)) {
			if len(m.orders) < s.orders {
				add(actIssue, i, account)
			}
			if len(m.orders) < s.orders && m.used.lost < s.lost {
				add(actIssueLost, i, account)
			}
		}
	}
	for i := range m.bills {
		add(actUpload, i, 0)
	}
	for j := range m.orders {
		add(actPay, j, 0)
		if m.used.lost < s.lost {
			add(actPayLost, j, 0)
		}
		add(actRelease, j, 0)
	}
	return out
}

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
		p.image = &image{p.journal.Snapshot(), p.made}
		return nil
	case actRestore:
		m.used.images++
		p := m.at(n)
		p.journal, p.made, p.setBack = p.image.journal.Snapshot(), p.image.made, true
		return m.cut(n)
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
