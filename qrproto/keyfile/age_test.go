// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed81979277/qrcharge/qrproto"
)

// writtenByAge is the private key of RFC 8037, appendix A.1, as filippo.io/age
// 1.2.1 encrypts it under the passphrase "correct horse" with a work factor of 15.
const writtenByAge = `
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBSMUtkL0p3MjhEUUtyNzVSaSs5VGR3IDE1
CmZtZlFQMm9Rakhhemg0V1VkY2lxc0JGRzdxek9HeGRzSysydGI4bjFJbEEKLS0tIEdDZnR4OWth
eS9maHB6dUdDNDlBeWtrSWVLWXdLWlorSFlveDFqdFdLV1kKS5Ny/Azm9iPtzXCxsrAAWZD/j4LN
u2jvaKAw391gstgOA72/Prkz1BREhs3gTY66w7tI5/sNmb/zM/n1V8Ixpu15AS0NfBOul9t+3qN+
0HOeZJttIoGnE3zPOccEBWt0uxi2VIVS7FqbsVG695D55bcSC8XbXxaEV0CSYygbq/TgVHIo+8aU
H3Q/avTJW7ZYlGJMS5EPqpXlJDrEV8U1vthfTDv+r7f83rGd8CoAPRoJAB1huFefxgJaNhve0FHY
wKV/UFLQ+/Q=`

const passphrase = "correct horse"

