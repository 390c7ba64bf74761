// SPDX-License-Identifier: Apache-2.0

package qrproto

import "github.com/seed81979277/qrcharge/tariff"

// StartOrder opens one sale at one device: it names the showing of the
// identity code that it answers, and holds the tariff of this customer, what is
// asked for, and how far it may go. The issuer signs it; a phone shows it to
// the device.
//
//	{ ? 0: extensions, 1: id, 2: charger, 3: connector, 4: [counter, nonce], 5: issued,
//	  ? 6: held, 7: window, ( 8: tariff // 9: tariff hash ), ? 10: offsets, ? 11: scale,
//	  ? 12: [kind, value], ? 13: [energy, volume, duration, amount], 14: funding,
//	  ? 15: {? 1: reserved, ? 2: expired, ? 3: energy, ? 4: time, ? 5: volume},
//	  ? 16: uncertainty, ? 17: epoch, ? 18: [seq, hash] }
type StartOrder struct {
	Ext       Extensions `cbor:"0,keyasint,omitempty"`
	ID        OrderID    `cbor:"1,keyasint"`
	Charger   []byte     `cbor:"2,keyasint"` // the device's number, 1 to 7 bytes
	Connector uint8      `cbor:"3,keyasint"`
	Challenge Challenge  `cbor:"4,keyasint"` // echoed from the identity
	Issued    int64      `cbor:"5,keyasint"` // Unix s: the origin of the session's time
	// Held is how long the server had the identity before it issued, in
	// seconds, at most MaxHeld. A device takes it off the age of its code.
	Held uint16 `cbor:"6,keyasint,omitempty"`
	// Window is the longest time in seconds, 1 to MaxWindow, from the first
	// showing of the identity to acceptance, Held not counted.
	Window uint16 `cbor:"7,keyasint"`
	// Exactly one of the two names the tariff: its canonical bytes (see
	// EncodeTariff), or its hash where the device holds it.
	Tariff     []byte `cbor:"8,keyasint,omitempty"`
	TariffHash *Ref   `cbor:"9,keyasint,omitempty"`
	// Offsets is the local time at the device: seconds east of UTC from the
	// start, then up to 2 transitions. Empty is UTC.
	Offsets Offsets `cbor:"10,keyasint,omitempty"`
	// Scale is the number of decimals of every amount of this order, its
	// settlement and its receipt, 0 to 6. The currency is the tariff's.
	Scale  uint8   `cbor:"11,keyasint,omitempty"`
	Target *Target `cbor:"12,keyasint,omitempty"` // nil: as much as the vehicle takes
	Limits *Limits `cbor:"13,keyasint,omitempty"` // nil: none
	// Funding says where the money comes from.
	Funding Funding `cbor:"14,keyasint"`
	Facts   *Facts  `cbor:"15,keyasint,omitempty"` // nil: none of them
	// Uncertainty is the largest uncertainty of time in seconds with which a
	// device may take this order; 0 leaves it to the device.
	Uncertainty uint16 `cbor:"16,keyasint,omitempty"`
	Epoch       uint32 `cbor:"17,keyasint,omitempty"` // the least trust epoch the device must have
	Ack         *Ack   `cbor:"18,keyasint,omitempty"` // nil: nothing stored of this device
}

// OrderID is the server's name for an order, drawn at random.
type OrderID [8]byte

// Target is what the customer asked for. A device stops there by itself.
type Target struct {
	_     struct{} `cbor:",toarray"`
	Kind  TargetKind
	Value int64 // mWh, mL, amount at the order's scale, or s
}

// TargetKind says what a target counts.
type TargetKind uint8

// The kinds of targets. "Full" is no target.
const (
	TargetEnergy TargetKind = 1 + iota // mWh
	TargetVolume                       // mL
	TargetAmount                       // at the order's scale, gross
	TargetTime                         // s of session
	lastTarget   = TargetTime
)

// Limits bound an order whatever the customer asked for. 0 is no limit; at
// least one is not 0.
type Limits struct {
	_        struct{} `cbor:",toarray"`
	Energy   int64    // mWh
	Volume   int64    // mL
	Duration int64    // s
	Amount   int64    // what may be paid at most, gross, at the order's scale
}

// Funding says where the money for an order comes from.
type Funding uint8

// The ways of funding.
const (
	FundingPostpaid    Funding = 1 + iota // billed afterwards
	FundingHold                           // reserved on the customer's means of payment
	FundingPrepaid                        // taken, the rest goes back
	FundingDeposit                        // a deposit covers it
	FundingGift                           // somebody else has paid
	FundingDirectDebit                    // collected under a mandate
	lastFunding        = FundingDirectDebit
)

// Facts are what a tariff may ask for and only the server knows: those of
// tariff.Facts. At least one is not zero.
type Facts struct {
	Reserved int64 `cbor:"1,keyasint,omitempty"` // s that the connector was reserved
	Expired  uint8 `cbor:"2,keyasint,omitempty"` // 1: the reservation ran out unused
	// What was taken under the same graduated tiers before this order, as of a
	// month; at most tariff.MaxTier.
	Energy int64 `cbor:"3,keyasint,omitempty"` // mWh
	Time   int64 `cbor:"4,keyasint,omitempty"` // s of charging
	Volume int64 `cbor:"5,keyasint,omitempty"` // mL
}

// Kind is KindStartOrder.
func (*StartOrder) Kind() Kind               { return KindStartOrder }
func (*StartOrder) number() []byte           { return nil }
func (*StartOrder) setNumber([]byte)         {}
func (o *StartOrder) extensions() Extensions { return o.Ext }

