// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
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
// Rows are of ranges and shapes that no vector is at the edge of.
func TestSpecCDDLRefusesWrongItems(t *testing.T) {
	s := specSchema(t)
	for _, row := range wrongItems() {
		if !s.is(t, row.rule, row.right) {
			t.Errorf("%s: %s is right, and not taken beside: %s", row.rule, row.right, row.why)
		}
		if s.is(t, row.rule, row.wrong) {
			t.Errorf("%s: %s is taken, with %s", row.rule, row.wrong, row.why)
		}
	}
}

type wrongItem struct{ rule, right, wrong, why string }

func wrongItems() []wrongItem {
	of := func(n int, octet string) string { return strings.Repeat(octet, n) }
	ref, kid, key := "50"+of(16, "ab"), "4469737331", "5820"+of(32, "cd")
	snapshot := func(delegations ...string) string {
		return "a2010103" + fmt.Sprintf("%02x", 0x80+len(delegations)) + strings.Join(delegations, "")
	}
	delegation := func(key, fleet, currency, rights string) string {
		return "87" + kid + key + fleet + currency + "00" + "00" + rights
	}
	sound := snapshot(delegation(key, "40", "60", "01"))
	voucher := func(amount, currency, until string) string {
		return "a501" + ref + "02" + amount + "04" + currency + "0501" + until
	}
	priced := func(when string) string { return "8401026345555281" + "83000aa1" + when }
	private := "81a9010202" + kid + "0328048101200121" + key + "22" + key + "23" + key + "3a00011170624f52"
	return []wrongItem{
		{"stop-order", "a101" + ref, "a0", "no order"},
		{"stop-order", "a101" + ref, "a1014f" + of(15, "ab"), "a hash of 15 bytes"},
		{"stop-order", "a101" + ref, "a201" + ref + "0200", "another key"},
		{"stop-order", "a101" + ref, "8101", "an array"},
		{"stop-order", "a200a1014001" + ref, "a200a001" + ref, "no extension in the map of them"},
		{"stop-order", "a200a1014001" + ref, "a200a1004001" + ref, "extension 0"},
		{"trust", "a10101", "a10100", "epoch 0"},
		{"trust", "a1011affffffff", "a1011b0000000100000000", "an epoch of 33 bits"},
		{"trust", sound, snapshot(), "an empty list"},
		{"trust", sound, snapshot("86" + kid + key + "40600000"), "six items"},
		{"trust", sound, snapshot(delegation("5821"+of(32, "cd"), "40", "60", "01")), "a string that is cut"},
		{"trust", snapshot(delegation("5821"+of(33, "02"), "40", "60", "01")), snapshot(delegation("5822"+of(34, "02"), "40", "60", "01")), "a key of 34 bytes"},
		{"trust", snapshot(delegation(key, "47"+of(7, "32"), "60", "01")), snapshot(delegation(key, "48"+of(8, "32"), "60", "01")), "a fleet of 8 bytes"},
		{"trust", snapshot(delegation(key, "40", "63434e59", "01")), snapshot(delegation(key, "40", "62434e", "01")), "a currency of two letters"},
		{"trust", snapshot(delegation(key, "40", "60", "0f")), snapshot(delegation(key, "40", "60", "10")), "a right that is none"},
		{"trust", snapshot(delegation(key, "40", "60", "09")), snapshot(delegation(key, "40", "60", "08")), "a right to acknowledge alone"},
		{"voucher", voucher("01", "63434e59", "0602"), voucher("00", "63434e59", "0602"), "an amount of 0"},
		{"voucher", voucher("01", "63434e59", "0602"), voucher("01", "62434e", "0602"), "a currency of two letters"},
		{"voucher", voucher("01", "63434e59", "0602"), voucher("01", "63434e59", "0702"), "no until"},
		{"receipt", "a301" + ref + "02200401", "a301" + ref + "02f900000401", "a float"},
		{"tariff", "840102634555528182000a", "84010a634555528182000a", "a scale of 10"},
		{"tariff", "840102634555528182000a", "840102634555528182140a", "a kind with a step, and no step"},
		{"tariff", priced("03187e"), priced("03187f"), "all seven days"},
		{"tariff", priced("0401"), priced("0400"), "a first day 0"},
		{"tariff", priced("051a002cc0a0"), priced("051a002cc0a1"), "a last day in the year 10000"},
		{"key-set", private, strings.Replace(private, "23"+key, "23581f"+of(31, "cd"), 1), "a private key of 31 bytes"},
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
	Steps    []struct{ Text string }  `json:"steps"`
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
	eachVector(t, "trust", func(name string, v cddlVector) {
		for _, step := range v.Steps {
			_, payload, _ := envelopeOf(t, textBytes(t, step.Text))
			hold(name, "trust", hex.EncodeToString(payload))
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
