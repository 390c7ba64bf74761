// SPDX-License-Identifier: Apache-2.0

package crosscheck

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	gocose "github.com/veraison/go-cose"

	"github.com/seed81979277/qrcharge/qrproto"
)

// oneKey trusts one key for everything, under any id.
type oneKey struct{ public ed25519.PublicKey }

func (k oneKey) Key(id qrproto.KeyID) (*qrproto.Key, error) {
	return &qrproto.Key{ID: id, Public: k.public, Number: []byte(numberIn(id)), Kinds: []qrproto.Kind{
		qrproto.KindIdentity, qrproto.KindStartOrder, qrproto.KindSettlement, qrproto.KindReceipt,
		qrproto.KindStopOrder, qrproto.KindTrust, qrproto.KindVoucher}}, nil
}

// numberIn is the number of the device whose key has that id.
func numberIn(id qrproto.KeyID) qrproto.KeyID { return id[:max(len(id)-1, 0)] }

// pair is a key as each of the two uses it, under the number -19.
type pair struct {
	signer   otherNumber
	verifier otherVerifier
	keys     oneKey
}

// otherVerifier is a verifier under a number that go-cose has none for.
type otherVerifier struct {
	gocose.Verifier
	alg gocose.Algorithm
}

func (o otherVerifier) Algorithm() gocose.Algorithm { return o.alg }

func newPair(t testing.TB) pair {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	signer, err := gocose.NewSigner(gocose.AlgorithmEdDSA, private)
	verifier, err2 := gocose.NewVerifier(gocose.AlgorithmEdDSA, private.Public())
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return pair{otherNumber{signer, -19}, otherVerifier{verifier, -19}, oneKey{private.Public().(ed25519.PublicKey)}}
}

// repair puts a signature by the pair's key in the place of the one that go-cose
// has read, if it stands at the end and go-cose would sign such a message.
func (p *pair) repair(m *gocose.Sign1Message, kind string, envelope []byte) {
	was := m.Signature
	m.Signature = nil
	if m.Sign(rand.Reader, []byte("qrcharge/1/"+kind), p.signer) != nil || len(was) != len(m.Signature) || !bytes.HasSuffix(envelope, was) {
		m.Signature = was
		return
	}
	copy(envelope[len(envelope)-len(was):], m.Signature)
}

// relabelled is the envelope of a vector under the number -19, whatever signed it.
func (v *vector) relabelled() []byte {
	envelope := bytes.Clone(v.Envelope)
	envelope[algInEnvelope] = 0x20 | 18
	return envelope
}

func TestRepairedVectorsAreTakenByBoth(t *testing.T) {
	p := newPair(t)
	for name, v := range vectors(t) {
		envelope := v.relabelled()
		if o := p.hold(t, v.Kind, envelope); o == nil || bytes.Equal(envelope, v.relabelled()) {
			t.Errorf("%s: not taken, or not repaired", name)
		}
	}
}

// FuzzEnvelope holds the strict reader against go-cose's lenient one: what the
// library takes, go-cose takes too, with the same payload, and verifies. Where
// the library takes the form, the two agree on the signature.
func FuzzEnvelope(f *testing.F) {
	const kinds = "IOSRXTV"
	for _, v := range vectors(f) {
		f.Add(uint8(strings.Index(kinds, v.Kind)), v.relabelled())
	}
	p := newPair(f)
	f.Fuzz(func(t *testing.T, kind uint8, envelope []byte) {
		p.hold(t, string(kinds[int(kind)%len(kinds)]), bytes.Clone(envelope))
	})
}

// hold repairs the signature of an envelope and lets both read it. It returns
// what the library opened.
func (p *pair) hold(t *testing.T, kind string, envelope []byte) *qrproto.Opened {
	var m gocose.Sign1Message
	lenient := m.UnmarshalCBOR(envelope)
	if lenient == nil {
		p.repair(&m, kind, envelope)
	}
	code, err := qrproto.ParseCode(text(t, kind, envelope))
	if err != nil {
		return nil
	}
	if kid, _ := m.Headers.Protected[gocose.HeaderLabelKeyID].([]byte); lenient != nil || len(kid) == 0 {
		t.Fatalf("%x is read by the library alone: %v", envelope, lenient)
	}
	return p.agree(t, code, &m)
}

// agree holds what the library says of a message against what go-cose says.
func (p *pair) agree(t *testing.T, code qrproto.Code, m *gocose.Sign1Message) *qrproto.Opened {
	theirs := m.Verify([]byte("qrcharge/1/"+code.Kind().String()), p.verifier)
	o, ours := qrproto.Open(code.Text(), p.keys)
	switch {
	case errors.Is(ours, qrproto.ErrSignature) && theirs == nil, ours == nil && theirs != nil:
		t.Fatalf("%x: the library says %v, go-cose %v", code.Bytes(), ours, theirs)
	case ours != nil:
		return nil
	}
	number := []byte{}
	if k := code.Kind(); k == qrproto.KindIdentity || k == qrproto.KindSettlement {
		number = []byte(numberIn(o.Key.ID))
	}
	b, err := cbor.Marshal([]any{"qrcharge/1/" + code.Kind().String(), number, m.Payload})
	if err != nil || o.Sum != sha256.Sum256(b) {
		t.Fatalf("%x: not the payload %x (%v)", code.Bytes(), m.Payload, err)
	}
	return o
}
