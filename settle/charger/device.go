// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"crypto/ecdh"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Device is what a charger is provisioned with.
type Device struct {
	Number     []byte         // 1 to 7 bytes
	Connectors int            // at most 16; 0 is 1
	Place      string         // for people, at most 32 bytes; may be empty
	Link       string         // base of the links that codes are shown as, "" for bare text
	Key        qrproto.Signer // its id is Number and a generation
	// Measures is what the registers count that settlements are made of: Energy,
	// which 0 is too, or Volume. It is enrolled with the device, for good.
	Measures tariff.Dimension
	// Secret is 32 bytes that never leave the device; challenges are derived
	// from it, from the boot, and from Rand.
	Secret [32]byte
	Rand   io.Reader // of cryptographic quality, such as crypto/rand.Reader
	// Keys are whom the device trusts: a key for snapshots (T) alone is a root,
	// for good; any other is an issuer, within its Caps if it has any, until the
	// first snapshot. Two roots, kept apart, are wise: one can be lost.
	Keys []qrproto.Key
	// Tariffs are those that an order may name by hash. At most 8 are told.
	Tariffs []*tariff.Tariff
	// Agreement is a private key of X25519, and Server the server's public one:
	// the records that identities carry are encrypted with them, so that nobody
	// reads them but that server; see qrproto.Carrier. Both or neither. With
	// neither, which the device is then enrolled as, whoever scans an identity
	// can read them.
	Agreement *ecdh.PrivateKey
	Server    *ecdh.PublicKey
}

// Clock is the device's time. Uptime never stops and never goes back while the
// device runs, from whatever moment it counts; only it decides anything. It goes
// on while the processor sleeps: on Linux that is CLOCK_BOOTTIME, and not the
// monotonic time of package time, under which an order that was copied before the
// sleep would be younger than it is. Wall is shown, never relied on; ok is false
// where there is none.
type Clock interface {
	Uptime() time.Duration
	Wall() (now time.Time, ok bool)
}

// Journal keeps records durably, in order. It need not know what they are.
type Journal interface {
	// Append returns when the record will survive a power cut. If it fails, the
	// record is there or not; whether it is, Records tells from then on.
	Append(record []byte) error
	// Records yields every record from the oldest on. A record is valid until
	// the next one is asked for.
	Records() iter.Seq2[[]byte, error]
	// Rewrite replaces all records by these, all or none of them.
	Rewrite(records iter.Seq[[]byte]) error
	// Room is the number of bytes that Append can still take.
	Room() int64
}

// Seal says when a session's settlement is made.
type Seal uint8

// The two ways. They are alternatives: a lock that waits for the receipt and a
// fee that runs until the lock opens would wait for each other for ever.
const (
	// SealAtUnplug: the lock opens at the stop, and what occupying costs runs
	// until the plug is out.
	SealAtUnplug Seal = iota
	// SealAtStop: nothing counts after the stop; the lock opens on the receipt, on
	// the button that takes the settlement off the screen, or by itself after
	// Options.Release. The settlement is made by then, and carried if nobody scans it.
	SealAtStop
)

// Options are a charger's policies. The zero value of each is its default, and so
// is a negative one; what is above the most is the most.
type Options struct {
	Seal       Seal
	Armed      time.Duration // for which an accepted order waits for a plug; 90 s
	Shown      time.Duration // for which a settlement is shown after the plug is out; 120 s
	Release    time.Duration // after which a lock opens without a receipt; 120 s
	Checkpoint time.Duration // longest time between durable registers; 30 s
	Sample     time.Duration // longest time between readings that Do asks for; 5 s
	Latency    time.Duration // worst time from a stop until no energy flows; 1 s
	Carry      int           // settlements that an identity carries, if they fit; 1, at most 4
	// Record is the most bytes that a settlement may have to be carried by an
	// identity. A session whose own would grow beyond it stops, and where one
	// reading made it more than 256, it has stopped at the checkpoint before. 256
	// is default and most; a typical one takes some 110.
	Record int
	// Sticker makes the device one without a display; nil is one with a display.
	// It is for good: the server never sees what such a device settles.
	Sticker *Sticker
}

