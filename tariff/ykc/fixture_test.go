// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

// modelBytes is a model put together by hand from the table of the protocol:
// valley at night, sharp from 19:00 to 21:00.
const modelBytes = `
	55 03 14 12 78 23 05   01 00
	78 0d 02 00  c8 af 00 00
	e2 a8 01 00  40 9c 00 00
	9a 0a 01 00  b8 88 00 00
	aa 73 00 00  35 75 00 00
	00
	03 03 03 03 03 03 03 03 03 03 03 03 03 03
	02 02 02 02 02 02
	01 01 01 01 01 01 01 01 01 01
	02 02 02 02 02 02
	01 01
	00 00 00 00
	01 01 01 01
	03 03`

// recordBytes is a session under that model on Monday, 2026-03-02, from
// 17:55:30.250 to 19:05, put together by hand in the same way:
// 12.3456 kWh × 1.79520 = 22.16282112 and 3.5 kWh × 1.48770 = 5.20695.
const recordBytes = `
	55 03 14 12 78 23 05  01  26 03 02 17 55 30  00 07
	55 03 14 12 78 23 05   01
	2a 76 37 11 22 03 1a
	00 00 05 13 22 03 1a
	40 bd 02 00  40 e2 01 00  40 e2 01 00  bc 61 03 00
	22 45 02 00  b8 88 00 00  b8 88 00 00  66 cb 00 00
	52 93 01 00  00 00 00 00  00 00 00 00  00 00 00 00
	df e8 00 00  00 00 00 00  00 00 00 00  00 00 00 00
	15 cd 5b 07 02   0d 38 5e 07 02
	f8 6a 02 00  f8 6a 02 00  22 2d 04 00
	4c 46 56 33 41 32 33 43 31 45 33 30 31 32 33 34 35
	01
	58 1b 05 13 22 03 1a
	40
	00 00 00 00 d1 4b 0a 54`

var halfUp4 = tariff.Rounding{Unit: tariff.PerComponent, Mode: tariff.HalfUp, Payable: 4}

func unhex(text string) []byte {
	data, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		panic(err)
	}
	return data
}

// goldenModel is modelBytes.
func goldenModel() *Model {
	m := &Model{
		Pile:   Pile{0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05},
		Number: ModelNumber{0x01, 0x00},
		Rates:  [Rates]Fees{{134_520, 45_000}, {108_770, 40_000}, {68_250, 35_000}, {29_610, 30_005}},
	}
	for i := range m.Slots {
		switch {
		case i < 14 || i >= 46: // 23:00 to 07:00
			m.Slots[i] = Valley
		case i >= 20 && i < 30, i >= 36 && i < 38, i >= 42: // 10 to 15, 18 to 19, 21 to 23
			m.Slots[i] = Peak
		case i >= 38 && i < 42: // 19 to 21
			m.Slots[i] = Sharp
		default:
			m.Slots[i] = Flat
		}
	}
	return m
}

// goldenTariff is the tariff of goldenModel.
func goldenTariff() *tariff.Tariff {
	fees := func(electricity, service int64) []tariff.Component {
		return []tariff.Component{
			{Dimension: tariff.Energy, Class: tariff.Electricity, Price: electricity},
			{Dimension: tariff.Energy, Class: tariff.Service, Price: service},
		}
	}
	hours := func(edges ...int32) (r tariff.Restrictions) {
		for i := 0; i < len(edges); i += 2 {
			r.Windows = append(r.Windows, tariff.Window{From: edges[i] * 3600, To: edges[i+1] * 3600})
		}
		return r
	}
	return &tariff.Tariff{Rules: tariff.Rules1, Currency: "CNY", Scale: 5, Rounding: halfUp4, Elements: []tariff.Element{
		{Rate: tariff.Sharp, When: hours(19, 21), Components: fees(134_520, 45_000)},
		{Rate: tariff.Peak, When: hours(10, 15, 18, 19, 21, 23), Components: fees(108_770, 40_000)},
		{Rate: tariff.Flat, When: hours(7, 10, 15, 18), Components: fees(68_250, 35_000)},
		{Rate: tariff.Valley, When: hours(23, 7), Components: fees(29_610, 30_005)},
	}}
}

// goldenRecord is recordBytes.
func goldenRecord() *Record {
	return &Record{
		Serial:    Serial{0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05, 0x01, 0x26, 0x03, 0x02, 0x17, 0x55, 0x30, 0x00, 0x07},
		Pile:      Pile{0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05},
		Connector: 1,
		Start:     Time{Year: 26, Month: 3, Day: 2, Weekday: 1, Hour: 17, Minute: 55, Millisecond: 30_250},
		Stop:      Time{Year: 26, Month: 3, Day: 2, Weekday: 1, Hour: 19, Minute: 5},
		Rates: [Rates]Part{
			{Price: 179_520, Energy: 123_456, Adjusted: 123_456, Amount: 221_628},
			{Price: 148_770, Energy: 35_000, Adjusted: 35_000, Amount: 52_070},
			{Price: 103_250}, {Price: 59_615},
		},
		MeterStart: 8_713_391_381, MeterStop: 8_713_549_837,
		Energy: 158_456, Adjusted: 158_456, Amount: 273_698,
		VIN:        VIN([]byte("LFV3A23C1E3012345")),
		StartType:  StartApp,
		At:         Time{Year: 26, Month: 3, Day: 2, Weekday: 1, Hour: 19, Minute: 5, Millisecond: 7000},
		StopReason: StopRemote,
		Card:       Card{0, 0, 0, 0, 0xd1, 0x4b, 0x0a, 0x54},
	}
}

// refused fails unless err is a sentinel at a path.
func refused(t *testing.T, err error, path string, sentinel error) {
	t.Helper()
	var at *Error
	if !errors.As(err, &at) || !errors.Is(err, sentinel) || at.Path != path {
		t.Errorf("error %v, want %v at %s", err, sentinel, path)
	}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
