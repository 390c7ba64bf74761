// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// faulty signs as it is told to.
type faulty struct {
	public crypto.PublicKey
	sign   func(message []byte) ([]byte, error)
}

func (f faulty) Public() crypto.PublicKey { return f.public }

func (f faulty) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return f.sign(message)
}

func TestSealRefusesFaultySigners(t *testing.T) {
	key, other := testKey(2), testKey(3)
	broken := errors.New("secure element does not answer")
	good := func(m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil }
	changed := func(change func([]byte) []byte) func([]byte) ([]byte, error) {
		return func(m []byte) ([]byte, error) { return change(ed25519.Sign(key, m)), nil }
	}
	for name, tc := range map[string]struct {
		signer faulty
		cause  error
	}{
		"fails":            {faulty{key.Public(), func([]byte) ([]byte, error) { return nil, broken }}, broken},
		"one bit wrong":    {faulty{key.Public(), changed(func(s []byte) []byte { s[40] ^= 4; return s })}, qrproto.ErrSignature},
		"63 bytes":         {faulty{key.Public(), changed(func(s []byte) []byte { return s[:63] })}, qrproto.ErrSignature},
		"65 bytes":         {faulty{key.Public(), changed(func(s []byte) []byte { return append(s, 0) })}, qrproto.ErrSignature},
		"nothing":          {faulty{key.Public(), changed(func([]byte) []byte { return nil })}, qrproto.ErrSignature},
		"another message":  {faulty{key.Public(), func(m []byte) ([]byte, error) { return ed25519.Sign(key, m[1:]), nil }}, qrproto.ErrSignature},
		"another key":      {faulty{other.Public(), good}, qrproto.ErrSignature},
		"a weak key":       {faulty{weakKey(), good}, qrproto.ErrBadKey},
		"no public key":    {faulty{nil, good}, qrproto.ErrBadKey},
		"a key of P-256":   {faulty{&ecdsa.PublicKey{Curve: elliptic.P256()}, good}, qrproto.ErrBadKey},
		"a key of a bytes": {faulty{[]byte(key.Public().(ed25519.PublicKey)), good}, qrproto.ErrBadKey},
	} {
		code, err := qrproto.Seal(receipt(), qrproto.Signer{ID: issuerID, Key: tc.signer})
		wantError(t, err, qrproto.ErrSigner, "")
		if !errors.Is(err, tc.cause) || kindOf(err) != qrproto.KindReceipt {
			t.Errorf("%s: %v, want the cause %v", name, err, tc.cause)
		}
		if len(code.Bytes()) != 0 {
			t.Errorf("%s: returned % x", name, code.Bytes())
		}
	}
	if _, err := qrproto.Seal(receipt(), qrproto.Signer{ID: issuerID, Key: faulty{key.Public(), good}}); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestSealRefusesWhatItCannotSign(t *testing.T) {
	for name, tc := range map[string]struct {
		payload qrproto.Payload
		id      qrproto.KeyID
		noKey   bool
		code    qrproto.ErrorCode
		path    string
	}{
		"no payload":          {nil, issuerID, false, qrproto.ErrMalformed, ""},
		"no key":              {receipt(), issuerID, true, qrproto.ErrSigner, ""},
		"no key id":           {receipt(), "", false, qrproto.ErrSigner, ""},
		"a key id of 9 bytes": {receipt(), "123456789", false, qrproto.ErrSigner, ""},
		"another device":      {identity(), qrproto.DeviceKeyID([]byte("another"), 1), false, qrproto.ErrField, "Number"},
		"no generation":       {settlement(), qrproto.KeyID(number), false, qrproto.ErrField, "Number"},
		"an issuer's key":     {settlement(), issuerID, false, qrproto.ErrField, "Number"},
	} {
		signer := qrproto.Signer{ID: tc.id, Key: testKey(2)}
		if tc.noKey {
			signer.Key = nil
		}
		_, err := qrproto.Seal(tc.payload, signer)
		t.Log(name)
		wantError(t, err, tc.code, tc.path)
		if tc.payload != nil && kindOf(err) != tc.payload.Kind() {
			t.Errorf("%s: an error of kind %v", name, kindOf(err))
		}
	}
}

func TestKeyIDsOfEachLengthSign(t *testing.T) {
	for n := 1; n <= 8; n++ {
		id := qrproto.KeyID("12345678"[:n])
		code, err := qrproto.Seal(receipt(), qrproto.Signer{ID: id, Key: testKey(2)})
		if _, named, _ := qrproto.Peek(code.Text()); err != nil || named != id {
			t.Errorf("%d bytes: %v, %v", n, named, err)
		}
	}
}

func TestSealRefusesWhatDoesNotFit(t *testing.T) {
	i := identity()
	i.Records = slices.Repeat([][]byte{make([]byte, 256)}, 4)
	_, err := qrproto.Seal(i, deviceSigner())
	wantError(t, err, qrproto.ErrTooLarge, "")
	if kindOf(err) != qrproto.KindIdentity {
		t.Error(err)
	}
	i.Records = [][]byte{make([]byte, 256), make([]byte, 256), make([]byte, 256), make([]byte, 40)}
	room := qrproto.MaxBytes - len(seal(t, i).Bytes())
	i.Records[3] = make([]byte, 40+room)
	if code := seal(t, i); len(code.Bytes()) != qrproto.MaxBytes {
		t.Errorf("%d bytes", len(code.Bytes()))
	} else if _, err := qrproto.Open(code.Text(), trusted()); err != nil {
		t.Error(err)
	}
	i.Records[3] = make([]byte, 41+room)
	_, err = qrproto.Seal(i, deviceSigner())
	wantError(t, err, qrproto.ErrTooLarge, "")
}

func TestAsGivesOneKindOnly(t *testing.T) {
	text := seal(t, receipt()).Text()
	if _, err := qrproto.As[*qrproto.Receipt](qrproto.Open(text, trusted())); err != nil {
		t.Error(err)
	}
	o, err := qrproto.As[*qrproto.StartOrder](qrproto.Open(text, trusted()))
	wantError(t, err, qrproto.ErrKind, "")
	if o != nil || kindOf(err) != qrproto.KindReceipt {
		t.Errorf("%+v, %v", o, err)
	}
	_, err = qrproto.As[*qrproto.Receipt](qrproto.Open("", trusted()))
	wantError(t, err, qrproto.ErrText, "")
}

// A code of one kind must not pass for one of another, even where a key may
// sign both and the payload fits both.
func TestKindsAreSeparate(t *testing.T) {
	for _, p := range payloads(t) {
		text := seal(t, p).Text()
		for _, kind := range []byte("IOSRXTV") {
			if kind == p.Kind().String()[0] {
				continue
			}
			keys := trusted()
			for i := range keys {
				keys[i].Kinds = append(keys[i].Kinds, qrproto.Kind(kind))
				keys[i].Number = []byte(keys[i].ID[:len(keys[i].ID)-1])
			}
			_, err := qrproto.Open("Q"+string(kind)+text[2:], keys)
			wantError(t, err, qrproto.ErrSignature, "")
		}
	}
}

func TestPeekTellsKindAndKey(t *testing.T) {
	for _, p := range payloads(t) {
		kind, id, err := qrproto.Peek(seal(t, p).Text())
		if err != nil || kind != p.Kind() || id != signerFor(p).ID {
			t.Errorf("%v %v %v", kind, id, err)
		}
	}
	if _, _, err := qrproto.Peek("QR1/12"); !errors.Is(err, qrproto.ErrDigits) {
		t.Error(err)
	}
	if _, _, err := qrproto.Peek("QR1/001"); !errors.Is(err, qrproto.ErrEnvelope) {
		t.Error(err)
	}
}

func TestParseCodeKeepsTheBytes(t *testing.T) {
	code := seal(t, startOrder(t))
	again, err := qrproto.ParseCode("HTTPS://X/" + code.Text() + "\n")
	if err != nil || !reflect.DeepEqual(again, code) || again.Kind() != qrproto.KindStartOrder {
		t.Errorf("%v, %v", again, err)
	}
	_, err = qrproto.ParseCode(digitText('O', code.Bytes()[:90]))
	wantError(t, err, qrproto.ErrEnvelope, "")
	_, err = qrproto.ParseCode("QO1/")
	wantError(t, err, qrproto.ErrDigits, "")
}

func TestTextsThatAreRefused(t *testing.T) {
	good := seal(t, receipt()).Text()
	for name, tc := range map[string]struct {
		text string
		code qrproto.ErrorCode
	}{
		"nothing":                  {"", qrproto.ErrText},
		"line ends":                {"\r\n\r\n", qrproto.ErrText},
		"no slash":                 {strings.ReplaceAll(good, "/", ""), qrproto.ErrText},
		"half a mark":              {"R1/" + good[4:], qrproto.ErrText},
		"a small q":                {"q" + good[1:], qrproto.ErrText},
		"a small kind":             {"Qr" + good[2:], qrproto.ErrText},
		"a letter for a version":   {"QRA" + good[3:], qrproto.ErrText},
		"an address behind it":     {good + "/x", qrproto.ErrText},
		"wire 2":                   {"QR2" + good[3:], qrproto.ErrVersion},
		"wire 0":                   {"QR0" + good[3:], qrproto.ErrVersion},
		"wire 2 of a new kind":     {"QZ2" + good[3:], qrproto.ErrVersion},
		"a new kind":               {"QZ1" + good[3:], qrproto.ErrKind},
		"no digits":                {"QR1/", qrproto.ErrDigits},
		"a digit too few":          {good[:len(good)-1], qrproto.ErrDigits},
		"a digit too many":         {good + "0", qrproto.ErrDigits},
		"a space behind it":        {good + " ", qrproto.ErrDigits},
		"a query behind it":        {good + "?a=1", qrproto.ErrDigits},
		"a letter":                 {good[:30] + "A" + good[31:], qrproto.ErrDigits},
		"a letter in the rest":     {"QR1/00A", qrproto.ErrDigits},
		"a group too large":        {"QR1/99999999999999999", qrproto.ErrDigits},
		"a rest too large":         {"QR1/256", qrproto.ErrDigits},
		"digits of another script": {good[:4] + "٣٣" + good[4:], qrproto.ErrDigits},
		"1025 bytes":               {"QR1/" + strings.Repeat("0", 146*17+8), qrproto.ErrTooLarge},
		"a long front":             {strings.Repeat("x", 2816) + good, qrproto.ErrTooLarge},
		"a long back":              {good + strings.Repeat("\n", 2816), qrproto.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := qrproto.Open(tc.text, trusted())
			wantError(t, err, tc.code, "")
			if o != nil {
				t.Errorf("%+v", o)
			}
			if tc.code == qrproto.ErrVersion || tc.code == qrproto.ErrKind || tc.code == qrproto.ErrDigits {
				if kind := qrproto.Kind(tc.text[1]); kindOf(err) != kind {
					t.Errorf("of kind %v, want %v", kindOf(err), kind)
				}
			}
		})
	}
}

