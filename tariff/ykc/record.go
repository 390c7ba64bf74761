// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"encoding"
	"encoding/binary"
	"fmt"
)

// RecordSize is the length of a record's body in bytes.
const RecordSize = 158

// Record is a transaction record (交易记录), the body of the frame 0x3B. All
// energies are in 10^-4 kWh and all amounts in 10^-4 yuan; an amount ends at
// 429 496.7295 yuan and an energy at as many kWh. On the wire:
//
//	serial             16   digits
//	pile                7   digits
//	connector           1   digits
//	start, stop     2 × 7   CP56Time2a
//	4 × {
//	  price             4   little-endian
//	  energy            4
//	  adjusted energy   4
//	  amount            4
//	}
//	meter, start        5   little-endian
//	meter, stop         5
//	energy              4
//	adjusted energy     4
//	amount              4
//	VIN                17   ASCII
//	start type          1
//	time                7   CP56Time2a
//	stop reason         1
//	card                8
type Record struct {
	Serial     Serial
	Pile       Pile
	Connector  uint8 // 0 to 99
	Start      Time
	Stop       Time
	Rates      [Rates]Part // sharp, peak, flat, valley
	MeterStart uint64      // register, 10^-4 kWh, 40 bits
	MeterStop  uint64      // register, 10^-4 kWh, 40 bits
	Energy     uint32      // 10^-4 kWh
	Adjusted   uint32      // 10^-4 kWh, with the loss ratio (计损总电量)
	Amount     uint32      // 10^-4 yuan, electricity and service
	VIN        VIN
	StartType  StartType
	At         Time // of the transaction
	StopReason StopReason
	Card       Card
}

// Part is what a session drew under one rate.
type Part struct {
	Price    uint32 // 10^-5 yuan per kWh, electricity and service together
	Energy   uint32 // 10^-4 kWh
	Adjusted uint32 // 10^-4 kWh, with the loss ratio (计损电量)
	Amount   uint32 // 10^-4 yuan
}

var (
	_ encoding.BinaryMarshaler   = (*Model)(nil)
	_ encoding.BinaryAppender    = (*Model)(nil)
	_ encoding.BinaryUnmarshaler = (*Model)(nil)
	_ encoding.BinaryMarshaler   = (*Record)(nil)
	_ encoding.BinaryAppender    = (*Record)(nil)
	_ encoding.BinaryUnmarshaler = (*Record)(nil)
)

// Check reports the first thing that keeps r from the wire: [ErrBCD] or
// [ErrOverflow]. Whether the record is right is asked of [Model.Verify].
func (r *Record) Check() error {
	if err := checkBCD(r.Serial[:]); err != nil {
		return &Error{"Serial", err}
	}
	if err := checkBCD(r.Pile[:]); err != nil {
		return &Error{"Pile", err}
	}
	if r.Connector > 99 {
		return &Error{"Connector", ErrOverflow}
	}
	if r.MeterStart > maxU40 {
		return &Error{"MeterStart", ErrOverflow}
	}
	if r.MeterStop > maxU40 {
		return &Error{"MeterStop", ErrOverflow}
	}
	for _, t := range [...]struct {
		name string
		Time
	}{{"Start", r.Start}, {"Stop", r.Stop}, {"At", r.At}} {
		if err := t.check(); err != nil {
			return within(t.name, err)
		}
	}
	return nil
}

// AppendBinary appends the [RecordSize] bytes of the body, or fails as Check does.
func (r *Record) AppendBinary(dst []byte) ([]byte, error) {
	if err := r.Check(); err != nil {
		return dst, err
	}
	dst = append(append(dst, r.Serial[:]...), r.Pile[:]...)
	dst = append(dst, toBCD(r.Connector))
	dst = r.Stop.append(r.Start.append(dst))
	for _, p := range r.Rates {
		dst = appendU32s(dst, p.Price, p.Energy, p.Adjusted, p.Amount)
	}
	dst = appendU40(appendU40(dst, r.MeterStart), r.MeterStop)
	dst = appendU32s(dst, r.Energy, r.Adjusted, r.Amount)
	dst = append(append(dst, r.VIN[:]...), byte(r.StartType))
	dst = append(r.At.append(dst), byte(r.StopReason))
	return append(dst, r.Card[:]...), nil
}

// MarshalBinary returns the [RecordSize] bytes of the body, or fails as Check does.
func (r *Record) MarshalBinary() ([]byte, error) {
	return marshal(r.AppendBinary, RecordSize)
}

// UnmarshalBinary reads a body; MarshalBinary then returns the same bytes. It
// fails with [ErrLength] for anything but [RecordSize] bytes, or [ErrBCD], and
// then leaves r as it was.
func (r *Record) UnmarshalBinary(data []byte) error {
	if len(data) != RecordSize {
		return &Error{"Record", ErrLength}
	}
	var read Record
	w := reader{rest: data}
	read.readHead(&w)
	for i := range read.Rates {
		read.Rates[i] = Part{Price: w.u32(), Energy: w.u32(), Adjusted: w.u32(), Amount: w.u32()}
	}
	read.readTail(&w)
	if w.err != nil {
		return w.err
	}
	*r = read
	return nil
}

func (r *Record) readHead(w *reader) {
	var connector [1]byte
	w.digits(r.Serial[:], "Serial")
	w.digits(r.Pile[:], "Pile")
	w.digits(connector[:], "Connector")
	r.Connector = fromBCD(connector[0])
	r.Start, r.Stop = w.time(), w.time()
}

func (r *Record) readTail(w *reader) {
	r.MeterStart, r.MeterStop = w.u40(), w.u40()
	r.Energy, r.Adjusted, r.Amount = w.u32(), w.u32(), w.u32()
	copy(r.VIN[:], w.bytes(len(r.VIN)))
	r.StartType = StartType(w.u8())
	r.At = w.time()
	r.StopReason = StopReason(w.u8())
	copy(r.Card[:], w.bytes(len(r.Card)))
}

func appendU32s(dst []byte, values ...uint32) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, v)
	}
	return dst
}

// ratePath is the path of a part's field.
func ratePath(rate int, field string) string { return fmt.Sprintf("Rates[%d].%s", rate, field) }
