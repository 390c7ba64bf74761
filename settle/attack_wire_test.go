// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
)

// bstr is a byte string of CBOR, up to 65535 bytes.
func bstr(b []byte) []byte {
	switch n := len(b); {
	case n < 24:
		return append([]byte{0x40 | byte(n)}, b...)
	case n < 256:
		return append([]byte{0x58, byte(n)}, b...)
	default:
		return append([]byte{0x59, byte(n >> 8), byte(n)}, b...)
	}
}

// raw is a code with whatever payload and algorithm an attacker likes, who has a
// key. It shares no code with the library. The algorithm is its one byte of CBOR.
func raw(kind string, algorithm byte, kid qrproto.KeyID, payload []byte, sign func(message []byte) []byte) string {
	protected := append([]byte{0xa2, 0x01, algorithm, 0x04}, bstr([]byte(kid))...)
	message := slices.Concat([]byte{0x84, 0x6a}, []byte("Signature1"), bstr(protected), bstr([]byte("qrcharge/1/"+kind)), bstr(payload))
	envelope := slices.Concat([]byte{0xd2, 0x84}, bstr(protected), []byte{0xa0}, bstr(payload), bstr(sign(message)))
	return "Q" + kind + "1/" + digits(envelope)
}

// digits writes 7 bytes as 17 digits, and a rest as section 4 of the wire has it.
func digits(b []byte) string {
	var out strings.Builder
	for group := range slices.Chunk(b, 7) {
		number := binary.LittleEndian.Uint64(append(bytes.Clone(group), make([]byte, 8-len(group))...))
		fmt.Fprintf(&out, "%0*d", [...]int{0, 3, 5, 8, 10, 13, 15, 17}[len(group)], number)
	}
	return out.String()
}

const alg19 = 0x32 // -19, Ed25519

func with(s qrproto.Signer) func([]byte) []byte {
	return func(message []byte) []byte { return ed25519.Sign(s.Key.(ed25519.PrivateKey), message) }
}

// payloadOf is what a code says, whose kid has 4 bytes and whose payload 256 at
// most.
func payloadOf(code qrproto.Code) []byte {
	const head = 2 + 1 + 9 + 1 // tag and array, protected, unprotected
	b := code.Bytes()
	b = b[head : len(b)-66]
	if b[0] == 0x58 {
		return b[2:]
	}
	return b[1:]
}

// TestAttack18ParserBomb: under a good signature, as a stolen key would make it.
// Each is refused for what it is, within 8 bytes of memory for each one read, and
// 4 KiB.
func TestAttack18ParserBomb(t *testing.T) {
	s := newStreet(t).install(7)
	signed := func(payload ...[]byte) string {
		return raw("O", alg19, "iss1", slices.Concat(payload...), with(s.issuer))
	}
	o := s.buy("anna", 1)
	sound := payloadOf(o.Code)
	deep := slices.Repeat([]byte{0x81}, 900)
	nested := *o.Start
	nested.Tariff = append(bytes.Clone(deep[:500]), 0)
	for _, c := range []struct {
		name, text string
		want       qrproto.ErrorCode
	}{
		{"a text of 10 MB", "QO1/" + strings.Repeat("0", 10<<20), qrproto.ErrTooLarge},
		{"an envelope of 1025 bytes", "QO1/" + digits(make([]byte, 1025)), qrproto.ErrTooLarge},
		{"900 arrays in each other", signed([]byte{0xa1, 0x00}, deep, []byte{0x00}), qrproto.ErrField},
		{"900 tags", signed(slices.Repeat([]byte{0xc0}, 900), []byte{0x00}), qrproto.ErrMalformed},
		{"a map of 4 billion", signed([]byte{0xba, 0xff, 0xff, 0xff, 0xff, 0x00}), qrproto.ErrMalformed},
		{"a string of 2^63 bytes", signed([]byte{0xa1, 0x01, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}), qrproto.ErrMalformed},
		{"an array of 2^32 offsets", signed([]byte{0xa1, 0x0a, 0x9a, 0xff, 0xff, 0xff, 0xff, 0x00}), qrproto.ErrField},
		{"without an end", signed(slices.Repeat([]byte{0xbf}, 900)), qrproto.ErrMalformed},
		{"another encoding", signed([]byte{0xb8, sound[0] & 0x1f}, sound[1:]), qrproto.ErrNotCanonical},
		{"500 arrays as a tariff", s.seal(&nested, s.issuer), qrproto.ErrTariff},
		{"one part of a code", "QP1/" + digits(make([]byte, 200)), qrproto.ErrKind},
	} {
		s.refused(c.name, c.text, c.want)
		if got, most := allocated(func() { _ = s.scan(c.text) }), uint64(8*min(len(c.text), 1024)+4<<10); got > most {
			t.Errorf("%s: %d bytes of memory, at most %d", c.name, got, most)
		}
	}
	s.accepted("the same bytes, signed by hand", signed(sound))
}

