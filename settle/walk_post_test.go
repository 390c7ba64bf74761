// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// none is the index of no order.
const none = -1

// post is a charger with its flash and its hardware.
type post struct {
	charger *charger.Charger
	journal *settletest.Journal
	up      time.Duration
	boots   int // as they really were
	spots   []spot
	made    []made // settlements, those that only a set back memory knew left out
	image   *image // a copy of the flash, nil for none
	setBack bool
	looked  bool   // somebody did, at the first connector
	sum     uint64 // of all this, 0 where it has changed
	epoch   uint32 // of the newest snapshot that was shown
	sold    int    // orders of the stolen key that were accepted under it
}

// spot is the hardware of a connector. The relay is as Do said last.
type spot struct {
	reg         int64 // mWh
	plug, relay bool
	screen      charger.Screen
	order       int // that runs, or ran last
}

// made is a settlement that a charger made.
type made struct {
	settlement *qrproto.Settlement
	sum        qrproto.Ref
}

type image struct {
	journal *settletest.Journal
	made    []made
}

// begun tells whether anything happened to a charger.
func (p *post) begun() bool { return p.boots > 1 || p.looked || p.spots[0].plug }

func (p *post) print(b []byte) []byte {
	b = printed(b, p.charger)
	for record := range p.journal.Records() {
		b = append(binary.AppendUvarint(b, uint64(len(record))), record...)
	}
	b = binary.AppendUvarint(b, uint64(p.up))
	b = printed(printed(b, &p.boots), &p.spots)
	b = append(b, byte(len(p.made)))
	for _, s := range p.made {
		b = append(b, s.sum[:]...)
	}
	b = printed(printed(printed(b, &p.setBack), &p.epoch), &p.sold)
	if p.image != nil {
		for record := range p.image.journal.Records() {
			b = append(binary.AppendUvarint(b, uint64(len(record))), record...)
		}
	}
	return b
}

// flow lets energy flow where it can: 12 kW.
func (m *maze) flow(p *post, s int64) {
	for k := range p.spots {
		at := &p.spots[k]
		if !at.relay || !at.plug {
			continue
		}
		energy := s * 100_000 / 30
		at.reg += energy
		if at.order != none {
			m.orders[at.order].flowed += energy
		}
	}
}

func (at *spot) reading() charger.Reading {
	r := charger.Reading{Reading: tariff.Reading{Energy: at.reg}, Plugged: at.plug}
	if at.relay {
		r.Power = 12_000
	}
	return r
}

// show asks connector k what to do, does it, and lets the adversary have what is
// on the screen. What is idle is asked only when somebody looks.
func (m *maze) show(n, k int) error {
	p := m.at(n)
	d := p.charger.Do(k + 1)
	at := &p.spots[k]
	at.relay, at.screen = d.Relay, d.Screen
	switch {
	case d.Screen == charger.ScreenFault:
		return fmt.Errorf("charger %d.%d is out of order", n, k)
	case d.Relay && at.order == none:
		return fmt.Errorf("the relay of charger %d.%d is closed without an order", n, k)
	case d.Screen == charger.ScreenIdentity:
		p.looked = true
		m.photograph(n, d.Text)
	case d.Screen == charger.ScreenSettlement:
		m.keep(d.Text)
	}
	return m.checkPost(n)
}

// photograph keeps an identity, if it is new and there is room.
func (m *maze) photograph(n int, text string) {
	same := func(p *photo) bool { return p.text == text }
	if len(m.photos) >= m.stage.sizes.photos || slices.ContainsFunc(m.photos, same) {
		return
	}
	p := m.posts[n]
	m.photos = append(m.photos, &photo{text, m.stage.identity(text), n, p.boots, len(p.made)})
}

// identity reads a code that a charger has just signed. Most are shown on many
// ways, and what is signed is never read in another way.
func (s *stage) identity(text string) *qrproto.Identity {
	if id := s.read[text]; id != nil {
		return id
	}
	id, err := qrproto.As[*qrproto.Identity](qrproto.Open(text, s))
	if err != nil {
		panic(err)
	}
	if len(s.read) > memoMost {
		clear(s.read)
	}
	s.read[text] = id
	return id
}

