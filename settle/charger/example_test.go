// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"fmt"
	"log"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// The whole of a charger's firmware. The bench is its hardware, and the people
// in front of it: a driver who orders, charges for twenty minutes and pays.
func Example() {
	bench := newBench()
	bench.relay(false)
	j := settletest.NewJournal(1 << 20)
	c, err := charger.Open(provisioned(), j, &bench.uptime, nil) // settles what a power cut left open
	if err != nil {
		log.Fatal(err)
	}
	for bench.powered() {
		d := c.Do(1) // identity code at first, settlement code at the end
		bench.relay(d.Relay)
		bench.show(d.Screen, d.Text, d.Cost, qrproto.CodeOf(err))
		switch e := bench.wait(d.Wake); e.what {
		case scanned:
			_, err = c.Accept(e.text)
		case pluggedIn:
			err = c.Start(1, e.reading)
		case tick:
			err = c.Meter(1, e.reading)
		case button:
			err = c.Stop(1, e.reading, qrproto.StopUser)
		}
	}
	// Output:
	// shows an identity code
	// wants the plug
	// charges
	// wants the plug out, at 3.83 CNY
	// shows a settlement code, at 3.83 CNY
	// shows an identity code
}

// An empty journal is a new device. The same journal again is what follows a
// power cut: the session that was open is settled, and the relay stays open.
func ExampleOpen() {
	journal, clock := settletest.NewJournal(1<<20), &settletest.Clock{}
	c, err := charger.Open(provisioned(), journal, clock, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Accept(orderFor(c.Do(1).Text)); err != nil {
		log.Fatal(err)
	}
	if err := c.Start(1, charger.Reading{Reading: tariff.Reading{Energy: 5_000_000}}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("relay closed:", c.Do(1).Relay)

	c, err = charger.Open(provisioned(), journal, clock, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("relay closed:", c.Do(1).Relay, "settled:", c.Head().Seq)
	// Output:
	// relay closed: true
	// relay closed: false settled: 1
}

// A scanner gives whatever it reads. What is no order for this charger is
// refused with a code that a driver can tell to the hotline.
func ExampleCharger_Accept() {
	c, err := charger.Open(provisioned(), settletest.NewJournal(1<<20), &settletest.Clock{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	order := orderFor(c.Do(1).Text)
	for _, text := range []string{"HTTPS://EXAMPLE.COM/MENU", order, order} {
		connector, err := c.Accept(text)
		fmt.Println(connector, int(qrproto.CodeOf(err)))
	}
	// Output:
	// 0 102
	// 1 0
	// 1 304
}

// Do returns levels: asking twice gives the same answer, and says by when to ask
// again.
func ExampleCharger_Do() {
	clock := &settletest.Clock{}
	c, err := charger.Open(provisioned(), settletest.NewJournal(1<<20), clock, nil)
	if err != nil {
		log.Fatal(err)
	}
	d := c.Do(1)
	fmt.Println(d.Screen == charger.ScreenIdentity, d.Relay, d.Wake, d == c.Do(1))
	clock.Advance(d.Wake)
	fmt.Println(d == c.Do(1)) // a new challenge
	// Output:
	// true false 45s true
	// false
}

// A driver who missed the settlement asks for it at the device.
func ExampleCharger_Again() {
	c, err := charger.Open(provisioned(), settletest.NewJournal(1<<20), &settletest.Clock{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Accept(orderFor(c.Do(1).Text)); err != nil {
		log.Fatal(err)
	}
	for range 2 { // takes the order back, then dismisses the settlement at zero
		if err := c.Stop(1, charger.Reading{}, qrproto.StopUser); err != nil {
			log.Fatal(err)
		}
	}
	text, err := c.Again(1)
	if err != nil {
		log.Fatal(err)
	}
	kind, _, err := qrproto.Peek(text)
	fmt.Println(kind, err)
	// Output: S <nil>
}

// A charger hears who may sell from whoever comes along: the server gives the
// driver's phone the newest snapshot and the order that needs it, and the phone
// shows one after the other.
func ExampleCharger_Epoch() {
	device, root := provisioned(), key("root")
	device.Keys = append(device.Keys, qrproto.Key{ID: "root", Public: root.Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}})
	c, err := charger.Open(device, settletest.NewJournal(1<<20), &settletest.Clock{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	issuer, err := qrproto.Delegate(&device.Keys[0])
	if err != nil {
		log.Fatal(err)
	}
	snapshot, err := qrproto.Seal(&qrproto.Trust{Epoch: 41, Delegations: []qrproto.Delegation{issuer}}, qrproto.Signer{ID: "root", Key: root})
	if err != nil {
		log.Fatal(err)
	}
	order := orderUnder(c.Do(1).Text, 41)
	for _, text := range []string{order, snapshot.Text(), order} {
		connector, err := c.Accept(text)
		fmt.Println(connector, int(qrproto.CodeOf(err)), c.Epoch())
	}
	// Output:
	// 1 308 0
	// 0 0 41
	// 1 0 41
}

// A phone with a small screen shows an order in parts. Until the last one each of
// them is ErrPart: something to keep still for, and no refusal.
func ExampleCharger_Parts() {
	c, err := charger.Open(provisioned(), settletest.NewJournal(1<<20), &settletest.Clock{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	order, err := qrproto.ParseCode(orderFor(c.Do(1).Text))
	if err != nil {
		log.Fatal(err)
	}
	parts, err := order.Parts(6, "")
	if err != nil {
		log.Fatal(err)
	}
	for _, part := range parts {
		connector, err := c.Accept(part)
		have, count := c.Parts()
		fmt.Println(connector, int(qrproto.CodeOf(err)), "have", have, "of", count)
	}
	// Output:
	// 0 124 have 1 of 2
	// 1 0 have 2 of 2
}

// A stop order ends the sale of the order that it names. Shown once more it finds
// nothing that runs.
func ExampleCharger_Accept_stopOrder() {
	device := provisioned()
	device.Keys[0].Kinds = append(device.Keys[0].Kinds, qrproto.KindStopOrder)
	c, err := charger.Open(device, settletest.NewJournal(1<<20), &settletest.Clock{}, nil)
	if err != nil {
		log.Fatal(err)
	}
	order := orderFor(c.Do(1).Text)
	if _, err := c.Accept(order); err != nil {
		log.Fatal(err)
	}
	if err := c.Start(1, charger.Reading{Reading: tariff.Reading{Energy: 5_000_000}}); err != nil {
		log.Fatal(err)
	}
	opened, err := qrproto.Open(order, qrproto.KeyList(device.Keys))
	if err != nil {
		log.Fatal(err)
	}
	stop := sign(&qrproto.StopOrder{Order: opened.Sum.Ref()})
	for range 2 {
		connector, err := c.Accept(stop)
		fmt.Println(connector, int(qrproto.CodeOf(err)), c.Do(1).Relay)
	}
	// Output:
	// 1 0 false
	// 0 325 false
}

// A socket with a sticker, for half an hour at a fixed price. Its order answers no
// identity; the number that it has at this device is good once.
func ExampleSticker() {
	most := tariff.Money{Units: 1000, Scale: 2, Currency: "CNY"}
	c, err := charger.Open(provisioned(), settletest.NewJournal(16<<10), &settletest.Clock{}, &charger.Options{Sticker: &charger.Sticker{Most: most}})
	if err != nil {
		log.Fatal(err)
	}
	order := prepaidOrder(1, 1800)
	for range 2 {
		connector, err := c.Accept(order)
		fmt.Println(connector, int(qrproto.CodeOf(err)))
	}
	if err := c.Start(1, charger.Reading{Reading: tariff.Reading{Energy: 5_000_000}}); err != nil {
		log.Fatal(err)
	}
	d := c.Do(1)
	fmt.Printf("%v %q\n", d.Relay, d.Text)
	// Output:
	// 1 0
	// 1 304
	// true ""
}
