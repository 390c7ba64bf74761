// SPDX-License-Identifier: Apache-2.0

package tariff

import (
	"encoding/json"
	"time"
)

// Session is what is priced under a tariff, together in one value: what
// [Tariff.Compile] and [Plan.Measure] take. It is a form for files and reports.
type Session struct {
	Limits   Limits
	Offsets  []Offset
	Readings []Reading
}

type sessionJSON struct {
	Limits   limitsJSON    `json:"limits"`
	Offsets  []offsetJSON  `json:"offsets"`
	Readings []readingJSON `json:"readings"`
}

type limitsJSON struct {
	Decimals uint8      `json:"decimals"`
	Amount   string     `json:"amount,omitempty"`
	Energy   int64      `json:"energy_mWh,omitempty"`
	Volume   int64      `json:"volume_mL,omitempty"`
	Duration int64      `json:"duration_s,omitempty"`
	Feedback int64      `json:"feedback_mWh,omitempty"`
	Facts    *factsJSON `json:"facts,omitempty"`
}

type factsJSON struct {
	Reserved int64 `json:"reserved_s,omitempty"`
	Expired  bool  `json:"expired,omitempty"`
	Energy   int64 `json:"energy_mWh,omitempty"`
	Time     int64 `json:"time_s,omitempty"`
	Volume   int64 `json:"volume_mL,omitempty"`
}

type offsetJSON struct {
	From   *instant `json:"from,omitempty"`
	Offset eastward `json:"utc_offset"`
}

type readingJSON struct {
	At      instant `json:"at"`
	Phase   Phase   `json:"phase"`
	Energy  int64   `json:"energy_mWh,omitempty"`
	Volume  int64   `json:"volume_mL,omitempty"`
	Power   int32   `json:"power_W,omitempty"`
	Current int32   `json:"current_mA,omitempty"`
}

// MarshalJSON returns the session with times as "2026-03-02T09:00:00Z",
// offsets as "+08:00" with seconds where they have any, and quantities as
// integers with the unit in the key. Zeros are left out.
//
//	{
//	  "limits": {"decimals": 2, "amount": "200.00", "facts": {"reserved_s": 900}},
//	  "offsets": [{"utc_offset": "+08:00"}],
//	  "readings": [
//	    {"at": "2026-03-02T09:00:00Z", "phase": "charging", "power_W": 60000},
//	    {"at": "2026-03-02T09:20:00Z", "phase": "idle", "energy_mWh": 20000000}
//	  ]
//	}
//
// The same session gives the same bytes, and [Session.UnmarshalJSON] gives it
// back. It fails with [ErrReading] or [ErrOffsets] for what has no such form:
// a time outside the years 0 to 9999, an unknown phase, an offset beyond 24 hours.
func (s Session) MarshalJSON() ([]byte, error) {
	l, f := &s.Limits, &s.Limits.Facts
	form := sessionJSON{
		Limits:  limitsJSON{Decimals: l.Scale, Energy: l.Energy, Volume: l.Volume, Duration: l.Duration, Feedback: l.Feedback},
		Offsets: []offsetJSON{}, Readings: []readingJSON{},
	}
	if l.Amount != 0 {
		form.Limits.Amount = string(AppendDecimal(nil, l.Amount, l.Scale))
	}
	if *f != (Facts{}) {
		form.Limits.Facts = &factsJSON{f.Reserved, f.Expired, f.Energy, f.Time, f.Volume}
	}
	for _, o := range s.Offsets {
		one := offsetJSON{Offset: eastward(o.Seconds)}
		if from := instant(o.From); from != 0 {
			one.From = &from
		}
		form.Offsets = append(form.Offsets, one)
	}
	for _, r := range s.Readings {
		form.Readings = append(form.Readings, readingJSON{instant(r.At), r.Phase, r.Energy, r.Volume, r.Power, r.Current})
	}
	return json.Marshal(form)
}

// UnmarshalJSON reads the form of [Session.MarshalJSON] and nothing else, with
// the errors of [Tariff.UnmarshalJSON]. An amount with more than the decimals
// of the limits is [ErrScale].
func (s *Session) UnmarshalJSON(text []byte) error {
	var read Session
	if err := readObject(text,
		must("limits", read.Limits.read),
		must("offsets", list(&read.Offsets, readOffset)),
		must("readings", list(&read.Readings, readReading))); err != nil {
		return err
	}
	*s = read
	return nil
}

func (l *Limits) read(text []byte) error {
	var amount []byte
	err := readObject(text,
		must("decimals", integer(&l.Scale)),
		may("amount", func(text []byte) error { amount = text; return nil }),
		may("energy_mWh", integer(&l.Energy)),
		may("volume_mL", integer(&l.Volume)),
		may("duration_s", integer(&l.Duration)),
		may("feedback_mWh", integer(&l.Feedback)),
		may("facts", l.Facts.read))
	if err != nil || amount == nil {
		return err
	}
	if l.Scale > maxDecimals {
		return &Error{"decimals", ErrScale}
	}
	if l.Amount, err = readDecimal(amount, l.Scale); err != nil {
		return inside("amount", err)
	}
	return nil
}

func (f *Facts) read(text []byte) error {
	return readObject(text,
		may("reserved_s", integer(&f.Reserved)),
		may("expired", boolean(&f.Expired)),
		may("energy_mWh", integer(&f.Energy)),
		may("time_s", integer(&f.Time)),
		may("volume_mL", integer(&f.Volume)))
}

func readOffset(o *Offset, text []byte) error {
	return readObject(text,
		may("from", word((*instant)(&o.From))),
		must("utc_offset", word((*eastward)(&o.Seconds))))
}

func readReading(r *Reading, text []byte) error {
	return readObject(text,
		must("at", word((*instant)(&r.At))),
		must("phase", word(&r.Phase)),
		may("energy_mWh", integer(&r.Energy)),
		may("volume_mL", integer(&r.Volume)),
		may("power_W", integer(&r.Power)),
		may("current_mA", integer(&r.Current)))
}

// instant is a moment in unix seconds.
type instant int64

const instantLayout = "2006-01-02T15:04:05Z"

func (i instant) MarshalText() ([]byte, error) {
	at := time.Unix(int64(i), 0).UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return nil, ErrReading
	}
	return at.AppendFormat(nil, instantLayout), nil
}

func (i *instant) UnmarshalText(text []byte) error {
	at, err := time.Parse(instantLayout, string(text))
	if err != nil || at.UTC().Format(instantLayout) != string(text) {
		return ErrSyntax
	}
	*i = instant(at.Unix())
	return nil
}

// eastward is an offset from UTC in seconds.
type eastward int32

func (e eastward) MarshalText() ([]byte, error) {
	if e < -day || e > day {
		return nil, ErrOffsets
	}
	if e < 0 {
		return appendClock([]byte{'-'}, int32(-e)), nil
	}
	return appendClock([]byte{'+'}, int32(e)), nil
}

func (e *eastward) UnmarshalText(text []byte) error {
	if len(text) == 0 || text[0] != '+' && text[0] != '-' {
		return ErrSyntax
	}
	seconds, rest, ok := cutClock(text[1:])
	read := eastward(seconds)
	if text[0] == '-' {
		read = -read
	}
	if back, err := read.MarshalText(); !ok || len(rest) > 0 || err != nil || string(back) != string(text) {
		return ErrSyntax
	}
	*e = read
	return nil
}
