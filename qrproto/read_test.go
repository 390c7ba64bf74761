// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/testdata"
)

// What is read by hand is exactly what the codec reads, and the same: of each
// payload of the vectors, and of what comes of a sound one by one byte.
func TestPayloadsAreReadAsTheCodecDoes(t *testing.T) {
	taken, refused := map[Kind]int{}, map[Kind]int{}
	for name, v := range vectorPayloads(t) {
		tried := [][]byte{v.payload}
		if v.sound {
			tried = edited(v.payload)
		}
		for _, b := range tried {
			got, want := v.kind.newPayload(), v.kind.newPayload()
			ok := readByHand(got, b, nil)
			shape, err := checkShape(want, b), payloadCodec.Unmarshal(b, want, nil)
			switch {
			case !ok:
				if err == nil && shape == nil && sound(want) == nil || !reflect.ValueOf(got).Elem().IsZero() {
					t.Fatalf("%s: % x: not read, with %+v left; by the codec %+v", name, b, got, want)
				}
			case err != nil || !reflect.DeepEqual(got, want):
				t.Fatalf("%s: % x: read %+v, by the codec %v %+v", name, b, got, err, want)
			case shape != nil && CodeOf(sound(got)) != CodeOf(shape):
				t.Fatalf("%s: % x: read, but for its shape %v", name, b, shape)
			}
			if ok {
				taken[v.kind]++
			} else {
				refused[v.kind]++
			}
		}
	}
	for _, kind := range []Kind{KindIdentity, KindStartOrder, KindSettlement, KindReceipt, KindStopOrder, KindTrust, KindVoucher} {
		if t.Logf("%v: %d taken, %d refused", kind, taken[kind], refused[kind]); taken[kind] < 100 || refused[kind] < 1000 {
			t.Errorf("kind %v: too few", kind)
		}
	}
}

func sound(p Payload) error {
	p.setNumber([]byte{1})
	return p.validate()
}

type vectorPayload struct {
	kind    Kind
	payload []byte
	sound   bool
}

// vectorPayloads are those of the golden vectors. A refused one counts as it is.
func vectorPayloads(t *testing.T) map[string]vectorPayload {
	t.Helper()
	out := map[string]vectorPayload{}
	err := fs.WalkDir(testdata.V1, "v1", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(path, "v1/positive/") && !strings.HasPrefix(path, "v1/negative/") {
			return err
		}
		b, err := fs.ReadFile(testdata.V1, path)
		if err != nil {
			return err
		}
		var v struct {
			Kind    string
			Payload string `json:"payload_cbor"`
		}
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		payload, err := hex.DecodeString(v.Payload)
		if len(v.Kind) == 1 && len(payload) > 0 && Kind(v.Kind[0]).newPayload() != nil {
			out[path] = vectorPayload{Kind(v.Kind[0]), payload, strings.Contains(path, "positive")}
		}
		return err
	})
	if err != nil || len(out) < 500 {
		t.Fatalf("%d payloads, %v", len(out), err)
	}
	return out
}

// edited are b itself and what comes of it by one byte left out, put in or changed.
func edited(b []byte) [][]byte {
	out := [][]byte{b, append(slices.Clone(b), 0)}
	step := 1 + len(b)/64
	for i := 0; i < len(b); i += step {
		out = append(out, b[:i], slices.Delete(slices.Clone(b), i, i+1))
		for _, v := range []byte{0, 1, 0x17, 0x18, 0x19, 0x20, 0x41, 0x60, 0x81, 0xa1, 0xf6, 0xff, b[i] + 1, b[i] ^ 0x20} {
			changed := slices.Clone(b)
			changed[i] = v
			out = append(out, changed, slices.Insert(slices.Clone(b), i, v))
		}
	}
	return out
}
