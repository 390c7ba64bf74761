// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// maze is one state of everything, and what is known of how it came about that
// nobody in it knows. A copy shares what neither of the two has touched since.
type maze struct {
	stage  *stage
	now    int64
	posts  []*post
	desk   *desk
	mine   []bool // posts that no other maze has, then the desk
	orders []sale
	used   mazeUse

	// What the adversary holds: all that was shown or issued.
	photos   []*photo
	bills    []string // settlements
	receipts []string
}

// mazeUse counts what is bounded.
type mazeUse struct {
	cuts, images, waits, lost, forged int
	revoked                           bool
}

// desk is what the server and the payment provider keep.
type desk struct {
	store    *settletest.Store
	provider *settletest.Provider
	sum      uint64 // of all that, 0 where it has changed
}

// photo is an identity that was shown.
type photo struct {
	text string
	id   *qrproto.Identity
	post int
	boot int // as it really was
	made int // settlements that were made before
}

func newMaze(s *stage) (*maze, error) {
	m := &maze{stage: s, mine: make([]bool, s.sizes.posts+1)}
	m.desk = &desk{store: settletest.NewStore(), provider: settletest.NewProvider(settletest.ProviderOptions{Now: s.true,
		Balance: tariff.Money{Units: 1000_00, Scale: 2, Currency: "CNY"}})}
	for n := range s.sizes.posts {
		size := int64(wideJournal)
		if s.sizes.small {
			size = smallJournal + moreJournal*int64(s.sizes.connectors-1)
		}
		p := &post{journal: settletest.NewJournal(size)}
		for range s.sizes.connectors {
			p.spots = append(p.spots, spot{reg: 5_000_000, screen: charger.ScreenIdentity, order: none})
		}
		m.posts, m.mine[n] = append(m.posts, p), true
		if err := m.power(n); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *maze) clone() *maze {
	out := *m
	out.posts, out.orders, out.mine = slices.Clone(m.posts), slices.Clone(m.orders), make([]bool, len(m.mine))
	out.photos, out.bills, out.receipts = slices.Clip(m.photos), slices.Clip(m.bills), slices.Clip(m.receipts)
	return &out
}

// at makes charger n this maze's own, and puts it on the stage.
func (m *maze) at(n int) *post {
	if !m.mine[n] {
		p := *m.posts[n]
		p.charger, p.journal, p.made, p.spots = twin(p.charger), p.journal.Clone(), slices.Clip(p.made), slices.Clone(p.spots)
		m.posts[n], m.mine[n] = &p, true
	}
	m.posts[n].sum = 0
	s := m.stage.slots[n]
	s.Journal, s.up = m.posts[n].journal, m.posts[n].up
	m.stage.now = m.now
	return m.posts[n]
}

// serve makes the desk this maze's own, and puts it on the stage.
func (m *maze) serve() *server.Server {
	if n := len(m.posts); !m.mine[n] {
		m.desk, m.mine[n] = twin(m.desk), true
	}
	m.desk.sum = 0
	s := m.stage
	s.server.Store, s.server.Payments = s.weak.storeOf(m.desk.store), s.weak.paymentsOf(m.desk.provider)
	if s.theft != nil {
		s.server.Trust = m.newest()
	}
	s.now, s.drawn = m.now, uint64(len(m.orders))<<16
	return s.server
}

// power opens charger n over what its journal holds.
func (m *maze) power(n int) error {
	p := m.at(n)
	p.boots++
	p.up, m.stage.slots[n].up = time.Second, time.Second
	d := m.stage.slots[n].device
	if d.Rand == nil {
		d.Rand = rand.NewChaCha8(sha256.Sum256([]byte{byte(n), byte(p.boots)}))
	}
	var err error
	p.charger, err = charger.Open(d, m.stage.slots[n], m.stage.slots[n], &charger.Options{Seal: m.stage.sizes.seal})
	return err
}

// hash tells states apart. It leaves nothing out but the order in which the
// adversary got what he holds.
func (m *maze) hash() uint64 {
	b := binary.BigEndian.AppendUint64(nil, uint64(m.now))
	for _, p := range m.posts {
		if p.sum == 0 {
			p.sum = hashOf(p.print(nil))
		}
		b = binary.BigEndian.AppendUint64(b, p.sum)
	}
	if m.desk.sum == 0 {
		m.desk.sum = hashOf(printed(nil, m.desk))
	}
	b = binary.BigEndian.AppendUint64(b, m.desk.sum)
	b = printed(b, &m.orders)
	b = printed(b, &m.used)
	var set uint64
	for _, p := range m.photos {
		set += hashOf([]byte(p.text))
	}
	for _, text := range slices.Concat(m.bills, m.receipts) {
		set += hashOf([]byte(text))
	}
	return hashOf(binary.BigEndian.AppendUint64(b, set))
}