func ageBytes(t testing.TB) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(writtenByAge, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func refused(t *testing.T, p *Private, err error, want qrproto.ErrorCode) {
	t.Helper()
	if p != nil || qrproto.CodeOf(err) != want || !errors.Is(err, want) {
		t.Errorf("%v, %v, want %v", p, err, want)
	}
}

func TestAFileOfAgeIsRead(t *testing.T) {
	p, err := Decrypt(ageBytes(t), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	want, err := DecodeJWK([]byte(`{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
		"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"69737331","qrcharge_kinds":"OR"}`))
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("%v, want %v (%v)", p, want, err)
	}
}

// With the salt, the file key and the nonce of age's file, its bytes come out.
func TestTheBytesOfAgeAreWritten(t *testing.T) {
	a, err := parseAge(ageBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	wrapping, err := wrappingKey(passphrase, a.salt, a.factor)
	if err != nil {
		t.Fatal(err)
	}
	fileKey, err := openOnce(wrapping, 0, a.wrapped)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Decrypt(ageBytes(t), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	content, err := EncodeJWK(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := encrypt(content, passphrase, a.factor, bytes.NewReader(slices.Concat(a.salt, fileKey, a.nonce)))
	if err != nil {
		t.Fatal(err)
	}
	header := len(ageBytes(t)) - len(a.sealed)
	if !bytes.Equal(got[:header], ageBytes(t)[:header]) {
		t.Errorf("%q, want %q", got[:header], ageBytes(t)[:header])
	}
	again, err := Decrypt(got, passphrase)
	if err != nil || !reflect.DeepEqual(again, p) {
		t.Errorf("%v, %v", again, err)
	}
}

func TestEncryptedKeysComeBack(t *testing.T) {
	for name, a := range map[string]Algorithm{"Ed25519": Ed25519, "ESP256": ESP256} {
		p, err := Generate(qrproto.Key{ID: "iss1", Kinds: []qrproto.Kind{'O'}}, a, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		file, err := Encrypt(p, "Zwölf Boxkämpfer", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(" %d\n", WorkFactor); !bytes.Contains(file, []byte(want)) || len(file) > MaxFile {
			t.Errorf("%s: %q", name, file)
		}
		again, err := Decrypt(file, "Zwölf Boxkämpfer")
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%s: %v, %v", name, again, err)
		}
	}
}

func TestAWrongPassphraseHasItsOwnError(t *testing.T) {
	for _, wrong := range []string{"", "correct horse ", "Correct horse"} {
		p, err := Decrypt(ageBytes(t), wrong)
		refused(t, p, err, qrproto.ErrPassphrase)
	}
	p, err := Generate(qrproto.Key{ID: "iss1", Kinds: []qrproto.Kind{'O'}}, Ed25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Encrypt(p, "", rand.Reader)
	refused(t, nil, err, qrproto.ErrPassphrase)
	broken := errors.New("no entropy")
	if file, err := Encrypt(p, passphrase, iotest.ErrReader(broken)); file != nil || !errors.Is(err, broken) {
		t.Errorf("%x, %v", file, err)
	}
}

// Each part of a file is bound to the passphrase.
func TestAlteredFilesAreRefused(t *testing.T) {
	good := ageBytes(t)
	a, err := parseAge(good)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawStdEncoding.EncodeToString
	flipped := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 1
		return b
	}
	replaced := func(old, new []byte) []byte { return bytes.Replace(good, []byte(text(old)), []byte(text(new)), 1) }
	nonce := len(good) - len(a.sealed) - nonceSize
	for name, file := range map[string][]byte{
		"salt":              replaced(a.salt, flipped(a.salt, 0)),
		"wrapped key":       replaced(a.wrapped, flipped(a.wrapped, 31)),
		"MAC":               replaced(a.mac, flipped(a.mac, 7)),
		"nonce":             flipped(good, nonce),
		"content":           flipped(good, nonce+nonceSize),
		"tag":               flipped(good, len(good)-1),
		"a byte less":       good[:len(good)-1],
		"a byte more":       append(bytes.Clone(good), 0),
		"another factor":    bytes.Replace(good, []byte(" 15\n"), []byte(" 16\n"), 1),
		"content of no key": good[:nonce+nonceSize+16],
	} {
		t.Run(name, func(t *testing.T) {
			if bytes.Equal(file, good) {
				t.Fatal("nothing was changed")
			}
			p, err := Decrypt(file, passphrase)
			refused(t, p, err, qrproto.ErrPassphrase)
		})
	}
}

// Whatever is not the one shape is refused before the passphrase is worked on.
func TestFilesOfAnotherShapeCostNothing(t *testing.T) {
	good := string(ageBytes(t))
	lines := strings.SplitN(good, "\n", 5)
	with := func(i int, line string) string {
		changed := slices.Clone(lines)
		changed[i] = line
		return strings.Join(changed, "\n")
	}
	stanza, mac := strings.Split(lines[1], " "), strings.Split(lines[3], " ")[1]
	factor := func(f string) string { return with(1, strings.Join(append(slices.Clone(stanza[:3]), f), " ")) }
	for name, tc := range map[string]struct {
		file string
		want qrproto.ErrorCode
	}{
		"nothing":                      {"", qrproto.ErrKeyFile},
		"above 4096 bytes":             {strings.Repeat("a", 4097), qrproto.ErrTooLarge},
		"line feeds":                   {strings.Repeat("\n", 4096), qrproto.ErrKeyFile},
		"armor":                        {"-----BEGIN AGE ENCRYPTED FILE-----\n" + writtenByAge + "\n-----END AGE ENCRYPTED FILE-----\n", qrproto.ErrKeyFile},
		"version 2":                    {with(0, "age-encryption.org/v2"), qrproto.ErrKeyFile},
		"a carriage return":            {with(0, lines[0]+"\r"), qrproto.ErrKeyFile},
		"for a public key":             {with(1, "-> X25519 "+stanza[2]), qrproto.ErrKeyFile},
		"two spaces":                   {with(1, strings.Replace(lines[1], " 15", "  15", 1)), qrproto.ErrKeyFile},
		"two passphrases":              {with(3, lines[1]+"\n"+lines[2]+"\n"+lines[3]), qrproto.ErrKeyFile},
		"a salt of 15 bytes":           {with(1, strings.Replace(lines[1], stanza[2], stanza[2][:20], 1)), qrproto.ErrKeyFile},
		"a salt with spare bits":       {with(1, strings.Replace(lines[1], stanza[2], stanza[2][:21]+"x", 1)), qrproto.ErrKeyFile},
		"a wrapped key of 31 bytes":    {with(2, lines[2][:42]), qrproto.ErrKeyFile},
		"no MAC":                       {with(3, "---"), qrproto.ErrKeyFile},
		"another mark before MAC":      {with(3, "--- "+mac+" "), qrproto.ErrKeyFile},
		"four dashes":                  {with(3, "---- "+mac), qrproto.ErrKeyFile},
		"no content":                   {with(4, ""), qrproto.ErrKeyFile},
		"31 bytes of content":          {with(4, lines[4][:31]), qrproto.ErrKeyFile},
		"a factor in words":            {factor("x"), qrproto.ErrKeyFile},
		"a factor with a zero":         {factor("015"), qrproto.ErrKeyFile},
		"a factor with a sign":         {factor("+15"), qrproto.ErrKeyFile},
		"a factor beyond 64 bits":      {factor("18446744073709551616"), qrproto.ErrKeyFile},
		"a factor below zero":          {factor("-1"), qrproto.ErrKeyCost},
		"factor 0":                     {factor("0"), qrproto.ErrKeyCost},
		"a factor less than the least": {factor("14"), qrproto.ErrKeyCost},
		"a factor above the most":      {factor("19"), qrproto.ErrKeyCost},
		"factor 30: a terabyte":        {factor("30"), qrproto.ErrKeyCost},
		"factor 64":                    {factor("64"), qrproto.ErrKeyCost},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p, err := Decrypt([]byte(tc.file), passphrase)
			runtime.ReadMemStats(&after)
			refused(t, p, err, tc.want)
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%d bytes allocated", n)
			}
		})
	}
}

func TestWhatIsInAFileMustBeAPrivateKey(t *testing.T) {
	a, err := parseAge(ageBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	wrapping, err := wrappingKey(passphrase, a.salt, a.factor)
	if err != nil {
		t.Fatal(err)
	}
	fileKey, err := openOnce(wrapping, 0, a.wrapped)
	if err != nil {
		t.Fatal(err)
	}
	head := ageBytes(t)[:len(ageBytes(t))-len(a.sealed)]
	for content, want := range map[string]qrproto.ErrorCode{
		"AGE-SECRET-KEY-1": qrproto.ErrKeyFile,
		`{"keys":[]}`:      qrproto.ErrBadKey,
		`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"61","qrcharge_kinds":"O"}`: qrproto.ErrKeyFile,
	} {
		file := append(bytes.Clone(head), sealOnce(derive(fileKey, a.nonce, "payload"), 1, []byte(content))...)
		p, err := Decrypt(file, passphrase)
		refused(t, p, err, want)
	}
}
