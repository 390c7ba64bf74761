// SPDX-License-Identifier: Apache-2.0

package canon_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
)

// Heads are those of a general encoder, at each edge of their lengths.
func TestAppendIsTheEncodingOfOthers(t *testing.T) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	for _, edge := range []int64{0, 23, 24, 255, 256, 65_535, 65_536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64} {
		for _, v := range []int64{edge, -edge, -1 - edge} {
			want, err := mode.Marshal(v)
			if got := canon.AppendInt(nil, v); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d: % x, want % x (%v)", v, got, want, err)
			}
			r := canon.NewReader(want)
			if got := r.Int(); got != v || !r.Done() {
				t.Errorf("% x reads as %d", want, got)
			}
		}
	}
	long := string(bytes.Repeat([]byte{'x'}, 300))
	wantText, err1 := mode.Marshal(long)
	wantBytes, err2 := mode.Marshal([]byte(long))
	if err1 != nil || err2 != nil || !bytes.Equal(canon.AppendText(nil, long), wantText) || !bytes.Equal(canon.AppendBytes(nil, []byte(long)), wantBytes) {
		t.Error("strings differ")
	}
}

// What is broken, too large, or of another type is a fault, and stays one.
func TestReaderFaults(t *testing.T) {
	take := map[string]func(*canon.Reader){
		"an integer": func(r *canon.Reader) { r.Int() },
		"a byte":     func(r *canon.Reader) { r.Small() },
		"an array":   func(r *canon.Reader) { r.Items() },
		"a map":      func(r *canon.Reader) { r.Pairs() },
		"bytes":      func(r *canon.Reader) { r.String(canon.Bytes) },
	}
	for name, list := range map[string][]string{
		"an integer": {"", "18", "1b00000000000000", "1b8000000000000000", "3b8000000000000000", "1c", "1f", "1c" + strings.Repeat("00", 16), "1f" + strings.Repeat("00", 128), "40", "80", "f6", "f93c00", "c101"},
		"a byte":     {"190100", "20", "60"},
		"an array":   {"81", "9a7fffffff00", "9bffffffffffffffff00", "9f00ff", "a10000", "01"},
		"a map":      {"a1", "bf", "8100"},
		"bytes":      {"41", "5a7fffffff00", "5f4100ff", "6161"},
	} {
		for _, data := range list {
			r := canon.NewReader(fromHex(t, data+""))
			if take[name](&r); !r.Failed() || r.Done() {
				t.Errorf("%s: %s is taken", name, data)
			}
			if r.Next() != canon.None || r.Int() != 0 || r.Items() != 0 || len(r.String(canon.Text)) != 0 {
				t.Errorf("%s: %s: something is read after the fault", name, data)
			}
		}
	}
}

func TestUpToTakesBothEnds(t *testing.T) {
	for data, ok := range map[string]bool{"00": true, "1864": true, "1865": false, "20": false} {
		r := canon.NewReader(fromHex(t, data))
		if v := r.UpTo(100); r.Done() != ok || !ok && v != 0 {
			t.Errorf("%s: %d, %v", data, v, ok)
		}
	}
}

func TestReaderTakesItemsInTurn(t *testing.T) {
	r := canon.NewReader(fromHex(t, "8301a120416162c3bc"))
	if r.Next() != canon.Array || r.Items() != 3 || r.Small() != 1 || r.Pairs() != 1 || r.Int() != -1 ||
		string(r.String(canon.Bytes)) != "a" || r.Done() || r.Next() != canon.Text || string(r.String(canon.Text)) != "ü" || !r.Done() {
		t.Errorf("failed %v", r.Failed())
	}
}
