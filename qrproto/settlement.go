// SPDX-License-Identifier: Apache-2.0

package qrproto

// Settlement closes one order: what was delivered, cut into the cells on which
// the price depends, what is to be paid for it, and its place in the device's
// chain. The device signs it; a phone takes it to the server. It is one type
// with one hash wherever it stands: in a code, a journal, an identity that
// carries it, a row of a store.
//
//	{ ? 0: extensions, 1: connector, 2: seq, 3: previous hash, 4: order hash, 5: boot,
//	  6: start, 7: duration, 8: uncertainty, 9: register, 10: delivered, ? 11: cells,
//	  ? 12: last, ? 13: flats, 14: payable, ? 15: waived, 16: reason, 17: total,
//	  ? 18: marks, ? 19: evidence }
type Settlement struct {
	Number    []byte     `cbor:"-"` // 1 to 7 bytes, from the trusted key
	Ext       Extensions `cbor:"0,keyasint,omitempty"`
	Connector uint8      `cbor:"1,keyasint"`
	Seq       uint32     `cbor:"2,keyasint"` // from 1 on, without gaps, over all connectors
	Previous  Ref        `cbor:"3,keyasint"` // hash of settlement Seq-1; zero for the first
	Order     Ref        `cbor:"4,keyasint"` // hash of the order, which binds its id and tariff
	Boot      uint32     `cbor:"5,keyasint"` // in which the order was accepted
	// Start and Duration are on the order's time base: its issue time plus the
	// device's uptime since acceptance, which lags true time by Uncertainty
	// seconds at most.
	Start       int64  `cbor:"6,keyasint"` // Unix s
	Duration    int64  `cbor:"7,keyasint"` // s, floored
	Uncertainty uint16 `cbor:"8,keyasint"`
	Register    int64  `cbor:"9,keyasint"`            // at the start, mWh or mL
	Delivered   int64  `cbor:"10,keyasint"`           // register at the stop less Register
	Cells       Cells  `cbor:"11,keyasint,omitempty"` // what the price depends on
	// Last names, per group of dimensions that are rounded up in steps, the
	// component that delivered last; Flats the flat components that applied.
	// Both are component indices in ascending order.
	Last  []uint16 `cbor:"12,keyasint,omitempty"`
	Flats []uint16 `cbor:"13,keyasint,omitempty"`
	// Payable and Waived are at the order's scale. Waived is what was delivered
	// beyond the order's limit and is the device's loss.
	Payable int64      `cbor:"14,keyasint"`
	Waived  int64      `cbor:"15,keyasint,omitempty"`
	Reason  StopReason `cbor:"16,keyasint"`
	Total   int64      `cbor:"17,keyasint"` // mWh or mL of all settlements, this one included
	// Marks are moments of the session as offset in s, register less Register,
	// cause: three numbers each. They let a server derive the cells again, and
	// go in where there is room.
	Marks []int64 `cbor:"18,keyasint,omitempty"`
	// Evidence is the hash of a signed record of the meter's own, such as OCMF.
	Evidence *Ref `cbor:"19,keyasint,omitempty"`
}

// Cells are pairs of a component's index and its quantity in mWh, mL or s: on
// the wire one flat array [index, quantity, …], indices ascending, quantities
// above zero. The components of an element share a pair under the first index.
// Behind the components of the tariff two more may stand: see tariff.Cell.
type Cells []int64

// StopReason says why a session ended.
type StopReason uint8

// The reasons, in OCPP's words where it has one.
const (
	StopUser      StopReason = 1 + iota // by hand, at the device (Local)
	StopRemote                          // by a stop order (Remote)
	StopFull                            // the vehicle asked for no more
	StopTarget                          // what was ordered is delivered
	StopLimit                           // a limit of the order or of the record
	StopUnplugged                       // EVDisconnected
	StopTimeout                         // nothing was plugged in, or a session without end
	StopPowerLoss                       // PowerLoss
	StopFault                           // GroundFault, Overcurrent, relay or meter
	StopEmergency                       // EmergencyStop
	lastStop      = StopEmergency
)

