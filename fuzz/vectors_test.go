// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/testdata"
)

// octets is bytes that stand in a vector as hex.
type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

type vectorKey struct {
	ID     octets `json:"kid"`
	Alg    int    `json:"alg"`
	Kinds  string `json:"kinds"`
	Number octets `json:"number"`
	Public octets `json:"public"`
	Seed   octets `json:"seed"`
	Agreed octets `json:"agreement"`
}

type vectorKeys []vectorKey

// trust is the keys as a reader takes them.
func (l vectorKeys) trust() qrproto.KeyList {
	var out qrproto.KeyList
	for _, k := range l {
		key := qrproto.Key{ID: qrproto.KeyID(k.ID), Public: k.public(), Number: k.Number}
		if public, err := ecdh.X25519().NewPublicKey(k.Agreed); err == nil {
			key.Agreement = public
		}
		for _, letter := range []byte(k.Kinds) {
			key.Kinds = append(key.Kinds, qrproto.Kind(letter))
		}
		out = append(out, key)
	}
	return out
}

func (k vectorKey) signer() qrproto.Signer {
	return qrproto.Signer{ID: qrproto.KeyID(k.ID), Key: k.private()}
}

// public is the key as a reader takes it. What is not the uncompressed form of
// SEC 1 becomes a point without coordinates.
func (k vectorKey) public() crypto.PublicKey {
	if k.Alg != algESP256 {
		return ed25519.PublicKey(k.Public)
	}
	key := &ecdsa.PublicKey{Curve: elliptic.P256()}
	if len(k.Public) == 65 && k.Public[0] == 4 {
		key.X, key.Y = new(big.Int).SetBytes(k.Public[1:33]), new(big.Int).SetBytes(k.Public[33:])
	}
	return key
}

// private is the key of a signer.
func (k vectorKey) private() crypto.Signer {
	if k.Alg != algESP256 {
		return ed25519.NewKeyFromSeed(k.Seed)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.Seed)
	if err != nil {
		panic(err) // the vector is wrong
	}
	return key
}

type positive struct {
	Comment    string          `json:"comment"`
	Kind       string          `json:"kind"`
	Signer     vectorKey       `json:"signer"`
	Keys       vectorKeys      `json:"keys"`
	Fields     json.RawMessage `json:"fields"`
	Diagnostic string          `json:"diagnostic"`
	Payload    octets          `json:"payload_cbor"`
	Message    octets          `json:"to_be_signed"`
	Envelope   octets          `json:"envelope"`
	Sum        octets          `json:"sum"`
	Text       string          `json:"text"`
	Base       string          `json:"base"`
	Link       string          `json:"link"`
}

type negative struct {
	Comment   string     `json:"comment"`
	Error     int        `json:"error"`
	ErrorName string     `json:"error_name"`
	Kind      string     `json:"kind"`
	Keys      vectorKeys `json:"keys"`
	Payload   octets     `json:"payload_cbor"`
	Text      string     `json:"text"`
	Sound     struct {
		Keys vectorKeys `json:"keys"`
		Text string     `json:"text"`
	} `json:"sound"`
}

// allKinds are the letters of the kinds, usualVector names a vector of each.
var (
	allKinds    = []string{"I", "O", "S", "R", "X", "T", "V"}
	usualVector = map[string]string{
		"I": "identity-usual", "O": "order-usual", "S": "settlement-usual", "R": "receipt-usual",
		"X": "stop-usual", "T": "trust-usual", "V": "voucher-usual",
	}
)

