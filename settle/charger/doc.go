// SPDX-License-Identifier: Apache-2.0

// Package charger is the firmware's side of qrcharge: a device that sells
// without a network.
//
// # How to hold it
//
// There are no goroutines and no callbacks. Firmware owns the loop; it tells
// what happened and then does what [Charger.Do] says:
//
//	c, err := charger.Open(device, journal, clock, nil)
//	for {
//		d := c.Do(1)
//		relay(d.Relay)
//		show(d.Screen, d.Text, d.Cost, qrproto.CodeOf(err))
//		switch e := wait(d.Wake); e.what {
//		case scanned:   _, err = c.Accept(e.text)
//		case pluggedIn: err = c.Start(1, e.reading)
//		case tick:      err = c.Meter(1, e.reading)
//		case button:    err = c.Stop(1, e.reading, qrproto.StopUser)
//		}
//	}
//
// Do returns levels, never edges: asking twice does no harm, and after a failed
// call the answer is still right.
//
// # What it promises
//
// An order is accepted once, on the connector and within the minutes for which
// its identity code was shown, and not after a restart: its challenge comes from
// a key that is drawn at every boot and is aged by uptime. No decision reads a
// wall clock.
//
// Whatever must survive a power cut is in the journal before it has an effect:
// the boot before the first identity, the acceptance before the screen says so,
// the start before the relay closes, the settlement before it is shown. Each
// accepted order ends in exactly one settlement, also of zero. A cut ends the
// session at its last checkpoint: [Open] writes the settlement and never closes
// the relay again for it. What flowed in the last moments, at most
// Options.Checkpoint of delivery, is not billed; the start register of the next
// settlement shows it.
//
// Settlements form one chain for the device. Those that the server has not
// acknowledged are carried, oldest first, by the identity codes that later
// customers scan; they are kept until it has, and a journal without room
// refuses new sales rather than overwrite any. With Device.Agreement and
// Device.Server they are encrypted, and only the server reads them.
//
// # Whom it trusts
//
// Device.Keys are the keys of the factory. Those for snapshots alone are roots;
// the others are issuers, without bounds, until the first trust snapshot. A
// snapshot is a code like any other: a root signs it, somebody's phone shows it,
// and [Charger.Accept] makes it durable before it is in force. From then on only
// the keys that it lists may sell, each within its bounds: at devices whose
// number begins like its fleet, in its currency, up to its amount, and for its
// quota of orders at this device, which is counted in the same record that
// accepts the order, and begins anew with the next snapshot. A sale that runs
// goes on, whoever is trusted meanwhile.
//
// Snapshots only go forward. One of an earlier epoch is refused, and so is a
// second one of the same epoch: then a root was used twice. The identity tells
// the epoch, the order names the one that it needs, so that nobody sells past a
// snapshot by keeping it from the device; and the snapshot names the least epoch
// that an order must name, so that a server restored from an old backup sells
// nothing.
//
// [Open] verifies the snapshot in the journal again. Where firmware came with
// other roots, and none of them has signed it, it counts as if it had never come:
// whoever replaces the roots replaces the issuers too. It stays in the journal
// until the next one, in case the firmware is rolled back.
//
// # What a scanner reads
//
// [Charger.Accept] takes all that the device heeds, in any order: start orders,
// receipts, snapshots, and stop orders. A stop order ends the sale of the one order
// that it names, as [Charger.Stop] does, with the reason qrproto.StopRemote; where
// that order does not run it is refused and forgotten. Of a code in parts the
// scanner gives one part after the other; [Charger.Parts] tells how many are here.
//
// # Without a display
//
// A device with a sticker where others have a display cannot show a challenge, so
// that nothing tells how old an order is. With Options.Sticker it takes orders
// that answer no identity, and no others. Each names an epoch, no earlier than
// that of any order which the device accepted before, and has a number, higher
// than theirs under that epoch, at whatever connector. The last one is in the
// record of its acceptance, and outlives restarts. An order is good for ever,
// until it or a higher one is accepted. What can be lost by that is bounded: its
// price is flat, fixed, at most Sticker.Most and paid before it is issued; it says
// where the device stops by itself; and nothing of it goes back, also where the
// power fails or nothing is plugged in.
//
// [Charger.Do] then tells relay, lock and screen as ever, and no text: the screen
// may be two lamps. Nobody sees what the device settles, so its settlements count
// as stored once they are written, and never fill the journal; [Charger.Again] has
// the last one for whoever opens the case. Two things are given up, and Most is
// what they are worth: the server does not hear how a sale went, and whoever puts
// an old flash image in can use the orders again that were accepted since.
//
// # The journal
//
// A record takes at most 512 bytes, most take 130; a trust snapshot takes up to
// 1 KiB. A boot writes one; a sale writes one at acceptance, at the start and at
// the stop, one for each Options.Checkpoint of delivery, and its settlement; an
// acknowledgement writes one, and so does a snapshot. What is superseded or
// acknowledged is given up only when room is needed, by one Rewrite. A new sale
// must find 4 KiB beside what the open ones still need, a snapshot 1.5 KiB; so
// 16 KiB is the least that sells, also with the largest snapshot, and 1 MiB holds
// thousands of settlements that no server has seen. A journal too full to sell
// still takes a snapshot.
//
// # Time
//
// A session's clock is the order's issue time plus the uptime since its
// acceptance. It lags true time by what passed between issue and acceptance, at
// most 180 seconds; the settlement tells how much that can have been, and 65535
// where the device has no display and cannot know.
//
// STATES.md beside this file shows the life of a connector, drawn from the table
// that the code runs on.
package charger
