// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// An error with a cause has the code of the step that failed, can be asked for that
// of the cause, and is one line of a log.
func TestErrorsWithACauseAreOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		spoil       func(*shop)
		code, cause error
	}{
		"a snapshot of a stranger": {func(s *shop) { s.Trust = qrproto.CodeOfBytes(qrproto.KindTrust, []byte{1}) }, server.ErrConfig, qrproto.ErrEnvelope},
		"a root that sells":        {func(s *shop) { s.trust(); s.Roots[0].Kinds = append(s.Roots[0].Kinds, qrproto.KindReceipt) }, server.ErrConfig, qrproto.ErrBadKey},
		"terms that are none":      {func(s *shop) { s.directory.terms.Tariff.Currency = "?" }, server.ErrTerms, qrproto.ErrTariff},
		"a provider that is away":  {func(*shop) {}, server.ErrPayment, settletest.ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, settletest.PaymentLost)
			c.spoil(s)
			identity := s.device.show()
			q, err := s.Quote(context.Background(), "anna", identity)
			if err == nil {
				_, err = s.Issue(context.Background(), server.Ask{Account: "anna", Identity: identity, Tariff: q.Hash})
			}
			if !errors.Is(err, c.code) || !errors.Is(err, c.cause) || qrproto.CodeOf(err) != c.code {
				t.Fatalf("%v, want %v because of %v", err, c.code, c.cause)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
		})
	}
}
