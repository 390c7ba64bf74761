// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// halfKey signs, and does not say as whom.
type halfKey struct{ crypto.Signer }

func (halfKey) Public() crypto.PublicKey { return nil }

func p384Key(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestRootsAreLookedAtBeforeMoney: also where there is no snapshot yet.
func TestRootsAreLookedAtBeforeMoney(t *testing.T) {
	s := newShop(t)
	s.trust()
	s.Trust = qrproto.Code{}
	identity := s.device.show()
	q, err := s.Quote(ctx, "bert", identity)
	if err != nil {
		t.Fatal(err)
	}
	s.Roots[0].ID = ""
	_, quote := s.Quote(ctx, "bert", identity)
	_, issue := s.Issue(ctx, server.Ask{Account: "bert", Identity: identity, Tariff: q.Hash})
	for _, err := range []error{quote, issue} {
		if !errors.Is(err, server.ErrConfig) || !errors.Is(err, qrproto.ErrBadKey) {
			t.Error(err)
		}
	}
	if orders, err := s.store.Find(ctx, server.Query{Account: "bert"}); err != nil || len(orders) > 0 {
		t.Errorf("%v, %v", orders, err)
	}
}

func TestUnconfigured(t *testing.T) {
	for name, spoil := range map[string]func(*server.Server){
		"store":                func(s *server.Server) { s.Store = nil },
		"issuer":               func(s *server.Server) { s.Issuer.Key = nil },
		"directory":            func(s *server.Server) { s.Directory = nil },
		"payments":             func(s *server.Server) { s.Payments = nil },
		"clock":                func(s *server.Server) { s.Now = nil },
		"chance":               func(s *server.Server) { s.Rand = nil },
		"a whole issuer":       func(s *server.Server) { s.Issuer.ID = "" },
		"a short issuer's id":  func(s *server.Server) { s.Issuer.ID = "123456789" },
		"an issuer's curve":    func(s *server.Server) { s.Issuer.Key = p384Key(t) },
		"an issuer's own half": func(s *server.Server) { s.Issuer.Key = halfKey{} },
		"a whole set of agreement keys": func(s *server.Server) {
			s.Agreement = []*ecdh.PrivateKey{agreementKey(t, 1), nil}
		},
	} {
		s := newShop(t)
		spoil(s.Server)
		_, quote := s.Quote(ctx, "anna", "")
		_, issue := s.Issue(ctx, server.Ask{Account: "anna"})
		_, settled := s.Settle(ctx, "")
		_, pay := s.Pay(ctx, qrproto.OrderID{})
		_, receipt := s.Receipt(ctx, qrproto.OrderID{})
		_, release := s.Release(ctx, qrproto.OrderID{})
		for _, err := range []error{quote, issue, settled, pay, receipt, release} {
			if !errors.Is(err, server.ErrConfig) {
				t.Errorf("without %s: %v", name, err)
			}
		}
	}
}
