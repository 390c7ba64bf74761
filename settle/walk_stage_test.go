// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// stage is what all states of a walk share: clocks, keys, and the one server,
// which keeps nothing of its own. Before anything happens in a maze, the maze is
// set up on it.
type stage struct {
	sizes  mazeSizes
	weak   weakness
	now    int64 // true time, s since noon
	slots  []*slot
	server *server.Server
	keys   qrproto.KeyList // of the devices
	theft  *theft          // nil for none
	tariff *tariff.Tariff
	hash   qrproto.Hash // of the tariff
	drawn  uint64
	read   map[string]*qrproto.Identity
	parsed map[string]made
}

// slot is where a charger's hardware is: whatever journal is in it now.
type slot struct {
	*settletest.Journal
	device charger.Device
	up     time.Duration
	uptime func(time.Duration) time.Duration
	twin   bool // of the first
	blind  bool // it reads no settlement back
}

// Records implements charger.Journal.
func (s *slot) Records() iter.Seq2[[]byte, error] {
	if !s.blind {
		return s.Journal.Records()
	}
	return func(yield func([]byte, error) bool) {
		for record, err := range s.Journal.Records() {
			if err == nil && record[0] == 'S' {
				continue
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

func (s *slot) Uptime() time.Duration   { return s.uptime(s.up) }
func (s *slot) Wall() (time.Time, bool) { return time.Time{}, false }

// mazeSizes bound a walk. Counts are of what may happen on one way.
type mazeSizes struct {
	posts, connectors int
	photos            int // identities that the adversary keeps
	orders            int
	accounts          int
	cuts, images      int
	waits             int
	lost              int  // answers of the payment provider
	small             bool // the journals are so small that they are rewritten again and again
	seal              charger.Seal
	halts             bool // stop orders
	trust             bool // snapshots, and a stolen key
	forged            int  // orders under it
}

// The journal of a small charger is rewritten at almost every sale.
const (
	wideJournal  = 1 << 20
	smallJournal = 5400 // of one connector
	moreJournal  = 1024 // for each other
)

// noonUnix is the true time at which each walk begins: 2026-11-22 12:00 UTC.
const noonUnix = 1795348800

func newStage(sizes mazeSizes, weak weakness) (*stage, error) {
	s := &stage{sizes: sizes, weak: weak, read: map[string]*qrproto.Identity{}, parsed: map[string]made{}}
	prices, err := tariff.FromGrid(tariff.Grid{Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Flat, Electricity: 90, Service: 10}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}, "CNY")
	if err != nil {
		return nil, err
	}
	if s.hash, err = qrproto.TariffHash(prices); err != nil {
		return nil, err
	}
	s.tariff = prices
	issuer := memo(signer("iss1"))
	if sizes.trust {
		if s.theft, err = newTheft(&weak); err != nil {
			return nil, err
		}
	}
	for n := range sizes.posts {
		s.slots = append(s.slots, s.newSlot(n, issuer.Key.Public()))
	}
	s.server = &server.Server{Issuer: issuer, Directory: s, Now: s.time, Rand: s}
	if s.theft != nil {
		s.server.Roots = qrproto.KeyList{s.theft.roots()}
	}
	return s, nil
}

func (s *stage) newSlot(n int, issuer crypto.PublicKey) *slot {
	number := []byte{0x32, 0x01, byte(n + 1)}
	own := memo(signer(qrproto.DeviceKeyID(number, 1)))
	out := &slot{uptime: func(up time.Duration) time.Duration { return up }}
	out.device = charger.Device{Number: number, Connectors: s.sizes.connectors, Key: own, Secret: [32]byte{1, byte(n)},
		Keys: []qrproto.Key{{ID: "iss1", Public: issuer, Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt, qrproto.KindStopOrder}}}}
	if s.theft != nil {
		out.device.Keys = append(out.device.Keys, s.theft.roots())
	}
	if s.weak.device != nil {
		s.weak.device(out)
	}
	if out.twin && n > 0 {
		out.device.Number, out.device.Key = s.slots[0].device.Number, s.slots[0].device.Key
	}
	s.keys = append(s.keys, qrproto.Key{ID: own.ID, Public: own.Key.Public(), Number: number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}})
	return out
}

// memoMost bounds what is kept only to save time.
const memoMost = 100_000

func memo(s qrproto.Signer) qrproto.Signer {
	return qrproto.Signer{ID: s.ID, Key: &memoSigner{s.Key, map[string][]byte{}}}
}

// memoSigner signs each message once: Ed25519 signs the same one the same way.
type memoSigner struct {
	crypto.Signer
	made map[string][]byte
}

func (m *memoSigner) Sign(r io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	if s := m.made[string(message)]; s != nil {
		return slices.Clone(s), nil
	}
	s, err := m.Signer.Sign(r, message, o)
	if len(m.made) > memoMost {
		clear(m.made)
	}
	m.made[string(message)] = slices.Clone(s)
	return s, err
}

// The stage is the operator's directory.

func (s *stage) Key(id qrproto.KeyID) (*qrproto.Key, error)         { return s.keys.Key(id) }
func (s *stage) Site(context.Context, []byte) (*server.Site, error) { return nil, nil }
func (s *stage) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	return &server.Terms{Tariff: s.tariff, Hold: tariff.Money{Units: 50_00, Scale: 2, Currency: "CNY"}}, nil
}

func (s *stage) true() time.Time { return time.Unix(noonUnix+s.now, 0) }

// time is the server's clock.
func (s *stage) time() time.Time {
	if s.weak.now != nil {
		return time.Unix(noonUnix+s.weak.now(s.now), 0)
	}
	return s.true()
}

// Read makes order ids. They follow from how many orders there are, so that the
// way does not count.
func (s *stage) Read(b []byte) (int, error) {
	s.drawn++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("order"), s.drawn))
	return copy(b, sum[:]), nil
}
