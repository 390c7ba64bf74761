// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// world is everything there is: two chargers without a network, a server, a
// payment provider, and the time that all of them live in.
type world struct {
	out    io.Writer
	dir    string
	camera *camera
	now    time.Time

	roots    [2]qrproto.Signer // let issuers sell; kept apart from all that is below
	issuer   qrproto.Signer    // the server's
	issuers  qrproto.KeyList   // all that there ever were
	trust    []qrproto.Code    // snapshots, the newest last
	secret   *ecdh.PrivateKey  // the server's, for what identities carry
	operator *operator
	server   *server.Server
	store    *settletest.Store
	provider *settletest.Provider
	east     *pile
	west     *pile

	accounts int
	finished played // the sale of the first part, which the attacks come back to
}

// linkBase is what a phone's own camera opens.
const linkBase = "HTTPS://PAY.EXAMPLE.COM/C/A/"

func newWorld(out io.Writer, dir string) (*world, error) {
	zone := time.FixedZone("UTC+8", 8*3600)
	w := &world{out: out, dir: dir, camera: newCamera(), now: time.Date(2026, 5, 12, 16, 40, 0, 0, zone), store: settletest.NewStore()}
	var err error
	for i, id := range []qrproto.KeyID{"root1", "root2"} {
		if w.roots[i], err = newSigner(id); err != nil {
			return nil, err
		}
	}
	if w.secret, err = ecdh.X25519().GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	prices, err := dayPrices()
	if err != nil {
		return nil, err
	}
	w.operator = &operator{zone: zone, prices: prices}
	w.provider = settletest.NewProvider(settletest.ProviderOptions{
		Now: func() time.Time { return w.now }, Balance: tariff.Money{Units: 500_00, Scale: 2, Currency: "CNY"},
	})
	if err := w.delegate(w.roots[0], "iss1"); err != nil {
		return nil, err
	}
	if w.east, err = w.install(0x33, "P2-A07"); err != nil {
		return nil, err
	}
	w.west, err = w.install(0x34, "P2-A08")
	return w, err
}

func newSigner(id qrproto.KeyID) (qrproto.Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return qrproto.Signer{ID: id, Key: private}, err
}

// dayPrices is a day under four rates: valley, flat, peak, and sharp from 19 to
// 21 o'clock.
func dayPrices() (*tariff.Tariff, error) {
	grid := tariff.Grid{
		Scale:    4,
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2},
		Rates: []tariff.GridRate{
			{Name: tariff.Sharp, Electricity: 13_547, Service: 4_000},
			{Name: tariff.Peak, Electricity: 11_234, Service: 4_000},
			{Name: tariff.Flat, Electricity: 7_123, Service: 4_000},
			{Name: tariff.Valley, Electricity: 3_332, Service: 3_500},
		},
	}
	for i := range grid.Slots {
		switch hour := i / 2; {
		case hour >= 19 && hour < 21:
			grid.Slots[i] = 0
		case hour >= 10 && hour < 12 || hour >= 17 && hour < 22:
			grid.Slots[i] = 1
		case hour >= 7 && hour < 23:
			grid.Slots[i] = 2
		default:
			grid.Slots[i] = 3
		}
	}
	return tariff.FromGrid(grid, "CNY")
}

// pile is one charger: the library's charger and the hardware around it.
type pile struct {
	world    *world
	device   charger.Device
	journal  *settletest.Journal
	clock    *settletest.Clock
	charger  *charger.Charger
	register int64 // mWh
	plugged  bool
}

// install provisions a charger, enrols it at the operator and switches it on.
func (w *world) install(last byte, place string) (*pile, error) {
	number := []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, last}
	signer, err := newSigner(qrproto.DeviceKeyID(number, 1))
	if err != nil {
		return nil, err
	}
	agreement, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	w.operator.devices = append(w.operator.devices, qrproto.Key{
		ID: signer.ID, Public: signer.Key.Public(), Number: number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}, Agreement: agreement.PublicKey(),
	})
	p := &pile{world: w, journal: settletest.NewJournal(1 << 20), clock: &settletest.Clock{}, register: 41_234_567_890}
	p.device = charger.Device{
		Number: number, Place: place, Link: linkBase, Key: signer, Rand: rand.Reader, Keys: w.rootKeys(),
		Agreement: agreement, Server: w.secret.PublicKey(),
	}
	if _, err := rand.Read(p.device.Secret[:]); err != nil {
		return nil, err
	}
	return p, p.boot()
}

// boot switches a charger on, or off and on again.
func (p *pile) boot() (err error) {
	p.clock.Up = 0
	p.charger, err = charger.Open(p.device, p.journal, p.clock, nil)
	return err
}

// pass lets time go by for everybody.
func (w *world) pass(d time.Duration) {
	w.now = w.now.Add(d)
	for _, p := range []*pile{w.east, w.west} {
		p.clock.Advance(d)
	}
}

func (p *pile) reading(watts int32) charger.Reading {
	return charger.Reading{
		Reading: tariff.Reading{Energy: p.register, Power: watts},
		Relay:   watts > 0, Plugged: p.plugged,
	}
}

// plug puts the plug in or takes it out.
func (p *pile) plug(in bool) error {
	p.plugged = in
	if in {
		return p.charger.Start(1, p.reading(0))
	}
	return p.charger.Meter(1, p.reading(0))
}

// deliver lets energy flow for as long as the charger keeps the relay closed,
// at most for a time. It does what firmware does: wait until the charger wants
// to be asked again, read the meter, tell.
func (p *pile) deliver(most time.Duration, watts int32) error {
	const watt = 1000 // mW
	var milliwattSeconds int64
	end := p.world.now.Add(most)
	for p.world.now.Before(end) {
		do := p.charger.Do(1)
		if !do.Relay {
			return nil
		}
		step := max(do.Wake-p.clock.Up, time.Second)
		step = min(step, end.Sub(p.world.now))
		p.world.pass(step)
		milliwattSeconds += int64(watts) * watt * int64(step/time.Second)
		p.register += milliwattSeconds / 3600
		milliwattSeconds %= 3600
		if err := p.charger.Meter(1, p.reading(watts)); err != nil {
			return err
		}
	}
	return nil
}

// operator is the server's directory: which devices there are, what everybody
// pays.
type operator struct {
	zone    *time.Location
	devices qrproto.KeyList
	prices  *tariff.Tariff
}

var _ server.Directory = (*operator)(nil)

func (o *operator) Key(id qrproto.KeyID) (*qrproto.Key, error) { return o.devices.Key(id) }

func (o *operator) Site(_ context.Context, number []byte) (*server.Site, error) {
	known := slices.ContainsFunc(o.devices, func(k qrproto.Key) bool { return slices.Equal(k.Number, number) })
	if !known {
		return nil, fmt.Errorf("device %x: %w", number, server.ErrNotEnrolled)
	}
	return &server.Site{Zone: o.zone, Name: "North car park"}, nil
}

func (o *operator) Terms(context.Context, string, []byte, uint8) (*server.Terms, error) {
	return &server.Terms{Tariff: o.prices, Hold: tariff.Money{Units: 100_00, Scale: 2, Currency: "CNY"}}, nil
}