const (
	maxScale   = 6
	maxOffset  = 18 * 3600
	maxOffsets = 5
)

func (o *StartOrder) validate() error {
	return firstOf(
		o.Ext.validate(),
		checkNumber("Charger", o.Charger),
		within("Connector", int64(o.Connector), 1, 255),
		within("Challenge.Counter", int64(o.Challenge.Counter), 1, maxUint32),
		within("Issued", o.Issued, 1, maxUnix),
		within("Held", int64(o.Held), 0, MaxHeld),
		within("Window", int64(o.Window), 1, MaxWindow),
		o.validateTariff(),
		o.Offsets.validate(),
		within("Scale", int64(o.Scale), 0, maxScale),
		o.Target.validate(),
		o.Limits.validate(),
		within("Funding", int64(o.Funding), 1, int64(lastFunding)),
		o.Facts.validate(),
		o.Ack.validate("Ack"),
		o.validateSticker(),
	)
}

// Sticker tells whether the order answers no identity: it is for a device without
// a display, which has a sticker instead. Its challenge has a nonce of zeros, and
// as counter the number of the order at that device, which rises within an Epoch.
func (o *StartOrder) Sticker() bool { return o.Challenge.Nonce == [8]byte{} }

// validateSticker bounds what rests on no more than a number: a sum that was
// taken before, fixed, and never given back.
func (o *StartOrder) validateSticker() error {
	if !o.Sticker() {
		return nil
	}
	if o.Limits == nil || o.Limits.Amount == 0 {
		return fieldError("Limits.Amount", "none, in an order that answers no identity")
	}
	return firstOf(
		within("Funding", int64(o.Funding), int64(FundingPrepaid), int64(FundingPrepaid)),
		within("Held", int64(o.Held), 0, 0),
	)
}

func (o *StartOrder) validateTariff() error {
	if (len(o.Tariff) == 0) == (o.TariffHash == nil) {
		return fieldError("Tariff", "not exactly one of tariff and hash")
	}
	return within("Tariff", int64(len(o.Tariff)), 0, MaxEmbedded)
}

func (t *Target) validate() error {
	if t == nil {
		return nil
	}
	most := int64(MaxQuantity)
	if t.Kind == TargetTime {
		most = maxDuration
	}
	return firstOf(
		within("Target.Kind", int64(t.Kind), 1, int64(lastTarget)),
		within("Target.Value", t.Value, 1, most),
	)
}

func (l *Limits) validate() error {
	if l == nil {
		return nil
	}
	if l.Energy|l.Volume|l.Duration|l.Amount == 0 {
		return fieldError("Limits", "limits nothing")
	}
	return firstOf(
		within("Limits.Energy", l.Energy, 0, MaxQuantity),
		within("Limits.Volume", l.Volume, 0, MaxQuantity),
		within("Limits.Duration", l.Duration, 0, maxDuration),
		within("Limits.Amount", l.Amount, 0, MaxQuantity),
	)
}

func (f *Facts) validate() error {
	if f == nil {
		return nil
	}
	if *f == (Facts{}) {
		return fieldError("Facts", "says nothing")
	}
	return firstOf(
		within("Facts.Reserved", f.Reserved, 0, maxDuration),
		within("Facts.Expired", int64(f.Expired), 0, 1),
		within("Facts.Energy", f.Energy, 0, tariff.MaxTier),
		within("Facts.Time", f.Time, 0, tariff.MaxTier),
		within("Facts.Volume", f.Volume, 0, tariff.MaxTier),
	)
}

// Offsets is local time at a device as it stands in an order, a flat array
//
//	[seconds, unix, seconds, unix, seconds]
//
// of 1, 3 or 5 numbers: seconds east of UTC, each Unix second in between begins
// the one behind it.
type Offsets []int64

// MakeOffsets writes offsets flat. More than 3 do not fit into an order, which Seal
// then refuses; the From of the first is not kept, as it holds from the beginning.
// Plain UTC is nil.
func MakeOffsets(steps []tariff.Offset) Offsets {
	if len(steps) == 1 && steps[0].Seconds == 0 {
		return nil
	}
	var flat Offsets
	for i, step := range steps {
		if i > 0 {
			flat = append(flat, step.From)
		}
		flat = append(flat, int64(step.Seconds))
	}
	return flat
}

// Steps returns the offsets as a tariff is compiled with them; never empty.
func (o Offsets) Steps() []tariff.Offset {
	if len(o) == 0 {
		return []tariff.Offset{{}}
	}
	steps := []tariff.Offset{{Seconds: int32(o[0])}}
	for i := 2; i < len(o); i += 2 {
		steps = append(steps, tariff.Offset{From: o[i-1], Seconds: int32(o[i])})
	}
	return steps
}

func (o Offsets) validate() error {
	if len(o) == 0 {
		return nil
	}
	if len(o)%2 == 0 || len(o) > maxOffsets || len(o) == 1 && o[0] == 0 {
		return fieldError("Offsets", "not 1, 3 or 5 numbers, or UTC written out")
	}
	for i := 0; i < len(o); i += 2 {
		if err := within("Offsets", o[i], -maxOffset, maxOffset); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		var before int64
		if i > 2 {
			before = o[i-3]
		}
		if o[i-1] <= before || o[i-1] > maxUnix || o[i] == o[i-2] {
			return fieldError("Offsets", "a transition out of order, or to the same offset")
		}
	}
	return nil
}
