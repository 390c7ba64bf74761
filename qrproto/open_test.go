// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"crypto/ed25519"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	for name, p := range payloads(t) {
		code := seal(t, p)
		link, err := code.Link(linkBase)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{code.Text(), link, link + "\r\n", "see QI1/99 and " + code.Text()} {
			o, err := qrproto.Open(text, trusted())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !reflect.DeepEqual(o.Payload, p) {
				t.Errorf("%s: opened %+v, sealed %+v", name, o.Payload, p)
			}
			if want, err := qrproto.Sum(p); err != nil || o.Sum != want {
				t.Errorf("%s: sum %v, want %v (%v)", name, o.Sum, want, err)
			}
		}
		t.Logf("%s: %d bytes", name, len(code.Bytes()))
	}
}

func BenchmarkOpenStartOrder(b *testing.B) {
	code := seal(b, startOrder(b))
	text := code.Text()
	var keys qrproto.Keys = trusted()
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := qrproto.Open(text, keys); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		key := testKey(2)
		message := code.Bytes()[:len(code.Bytes())-64]
		signature := ed25519.Sign(key, message)
		public := key.Public().(ed25519.PublicKey)
		b.ReportAllocs()
		for b.Loop() {
			if !ed25519.Verify(public, message, signature) {
				b.Fatal("does not verify")
			}
		}
	})
}

// What a caller does to an opened payload is his own affair.
func TestPayloadSharesNothingWithTheKeys(t *testing.T) {
	keys := trusted()
	for _, p := range []qrproto.Payload{identity(), settlement()} {
		text := seal(t, p).Text()
		o, err := qrproto.Open(text, keys)
		if err != nil {
			t.Fatal(err)
		}
		switch p := o.Payload.(type) {
		case *qrproto.Identity:
			p.Number[0] ^= 1
			_ = append(p.Number, 9)
		case *qrproto.Settlement:
			p.Number[0] ^= 1
			_ = append(p.Number, 9)
		}
		if again, err := qrproto.Open(text, keys); err != nil || again.Sum != o.Sum {
			t.Errorf("kind %v: %v", p.Kind(), err)
		}
	}
}
