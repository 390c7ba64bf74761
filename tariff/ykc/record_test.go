// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

func TestRecordGoldenBytes(t *testing.T) {
	var read Record
	if err := read.UnmarshalBinary(unhex(recordBytes)); err != nil {
		t.Fatal(err)
	}
	if read != *goldenRecord() {
		t.Errorf("read %+v\nwant %+v", read, *goldenRecord())
	}
	if data := must[[]byte](t)(goldenRecord().MarshalBinary()); !bytes.Equal(data, unhex(recordBytes)) {
		t.Errorf("wrote %x", data)
	}
	appended := must[[]byte](t)(goldenRecord().AppendBinary([]byte("head")))
	if !bytes.Equal(appended, append([]byte("head"), unhex(recordBytes)...)) {
		t.Errorf("appended %x", appended)
	}
}

// Where each field begins, so that two fields of one width cannot be swapped
// in both directions alike.
func TestRecordFieldsAreAtTheirOffsets(t *testing.T) {
	for _, c := range []struct {
		name string
		at   int
		set  func(*Record)
	}{
		{"serial", 0, func(r *Record) { r.Serial[0] = 0x11 }},
		{"pile", 16, func(r *Record) { r.Pile[0] = 0x11 }},
		{"connector", 23, func(r *Record) { r.Connector = 11 }},
		{"start", 24, func(r *Record) { r.Start.Millisecond = 0x11 }},
		{"stop", 31, func(r *Record) { r.Stop.Millisecond = 0x11 }},
		{"sharp price", 38, func(r *Record) { r.Rates[Sharp].Price = 0x11 }},
		{"sharp energy", 42, func(r *Record) { r.Rates[Sharp].Energy = 0x11 }},
		{"sharp adjusted energy", 46, func(r *Record) { r.Rates[Sharp].Adjusted = 0x11 }},
		{"sharp amount", 50, func(r *Record) { r.Rates[Sharp].Amount = 0x11 }},
		{"peak price", 54, func(r *Record) { r.Rates[Peak].Price = 0x11 }},
		{"flat price", 70, func(r *Record) { r.Rates[Flat].Price = 0x11 }},
		{"valley price", 86, func(r *Record) { r.Rates[Valley].Price = 0x11 }},
		{"meter start", 102, func(r *Record) { r.MeterStart = 0x11 }},
		{"meter stop", 107, func(r *Record) { r.MeterStop = 0x11 }},
		{"energy", 112, func(r *Record) { r.Energy = 0x11 }},
		{"adjusted energy", 116, func(r *Record) { r.Adjusted = 0x11 }},
		{"amount", 120, func(r *Record) { r.Amount = 0x11 }},
		{"VIN", 124, func(r *Record) { r.VIN[0] = 0x11 }},
		{"start type", 141, func(r *Record) { r.StartType = 0x11 }},
		{"time", 142, func(r *Record) { r.At.Millisecond = 0x11 }},
		{"stop reason", 149, func(r *Record) { r.StopReason = 0x11 }},
		{"card", 150, func(r *Record) { r.Card[0] = 0x11 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r, read Record
			c.set(&r)
			want := make([]byte, RecordSize)
			want[c.at] = 0x11
			if data := must[[]byte](t)(r.MarshalBinary()); !bytes.Equal(data, want) {
				t.Errorf("wrote %x", data)
			}
			if err := read.UnmarshalBinary(want); err != nil || read != r {
				t.Errorf("read %+v, %v", read, err)
			}
		})
	}
}

func TestRecordOfAnyBytesComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		data := make([]byte, RecordSize)
		for i := range data {
			data[i] = byte(r.Uint32())
			if i < 24 {
				data[i] = randomDigits(r)
			}
		}
		var read Record
		if err := read.UnmarshalBinary(data); err != nil {
			t.Fatalf("%x: %v", data, err)
		}
		if back := must[[]byte](t)(read.MarshalBinary()); !bytes.Equal(back, data) {
			t.Fatalf("%x came back as %x", data, back)
		}
	}
}

func TestRecordRefusesEveryOtherLength(t *testing.T) {
	long := append(unhex(recordBytes), make([]byte, RecordSize)...)
	for n := range len(long) {
		r := *goldenRecord()
		err := r.UnmarshalBinary(long[:n])
		if n == RecordSize {
			if err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
			continue
		}
		refused(t, err, "Record", ErrLength)
		if r != *goldenRecord() {
			t.Fatalf("%d bytes changed the record", n)
		}
	}
}

func TestRecordRefusesWhatIsNoDigit(t *testing.T) {
	for at, path := range map[int]string{0: "Serial", 15: "Serial", 16: "Pile", 22: "Pile", 23: "Connector"} {
		for _, value := range []byte{0x0a, 0xa0, 0xff} {
			data := unhex(recordBytes)
			data[at] = value
			var r Record
			refused(t, r.UnmarshalBinary(data), path, ErrBCD)
			if r != (Record{}) {
				t.Errorf("byte %d changed the record", at)
			}
		}
	}
}

func TestRecordHoldsTheLargestOfEachWidth(t *testing.T) {
	r := goldenRecord()
	r.Connector, r.MeterStart, r.MeterStop = 99, 1<<40-1, 1<<40-1
	r.Energy, r.Adjusted, r.Amount = math.MaxUint32, math.MaxUint32, math.MaxUint32
	r.Rates[Valley] = Part{math.MaxUint32, math.MaxUint32, math.MaxUint32, math.MaxUint32}
	r.At = Time{Year: 127, Month: 15, Day: 31, Weekday: 7, Hour: 31, Minute: 63, Millisecond: 65535,
		Invalid: true, Summer: true, Reserved: 255}
	data := must[[]byte](t)(r.MarshalBinary())
	if !bytes.Equal(data[102:124], bytes.Repeat([]byte{255}, 22)) || !bytes.Equal(data[142:149], bytes.Repeat([]byte{255}, 7)) {
		t.Errorf("wrote %x", data)
	}
	var back Record
	if err := back.UnmarshalBinary(data); err != nil || back != *r {
		t.Errorf("%v, read %+v", err, back)
	}
}

func TestRecordThatIsNotWritten(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*Record)
		path     string
		sentinel error
	}{
		{"serial", func(r *Record) { r.Serial[9] = 0xaa }, "Serial", ErrBCD},
		{"pile", func(r *Record) { r.Pile[0] = 0xbb }, "Pile", ErrBCD},
		{"connector", func(r *Record) { r.Connector = 100 }, "Connector", ErrOverflow},
		{"meter start", func(r *Record) { r.MeterStart = 1 << 40 }, "MeterStart", ErrOverflow},
		{"meter stop", func(r *Record) { r.MeterStop = math.MaxUint64 }, "MeterStop", ErrOverflow},
		{"year", func(r *Record) { r.Start.Year = 128 }, "Start.Year", ErrOverflow},
		{"month", func(r *Record) { r.Stop.Month = 16 }, "Stop.Month", ErrOverflow},
		{"day", func(r *Record) { r.At.Day = 32 }, "At.Day", ErrOverflow},
		{"weekday", func(r *Record) { r.At.Weekday = 8 }, "At.Weekday", ErrOverflow},
		{"hour", func(r *Record) { r.At.Hour = 32 }, "At.Hour", ErrOverflow},
		{"minute", func(r *Record) { r.At.Minute = 64 }, "At.Minute", ErrOverflow},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := goldenRecord()
			c.change(r)
			data, err := r.MarshalBinary()
			refused(t, err, c.path, c.sentinel)
			if data != nil {
				t.Error("bytes with an error")
			}
		})
	}
}