// load reads the vectors of one folder by their names.
func load[V any](t testing.TB, folder string) map[string]V {
	t.Helper()
	entries, err := fs.ReadDir(testdata.V1, "v1/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]V{}
	for _, e := range entries {
		body, err := fs.ReadFile(testdata.V1, "v1/"+folder+"/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		var v V
		if err := strictJSON(body, &v); err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		out[strings.TrimSuffix(e.Name(), ".json")] = v
	}
	return out
}

func strictJSON(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func TestPositiveVectorsOpenToTheirFields(t *testing.T) {
	kinds := map[string]int{}
	for name, v := range load[positive](t, "positive") {
		kinds[v.Kind]++
		want := payloadOf(t, v.Kind, v.Fields)
		for _, text := range []string{v.Text, v.Link, v.Text + "\r\n", v.Link + "\n\n"} {
			o, err := qrproto.Open(text, v.Keys.trust())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !reflect.DeepEqual(o.Payload, want) {
				t.Errorf("%s: opened %+v, want %+v", name, o.Payload, want)
			}
			if !bytes.Equal(o.Sum[:], v.Sum) || o.Key.ID != qrproto.KeyID(v.Signer.ID) {
				t.Errorf("%s: sum %v, key %v", name, o.Sum, o.Key.ID)
			}
		}
	}
	for _, kind := range allKinds {
		if kinds[kind] < 5 {
			t.Errorf("only %d vectors of kind %s", kinds[kind], kind)
		}
	}
}

func TestPositiveVectorsAreWhatSealWrites(t *testing.T) {
	for name, v := range load[positive](t, "positive") {
		code, err := qrproto.Seal(payloadOf(t, v.Kind, v.Fields), v.Signer.signer())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		link, err := code.Link(v.Base)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(code.Bytes(), v.Envelope) || code.Text() != v.Text || link != v.Link {
			t.Errorf("%s: sealed %x, want %x", name, code.Bytes(), v.Envelope)
		}
		if sum, err := qrproto.Sum(payloadOf(t, v.Kind, v.Fields)); err != nil || !bytes.Equal(sum[:], v.Sum) {
			t.Errorf("%s: sum %v (%v)", name, sum, err)
		}
	}
}

// TestPositiveVectorsHoldTogether checks the parts of a file against each other
// without the library, but for the diagnostic notation, which people read.
func TestPositiveVectorsHoldTogether(t *testing.T) {
	for name, v := range load[positive](t, "positive") {
		envelope, message := seal(v.Kind[0], v.Signer, v.Payload)
		switch {
		case !bytes.Equal(envelope, v.Envelope), !bytes.Equal(message, v.Message):
			t.Errorf("%s: the envelope is not that of its payload", name)
		case v.Text != textOf(v.Kind[0], envelope), v.Link != v.Base+v.Text:
			t.Errorf("%s: the text is not that of its envelope", name)
		case v.Comment == "" || v.Diagnostic == "" || v.Signer.Alg != algEd25519 && v.Signer.Alg != algESP256:
			t.Errorf("%s: incomplete", name)
		}
	}
}

func TestNegativeVectorsAreRefused(t *testing.T) {
	all := load[negative](t, "negative")
	if len(all) < 60 {
		t.Fatalf("only %d", len(all))
	}
	for name, v := range all {
		code := errorNames[v.ErrorName]
		if int(code) != v.Error || v.Comment == "" || !strings.HasPrefix(name, v.codeText()) {
			t.Errorf("%s: names error %d as %q", name, v.Error, v.ErrorName)
		}
		o, err := qrproto.Open(v.Text, v.Keys.trust())
		if o != nil {
			t.Errorf("%s: opens", name)
		}
		if !errors.Is(err, code) || qrproto.CodeOf(err) != code {
			t.Errorf("%s: want %v, have %v", name, code, err)
		}
		for _, other := range errorNames {
			if other != code && errors.Is(err, other) {
				t.Errorf("%s: is %v too", name, other)
			}
		}
	}
}

func (v negative) codeText() string {
	b, err := json.Marshal(v.Error)
	if err != nil {
		return "?"
	}
	return string(b) + "-"
}

// TestNegativeVectorsHaveOneFault opens what stands beside each faulty code.
func TestNegativeVectorsHaveOneFault(t *testing.T) {
	for name, v := range load[negative](t, "negative") {
		o, err := qrproto.Open(v.Sound.Text, v.Sound.Keys.trust())
		if err != nil || o.Payload == nil {
			t.Errorf("%s: the sound one: %v", name, err)
		}
		if v.Sound.Text == v.Text && reflect.DeepEqual(v.Sound.Keys, v.Keys) {
			t.Errorf("%s: no fault", name)
		}
	}
}

// TestRefusedContentStandsInTheErrorOnly holds for codes whose payload is sound:
// it can be read, but from the error alone.
func TestRefusedContentStandsInTheErrorOnly(t *testing.T) {
	for name, v := range load[negative](t, "negative") {
		o, err := qrproto.Open(v.Text, v.Keys.trust())
		order, err2 := qrproto.As[*qrproto.StartOrder](o, err)
		if order != nil || !errors.Is(err2, errorNames[v.ErrorName]) {
			t.Errorf("%s: As gives %v, %v", name, order, err2)
		}
		var e *qrproto.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: a %T", name, err)
			continue
		}
		switch e.Code {
		case qrproto.ErrAlgorithm, qrproto.ErrUnknownKey, qrproto.ErrKeyUsage:
			if e.Unverified == nil || e.UnverifiedKey == "" {
				t.Errorf("%s: nothing to show a developer", name)
			}
		case qrproto.ErrMalformed, qrproto.ErrNotCanonical, qrproto.ErrField, qrproto.ErrMissing, qrproto.ErrUnknownField, qrproto.ErrCritical:
			if e.Unverified != nil {
				t.Errorf("%s: a faulty payload as if it were one", name)
			}
		}
	}
}

type tariffVector struct {
	Comment    string          `json:"comment"`
	Grid       json.RawMessage `json:"grid"`   // of a grid without a fee for occupancy
	Tariff     json.RawMessage `json:"tariff"` // of others
	Diagnostic string          `json:"diagnostic"`
	Bytes      octets          `json:"bytes"`
	Hash       octets          `json:"hash"`
}

// tariff is what the vector tells beside its bytes.
func (v *tariffVector) tariff(t testing.TB) *tariff.Tariff {
	t.Helper()
	if v.Tariff == nil {
		return tariffOf(t, v.Grid)
	}
	told := new(tariff.Tariff)
	if err := json.Unmarshal(v.Tariff, told); err != nil || v.Grid != nil {
		t.Fatalf("%s: %v", v.Tariff, err)
	}
	n, err := told.Normalize()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTariffVectors(t *testing.T) {
	for name, v := range load[tariffVector](t, "tariff-positive") {
		want := v.tariff(t)
		got, err := qrproto.DecodeTariff(v.Bytes)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: decoded %+v, want %+v (%v)", name, got, want, err)
		}
		b, err := qrproto.EncodeTariff(want)
		if err != nil || !bytes.Equal(b, v.Bytes) {
			t.Errorf("%s: encoded %x, want %x (%v)", name, b, v.Bytes, err)
		}
		if hash, err := qrproto.TariffHash(want); err != nil || !bytes.Equal(hash[:], v.Hash) {
			t.Errorf("%s: hash %v, want %x (%v)", name, hash, v.Hash, err)
		}
	}
}

// TestGoldenTariffsHaveBytes: the tariffs of the golden bills, each told in its
// own way, have canonical bytes that read as their normal form.
func TestGoldenTariffsHaveBytes(t *testing.T) {
	folders, err := fs.ReadDir(testdata.V1, "v1/tariff")
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		text, err := fs.ReadFile(testdata.V1, "v1/tariff/"+f.Name()+"/tariff.json")
		if err != nil {
			t.Fatal(err)
		}
		v := tariffVector{Tariff: text}
		want := v.tariff(t)
		b, err := qrproto.EncodeTariff(want)
		if err != nil {
			t.Fatalf("%s: %v", f.Name(), err)
		}
		if got, err := qrproto.DecodeTariff(b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %x reads as %+v (%v)", f.Name(), b, got, err)
		}
		sizes = append(sizes, len(b))
	}
	slices.Sort(sizes)
	t.Logf("%d tariffs of %d to %d bytes, half of them of %d at most", len(sizes), sizes[0], sizes[len(sizes)-1], sizes[len(sizes)/2])
}

type badTariff struct {
	Comment   string `json:"comment"`
	Error     int    `json:"error"`
	ErrorName string `json:"error_name"`
	Bytes     octets `json:"bytes"`
	Sound     octets `json:"sound"`
}

func TestNegativeTariffVectorsAreRefused(t *testing.T) {
	for name, v := range load[badTariff](t, "tariff-negative") {
		got, err := qrproto.DecodeTariff(v.Bytes)
		if code := errorNames[v.ErrorName]; got != nil || int(code) != v.Error || !errors.Is(err, code) || qrproto.CodeOf(err) != code {
			t.Errorf("%s: want %d, have %v", name, v.Error, err)
		}
		if _, err := qrproto.DecodeTariff(v.Sound); err != nil {
			t.Errorf("%s: the sound one: %v", name, err)
		}
	}
}

type badLink struct {
	Comment   string `json:"comment"`
	Error     int    `json:"error"`
	ErrorName string `json:"error_name"`
	Base      string `json:"base"`
	Sound     string `json:"sound"`
}

func TestNegativeLinkVectorsAreRefused(t *testing.T) {
	code, err := qrproto.ParseCode(load[positive](t, "positive")["identity-usual"].Text)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range load[badLink](t, "link-negative") {
		if link, err := code.Link(v.Base); link != "" || !errors.Is(err, qrproto.ErrLink) || v.Error != int(qrproto.ErrLink) {
			t.Errorf("%s: %q, %v", name, link, err)
		}
		if link, err := code.Link(v.Sound); err != nil || link != v.Sound+code.Text() {
			t.Errorf("%s: the sound one: %q, %v", name, link, err)
		}
	}
}

// errorNames are the errors that a reader of codes and of trusted keys gives.
var errorNames = map[string]qrproto.ErrorCode{
	"ErrTooLarge": qrproto.ErrTooLarge, "ErrText": qrproto.ErrText, "ErrVersion": qrproto.ErrVersion, "ErrKind": qrproto.ErrKind,
	"ErrDigits": qrproto.ErrDigits, "ErrSignature": qrproto.ErrSignature, "ErrEnvelope": qrproto.ErrEnvelope,
	"ErrAlgorithm": qrproto.ErrAlgorithm, "ErrUnknownKey": qrproto.ErrUnknownKey, "ErrKeyUsage": qrproto.ErrKeyUsage,
	"ErrBadKey": qrproto.ErrBadKey, "ErrMalformed": qrproto.ErrMalformed, "ErrNotCanonical": qrproto.ErrNotCanonical,
	"ErrField": qrproto.ErrField, "ErrMissing": qrproto.ErrMissing, "ErrUnknownField": qrproto.ErrUnknownField,
	"ErrCritical": qrproto.ErrCritical, "ErrTariff": qrproto.ErrTariff, "ErrLink": qrproto.ErrLink, "ErrPart": qrproto.ErrPart, "ErrBadPart": qrproto.ErrBadPart,
	"ErrForeignPart": qrproto.ErrForeignPart, "ErrPartConflict": qrproto.ErrPartConflict,
	"ErrKeyFile": qrproto.ErrKeyFile, "ErrStaleTrust": qrproto.ErrStaleTrust, "ErrTrustConflict": qrproto.ErrTrustConflict,
}

// TestEachErrorHasItsVector counts: no code that a reader gives goes untried.
func TestEachErrorHasItsVector(t *testing.T) {
	seen := map[int]bool{}
	for _, v := range load[negative](t, "negative") {
		seen[v.Error] = true
	}
	for _, v := range load[badTariff](t, "tariff-negative") {
		seen[v.Error] = true
	}
	for _, v := range load[badLink](t, "link-negative") {
		seen[v.Error] = true
	}
	for _, v := range load[badParts](t, "parts-negative") {
		seen[v.Error] = true
	}
	for _, v := range load[trustSet](t, "trust") {
		for _, step := range v.Steps {
			seen[step.Error] = true
		}
	}
	for _, v := range load[badKeySetVector](t, "keys-negative") {
		seen[v.Error] = true
	}
	for name, code := range errorNames {
		if !seen[int(code)] {
			t.Errorf("no vector for %s", name)
		}
	}
}
