// SPDX-License-Identifier: Apache-2.0

package ykc

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// StartType says how a session was started (交易标识).
type StartType uint8

// The start types of the protocol. Vendors use further numbers, which are kept.
const (
	StartApp         StartType = 0x01 // by an application, through the platform
	StartCard        StartType = 0x02 // by a card that the platform checked
	StartOfflineCard StartType = 0x04 // by a card that the pile checked
	StartVIN         StartType = 0x05 // by the vehicle's number
)

// String returns "app", "card", "offline-card", "vin", or the number as "0x09".
func (s StartType) String() string {
	switch s {
	case StartApp:
		return "app"
	case StartCard:
		return "card"
	case StartOfflineCard:
		return "offline-card"
	case StartVIN:
		return "vin"
	}
	return fmt.Sprintf("%#02x", uint8(s))
}

// StopReason says why a session ended (停止原因). The protocol lists some
// seventy; those that bear on a bill have names here, and every number is kept.
type StopReason uint8

// Stop reasons that bear on a bill.
const (
	StopRemote       StopReason = 0x40 // the application asked for it
	StopFull         StopReason = 0x41 // the battery is full
	StopEnergy       StopReason = 0x42 // the energy asked for is delivered
	StopAmount       StopReason = 0x43 // the amount asked for is used up
	StopDuration     StopReason = 0x44 // the time asked for is over
	StopByHand       StopReason = 0x45 // at the pile
	StartNoBalance   StopReason = 0x4e // never started: no balance
	AbortMeter       StopReason = 0x6d // the meter does not answer
	AbortNoBalance   StopReason = 0x6e // the balance is used up
	AbortPowerOff    StopReason = 0x83 // the pile lost its power
	StopUnknownCause StopReason = 0x90
)

// Outcome is the group that a stop reason belongs to.
type Outcome uint8

// The groups of stop reasons.
const (
	OutcomeUnknown  Outcome = 0 // 0x90, and numbers that are not the protocol's
	OutcomeFinished Outcome = 1 // 0x40 to 0x49: ended as wanted
	OutcomeNoStart  Outcome = 2 // 0x4a to 0x69: never began
	OutcomeAborted  Outcome = 3 // 0x6a to 0x8f: ended by a fault
)

// Outcome returns the group of a reason.
func (s StopReason) Outcome() Outcome {
	switch {
	case s >= 0x40 && s <= 0x49:
		return OutcomeFinished
	case s >= 0x4a && s <= 0x69:
		return OutcomeNoStart
	case s >= 0x6a && s <= 0x8f:
		return OutcomeAborted
	}
	return OutcomeUnknown
}

// String returns "finished", "no-start", "aborted" or "unknown".
func (o Outcome) String() string {
	switch o {
	case OutcomeFinished:
		return "finished"
	case OutcomeNoStart:
		return "no-start"
	case OutcomeAborted:
		return "aborted"
	}
	return "unknown"
}

// String returns the number and its group, as "0x40 finished".
func (s StopReason) String() string { return fmt.Sprintf("%#02x %s", uint8(s), s.Outcome()) }

// VIN is the vehicle's number (电动汽车唯一标识) as it stands on the wire: 17
// ASCII characters in reading order, shorter ones with zero bytes behind, all
// zero where it is not known. In other frames of the protocol the number stands
// in reverse; in the record it does not.
type VIN [17]byte

// ParseVIN reads at most 17 printable ASCII characters, or fails with [ErrText].
func ParseVIN(text string) (v VIN, err error) {
	if len(text) > len(v) {
		return VIN{}, ErrText
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return VIN{}, ErrText
		}
	}
	copy(v[:], text)
	return v, nil
}

// String returns the characters without the zero bytes behind them. It does not
// check them: what a pile sent may hold anything.
func (v VIN) String() string { return string(bytes.TrimRight(v[:], "\x00")) }

// Card is the number of the physical card (物理卡号), the eight bytes as on the
// wire. The protocol calls them binary and fills up with zeros; back ends read
// them as digits, as a little-endian integer or as hexadecimal text, so this
// package does not choose. All zero is no card.
type Card [8]byte

// String returns the bytes in the order of the wire as 16 hexadecimal digits.
func (c Card) String() string { return hex.EncodeToString(c[:]) }
