// SPDX-License-Identifier: Apache-2.0

package ykc_test

import (
	"errors"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
	. "github.com/seed81979277/qrcharge/tariff/ykc"
)

func TestStopReasonsByTheirGroup(t *testing.T) {
	want := func(s int) Outcome {
		switch {
		case s < 0x40 || s > 0x8f:
			return OutcomeUnknown
		case s < 0x4a:
			return OutcomeFinished
		case s < 0x6a:
			return OutcomeNoStart
		}
		return OutcomeAborted
	}
	for s := range 256 {
		if got := StopReason(s).Outcome(); got != want(s) {
			t.Errorf("%#x is %v", s, got)
		}
	}
	for s, text := range map[StopReason]string{
		StopRemote: "0x40 finished", StartNoBalance: "0x4e no-start", AbortPowerOff: "0x83 aborted",
		StopUnknownCause: "0x90 unknown", 0: "0x00 unknown",
	} {
		if s.String() != text {
			t.Errorf("%q, want %q", s, text)
		}
	}
}

func TestStartTypesAsText(t *testing.T) {
	for s, text := range map[StartType]string{
		StartApp: "app", StartCard: "card", StartOfflineCard: "offline-card", StartVIN: "vin", 9: "0x09", 0: "0x00",
	} {
		if s.String() != text {
			t.Errorf("%q, want %q", s, text)
		}
	}
}

func TestVINIsReadAndWritten(t *testing.T) {
	for _, text := range []string{"", "LFV3A23C1E3012345", "SHORT"} {
		v := must[VIN](t)(ParseVIN(text))
		if v.String() != text {
			t.Errorf("%q came back as %q", text, v)
		}
	}
	for _, text := range []string{"LFV3A23C1E30123456", "LFV 3A23", "LFV\x00", "京A12345", "\x7f"} {
		if v, err := ParseVIN(text); !errors.Is(err, ErrText) || v != (VIN{}) {
			t.Errorf("%q: %v, %v", text, v, err)
		}
	}
	if odd := (VIN{0: 0xff, 2: 'A'}); odd.String() != "\xff\x00A" {
		t.Errorf("%q", odd)
	}
}

func TestCardAsText(t *testing.T) {
	if text := goldenRecord().Card.String(); text != "00000000d14b0a54" {
		t.Errorf("card %s", text)
	}
}

func TestProfileSwitchesAreChecked(t *testing.T) {
	if err := (Profile{tariff.Down, FeesApart, TotalAtOnce, BilledMetered, FinerCut, LossIgnored}).Check(); err != nil {
		t.Error(err)
	}
	for path, p := range map[string]Profile{
		"Profile.Mode": {Mode: 5}, "Profile.Fees": {Fees: 2}, "Profile.Total": {Total: 2},
		"Profile.Energy": {Energy: 2}, "Profile.Finer": {Finer: 2}, "Profile.Loss": {Loss: 2},
	} {
		refused(t, p.Check(), path, ErrProfile)
		_, _, err := goldenModel().Tariff(halfUp4, p)
		refused(t, err, path, ErrProfile)
		_, err = goldenModel().Verify(goldenRecord(), p)
		refused(t, err, path, ErrProfile)
		_, err = Verify(goldenRecord(), goldenTariff(), p)
		refused(t, err, path, ErrProfile)
		_, err = goldenRecord().Quantities(goldenTariff(), p)
		refused(t, err, path, ErrProfile)
		_, _, err = NewRecord(Session{}, goldenModel(), &tariff.Bill{}, p)
		refused(t, err, path, ErrProfile)
	}
}

func TestFindingsAsText(t *testing.T) {
	f := Finding{AmountDiffers, "Rates[2].Amount", 12345, 12346}
	if f.String() != "amount-differs at Rates[2].Amount: want 12345, got 12346" {
		t.Error(f)
	}
	seen := map[string]bool{}
	for c := PriceDiffers; c <= RateOutside; c++ {
		seen[c.String()] = true
	}
	if len(seen) != int(RateOutside) || Code(0).String() != "code-0" || (RateOutside+1).String() != "code-12" {
		t.Errorf("names %v", seen)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	err := error(&Error{"Rates[2].Service", ErrOverflow})
	if err.Error() != ErrOverflow.Error()+" at Rates[2].Service" {
		t.Error(err)
	}
}
