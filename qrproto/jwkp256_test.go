// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// The key of RFC 7517, appendix A.1, without what says that it is for
// encryption.
const (
	rfc7517X = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
	rfc7517Y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
	rfc7517  = `"kty":"EC","crv":"P-256","x":"` + rfc7517X + `","y":"` + rfc7517Y + `"`
)

func keySet(members string) string { return `{"keys":[{` + members + `}]}` }

func decoded(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// uncompressed is a point of SEC 1.
func uncompressed(t testing.TB, b []byte) *ecdsa.PublicKey {
	t.Helper()
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), b)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeyFileOfRFC7517(t *testing.T) {
	var list qrproto.KeyList
	text := keySet(rfc7517 + `,"alg":"ES256","kid":"69737331","qrcharge_kinds":"OR"`)
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatal(err)
	}
	point := slices.Concat([]byte{4}, decoded(t, rfc7517X), decoded(t, rfc7517Y))
	k := issuerKey(uncompressed(t, point))
	if !reflect.DeepEqual(list, qrproto.KeyList{k}) {
		t.Errorf("%+v", list)
	}
}

func TestKeyFilesOfBothAlgorithmsComeBack(t *testing.T) {
	list := trusted()
	device := list[0]
	device.ID, device.Public = qrproto.DeviceKeyID(number, 2), p256Key(t, 5).Public()
	list = append(list, device)
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var again qrproto.KeyList
	if err := json.Unmarshal(b, &again); err != nil || !reflect.DeepEqual(again, list) {
		t.Errorf("%+v (%v) from %s", again, err, b)
	}
	for _, want := range []string{`"kty":"EC"`, `"crv":"P-256"`, `"alg":"ES256"`, `"kid":"3201060021353302"`, `"qrcharge_number":"32010600213533"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s does not say %s", b, want)
		}
	}
}

func TestKeyFilesOfP256ThatAreRefused(t *testing.T) {
	good := keySet(rfc7517 + `,"kid":"61","qrcharge_kinds":"O"`)
	zeros := strings.Repeat("A", 43)
	point := append(decoded(t, rfc7517X), decoded(t, rfc7517Y)...)
	text := base64.RawURLEncoding.EncodeToString
	change := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	more := func(member string) string { return strings.Replace(good, `"kid"`, member+`,"kid"`, 1) }
	for name, tc := range map[string]struct {
		text string
		code qrproto.ErrorCode
	}{
		"off the curve":                {change(rfc7517Y, rfc7517X), qrproto.ErrBadKey},
		"zeros, for infinity":          {strings.NewReplacer(rfc7517X, zeros, rfc7517Y, zeros).Replace(good), qrproto.ErrBadKey},
		"no y":                         {change(`,"y":"`+rfc7517Y+`"`, ""), qrproto.ErrBadKey},
		"an empty y":                   {change(rfc7517Y, ""), qrproto.ErrBadKey},
		"a byte of x in y":             {strings.NewReplacer(rfc7517X, text(point[:31]), rfc7517Y, text(point[31:])).Replace(good), qrproto.ErrBadKey},
		"no x":                         {change(rfc7517X, ""), qrproto.ErrBadKey},
		"x with a byte in front":       {change(rfc7517X, "ADBCqA0"), qrproto.ErrBadKey},
		"x of 33 bytes":                {change(rfc7517X, "ADCgQkzSHClEg4otdckrN+duog2fAIk6O07uijwKr+w"), qrproto.ErrKeyFile},
		"y with spare bits":            {change("bM4IFyM", "bM4IFyN"), qrproto.ErrKeyFile},
		"y padded":                     {change(rfc7517Y, rfc7517Y+"="), qrproto.ErrKeyFile},
		"y over two lines":             {change(rfc7517Y, rfc7517Y[:20]+`\n`+rfc7517Y[20:]), qrproto.ErrKeyFile},
		"P-384":                        {change("P-256", "P-384"), qrproto.ErrBadKey},
		"secp256k1":                    {change("P-256", "secp256k1"), qrproto.ErrBadKey},
		"a curve of the other type":    {change("P-256", "Ed25519"), qrproto.ErrBadKey},
		"type OKP":                     {change("EC", "OKP"), qrproto.ErrBadKey},
		"Ed25519 as algorithm":         {more(`"alg":"Ed25519"`), qrproto.ErrBadKey},
		"EdDSA as algorithm":           {more(`"alg":"EdDSA"`), qrproto.ErrBadKey},
		"ECDH as algorithm":            {more(`"alg":"ECDH-ES"`), qrproto.ErrBadKey},
		"for encryption":               {more(`"use":"enc"`), qrproto.ErrBadKey},
		"a private key":                {more(`"d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"`), qrproto.ErrKeyFile},
		"a damaged private key":        {more(`"d":""`), qrproto.ErrKeyFile},
		"a kid in capitals":            {change(`"61"`, `"6A"`), qrproto.ErrKeyFile},
		"a kid of half a byte":         {change(`"61"`, `"6"`), qrproto.ErrKeyFile},
		"kty in another case":          {change("EC", "ec"), qrproto.ErrBadKey},
		"a number where text is right": {change(`"61"`, `61`), qrproto.ErrKeyFile},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.text == good {
				t.Fatal("nothing was changed")
			}
			var list qrproto.KeyList
			err := json.Unmarshal([]byte(tc.text), &list)
			wantError(t, err, tc.code, "keys[0]")
			for _, other := range []qrproto.ErrorCode{qrproto.ErrBadKey, qrproto.ErrKeyFile} {
				if other != tc.code && errors.Is(err, other) {
					t.Errorf("%v too", other)
				}
			}
		})
	}
	var list qrproto.KeyList
	if err := json.Unmarshal([]byte(good), &list); err != nil {
		t.Errorf("the good one: %v", err)
	}
}
