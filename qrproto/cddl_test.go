// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/testdata"
)

// The CDDL of SPEC.md is held against the golden vectors here, without the
// library: what the blocks say, and nothing else, judges the bytes.

// cddlRoots are what a reader is given; every rule serves one of them.
var cddlRoots = []string{"code", "identity", "start-order", "settlement", "receipt", "stop-order", "trust", "voucher", "tariff", "key-set"}

// cddlOfKind is the rule of a kind's payload.
var cddlOfKind = map[string]string{
	"I": "identity", "O": "start-order", "S": "settlement", "R": "receipt", "X": "stop-order", "T": "trust", "V": "voucher",
}

func specSchema(t testing.TB) schema {
	t.Helper()
	var text strings.Builder
	for _, m := range regexp.MustCompile("(?s)```cddl\n(.*?)```").FindAllStringSubmatch(readSpec(t), -1) {
		text.WriteString(m[1])
	}
	s, err := parseCDDL(text.String())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSpecCDDLDefinesAndUsesEachName(t *testing.T) {
	s := specSchema(t)
	if faults := s.resolve(cddlRoots...); faults != nil {
		t.Error(strings.Join(faults, ", "))
	}
	if len(s) < 60 {
		t.Errorf("%d rules only", len(s))
	}
}

func TestCDDLReaderSeesFaults(t *testing.T) {
	for text, want := range map[string]string{
		"a = [ b ]":                  "undefined: b",
		"a = int\nb = int":           "unused: b",
		"a = { 1: b }\nb = ( 2: c )": "undefined: c",
		"a = bstr .cbor b":           "undefined: b",
		"a = int\na = int":           "two rules",
		"a = [ int,":                 "it ends",
		"a = { 1: int 2: int }":      "no comma",
		"a = / int":                  "no type",
		"a = int / ( 1: int )":       "a group where a type belongs",
	} {
		s, err := parseCDDL(text)
		got := strings.Join(s.resolve("a"), ", ")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestSpecCDDLRefusesWrongItems has one fault in each row, beside what is right.
func TestSpecCDDLRefusesWrongItems(t *testing.T) {
	s := specSchema(t)
	ref, kid := "50"+strings.Repeat("ab", 16), "44"+"69737331"
	delegation := "87" + kid + "5820" + strings.Repeat("cd", 32) + "40" + "60" + "00" + "00" + "01"
	for _, row := range []struct{ rule, right, wrong, why string }{
		{"stop-order", "a101" + ref, "a0", "no order"},
		{"stop-order", "a101" + ref, "a1014f" + strings.Repeat("ab", 15), "15 bytes"},
		{"stop-order", "a101" + ref, "a201" + ref + "0200", "another key"},
		{"stop-order", "a101" + ref, "8101", "an array"},
		{"stop-order", "a200a1014001" + ref, "a200a001" + ref, "no extension in the map of them"},
		{"stop-order", "a200a1014001" + ref, "a200a1004001" + ref, "extension 0"},
		{"trust", "a10101", "a10100", "epoch 0"},
		{"trust", "a10101", "a1011b0000000100000000", "epoch of 33 bits"},
		{"trust", "a2010103" + "81" + delegation, "a201010380", "an empty list"},
		{"trust", "a2010103" + "81" + delegation, "a2010103" + "81" + "86" + delegation[2:len(delegation)-2], "six items"},
		{"trust", "a2010103" + "81" + delegation, "a2010103" + "81" + delegation[:len(delegation)-2] + "08", "a right to acknowledge alone"},
		{"trust", "a2010103" + "81" + delegation, "a2010103" + "81" + delegation[:len(delegation)-2] + "10", "a right that is none"},
		{"trust", "a2010103" + "81" + delegation, "a2010103" + "91" + strings.Repeat(delegation, 17), "17 delegations"},
		{"voucher", "a501" + ref + "02010463434e5905010602", "a501" + ref + "0201046243" + "4e05010602", "a currency of two letters"},
		{"voucher", "a501" + ref + "02010463434e5905010602", "a501" + ref + "02000463434e5905010602", "an amount of 0"},
		{"voucher", "a501" + ref + "02010463434e5905010602", "a401" + ref + "02010463434e590501", "no until"},
		{"receipt", "a301" + ref + "02200401", "a301" + ref + "02f90000" + "0401", "a float"},
		{"tariff", "840102634555528182000a", "84010a634555528182000a", "a scale of 10"},
		{"tariff", "840102634555528182000a", "840102634555528182140a", "a component with a step that is not there"},
	} {
		if !s.is(t, row.rule, row.right) {
			t.Errorf("%s: %s is right", row.rule, row.right)
		}
		if s.is(t, row.rule, row.wrong) {
			t.Errorf("%s: %s is taken, with %s", row.rule, row.wrong, row.why)
		}
	}
}

// cddlVector is as much of any vector as is needed here.
type cddlVector struct {
	Error    int
	Kind     string
	Payload  string                   `json:"payload_cbor"`
	Envelope string                   `json:"envelope"`
	Text     string                   `json:"text"`
	Bytes    string                   `json:"bytes"`
	KeySet   string                   `json:"cose_key_set"`
	Sound    json.RawMessage          `json:"sound"`
	Records  []struct{ Clear string } `json:"records"`
}

// sound is the bytes of a sound tariff.
func (v cddlVector) sound() string { return strings.Trim(string(v.Sound), `"`) }

// eachVector reads the files of one folder.
func eachVector(t *testing.T, folder string, f func(name string, v cddlVector)) {
	t.Helper()
	files, err := fs.Glob(testdata.V1, "v1/"+folder+"/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(folder, err)
	}
	for _, file := range files {
		b, err := testdata.V1.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var v cddlVector
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(file, err)
		}
		f(strings.TrimSuffix(path.Base(file), ".json"), v)
	}
}

// is tells whether bytes in hex are one item of a rule.
func (s schema) is(t testing.TB, rule, text string) bool {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := parseItem(b)
	return err == nil && s.matches(rule, v)
}

func TestSpecCDDLTakesEachVector(t *testing.T) {
	s, checked := specSchema(t), map[string]int{}
	hold := func(name, rule, text string) {
		checked[rule]++
		if !s.is(t, rule, text) {
			t.Errorf("%s is no %s by the CDDL of %s", name, rule, specFile)
		}
	}
	eachVector(t, "positive", func(name string, v cddlVector) {
		hold(name, "code", v.Envelope)
		hold(name, cddlOfKind[v.Kind], v.Payload)
	})
	eachVector(t, "tariff-positive", func(name string, v cddlVector) { hold(name, "tariff", v.Bytes) })
	eachVector(t, "keys-positive", func(name string, v cddlVector) { hold(name, "key-set", v.KeySet) })
	eachVector(t, "carried", func(name string, v cddlVector) {
		for _, r := range v.Records {
			hold(name, "settlement", r.Clear)
		}
	})
	for name, p := range specExamples(t) {
		code := seal(t, p)
		_, payload, _ := envelopeOf(t, code.Bytes())
		hold(name, "code", hex.EncodeToString(code.Bytes()))
		hold(name, cddlOfKind[code.Kind().String()], hex.EncodeToString(payload))
	}
	for _, rule := range cddlRoots {
		if checked[rule] == 0 {
			t.Errorf("no vector is a %s", rule)
		}
	}
}
