// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
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
