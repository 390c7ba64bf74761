// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/tariff"
)

// ErrTimeout is what a call to a Provider fails with when its answer is lost.
var ErrTimeout = errors.New("settletest: the provider did not answer")

// PaymentFault is what goes wrong with a call to a Provider or with the notification
// about it.
type PaymentFault uint8

// The faults.
const (
	PaymentNone        PaymentFault = iota
	PaymentLost                     // the request never arrives: ErrTimeout, no effect
	PaymentNoAnswer                 // the effect is there, the answer is lost: ErrTimeout
	PaymentDelayed                  // ErrTimeout now, the request arrives before a later call
	PaymentTwice                    // the request arrives twice
	PaymentNotifyTwice              // the notification comes twice
	PaymentNotifyLate               // the notification comes after later ones
	paymentFaults
)

// ProviderOptions set up a Provider.
type ProviderOptions struct {
	Now func() time.Time // must be set
	// Balance is what each account has when it is first heard of. Its scale is
	// that of the sums which the provider tells.
	Balance tariff.Money
	// HoldFor is how long a hold lasts; 0 is 7 days.
	HoldFor time.Duration
	// Script are the faults of the first calls. After it, of 1000 calls Faulty
	// get a fault drawn from Seed.
	Script []PaymentFault
	Faulty int
	Seed   uint64
}

// Provider is a payment provider with state. It holds to what server.Payments
// promises, and fails as its options say.
type Provider struct {
	mu       sync.Mutex
	options  ProviderOptions
	random   *rand.Rand
	calls    int
	accounts map[string]*purse
	holds    map[string]*reservation
	order    []string // of the holds, as they were made
	answers  map[string]answer
	delayed  []request
	outbox   outbox
	broken   []error // promises that a caller has broken
}

var _ server.Payments = (*Provider)(nil)

// NewProvider returns a provider without accounts.
func NewProvider(o ProviderOptions) *Provider {
	if o.HoldFor == 0 {
		o.HoldFor = 7 * 24 * time.Hour
	}
	return &Provider{
		options:  o,
		random:   rand.New(rand.NewPCG(o.Seed, 1)),
		accounts: map[string]*purse{},
		holds:    map[string]*reservation{},
		answers:  map[string]answer{},
	}
}

// request is one call as the provider sees it.
type request struct {
	key    string
	event  server.PaymentEvent
	target string // the account for a hold, else the hold
	amount tariff.Money
}

type answer struct {
	request request
	hold    string
	err     error
}

// Hold implements server.Payments.
func (p *Provider) Hold(ctx context.Context, key, account string, amount tariff.Money) (string, error) {
	return p.call(ctx, request{key, server.PaymentHeld, account, amount})
}

// Capture implements server.Payments.
func (p *Provider) Capture(ctx context.Context, key, hold string, amount tariff.Money) error {
	_, err := p.call(ctx, request{key, server.PaymentCaptured, hold, amount})
	return err
}

// Release implements server.Payments.
func (p *Provider) Release(ctx context.Context, key, hold string) error {
	_, err := p.call(ctx, request{key: key, event: server.PaymentReleased, target: hold})
	return err
}

// Refund implements server.Payments.
func (p *Provider) Refund(ctx context.Context, key, hold string, amount tariff.Money) error {
	_, err := p.call(ctx, request{key, server.PaymentRefunded, hold, amount})
	return err
}

// call passes a request through whatever goes wrong with it.
func (p *Provider) call(ctx context.Context, r request) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	fault := p.fault()
	late := p.delayed
	p.delayed = nil
	defer func() { // behind this request, as in a network
		for _, r := range late {
			p.serve(r, PaymentNone)
		}
	}()
	switch fault {
	case PaymentLost:
		return "", ErrTimeout
	case PaymentDelayed:
		p.delayed = append(p.delayed, r)
		return "", ErrTimeout
	case PaymentNoAnswer:
		p.serve(r, fault)
		return "", ErrTimeout
	case PaymentTwice:
		p.serve(r, fault)
	}
	a := p.serve(r, fault)
	return a.hold, a.err
}

// fault draws what goes wrong with the next call.
func (p *Provider) fault() PaymentFault {
	n := p.calls
	p.calls++
	switch {
	case n < len(p.options.Script):
		return p.options.Script[n]
	case p.random.IntN(1000) < p.options.Faulty:
		return PaymentFault(1 + p.random.IntN(int(paymentFaults)-1))
	}
	return PaymentNone
}

// serve executes a request, or repeats the answer to its key.
func (p *Provider) serve(r request, fault PaymentFault) answer {
	if a, ok := p.answers[r.key]; ok {
		if a.request != r {
			p.broken = append(p.broken, fmt.Errorf("key %q is used for two requests, %v and %v", r.key, a.request, r))
			a.err = errors.Join(server.ErrDeclined, errors.New("key reused"))
		}
		return a
	}
	a := answer{request: r}
	switch r.event {
	case server.PaymentHeld:
		a.hold, a.err = p.hold(r)
	case server.PaymentCaptured:
		a.hold, a.err = r.target, p.capture(r)
	case server.PaymentReleased:
		a.hold, a.err = r.target, p.release(r)
	case server.PaymentRefunded:
		a.hold, a.err = r.target, p.refund(r)
	}
	p.answers[r.key] = a
	if a.err == nil {
		if h := p.holds[a.hold]; r.event == server.PaymentReleased {
			r.amount = p.shown(h.returned)
		}
		p.outbox.post(&server.Notification{Key: r.key, Event: r.event, Hold: a.hold, Amount: r.amount}, fault)
	}
	return a
}

// Calls is how many calls have reached for the provider, lost ones included.
func (p *Provider) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}
