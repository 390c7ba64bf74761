// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

type partSet struct {
	Comment   string `json:"comment"`
	Kind      string `json:"kind"`
	QRVersion int    `json:"qr_version"`
	Base      string `json:"base"`
	Envelope  octets `json:"envelope"`
	Text      string `json:"text"`
	Set       octets `json:"set"`
	Parts     []struct {
		Bytes octets `json:"bytes"`
		Text  string `json:"text"`
	} `json:"parts"`
}

func (s partSet) texts() (texts []string) {
	for _, p := range s.Parts {
		texts = append(texts, p.Text)
	}
	return texts
}

// partBytes cuts a whole without the library.
func partBytes(kind byte, whole []byte, count int) (parts [][]byte) {
	set := sha256.Sum256([]byte(textOf(kind, whole)))
	for piece := range slices.Chunk(whole, (len(whole)+count-1)/count) {
		head := []byte{kind, byte(len(parts)+1)<<4 | byte(count), byte(len(whole) >> 8), byte(len(whole))}
		parts = append(parts, slices.Concat(head, set[:8], piece))
	}
	return parts
}

func TestPartVectorsMakeUpTheirCode(t *testing.T) {
	counts := map[int]int{}
	for name, v := range load[partSet](t, "parts-positive") {
		counts[len(v.Parts)]++
		for i, b := range partBytes(v.Kind[0], v.Envelope, len(v.Parts)) {
			if !bytes.Equal(b, v.Parts[i].Bytes) || v.Base+textOf('P', b) != v.Parts[i].Text || !bytes.Equal(b[4:12], v.Set) {
				t.Errorf("%s: part %d does not hold together", name, i+1)
			}
		}
		code, err := qrproto.ParseCode(v.Text)
		if err != nil || !bytes.Equal(code.Bytes(), v.Envelope) || v.Comment == "" {
			t.Errorf("%s: %v", name, err)
		}
		if texts, err := code.Parts(v.QRVersion, v.Base); err != nil || !slices.Equal(texts, v.texts()) {
			t.Errorf("%s: cut in %q (%v)", name, texts, err)
		}
		for _, order := range [][]string{v.texts(), reversed(v.texts())} {
			var a qrproto.Assembly
			for i, text := range order {
				p, err := a.Add(text)
				if err != nil || p.Have != i+1 || p.Count != len(order) || (p.Code.Text() == v.Text) != (p.Have == p.Count) {
					t.Errorf("%s: %+v, %v", name, p, err)
				}
			}
		}
	}
	for count := 2; count <= 4; count++ {
		if counts[count] == 0 {
			t.Errorf("no vector of %d parts", count)
		}
	}
}

func reversed(s []string) []string {
	out := slices.Clone(s)
	slices.Reverse(out)
	return out
}

type badParts struct {
	Comment   string   `json:"comment"`
	Error     int      `json:"error"`
	ErrorName string   `json:"error_name"`
	Texts     []string `json:"texts"`
	Sound     []string `json:"sound"`
	Whole     string   `json:"whole"`
}

func TestNegativePartVectorsAreRefused(t *testing.T) {
	all := load[badParts](t, "parts-negative")
	if len(all) < 12 {
		t.Fatalf("only %d", len(all))
	}
	for name, v := range all {
		code := errorNames[v.ErrorName]
		if int(code) != v.Error || v.Comment == "" || !strings.HasPrefix(name, fmt.Sprint(v.Error, "-")) {
			t.Errorf("%s: names error %d as %q", name, v.Error, v.ErrorName)
		}
		var a qrproto.Assembly
		for i, text := range v.Texts {
			p, err := a.Add(text)
			if last := i == len(v.Texts)-1; last != (err != nil) || last && (!errors.Is(err, code) || qrproto.CodeOf(err) != code) || p.Code.Kind() != 0 {
				t.Errorf("%s: text %d: %+v, %v", name, i, p, err)
			}
		}
		var sound qrproto.Assembly
		var p qrproto.Progress
		for i, text := range v.Sound {
			var err error
			if p, err = sound.Add(text); err != nil {
				t.Errorf("%s: sound text %d: %v", name, i, err)
			}
		}
		if p.Code.Text() != v.Whole {
			t.Errorf("%s: the sound ones make up %q", name, p.Code.Text())
		}
	}
}

// partSequence is what a camera reads, and what a reader has of it.
type partSequence struct {
	Comment string `json:"comment"`
	Steps   []struct {
		Comment   string `json:"comment"`
		Text      string `json:"text"`
		Error     int    `json:"error"`
		ErrorName string `json:"error_name"`
		Have      int    `json:"have"`
		Count     int    `json:"count"`
		Whole     string `json:"whole"`
	} `json:"steps"`
}

func TestPartSequencesLeaveWhatTheySay(t *testing.T) {
	all := load[partSequence](t, "parts-sequence")
	if len(all) < 17 {
		t.Fatalf("only %d", len(all))
	}
	for name, v := range all {
		var a qrproto.Assembly
		for i, step := range v.Steps {
			p, err := a.Add(step.Text)
			if code := qrproto.CodeOf(err); int(code) != step.Error || code != errorNames[step.ErrorName] || v.Comment == "" || step.Comment == "" {
				t.Errorf("%s: step %d: want %d %s, have %v", name, i+1, step.Error, step.ErrorName, err)
			}
			through := step.Text == step.Whole // a whole code, of which nothing is put together
			if p.Code.Text() != step.Whole || !through && (p.Have != step.Have || p.Count != step.Count) {
				t.Errorf("%s: step %d: want %d of %d, have %+v", name, i+1, step.Have, step.Count, p)
			}
		}
	}
}

