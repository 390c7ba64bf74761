// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// p256Key is the key whose scalar is 32 times the same byte.
func p256Key(t testing.TB, b byte) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), slices.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// p256Signer is the usual signer of a kind with a key of P-256, and who trusts it.
func p256Signer(t testing.TB, p qrproto.Payload) (qrproto.Signer, qrproto.KeyList) {
	t.Helper()
	s, keys := signerFor(p), trusted()
	s.Key = p256Key(t, 3)
	for i := range keys {
		if keys[i].ID == s.ID {
			keys[i].Public = s.Key.Public()
		}
	}
	return s, keys
}

func TestEachKindCanBeSignedByAKeyOfP256(t *testing.T) {
	for name, p := range payloads(t) {
		s, keys := p256Signer(t, p)
		code, err := qrproto.Seal(p, s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n, want := len(code.Bytes()), len(seal(t, p).Bytes()); n != want {
			t.Errorf("%s: %d bytes, by Ed25519 %d", name, n, want)
		}
		o, err := qrproto.Open(code.Text(), keys)
		if err != nil || !reflect.DeepEqual(o.Payload, p) {
			t.Errorf("%s: opened %+v, %v", name, o, err)
			continue
		}
		if sum, err := qrproto.Sum(p); err != nil || sum != o.Sum {
			t.Errorf("%s: the hash depends on the algorithm: %v, %v", name, o.Sum, sum)
		}
	}
}

// forgedP256 is a receipt with a header and a signature as told, written by hand
// from SPEC.md.
func forgedP256(t testing.TB, alg byte, sign func(digest []byte) []byte) string {
	t.Helper()
	_, payload, _ := partsOf(t, receipt())
	protected := append([]byte{0xa2, 0x01, alg, 0x04}, byteString([]byte(issuerID))...)
	digest := sha256.Sum256(toBeSigned(qrproto.KindReceipt, protected, payload))
	return digitText(qrproto.KindReceipt, slices.Concat([]byte{0xd2, 0x84}, byteString(protected), []byte{0xa0},
		byteString(payload), byteString(sign(digest[:]))))
}

// partsOf cuts a sealed code by what SPEC.md says of its lengths.
func partsOf(t testing.TB, p qrproto.Payload) (protected, payload, signature []byte) {
	t.Helper()
	whole := seal(t, p).Bytes()
	protected = whole[3 : 3+whole[2]&31]
	head := 3 + len(protected) + 1
	payload, signature = whole[head:len(whole)-66], whole[len(whole)-64:]
	return protected, payload[2:], signature // heads of 2 bytes, for 24 to 255
}

const headerESP256 = 0x28 // -9

func rs(r, s *big.Int) []byte {
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func signP256(t testing.TB, key *ecdsa.PrivateKey) func(digest []byte) (r, s *big.Int) {
	return func(digest []byte) (r, s *big.Int) {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest)
		if err != nil {
			t.Fatal(err)
		}
		return r, s
	}
}

func TestBothFormsOfSAreTakenAndNoOtherSignature(t *testing.T) {
	key := p256Key(t, 3)
	keys := qrproto.KeyList{issuerKey(key.Public())}
	order := elliptic.P256().Params().N
	sign := signP256(t, key)
	for name, tc := range map[string]struct {
		change func(r, s *big.Int) []byte
		want   qrproto.ErrorCode
	}{
		"as signed":            {rs, 0},
		"the order less s":     {func(r, s *big.Int) []byte { return rs(r, new(big.Int).Sub(order, s)) }, 0},
		"r is zero":            {func(_, s *big.Int) []byte { return rs(new(big.Int), s) }, qrproto.ErrSignature},
		"s is zero":            {func(r, _ *big.Int) []byte { return rs(r, new(big.Int)) }, qrproto.ErrSignature},
		"both are zero":        {func(_, _ *big.Int) []byte { return make([]byte, 64) }, qrproto.ErrSignature},
		"r is the order":       {func(_, s *big.Int) []byte { return rs(order, s) }, qrproto.ErrSignature},
		"s is the order":       {func(r, _ *big.Int) []byte { return rs(r, order) }, qrproto.ErrSignature},
		"r is as large as can": {func(_, s *big.Int) []byte { return append(bytes.Repeat([]byte{0xff}, 32), rs(s, s)[32:]...) }, qrproto.ErrSignature},
		"s and r":              {func(r, s *big.Int) []byte { return rs(s, r) }, qrproto.ErrSignature},
		"one bit of s":         {func(r, s *big.Int) []byte { return rs(r, new(big.Int).Xor(s, big.NewInt(1))) }, qrproto.ErrSignature},
		"31 bytes of s":        {func(r, s *big.Int) []byte { return rs(r, s)[:63] }, qrproto.ErrEnvelope},
		"a byte behind":        {func(r, s *big.Int) []byte { return append(rs(r, s), 0) }, qrproto.ErrEnvelope},
	} {
		text := forgedP256(t, headerESP256, func(digest []byte) []byte { return tc.change(sign(digest)) })
		if _, err := qrproto.Open(text, keys); qrproto.CodeOf(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// In DER a number whose first bit is set has a byte more.
func TestSignaturesWithAndWithoutAFirstBitAreTaken(t *testing.T) {
	key := p256Key(t, 3)
	keys := qrproto.KeyList{issuerKey(key.Public())}
	sign := signP256(t, key)
	seen := map[[2]bool]bool{}
	for i := 0; i < 1000 && len(seen) < 4; i++ {
		text := forgedP256(t, headerESP256, func(digest []byte) []byte {
			r, s := sign(digest)
			seen[[2]bool{r.BitLen() == 256, s.BitLen() == 256}] = true
			return rs(r, s)
		})
		if _, err := qrproto.Open(text, keys); err != nil {
			t.Errorf("%v: %v", seen, err)
		}
	}
	if len(seen) < 4 {
		t.Errorf("only %v", seen)
	}
}

// DER leaves zeros at the front away.
func TestSignaturesThatBeginWithZerosAreTaken(t *testing.T) {
	key := p256Key(t, 3)
	keys := qrproto.KeyList{issuerKey(key.Public())}
	sign := signP256(t, key)
	for name, short := range map[string]func(r, s *big.Int) bool{
		"r": func(r, _ *big.Int) bool { return r.BitLen() <= 248 },
		"s": func(_, s *big.Int) bool { return s.BitLen() <= 248 },
	} {
		text := forgedP256(t, headerESP256, func(digest []byte) []byte {
			for {
				if r, s := sign(digest); short(r, s) { // one in 256
					return rs(r, s)
				}
			}
		})
		if _, err := qrproto.Open(text, keys); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheAlgorithmIsThatOfTheKey(t *testing.T) {
	p256 := p256Key(t, 3)
	ed25519Keys, p256Keys := trusted(), qrproto.KeyList{issuerKey(p256.Public())}
	signed := func(digest []byte) []byte { return rs(signP256(t, p256)(digest)) }
	for name, tc := range map[string]struct {
		text string
		keys qrproto.Keys
	}{
		"ESP256 in the header, an Ed25519 key":        {forgedP256(t, headerESP256, signed), ed25519Keys},
		"Ed25519 in the header, a key of P-256":       {seal(t, receipt()).Text(), p256Keys},
		"Ed25519 over a signature of P-256 by P-256":  {forgedP256(t, 0x32, signed), p256Keys},
		"ES256, which leaves the curve open, by P256": {forgedP256(t, 0x26, signed), p256Keys},
		"an algorithm that does not exist, by P-256":  {forgedP256(t, 0x37, signed), p256Keys},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := qrproto.Open(tc.text, tc.keys)
			wantError(t, err, qrproto.ErrAlgorithm, "")
		})
	}
}

// derSigner is a signer that answers with what make says.
type derSigner struct {
	public crypto.PublicKey
	make   func(digest []byte) ([]byte, error)
}

func (d derSigner) Public() crypto.PublicKey { return d.public }

func (d derSigner) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts != crypto.SHA256 || len(digest) != sha256.Size {
		return nil, errors.New("not asked for SHA-256")
	}
	return d.make(digest)
}

func TestSignersOfP256ThatAreNotBelieved(t *testing.T) {
	key := p256Key(t, 3)
	good := func(digest []byte) []byte {
		der, err := key.Sign(nil, digest, crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	broken := errors.New("no power")
	for name, tc := range map[string]struct {
		make func(digest []byte) ([]byte, error)
		want error
	}{
		"sound":              {func(d []byte) ([]byte, error) { return good(d), nil }, nil},
		"an error":           {func([]byte) ([]byte, error) { return nil, broken }, broken},
		"nothing":            {func([]byte) ([]byte, error) { return nil, nil }, qrproto.ErrSigner},
		"r ‖ s":              {func(d []byte) ([]byte, error) { return rs(signP256(t, key)(d)), nil }, qrproto.ErrSigner},
		"a byte behind":      {func(d []byte) ([]byte, error) { return append(good(d), 0), nil }, qrproto.ErrSigner},
		"one number":         {func([]byte) ([]byte, error) { return []byte{0x30, 3, 2, 1, 1}, nil }, qrproto.ErrSigner},
		"numbers below zero": {func([]byte) ([]byte, error) { return []byte{0x30, 6, 2, 1, 0xff, 2, 1, 0xff}, nil }, qrproto.ErrSigner},
		"zeros":              {func([]byte) ([]byte, error) { return []byte{0x30, 6, 2, 1, 0, 2, 1, 0}, nil }, qrproto.ErrSigner},
		"r of 33 bytes": {func([]byte) ([]byte, error) {
			return slices.Concat([]byte{0x30, 38, 2, 33, 1}, make([]byte, 32), []byte{2, 1, 1}), nil
		}, qrproto.ErrSigner},
		"another message":         {func(d []byte) ([]byte, error) { return good(append([]byte{1}, d[1:]...)), nil }, qrproto.ErrSignature},
		"another key":             {func(d []byte) ([]byte, error) { return p256Key(t, 4).Sign(nil, d, crypto.SHA256) }, qrproto.ErrSignature},
		"a fault in the last bit": {func(d []byte) ([]byte, error) { der := good(d); der[len(der)-1] ^= 1; return der, nil }, qrproto.ErrSignature},
	} {
		_, err := qrproto.Seal(receipt(), qrproto.Signer{ID: issuerID, Key: derSigner{key.Public(), tc.make}})
		if !errors.Is(err, tc.want) || tc.want != nil && !errors.Is(err, qrproto.ErrSigner) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// point is a public key of P-256 that may be none.
func point(x, y *big.Int) *ecdsa.PublicKey {
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
}

func TestPointsThatAreNotOfP256AreRefused(t *testing.T) {
	good := p256Key(t, 3).PublicKey
	prime := elliptic.P256().Params().P
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	add := func(n *big.Int, d int64) *big.Int { return new(big.Int).Add(n, big.NewInt(d)) }
	// A point with x = 5 is on the curve, and x + prime has 256 bits: a second
	// encoding of it, if nobody looks.
	five, y := big.NewInt(5), yOf(t, 5)
	if err := (&qrproto.Key{ID: "a", Public: point(five, y), Kinds: []qrproto.Kind{'R'}}).Validate(); err != nil {
		t.Fatalf("x = 5: %v", err)
	}
	for name, public := range map[string]*ecdsa.PublicKey{
		"nil":                    nil,
		"no curve":               {},
		"no coordinates":         point(nil, nil),
		"no y":                   point(good.X, nil),
		"no x":                   point(nil, good.Y),
		"P-384":                  &other.PublicKey,
		"P-384 said to be P-256": point(other.X, other.Y),
		"off the curve":          point(good.X, add(good.Y, 1)),
		"x for y":                point(good.Y, good.X),
		"zeros, for infinity":    point(new(big.Int), new(big.Int)),
		"x below zero":           point(new(big.Int).Neg(good.X), good.Y),
		"y below zero":           point(good.X, new(big.Int).Neg(good.Y)),
		"x not reduced":          point(new(big.Int).Add(five, prime), y),
		"y of 257 bits":          point(good.X, new(big.Int).Add(good.Y, new(big.Int).Lsh(big.NewInt(1), 256))),
		"x is the prime":         point(prime, y),
	} {
		k := issuerKey(public)
		wantError(t, k.Validate(), qrproto.ErrBadKey, "")
		if _, err := qrproto.Open(seal(t, receipt()).Text(), qrproto.KeyList{k}); !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("%s: Open: %v", name, err)
		}
		s := qrproto.Signer{ID: issuerID, Key: derSigner{public, nil}}
		if _, err := qrproto.Seal(receipt(), s); !errors.Is(err, qrproto.ErrSigner) || !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("%s: Seal: %v", name, err)
		}
	}
}

// yOf is a y with which x is on the curve y² = x³ - 3x + b.
func yOf(t testing.TB, x int64) *big.Int {
	t.Helper()
	c := elliptic.P256().Params()
	n := big.NewInt(x*x*x - 3*x)
	y := n.ModSqrt(n.Add(n, c.B).Mod(n, c.P), c.P)
	if y == nil {
		t.Fatalf("no point with x = %d", x)
	}
	return y
}

func TestGenerationIsTheLastByteOfADevicesKeyID(t *testing.T) {
	keys := trusted()
	keys[0].ID = qrproto.DeviceKeyID(number, 7)
	for i, want := range []uint8{7, 0} {
		if got := keys[i].Generation(); got != want {
			t.Errorf("%v: %d, want %d", keys[i].ID, got, want)
		}
	}
	if got := (*qrproto.Key)(nil).Generation(); got != 0 {
		t.Error(got)
	}
}
