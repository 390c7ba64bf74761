// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/tariff"
)

// readTrust takes exactly what the codec takes, but for extensions, and reads the
// same out of it: of each change of one byte, each byte left out, and each put in.
func TestSnapshotsAreReadAsTheCodecDoes(t *testing.T) {
	taken, refused := 0, 0
	for name, whole := range snapshotPayloads(t) {
		for _, b := range edited(whole) {
			got, ok := readTrust(b)
			var want Trust
			if err := payloadCodec.Unmarshal(b, &want, nil); ok != (err == nil && want.Ext == nil && len(want.Delegations) <= maxDelegations) {
				t.Fatalf("%s: % x: read %v, by the codec %v", name, b, ok, err)
			}
			if !ok {
				refused++
				continue
			}
			taken++
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: % x: read %+v, by the codec %+v", name, b, got, want)
			}
		}
	}
	t.Logf("%d taken, %d refused", taken, refused)
	if taken < 10_000 || refused < 10_000 {
		t.Errorf("too few: %d taken, %d refused", taken, refused)
	}
}

// snapshotPayloads are encodings with each field at several lengths.
func snapshotPayloads(t *testing.T) map[string][]byte {
	t.Helper()
	point := append([]byte{3}, make([]byte, 32)...)
	edges := []Delegation{
		{ID: []byte("a"), Public: point, Rights: RightOrder},
		{ID: []byte("issuer-8"), Public: bytes.Repeat([]byte{7}, 32), Fleet: []byte("0123456"), Currency: "KWD", Amount: MaxQuantity, Quota: math.MaxUint32, Rights: allRights},
		{ID: []byte("k"), Public: point, Fleet: []byte{1}, Currency: "CNY", Amount: 23, Quota: 255, Rights: RightStop},
		{ID: []byte("l"), Public: point, Currency: "CNY", Amount: 24, Quota: 256, Rights: RightReceipt},
	}
	many := make([]Delegation, maxDelegations)
	for i := range many {
		many[i] = edges[i%len(edges)]
		many[i].Currency = []tariff.Currency{"", "CNY", "EUR"}[i%3]
	}
	out := make(map[string][]byte)
	for name, s := range map[string]*Trust{
		"nobody": {Epoch: 1}, "a floor": {Epoch: 70_000, Least: 256}, "an extension": {Epoch: 1, Ext: Extensions{1: {2}}},
		"edges": {Epoch: math.MaxUint32, Least: math.MaxUint32, Delegations: edges},
		"16":    {Epoch: 41, Least: 40, Delegations: many},
		"17":    {Epoch: 41, Delegations: append(slices.Clone(many), edges[0])},
	} {
		b, err := payloadCodec.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	return out
}

// edited are b itself and what comes of it by one byte.
func edited(b []byte) [][]byte {
	out := [][]byte{b, append(slices.Clone(b), 0)}
	for i := range b {
		out = append(out, b[:i], slices.Delete(slices.Clone(b), i, i+1))
		for _, v := range []byte{0, 1, 2, 3, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x38, 0x40, 0x41, 0x58, 0x60, 0x78, 0x80, 0x87, 0x9f, 0xa1, 0xc0, 0xf6, 0xff} {
			changed := slices.Clone(b)
			changed[i] = v
			out = append(out, changed, slices.Insert(slices.Clone(b), i, v))
		}
	}
	return out
}
