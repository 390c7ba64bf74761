// SPDX-License-Identifier: Apache-2.0

package qrproto

import "unicode/utf8"

// Identity is what a device shows while it waits for a customer: who it is,
// what it is ready for, a fresh challenge, and the tip of its chain of
// settlements, with the oldest of those that no server has acknowledged yet.
// The device signs it; a phone takes it to the server.
//
//	{ ? 0: extensions, 1: connector, 2: state, ? 3: place, 4: [counter, nonce], 5: boot,
//	  ? 6: wall, ? 7: clock, ? 8: epoch, 9: rules, ? 10: tariffs, ? 11: health, ? 12: alarms,
//	  ? 13: [seq, hash, total], ? 14: open, ? 15: back, ? 16: [+ record] }
type Identity struct {
	Number    []byte     `cbor:"-"` // 1 to 7 bytes, from the trusted key
	Ext       Extensions `cbor:"0,keyasint,omitempty"`
	Connector uint8      `cbor:"1,keyasint"` // from 1 on
	State     State      `cbor:"2,keyasint"`
	Place     string     `cbor:"3,keyasint,omitempty"` // for people: at most 32 bytes of UTF-8
	Challenge Challenge  `cbor:"4,keyasint"`
	Boot      uint32     `cbor:"5,keyasint"` // boots so far, this one included
	// Wall is the device's own idea of the time in Unix seconds, 0 for none,
	// and Clock how far to trust it. No decision on security reads it.
	Wall  int64      `cbor:"6,keyasint,omitempty"`
	Clock ClockTrust `cbor:"7,keyasint,omitempty"`
	Epoch uint32     `cbor:"8,keyasint,omitempty"` // of the trust snapshot in force
	Rules uint8      `cbor:"9,keyasint"`           // highest tariff.Rules understood
	// Tariffs are hints at those that the device holds, so that an order may
	// name one by its hash. At most 8.
	Tariffs Hints  `cbor:"10,keyasint,omitempty"`
	Health  Health `cbor:"11,keyasint,omitempty"`
	Alarms  Alarms `cbor:"12,keyasint,omitempty"`
	Head    *Head  `cbor:"13,keyasint,omitempty"` // nil before the first settlement
	// Open has, for connector i+1, the hint of the order that is accepted and
	// not settled, zero for none; the last one is not zero. At most 16.
	Open Hints `cbor:"14,keyasint,omitempty"`
	// Back is how many challenges lie between the oldest one, on any connector
	// of this boot, on which an order can still be accepted, and this one: see
	// Oldest.
	Back uint32 `cbor:"15,keyasint,omitempty"`
	// Records are the oldest settlements that no server has acknowledged, as
	// EncodeRecord writes them, opaque to this kind. At most 4, of up to 256
	// bytes each.
	Records [][]byte `cbor:"16,keyasint,omitempty"`
}

// State is what a connector can do for a customer now.
type State uint8

// The states, after OCPP's connector status.
const (
	StateAvailable   State = iota // ready, nothing plugged in
	StatePreparing                // ready, plugged in
	StateOccupied                 // an order runs on it
	StateReserved                 // kept for somebody
	StateUnavailable              // switched off by the operator
	StateFaulted                  // cannot sell
	lastState        = StateFaulted
)

// ClockTrust says where a device's time comes from, after OCMF's time status.
type ClockTrust uint8

// The sources of time, from worst to best.
const (
	ClockUnknown      ClockTrust = iota // no time, or one that means nothing
	ClockRelative                       // counted from a time that was once told
	ClockInformative                    // a clock that nobody checks
	ClockSynchronised                   // a clock that is kept right
	lastClock         = ClockSynchronised
)

// Health is a device's own summary.
type Health uint8

// The grades of health.
const (
	HealthUnknown Health = iota
	HealthGood           // nothing to report
	HealthService        // works, somebody should look at it
	HealthFaulty         // does not work
	lastHealth    = HealthFaulty
)

// Alarms is a set of things that somebody should know.
type Alarms uint32