const (
	nonceLife = 45 * time.Second // for which one challenge is shown
	nonceKept = 16               // challenges of a connector that stay open
	sightLife = (qrproto.MaxHeld + qrproto.MaxWindow) * time.Second

	maxHints   = 8   // tariffs that an identity can hint at
	carryMost  = 4   // records that an identity can carry
	recordMost = 256 // bytes of each
	// recordGrowth is more than what a record gains from one reading to the
	// next: a cell, and longer numbers.
	recordGrowth = 32
)

// check refuses what has no nearest value.
func (o *Options) check() error {
	if o.Seal > SealAtStop {
		return fail(ErrDevice, "seal %d", o.Seal)
	}
	return o.Sticker.check()
}

func (o *Options) withDefaults() Options {
	var out Options
	if o != nil {
		out = *o
	}
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{
		{&out.Armed, 90 * time.Second}, {&out.Shown, 120 * time.Second}, {&out.Release, 120 * time.Second},
		{&out.Checkpoint, 30 * time.Second}, {&out.Sample, 5 * time.Second}, {&out.Latency, time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	out.Carry = min(max(out.Carry, 1), carryMost)
	if out.Record <= 0 || out.Record > recordMost {
		out.Record = recordMost
	}
	return out
}

// check holds a device against what the rest of the package relies on.
func (d *Device) check() error {
	if d.Connectors == 0 {
		d.Connectors = 1
	}
	switch {
	case len(d.Number) < 1 || len(d.Number) > qrproto.MaxNumber:
		return fail(ErrDevice, "number of %d bytes", len(d.Number))
	case d.Connectors < 1 || d.Connectors > 16:
		return fail(ErrDevice, "%d connectors", d.Connectors)
	case d.Measures != 0 && d.Measures != tariff.Energy && d.Measures != tariff.Volume:
		return fail(ErrDevice, "measures dimension %d", d.Measures)
	case d.Key.Key == nil || d.Rand == nil:
		return fail(ErrDevice, "no key, or no randomness")
	case d.Secret == [32]byte{}:
		return fail(ErrDevice, "secret is zero")
	case len(d.Keys) == 0:
		return fail(ErrDevice, "nobody is trusted, and nobody ever could be")
	}
	own := qrproto.Key{ID: d.Key.ID, Public: d.Key.Key.Public(), Number: d.Number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}
	if err := own.Validate(); err != nil {
		return fail(ErrDevice, "key: %w", err)
	}
	return d.checkShown()
}

// carrier is what encrypts carried records, nil for nothing.
func (d *Device) carrier() (*qrproto.Carrier, error) {
	switch {
	case d.Agreement == nil && d.Server == nil:
		return nil, nil
	case d.Agreement == nil || d.Server == nil:
		return nil, fail(ErrDevice, "one of Agreement and Server, and not the other")
	}
	c, err := qrproto.NewCarrier(d.Agreement, d.Server)
	if err != nil {
		return nil, fail(ErrDevice, "agreement: %w", err)
	}
	return c, nil
}

// checkShown holds what stands in codes against what they can say.
func (d *Device) checkShown() error {
	id := &qrproto.Identity{Number: d.Number, Connector: 1, Place: d.Place,
		Challenge: qrproto.Challenge{Counter: 1, Nonce: [8]byte{1}}, Boot: 1, Rules: uint8(tariff.Rules1)}
	if _, err := qrproto.Sum(id); err != nil {
		return fail(ErrDevice, "place: %w", err)
	}
	if d.Link == "" {
		return nil
	}
	if _, err := (qrproto.Code{}).Link(d.Link); errors.Is(err, qrproto.ErrLink) {
		return fail(ErrDevice, "link: %w", err)
	}
	return nil
}
