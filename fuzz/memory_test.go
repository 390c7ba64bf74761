// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// Malformed input makes nobody spend memory: at most 8 times its own size and
// 4 KiB, however it claims to be built.
const (
	memoryFactor = 8
	memoryBase   = 4096
	// What has the shape of a tariff takes the memory of one, whose elements are
	// larger than their bytes: at most 64 of them. Whether it is in normal form
	// is seen without making it.
	normalBase    = 10 << 10
	normalElement = 512
	// For each key that can be read there is more: whether it is a point is a
	// sum in big numbers.
	readableKey = 2 << 10
)

// allocated is the number of bytes that f allocates, the least of some runs if
// the first is above most: the runtime allocates now and then on its own.
func allocated(most uint64, f func()) uint64 {
	least := uint64(math.MaxUint64)
	for run := 0; run < 5 && least > most; run++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// bounded reports what is above the bound, and returns the largest share of it
// in per cent.
func bounded(t *testing.T, name string, size, base int, f func()) int {
	t.Helper()
	most := uint64(memoryFactor*size + base)
	got := allocated(most, f)
	if got > most {
		t.Errorf("%s: %d bytes allocated for %d, at most %d", name, got, size, most)
	}
	return int(100 * got / most)
}

func TestOpenStaysWithinItsMemory(t *testing.T) {
	usual := load[positive](t, "positive")["order-usual"]
	keys := usual.Keys.trust()
	worst := 0
	open := func(name, text string, trusted qrproto.KeyList) {
		worst = max(worst, bounded(t, name, len(text), memoryBase, func() { _, _ = qrproto.Open(text, trusted) }))
	}
	for name, v := range load[positive](t, "positive") {
		open(name, v.Text, v.Keys.trust())
		open(name+", unknown key", v.Text, nil)
		open(name+", cut", v.Text[:len(v.Text)/2], v.Keys.trust())
	}
	for name, v := range load[negative](t, "negative") {
		open(name, v.Text, v.Keys.trust())
	}
	for name, text := range hostileTexts() {
		open(name, text, keys)
	}
	for _, kind := range allKinds {
		v := load[positive](t, "positive")[usualVector[kind]]
		payloads := hostilePayloads()
		maps.Copy(payloads, wrongLists(kind))
		maps.Copy(payloads, hostileDelegations())
		for name, payload := range payloads {
			envelope, _ := seal(v.Kind[0], v.Signer, payload)
			open(kind+" of "+name, textOf(v.Kind[0], envelope), v.Keys.trust())
			open(kind+" of "+name+", unknown key", textOf(v.Kind[0], envelope), nil)
		}
	}
	t.Logf("at most %d %% of the bound", worst)
}

func TestOrdersOpenWithFewAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	for _, name := range []string{"order-usual", "order-by-hash"} {
		v, ok := load[positive](t, "positive")[name]
		if !ok {
			t.Fatalf("no vector %s", name)
		}
		keys := v.Keys.trust()
		if n := testing.AllocsPerRun(100, func() { _, _ = qrproto.Open(v.Text, &keys) }); n > 12 {
			t.Errorf("%s: %v allocations", name, n)
		} else {
			t.Logf("%s: %v allocations", name, n)
		}
	}
}

func TestTariffStaysWithinItsMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	worst := 0
	decode := func(name string, b []byte, base int) {
		worst = max(worst, bounded(t, name, len(b), base, func() { _, _ = qrproto.DecodeTariff(b) }))
	}
	readable := func(name string, b []byte) { decode(name, b, normalBase+normalElement*elements(b)) }
	for name, v := range load[badTariff](t, "tariff-negative") {
		readable(name, v.Bytes)
	}
	for name, v := range load[tariffVector](t, "tariff-positive") {
		readable(name, v.Bytes)
	}
	for name, b := range hostileTariffs() {
		readable(name, b)
	}
	for name, payload := range hostilePayloads() {
		decode(name, payload, memoryBase)
	}
	t.Logf("at most %d %% of the bound", worst)
}

