// SPDX-License-Identifier: Apache-2.0

package fuzz_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

// signers are the keys that signed the positive vectors, once each.
func signers(t testing.TB) []*keyfile.Private {
	seen := map[string]bool{}
	var out []*keyfile.Private
	for _, v := range load[positive](t, "positive") {
		if seen[string(v.Signer.ID)+string(v.Signer.Public)] {
			continue
		}
		seen[string(v.Signer.ID)+string(v.Signer.Public)] = true
		p, err := keyfile.New(vectorKeys{v.Signer}.trust()[0], v.Signer.private())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// FuzzKeySet reads trusted keys as a COSE_KeySet.
func FuzzKeySet(f *testing.F) {
	var all qrproto.KeyList
	for _, p := range signers(f) {
		all = append(all, p.Key())
		one, err := keyfile.EncodeKeySet(qrproto.KeyList{p.Key()})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(one)
	}
	if set, err := keyfile.EncodeKeySet(all[:3]); err == nil {
		f.Add(set)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := keyfile.DecodeKeySet(b)
		if err != nil {
			if list != nil || !hasCode(err) {
				t.Fatalf("%v beside %v", list, err)
			}
			return
		}
		for i := range list {
			if err := list[i].Validate(); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := keyfile.EncodeKeySet(list); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("read from %x, written %x (%v)", b, again, err)
		}
	})
}

// FuzzPrivateKey reads private keys as JWK and as COSE_Key.
func FuzzPrivateKey(f *testing.F) {
	for _, p := range signers(f) {
		asJWK, err := keyfile.EncodeJWK(p)
		if err != nil {
			f.Fatal(err)
		}
		asCOSE, err := keyfile.EncodeCOSE(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(asJWK)
		f.Add(asCOSE)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := keyfile.DecodeJWK(b)
		if err == nil {
			again, err := keyfile.EncodeJWK(p)
			once, err2 := keyfile.DecodeJWK(again)
			if err != nil || err2 != nil || !reflect.DeepEqual(once, p) {
				t.Fatalf("%v, then %v (%v, %v)", p, once, err, err2)
			}
		} else if p != nil || !hasCode(err) {
			t.Fatalf("%v beside %v", p, err)
		}
		p, err = keyfile.DecodeCOSE(b)
		if err == nil {
			if again, err := keyfile.EncodeCOSE(p); err != nil || !bytes.Equal(again, b) {
				t.Fatalf("read from %x, written %x (%v)", b, again, err)
			}
		} else if p != nil || !hasCode(err) {
			t.Fatalf("%v beside %v", p, err)
		}
	})
}

// FuzzAgreement reads agreement keys, private and public, as JWK.
func FuzzAgreement(f *testing.F) {
	for i := range byte(3) {
		a, err := keyfile.GenerateAgreement(qrproto.KeyID("agreement"[:i*3+1]), bytes.NewReader(bytes.Repeat([]byte{i}, 32)))
		if err != nil {
			f.Fatal(err)
		}
		private, err := keyfile.EncodeAgreement(a)
		public, err2 := keyfile.EncodePeer(a)
		if err != nil || err2 != nil {
			f.Fatal(err, err2)
		}
		f.Add(private)
		f.Add(public)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := keyfile.DecodeAgreement(b)
		if err == nil {
			again, err := keyfile.EncodeAgreement(a)
			once, err2 := keyfile.DecodeAgreement(again)
			if err != nil || err2 != nil || once.ID() != a.ID() || !once.Private().Equal(a.Private()) {
				t.Fatalf("%v, then %v (%v, %v)", a, once, err, err2)
			}
		} else if a != nil || !hasCode(err) {
			t.Fatalf("%v beside %v", a, err)
		}
		id, peer, err := keyfile.DecodePeer(b)
		switch {
		case err != nil && (peer != nil || !hasCode(err)):
			t.Fatalf("%v beside %v", peer, err)
		case err == nil && (a != nil || len(id) < 1 || len(id) > 8 || qrproto.ValidateAgreement(peer) != nil):
			t.Fatalf("peer %v of %x, private %v", id, b, a)
		}
	})
}