func TestEnvelopesThatAreRefused(t *testing.T) {
	b := seal(t, receipt()).Bytes()
	put := func(at int, with ...byte) []byte { return slices.Concat(b[:at], with, b[at+1:]) }
	for name, tc := range map[string]struct {
		bytes []byte
		code  qrproto.ErrorCode
	}{
		"no tag":                    {b[1:], qrproto.ErrEnvelope},
		"another tag":               {put(0, 0xd1), qrproto.ErrEnvelope},
		"a long tag":                {put(0, 0xd8, 0x12), qrproto.ErrEnvelope},
		"an array of 5":             {append(put(1, 0x85), 0), qrproto.ErrEnvelope},
		"a long length":             {put(2, 0x58, b[2]&31), qrproto.ErrEnvelope},
		"an algorithm of two bytes": {put(5, 0x38, 0x18), qrproto.ErrEnvelope},
		"an algorithm above zero":   {put(5, 0x01), qrproto.ErrEnvelope},
		"another label":             {put(6, 0x05), qrproto.ErrEnvelope},
		"ESP256 in the header":      {put(5, 0x28), qrproto.ErrAlgorithm},
		"EdDSA in the header":       {put(5, 0x27), qrproto.ErrAlgorithm},
		"another kid":               {put(8, 'I'), qrproto.ErrUnknownKey},
		"an unprotected header":     {put(12, 0xa1, 0x01, 0x00), qrproto.ErrEnvelope},
		"no payload":                {put(13, 0xf6), qrproto.ErrEnvelope},
		"a bit of the payload":      {put(30, b[30]^1), qrproto.ErrSignature},
		"a bit of R":                {put(len(b)-64, b[len(b)-64]^1), qrproto.ErrSignature},
		"a bit of S":                {put(len(b)-1, b[len(b)-1]^1), qrproto.ErrSignature},
		"S plus the group's order":  {addOrder(b), qrproto.ErrSignature},
		"a byte behind it":          {append(bytes.Clone(b), 0), qrproto.ErrEnvelope},
		"cut off":                   {b[:len(b)-1], qrproto.ErrEnvelope},
		"nothing but zeros":         {make([]byte, 200), qrproto.ErrEnvelope},
	} {
		_, err := qrproto.Open(digitText('R', tc.bytes), trusted())
		t.Log(name)
		wantError(t, err, tc.code, "")
	}
}