// hostileTariffs have as much of everything as the shape allows, and no normal
// form.
func hostileTariffs() map[string][]byte {
	front := []byte{0x84, 1, 2, 0x63, 'E', 'U', 'R'}
	elements := func(n int, element ...[]byte) []byte {
		return slices.Concat(front, cborHead(4, n), bytes.Repeat(slices.Concat(element...), n))
	}
	windows := func(n int, step byte) []byte {
		out := slices.Concat([]byte{0xa1, 2}, cborHead(4, 2*n))
		for i := range n {
			out = append(out, byte(i)*step%20, byte(i)*step%20+1)
		}
		return out
	}
	four := []byte{0, 1, 1, 2, 2, 3, 3, 4}
	return map[string][]byte{
		"64 elements":                  elements(64, []byte{0x82, 0, 0}),
		"65 elements":                  elements(65, []byte{0x82, 0, 0}),
		"64 elements of four":          elements(64, []byte{0x88}, four),
		"64 elements of four windows":  elements(64, []byte{0x89}, four, windows(4, 3)),
		"64 elements of five windows":  elements(64, []byte{0x83, 0, 0}, windows(5, 3)),
		"256 windows":                  elements(1, []byte{0x83, 0, 0}, windows(256, 2)),
		"257 windows":                  elements(1, []byte{0x83, 0, 0}, windows(257, 2)),
		"64 elements on the same days": elements(64, []byte{0x89}, four, []byte{0xa1, 3, 1}),
		"restrictions":                 elements(64, []byte{0x83, 0, 0, 0xa4, 7, 1, 8, 2, 9, 1, 10, 2}),
		"taxes": slices.Concat([]byte{0x85}, elements(64, []byte{0x83, 40, 0, 1})[1:], []byte{0xa1, 4}, cborHead(4, 16),
			bytes.Repeat([]byte{0x88, 0x60, 0, 0x60, 0, 0x60, 0, 0x60, 0}, 16)),
	}
}

// elements is how many elements a tariff of the general form says that it has,
// 64 at most, and 0 for other bytes.
func elements(b []byte) int {
	const at = 7 // behind the heads of array, rules and scale, and a currency
	switch {
	case len(b) < at+2 || b[at]>>5 != 4:
		return 0
	case b[at] == 0x98:
		return min(int(b[at+1]), 64)
	}
	return int(b[at] & 31)
}

func hostileTexts() map[string]string {
	return map[string]string{
		"nothing":           "",
		"a megabyte":        strings.Repeat("0", 1<<20),
		"a megabyte behind": "QO1/" + strings.Repeat("0", 1<<20),
		"slashes":           strings.Repeat("/", 2816),
		"marks":             strings.Repeat("QO1/", 704),
		"line ends":         strings.Repeat("\r\n", 1408),
		"zeros":             "QO1/" + strings.Repeat("0", 17*146),
		"nines":             "QO1/" + strings.Repeat("9", 17*146),
		"one group":         "QO1/" + strings.Repeat("0", 17),
		"not UTF-8":         "QO1/" + strings.Repeat("\xff", 2000),
	}
}

// hostilePayloads claim much, or are as dense as can be.
func hostilePayloads() map[string][]byte {
	out := map[string][]byte{}
	for _, major := range []byte{2, 3, 4, 5} {
		for _, length := range []string{"\x19\xff\xff", "\x1a\xff\xff\xff\xff", "\x1b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x1b\xff\xff\xff\xff\xff\xff\xff\xff"} {
			claim := append([]byte{major<<5 | length[0]}, length[1:]...)
			out[fmt.Sprintf("claim %x", claim)] = claim
			for key := range byte(20) {
				out[fmt.Sprintf("claim %x at %d", claim, key)] = slices.Concat([]byte{0xa1, key}, claim)
			}
		}
	}
	for key := range byte(20) {
		under := func(name string, value ...[]byte) {
			out[fmt.Sprintf("%s at %d", name, key)] = slices.Concat(append([][]byte{{0xa1, key}}, value...)...)
		}
		under("64 numbers", cborHead(4, 64), make([]byte, 64))
		under("64 empty strings", cborHead(4, 64), bytes.Repeat([]byte{0x40}, 64))
		under("64 empty maps", cborHead(4, 64), bytes.Repeat([]byte{0xa0}, 64))
		under("65 numbers", cborHead(4, 65), make([]byte, 65))
		under("800 numbers", cborHead(4, 800), make([]byte, 800))
		under("32 pairs", cborHead(5, 32), pairs(32))
		under("400 pairs", cborHead(5, 255), pairs(255))
		under("deep", bytes.Repeat([]byte{0x81}, 800), []byte{0})
		under("64 by 12", cborHead(4, 64), bytes.Repeat(append([]byte{0x8c}, make([]byte, 12)...), 64))
		under("text", cborHead(3, 900), bytes.Repeat([]byte{'x'}, 900))
		under("bytes", cborHead(2, 900), make([]byte, 900))
	}
	out["32 unknown keys"] = slices.Concat(cborHead(5, 32), pairs(32))
	out["32 text keys"] = slices.Concat(cborHead(5, 32), bytes.Repeat([]byte{0x61, 'k', 0}, 32))
	out["64 empty arrays"] = slices.Concat(cborHead(4, 64), bytes.Repeat([]byte{0x80}, 64))
	out["64 texts"] = slices.Concat(cborHead(4, 64), bytes.Repeat([]byte{0x61, 'x'}, 64))
	out["64 empty maps"] = slices.Concat(cborHead(4, 64), bytes.Repeat([]byte{0xa0}, 64))
	out["64 full maps"] = slices.Concat(cborHead(4, 64), bytes.Repeat([]byte{0xa2, 0, 0, 1, 0}, 64))
	return out
}

