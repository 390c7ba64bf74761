// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// decimals of all sums inside a provider; no order has more.
const decimals = 6

// purse is the money of an account that is neither held nor captured.
type purse struct {
	funded, free tariff.Money
}

// reservation is a hold. What is held of it now is amount - captured - returned.
type reservation struct {
	account                              string
	key                                  string
	amount, captured, returned, refunded tariff.Money
	capturedBy                           string // the key of the capture
	until                                time.Time
	closed                               bool
}

func declined(why string) error { return fmt.Errorf("settletest: %s: %w", why, server.ErrDeclined) }

// sum adds up, at the provider's scale.
func sum(first tariff.Money, more ...tariff.Money) (tariff.Money, error) {
	total, err := first.Add(tariff.Money{Scale: decimals, Currency: first.Currency})
	for _, m := range more {
		if err == nil {
			total, err = total.Add(m)
		}
	}
	if err == nil && total.Scale != decimals {
		err = tariff.ErrScale
	}
	return total, err
}

func minus(m tariff.Money) tariff.Money {
	m.Units = -m.Units
	return m
}

func nothing(of tariff.Money) tariff.Money {
	return tariff.Money{Scale: decimals, Currency: of.Currency}
}

// shown is an amount at the scale of the balances, or at a finer one where it
// needs that.
func (p *Provider) shown(m tariff.Money) tariff.Money {
	for m.Scale > p.options.Balance.Scale && m.Units%10 == 0 {
		m.Units, m.Scale = m.Units/10, m.Scale-1
	}
	return m
}

func (p *Provider) purse(account string) *purse {
	if p.accounts[account] == nil {
		p.accounts[account] = &purse{p.options.Balance, p.options.Balance}
	}
	return p.accounts[account]
}

func (p *Provider) hold(r request) (string, error) {
	from := p.purse(r.target)
	left, err := sum(from.free, minus(r.amount))
	switch {
	case err != nil || r.amount.Units <= 0:
		return "", declined("not an amount to hold")
	case left.Units < 0:
		return "", declined("not enough money")
	}
	from.free = left
	id := fmt.Sprintf("ph-%d", len(p.holds)+1)
	zero := nothing(r.amount)
	p.holds[id] = &reservation{
		account: r.target, key: r.key, amount: r.amount, captured: zero, returned: zero, refunded: zero,
		until: p.options.Now().Add(p.options.HoldFor),
	}
	p.order = append(p.order, id)
	return id, nil
}

func (p *Provider) capture(r request) error {
	h := p.holds[r.target]
	switch {
	case h == nil || h.closed:
		return declined("no such hold, or no longer")
	case h.capturedBy != "":
		p.broken = append(p.broken, fmt.Errorf("hold %s is captured by %q and %q", r.target, h.capturedBy, r.key))
		return declined("captured before")
	}
	left, err := sum(h.amount, minus(r.amount))
	if err != nil || r.amount.Units <= 0 || left.Units < 0 {
		p.broken = append(p.broken, fmt.Errorf("capture of %v from a hold of %v", r.amount, h.amount))
		return declined("not an amount to capture")
	}
	h.captured, err = sum(r.amount)
	h.capturedBy = r.key
	return err
}

func (p *Provider) release(r request) error {
	h := p.holds[r.target]
	if h == nil {
		return declined("no such hold")
	}
	return p.giveBack(h)
}

// giveBack closes a hold and returns the rest of it.
func (p *Provider) giveBack(h *reservation) error {
	if h.closed {
		return nil
	}
	rest, err := sum(h.amount, minus(h.captured))
	if err != nil {
		return err
	}
	to := p.purse(h.account)
	if to.free, err = sum(to.free, rest); err != nil {
		return err
	}
	h.returned, h.closed = rest, true
	return nil
}

func (p *Provider) refund(r request) error {
	h := p.holds[r.target]
	if h == nil {
		return declined("no such hold")
	}
	left, err := sum(h.captured, minus(h.refunded), minus(r.amount))
	if err != nil || r.amount.Units <= 0 || left.Units < 0 {
		return declined("more than was captured")
	}
	to := p.purse(h.account)
	if to.free, err = sum(to.free, r.amount); err != nil {
		return err
	}
	h.refunded, err = sum(h.refunded, r.amount)
	return err
}

// expire lets holds lapse whose time is over.
func (p *Provider) expire() {
	now := p.options.Now()
	for _, id := range p.order {
		h := p.holds[id]
		if h.closed || now.Before(h.until) {
			continue
		}
		if err := p.giveBack(h); err != nil {
			p.broken = append(p.broken, err)
		}
		p.outbox.post(&server.Notification{Key: h.key, Event: server.PaymentExpired, Hold: id, Amount: p.shown(h.returned)}, PaymentNone)
	}
}

// Balance is what an account has that is neither held nor captured.
func (p *Provider) Balance(account string) tariff.Money {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	return p.shown(p.purse(account).free)
}

// Held is what is held of an account now.
func (p *Provider) Held(account string) tariff.Money {
	return p.total(account, func(h *reservation) tariff.Money {
		rest, err := sum(h.amount, minus(h.captured), minus(h.returned))
		if err != nil {
			p.broken = append(p.broken, err)
		}
		return rest
	})
}

// Captured is what an account has paid so far, less refunds.
func (p *Provider) Captured(account string) tariff.Money {
	return p.total(account, func(h *reservation) tariff.Money {
		net, err := sum(h.captured, minus(h.refunded))
		if err != nil {
			p.broken = append(p.broken, err)
		}
		return net
	})
}

func (p *Provider) total(account string, part func(*reservation) tariff.Money) tariff.Money {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	total := nothing(p.purse(account).free)
	for _, id := range p.order {
		if h := p.holds[id]; h.account == account {
			var err error
			if total, err = sum(total, part(h)); err != nil {
				p.broken = append(p.broken, err)
			}
		}
	}
	return p.shown(total)
}

// Captures is how many holds were captured.
func (p *Provider) Captures() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, h := range p.holds {
		if h.capturedBy != "" {
			n++
		}
	}
	return n
}

// Check returns nil if all is well: nothing was captured above its hold or
// twice, no key was used for two requests, and the money of each account,
// free, held and captured, is what it began with.
func (p *Provider) Check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	errs := slices.Clone(p.broken)
	left := map[string]tariff.Money{}
	for _, account := range slices.Sorted(maps.Keys(p.accounts)) {
		left[account] = p.accounts[account].free
	}
	for _, id := range p.order {
		h := p.holds[id]
		held, err := sum(h.amount, minus(h.captured), minus(h.returned))
		if err != nil || held.Units < 0 {
			errs = append(errs, fmt.Errorf("hold %s of %v: captured %v, returned %v: %w", id, h.amount, h.captured, h.returned, err))
		}
		all, err := sum(left[h.account], held, h.captured, minus(h.refunded))
		if err != nil {
			errs = append(errs, err)
		}
		left[h.account] = all
	}
	for _, account := range slices.Sorted(maps.Keys(left)) {
		if c, err := left[account].Cmp(p.accounts[account].funded); err != nil || c != 0 {
			errs = append(errs, fmt.Errorf("account %q has %v of %v", account, left[account], p.accounts[account].funded))
		}
	}
	return errors.Join(errs...)
}
