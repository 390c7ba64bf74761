// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto/internal/cose"
)

// The vectors of others are not part of this repository: QRCHARGE_VECTORS names
// the folder that has them. The verdicts are those of the path that Open takes:
// the key is checked as when it is loaded, then the algorithm of the key
// verifies.

// outside reads a file of others' vectors.
func outside(t *testing.T, v any, path ...string) {
	t.Helper()
	root := os.Getenv("QRCHARGE_VECTORS")
	body, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
	switch {
	case err != nil && os.Getenv("QRCHARGE_REQUIRE_TOOLS") == "1":
		t.Fatalf("QRCHARGE_VECTORS is %q: %v", root, err)
	case err != nil:
		t.Skipf("QRCHARGE_VECTORS names no folder with these vectors: %v", err)
	}
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatal(err)
	}
}

// hexText is bytes that stand in JSON as hex.
type hexText []byte

func (h *hexText) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

type wycheproof struct {
	NumberOfTests int `json:"numberOfTests"`
	TestGroups    []struct {
		PublicKey struct {
			Ed25519      hexText `json:"pk"`
			Uncompressed hexText `json:"uncompressed"`
		} `json:"publicKey"`
		Tests []struct {
			ID      int     `json:"tcId"`
			Comment string  `json:"comment"`
			Message hexText `json:"msg"`
			Sig     hexText `json:"sig"`
			Result  string  `json:"result"`
		} `json:"tests"`
	} `json:"testGroups"`
}

// accepts is the verdict: a key that may be loaded, and a signature that holds.
// The length of a signature is what the envelope demands.
func accepts(public crypto.PublicKey, message, signature []byte) bool {
	alg, err := algorithmOf(public)
	return err == nil && len(signature) == cose.SignatureSize && alg.verify(message, signature)
}

func TestWycheproofVerdicts(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		tests      int
		id         int8
	}{
		{"Ed25519", "ed25519_test.json", 151, -19},
		{"P-256", "ecdsa_secp256r1_sha256_p1363_test.json", 262, -9},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var v wycheproof
			outside(t, &v, "wycheproof", tc.file)
			agreed, taken := 0, 0
			for _, group := range v.TestGroups {
				public := crypto.PublicKey(ed25519.PublicKey(group.PublicKey.Ed25519))
				if p := group.PublicKey.Uncompressed; p != nil {
					public = uncompressed(p)
				}
				if alg, err := algorithmOf(public); err != nil || alg.id() != tc.id {
					t.Errorf("the key %x is for another algorithm: %v", public, err)
				}
				for _, test := range group.Tests {
					got := accepts(public, test.Message, test.Sig)
					if got != (test.Result == "valid") {
						t.Errorf("test %d, %s: accepted %v, the verdict is %s", test.ID, test.Comment, got, test.Result)
						continue
					}
					agreed++
					if got {
						taken++
					}
				}
			}
			t.Logf("%d of %d verdicts, %d of them valid", agreed, v.NumberOfTests, taken)
			if agreed != tc.tests || v.NumberOfTests != tc.tests || taken == 0 || taken == tc.tests {
				t.Errorf("%d of %d verdicts, want %d", agreed, v.NumberOfTests, tc.tests)
			}
		})
	}
}

// uncompressed cuts a point of SEC 1 into its coordinates and checks nothing.
func uncompressed(p []byte) *ecdsa.PublicKey {
	n := (len(p) - 1) / 2
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(p[1 : 1+n]), Y: new(big.Int).SetBytes(p[1+n:])}
}

// coseExample is a test of the COSE working group.
type coseExample struct {
	Input struct {
		Sign0 struct {
			Key struct {
				Type  string  `json:"kty"`
				Curve string  `json:"crv"`
				X     string  `json:"x"`
				Y     string  `json:"y"`
				XHex  hexText `json:"x_hex"`
			} `json:"key"`
			External hexText `json:"external"`
		} `json:"sign0"`
	} `json:"input"`
	Output struct {
		CBOR hexText `json:"cbor"`
	} `json:"output"`
}

// What of the one shape a message breaks.
const (
	noTag         = "a tag other than 18, or none"
	noAlgorithm   = "the protected header has no algorithm of a one-byte number"
	noKeyID       = "the protected header has no key id"
	moreProtected = "the protected header holds more than algorithm and key id"
	unprotected   = "the unprotected header is not empty"
	wrongSize     = "the signature has not 64 bytes"
	otherCurve    = "the key is of no curve used here"
)

