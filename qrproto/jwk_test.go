// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func TestKeyFilesComeBack(t *testing.T) {
	for name, list := range map[string]qrproto.KeyList{"two": trusted(), "none": {}} {
		b, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		var again qrproto.KeyList
		if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(again, list) {
			t.Errorf("%s: %+v (%v) from %s", name, again, err, b)
		}
	}
}

// What was delegated within bounds would be trusted without any.
func TestKeysWithBoundsStandInNoFile(t *testing.T) {
	list := trusted()
	list[1].Caps = &qrproto.Caps{Quota: 1}
	if b, err := json.Marshal(list); !errors.Is(err, qrproto.ErrBadKey) {
		t.Errorf("%s, %v", b, err)
	}
}

// The key of RFC 8037, appendix A.2, with the members that this package needs.
const rfc8037 = `"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`

func TestKeyFileOfRFC8037(t *testing.T) {
	var list qrproto.KeyList
	text := `{"keys":[{` + rfc8037 + `,"kid":"69737331","qrcharge_kinds":"OR","comment":"ignored"}]}`
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	// The seed is that of RFC 8037, appendix A.1.
	seed, err := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	if err != nil {
		t.Fatal(err)
	}
	signer := qrproto.Signer{ID: "iss1", Key: keyFromSeed(seed)}
	code, err := qrproto.Seal(receipt(), signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qrproto.Open(code.Text(), list); err != nil {
		t.Error(err)
	}
}

func TestKeyFilesThatAreRefused(t *testing.T) {
	key := func(more string) string { return `{"keys":[{` + rfc8037 + `,"qrcharge_kinds":"O",` + more + `}]}` }
	good := key(`"kid":"61"`)
	for name, tc := range map[string]struct {
		text string
		code qrproto.ErrorCode
		path string
	}{
		"no JSON":              {`{"keys":`, qrproto.ErrOther, ""},
		"no object":            {`[]`, qrproto.ErrKeyFile, ""},
		"no member keys":       {`{}`, qrproto.ErrKeyFile, ""},
		"keys is null":         {`{"keys":null}`, qrproto.ErrKeyFile, ""},
		"keys is text":         {`{"keys":"x"}`, qrproto.ErrKeyFile, ""},
		"a private key":        {key(`"kid":"61","d":"AA"`), qrproto.ErrKeyFile, "keys[0]"},
		"no kid":               {key(`"kid":""`), qrproto.ErrBadKey, "keys[0]"},
		"a kid not in hex":     {key(`"kid":"iss1"`), qrproto.ErrKeyFile, "keys[0]"},
		"a kid too long":       {key(`"kid":"616161616161616161"`), qrproto.ErrBadKey, "keys[0]"},
		"a number not in hex":  {key(`"kid":"61","qrcharge_number":"x"`), qrproto.ErrKeyFile, "keys[0]"},
		"for encryption":       {key(`"kid":"61","use":"enc"`), qrproto.ErrBadKey, "keys[0]"},
		"for ES256":            {key(`"kid":"61","alg":"ES256"`), qrproto.ErrBadKey, "keys[0]"},
		"to sign with":         {key(`"kid":"61","key_ops":["sign"]`), qrproto.ErrBadKey, "keys[0]"},
		"for an empty use":     {key(`"kid":"61","use":""`), qrproto.ErrBadKey, "keys[0]"},
		"for another use":      {key(`"kid":"61","use":"other"`), qrproto.ErrBadKey, "keys[0]"},
		"an empty alg":         {key(`"kid":"61","alg":""`), qrproto.ErrBadKey, "keys[0]"},
		"alg is null":          {key(`"kid":"61","alg":null`), qrproto.ErrKeyFile, "keys[0]"},
		"d is null":            {key(`"kid":"61","d":null`), qrproto.ErrKeyFile, "keys[0]"},
		"no list but null":     {key(`"kid":"61","key_ops":null`), qrproto.ErrKeyFile, "keys[0]"},
		"null beside verify":   {key(`"kid":"61","key_ops":["verify",null]`), qrproto.ErrKeyFile, "keys[0]"},
		"1 beside verify":      {key(`"kid":"61","key_ops":["verify",1]`), qrproto.ErrKeyFile, "keys[0]"},
		"kid is null":          {key(`"kid":null`), qrproto.ErrKeyFile, "keys[0]"},
		"null for a key":       {`{"keys":[null]}`, qrproto.ErrKeyFile, "keys[0]"},
		"an empty number":      {key(`"kid":"61","qrcharge_number":""`), qrproto.ErrBadKey, "keys[0]"},
		"a number of 8 bytes":  {key(`"kid":"61","qrcharge_number":"3132333435363738"`), qrproto.ErrBadKey, "keys[0]"},
		"a kind twice":         {strings.Replace(good, `"O"`, `"OO"`, 1), qrproto.ErrBadKey, "keys[0]"},
		"for no operation":     {key(`"kid":"61","key_ops":[]`), qrproto.ErrBadKey, "keys[0]"},
		"another type":         {strings.Replace(good, "OKP", "EC", 1), qrproto.ErrBadKey, "keys[0]"},
		"another curve":        {strings.Replace(good, "Ed25519", "X25519", 1), qrproto.ErrBadKey, "keys[0]"},
		"x padded":             {strings.Replace(good, `HURo"`, `HURo="`, 1), qrproto.ErrKeyFile, "keys[0]"},
		"x with spare bits":    {strings.Replace(good, `HURo"`, `HURp"`, 1), qrproto.ErrKeyFile, "keys[0]"},
		"x too short":          {strings.Replace(good, "11qY", "", 1), qrproto.ErrBadKey, "keys[0]"},
		"x weak":               {strings.Replace(good, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", strings.Repeat("A", 43), 1), qrproto.ErrBadKey, "keys[0]"},
		"no kinds":             {strings.Replace(good, `"O"`, `""`, 1), qrproto.ErrBadKey, "keys[0]"},
		"a device, no number":  {strings.Replace(good, `"O"`, `"I"`, 1), qrproto.ErrBadKey, "keys[0]"},
		"the second is broken": {strings.Replace(good, "]}", `,{}]}`, 1), qrproto.ErrBadKey, "keys[1]"},
		"one id twice":         {`{"keys":[` + good[9:len(good)-2] + "," + good[9:len(good)-2] + "]}", qrproto.ErrKeyFile, "keys[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			list := qrproto.KeyList{{ID: "before"}}
			err := json.Unmarshal([]byte(tc.text), &list)
			if tc.code == qrproto.ErrOther { // refused by encoding/json before it asks this package
				if qrproto.CodeOf(err) != tc.code {
					t.Errorf("%v", err)
				}
			} else {
				wantError(t, err, tc.code, tc.path)
			}
			if len(list) != 1 || list[0].ID != "before" {
				t.Errorf("the list was changed: %+v", list)
			}
		})
	}
	var list qrproto.KeyList
	if err := json.Unmarshal([]byte(good), &list); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// A kind that stands twice in a list is one kind, and is written so.
func TestKindsAreWrittenOnce(t *testing.T) {
	list := trusted()[1:2]
	list[0].Kinds = []qrproto.Kind{qrproto.KindReceipt, qrproto.KindStartOrder, qrproto.KindReceipt, 'Z'}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var again qrproto.KeyList
	if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(again[0].Kinds, []qrproto.Kind{qrproto.KindReceipt, qrproto.KindStartOrder, 'Z'}) {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestUnusableKeysAreNotWritten(t *testing.T) {
	for name, k := range map[string]qrproto.Key{
		"no kind":  {ID: "a", Public: testKey(1).Public()},
		"no key":   {ID: "a", Kinds: []qrproto.Kind{qrproto.KindReceipt}},
		"weak key": issuerKey(weakKey()),
	} {
		if _, err := json.Marshal(qrproto.KeyList{k}); !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyFileHasOneListOfKeys(t *testing.T) {
	key := `{` + rfc8037 + `,"kid":"69737331","qrcharge_kinds":"OR"}`
	for text, most := range map[string]int{
		`{"keys":[` + key + `]}`:           1,
		`{"keys":[]}`:                      0,
		`{"keys":[` + key + `],"KEYS":[]}`: -1,
		`{"KEYS":[],"keys":[` + key + `]}`: -1,
		`{"keys":[` + key + `],"keys":[]}`: -1,
		`{"KEYS":[` + key + `]}`:           -1,
	} {
		list := qrproto.KeyList{{}, {}}
		err := json.Unmarshal([]byte(text), &list)
		if refused := most < 0; refused != errors.Is(err, qrproto.ErrKeyFile) || !refused && len(list) != most {
			t.Errorf("%s: %d keys, %v", text, len(list), err)
		}
	}
}
