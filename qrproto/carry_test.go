// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"golang.org/x/crypto/chacha20"
)

// agreementKey is a private key of X25519 by one byte.
func agreementKey(t testing.TB, seed byte) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().NewPrivateKey(slices.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newCarrier(t testing.TB, own *ecdh.PrivateKey, peer *ecdh.PublicKey) *qrproto.Carrier {
	t.Helper()
	c, err := qrproto.NewCarrier(own, peer)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loaded is an identity that carries so many records of some bytes.
func loaded(random *rand.Rand, n int) *qrproto.Identity {
	i := identity()
	for range n {
		record := make([]byte, 1+random.IntN(200)) // four of 256 are too large for a code
		for k := range record {
			record[k] = byte(random.Uint32())
		}
		i.Records = append(i.Records, record)
	}
	return i
}

func apply(t testing.TB, c *qrproto.Carrier, i *qrproto.Identity) [][]byte {
	t.Helper()
	out, err := c.Apply(i)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCarriedRecordsComeBackAtTheServer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 38))
	for round := range 200 {
		device, server := agreementKey(t, byte(1+random.IntN(100))), agreementKey(t, byte(101+random.IntN(100)))
		i := loaded(random, 1+round%4)
		plain := slices.Clone(i.Records)
		i.Records = apply(t, newCarrier(t, device, server.PublicKey()), i)
		for n, record := range i.Records {
			if len(record) != len(plain[n]) || len(record) > 8 && bytes.Equal(record, plain[n]) {
				t.Fatalf("record %d: %d bytes of %d, or in the clear", n, len(record), len(plain[n]))
			}
		}
		opened, err := qrproto.As[*qrproto.Identity](qrproto.Open(seal(t, i).Text(), trusted()))
		if err != nil {
			t.Fatal(err)
		}
		if got := apply(t, newCarrier(t, server, device.PublicKey()), opened); !slices.EqualFunc(got, plain, bytes.Equal) {
			t.Fatalf("round %d: %x instead of %x", round, got, plain)
		}
	}
}

func TestApplyIsPureAndItsOwnInverse(t *testing.T) {
	c := newCarrier(t, agreementKey(t, 1), agreementKey(t, 2).PublicKey())
	i := loaded(rand.New(rand.NewPCG(2, 38)), 4)
	before := make([][]byte, len(i.Records))
	for n := range before {
		before[n] = bytes.Clone(i.Records[n])
	}
	first, second := apply(t, c, i), apply(t, c, i)
	if !slices.EqualFunc(first, second, bytes.Equal) || !slices.EqualFunc(i.Records, before, bytes.Equal) {
		t.Fatal("two calls differ, or the identity was changed")
	}
	// Fewer records are the first of more: a device drops the last that does
	// not fit and encrypts nothing else at their places.
	i.Records = i.Records[:2]
	if got := apply(t, c, i); !slices.EqualFunc(got, first[:2], bytes.Equal) {
		t.Error("fewer records are encrypted otherwise")
	}
	i.Records = first
	if got := apply(t, c, i); !slices.EqualFunc(got, before, bytes.Equal) {
		t.Error("twice is not nothing")
	}
}

// keystreams are those of the four places of an identity.
func keystreams(t testing.TB, c *qrproto.Carrier, edit func(*qrproto.Identity)) [][]byte {
	t.Helper()
	i := identity()
	edit(i)
	i.Records = slices.Repeat([][]byte{make([]byte, 64)}, 4)
	return apply(t, c, i)
}

func TestEveryOtherIdentityHasOtherKeystreams(t *testing.T) {
	same := func(*qrproto.Identity) {}
	c := newCarrier(t, agreementKey(t, 1), agreementKey(t, 2).PublicKey())
	seen := map[string]string{}
	note := func(name string, streams [][]byte) {
		for n, s := range streams {
			if other, ok := seen[string(s)]; ok {
				t.Errorf("%s, record %d: the keystream of %s", name, n, other)
			}
			seen[string(s)] = name
		}
	}
	note("the usual one", keystreams(t, c, same))
	note("another device's key", keystreams(t, newCarrier(t, agreementKey(t, 3), agreementKey(t, 2).PublicKey()), same))
	note("another server's key", keystreams(t, newCarrier(t, agreementKey(t, 1), agreementKey(t, 4).PublicKey()), same))
	for name, edit := range map[string]func(*qrproto.Identity){
		"boot":    func(i *qrproto.Identity) { i.Boot++ },
		"counter": func(i *qrproto.Identity) { i.Challenge.Counter++ },
		"nonce":   func(i *qrproto.Identity) { i.Challenge.Nonce[7] ^= 1 },
		"seq":     func(i *qrproto.Identity) { i.Head.Seq++ },
		"head":    func(i *qrproto.Identity) { i.Head.Sum[0] ^= 1 },
		"number":  func(i *qrproto.Identity) { i.Number = append([]byte{0}, number[1:]...) },
		// The number is the only part without a length of its own.
		"shorter number": func(i *qrproto.Identity) { i.Number = number[:6] },
	} {
		note(name, keystreams(t, c, edit))
	}
}

// TestKeystreamHoldsByItsOwnText computes one from SPEC.md, section 10.1, with
// HKDF written out.
func TestKeystreamHoldsByItsOwnText(t *testing.T) {
	device, server := agreementKey(t, 1), agreementKey(t, 2)
	shared, err := server.ECDH(device.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		h.Write(slices.Concat(parts...))
		return h.Sum(nil)
	}
	got := keystreams(t, newCarrier(t, device, server.PublicKey()), func(*qrproto.Identity) {})
	for n := range got {
		info, err := hex.DecodeString("07" + "32010600213533" + "000004b3" + "00001267" + "0102030405060708" + "00004f79" + "0909090909090909")
		if err != nil {
			t.Fatal(err)
		}
		key := mac(mac([]byte("qrcharge/1/carried"), shared), info, []byte{byte(n), 1})
		cipher, err := chacha20.NewUnauthenticatedCipher(key, make([]byte, 12))
		if err != nil {
			t.Fatal(err)
		}
		want := make([]byte, 64)
		cipher.XORKeyStream(want, want)
		if !bytes.Equal(got[n], want) {
			t.Errorf("place %d: %x, want %x", n, got[n], want)
		}
	}
}

