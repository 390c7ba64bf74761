// SPDX-License-Identifier: Apache-2.0

package ykc

import "encoding/hex"

// Pile is the number of a charging pile (桩编码): 14 digits, two in a byte, the
// first in the high half. The zero value is the number 00000000000000.
type Pile [7]byte

// ModelNumber is the number of a billing model (计费模型编号), four digits as in
// Pile. A pile that has no model yet reports 0000.
type ModelNumber [2]byte

// Serial is the number of a transaction (交易流水号), 32 digits as in Pile. By
// the protocol it is put together from the pile, the connector, the time of
// creation and a sequence; see [NewSerial] and [Serial.Split]. It is the platform
// that does so, and it may have a way of its own: no other function of this
// package looks inside.
type Serial [16]byte

// ParsePile reads 14 digits. Shorter numbers are filled up with zeros in front
// by their sender, not here. It fails with [ErrText].
func ParsePile(text string) (p Pile, err error) { return p, parseDigits(p[:], text) }

// ParseModelNumber reads four digits, or fails with [ErrText].
func ParseModelNumber(text string) (n ModelNumber, err error) { return n, parseDigits(n[:], text) }

// ParseSerial reads 32 digits, or fails with [ErrText].
func ParseSerial(text string) (s Serial, err error) { return s, parseDigits(s[:], text) }

// String returns the 14 digits; of bytes that are no digits, their hexadecimal form.
func (p Pile) String() string { return hex.EncodeToString(p[:]) }

// String returns the four digits, as Pile.String does.
func (n ModelNumber) String() string { return hex.EncodeToString(n[:]) }

// String returns the 32 digits, as Pile.String does.
func (s Serial) String() string { return hex.EncodeToString(s[:]) }

// MarshalText returns the form of String, or [ErrBCD].
func (p Pile) MarshalText() ([]byte, error) { return marshalDigits(p[:]) }

// MarshalText returns the form of String, or [ErrBCD].
func (n ModelNumber) MarshalText() ([]byte, error) { return marshalDigits(n[:]) }

// MarshalText returns the form of String, or [ErrBCD].
func (s Serial) MarshalText() ([]byte, error) { return marshalDigits(s[:]) }

// UnmarshalText reads the form of String, or returns [ErrText].
func (p *Pile) UnmarshalText(text []byte) error { return unmarshalDigits(p, ParsePile, text) }

// UnmarshalText reads the form of String, or returns [ErrText].
func (n *ModelNumber) UnmarshalText(text []byte) error {
	return unmarshalDigits(n, ParseModelNumber, text)
}

// UnmarshalText reads the form of String, or returns [ErrText].
func (s *Serial) UnmarshalText(text []byte) error { return unmarshalDigits(s, ParseSerial, text) }

// NewSerial puts a transaction number together: the pile's 14 digits, two of
// the connector, the time as yyMMddHHmmss, and four of the sequence. It fails
// with [ErrOverflow] for a connector above 99 or a sequence above 9999,
// [ErrTime] for a time that does not exist and [ErrBCD].
func NewSerial(pile Pile, connector uint8, at Time, sequence uint16) (Serial, error) {
	var s Serial
	if err := checkBCD(pile[:]); err != nil {
		return s, fail(ErrBCD, "Pile")
	}
	if connector > 99 {
		return s, fail(ErrOverflow, "Connector")
	}
	if sequence > 9999 {
		return s, fail(ErrOverflow, "Sequence")
	}
	if !at.exists() {
		return s, fail(ErrTime, "Time")
	}
	copy(s[:], pile[:])
	second := uint8(at.Millisecond / 1000)
	for i, v := range [...]uint8{connector, at.Year, at.Month, at.Day, at.Hour, at.Minute, second,
		uint8(sequence / 100), uint8(sequence % 100)} {
		s[len(pile)+i] = toBCD(v)
	}
	return s, nil
}

// Split takes a transaction number apart as NewSerial puts it together. The
// time has whole seconds. It fails with [ErrBCD], and with [ErrTime] where the
// digits in the place of the time are none: the number was put together in
// another way.
func (s Serial) Split() (pile Pile, connector uint8, at Time, sequence uint16, err error) {
	if err := checkBCD(s[:]); err != nil {
		return pile, 0, at, 0, fail(ErrBCD, "Serial")
	}
	copy(pile[:], s[:])
	rest := s[len(pile):]
	if fromBCD(rest[6]) > 59 { // before it is milliseconds, of which 16 bits hold 65 s
		return Pile{}, 0, Time{}, 0, fail(ErrTime, "Serial")
	}
	at = Time{Year: fromBCD(rest[1]), Month: fromBCD(rest[2]), Day: fromBCD(rest[3]),
		Hour: fromBCD(rest[4]), Minute: fromBCD(rest[5]), Millisecond: 1000 * uint16(fromBCD(rest[6]))}
	if !at.exists() {
		return Pile{}, 0, Time{}, 0, fail(ErrTime, "Serial")
	}
	return pile, fromBCD(rest[0]), at, 100*uint16(fromBCD(rest[7])) + uint16(fromBCD(rest[8])), nil
}

// parseDigits reads exactly as many digits as dst has room for.
func parseDigits(dst []byte, text string) error {
	if len(text) != 2*len(dst) {
		return ErrText
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			clear(dst)
			return ErrText
		}
		dst[i/2] = dst[i/2]<<4 | (text[i] - '0')
	}
	return nil
}

func marshalDigits(src []byte) ([]byte, error) {
	if err := checkBCD(src); err != nil {
		return nil, err
	}
	return hex.AppendEncode(nil, src), nil
}

// unmarshalDigits leaves dst as it is where the text is refused.
func unmarshalDigits[T any](dst *T, parse func(string) (T, error), text []byte) error {
	read, err := parse(string(text))
	if err == nil {
		*dst = read
	}
	return err
}

// checkBCD returns ErrBCD where a half byte is no digit.
func checkBCD(src []byte) error {
	for _, b := range src {
		if b>>4 > 9 || b&15 > 9 {
			return ErrBCD
		}
	}
	return nil
}

// toBCD writes a number below 100.
func toBCD(v uint8) byte { return v/10<<4 | v%10 }

// fromBCD reads two digits that were checked.
func fromBCD(b byte) uint8 { return b>>4*10 + b&15 }
