// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/internal/digits"
)

// TestSpecPartsExample writes the example of SPEC.md, section 21.
func TestSpecPartsExample(t *testing.T) {
	code := seal(t, startOrder(t))
	texts, err := code.Parts(8, "")
	if err != nil || len(texts) != 2 {
		t.Fatal(texts, err)
	}
	var lines []string
	for i, text := range texts {
		b, err := digits.AppendDecode(nil, strings.TrimPrefix(text, "QP1/"))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, slices.Concat(
			annotated(0, b[:1], "kind O"),
			annotated(0, b[1:2], fmt.Sprintf("part %d of 2", i+1)),
			annotated(0, b[2:4], fmt.Sprintf("of %d bytes", len(code.Bytes()))),
			annotated(0, b[4:12], "name of the set"),
			annotated(0, b[12:], fmt.Sprintf("%d bytes of the envelope", len(b)-12)))...)
		for chunk := range slices.Chunk([]byte(text), 100) {
			lines = append(lines, string(chunk))
		}
		if i == 0 {
			lines = append(lines, "")
		}
	}
	holdPart(t, "parts-example", fenced(lines...))
}

// TestSpecPartsExampleHoldsByItsOwnText puts the bytes that SPEC.md shows
// together: they are those of the envelope that it shows in section 1.
func TestSpecPartsExampleHoldsByItsOwnText(t *testing.T) {
	_, body, _ := part(t, "parts-example")
	var whole []byte
	for _, block := range strings.Split(body, "\n\n") {
		var b []byte
		var text strings.Builder
		for line := range strings.SplitSeq(strings.Trim(block, "`\n"), "\n") {
			line, _, _ = strings.Cut(line, "#")
			if strings.HasPrefix(line, "QP1/") || text.Len() > 0 {
				text.WriteString(line)
				continue
			}
			chunk, err := hex.DecodeString(strings.ReplaceAll(line, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, chunk...)
		}
		if got := "QP1/" + string(digits.AppendEncode(nil, b)); got != text.String() {
			t.Errorf("the text of % x is %s", b, got)
		}
		whole = append(whole, b[12:]...)
	}
	_, shown, _ := part(t, "order-text")
	if want := strings.ReplaceAll(strings.Trim(shown, "`\n"), "\n", ""); "QO1/"+string(digits.AppendEncode(nil, whole)) != want {
		t.Errorf("the pieces are % x", whole)
	}
}

// partSizes is the table of SPEC.md, section 21: the least version for each
// number of parts.
func partSizes(t testing.TB) string {
	t.Helper()
	record, err := qrproto.EncodeRecord(largeSettlement())
	if err != nil {
		t.Fatal(err)
	}
	carrying := largeIdentity()
	carrying.Records = [][]byte{record}
	var b strings.Builder
	b.WriteString("| code | bytes | one code | 2 parts | 3 parts | 4 parts |\n|---|---|---|---|---|---|\n")
	for _, row := range []struct {
		name string
		code qrproto.Code
		base string
	}{
		{"`O` with a tariff of 48 slots and occupancy fee", seal(t, largeOrder(t)), ""},
		{fmt.Sprintf("`I` with a record of %d bytes, as a link", len(record)), seal(t, carrying), linkBase},
		{"`T` with one key for ESP256", seal(t, largeTrust(t, p256Key(t, 2).Public())), ""},
		{"`T` with 16 keys for ESP256", seal(t, fullTrust(t)), ""},
		{"the largest code", largestCode(t), ""},
		{"the largest code, as a link", largestCode(t), linkBase},
	} {
		fmt.Fprintf(&b, "| %s | %d |", row.name, len(row.code.Bytes()))
		for count := 1; count <= 4; count++ {
			fmt.Fprintf(&b, " %d |", leastVersion(t, row.code, row.base, count))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// fullTrust has as many keys as a snapshot may, each with all bounds.
func fullTrust(t testing.TB) *qrproto.Trust {
	full := largeTrust(t, p256Key(t, 2).Public())
	for i := byte(1); i < 16; i++ {
		d := largeTrust(t, p256Key(t, 2+i).Public()).Delegations[0]
		d.ID[3] += i
		full.Delegations = append(full.Delegations, d)
	}
	return full
}

// leastVersion is the least QR version that a code fits in so many parts.
func leastVersion(t testing.TB, code qrproto.Code, base string, most int) int {
	t.Helper()
	for version := 1; version <= 40; version++ {
		if texts, err := code.Parts(version, base); err == nil && len(texts) <= most {
			return version
		}
	}
	t.Fatalf("%d bytes fit no version", len(code.Bytes()))
	return 0
}

func TestSpecPartSizes(t *testing.T) { holdPart(t, "parts-sizes", partSizes(t)) }

// The largest code fits four parts that any phone's camera reads.
func TestPartSizesKeepToTheirBudgets(t *testing.T) {
	for base, most := range map[string]int{"": 12, linkBase: 13} {
		if v := leastVersion(t, largestCode(t), base, 4); v > most {
			t.Errorf("behind %q: version %d, at most %d", base, v, most)
		}
	}
	t.Log("\n" + partSizes(t))
}
