// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
)

// The examples of sections 22 to 24: one code each, whole.

// specStop ends the sale of the order of section 1.
func specStop(t testing.TB) *qrproto.StopOrder {
	hash, err := qrproto.Sum(startOrder(t))
	if err != nil {
		t.Fatal(err)
	}
	return &qrproto.StopOrder{Order: hash.Ref()}
}

func specTrust() *qrproto.Trust {
	return &qrproto.Trust{Epoch: 42, Least: 41, Delegations: []qrproto.Delegation{{
		ID: []byte("iss2"), Public: testKey(5).Public().(ed25519.PublicKey), Fleet: number[:3],
		Currency: "CNY", Amount: 20_000, Quota: 50,
		Rights: qrproto.RightOrder | qrproto.RightStop | qrproto.RightReceipt,
	}}}
}

func specVoucher() *qrproto.Voucher {
	return &qrproto.Voucher{
		ID:     qrproto.VoucherID{0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30},
		Amount: 5000, Scale: 2, Currency: "CNY", From: 1795348800, Until: 1797940800,
	}
}

// specExamples are what SPEC.md shows whole, by the name of the part.
func specExamples(t testing.TB) map[string]qrproto.Payload {
	return map[string]qrproto.Payload{"stop-example": specStop(t), "trust-example": specTrust(), "voucher-example": specVoucher()}
}

// envelopeOf takes a code apart.
func envelopeOf(t testing.TB, whole []byte) (protected, payload, signature []byte) {
	t.Helper()
	var message struct {
		_                  struct{} `cbor:",toarray"`
		Protected          []byte
		Unprotected        map[int]int
		Payload, Signature []byte
	}
	var tag cbor.RawTag
	if err := cbor.Unmarshal(whole, &tag); err != nil {
		t.Fatal(err)
	}
	if err := cbor.Unmarshal(tag.Content, &message); err != nil || tag.Number != 18 {
		t.Fatal(tag.Number, err)
	}
	return message.Protected, message.Payload, message.Signature
}

// wholeExample shows a code byte by byte, its hash, and its text.
func wholeExample(t testing.TB, code qrproto.Code, p qrproto.Payload) string {
	t.Helper()
	protected, payload, signature := envelopeOf(t, code.Bytes())
	head := slices.Concat([]byte{0xd2, 0x84}, byteString(protected), []byte{0xa0})
	lines := slices.Concat(
		annotated(0, head, fmt.Sprintf("COSE_Sign1; Ed25519, kid '%s'", protected[len(protected)-4:])),
		annotated(2, byteString(payload)[:len(byteString(payload))-len(payload)], fmt.Sprintf("payload: byte string of %d", len(payload))),
		annotated(4, payload[:1], fmt.Sprintf("map of %d", payload[0]&31)))
	keys, values := entries(t, payload)
	for _, key := range keys {
		field, ok := fieldOf(p, key)
		if !ok {
			t.Fatal("no field", key)
		}
		label := fmt.Sprintf("%d: %s", key, field.Name)
		if field.Name == "Delegations" {
			lines = append(lines, delegationLines(t, byte(key), values[key], label)...)
			continue
		}
		lines = append(lines, annotated(6, append([]byte{byte(key)}, values[key]...), label)...)
	}
	hash, err := qrproto.Sum(p)
	if err != nil {
		t.Fatal(err)
	}
	lines = slices.Concat(lines, annotated(2, byteString(signature)[:2], "signature: byte string of 64"), annotated(4, signature, ""),
		[]string{"hash:"}, annotated(2, hash[:], ""), []string{"text:"})
	for chunk := range slices.Chunk([]byte(code.Text()), 100) {
		lines = append(lines, string(chunk))
	}
	return fenced(lines...)
}

func delegationLines(t testing.TB, key byte, list []byte, label string) []string {
	t.Helper()
	var delegations [][]cbor.RawMessage
	if err := cbor.Unmarshal(list, &delegations); err != nil {
		t.Fatal(err)
	}
	lines := annotated(6, []byte{key, list[0]}, fmt.Sprintf("%s, array of %d", label, len(delegations)))
	names := reflect.VisibleFields(reflect.TypeOf(qrproto.Delegation{}))[1:]
	for _, items := range delegations {
		lines = append(lines, annotated(8, []byte{0x80 | byte(len(items))}, fmt.Sprintf("array of %d", len(items)))...)
		for i, item := range items {
			lines = append(lines, annotated(10, item, names[i].Name)...)
		}
	}
	return lines
}

func TestSpecWholeExamples(t *testing.T) {
	for name, p := range specExamples(t) {
		holdPart(t, name, wholeExample(t, seal(t, p), p))
	}
}

// TestSpecWholeExamplesHoldByTheirOwnText follows sections 4, 5 and 7 with the
// bytes that SPEC.md shows and the code of this file alone.
func TestSpecWholeExamplesHoldByTheirOwnText(t *testing.T) {
	for name, p := range specExamples(t) {
		kind := p.Kind()
		_, body, _ := part(t, name)
		shown, text, _ := strings.Cut(strings.Trim(body, "`\n"), "\ntext:\n")
		text = strings.ReplaceAll(text, "\n", "")
		whole := hexOf(t, shown[:strings.Index(shown, "hash:")])
		if want := digitText(kind, whole); text != want {
			t.Errorf("%s: text %s, by big numbers %s", name, text, want)
		}
		protected, payload, signature := envelopeOf(t, whole)
		public := map[string]byte{"iss1": 2, "root": 3}[string(protected[len(protected)-4:])]
		if !ed25519.Verify(testKey(public).Public().(ed25519.PublicKey), toBeSigned(kind, protected, payload), signature) {
			t.Errorf("%s: the signature does not verify", name)
		}
		hash := sha256.Sum256(slices.Concat([]byte("\x83\x6cqrcharge/1/"+string(rune(kind))+"\x40"), byteString(payload)))
		if !bytes.Equal(hash[:], section(t, body, "hash")) {
			t.Errorf("%s: hash %x", name, hash)
		}
		if _, err := qrproto.Open(text, trusted()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
