// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

func TestStartOrdersAtTheirEdges(t *testing.T) {
	for name, tc := range map[string]struct {
		offsets qrproto.Offsets
		limits  *qrproto.Limits
	}{
		"far west, then far east":     {qrproto.Offsets{-64800, 1, 64800}, nil},
		"a change at the end of time": {qrproto.Offsets{0, 99_999_999_999, 3600, 100_000_000_000, 0}, nil},
		"energy alone":                {nil, &qrproto.Limits{Energy: qrproto.MaxQuantity}},
		"volume alone":                {nil, &qrproto.Limits{Volume: qrproto.MaxQuantity}},
		"a year alone":                {nil, &qrproto.Limits{Duration: 366 * 86400}},
		"an amount alone":             {nil, &qrproto.Limits{Amount: qrproto.MaxQuantity}},
	} {
		o := startOrder(t)
		o.Offsets, o.Limits = tc.offsets, tc.limits
		if _, err := qrproto.Open(seal(t, o).Text(), trusted()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTargetsAtTheirEdges(t *testing.T) {
	for _, tc := range []struct {
		kind qrproto.TargetKind
		most int64
	}{
		{qrproto.TargetEnergy, qrproto.MaxQuantity}, {qrproto.TargetVolume, qrproto.MaxQuantity},
		{qrproto.TargetAmount, qrproto.MaxQuantity}, {qrproto.TargetTime, 366 * 86400},
	} {
		for value, want := range map[int64]error{0: qrproto.ErrField, 1: nil, tc.most: nil, tc.most + 1: qrproto.ErrField} {
			o := startOrder(t)
			o.Target = &qrproto.Target{Kind: tc.kind, Value: value}
			if _, err := qrproto.Sum(o); !errors.Is(err, want) {
				t.Errorf("kind %d, %d: %v", tc.kind, value, err)
			}
		}
	}
}

// What answers no identity rests on a sum that was taken before.
func TestOrdersForAStickerAreBoundedByTheirSum(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(*qrproto.StartOrder)
		path string
	}{
		"a sum":                        {func(*qrproto.StartOrder) {}, ""},
		"no limits":                    {func(o *qrproto.StartOrder) { o.Limits = nil }, "Limits.Amount"},
		"limits of energy alone":       {func(o *qrproto.StartOrder) { o.Limits.Amount = 0 }, "Limits.Amount"},
		"a hold, nothing taken":        {func(o *qrproto.StartOrder) { o.Funding = qrproto.FundingHold }, "Funding"},
		"a deposit":                    {func(o *qrproto.StartOrder) { o.Funding = qrproto.FundingDeposit }, "Funding"},
		"held, where there is nothing": {func(o *qrproto.StartOrder) { o.Held = 1 }, "Held"},
	} {
		o := startOrder(t)
		o.Challenge.Nonce, o.Held, o.Funding, o.Ack = [8]byte{}, 0, qrproto.FundingPrepaid, nil
		o.Limits = &qrproto.Limits{Energy: 1, Amount: 1}
		tc.edit(o)
		_, err := qrproto.Sum(o)
		if tc.path != "" {
			t.Log(name)
			wantError(t, err, qrproto.ErrField, tc.path)
		} else if err != nil || !o.Sticker() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Plain UTC takes no byte; UTC in winter is more than that.
func TestOffsetsComeBackFromTheirFlatForm(t *testing.T) {
	for _, tc := range []struct {
		steps []tariff.Offset
		want  qrproto.Offsets
	}{
		{[]tariff.Offset{{}}, nil},
		{[]tariff.Offset{{Seconds: 28_800}}, qrproto.Offsets{28_800}},
		{[]tariff.Offset{{}, {From: 1_900_000_000, Seconds: 3600}}, qrproto.Offsets{0, 1_900_000_000, 3600}},
		{[]tariff.Offset{{Seconds: 3600}, {From: 5, Seconds: 7200}, {From: 9}}, qrproto.Offsets{3600, 5, 7200, 9, 0}},
	} {
		flat := qrproto.MakeOffsets(tc.steps)
		if !reflect.DeepEqual(flat, tc.want) || !reflect.DeepEqual(flat.Steps(), tc.steps) {
			t.Errorf("%v: %v and back %v", tc.steps, flat, flat.Steps())
		}
	}
}
