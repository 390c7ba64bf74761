// SPDX-License-Identifier: Apache-2.0

package crosscheck

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"slices"
	"testing"

	gocose "github.com/veraison/go-cose"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/testdata"
)

type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

type vector struct {
	Kind   string `json:"kind"`
	Signer struct {
		ID     octets `json:"kid"`
		Alg    int    `json:"alg"`
		Seed   octets `json:"seed"`
		Number octets `json:"number"`
		Kinds  string `json:"kinds"`
	} `json:"signer"`
	Payload  octets `json:"payload_cbor"`
	Message  octets `json:"to_be_signed"`
	Envelope octets `json:"envelope"`
	Text     string `json:"text"`
}

// vectors are the golden codes, which are what Seal writes: the library's own
// tests hold that.
func vectors(t testing.TB) map[string]vector {
	t.Helper()
	names, err := fs.Glob(testdata.V1, "v1/positive/*.json")
	if err != nil || len(names) < 50 {
		t.Fatal(len(names), err)
	}
	out := map[string]vector{}
	for _, name := range names {
		body, err := fs.ReadFile(testdata.V1, name)
		var v vector
		if err := errors.Join(err, json.Unmarshal(body, &v)); err != nil {
			t.Fatal(name, err)
		}
		out[name] = v
	}
	return out
}

func (v *vector) key(t *testing.T) crypto.Signer {
	t.Helper()
	if v.Signer.Alg == -19 {
		return ed25519.NewKeyFromSeed(v.Signer.Seed)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), v.Signer.Seed)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// go-cose does not know the fully specified algorithms of RFC 9864, -19 and -9.
// It knows -8 (EdDSA) and -7 (ES256), which are the same signatures under a
// number that leaves the curve to the key. The number stands in the protected
// header, which is signed: so each vector is given the older number and signed
// again with its own key, and nothing else of it changes.
var older = map[int]gocose.Algorithm{-19: gocose.AlgorithmEdDSA, -9: gocose.AlgorithmES256}

// Where the algorithm stands: behind tag, array, byte string, map and label, and
// in the Sig_structure behind array, "Signature1", byte string, map and label.
const (
	algInEnvelope = 5
	algInMessage  = 15
)

// relabel returns the envelope under the older number.
func (v *vector) relabel(t *testing.T) []byte {
	t.Helper()
	alg := older[v.Signer.Alg]
	envelope, message := bytes.Clone(v.Envelope), bytes.Clone(v.Message)
	was := byte(0x20 | (-1 - v.Signer.Alg))
	if envelope[algInEnvelope] != was || message[algInMessage] != was {
		t.Fatalf("no algorithm %d in %x and %x", v.Signer.Alg, envelope, message)
	}
	envelope[algInEnvelope] = byte(0x20 | (-1 - int(alg)))
	message[algInMessage] = envelope[algInEnvelope]
	signer, err := gocose.NewSigner(alg, v.key(t))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(rand.Reader, message)
	if err != nil {
		t.Fatal(err)
	}
	return append(envelope[:len(envelope)-len(signature)], signature...)
}

func TestGoCOSEReadsWhatIsWritten(t *testing.T) {
	kinds := map[string]int{}
	for name, v := range vectors(t) {
		whole := v.relabel(t)
		var m gocose.Sign1Message
		if err := m.UnmarshalCBOR(whole); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		verifier, err := gocose.NewVerifier(older[v.Signer.Alg], v.key(t).Public())
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Verify([]byte("qrcharge/1/"+v.Kind), verifier); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := m.Verify([]byte("qrcharge/1/Z"), verifier); err == nil {
			t.Errorf("%s: verifies as another kind", name)
		}
		kid, _ := m.Headers.Protected[gocose.HeaderLabelKeyID].([]byte)
		if !bytes.Equal(m.Payload, v.Payload) || !bytes.Equal(kid, v.Signer.ID) || len(m.Headers.Unprotected) > 0 {
			t.Errorf("%s: read %+v", name, m)
		}
		if again, err := m.MarshalCBOR(); err != nil || !bytes.Equal(again, whole) {
			t.Errorf("%s: go-cose writes %x, the library %x (%v)", name, again, whole, err)
		}
		kinds[v.Kind+older[v.Signer.Alg].String()]++
	}
	if len(kinds) != 14 {
		t.Errorf("tried: %v", kinds)
	}
}

// goCOSE writes the payload of a vector by go-cose alone, under a number.
func (v *vector) goCOSE(t *testing.T, alg gocose.Algorithm) []byte {
	t.Helper()
	signer, err := gocose.NewSigner(older[v.Signer.Alg], v.key(t))
	if err != nil {
		t.Fatal(err)
	}
	m := gocose.NewSign1Message()
	m.Payload = v.Payload
	m.Headers.Protected.SetAlgorithm(alg)
	m.Headers.Protected[gocose.HeaderLabelKeyID] = []byte(v.Signer.ID)
	err = m.Sign(rand.Reader, []byte("qrcharge/1/"+v.Kind), otherNumber{signer, alg})
	whole, err2 := m.MarshalCBOR()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return whole
}

// otherNumber is a signer under a number that go-cose has no signer for.
type otherNumber struct {
	gocose.Signer
	alg gocose.Algorithm
}

func (o otherNumber) Algorithm() gocose.Algorithm { return o.alg }

func TestTheLibraryReadsWhatGoCOSEWrites(t *testing.T) {
	for name, v := range vectors(t) {
		whole := v.goCOSE(t, gocose.Algorithm(v.Signer.Alg))
		if v.Signer.Alg == -19 && !bytes.Equal(whole, v.Envelope) {
			t.Errorf("%s: go-cose writes %x, the library %x", name, whole, v.Envelope)
		}
		key := qrproto.Key{ID: qrproto.KeyID(v.Signer.ID), Number: v.Signer.Number, Public: v.key(t).Public(), Kinds: []qrproto.Kind{qrproto.Kind(v.Kind[0])}}
		o, err := qrproto.Open(text(t, v.Kind, whole), qrproto.KeyList{key})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want, err := qrproto.Open(v.Text, qrproto.KeyList{key}); err != nil || want.Sum != o.Sum {
			t.Errorf("%s: sum %v, want %+v (%v)", name, o.Sum, want, err)
		}
		older := text(t, v.Kind, v.goCOSE(t, older[v.Signer.Alg]))
		if _, err := qrproto.Open(older, qrproto.KeyList{key}); !errors.Is(err, qrproto.ErrAlgorithm) {
			t.Errorf("%s under the older number: %v", name, err)
		}
	}
}

// text is an envelope as the text of a code (SPEC.md, section 4).
func text(t *testing.T, kind string, envelope []byte) string {
	t.Helper()
	widths := [...]int{0, 3, 5, 8, 10, 13, 15, 17}
	out := []byte("Q" + kind + "1/")
	for part := range slices.Chunk(envelope, 7) {
		var n uint64
		for i, b := range part {
			n |= uint64(b) << (8 * i)
		}
		digits := make([]byte, widths[len(part)])
		for i := range digits {
			digits[len(digits)-1-i] = '0' + byte(n%10)
			n /= 10
		}
		out = append(out, digits...)
	}
	return string(out)
}