// zeroPoints are encodings with which every scalar comes to zero: the points of
// small order of RFC 7748's curve and its twist, reduced and not.
func zeroPoints() []string {
	return []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	}
}

func TestAgreementKeysThatAreRefused(t *testing.T) {
	own := agreementKey(t, 1)
	p256, err := ecdh.P256().NewPrivateKey(slices.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	peers := map[string]*ecdh.PublicKey{"nothing": nil, "empty": {}, "a point of P-256": p256.PublicKey()}
	for _, text := range zeroPoints() {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if peers[text], err = ecdh.X25519().NewPublicKey(b); err != nil {
			t.Fatal(err)
		}
	}
	for name, peer := range peers {
		if _, err := qrproto.NewCarrier(own, peer); !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("peer %s: %v", name, err)
		}
		k := trusted()[0]
		if k.Agreement = peer; peer != nil && !errors.Is(k.Validate(), qrproto.ErrBadKey) {
			t.Errorf("enrolled %s: %v", name, k.Validate())
		}
	}
	for name, private := range map[string]*ecdh.PrivateKey{"nothing": nil, "empty": {}, "P-256": p256} {
		if _, err := qrproto.NewCarrier(private, own.PublicKey()); !errors.Is(err, qrproto.ErrBadKey) {
			t.Errorf("own %s: %v", name, err)
		}
	}
	for n, want := range []error{nil, qrproto.ErrBadKey} { // a device's, an issuer's
		k := trusted()[n]
		if k.Agreement = own.PublicKey(); !errors.Is(k.Validate(), want) {
			t.Errorf("key %v: %v", k.ID, k.Validate())
		}
	}
}

// A key is enrolled in its one encoding alone: below the prime, without the bit
// that RFC 7748 lets a reader ignore.
func TestOnlyReducedAgreementKeysAreEnrolled(t *testing.T) {
	own := agreementKey(t, 1)
	for text, want := range map[string]error{
		"09" + strings.Repeat("00", 31):        nil,
		strings.Repeat("ff", 31) + "00":        nil, // all of it but the last byte as above the prime
		strings.Repeat("ff", 31) + "7e":        nil,
		"09" + strings.Repeat("00", 30) + "80": qrproto.ErrBadKey, // the bit
		"ef" + strings.Repeat("ff", 30) + "7f": qrproto.ErrBadKey, // 2 above the prime
		strings.Repeat("ff", 31) + "7f":        qrproto.ErrBadKey,
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		public, err := ecdh.X25519().NewPublicKey(b)
		if err != nil {
			t.Fatal(err)
		}
		_, err = qrproto.NewCarrier(own, public)
		if enrolled := qrproto.ValidateAgreement(public); !errors.Is(enrolled, want) || !errors.Is(err, want) {
			t.Errorf("%s: %v to enroll, %v to agree with", text, enrolled, err)
		}
	}
}

func TestIdentitiesThatCannotCarry(t *testing.T) {
	c := newCarrier(t, agreementKey(t, 1), agreementKey(t, 2).PublicKey())
	for name, edit := range map[string]func(*qrproto.Identity){
		"no number":        func(i *qrproto.Identity) { i.Number = nil },
		"no head":          func(i *qrproto.Identity) { i.Head = nil },
		"an empty record":  func(i *qrproto.Identity) { i.Records = [][]byte{{}} },
		"a record too big": func(i *qrproto.Identity) { i.Records = [][]byte{make([]byte, 257)} },
		"five records":     func(i *qrproto.Identity) { i.Records = slices.Repeat([][]byte{{1}}, 5) },
	} {
		i := loaded(rand.New(rand.NewPCG(3, 38)), 1)
		edit(i)
		if out, err := c.Apply(i); !errors.Is(err, qrproto.ErrField) || out != nil {
			t.Errorf("%s: %x, %v", name, out, err)
		}
	}
	if out, err := c.Apply(identity()); err != nil || len(out) != 0 {
		t.Errorf("no record: %x, %v", out, err)
	}
	var none *qrproto.Carrier
	if _, err := none.Apply(identity()); !errors.Is(err, qrproto.ErrBadKey) {
		t.Errorf("no carrier: %v", err)
	}
	if _, err := c.Apply(nil); !errors.Is(err, qrproto.ErrBadKey) {
		t.Errorf("no identity: %v", err)
	}
}

// TestNoiseIsNoRecord: under any key but the right one no record comes out.
func TestNoiseIsNoRecord(t *testing.T) {
	record, err := qrproto.EncodeRecord(settlement())
	if err != nil {
		t.Fatal(err)
	}
	device, server := agreementKey(t, 1), agreementKey(t, 2)
	i := identity()
	i.Records = [][]byte{record}
	i.Records = apply(t, newCarrier(t, device, server.PublicKey()), i)
	for seed := range 250 {
		noise := apply(t, newCarrier(t, agreementKey(t, byte(3+seed)), device.PublicKey()), i)
		if s, err := qrproto.DecodeRecord(number, noise[0]); err == nil {
			t.Errorf("key %d: %+v", seed, s)
		}
	}
	if _, err := qrproto.DecodeRecord(number, i.Records[0]); err == nil {
		t.Error("the encrypted record is a record")
	}
}