// Every flip of a bit of a part is refused at once or when the whole is there;
// every truncation, at once.
func TestDamagedPartsNeverMakeUpAWhole(t *testing.T) {
	v := load[partSet](t, "parts-positive")["receipt-in-2"]
	first, second := v.Parts[0].Text, []byte(v.Parts[1].Bytes)
	try := func(b []byte) (qrproto.Progress, error) {
		var a qrproto.Assembly
		if _, err := a.Add(first); err != nil {
			t.Fatal(err)
		}
		return a.Add(textOf('P', b))
	}
	for bit := range 8 * len(second) {
		b := slices.Clone(second)
		b[bit/8] ^= 1 << (bit % 8)
		if p, err := try(b); err == nil || !hasCode(err) || p.Code.Kind() != 0 {
			t.Errorf("bit %d: %+v, %v", bit, p, err)
		}
	}
	for n := range len(second) {
		if p, err := try(second[:n]); err == nil || !hasCode(err) || p.Have != 1 {
			t.Errorf("%d bytes: %+v, %v", n, p, err)
		}
	}
}

func TestAssemblyStaysWithinItsMemory(t *testing.T) {
	var a qrproto.Assembly
	worst := 0
	try := func(name, text string) {
		worst = max(worst, bounded(t, name, len(text), memoryBase, func() { _, _ = a.Add(text) }))
	}
	for name, text := range hostileTexts() {
		try(name, text)
		try(name+", of a part", strings.ReplaceAll(text, "QO1/", "QP1/"))
	}
	for name, v := range load[partSet](t, "parts-positive") {
		for range 2 {
			for _, text := range v.texts() {
				try(name, text)
			}
		}
	}
	for name, v := range load[badParts](t, "parts-negative") {
		for _, text := range v.Texts {
			try(name, text)
		}
	}
	for name, v := range load[partSequence](t, "parts-sequence") {
		for _, step := range v.Steps {
			try(name, step.Text)
		}
	}
	t.Logf("at most %d %% of the bound", worst)
}

// A session is what a camera sees: each byte of a script is one text.
type session struct {
	t      testing.TB
	a      qrproto.Assembly
	wholes []string // that parts may make up: nobody can forge 64 bits of a hash
}

func (s *session) see(text string) (qrproto.Progress, error) {
	p, err := s.a.Add(text)
	switch {
	case err != nil && !hasCode(err):
		s.t.Fatal(err)
	case p.Have < 0 || p.Have > p.Count || p.Count > qrproto.MaxParts:
		s.t.Fatalf("%+v", p)
	case (p.Code.Kind() != 0) != (err == nil && p.Count > 0 && p.Have == p.Count):
		s.t.Fatalf("whole with %d of %d", p.Have, p.Count)
	case p.Code.Kind() != 0 && !slices.Contains(s.wholes, p.Code.Text()):
		s.t.Fatalf("made up %s", p.Code.Text())
	}
	return p, err
}

// FuzzAssembly shows parts of two codes in any order, between them some that are
// cut otherwise, damaged, or forged under the name of a true set. Whatever was
// seen, only true wholes come out, and two rounds of all parts of one code make
// it up. Parts of it that came before and were never contradicted count.
func FuzzAssembly(f *testing.F) {
	vectors := load[positive](f, "positive")
	first, second := vectors["order-usual"], vectors["receipt-usual"]
	for _, script := range []string{"", "\x00\x01\x02", "\x00\x40\x01", "\x00\x41\x01", "\x20\x00\x21\x22", "\x00\x80\x01\xc0\x02", "\x20\x21\x22\x00\x01\x02"} {
		f.Add(uint8(3), []byte(script), uint16(0), byte(1))
	}
	f.Fuzz(func(t *testing.T, cut uint8, script []byte, at uint16, flip byte) {
		count := 2 + int(cut)%3
		s := session{t: t, wholes: []string{first.Text, second.Text}}
		ours, theirs := partBytes('O', first.Envelope, count), partBytes('R', second.Envelope, 2+int(cut/3)%3)
		other := partBytes('O', first.Envelope, 2+(count-1)%3)
		for _, step := range script[:min(len(script), 64)] {
			set := [][][]byte{ours, theirs, other, ours}[step>>5&3]
			b := slices.Clone(set[int(step&31)%len(set)])
			if step>>7 == 1 { // damaged in its head, or forged behind it
				b[int(at)%len(b)] ^= flip
			}
			_, _ = s.see(textOf('P', b))
		}
		var p qrproto.Progress
		for range 2 {
			for _, b := range ours {
				if p, _ = s.see(textOf('P', b)); p.Code.Text() == first.Text {
					return
				}
			}
		}
		t.Fatalf("%d of %d after two rounds", p.Have, p.Count)
	})
}

// FuzzParts takes any texts as parts, a line each.
func FuzzParts(f *testing.F) {
	for _, v := range load[partSet](f, "parts-positive") {
		f.Add(strings.Join(v.texts(), "\n"))
	}
	for _, v := range load[badParts](f, "parts-negative") {
		f.Add(strings.Join(v.Texts, "\n"))
	}
	f.Fuzz(func(t *testing.T, lines string) {
		var a qrproto.Assembly
		for text := range strings.SplitSeq(lines, "\n") {
			p, err := a.Add(text)
			if err != nil && !hasCode(err) {
				t.Fatal(err)
			}
			if p.Code.Kind() == 0 {
				continue
			}
			again, err := qrproto.ParseCode(p.Code.Text())
			if err != nil || !bytes.Equal(again.Bytes(), p.Code.Bytes()) {
				t.Fatalf("a whole that is no code: %v", err)
			}
		}
	})
}
