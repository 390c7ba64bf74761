// SPDX-License-Identifier: Apache-2.0

package keyfile_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// Bob's key of RFC 7748, section 6.1; RFC 8037, appendix A.6, has its public half
// as a JWK.
const (
	bobPrivate = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
	bobPublic  = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
	bobX       = "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"
	bobD       = "XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"
)

func bob(t testing.TB) *keyfile.Agreement {
	t.Helper()
	seed, err := hex.DecodeString(bobPrivate)
	if err != nil {
		t.Fatal(err)
	}
	a, err := keyfile.GenerateAgreement("bob", bytes.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func enrolled(t testing.TB, k qrproto.Key) qrproto.Key {
	k.Agreement = bob(t).Public()
	return k
}

func TestAgreementKeysAreThoseOfTheRFCs(t *testing.T) {
	a := bob(t)
	if got := hex.EncodeToString(a.Public().Bytes()); got != bobPublic {
		t.Errorf("%s", got)
	}
	if b, err := keyfile.EncodeAgreement(a); err != nil || string(b) != `{"kty":"OKP","crv":"X25519","x":"`+bobX+`","d":"`+bobD+`","kid":"626f62","use":"enc","key_ops":["deriveBits"]}` {
		t.Errorf("%s, %v", b, err)
	}
	if b, err := keyfile.EncodePeer(a); err != nil || string(b) != `{"kty":"OKP","crv":"X25519","x":"`+bobX+`","kid":"626f62","use":"enc"}` {
		t.Errorf("%s, %v", b, err)
	}
}

func TestAgreementKeysComeBack(t *testing.T) {
	a := bob(t)
	asJWK, err := keyfile.EncodeAgreement(a)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := keyfile.DecodeAgreement(asJWK); err != nil || !reflect.DeepEqual(again, a) {
		t.Errorf("%v, %v", again, err)
	}
	asAge, err := keyfile.EncryptAgreement(a, "a passphrase", rand.Reader)
	if err != nil || bytes.Contains(asAge, []byte(bobD)) {
		t.Fatal(err)
	}
	if again, err := keyfile.DecryptAgreement(asAge, "a passphrase"); err != nil || !reflect.DeepEqual(again, a) {
		t.Errorf("%v, %v", again, err)
	}
	_, err = keyfile.DecryptAgreement(asAge, "another")
	code(t, err, qrproto.ErrPassphrase)
	_, err = keyfile.EncryptAgreement(a, "", rand.Reader)
	code(t, err, qrproto.ErrPassphrase)
	peer, err := keyfile.EncodePeer(a)
	if err != nil {
		t.Fatal(err)
	}
	if id, public, err := keyfile.DecodePeer(peer); err != nil || id != "bob" || !public.Equal(a.Public()) {
		t.Errorf("%v, %v, %v", id, public, err)
	}
}

// A key that signs and one that agrees do not pass for each other, whatever form
// they stand in.
func TestKeysThatSignAndKeysThatAgreeAreNotMixed(t *testing.T) {
	signing, err := keyfile.EncodeJWK(generated(t, issuer(), keyfile.Ed25519, 3))
	agreeing, err2 := keyfile.EncodeAgreement(bob(t))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	_, err = keyfile.DecodeAgreement(signing)
	code(t, err, qrproto.ErrBadKey)
	_, err = keyfile.DecodeJWK(agreeing)
	code(t, err, qrproto.ErrBadKey)
	_, _, err = keyfile.DecodePeer(agreeing)
	code(t, err, qrproto.ErrKeyFile)
	file, err := keyfile.EncryptAgreement(bob(t), "x", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = keyfile.Decrypt(file, "x")
	code(t, err, qrproto.ErrBadKey)
}

func TestAgreementKeysThatAreRefused(t *testing.T) {
	good := `"kty":"OKP","crv":"X25519","x":"` + bobX + `","d":"` + bobD + `","kid":"626f62"`
	zeros := strings.Repeat("A", 43)
	for name, tc := range map[string]struct {
		old, new string
		want     qrproto.ErrorCode
	}{
		"sound":               {"", "", 0},
		"a member more":       {`"kid"`, `"comment":1,"kid"`, 0},
		"no d":                {`"d"`, `"e"`, qrproto.ErrKeyFile},
		"d of another key":    {bobD, zeros, qrproto.ErrKeyFile},
		"d of 31 bytes":       {bobD, zeros[:42], qrproto.ErrBadKey},
		"d padded":            {bobD, bobD + "=", qrproto.ErrKeyFile},
		"x padded":            {bobX, bobX + "=", qrproto.ErrKeyFile},
		"x of 31 bytes":       {bobX, zeros[:42], qrproto.ErrBadKey},
		"Ed25519":             {"X25519", "Ed25519", qrproto.ErrBadKey},
		"another type":        {"OKP", "EC", qrproto.ErrBadKey},
		"no kid":              {"626f62", "", qrproto.ErrBadKey},
		"a kid of nine bytes": {"626f62", "616161616161616161", qrproto.ErrBadKey},
		"a kid in capitals":   {"626f62", "626F62", qrproto.ErrKeyFile},
		"to sign with":        {`"kid"`, `"use":"sig","kid"`, qrproto.ErrBadKey},
		"another operation":   {`"kid"`, `"key_ops":["deriveKey"],"kid"`, qrproto.ErrBadKey},
		"ECDH-ES":             {`"kid"`, `"alg":"ECDH-ES","kid"`, qrproto.ErrBadKey},
		"no JSON":             {`"kid"`, `kid`, qrproto.ErrKeyFile},
	} {
		a, err := keyfile.DecodeAgreement([]byte("{" + strings.Replace(good, tc.old, tc.new, 1) + "}"))
		switch {
		case tc.want == 0 && (err != nil || !reflect.DeepEqual(a, bob(t))):
			t.Errorf("%s: %v, %v", name, a, err)
		case tc.want != 0 && (a != nil || qrproto.CodeOf(err) != tc.want):
			t.Errorf("%s: %v beside %v, want %v", name, err, a, tc.want)
		}
	}
	_, err := keyfile.DecodeAgreement(make([]byte, keyfile.MaxFile+1))
	code(t, err, qrproto.ErrTooLarge)
}

func TestPeersThatAreRefused(t *testing.T) {
	good := `{"kty":"OKP","crv":"X25519","x":"` + bobX + `","kid":"626f62"}`
	for name, tc := range map[string]struct {
		old, new string
		want     qrproto.ErrorCode
	}{
		"of small order":     {bobX, strings.Repeat("A", 43), qrproto.ErrBadKey},
		"above the prime":    {bobX, "8P_______________________________________38", qrproto.ErrBadKey},
		"with the 256th bit": {bobX, "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK88", qrproto.ErrBadKey},
		"no kid":             {"626f62", "", qrproto.ErrBadKey},
		"of 33 bytes":        {bobX, bobX + "A", qrproto.ErrBadKey},
		"with an operation":  {`"kid"`, `"key_ops":["deriveBits"],"kid"`, qrproto.ErrBadKey},
	} {
		id, public, err := keyfile.DecodePeer([]byte(strings.Replace(good, tc.old, tc.new, 1)))
		if id != "" || public != nil || qrproto.CodeOf(err) != tc.want {
			t.Errorf("%s: %v beside %v, want %v", name, err, public, tc.want)
		}
	}
	if _, _, err := keyfile.DecodePeer([]byte(good)); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

// A device's agreement key stands beside the key that signs, in each form.
func TestDevicesKeysComeBackWithTheirAgreementKey(t *testing.T) {
	list := qrproto.KeyList{}
	for name, p := range map[string]*keyfile.Private{
		"Ed25519": generated(t, enrolled(t, device(1)), keyfile.Ed25519, 1),
		"ESP256":  generated(t, enrolled(t, device(2)), keyfile.ESP256, 2),
	} {
		list = append(list, p.Key())
		asJWK, err := keyfile.EncodeJWK(p)
		asCOSE, err2 := keyfile.EncodeCOSE(p)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if again, err := keyfile.DecodeJWK(asJWK); err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%s: %v, %v", name, again, err)
		}
		if again, err := keyfile.DecodeCOSE(asCOSE); err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%s: %v, %v", name, again, err)
		}
		var labels map[int]cbor.RawMessage
		if err := cbor.Unmarshal(asCOSE, &labels); err != nil || hex.EncodeToString(labels[-70003]) != "5820"+bobPublic {
			t.Errorf("%s: label -70003 is %x (%v)", name, labels[-70003], err)
		}
		if !strings.Contains(string(asJWK), `"qrcharge_agreement":"`+bobX+`"`) {
			t.Errorf("%s: %s", name, asJWK)
		}
	}
	set, err := keyfile.EncodeKeySet(list)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := keyfile.DecodeKeySet(set); err != nil || !reflect.DeepEqual(again, list) {
		t.Errorf("%v, %v", again, err)
	}
	b, err := json.Marshal(list)
	var again qrproto.KeyList
	if err := errors.Join(err, json.Unmarshal(b, &again)); err != nil || !reflect.DeepEqual(again, list) {
		t.Errorf("%v, %v", again, err)
	}
}

func TestOnlyADeviceHasAnAgreementKey(t *testing.T) {
	if _, err := keyfile.Generate(enrolled(t, issuer()), keyfile.Ed25519, rand.Reader); qrproto.CodeOf(err) != qrproto.ErrBadKey {
		t.Errorf("an issuer: %v", err)
	}
	k := generated(t, device(1), keyfile.Ed25519, 1).Key()
	k.Agreement = generatedP256(t)
	_, err := keyfile.EncodeKeySet(qrproto.KeyList{k})
	code(t, err, qrproto.ErrBadKey)
}

func generatedP256(t testing.TB) *ecdh.PublicKey {
	t.Helper()
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k.PublicKey()
}

func TestAgreementKeysThatCannotBeMade(t *testing.T) {
	broken := errors.New("no entropy")
	if a, err := keyfile.GenerateAgreement("bob", iotest.ErrReader(broken)); a != nil || !errors.Is(err, broken) {
		t.Errorf("%v, %v", a, err)
	}
	p256, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		id  qrproto.KeyID
		key *ecdh.PrivateKey
	}{"no key": {"bob", nil}, "P-256": {"bob", p256}, "no id": {"", bob(t).Private()}, "a long id": {"123456789", bob(t).Private()}} {
		_, err := keyfile.NewAgreement(tc.id, tc.key)
		if qrproto.CodeOf(err) != qrproto.ErrBadKey {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAgreementKeysDoNotShowInText(t *testing.T) {
	a := bob(t)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if got := fmt.Sprintf(format+format, a, *a); got != strings.Repeat("agreement key 626f62", 2) {
			t.Errorf("%s gives %s", format, got)
		}
	}
}