const (
	maxCells = 32 // pairs
	maxMarks = 16 // triples
	maxLast  = 16 // energy, volume, time and reserved time by 4 classes
	maxFlats = 16
)

// Kind is KindSettlement.
func (*Settlement) Kind() Kind               { return KindSettlement }
func (s *Settlement) number() []byte         { return s.Number }
func (s *Settlement) setNumber(n []byte)     { s.Number = n }
func (s *Settlement) extensions() Extensions { return s.Ext }

func (s *Settlement) validate() error {
	return firstOf(
		checkNumber("Number", s.Number),
		s.Ext.validate(),
		within("Connector", int64(s.Connector), 1, 255),
		within("Seq", int64(s.Seq), 1, maxUint32),
		s.validatePrevious(),
		within("Boot", int64(s.Boot), 1, maxUint32),
		within("Start", s.Start, 1, maxUnix),
		within("Duration", s.Duration, 0, maxDuration),
		within("Register", s.Register, 0, MaxQuantity),
		within("Delivered", s.Delivered, 0, MaxQuantity),
		s.Cells.validate(),
		ascending("Last", s.Last, maxLast),
		ascending("Flats", s.Flats, maxFlats),
		within("Payable", s.Payable, -MaxQuantity, MaxQuantity),
		within("Waived", s.Waived, 0, MaxQuantity),
		within("Reason", int64(s.Reason), 1, int64(lastStop)),
		within("Total", s.Total, s.Delivered, MaxQuantity),
		s.validateMarks(),
	)
}

func (s *Settlement) validatePrevious() error {
	if (s.Seq == 1) != (s.Previous == Ref{}) {
		return fieldError("Previous", "zero for the first record and no other")
	}
	return nil
}

func (c Cells) validate() error {
	if len(c)%2 != 0 || len(c) > 2*maxCells {
		return fieldError("Cells", "half a pair, or more than 32 pairs")
	}
	before := int64(-1)
	for i := 0; i < len(c); i += 2 {
		if c[i] <= before || c[i] > maxComponent {
			return fieldError("Cells", "indices out of range or not ascending")
		}
		if q := c[i+1]; q <= 0 || q > MaxQuantity {
			return fieldError("Cells", "a quantity of zero or out of range")
		}
		before = c[i]
	}
	return nil
}

func (s *Settlement) validateMarks() error {
	if len(s.Marks)%3 != 0 || len(s.Marks) > 3*maxMarks {
		return fieldError("Marks", "not triples, or more than 16")
	}
	var at, delivered int64
	for i := 0; i < len(s.Marks); i += 3 {
		if s.Marks[i] < at || s.Marks[i] > s.Duration || s.Marks[i+1] < delivered || s.Marks[i+1] > s.Delivered || s.Marks[i+2] < 0 || s.Marks[i+2] > 255 {
			return fieldError("Marks", "outside the session or out of order")
		}
		at, delivered = s.Marks[i], s.Marks[i+1]
	}
	return nil
}

// EncodeRecord returns a settlement as it stands in a journal or, carried, in
// an identity: its payload, without number and signature. It fails as Seal does
// if the settlement breaks a rule of its kind.
func EncodeRecord(s *Settlement) ([]byte, error) { return encode(s) }

// DecodeRecord is the inverse of EncodeRecord. A record has no signature of its
// own: decode only what a verified identity, an own journal or an own store
// held. The number is that of the device. It knows no critical extension, and
// fails as Open does where a payload breaks a rule of its kind.
func DecodeRecord(number, record []byte) (*Settlement, error) {
	s := new(Settlement)
	if err := decode(s, nil, number, record, nil); err != nil {
		return nil, err
	}
	return s, nil
}