func (m *maze) keep(text string) {
	if !slices.Contains(m.bills, text) {
		m.bills = append(m.bills, text)
	}
}

// meter reads connector k.
func (m *maze) meter(n, k int) error {
	p := m.at(n)
	at := &p.spots[k]
	switch at.screen {
	case charger.ScreenCharging:
		m.orders[at.order].read(m.now)
	case charger.ScreenUnplug: // nothing flows, and what occupying costs runs on
		m.orders[at.order].heard = m.now
	}
	if err := p.charger.Meter(k+1, at.reading()); err != nil {
		return fmt.Errorf("meter: %w", err)
	}
	return m.after(n, k)
}

// press presses the button.
func (m *maze) press(n, k int) error {
	p := m.at(n)
	at := &p.spots[k]
	if at.screen == charger.ScreenCharging {
		m.orders[at.order].stop(m.now)
	}
	if err := p.charger.Stop(k+1, at.reading(), qrproto.StopUser); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return m.after(n, k)
}

// after applies what follows from a call about a connector.
func (m *maze) after(n, k int) error {
	p := m.posts[n]
	at := &p.spots[k]
	if at.screen == charger.ScreenIdentity {
		return nil
	}
	was := at.screen
	if err := m.show(n, k); err != nil {
		return err
	}
	if at.screen == charger.ScreenCharging && was == charger.ScreenPlug {
		m.orders[at.order].begin(m.now)
	}
	return nil
}

// scan shows order j to charger n, which may refuse it.
func (m *maze) scan(n, j int) (refusal, err error) {
	p := m.at(n)
	k, refusal := p.charger.Accept(m.orders[j].text)
	if refusal != nil {
		return refusal, nil
	}
	if err := m.checkAccepted(n, k, j); err != nil {
		return nil, err
	}
	m.orders[j].accepted++
	p.spots[k-1].order, p.spots[k-1].screen = j, charger.ScreenPlug
	return nil, m.show(n, k-1)
}

func (m *maze) receive(n int, text string) error {
	k, err := m.at(n).charger.Accept(text)
	if err != nil {
		return nil
	}
	return m.after(n, k-1)
}

// cut switches charger n off and on. A cable that is in stays in.
func (m *maze) cut(n int) error {
	p := m.at(n)
	if w := m.stage.weak.journal; w != nil {
		p.journal = w(p.journal)
	}
	if err := m.power(n); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	for k := range p.spots {
		at := &p.spots[k]
		*at = spot{reg: at.reg, plug: at.plug, screen: charger.ScreenIdentity, order: none}
		if !at.plug {
			continue
		}
		if err := p.charger.Meter(k+1, at.reading()); err != nil {
			return fmt.Errorf("meter: %w", err)
		}
	}
	return m.checkPost(n)
}

// settlements reads what a journal holds, as any reader does: by its tag.
func (s *stage) settlements(n int, j *settletest.Journal) (out []made, err error) {
	for record := range j.Records() {
		if record[0] != 'S' {
			continue
		}
		one, err := s.parse(s.slots[n].device.Number, record[1:])
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// parse decodes a record once, as each is read again and again.
func (s *stage) parse(number, record []byte) (made, error) {
	key := string(number) + string(record)
	if one, ok := s.parsed[key]; ok {
		return one, nil
	}
	st, err := qrproto.DecodeRecord(number, bytes.Clone(record))
	if err != nil {
		return made{}, err
	}
	sum, err := qrproto.Sum(st)
	if len(s.parsed) > memoMost {
		clear(s.parsed)
	}
	s.parsed[key] = made{st, sum.Ref()}
	return s.parsed[key], err
}

// acknowledged is up to where a charger believes that the server has all.
func acknowledged(j *settletest.Journal) (seq uint32) {
	for record := range j.Records() {
		if record[0] == 'K' {
			seq = binary.BigEndian.Uint32(record[1:])
		}
	}
	return seq
}

// head is the chain's as all that was made says it is.
func (p *post) head() (h settle.Head, err error) {
	for i := range p.made {
		if h, err = settle.Next(h, p.made[i].settlement); err != nil {
			return h, err
		}
	}
	return h, nil
}
