// SPDX-License-Identifier: Apache-2.0

package keyform

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
)

// The public key of RFC 8037, appendix A.2, written by hand.
const (
	handJWK  = `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"0102","use":"sig","alg":"Ed25519","key_ops":["verify"],"qrcharge_kinds":"IS","qrcharge_number":"01"}`
	handCOSE = "a8" + "0101" + "02420102" + "0332" + "048102" + "2006" +
		"215820d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" + "3a00011170624953" + "3a000111714101"
)

func handKey(t *testing.T) *Key {
	t.Helper()
	x, err := hex.DecodeString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
	if err != nil {
		t.Fatal(err)
	}
	return &Key{ID: []byte{1, 2}, Number: []byte{1}, Kinds: "IS", Public: ed25519.PublicKey(x)}
}

func TestBothFormsAreThoseWrittenByHand(t *testing.T) {
	want := handKey(t)
	if b, err := json.Marshal(want); err != nil || string(b) != handJWK {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := want.AppendCOSE(nil); err != nil || hex.EncodeToString(b) != handCOSE {
		t.Errorf("%x, %v", b, err)
	}
	var fromJWK, fromCOSE Key
	if err := json.Unmarshal([]byte(handJWK), &fromJWK); err != nil || !reflect.DeepEqual(&fromJWK, want) {
		t.Errorf("%+v, %v", fromJWK, err)
	}
	b, err := hex.DecodeString(handCOSE)
	if err != nil {
		t.Fatal(err)
	}
	r := canon.NewReader(b)
	if err := fromCOSE.ReadCOSE(&r); err != nil || !r.Done() || !reflect.DeepEqual(&fromCOSE, want) {
		t.Errorf("%+v, %v", fromCOSE, err)
	}
	for n := range b {
		r, k := canon.NewReader(b[:n]), Key{Kinds: "before"}
		if err := k.ReadCOSE(&r); !errors.Is(err, ErrForm) && !errors.Is(err, ErrUse) || k.Kinds != "before" {
			t.Errorf("%d bytes: %+v, %v", n, k, err)
		}
	}
}

// An agreement key stands behind the number: the base point of X25519.
func TestAgreementKeysInBothFormsWrittenByHand(t *testing.T) {
	u := append([]byte{9}, make([]byte, 31)...)
	public, err := ecdh.X25519().NewPublicKey(u)
	if err != nil {
		t.Fatal(err)
	}
	k := handKey(t)
	k.Agreement = public
	asJWK := handJWK[:len(handJWK)-1] + `,"qrcharge_agreement":"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`
	asCOSE := "a9" + handCOSE[2:] + "3a00011172" + "5820" + hex.EncodeToString(u)
	if b, err := json.Marshal(k); err != nil || string(b) != asJWK {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := k.AppendCOSE(nil); err != nil || hex.EncodeToString(b) != asCOSE {
		t.Errorf("%x, %v", b, err)
	}
	var again Key
	if err := json.Unmarshal([]byte(asJWK), &again); err != nil || !reflect.DeepEqual(&again, k) {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestKeysOfOtherKindsAreNotWritten(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private := ed25519.NewKeyFromSeed(make([]byte, 32))
	for name, k := range map[string]*Key{
		"nothing":               {},
		"P-384":                 {Public: p384.Public()},
		"a nil point":           {Public: (*ecdsa.PublicKey)(nil)},
		"a point off the curve": {Public: &ecdsa.PublicKey{Curve: elliptic.P256(), X: p384.X, Y: p384.Y}},
		"a private P-384":       {Public: private.Public(), Private: p384},
		"a private key as such": {Public: private},
		"halves of two keys":    {Public: ed25519.NewKeyFromSeed([]byte("another seed, also of 32 bytes..")).Public(), Private: private},
	} {
		if b, err := k.AppendCOSE(nil); err == nil {
			t.Errorf("%s: %x", name, b)
		}
		if b, err := json.Marshal(k); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
}

func TestPrivateKeysAmongPublicOnesAreTold(t *testing.T) {
	private := ed25519.NewKeyFromSeed(make([]byte, 32))
	k := &Key{ID: []byte{1}, Kinds: "O", Public: private.Public(), Private: private}
	asJWK, err := json.Marshal(k)
	asCOSE, err2 := k.AppendCOSE(nil)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, publicOnly := range []bool{false, true} {
		fromJWK, fromCOSE, r := Key{PublicOnly: publicOnly}, Key{PublicOnly: publicOnly}, canon.NewReader(asCOSE)
		err1, err2 := fromJWK.UnmarshalJSON(asJWK), fromCOSE.ReadCOSE(&r)
		if errors.Is(err1, ErrPrivate) != publicOnly || errors.Is(err2, ErrPrivate) != publicOnly {
			t.Errorf("public only %v: %v, %v", publicOnly, err1, err2)
		}
		if !publicOnly && (!reflect.DeepEqual(fromJWK.Private, k.Private) || !reflect.DeepEqual(fromCOSE.Private, k.Private)) {
			t.Errorf("%+v, %+v", fromJWK, fromCOSE)
		}
	}
}

// What is one of the names to some readers of a file, and not to others, is
// refused: they would find different keys in it.
func TestNamesOfMembersAreExact(t *testing.T) {
	agreement := `{"kty":"OKP","crv":"X25519","x":"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","kid":"01"}`
	for name, c := range map[string]struct {
		jwk, more string
		into      json.Unmarshaler
		refused   bool
	}{
		"kinds in capitals":            {handJWK, `"QRCHARGE_KINDS":"T"`, new(Key), true},
		"kinds in capitals, optional":  {handJWK, `"Qrcharge_agreement":null`, new(Key), true},
		"kinds with a long s":          {handJWK, `"qrcharge_kindſ":"T"`, new(Key), true},
		"a kid that begins as kelvins": {handJWK, `"\u212aid":"0303"`, new(Key), true},
		"kinds twice":                  {handJWK, `"qrcharge_kinds":"IS"`, new(Key), true},
		"kinds twice, once escaped":    {handJWK, `"qrcharge\u005fkinds":"T"`, new(Key), true},
		"kinds behind an object":       {handJWK, `"a":{"b":[{"c":"}\""}]} , "qrcharge_kinds" : "T"`, new(Key), true},
		"kinds inside of an object":    {handJWK, `"a":{"qrcharge_kinds":"T"},"b":["kid"],"c":"kid"`, new(Key), false},
		"d once, that is null":         {handJWK, `"d":null`, new(Key), true},
		"null behind spaces":           {handJWK, "\"y\" \t:\r\n null", new(Key), true},
		"an agreement key of null":     {handJWK, `"qrcharge_agreement":null`, new(Key), true},
		"an algorithm of null":         {agreement, `"alg":null`, new(Agreement), true},
		"a text that says null":        {handJWK, `"y":"null"`, new(Key), false},
		"a stranger that is null":      {handJWK, `"a":null,"b":{"kid":null},"c":[null]`, new(Key), false},
		"a number as y":                {handJWK, `"y":1`, new(Key), true},
		"y of a key that has none":     {handJWK, `"y":"AA"`, new(Key), false},
		"a stranger twice":             {handJWK, `"a":1,"a":2,"A":3`, new(Key), false},
		"strange escapes":              {handJWK, `"\/\ud83d\ude00\ud800":1`, new(Key), false},
		"a long stranger":              {handJWK, `"` + strings.Repeat("kid", 50) + `":1`, new(Key), false},
		"crv in capitals":              {agreement, `"CRV":"X25519"`, new(Agreement), true},
		"crv twice":                    {agreement, `"crv":"X25519"`, new(Agreement), true},
	} {
		want := reflect.New(reflect.TypeOf(c.into).Elem()).Interface()
		if err := json.Unmarshal([]byte(c.jwk), want); err != nil {
			t.Fatal(err)
		}
		err := c.into.UnmarshalJSON([]byte(c.jwk[:len(c.jwk)-1] + "," + c.more + "}"))
		switch {
		case c.refused && !errors.Is(err, ErrForm):
			t.Errorf("%s: %+v, %v", name, c.into, err)
		case !c.refused && (err != nil || !reflect.DeepEqual(c.into, want)):
			t.Errorf("%s: %+v, %v, want %+v", name, c.into, err, want)
		}
	}
}
