// SPDX-License-Identifier: Apache-2.0

package ykc

import "encoding/binary"

// ModelSize is the length of a model's body in bytes.
const ModelSize = 90

// Rates is the number of rates in a model and in a record.
const Rates = 4

// The places of the four rates, and the numbers of the slots.
const (
	Sharp  = 0 // 尖
	Peak   = 1 // 峰
	Flat   = 2 // 平
	Valley = 3 // 谷
)

// Model is a billing model, the body of the frames 0x0A (the platform's answer
// to a pile that asks) and 0x58 (the platform sets it). On the wire:
//
//	pile           7   digits
//	number         2   digits
//	4 × {
//	  electricity  4   little-endian
//	  service      4
//	}
//	loss           1
//	48 × slot      1   each
type Model struct {
	Pile   Pile
	Number ModelNumber
	Rates  [Rates]Fees // sharp, peak, flat, valley
	Loss   uint8       // loss ratio (计损比例); its unit is undefined, and platforms send 0
	Slots  [48]uint8   // the rate, 0 to 3, of the half hour from 30×i minutes local time on
}

// Fees are what a kWh costs under one rate. There is no sign, and the largest
// fee is 42 949.67295 yuan.
type Fees struct {
	Electricity uint32 // 10^-5 yuan per kWh
	Service     uint32 // 10^-5 yuan per kWh
}

// total returns both fees together; it may exceed 32 bits.
func (f Fees) total() uint64 { return uint64(f.Electricity) + uint64(f.Service) }

// Check reports the first thing that keeps m from the wire: [ErrBCD] or [ErrSlot].
func (m *Model) Check() error {
	if err := checkBCD(m.Pile[:]); err != nil {
		return &Error{"Pile", err}
	}
	if err := checkBCD(m.Number[:]); err != nil {
		return &Error{"Number", err}
	}
	for i, s := range m.Slots {
		if s >= Rates {
			return fail(ErrSlot, "Slots[%d]", i)
		}
	}
	return nil
}

// AppendBinary appends the [ModelSize] bytes of the body, or fails as Check does.
func (m *Model) AppendBinary(dst []byte) ([]byte, error) {
	if err := m.Check(); err != nil {
		return dst, err
	}
	dst = append(append(dst, m.Pile[:]...), m.Number[:]...)
	for _, f := range m.Rates {
		dst = binary.LittleEndian.AppendUint32(dst, f.Electricity)
		dst = binary.LittleEndian.AppendUint32(dst, f.Service)
	}
	return append(append(dst, m.Loss), m.Slots[:]...), nil
}

// MarshalBinary returns the [ModelSize] bytes of the body, or fails as Check does.
func (m *Model) MarshalBinary() ([]byte, error) {
	return marshal(m.AppendBinary, ModelSize)
}

// UnmarshalBinary reads a body; MarshalBinary then returns the same bytes. It
// fails with [ErrLength] for anything but [ModelSize] bytes, [ErrBCD] or
// [ErrSlot], and then leaves m as it was.
func (m *Model) UnmarshalBinary(data []byte) error {
	if len(data) != ModelSize {
		return &Error{"Model", ErrLength}
	}
	var read Model
	r := reader{rest: data}
	r.digits(read.Pile[:], "Pile")
	r.digits(read.Number[:], "Number")
	for i := range read.Rates {
		read.Rates[i] = Fees{Electricity: r.u32(), Service: r.u32()}
	}
	read.Loss = r.u8()
	copy(read.Slots[:], r.bytes(len(read.Slots)))
	if r.err != nil {
		return r.err
	}
	if err := read.Check(); err != nil {
		return err
	}
	*m = read
	return nil
}

// used reports which rates a slot names; m was checked.
func (m *Model) used() (used [Rates]bool) {
	for _, s := range m.Slots {
		used[s] = true
	}
	return used
}

// marshal makes a body of its own, nil where it fails.
func marshal(appendBinary func([]byte) ([]byte, error), size int) ([]byte, error) {
	data, err := appendBinary(make([]byte, 0, size))
	if err != nil {
		return nil, err
	}
	return data, nil
}
