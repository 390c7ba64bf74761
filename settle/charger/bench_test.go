// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"log"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// What stands around the firmware of the examples.

type what int

const (
	scanned what = iota
	pluggedIn
	tick
	button
)

type happening struct {
	what    what
	text    string
	reading charger.Reading
}

// bench plays a script, and lets energy flow while the relay is closed.
type bench struct {
	uptime   settletest.Clock
	script   []func(*bench) happening
	closed   bool
	screen   charger.Screen
	text     string
	register int64
}

const benchPower = 7200 // W, 2000 mWh a second

func newBench() *bench {
	b := &bench{register: 5_000_000}
	b.then(func(b *bench) happening { return happening{what: scanned, text: orderFor(b.text)} })
	b.then(func(b *bench) happening { return happening{what: pluggedIn, reading: b.read(true)} })
	for range 240 { // 20 minutes, asked every 5 s
		b.then(func(b *bench) happening { return happening{what: tick, reading: b.read(true)} })
	}
	b.then(func(b *bench) happening { return happening{what: button, reading: b.read(true)} })
	b.then(func(b *bench) happening { return happening{what: tick, reading: b.read(false)} })
	b.then(func(b *bench) happening { return happening{what: scanned, text: pay(b.text)} })
	b.then(func(b *bench) happening { return happening{what: tick, reading: b.read(false)} })
	return b
}

func (b *bench) then(step func(*bench) happening) { b.script = append(b.script, step) }
func (b *bench) powered() bool                    { return len(b.script) > 0 }
func (b *bench) relay(closed bool)                { b.closed = closed }

// wait lets time pass up to the next happening: for a tick all of it.
func (b *bench) wait(wake time.Duration) happening {
	step := b.script[0]
	b.script = b.script[1:]
	if len(b.script) > 3 && len(b.script) < 244 {
		passed := wake - b.uptime.Up
		b.uptime.Advance(passed)
		if b.closed {
			b.register += benchPower * passed.Milliseconds() / 3600
		}
	}
	return step(b)
}

func (b *bench) read(plugged bool) charger.Reading {
	return charger.Reading{
		Reading: tariff.Reading{Energy: b.register, Power: benchPower}, Relay: b.closed, Plugged: plugged,
	}
}

func (b *bench) show(s charger.Screen, text string, cost tariff.Money, code qrproto.ErrorCode) {
	b.text = text
	if code != 0 {
		fmt.Println("tells", code)
	}
	if s == b.screen {
		return
	}
	b.screen = s
	switch s {
	case charger.ScreenIdentity:
		fmt.Println("shows an identity code")
	case charger.ScreenPlug:
		fmt.Println("wants the plug")
	case charger.ScreenCharging:
		fmt.Println("charges")
	case charger.ScreenUnplug:
		fmt.Println("wants the plug out, at", cost)
	case charger.ScreenSettlement:
		fmt.Println("shows a settlement code, at", cost)
	}
}

// provisioned is a device as it leaves the workshop.
func provisioned() charger.Device {
	return charger.Device{
		Number: number, Place: "P2-A07", Link: "HTTPS://PAY.EXAMPLE.COM/C/A/",
		Key:    qrproto.Signer{ID: qrproto.DeviceKeyID(number, 1), Key: key("device")},
		Secret: [32]byte{1, 2, 3}, Rand: stream("device"),
		Keys: []qrproto.Key{{ID: "iss1", Public: key("issuer").Public(), Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}},
	}
}

func deviceKeys() qrproto.Keys {
	return qrproto.KeyList{{ID: qrproto.DeviceKeyID(number, 1), Public: key("device").Public(), Number: number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}}
}

// orderFor is the driver's phone and a server behind it: an identity in, an order
// out.
func orderFor(identity string) string { return orderUnder(identity, 0) }

// orderUnder is one that needs a trust snapshot of an epoch.
func orderUnder(identity string, epoch uint32) string {
	id, err := qrproto.As[*qrproto.Identity](qrproto.Open(identity, deviceKeys()))
	if err != nil {
		log.Fatal(err)
	}
	grid := tariff.Grid{Scale: 2, Rates: []tariff.GridRate{{Name: tariff.Flat, Electricity: 120, Service: 40}},
		Rounding: tariff.Rounding{Unit: tariff.PerSession, Mode: tariff.HalfUp, Payable: 2}}
	price, err := tariff.FromGrid(grid, "CNY")
	if err != nil {
		log.Fatal(err)
	}
	b, err := qrproto.EncodeTariff(price)
	if err != nil {
		log.Fatal(err)
	}
	return sign(&qrproto.StartOrder{
		ID: qrproto.OrderID{1}, Charger: id.Number, Connector: id.Connector, Challenge: id.Challenge,
		Issued: evening, Window: 180, Tariff: b, Scale: 2, Funding: qrproto.FundingPostpaid,
		Epoch: epoch,
	})
}

// prepaidOrder is an order by its number at a device without a display, for so
// many seconds at 5.00 CNY.
func prepaidOrder(number uint32, seconds int64) string {
	b, err := qrproto.EncodeTariff(flatFee())
	if err != nil {
		log.Fatal(err)
	}
	return sign(&qrproto.StartOrder{
		ID: qrproto.OrderID{2}, Charger: provisioned().Number, Connector: 1, Challenge: qrproto.Challenge{Counter: number},
		Issued: evening, Window: 180, Tariff: b, Scale: 2, Funding: qrproto.FundingPrepaid,
		Target: &qrproto.Target{Kind: qrproto.TargetTime, Value: seconds}, Limits: &qrproto.Limits{Amount: 500},
	})
}

// pay is a settlement in, a receipt out.
func pay(settlement string) string {
	o, err := qrproto.Open(settlement, deviceKeys())
	s, err := qrproto.As[*qrproto.Settlement](o, err)
	if err != nil {
		log.Fatal(err)
	}
	return sign(&qrproto.Receipt{Settlement: o.Sum.Ref(), Paid: s.Payable, Time: evening + 1300})
}

func sign(p qrproto.Payload) string {
	code, err := qrproto.Seal(p, qrproto.Signer{ID: "iss1", Key: key("issuer")})
	if err != nil {
		log.Fatal(err)
	}
	return code.Text()
}
