// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/settle/charger"
)

// zeros is a source of randomness that is broken.
type zeros struct{}

// Read tells no secret.
func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(slices.Concat(parts...))
	return h.Sum(nil)
}

func big32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// TestNoncesAreThoseOfTheSpec: section 16 makes them of secret, boot and randomness,
// of connector and counter. Here randomness is lost, and each of the other four alone
// still changes the nonce.
func TestNoncesAreThoseOfTheSpec(t *testing.T) {
	r := newRig(t, nil)
	r.device.Rand = zeros{}
	seen := map[[8]byte]bool{}
	for _, secret := range [][32]byte{{1}, {2}} {
		r.device.Secret = secret
		for range 2 {
			r.boot()
			for n := range 6 {
				id := r.identity(1 + n%2)
				key := mac(secret[:], big32(id.Boot), make([]byte, 32))
				want := mac(key, []byte("nonce"), []byte{id.Connector}, big32(id.Challenge.Counter))
				if nonce := id.Challenge.Nonce; nonce != [8]byte(want[:8]) || seen[nonce] {
					t.Errorf("secret %x, %+v: nonce %x", secret[0], id.Challenge, nonce)
				}
				seen[id.Challenge.Nonce] = true
				r.pass(45 * time.Second)
			}
		}
	}
}

// TestNoNonceIsForetold: who has the issuer's key and a nonce of before signs for the
// next counters, and holds that up once they are on the screen.
func TestNoNonceIsForetold(t *testing.T) {
	r := newRig(t, nil)
	ahead := r.identity(1)
	for range 16 {
		r.pass(45 * time.Second)
		ahead.Challenge.Counter = r.identity(1).Challenge.Counter
		r.refused("this counter with a nonce of before", charger.ErrChallenge, r.scan(r.seal(r.order(ahead, nil))))
	}
}
