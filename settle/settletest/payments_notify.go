// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"github.com/seed81979277/qrcharge/settle/server"
)

// ErrNotification is returned for a notification that this provider did not
// send.
var ErrNotification = errors.New("settletest: not a notification of this provider")

// outbox keeps notifications until they are delivered.
type outbox struct {
	ready, late [][]byte
}

// letter is a notification with its seal.
type letter struct {
	Body json.RawMessage
	Seal []byte
}

func (o *outbox) post(n *server.Notification, fault PaymentFault) {
	body, err := json.Marshal(n)
	if err != nil {
		return // a Notification is plain data
	}
	text, err := json.Marshal(letter{body, sealOf(body)})
	switch {
	case err != nil:
	case fault == PaymentNotifyLate:
		o.late = append(o.late, text)
	case fault == PaymentNotifyTwice:
		o.ready = append(o.ready, text, text)
	default:
		o.ready = append(o.ready, text)
	}
}

// Deliver returns what the provider sends by itself, each once, and what is
// late behind all others.
func (p *Provider) Deliver() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire()
	out := append(p.outbox.ready, p.outbox.late...)
	p.outbox = outbox{}
	return out
}

// ParseNotification implements server.Payments.
func (p *Provider) ParseNotification(body []byte) (*server.Notification, error) {
	var l letter
	if err := json.Unmarshal(body, &l); err != nil {
		return nil, errors.Join(ErrNotification, err)
	}
	if !hmac.Equal(l.Seal, sealOf(l.Body)) {
		return nil, ErrNotification
	}
	n := new(server.Notification)
	if err := json.Unmarshal(l.Body, n); err != nil {
		return nil, errors.Join(ErrNotification, err)
	}
	return n, nil
}

func sealOf(body []byte) []byte {
	mac := hmac.New(sha256.New, []byte("settletest provider"))
	mac.Write(body)
	return mac.Sum(nil)
}