// allocated is the least that a call takes from the heap, of some.
func allocated(call func()) uint64 {
	least := uint64(1 << 63)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		call()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// TestAttack20AlgorithmDowngraded: a header that names another algorithm than the
// key's, with the signature that it asks for, at either side.
func TestAttack20AlgorithmDowngraded(t *testing.T) {
	s := newStreet(t).install(7)
	payload := payloadOf(s.buy("anna", 1).Code)
	public := []byte(s.issuer.Key.Public().(ed25519.PublicKey))
	mac := func(message []byte) []byte { // the public key as a shared secret
		h := hmac.New(sha256.New, public)
		h.Write(message)
		return append(h.Sum(nil), make([]byte, 32)...)
	}
	identity := read[*qrproto.Identity](s.street, s.identity(1))
	code, err := qrproto.Seal(identity, s.device.Key)
	if err != nil {
		t.Fatal(err)
	}
	shown := payloadOf(code) // both kids have 4 bytes
	for _, c := range []struct {
		name      string
		algorithm byte
		sign      func(qrproto.Signer) func([]byte) []byte
		want      qrproto.ErrorCode
	}{
		{"ESP256", 0x28, with, qrproto.ErrAlgorithm},
		{"EdDSA, which leaves the curve open", 0x27, with, qrproto.ErrAlgorithm},
		{"ES256", 0x26, with, qrproto.ErrAlgorithm},
		{"HMAC under the public key", 0x05, func(qrproto.Signer) func([]byte) []byte { return mac }, qrproto.ErrEnvelope},
		{"HMAC, called Ed25519", alg19, func(qrproto.Signer) func([]byte) []byte { return mac }, qrproto.ErrSignature},
		{"no signature", alg19, func(qrproto.Signer) func([]byte) []byte {
			return func([]byte) []byte { return make([]byte, 64) }
		}, qrproto.ErrSignature},
	} {
		s.refused(c.name, raw("O", c.algorithm, "iss1", payload, c.sign(s.issuer)), c.want)
		_, err := s.order("bert", raw("I", c.algorithm, s.device.Key.ID, shown, c.sign(s.device.Key)))
		s.wants(c.name+", an identity", err, c.want)
	}
	if _, err := s.order("bert", raw("I", alg19, s.device.Key.ID, shown, with(s.device.Key))); err != nil {
		t.Error("an identity, signed by hand:", err)
	}
	s.accepted("an order, signed by hand", raw("O", alg19, "iss1", payload, with(s.issuer)))
}

// TestAttack29OneKindPassedOffAsAnother: a code of one kind under the letter of
// another, and keys that sign what they are not trusted for.
func TestAttack29OneKindPassedOffAsAnother(t *testing.T) {
	street := newStreet(t)
	s := street.install(7)
	order := s.buy("anna", 1).Code.Text()
	as := func(text, kind string) string { return "Q" + kind + text[2:] }
	s.refused("an order as a receipt", as(order, "R"), qrproto.ErrSignature)
	for _, kind := range []string{"I", "S", "X", "T"} {
		s.refused("an order as "+kind, as(order, kind), qrproto.ErrKeyUsage)
	}
	s.refused("an order as a voucher", as(order, "V"), charger.ErrVoucher)
	identity := s.identity(1)
	s.refused("an identity", identity, qrproto.ErrUnknownKey)
	s.accepted("an order", order)
	s.charge(1, 10*time.Minute)
	settlement := s.unplug(1)
	_, err := s.server.Settle(ctx, as(identity, "S"))
	s.wants("an identity as a settlement", err, qrproto.ErrSignature)
	_, err = s.server.Settle(ctx, identity)
	s.wants("an identity", err, qrproto.ErrKind)
	_, err = s.server.Quote(ctx, "anna", as(settlement, "I"))
	s.wants("a settlement as an identity", err, qrproto.ErrSignature)
	_, err = s.server.Settle(ctx, as(order, "S"))
	s.wants("an order as a settlement", err, qrproto.ErrUnknownKey)
	if _, err := s.pay(settlement); err != nil {
		t.Error("a settlement:", err)
	}

	receipts := street.install(8, func(s *station) { s.device.Keys[0].Kinds = []qrproto.Kind{qrproto.KindReceipt} })
	receipts.refused("a key for receipts signs an order", receipts.buy("bert", 1).Code.Text(), qrproto.ErrKeyUsage)
	street.book.keys[0].Kinds = []qrproto.Kind{qrproto.KindIdentity}
	_, err = s.server.Settle(ctx, settlement)
	s.wants("a key for identities signs a settlement", err, qrproto.ErrKeyUsage)
}

// faulty is a signer in which bits flip.
type faulty struct {
	crypto.Signer
	at int // bit of the signature, -1 for none
}

func (f *faulty) Sign(r io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	b, err := f.Signer.Sign(r, message, o)
	if err == nil && f.at >= 0 {
		b[f.at/8] ^= 1 << (f.at % 8)
	}
	return b, err
}

// TestAttack40SignatureFault: two signatures over one message, one of them wrong,
// give a key away. A wrong one leaves neither charger nor server.
func TestAttack40SignatureFault(t *testing.T) {
	device, issuer := &faulty{signer("device").Key, -1}, &faulty{signer("iss1").Key, -1}
	street := newStreet(t)
	street.server.Issuer.Key = issuer
	s := street.install(7, func(s *station) { s.device.Key.Key = device })
	for _, bit := range []int{0, 255, 256, 511} {
		issuer.at, device.at = bit, -1
		s.pass(time.Minute)
		identity := s.identity(1)
		o, err := s.order("anna", identity)
		s.wants("an order", err, qrproto.ErrSigner)
		placed, err := s.store.Find(ctx, server.Query{Account: "anna", States: []server.State{server.StatePlacing}})
		if err != nil || o != nil || len(placed) != 1 || placed[0].Code.Kind() != 0 {
			t.Errorf("bit %d: %+v, %+v, %v", bit, o, placed, err)
		}
		s.pass(time.Minute)
		device.at = bit
		if d := s.charger.Do(1); d.Screen != charger.ScreenFault || d.Text != "" {
			t.Errorf("bit %d: an identity: %+v", bit, d)
		}
	}
	issuer.at, device.at = -1, -1
	s.accepted("without faults", s.buy("anna", 1).Code.Text())
	s.charge(1, 10*time.Minute)
	if err := s.meter(1, false); err != nil {
		t.Fatal(err)
	}
	device.at = 100
	if d := s.charger.Do(1); d.Screen != charger.ScreenFault || d.Text != "" {
		t.Errorf("a settlement: %+v", d)
	}
	device.at, issuer.at = -1, 100
	o, err := s.pay(s.charger.Do(1).Text)
	if err != nil {
		t.Fatal("once it is gone:", err)
	}
	code, err := s.server.Receipt(ctx, o.ID)
	if s.wants("a receipt", err, qrproto.ErrSigner); code.Kind() != 0 {
		t.Errorf("a receipt is given out: %v", code.Text())
	}
}

// TestAttack19PersonalDataOnAPublicScreen: no code depends on whose it is. Two
// people who buy the same get the same bytes, but for what is drawn at random.
func TestAttack19PersonalDataOnAPublicScreen(t *testing.T) {
	codes := func(account string, seed byte) (all []string) {
		s := newStreet(t).install(7)
		s.server.Rand = rand.NewChaCha8([32]byte{seed})
		o, settlement := s.sell(account, 1)
		paid, err := s.pay(settlement)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := s.server.Receipt(ctx, paid.ID)
		if err != nil {
			t.Fatal(err)
		}
		s.pass(3 * time.Minute)
		return []string{o.Code.Text(), settlement, receipt.Text(), s.identity(1)}
	}
	anna, mallory, another := codes("+86 138 0013 8000", 1), codes("mallory", 1), codes("mallory", 2)
	for i, name := range []string{"order", "settlement", "receipt", "identity"} {
		if anna[i] != mallory[i] {
			t.Errorf("the %s tells whose it is", name)
		}
		if mallory[i] == another[i] {
			t.Errorf("the %s of two orders is the same, so this test shows nothing", name)
		}
	}
}
