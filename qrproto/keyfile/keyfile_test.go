// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

var number = []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}

func device(generation uint8) qrproto.Key {
	return qrproto.Key{ID: qrproto.DeviceKeyID(number, generation), Number: number,
		Kinds: []qrproto.Kind{qrproto.KindIdentity, qrproto.KindSettlement}}
}

func issuer() qrproto.Key {
	return qrproto.Key{ID: "iss1", Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}
}

// generated is a key of fixed bytes.
func generated(t testing.TB, k qrproto.Key, a keyfile.Algorithm, seed byte) *keyfile.Private {
	t.Helper()
	p, err := keyfile.Generate(k, a, bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func privates(t testing.TB) map[string]*keyfile.Private {
	return map[string]*keyfile.Private{
		"device, Ed25519": generated(t, device(1), keyfile.Ed25519, 1),
		"device, ESP256":  generated(t, device(2), keyfile.ESP256, 2),
		"issuer, Ed25519": generated(t, issuer(), keyfile.Ed25519, 3),
		"issuer, ESP256":  generated(t, issuer(), keyfile.ESP256, 4),
	}
}

func code(t testing.TB, err error, want qrproto.ErrorCode) {
	t.Helper()
	var e *qrproto.Error
	if !errors.As(err, &e) || e.Code != want || !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

func TestPrivateKeysComeBackFromEachForm(t *testing.T) {
	for name, p := range privates(t) {
		for form, f := range map[string]struct {
			write func(*keyfile.Private) ([]byte, error)
			read  func([]byte) (*keyfile.Private, error)
		}{
			"JWK":  {keyfile.EncodeJWK, keyfile.DecodeJWK},
			"COSE": {keyfile.EncodeCOSE, keyfile.DecodeCOSE},
		} {
			b, err := f.write(p)
			if err != nil {
				t.Errorf("%s, %s: %v", name, form, err)
				continue
			}
			again, err := f.read(b)
			if err != nil || !reflect.DeepEqual(again, p) {
				t.Errorf("%s, %s: %v (%v)", name, form, again, err)
			}
			if _, err := f.read(append(b, 0)); err == nil {
				t.Errorf("%s, %s: read with a byte behind", name, form)
			}
		}
	}
}

func TestWhatAPrivateKeySignsItsPublicHalfOpens(t *testing.T) {
	receipt := &qrproto.Receipt{Settlement: qrproto.Ref{1}, Time: 1795358811}
	for _, a := range []keyfile.Algorithm{keyfile.Ed25519, keyfile.ESP256} {
		p, err := keyfile.Generate(issuer(), a, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := qrproto.Seal(receipt, p.Signer())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := qrproto.Open(sealed.Text(), qrproto.KeyList{p.Key()}); err != nil {
			t.Errorf("%d: %v", a, err)
		}
	}
}

// The private keys of RFC 8037, appendix A.1, and RFC 7517, appendix A.2.
func TestPrivateJWKsOfTheRFCs(t *testing.T) {
	for text, want := range map[string]string{
		`"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"`:                                                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		`"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"`: "f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801",
	} {
		p, err := keyfile.DecodeJWK([]byte(`{` + text + `,"kid":"69737331","qrcharge_kinds":"OR","key_ops":["sign"]}`))
		if err != nil {
			t.Fatal(err)
		}
		var secret []byte
		switch key := p.Signer().Key.(type) {
		case ed25519.PrivateKey:
			secret = key.Seed()
		case *ecdsa.PrivateKey:
			secret, err = key.Bytes()
		}
		if err != nil || hex.EncodeToString(secret) != want {
			t.Errorf("%x, %v", secret, err)
		}
	}
}

// What a COSE_Key must be, by a general encoder from the RFC's labels.
func TestCOSEKeysAreThoseOfTheRFC(t *testing.T) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	p := privates(t)
	ed, ec := p["issuer, Ed25519"], p["device, ESP256"]
	point, err := ec.Key().Public.(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		key  *keyfile.Private
		want map[int]any
	}{
		"OKP": {ed, map[int]any{1: 1, 2: []byte("iss1"), 3: -19, 4: []int{1}, -1: 6, -2: []byte(ed.Key().Public.(ed25519.PublicKey)),
			-4: bytes.Repeat([]byte{3}, 32), -70001: "OR"}},
		"EC2": {ec, map[int]any{1: 2, 2: append(slices.Clone(number), 2), 3: -9, 4: []int{1}, -1: 1, -2: point[1:33], -3: point[33:],
			-4: bytes.Repeat([]byte{2}, 32), -70001: "IS", -70002: number}},
	} {
		got, err := keyfile.EncodeCOSE(tc.key)
		want, err2 := mode.Marshal(tc.want)
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x (%v, %v)", name, got, want, err, err2)
		}
		delete(tc.want, -4)
		tc.want[4] = []int{2}
		want, err = mode.Marshal([]any{tc.want})
		set, err2 := keyfile.EncodeKeySet(qrproto.KeyList{tc.key.Key()})
		if err != nil || err2 != nil || !bytes.Equal(set, want) {
			t.Errorf("%s, public: %x, want %x (%v, %v)", name, set, want, err, err2)
		}
	}
}

func TestKeySetsComeBack(t *testing.T) {
	p := privates(t)
	list := qrproto.KeyList{p["device, Ed25519"].Key(), p["device, ESP256"].Key(), p["issuer, ESP256"].Key()}
	b, err := keyfile.EncodeKeySet(list)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keyfile.DecodeKeySet(b)
	if err != nil || !reflect.DeepEqual(again, list) {
		t.Errorf("%v (%v)", again, err)
	}
	for i := range b {
		if l, err := keyfile.DecodeKeySet(b[:i]); err == nil {
			t.Fatalf("%d of %d bytes: %v", i, len(b), l)
		}
	}
	list = append(list, list[0])
	if b, err = keyfile.EncodeKeySet(list); err != nil {
		t.Fatal(err)
	}
	_, err = keyfile.DecodeKeySet(b)
	code(t, err, qrproto.ErrKeyFile)
	list[0].Caps = new(qrproto.Caps)
	_, err = keyfile.EncodeKeySet(list)
	code(t, err, qrproto.ErrBadKey)
	_, err = keyfile.EncodeKeySet(nil)
	code(t, err, qrproto.ErrKeyFile)
	_, err = keyfile.DecodeKeySet([]byte{0x80})
	code(t, err, qrproto.ErrKeyFile)
}

// raw is a value that is encoded already.
type raw = cbor.RawMessage

func TestCOSEKeysThatAreRefused(t *testing.T) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	ec := privates(t)["issuer, ESP256"]
	point, err := ec.Key().Public.(*ecdsa.PublicKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	good := map[int]any{1: 2, 2: []byte("iss1"), 3: -9, 4: []int{2}, -1: 1, -2: point[1:33], -3: point[33:], -70001: "OR"}
	for name, tc := range map[string]struct {
		label int
		value any // nil takes the label away
		want  qrproto.ErrorCode
	}{
		"sound":                      {1, 2, 0},
		"type OKP":                   {1, 1, qrproto.ErrBadKey},
		"type symmetric":             {1, 4, qrproto.ErrBadKey},
		"no type":                    {1, nil, qrproto.ErrBadKey},
		"no id":                      {2, nil, qrproto.ErrBadKey},
		"an id of 9 bytes":           {2, []byte("issuer-99"), qrproto.ErrBadKey},
		"an id as text":              {2, "iss1", qrproto.ErrKeyFile},
		"no algorithm":               {3, nil, qrproto.ErrBadKey},
		"ES256":                      {3, -7, qrproto.ErrBadKey},
		"Ed25519":                    {3, -19, qrproto.ErrBadKey},
		"to sign with":               {4, []int{1}, qrproto.ErrBadKey},
		"for two operations":         {4, []int{1, 2}, qrproto.ErrBadKey},
		"no operations":              {4, nil, qrproto.ErrBadKey},
		"P-384":                      {-1, 2, qrproto.ErrBadKey},
		"Ed25519 as curve":           {-1, 6, qrproto.ErrBadKey},
		"no x":                       {-2, nil, qrproto.ErrBadKey},
		"x of 31 bytes":              {-2, point[2:33], qrproto.ErrBadKey},
		"x of 33 bytes":              {-2, point[:33], qrproto.ErrBadKey},
		"off the curve":              {-2, point[33:], qrproto.ErrBadKey},
		"a compressed point":         {-3, true, qrproto.ErrKeyFile},
		"no y":                       {-3, nil, qrproto.ErrBadKey},
		"an empty y":                 {-3, []byte{}, qrproto.ErrBadKey},
		"a private key":              {-4, bytes.Repeat([]byte{4}, 32), qrproto.ErrKeyFile},
		"an empty private key":       {-4, []byte{}, qrproto.ErrKeyFile},
		"no kinds":                   {-70001, nil, qrproto.ErrBadKey},
		"kinds of small letters":     {-70001, "or", qrproto.ErrBadKey},
		"kinds as bytes":             {-70001, []byte("OR"), qrproto.ErrKeyFile},
		"a device without a number":  {-70001, "I", qrproto.ErrBadKey},
		"an empty number":            {-70002, []byte{}, qrproto.ErrBadKey},
		"a number of 8 bytes":        {-70002, []byte("12345678"), qrproto.ErrBadKey},
		"a kind twice":               {-70001, "ORO", qrproto.ErrBadKey},
		"a label that is not used":   {5, []byte("iv"), qrproto.ErrKeyFile},
		"a label as text":            {5, nil, 0}, // replaced below
		"a long head":                {1, raw{0x18, 2}, qrproto.ErrKeyFile},
		"an operation that is a tag": {4, []raw{{0xc1, 2}}, qrproto.ErrKeyFile},
	} {
		t.Run(name, func(t *testing.T) {
			key := map[any]any{}
			for label, value := range good {
				key[label] = value
			}
			key[tc.label] = tc.value
			if tc.value == nil {
				delete(key, tc.label)
			}
			want := tc.want
			if name == "a label as text" {
				key["alg"], want = 1, qrproto.ErrKeyFile
			}
			b, err := mode.Marshal([]any{key})
			if err != nil {
				t.Fatal(err)
			}
			list, err := keyfile.DecodeKeySet(b)
			if want != 0 {
				code(t, err, want)
			} else if err != nil || !reflect.DeepEqual(list, qrproto.KeyList{ec.Key()}) {
				t.Errorf("%v, %v", list, err)
			}
		})
	}
}

// jwkOf is a private JWK with some members replaced; null takes one away.
func jwkOf(t *testing.T, p *keyfile.Private, changes string) []byte {
	t.Helper()
	b, err := keyfile.EncodeJWK(p)
	members := map[string]any{}
	if err := errors.Join(err, json.Unmarshal(b, &members), json.Unmarshal([]byte(changes), &members)); err != nil {
		t.Fatal(err)
	}
	for name, value := range members {
		if value == nil {
			delete(members, name)
		}
	}
	if b, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPrivateJWKsThatAreRefused(t *testing.T) {
	zeros, ones := strings.Repeat("A", 43), strings.Repeat("_", 42)+"8"
	order := "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE" // of P-256
	for name, tc := range map[string]struct {
		ed, ec string // changes
		want   qrproto.ErrorCode
	}{
		"no d":                 {`{"d":null,"key_ops":null}`, `{"d":null,"key_ops":null}`, qrproto.ErrKeyFile},
		"d of another key":     {`{"d":"` + zeros + `"}`, `{"d":"` + zeros[1:] + `E"}`, qrproto.ErrKeyFile},
		"an empty d":           {`{"d":""}`, `{"d":""}`, qrproto.ErrBadKey},
		"d of 31 bytes":        {`{"d":"` + zeros[:42] + `"}`, `{"d":"` + zeros[:42] + `"}`, qrproto.ErrBadKey},
		"d padded":             {`{"d":"` + zeros + `="}`, `{"d":"` + zeros + `="}`, qrproto.ErrKeyFile},
		"only to verify":       {`{"key_ops":["verify"]}`, `{"key_ops":["verify"]}`, qrproto.ErrBadKey},
		"for encryption":       {`{"use":"enc"}`, `{"use":"enc"}`, qrproto.ErrBadKey},
		"the other algorithm":  {`{"alg":"ES256"}`, `{"alg":"Ed25519"}`, qrproto.ErrBadKey},
		"no kinds":             {`{"qrcharge_kinds":""}`, `{"qrcharge_kinds":""}`, qrproto.ErrBadKey},
		"a kid of nine bytes":  {`{"kid":"616161616161616161"}`, `{"kid":"616161616161616161"}`, qrproto.ErrBadKey},
		"a weak x, d not zero": {`{"x":"` + zeros + `"}`, `{"x":"` + zeros + `"}`, qrproto.ErrOther},
		"a scalar of zero":     {``, `{"d":"` + zeros + `"}`, qrproto.ErrBadKey},
		"a scalar of all ones": {``, `{"d":"` + ones + `"}`, qrproto.ErrBadKey},
		"the order as scalar":  {``, `{"d":"` + order + `"}`, qrproto.ErrBadKey},
	} {
		p := privates(t)
		for key, changes := range map[string]string{"issuer, Ed25519": tc.ed, "issuer, ESP256": tc.ec} {
			if changes == "" {
				continue
			}
			t.Run(name+" "+key, func(t *testing.T) {
				_, err := keyfile.DecodeJWK(jwkOf(t, p[key], changes))
				if tc.want == qrproto.ErrOther { // which of the two halves is wrong, nobody knows
					if c := qrproto.CodeOf(err); c != qrproto.ErrBadKey && c != qrproto.ErrKeyFile {
						t.Errorf("%v", err)
					}
					return
				}
				code(t, err, tc.want)
			})
		}
	}
	_, err := keyfile.DecodeJWK(make([]byte, keyfile.MaxFile+1))
	code(t, err, qrproto.ErrTooLarge)
	_, err = keyfile.DecodeCOSE(make([]byte, keyfile.MaxFile+1))
	code(t, err, qrproto.ErrTooLarge)
	_, err = keyfile.DecodeJWK([]byte("no JSON"))
	code(t, err, qrproto.ErrKeyFile)
}

// hardware is a signer whose key cannot be had.
type hardware struct{ crypto.Signer }

func TestKeysThatDoNotFitAreNotJoined(t *testing.T) {
	ed := ed25519.NewKeyFromSeed(make([]byte, 32))
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other := issuer()
	other.Public = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public()
	strange := issuer()
	strange.Public = "a text"
	halves := append(bytes.Clone(ed[:32]), other.Public.(ed25519.PublicKey)...)
	for name, tc := range map[string]struct {
		key    qrproto.Key
		secret crypto.Signer
	}{
		"nothing":                      {issuer(), nil},
		"a key in a secure element":    {issuer(), hardware{ed}},
		"P-384":                        {issuer(), p384},
		"no pointer":                   {issuer(), (*ecdsa.PrivateKey)(nil)},
		"another public key":           {other, ed},
		"a public key that is none":    {strange, ed},
		"halves of two keys":           {issuer(), ed25519.PrivateKey(halves)},
		"63 bytes":                     {issuer(), ed[:63]},
		"no kinds":                     {qrproto.Key{ID: "iss1"}, ed},
		"a device with another number": {qrproto.Key{ID: "iss1", Number: number, Kinds: []qrproto.Kind{'I'}}, ed},
	} {
		if p, err := keyfile.New(tc.key, tc.secret); p != nil || qrproto.CodeOf(err) != qrproto.ErrBadKey {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := keyfile.New(issuer(), ed); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestGenerateTakesItsRandomnessFromTheReader(t *testing.T) {
	broken := errors.New("no entropy")
	for name, tc := range map[string]struct {
		algorithm keyfile.Algorithm
		random    io.Reader
		want      func(error) bool
	}{
		"a broken reader":   {keyfile.Ed25519, iotest.ErrReader(broken), func(err error) bool { return errors.Is(err, broken) }},
		"31 bytes":          {keyfile.ESP256, bytes.NewReader(make([]byte, 31)), func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"zeros for ever":    {keyfile.ESP256, bytes.NewReader(make([]byte, 1000)), func(err error) bool { return err != nil }},
		"no such algorithm": {-7, rand.Reader, func(err error) bool { return errors.Is(err, qrproto.ErrBadKey) }},
	} {
		if p, err := keyfile.Generate(issuer(), tc.algorithm, tc.random); p != nil || !tc.want(err) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	// What is no scalar is skipped.
	second, err := keyfile.Generate(issuer(), keyfile.ESP256, io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{0xff}, 32)), bytes.NewReader(bytes.Repeat([]byte{4}, 32))))
	if err != nil || !reflect.DeepEqual(second, privates(t)["issuer, ESP256"]) {
		t.Errorf("%v, %v", second, err)
	}
}

func TestPrivateKeysDoNotShowInText(t *testing.T) {
	for name, p := range privates(t) {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
			if got := fmt.Sprintf(format+format, p, *p); got != strings.Repeat("private key "+p.Key().ID.String(), 2) {
				t.Errorf("%s: %s gives %s", name, format, got)
			}
		}
		holder := struct{ Key any }{p} // whatever an application may log
		if b, err := json.Marshal(holder); err != nil || string(b) != `{"Key":{}}` {
			t.Errorf("%s: JSON is %s (%v)", name, b, err)
		}
	}
}
