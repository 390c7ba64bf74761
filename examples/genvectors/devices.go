// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A bench is a device and what happens to it, one event after the other. What it
// decides of each code stands beside it; a charger is held to it by its own tests.
type bench struct {
	name    string
	told    benchJSON
	counter int64 // of challenges in this boot
	nonces  byte  // drawn so far
	uptime  int64 // ms
	fault   error
}

type benchJSON struct {
	Comment string      `json:"comment"`
	Device  deviceJSON  `json:"device"`
	Steps   []benchStep `json:"steps"`
}

type deviceJSON struct {
	Number     octetsHex `json:"number"`
	Connectors int       `json:"connectors"`
	Measures   string    `json:"measures"`
	Keys       []key     `json:"keys"`
}

// A benchStep is one event: what is shown, scanned or ended.
type benchStep struct {
	Comment   string         `json:"comment"`
	Uptime    int64          `json:"uptime_ms"`
	Event     string         `json:"event"`
	Connector int64          `json:"connector,omitempty"`
	Challenge *challengeJSON `json:"challenge,omitempty"`
	Text      string         `json:"text,omitempty"`
	Taken     *bool          `json:"taken,omitempty"`
	Section   string         `json:"section,omitempty"` // that refuses
}

type challengeJSON struct {
	Counter int64     `json:"counter"`
	Nonce   octetsHex `json:"nonce"`
}

func (b *bench) vector() any  { return b.told }
func (b *bench) check() error { return b.fault }

// newBench is a device of two connectors that was provisioned with a root and with
// an issuer who has no bounds.
func newBench(name, comment string) *bench {
	return &bench{name: name, told: benchJSON{comment, deviceJSON{deviceNumber(), 2, "energy", []key{root().key, seller().key}}, nil}}
}

func (b *bench) step(s benchStep) {
	s.Uptime = b.uptime
	b.told.Steps = append(b.told.Steps, s)
}

// shows is a new identity on a connector, with a challenge that was never there.
func (b *bench) shows(connector int64) list {
	b.counter, b.nonces = b.counter+1, b.nonces+1
	nonce := slices.Repeat([]byte{b.nonces}, 8)
	b.step(benchStep{Comment: fmt.Sprintf("connector %d shows an identity", connector), Event: "shows", Connector: connector,
		Challenge: &challengeJSON{b.counter, nonce}})
	return challengeOf(b.counter, nonce)
}

// takes is a code that the device takes.
func (b *bench) takes(comment string, d draft) { b.scans(comment, d, "") }

// refuses is one that it refuses, for what the section says.
func (b *bench) refuses(section, comment string, d draft) { b.scans(comment, d, section) }

func (b *bench) scans(comment string, d draft, section string) {
	taken := section == ""
	if _, err := qrproto.ParseCode(d.text()); err != nil {
		b.fault = errors.Join(b.fault, err)
	}
	b.step(benchStep{Comment: comment, Event: "scans", Text: d.text(), Taken: &taken, Section: section})
}

// ends is a sale that is taken back before anything was plugged in, and its
// settlement dismissed.
func (b *bench) ends(connector int64) {
	b.step(benchStep{Comment: fmt.Sprintf("the sale on connector %d is taken back, its settlement dismissed", connector), Event: "ends", Connector: connector})
}

func (b *bench) boots() {
	b.counter, b.uptime = 0, 0
	b.step(benchStep{Comment: "the power goes, and comes again", Event: "boots"})
}

// answer is an order on connector 1 that answers a challenge, each with an id of
// its own.
func (b *bench) answer(challenge list) object {
	b.nonces++
	return object{
		{1, repeat(b.nonces, 8)}, {2, octets(deviceNumber())}, {3, number(1)}, {4, challenge}, {5, number(1795348860)}, {7, number(180)},
		{8, octets(fourRates().bytes())}, {11, number(2)}, {13, numbers(0, 0, 0, 20_000)}, {14, number(2)},
	}
}

func ordered(by signer, o object) draft { return newDraft("O", o).signedBy(by) }

func benches() []*bench {
	return []*bench{ages(), heldFor(), challenges(), addressees(), epochs(), fleets(), currencies(), amounts(), quotas(), rightsOf(), notSold(), stopsAt()}
}

func putBenches(put putter) {
	for _, b := range benches() {
		put("device/"+b.name+".json", b.vector(), b.check())
	}
}