// addOrder makes the signature's S a second number for the same point: S plus
// the order of the group, 2^252 + 27742317777372353535851937790883648493.
func addOrder(code []byte) []byte {
	order := []byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10}
	out := bytes.Clone(code)
	s, carry := out[len(out)-32:], 0
	for i := range s {
		sum := int(s[i]) + int(order[i]) + carry
		s[i], carry = byte(sum), sum>>8
	}
	return out
}

func TestEveryBitAndEveryCutIsNoticed(t *testing.T) {
	code := seal(t, receipt())
	b := code.Bytes()
	for bit := range 8 * len(b) {
		changed := bytes.Clone(b)
		changed[bit/8] ^= 1 << (bit % 8)
		if o, err := qrproto.Open(digitText('R', changed), trusted()); err == nil {
			t.Errorf("bit %d: %+v", bit, o)
		}
	}
	text := code.Text()
	for n := range text {
		if o, err := qrproto.Open(text[:n], trusted()); err == nil {
			t.Errorf("%d characters: %+v", n, o)
		}
	}
}

func TestUnverifiedContentStandsInTheErrorAlone(t *testing.T) {
	for name, p := range payloads(t) {
		b := bytes.Clone(seal(t, p).Bytes())
		b[len(b)-1] ^= 1
		o, err := qrproto.Open(digitText(p.Kind(), b), trusted())
		var e *qrproto.Error
		if o != nil || !errors.As(err, &e) {
			t.Fatalf("%s: %+v, %v", name, o, err)
		}
		if e.Code != qrproto.ErrSignature || e.Kind != p.Kind() || e.UnverifiedKey != signerFor(p).ID || !reflect.DeepEqual(e.Unverified, p) {
			t.Errorf("%s: %+v", name, e)
		}
		_, err = openForged(p.Kind(), with(t, payloadOf(t, p), 23, []byte{0}))
		if !errors.As(err, &e) || e.Unverified != nil || e.UnverifiedKey != signerFor(p).ID {
			t.Errorf("%s: what cannot be read was told: %+v", name, e)
		}
	}
}

