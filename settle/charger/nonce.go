// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
)

// nonces makes and remembers challenges. They cost no flash and no memory that
// a crowd could exhaust: a nonce is derived from its counter under a key that
// lives as long as the boot, and only the newest of each connector are open.
type nonces struct {
	key     []byte
	counter uint32 // of the newest, over all connectors
	shown   []showing
}

// showing is one challenge that may still be answered.
type showing struct {
	connector int
	challenge qrproto.Challenge
	first     time.Duration // uptime at which it was first shown
	carried   uint32        // highest seq of the settlements that its identity carried, 0 for none
}

// seed draws the boot's key. The device secret keeps it safe from weak
// randomness, the randomness from a flash image that was restored.
func (n *nonces) seed(secret [32]byte, boot uint32, random io.Reader) error {
	var fresh [32]byte
	if _, err := io.ReadFull(random, fresh[:]); err != nil {
		return fail(ErrDevice, "randomness: %w", err)
	}
	mac := hmac.New(sha256.New, secret[:])
	mac.Write(binary.BigEndian.AppendUint32(nil, boot))
	mac.Write(fresh[:])
	n.key = mac.Sum(nil)
	return nil
}

// fresh makes the next challenge of a connector.
func (n *nonces) fresh(connector int, now time.Duration) qrproto.Challenge {
	n.prune(now)
	n.counter++
	mac := hmac.New(sha256.New, n.key)
	mac.Write([]byte("nonce"))
	mac.Write([]byte{byte(connector)})
	mac.Write(binary.BigEndian.AppendUint32(nil, n.counter))
	c := qrproto.Challenge{Counter: n.counter, Nonce: [8]byte(mac.Sum(nil)[:8])}
	n.shown = append(n.shown, showing{connector: connector, challenge: c, first: now})
	n.keepNewest(connector)
	return c
}

// keepNewest closes the oldest challenges of a connector beyond nonceKept.
func (n *nonces) keepNewest(connector int) {
	count := 0
	for i := len(n.shown) - 1; i >= 0; i-- {
		if n.shown[i].connector != connector {
			continue
		}
		if count++; count > nonceKept {
			n.shown = append(n.shown[:i], n.shown[i+1:]...)
		}
	}
}

// prune closes what no order can answer in time any more.
func (n *nonces) prune(now time.Duration) {
	n.keep(func(s showing) bool { return now-s.first <= sightLife })
}

// retire closes all challenges of a connector.
func (n *nonces) retire(connector int) {
	n.keep(func(s showing) bool { return s.connector != connector })
}

func (n *nonces) keep(wanted func(showing) bool) {
	kept := n.shown[:0]
	for _, s := range n.shown {
		if wanted(s) {
			kept = append(kept, s)
		}
	}
	n.shown = kept
}

// find returns the showing of a challenge on a connector, nil if it is not open.
func (n *nonces) find(connector int, c qrproto.Challenge) *showing {
	for i := range n.shown {
		s := &n.shown[i]
		if s.connector == connector && hmac.Equal(s.challenge.Nonce[:], c.Nonce[:]) && s.challenge.Counter == c.Counter {
			return s
		}
	}
	return nil
}

// oldest is the lowest counter that is open on any connector. There is one
// whenever an identity is being made: its own.
func (n *nonces) oldest() uint32 {
	least := n.counter
	for _, s := range n.shown {
		least = min(least, s.challenge.Counter)
	}
	return least
}
