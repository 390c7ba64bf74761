// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// smallOrder are the 8 points of small order in each encoding that a decoder
// might take: with y not reduced, and with a sign for x = 0.
var smallOrder = map[string]string{
	"order 1":                         "0100000000000000000000000000000000000000000000000000000000000000",
	"order 1, signed":                 "0100000000000000000000000000000000000000000000000000000000000080",
	"order 1, y not reduced":          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 1, y not reduced, signed":  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 2":                         "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 2, signed":                 "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 4":                         "0000000000000000000000000000000000000000000000000000000000000000",
	"order 4, other x":                "0000000000000000000000000000000000000000000000000000000000000080",
	"order 4, y not reduced":          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"order 4, y not reduced, other x": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"order 8":                         "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"order 8, other x":                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"order 8, other y":                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"order 8, other y, other x":       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}

func issuerKey(public crypto.PublicKey) qrproto.Key {
	return qrproto.Key{ID: issuerID, Public: public, Kinds: []qrproto.Kind{qrproto.KindStartOrder, qrproto.KindReceipt}}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// signsItself tells whether one signature that needs no private key, R the
// neutral point and S zero, verifies under a key for some of 256 messages.
func signsItself(key ed25519.PublicKey) bool {
	signature := make([]byte, ed25519.SignatureSize)
	signature[0] = 1
	for i := range 256 {
		if ed25519.Verify(key, []byte{byte(i)}, signature) {
			return true
		}
	}
	return false
}

func TestWeakKeysAreRefused(t *testing.T) {
	for name, text := range smallOrder {
		public := ed25519.PublicKey(unhex(t, text))
		if !signsItself(public) {
			t.Errorf("%s: is not weak, the test is wrong", name)
		}
		key := issuerKey(public)
		wantError(t, key.Validate(), qrproto.ErrBadKey, "")
		keys := qrproto.KeyList{key}
		if _, err := qrproto.Open(seal(t, receipt()).Text(), keys); !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("%s: Open: %v", name, err)
		}
	}
}

// A key of these bytes may be no point, which Open does not ask: what it takes
// ends at the signature.
func TestOnlyReducedYIsTaken(t *testing.T) {
	text := seal(t, receipt()).Text()
	open := func(key []byte) qrproto.ErrorCode {
		_, err := qrproto.Open(text, qrproto.KeyList{issuerKey(ed25519.PublicKey(key))})
		return qrproto.CodeOf(err)
	}
	key := bytes.Repeat([]byte{0xff}, ed25519.PublicKeySize)
	for _, top := range []byte{0x7f, 0xff} {
		key[31] = top
		for low := 0xed; low <= 0xff; low++ { // from 2^255-19 on
			key[0] = byte(low)
			k := issuerKey(ed25519.PublicKey(key))
			wantError(t, k.Validate(), qrproto.ErrBadKey, "")
			if code := open(key); code != qrproto.ErrBadKey {
				t.Errorf("%x: %v", key, code)
			}
		}
		key[0] = 0xeb // 2^255-21
		if code := open(key); code != qrproto.ErrSignature {
			t.Errorf("y = 2^255-21: %v", code)
		}
		for i := 1; i < 31; i++ {
			lower := bytes.Clone(key)
			lower[0], lower[i] = 0xff, 0xfe
			if code := open(lower); code != qrproto.ErrSignature {
				t.Errorf("byte %d lower: %v", i, code)
			}
		}
	}
}

// onEd25519 solves -x² + y² = 1 + dx²y² for x.
func onEd25519(y *big.Int) bool {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	d, _ := new(big.Int).SetString("37095705934669439343138083508754565189542113879843219016388785533085940283555", 10)
	one, yy := big.NewInt(1), new(big.Int).Mul(y, y)
	below := new(big.Int).Mul(d, yy)
	below.Add(below, one).ModInverse(below.Mod(below, p), p)
	square := new(big.Int).Mul(yy.Sub(yy, one), below)
	return new(big.Int).ModSqrt(square.Mod(square, p), p) != nil
}

func TestWhatIsNoPointOfEd25519IsNotLoaded(t *testing.T) {
	points := 0
	for y := int64(2); y < 200; y++ {
		key := make([]byte, ed25519.PublicKeySize)
		key[0], key[31] = byte(y), byte(y%2)<<7 // either sign of x
		k := issuerKey(ed25519.PublicKey(key))
		if !onEd25519(big.NewInt(y)) {
			wantError(t, k.Validate(), qrproto.ErrBadKey, "")
			continue
		}
		points++
		if err := k.Validate(); err != nil {
			t.Errorf("y = %d: %v", y, err)
		}
	}
	if points < 70 || points > 130 {
		t.Errorf("%d of 198 are points", points)
	}
	for seed := range byte(50) {
		k := issuerKey(testKey(seed).Public())
		if err := k.Validate(); err != nil {
			t.Errorf("the key of seed %d: %v", seed, err)
		}
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	public := testKey(2).Public().(ed25519.PublicKey)
	device := []qrproto.Kind{qrproto.KindSettlement}
	issuer := []qrproto.Kind{qrproto.KindReceipt}
	for name, k := range map[string]qrproto.Key{
		"no id":                      {Public: public, Kinds: issuer},
		"an id of 9 bytes":           {ID: "123456789", Public: public, Kinds: issuer},
		"no kind":                    {ID: "a", Public: public},
		"no key":                     {ID: "a", Kinds: issuer},
		"31 bytes":                   {ID: "a", Public: public[:31], Kinds: issuer},
		"33 bytes":                   {ID: "a", Public: append(bytes.Clone(public), 0), Kinds: issuer},
		"P-256":                      {ID: "a", Public: &ecdsa.PublicKey{Curve: elliptic.P256()}, Kinds: issuer},
		"a private key":              {ID: "a", Public: testKey(2), Kinds: issuer},
		"a pointer":                  {ID: "a", Public: &public, Kinds: issuer},
		"a device without a number":  {ID: qrproto.DeviceKeyID(number, 1), Public: public, Kinds: device},
		"a device of another number": {ID: qrproto.DeviceKeyID(number, 1), Number: []byte("another"), Public: public, Kinds: device},
		"a device without generation": {
			ID: qrproto.KeyID(number), Number: number, Public: public, Kinds: device},
		"a device of 8 bytes": {ID: "12345678", Number: []byte("12345678"), Public: public, Kinds: device},
	} {
		if err := k.Validate(); !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, k := range trusted() {
		if err := k.Validate(); err != nil {
			t.Errorf("%v: %v", k.ID, err)
		}
	}
}

func TestDeviceKeyID(t *testing.T) {
	if got := qrproto.DeviceKeyID([]byte{0xab, 0xcd}, 255).String(); got != "abcdff" {
		t.Errorf("%s", got)
	}
}

// What Keys answers is checked again: it may be a database.
func TestAnswersOfKeysAreNotTrusted(t *testing.T) {
	offline := errors.New("offline")
	key := func(change func(*qrproto.Key)) qrproto.Keys {
		k := trusted()[1]
		change(&k)
		return qrproto.KeyFunc(func(qrproto.KeyID) (*qrproto.Key, error) { return &k, nil })
	}
	for name, tc := range map[string]struct {
		keys qrproto.Keys
		code qrproto.ErrorCode
	}{
		"none":              {qrproto.KeyList{}, qrproto.ErrUnknownKey},
		"an error":          {qrproto.KeyFunc(func(qrproto.KeyID) (*qrproto.Key, error) { return nil, offline }), qrproto.ErrUnknownKey},
		"another id":        {key(func(k *qrproto.Key) { k.ID = "iss2" }), qrproto.ErrUnknownKey},
		"another usage":     {key(func(k *qrproto.Key) { k.Kinds = k.Kinds[:1] }), qrproto.ErrKeyUsage},
		"another key":       {key(func(k *qrproto.Key) { k.Public = testKey(3).Public() }), qrproto.ErrSignature},
		"a key of 31 bytes": {key(func(k *qrproto.Key) { k.Public = k.Public.(ed25519.PublicKey)[:31] }), qrproto.ErrBadKey},
		"another algorithm": {key(func(k *qrproto.Key) { k.Public = &ecdsa.PublicKey{} }), qrproto.ErrBadKey},
	} {
		_, err := qrproto.Open(seal(t, receipt()).Text(), tc.keys)
		wantError(t, err, tc.code, "")
		if name == "an error" && !errors.Is(err, offline) {
			t.Errorf("%s: the cause is lost: %v", name, err)
		}
	}
}

func TestADeviceKeyWithAnotherNumberOpensNothing(t *testing.T) {
	keys := trusted()
	keys[0].Number = []byte("another")
	_, err := qrproto.Open(seal(t, identity()).Text(), keys)
	wantError(t, err, qrproto.ErrBadKey, "")
}

func TestTheNumberComesFromTheKey(t *testing.T) {
	for _, p := range []qrproto.Payload{identity(), settlement()} {
		o, err := qrproto.Open(seal(t, p).Text(), trusted())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		switch p := o.Payload.(type) {
		case *qrproto.Identity:
			got = string(p.Number)
		case *qrproto.Settlement:
			got = string(p.Number)
		}
		if got != string(number) || !strings.HasPrefix(string(o.Key.ID), got) {
			t.Errorf("%v: number %x of key %v", p.Kind(), got, o.Key.ID)
		}
	}
}

func TestTheFirstKeyOfAnIDWins(t *testing.T) {
	first, second := issuerKey(testKey(2).Public()), issuerKey(testKey(3).Public())
	if _, err := qrproto.Open(seal(t, receipt()).Text(), qrproto.KeyList{first, second}); err != nil {
		t.Error(err)
	}
	if _, err := qrproto.Open(seal(t, receipt()).Text(), qrproto.KeyList{second, first}); !errors.Is(err, qrproto.ErrSignature) {
		t.Error(err)
	}
}
