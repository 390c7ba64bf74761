// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"bytes"
	"testing"
	"time"

	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

// Whatever arrives: it is refused, or comes back byte by byte and can be made a
// tariff and back.
func FuzzModel(f *testing.F) {
	f.Add(unhex(modelBytes))
	f.Add(unhex(modelBytes)[:ModelSize-1])
	f.Add(make([]byte, ModelSize))
	f.Add(bytes.Repeat([]byte{255}, ModelSize))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Model
		if err := m.UnmarshalBinary(data); err != nil {
			if m != (Model{}) {
				t.Errorf("changed by a refused body: %+v", m)
			}
			return
		}
		if back, err := m.MarshalBinary(); err != nil || !bytes.Equal(back, data) {
			t.Errorf("came back as %x, %v", back, err)
		}
		n, _, err := m.Tariff(halfUp4, Profile{Loss: LossIgnored})
		if err != nil {
			t.Fatalf("no tariff: %v", err)
		}
		back := m
		if err := back.SetTariff(n); err != nil || back != m {
			t.Errorf("the tariff's model is %+v, %v", back, err)
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add(unhex(recordBytes))
	f.Add(unhex(recordBytes)[:RecordSize-1])
	f.Add(make([]byte, RecordSize))
	f.Add(bytes.Repeat([]byte{255}, RecordSize))
	f.Add(bytes.Repeat([]byte{0x99}, RecordSize))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Record
		if err := r.UnmarshalBinary(data); err != nil {
			if r != (Record{}) {
				t.Errorf("changed by a refused body: %+v", r)
			}
			return
		}
		if back, err := r.MarshalBinary(); err != nil || !bytes.Equal(back, data) {
			t.Errorf("came back as %x, %v", back, err)
		}
		for _, p := range []Profile{{}, {Mode: 2, Fees: FeesApart}, {Mode: 3, Total: TotalAtOnce, Energy: BilledMetered}} {
			if _, err := goldenModel().Verify(&r, p); err != nil {
				t.Errorf("cannot be verified: %v", err)
			}
		}
		for _, at := range []Time{r.Start, r.Stop, r.At} {
			if moment, err := at.In(time.UTC); err == nil {
				again, err := TimeOf(moment)
				again.Weekday, again.Summer, again.Reserved = at.Weekday, at.Summer, at.Reserved
				if err != nil || again != at {
					t.Errorf("%v came back as %v, %v", at, again, err)
				}
			}
		}
		if pile, connector, at, sequence, err := r.Serial.Split(); err == nil {
			if s, err := NewSerial(pile, connector, at, sequence); err != nil || s != r.Serial {
				t.Errorf("%v came back as %v, %v", r.Serial, s, err)
			}
		}
	})
}

// FuzzDigits reads the numbers that stand in both protocols as digits.
func FuzzDigits(f *testing.F) {
	for _, text := range []string{"0100", "55031412782305", "55031412782305012603021755300007", "LVHRU5845N7000001", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := ParsePile(text); err == nil && p.String() != text {
			t.Errorf("pile %q comes back as %v", text, p)
		}
		if n, err := ParseModelNumber(text); err == nil && n.String() != text {
			t.Errorf("model number %q comes back as %v", text, n)
		}
		if v, err := ParseVIN(text); err == nil && v.String() != text {
			t.Errorf("VIN %q comes back as %v", text, v)
		}
		s, err := ParseSerial(text)
		if err != nil {
			return
		}
		if s.String() != text {
			t.Errorf("serial %q comes back as %v", text, s)
		}
		if pile, connector, at, sequence, err := s.Split(); err == nil {
			if again, err := NewSerial(pile, connector, at, sequence); err != nil || again != s {
				t.Errorf("%v came back as %v, %v", s, again, err)
			}
		}
	})
}
