// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"crypto/ecdh"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// newStation enrols a charger with agreement keys; those of the server are its
// newest and others.
func newStation(t *testing.T, servers ...*ecdh.PrivateKey) *station {
	t.Helper()
	street := newStreet(t)
	street.server.Agreement = servers
	return street.install(7, func(s *station) {
		s.device.Agreement, s.device.Server, s.options.Carry = agreementKey(t, 1), agreementKey(t, 2).PublicKey(), 4
	})
}

// record is the settlement that the charger keeps.
func (s *station) record() []byte {
	s.t.Helper()
	for r, err := range s.journal.Records() {
		if err != nil {
			s.t.Fatal(err)
		}
		if r[0] == 'S' {
			return bytes.Clone(r[1:])
		}
	}
	s.t.Fatal("no settlement is kept")
	return nil
}

// TestAttack38CarriedRecordsInAStrangersBrowserHistory: the next customer's
// phone keeps the link, and with it the record of the one before. Who finds it,
// and knows every public key, and can open the code, learns nothing of the
// record but its length; the server reads it.
func TestAttack38CarriedRecordsInAStrangersBrowserHistory(t *testing.T) {
	s := newStation(t, agreementKey(t, 2))
	o := s.leave("anna", 1)
	link := s.charger.Do(1).Text
	plain := s.record()

	code, err := qrproto.ParseCode(link)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := qrproto.As[*qrproto.Identity](qrproto.Open(link, s.book))
	if err != nil || len(seen.Records) != 1 || len(seen.Records[0]) != len(plain) {
		t.Fatalf("%+v, %v", seen, err)
	}
	if _, err := qrproto.DecodeRecord(seen.Number, seen.Records[0]); err == nil {
		t.Error("a stranger decodes the record")
	}
	order := o.Sum.Ref()
	if !bytes.Contains(plain, order[:]) || bytes.Contains(code.Bytes(), order[:]) {
		t.Error("a stranger reads which order it was")
	}
	for n := range len(plain) - 4 { // chance: 2^-32 for each of some 10^4 pairs
		if bytes.Contains(code.Bytes(), plain[n:n+4]) && !bytes.Contains(seenWithout(t, seen), plain[n:n+4]) {
			t.Errorf("a stranger reads % x of the record", plain[n:n+4])
		}
	}
	for name, guess := range map[string]*ecdh.PrivateKey{"a key of his own": agreementKey(t, 9), "all ones": agreementKey(t, 0xff)} {
		for _, public := range []*ecdh.PublicKey{agreementKey(t, 1).PublicKey(), agreementKey(t, 2).PublicKey()} {
			c, err := qrproto.NewCarrier(guess, public)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Apply(seen); err != nil || bytes.Equal(got[0], plain) {
				t.Errorf("with %s: %x, %v", name, got, err)
			}
		}
	}

	q, err := s.server.Quote(ctx, "bert", link)
	if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != o.ID {
		t.Fatalf("the server: %+v, %v", q, err)
	}
	if got := q.Carried[0].Order.Settlement; got.Delivered != 1_000_000 {
		t.Errorf("%d mWh", got.Delivered)
	}
}

// seenWithout is what the identity says beside its records.
func seenWithout(t *testing.T, i *qrproto.Identity) []byte {
	t.Helper()
	bare := *i
	bare.Records = nil
	code, err := qrproto.Seal(&bare, signer(qrproto.DeviceKeyID(i.Number, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return code.Bytes()
}

// TestAgreementKeysAsEnrolled: which records a server can read by the keys that
// it holds and those that the device is enrolled with. What it cannot read it
// refuses, and the charger keeps.
func TestAgreementKeysAsEnrolled(t *testing.T) {
	old, newest := agreementKey(t, 2), agreementKey(t, 3) // the charger knows the old one
	for _, c := range []struct {
		name     string
		server   []*ecdh.PrivateKey
		enrolled *ecdh.PublicKey
		want     qrproto.ErrorCode
	}{
		{"the key that the device knows", []*ecdh.PrivateKey{old}, agreementKey(t, 1).PublicKey(), 0},
		{"the server has a newer one too", []*ecdh.PrivateKey{newest, old}, agreementKey(t, 1).PublicKey(), 0},
		{"the server has lost the old one", []*ecdh.PrivateKey{newest}, agreementKey(t, 1).PublicKey(), server.ErrRecord},
		{"the server has none", nil, agreementKey(t, 1).PublicKey(), server.ErrRecord},
		{"the device is enrolled without", []*ecdh.PrivateKey{old}, nil, server.ErrRecord},
		{"the device is enrolled with another's", []*ecdh.PrivateKey{old}, agreementKey(t, 5).PublicKey(), server.ErrRecord},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStation(t, c.server...)
			o := s.leave("anna", 1)
			s.book.keys[0].Agreement = c.enrolled
			q, err := s.server.Quote(ctx, "bert", s.charger.Do(1).Text)
			if err != nil || len(q.Carried) != 1 || qrproto.CodeOf(q.Carried[0].Err) != c.want {
				t.Fatalf("%+v, %v", q, err)
			}
			if c.want == 0 {
				return
			}
			s.book.keys[0].Agreement, s.server.Agreement = agreementKey(t, 1).PublicKey(), []*ecdh.PrivateKey{old}
			s.pass(time.Minute)
			q, err = s.server.Quote(ctx, "bert", s.charger.Do(1).Text)
			if err != nil || len(q.Carried) != 1 || q.Carried[0].Err != nil || q.Carried[0].Order.ID != o.ID {
				t.Errorf("once the keys are right: %+v, %v", q, err)
			}
		})
	}
}