// The alarms.
const (
	AlarmPowerLost   Alarms = 1 << iota // runs on its battery
	AlarmTemperature                    // out of its range
	AlarmHumidity                       // out of its range
	AlarmMoved                          // not where it was put
	AlarmTamper                         // opened
	AlarmMeter                          // register ran backwards or stands still
	AlarmStorage                        // journal damaged or nearly full
	AlarmRelay                          // does not follow
	AlarmEmergency                      // stopped by its emergency button
	allAlarms        = 1<<iota - 1
)

// Head is the tip of a device's chain of settlements.
type Head struct {
	_     struct{} `cbor:",toarray"`
	Seq   uint32
	Sum   Short // of the settlement Seq
	Total int64 // mWh or mL of all settlements so far
}

const (
	maxPlace   = 32
	maxTariffs = 8
	maxOpen    = 16
	maxRecords = 4
	maxRecord  = 256
)

// Oldest is the lowest challenge counter, over all connectors of this boot, on
// which an order can still be accepted: an order on a lower one is dead, unless
// Open or the chain holds it.
func (i *Identity) Oldest() uint32 { return i.Challenge.Counter - i.Back }

// Kind is KindIdentity.
func (*Identity) Kind() Kind               { return KindIdentity }
func (i *Identity) number() []byte         { return i.Number }
func (i *Identity) setNumber(n []byte)     { i.Number = n }
func (i *Identity) extensions() Extensions { return i.Ext }

func (i *Identity) validate() error {
	return firstOf(
		checkNumber("Number", i.Number),
		i.Ext.validate(),
		within("Connector", int64(i.Connector), 1, 255),
		within("State", int64(i.State), 0, int64(lastState)),
		checkPlace(i.Place),
		within("Challenge.Counter", int64(i.Challenge.Counter), 1, maxUint32),
		i.Challenge.checkDrawn(),
		within("Boot", int64(i.Boot), 1, maxUint32),
		i.validateClock(),
		within("Rules", int64(i.Rules), 1, 255),
		i.Tariffs.validate("Tariffs", maxTariffs),
		within("Health", int64(i.Health), 0, int64(lastHealth)),
		within("Alarms", int64(i.Alarms), 0, int64(allAlarms)),
		i.validateChain(),
		within("Back", int64(i.Back), 0, int64(i.Challenge.Counter)-1),
	)
}

func (i *Identity) validateClock() error {
	if (i.Clock == ClockUnknown) != (i.Wall == 0) {
		return fieldError("Clock", "says other than Wall whether there is a time")
	}
	return firstOf(
		within("Wall", i.Wall, 0, maxUnix),
		within("Clock", int64(i.Clock), 0, int64(lastClock)),
	)
}

func (i *Identity) validateChain() error {
	if h := i.Head; h != nil {
		if err := firstOf(within("Head.Seq", int64(h.Seq), 1, maxUint32), within("Head.Total", h.Total, 0, MaxQuantity)); err != nil {
			return err
		}
	}
	if err := i.Open.validate("Open", maxOpen); err != nil {
		return err
	}
	if n := i.Open.Len(); n > 0 && i.Open.At(n-1) == (Hint{}) {
		return fieldError("Open", "the last one is empty")
	}
	if len(i.Records) > maxRecords || len(i.Records) > 0 && i.Head == nil {
		return fieldError("Records", "more than 4, or without a Head")
	}
	for _, r := range i.Records {
		if len(r) == 0 || len(r) > maxRecord {
			return fieldError("Records", "empty or above 256 bytes")
		}
	}
	return nil
}

func checkPlace(s string) error {
	if len(s) > maxPlace || !utf8.ValidString(s) {
		return fieldError("Place", "above 32 bytes or not UTF-8")
	}
	for _, r := range s {
		if invisible(r) {
			return fieldError("Place", "a character that cannot be shown")
		}
	}
	return nil
}

// invisible knows what has no place on a sign: controls, line separators, marks
// that turn the direction of writing, zero-width characters, tags and
// noncharacters. The list is written out, because categories differ between
// editions of Unicode and a code must not be good for one reader and bad for
// another.
func invisible(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r <= 0x9f, r == 0x61c,
		0x200b <= r && r <= 0x200f, 0x2028 <= r && r <= 0x202e, 0x2060 <= r && r <= 0x206f,
		0xfdd0 <= r && r <= 0xfdef, r == 0xfeff, 0xfff0 <= r && r <= 0xffff,
		0xe0000 <= r:
		return true
	}
	return false
}
