// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"slices"
	"strconv"
)

// The names of the enumerations in String and in JSON. They are stable.
var (
	rateNames      = []string{"unnamed", "sharp", "peak", "flat", "valley", "deep-valley", "rate-6", "rate-7", "rate-8"}
	dimensionNames = []string{"", "energy", "time", "idle", "flat", "volume"}
	reserveNames   = []string{"session", "reservation", "expired-reservation"}
	classNames     = []string{"", "electricity", "service", "occupancy", "other"}
	unitNames      = []string{"", "session", "group", "component"}
	modeNames      = []string{"", "half-up", "half-even", "up", "down"}
	lineNames      = []string{"", "charge", "residue", "payable-rounding", "waived", "cap", "limit", "tax", "tax-residue"}
)

// name returns the name of a value, and its number where it has none.
func name[T ~uint8](names []string, v T) string {
	if int(v) < len(names) && names[v] != "" {
		return names[v]
	}
	return strconv.Itoa(int(v))
}

// marshalName returns the name of a value, or fallback where it has none.
func marshalName[T ~uint8](names []string, v T, fallback error) ([]byte, error) {
	if int(v) >= len(names) || names[v] == "" {
		return nil, fallback
	}
	return []byte(names[v]), nil
}

// unmarshalName sets dst to the value of a name, or returns ErrSyntax.
func unmarshalName[T ~uint8](dst *T, names []string, text []byte) error {
	i := slices.Index(names, string(text))
	if i < 0 || len(text) == 0 {
		return ErrSyntax
	}
	*dst = T(i)
	return nil
}

// String returns the name: "sharp", "peak", "flat", "valley", "deep-valley",
// "rate-6" to "rate-8", or "unnamed".
func (r Rate) String() string { return name(rateNames, r) }

// MarshalText returns the form of String, or [ErrRate].
func (r Rate) MarshalText() ([]byte, error) { return marshalName(rateNames, r, ErrRate) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (r *Rate) UnmarshalText(text []byte) error { return unmarshalName(r, rateNames, text) }

// String returns "energy", "time", "idle", "flat" or "volume".
func (d Dimension) String() string { return name(dimensionNames, d) }

// MarshalText returns the form of String, or [ErrElement].
func (d Dimension) MarshalText() ([]byte, error) { return marshalName(dimensionNames, d, ErrElement) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (d *Dimension) UnmarshalText(text []byte) error { return unmarshalName(d, dimensionNames, text) }

// String returns "electricity", "service", "occupancy" or "other".
func (c Class) String() string { return name(classNames, c) }

// MarshalText returns the form of String, or [ErrElement].
func (c Class) MarshalText() ([]byte, error) { return marshalName(classNames, c, ErrElement) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (c *Class) UnmarshalText(text []byte) error { return unmarshalName(c, classNames, text) }

// String returns "session", "reservation" or "expired-reservation".
func (r Reservation) String() string { return name(reserveNames, r) }

// MarshalText returns the form of String, or [ErrRestriction].
func (r Reservation) MarshalText() ([]byte, error) {
	return marshalName(reserveNames, r, ErrRestriction)
}

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (r *Reservation) UnmarshalText(text []byte) error { return unmarshalName(r, reserveNames, text) }

// String returns "session", "group" or "component".
func (u RoundingUnit) String() string { return name(unitNames, u) }

// MarshalText returns the form of String, or [ErrRounding].
func (u RoundingUnit) MarshalText() ([]byte, error) { return marshalName(unitNames, u, ErrRounding) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (u *RoundingUnit) UnmarshalText(text []byte) error { return unmarshalName(u, unitNames, text) }

// String returns "half-up", "half-even", "up" or "down".
func (m RoundingMode) String() string { return name(modeNames, m) }

// MarshalText returns the form of String, or [ErrRounding].
func (m RoundingMode) MarshalText() ([]byte, error) { return marshalName(modeNames, m, ErrRounding) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (m *RoundingMode) UnmarshalText(text []byte) error { return unmarshalName(m, modeNames, text) }

// String returns "charge", "residue", "payable-rounding", "waived", "cap",
// "limit", "tax" or "tax-residue".
func (k LineKind) String() string { return name(lineNames, k) }

// MarshalText returns the form of String, or [ErrBill].
func (k LineKind) MarshalText() ([]byte, error) { return marshalName(lineNames, k, ErrBill) }

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (k *LineKind) UnmarshalText(text []byte) error { return unmarshalName(k, lineNames, text) }

// String returns "08:00-11:30", with seconds where they are not zero:
// "22:00:30-06:00". The end of the day is "24:00" or "00:00" as written.
func (w Window) String() string {
	text, _ := w.MarshalText()
	return string(text)
}

// MarshalText returns the form of String. It never fails.
func (w Window) MarshalText() ([]byte, error) {
	return appendClock(append(appendClock(nil, w.From), '-'), w.To), nil
}

// UnmarshalText reads the form of String, or returns [ErrSyntax].
func (w *Window) UnmarshalText(text []byte) error {
	from, rest, ok1 := cutClock(text)
	if !ok1 || len(rest) == 0 || rest[0] != '-' {
		return ErrSyntax
	}
	to, rest, ok2 := cutClock(rest[1:])
	read := Window{from, to}
	if !ok2 || len(rest) != 0 || read.String() != string(text) {
		return ErrSyntax
	}
	*w = read
	return nil
}

// appendClock appends seconds since midnight as hh:mm or hh:mm:ss.
func appendClock(dst []byte, seconds int32) []byte {
	fields := [...]int32{seconds / 3600, seconds / 60 % 60, seconds % 60}
	for i, v := range fields {
		if i == 2 && v == 0 {
			break
		}
		if i > 0 {
			dst = append(dst, ':')
		}
		if 0 <= v && v < 10 {
			dst = append(dst, '0')
		}
		dst = strconv.AppendInt(dst, int64(v), 10)
	}
	return dst
}

// cutClock reads hh:mm or hh:mm:ss, up to 24:00, and returns what follows.
func cutClock(text []byte) (seconds int32, rest []byte, ok bool) {
	fields := 0
	for unit := int32(3600); unit > 0; unit /= 60 {
		if fields > 0 {
			if len(text) == 0 || text[0] != ':' {
				break
			}
			text = text[1:]
		}
		if len(text) < 2 {
			return 0, nil, false
		}
		v, err := strconv.ParseUint(string(text[:2]), 10, 8)
		if err != nil || fields > 0 && v > 59 {
			return 0, nil, false
		}
		seconds, text = seconds+int32(v)*unit, text[2:]
		fields++
	}
	return seconds, text, fields >= 2 && seconds <= day
}