func TestLinkBases(t *testing.T) {
	code := seal(t, receipt())
	for _, base := range []string{linkBase, "HTTPS://A/", "HTTPS://A:8443/$%*+-./", "HTTPS://" + strings.Repeat("A", qrproto.MaxLink-9) + "/"} {
		link, err := code.Link(base)
		if err != nil || link != base+code.Text() {
			t.Errorf("%s: %q, %v", base, link, err)
		}
		if _, err := qrproto.Open(link, trusted()); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	for name, base := range map[string]string{
		"nothing": "", "no host": "HTTPS://", "no host but a path": "HTTPS:///A/", "no end": "HTTPS://A",
		"plain HTTP": "HTTP://A/", "lower case": "https://a/", "a lower-case path": "HTTPS://A/b/", "a space": "HTTPS://A/ /",
		"a query": "HTTPS://A/?Q=/", "a fragment": "HTTPS://A/#/", "other letters": "HTTPS://Ä/", "a line end": "HTTPS://A\n/",
		"257 characters": "HTTPS://" + strings.Repeat("A", qrproto.MaxLink-8) + "/",
	} {
		link, err := code.Link(base)
		t.Log(name)
		wantError(t, err, qrproto.ErrLink, "")
		if link != "" {
			t.Errorf("%s: %q", name, link)
		}
	}
}

func TestErrorsSayTheirNumber(t *testing.T) {
	if qrproto.CodeOf(nil) != 0 || qrproto.CodeOf(io.EOF) != qrproto.ErrOther {
		t.Error("codes of nil and of a stranger")
	}
	e := &qrproto.Error{Code: qrproto.ErrField, Kind: qrproto.KindReceipt, Path: "Paid", Why: "too much", Err: io.EOF}
	if got, want := e.Error(), "E-114 field out of range, kind R: Paid: too much: EOF"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(e, io.EOF) || !errors.Is(e, qrproto.ErrField) || errors.Is(e, qrproto.ErrMissing) {
		t.Error("Unwrap")
	}
	if got := qrproto.ErrorCode(399).Error(); got != "E-399" {
		t.Errorf("%q", got)
	}
}

func TestCodeOfBytesIsTheCodeAgain(t *testing.T) {
	code, err := qrproto.Seal(receipt(), issuerSigner())
	if err != nil {
		t.Fatal(err)
	}
	if again := qrproto.CodeOfBytes(code.Kind(), code.Bytes()); again.Text() != code.Text() {
		t.Errorf("%s, was %s", again.Text(), code.Text())
	}
}