// FuzzEncryptedKey reads headers of encrypted keys. The work factor of what gets
// as far as the passphrase is put out of bounds: nobody wants to wait for it.
func FuzzEncryptedKey(f *testing.F) {
	const header = "age-encryption.org/v1\n-> scrypt R1Kd/Jw28DQKr75Ri+9Tdw 14\nfmfQP2oQjahzh4WUdciqsBFG7qzOGxdsS+rtb8n1IlA\n--- " +
		"Gcftx9kay/fhpzuGC49AykkIeKYwKZ+rYox1jWtWKWY\n"
	f.Add([]byte(header + "the nonce and what is encrypted, 48 bytes long!!"))
	f.Add([]byte(header))
	f.Add([]byte("age-encryption.org/v1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, factor := range []string{" 15\n", " 16\n", " 17\n", " 18\n"} {
			b = bytes.ReplaceAll(b, []byte(factor), []byte(" 14\n"))
		}
		p, err := keyfile.Decrypt(b, "passphrase")
		switch code := qrproto.CodeOf(err); {
		case p != nil:
			t.Fatalf("opened %x", b)
		case code != qrproto.ErrKeyFile && code != qrproto.ErrKeyCost && code != qrproto.ErrTooLarge:
			t.Fatalf("%v", err)
		}
	})
}

// hostileKeys claim much, or are as dense as can be.
func hostileKeys() map[string][]byte {
	out := hostilePayloads()
	for name, b := range hostilePayloads() {
		out["set of "+name] = append([]byte{0x81}, b...)
	}
	empty := append(cborHead(4, 5000), bytes.Repeat([]byte{0xa0}, 5000)...)
	out["5000 empty keys"] = empty
	out["5000 ids"] = append(append(cborHead(4, 1), cborHead(5, 5000)...), bytes.Repeat([]byte{2, 0x40}, 5000)...)
	return out
}

func TestKeyFormsStayWithinTheirMemory(t *testing.T) {
	worst := 0
	for name, b := range hostileKeys() {
		worst = max(worst, bounded(t, name, len(b), memoryBase, func() { _, _ = keyfile.DecodeKeySet(b) }))
		worst = max(worst, bounded(t, name+", private", len(b), memoryBase, func() { _, _ = keyfile.DecodeCOSE(b) }))
	}
	for name, size := range map[string]int{"line feeds": 4096, "a megabyte": 1 << 20} {
		b := bytes.Repeat([]byte{'\n'}, size)
		worst = max(worst, bounded(t, name, size, memoryBase, func() { _, _ = keyfile.Decrypt(b, "x") }))
	}
	t.Logf("at most %d %% of the bound", worst)
}

type keySetVector struct {
	Comment string     `json:"comment"`
	Keys    vectorKeys `json:"keys"`
	JWKSet  string     `json:"jwk_set"`
	COSE    octets     `json:"cose_key_set"`
}

func TestKeySetVectors(t *testing.T) {
	for name, v := range load[keySetVector](t, "keys-positive") {
		want := v.Keys.trust()
		for i := range want {
			if len(want[i].Number) == 0 {
				want[i].Number = nil
			}
		}
		var list qrproto.KeyList
		if err := list.UnmarshalJSON([]byte(v.JWKSet)); err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%s: %+v, want %+v (%v)", name, list, want, err)
		}
		fromCOSE, err := keyfile.DecodeKeySet(v.COSE)
		if err != nil || !reflect.DeepEqual(fromCOSE, want) {
			t.Errorf("%s: %+v, want %+v (%v)", name, fromCOSE, want, err)
		}
		if b, err := keyfile.EncodeKeySet(want); err != nil || !bytes.Equal(b, v.COSE) {
			t.Errorf("%s: wrote %x, want %x (%v)", name, b, v.COSE, err)
		}
	}
}

type keyFile struct {
	JWKSet string `json:"jwk_set"`
	COSE   octets `json:"cose_key_set"`
}

func (f keyFile) read() (list qrproto.KeyList, err error) {
	if f.JWKSet == "" {
		return keyfile.DecodeKeySet(f.COSE)
	}
	err = list.UnmarshalJSON([]byte(f.JWKSet))
	return list, err
}

type badKeySetVector struct {
	Comment   string `json:"comment"`
	Error     int    `json:"error"`
	ErrorName string `json:"error_name"`
	keyFile
	Sound keyFile `json:"sound"`
}

func TestNegativeKeySetVectorsAreRefused(t *testing.T) {
	names := map[int]string{int(qrproto.ErrKeyFile): "ErrKeyFile", int(qrproto.ErrBadKey): "ErrBadKey"}
	for name, v := range load[badKeySetVector](t, "keys-negative") {
		list, err := v.read()
		if list != nil || int(qrproto.CodeOf(err)) != v.Error || v.ErrorName == "" || names[v.Error] != v.ErrorName {
			t.Errorf("%s: want %d, have %v", name, v.Error, err)
		}
		if list, err := v.Sound.read(); err != nil || len(list) == 0 {
			t.Errorf("%s: the sound one: %v", name, err)
		}
	}
}
