// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/seed81979277/qrcharge/qrproto"
)

// The targets below change payloads and sign whatever comes out: what a signer
// with a good key could send.

func FuzzIdentity(f *testing.F)   { fuzzPayload(f, qrproto.KindIdentity) }
func FuzzOrder(f *testing.F)      { fuzzPayload(f, qrproto.KindStartOrder) }
func FuzzSettlement(f *testing.F) { fuzzPayload(f, qrproto.KindSettlement) }
func FuzzReceipt(f *testing.F)    { fuzzPayload(f, qrproto.KindReceipt) }
func FuzzStopOrder(f *testing.F)  { fuzzPayload(f, qrproto.KindStopOrder) }
func FuzzTrust(f *testing.F)      { fuzzPayload(f, qrproto.KindTrust) }
func FuzzVoucher(f *testing.F)    { fuzzPayload(f, qrproto.KindVoucher) }

// fuzzPayload takes payloads of a kind, edits them by a script, signs them and
// opens them.
func fuzzPayload(f *testing.F, kind qrproto.Kind) {
	payloads := payloadsOf(f, kind)
	d := donorsOf(payloads)
	for _, p := range payloads {
		f.Add(p, []byte{})
	}
	signer := newRepairer(byte(kind))
	key := qrproto.Key{ID: "fuzz", Public: signer.public, Kinds: []qrproto.Kind{kind}}
	if kind == qrproto.KindIdentity || kind == qrproto.KindSettlement {
		key.Number = []byte{0x32, 0x01, 0x06, 0x00, 0x21, 0x35, 0x33}
		key.ID = qrproto.DeviceKeyID(key.Number, 1)
	}
	keys := qrproto.KeyList{key}
	f.Fuzz(func(t *testing.T, payload, script []byte) {
		payload = d.edit(payload, script)
		envelope := signer.seal(byte(kind), key.ID, payload)
		o, err := qrproto.Open(textOf(byte(kind), envelope), keys)
		if err != nil {
			checkRefusal(t, o, err, len(payload), len(envelope))
			return
		}
		checkOpened(t, o, qrproto.Signer{ID: key.ID, Key: signer}, envelope)
	})
}

// payloadsOf are the payloads of the vectors of a kind, good and bad.
func payloadsOf(t testing.TB, kind qrproto.Kind) (out [][]byte) {
	t.Helper()
	for _, v := range load[positive](t, "positive") {
		if v.Kind == kind.String() {
			out = append(out, v.Payload)
		}
	}
	for _, v := range load[negative](t, "negative") {
		if v.Kind == kind.String() {
			out = append(out, v.Payload)
		}
	}
	slices.SortFunc(out, bytes.Compare) // scripts name donors by number
	if len(out) == 0 {
		t.Fatalf("no payloads of kind %v", kind)
	}
	return out
}

// checkRefusal holds the refusal of a signed payload to the codes that fit.
func checkRefusal(t *testing.T, o *qrproto.Opened, err error, payload, envelope int) {
	t.Helper()
	if o != nil || !hasCode(err) {
		t.Fatalf("%v beside %v", o, err)
	}
	switch code := qrproto.CodeOf(err); {
	case code == qrproto.ErrTooLarge && envelope > qrproto.MaxBytes:
	case code == qrproto.ErrEnvelope && payload == 0:
	case code >= qrproto.ErrMalformed && code <= qrproto.ErrCritical:
	default:
		t.Fatalf("a payload of %d bytes: %v", payload, err)
	}
}

// checkOpened holds what was opened against its bytes: a payload has one
// encoding and one sum. The sum covers the encoding, so that one in 16 is enough
// to be sealed again, which takes as long as all the rest.
func checkOpened(t *testing.T, o *qrproto.Opened, by qrproto.Signer, envelope []byte) {
	t.Helper()
	if sum, err := qrproto.Sum(o.Payload); err != nil || sum != o.Sum {
		t.Fatalf("sum %v, then %v (%v)", o.Sum, sum, err)
	}
	if o.Sum[0]%16 != 0 {
		return
	}
	code, err := qrproto.Seal(o.Payload, by)
	if err != nil {
		t.Fatalf("opened, but not sealed again: %v", err)
	}
	if !bytes.Equal(code.Bytes(), envelope) {
		t.Fatalf("opened from %x, sealed to %x", envelope, code.Bytes())
	}
}

// FuzzRecord reads settlements as a journal or an identity holds them, without
// envelope and signature.
func FuzzRecord(f *testing.F) {
	for _, v := range load[positive](f, "positive") {
		if v.Kind == "S" {
			f.Add([]byte(v.Signer.Number), []byte(v.Payload))
		}
	}
	f.Fuzz(func(t *testing.T, number, record []byte) {
		s, err := qrproto.DecodeRecord(number, record)
		if err != nil {
			if s != nil || !hasCode(err) {
				t.Fatalf("%v beside %v", s, err)
			}
			return
		}
		if again, err := qrproto.EncodeRecord(s); err != nil || !bytes.Equal(again, record) || !bytes.Equal(s.Number, number) {
			t.Fatalf("decoded from %x, encoded to %x (%v)", record, again, err)
		}
	})
}

// FuzzTariff reads tariffs as an order holds them.
func FuzzTariff(f *testing.F) {
	for _, v := range load[tariffVector](f, "tariff-positive") {
		f.Add([]byte(v.Bytes))
	}
	for _, v := range load[badTariff](f, "tariff-negative") {
		f.Add([]byte(v.Bytes))
		f.Add([]byte(v.Sound))
	}
	for _, b := range crossings(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := qrproto.DecodeTariff(b)
		if err != nil {
			if code := qrproto.CodeOf(err); got != nil || !hasCode(err) || code != qrproto.ErrTariff && code != qrproto.ErrTooLarge {
				t.Fatalf("%v beside %v", got, err)
			}
			return
		}
		if err := got.Check(); err != nil {
			t.Fatal(err)
		}
		if again, err := qrproto.EncodeTariff(got); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("decoded from %x, encoded to %x (%v)", b, again, err)
		}
		head := append([]byte("\x83\x71qrcharge/1/tariff\x40"), cborHead(2, len(b))...)
		if hash, err := qrproto.TariffHash(got); err != nil || hash != sha256.Sum256(append(head, b...)) {
			t.Fatalf("hash %v of %x (%v)", hash, b, err)
		}
	})
}

// crossings puts the elements of one tariff of the general form before those of
// another, with the options of the first.
func crossings(t testing.TB) (out [][]byte) {
	var all [][]cbor.RawMessage
	for _, v := range load[tariffVector](t, "tariff-positive") {
		var items []cbor.RawMessage
		if err := cbor.Unmarshal(v.Bytes, &items); err != nil {
			t.Fatal(err)
		}
		if items[3][0]>>5 == 4 {
			all = append(all, items)
		}
	}
	for i := range all {
		var a, b []cbor.RawMessage
		if cbor.Unmarshal(all[i][3], &a) != nil || cbor.Unmarshal(all[(i+1)%len(all)][3], &b) != nil {
			t.Fatal("no elements")
		}
		items := slices.Clone(all[i])
		elements, err := cbor.Marshal(append(a, b...))
		if err != nil {
			t.Fatal(err)
		}
		items[3] = elements
		crossed, err := cbor.Marshal(items)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, crossed)
	}
	return out
}