// The examples put the key id into the unprotected header, so none of them is a
// message of the shape that SPEC.md, section 5, has: each is refused. Beside the
// reasons stands what our verify path says to the signature, over the
// Sig_structure built from the example, external data included: there the
// verdicts of the working group hold. ES256 over P-256 is ESP256 but for the
// number in the header, which the signature covers as it stands.
var coseExamples = map[string]struct {
	verifies bool
	want     error
	reasons  []string
}{
	"sign1-tests/sign-pass-01.json":    {true, cose.ErrMalformed, []string{noAlgorithm, noKeyID, unprotected}},
	"sign1-tests/sign-pass-02.json":    {true, cose.ErrMalformed, []string{noKeyID, unprotected}},
	"sign1-tests/sign-pass-03.json":    {true, cose.ErrMalformed, []string{noTag, noKeyID, unprotected}},
	"sign1-tests/sign-fail-01.json":    {true, cose.ErrMalformed, []string{noTag, noKeyID, unprotected}}, // only the tag is wrong
	"sign1-tests/sign-fail-02.json":    {false, cose.ErrMalformed, []string{noKeyID, unprotected}},
	"sign1-tests/sign-fail-03.json":    {false, cose.ErrMalformed, []string{noAlgorithm, noKeyID, unprotected}},
	"sign1-tests/sign-fail-04.json":    {false, cose.ErrMalformed, []string{noAlgorithm, noKeyID, unprotected}},
	"sign1-tests/sign-fail-06.json":    {false, cose.ErrMalformed, []string{noKeyID, moreProtected, unprotected}},
	"sign1-tests/sign-fail-07.json":    {false, cose.ErrMalformed, []string{noKeyID, unprotected}},
	"eddsa-examples/eddsa-sig-01.json": {true, cose.ErrMalformed, []string{noKeyID, moreProtected, unprotected}},
	"eddsa-examples/eddsa-sig-02.json": {false, cose.ErrMalformed, []string{noKeyID, unprotected, wrongSize, otherCurve}},
}

func TestEachCOSEExampleIsInTheTable(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(os.Getenv("QRCHARGE_VECTORS"), "cose", "*", "*.json"))
	if err != nil || len(files) == 0 {
		outside(t, nil, "cose")
	}
	for _, f := range files {
		name := filepath.Base(filepath.Dir(f)) + "/" + filepath.Base(f)
		if _, ok := coseExamples[name]; !ok {
			t.Errorf("%s is not in the table", name)
		}
	}
}

func TestCOSEExamplesAreRefusedForTheReasonsStated(t *testing.T) {
	for name, tc := range coseExamples {
		t.Run(name, func(t *testing.T) {
			var e coseExample
			outside(t, &e, "cose", name)
			if _, err := cose.Parse(e.Output.CBOR); !errors.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
			if _, err := parseEnvelope(KindReceipt, e.Output.CBOR); CodeOf(err) != ErrEnvelope {
				t.Errorf("%v", err)
			}
			reasons, message, signature := examine(t, &e)
			public, ok := e.public(t)
			if !ok {
				reasons = append(reasons, otherCurve)
			}
			if !slices.Equal(reasons, tc.reasons) {
				t.Errorf("breaks %q, want %q", reasons, tc.reasons)
			}
			if got := accepts(public, message, signature); got != tc.verifies {
				t.Errorf("the signature verifies: %v, want %v", got, tc.verifies)
			}
		})
	}
}

// public is the key of an example, and whether it is of a curve used here.
func (e *coseExample) public(t *testing.T) (crypto.PublicKey, bool) {
	t.Helper()
	key := &e.Input.Sign0.Key
	switch {
	case key.Type == "OKP":
		return ed25519.PublicKey(key.XHex), key.Curve == "Ed25519"
	case key.Curve == "P-256":
		return uncompressed(slices.Concat([]byte{4}, unbase64(t, key.X), unbase64(t, key.Y))), true
	}
	return nil, false
}

// examine takes a message apart with a general decoder.
func examine(t *testing.T, e *coseExample) (reasons []string, message, signature []byte) {
	t.Helper()
	content, tagged := e.Output.CBOR, false
	var tag cbor.RawTag
	if err := cbor.Unmarshal(content, &tag); err == nil {
		content, tagged = hexText(tag.Content), tag.Number == 18
	}
	var m struct {
		_                  struct{} `cbor:",toarray"`
		Protected          []byte
		Unprotected        map[int]any
		Payload, Signature []byte
	}
	protected := map[int]any{}
	if err := cbor.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	if err := cbor.Unmarshal(m.Protected, &protected); err != nil {
		t.Fatal(err)
	}
	algorithm, _ := protected[1].(int64)
	_, keyID := protected[4].([]byte)
	more := 0
	for label := range protected {
		if label != 1 && label != 4 {
			more++
		}
	}
	for _, r := range []struct {
		broken bool
		reason string
	}{
		{!tagged, noTag}, {algorithm >= 0 || algorithm < -24, noAlgorithm}, {!keyID, noKeyID}, {more > 0, moreProtected},
		{len(m.Unprotected) > 0, unprotected}, {len(m.Signature) != cose.SignatureSize, wrongSize},
	} {
		if r.broken {
			reasons = append(reasons, r.reason)
		}
	}
	if len(protected) == 0 {
		m.Protected = nil // RFC 9052, section 4.4: an empty map is signed as no bytes
	}
	message, err := cbor.Marshal([]any{"Signature1", orEmpty(m.Protected), orEmpty(e.Input.Sign0.External), m.Payload})
	if err != nil {
		t.Fatal(err)
	}
	return reasons, message, m.Signature
}

// orEmpty is b as bytes that are not null.
func orEmpty(b []byte) []byte { return append([]byte{}, b...) }

func unbase64(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