// hostileDelegations are snapshots of as many keys as a code holds and more, the
// smallest that have the shape, and such that have it not.
func hostileDelegations() map[string][]byte {
	out := map[string][]byte{}
	for name, one := range map[string]string{
		"empty keys":          "\x87\x40\x40\x40\x60\x00\x00\x00",
		"keys of numbers":     "\x87\x00\x00\x00\x00\x00\x00\x00",
		"keys of texts":       "\x87\x60\x60\x60\x60\x60\x60\x60",
		"keys of nulls":       "\x87\xf6\xf6\xf6\xf6\xf6\xf6\xf6",
		"keys of lists":       "\x87\x80\x80\x80\x80\x80\x80\x80",
		"keys of no items":    "\x80",
		"keys of six items":   "\x86\x40\x40\x40\x60\x00\x00",
		"keys of a long text": "\x87\x40\x40\x40\x78\x28" + strings.Repeat("x", 40) + "\x00\x00\x00",
	} {
		for _, n := range []int{1, 15, 16, 17, 64} {
			list := slices.Concat(cborHead(4, n), bytes.Repeat([]byte(one), n))
			out[fmt.Sprintf("%d %s", n, name)] = slices.Concat([]byte("\xa2\x01\x01\x03"), list)
			out[fmt.Sprintf("%d %s, cut", n, name)] = slices.Concat([]byte("\xa2\x01\x01\x03"), list[:len(list)-1])
		}
	}
	return out
}

// wrongLists put 64 items of a type that does not fit under each key that holds
// a list or bytes, and lists where the kind has none. A CBOR decoder that makes
// an error for each item spends much more on them than was sent.
func wrongLists(kind string) map[string][]byte {
	keys := map[string]string{"I": "\x0a\x0e\x10", "O": "\x01\x02\x08\x09\x0a", "S": "\x0b\x0c\x0d\x12", "R": "\x01\x06",
		"X": "\x01", "T": "\x03", "V": "\x01\x04"}[kind]
	out := map[string][]byte{}
	for name, item := range map[string]string{"numbers": "\x00", "negative numbers": "\x20", "texts": "\x60", "bytes": "\x40", "arrays": "\x80", "nulls": "\xf6"} {
		list := slices.Concat(cborHead(4, 64), bytes.Repeat([]byte(item), 64))
		lists := cborHead(5, len(keys))
		for _, key := range []byte(keys) {
			lists = slices.Concat(lists, []byte{key}, list)
		}
		out["lists of "+name] = lists
		extensions := cborHead(5, 12)
		lists = cborHead(5, 12)
		short := slices.Concat(cborHead(4, 16), bytes.Repeat([]byte(item), 16))
		for id := range byte(12) {
			extensions = slices.Concat(extensions, []byte{id}, list)
			lists = slices.Concat(lists, []byte{id + 1, 0x84}, short, short, short, short)
		}
		out["extensions of "+name] = append([]byte{0xa1, 0}, extensions...)
		out["lists of lists of "+name] = lists
	}
	return out
}

// pairs are n keys from 0 on with the value 0.
func pairs(n int) []byte {
	var out []byte
	for key := range n {
		out = append(append(out, cborHead(0, key)...), 0)
	}
	return out
}

// How deep a file nests is found out by encoding/json before it asks for the
// keys, at its own cost: such files are not in the list.
func TestKeyFileStaysWithinItsMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	sound, err := json.Marshal(load[positive](t, "positive")["order-usual"].Keys.trust())
	if err != nil {
		t.Fatal(err)
	}
	worst := 0
	for name, file := range map[string]string{
		"sound":           string(sound),
		"empty objects":   `{"keys":[` + strings.Repeat("{},", 1000) + `{}]}`,
		"numbers":         `{"keys":[` + strings.Repeat("1,", 1000) + `1]}`,
		"members":         "{" + strings.Repeat(`"a":1,`, 1000) + `"keys":[]}`,
		"a long key":      `{"keys":[{"x":"` + strings.Repeat("A", 10_000) + `"}]}`,
		"operations":      `{"keys":[{"key_ops":[` + strings.Repeat(`"a",`, 1000) + `"a"]}]}`,
		"not JSON at all": strings.Repeat("\x00", 5000),
	} {
		base := memoryBase
		if name == "sound" {
			base += 2 * readableKey
		}
		worst = max(worst, bounded(t, name, len(file), base, func() {
			var keys qrproto.KeyList
			_ = json.Unmarshal([]byte(file), &keys)
		}))
	}
	t.Logf("at most %d %% of the bound", worst)
}
