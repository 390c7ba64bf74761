// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A golden bill in its folder is nothing of this program.
func TestCheckNamesWhatDiffers(t *testing.T) {
	dir := t.TempDir()
	if err := run([]string{"-out", dir}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-check", dir}, io.Discard); err != nil {
		t.Fatalf("just written: %v", err)
	}
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	if err := os.WriteFile(in("positive/order-full.json"), []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(in("tariff-positive/free.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in("negative/999-more.json"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(in("tariff/a-golden-bill"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in("tariff/a-golden-bill/bill.json"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := run([]string{"-check", dir}, io.Discard)
	want := []string{"differs: positive/order-full.json", "missing: tariff-positive/free.json", "extra: negative/999-more.json"}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got %v, want %q", err, want)
	}
}

// TestVectorsAreCurrent regenerates those of the repository.
func TestVectorsAreCurrent(t *testing.T) {
	if err := run([]string{"-check", filepath.Join("..", "..", "testdata", "v1")}, io.Discard); err != nil {
		t.Error(err)
	}
}

// The example of RFC 8032, section 7.1, test 3: the signatures of this program
// are those of everybody.
func TestSignaturesAreThoseOfTheStandard(t *testing.T) {
	seed := unhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
	want := raw("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")
	if got := sign(seed, unhex("af82")); string(got) != string(want.bytes()) {
		t.Errorf("got %x", got)
	}
}

// The example of RFC 6979, section A.2.5, for P-256 with SHA-256.
func TestSignaturesOfP256AreThoseOfTheStandard(t *testing.T) {
	seed := unhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
	if got, want := publicP256(seed), unhex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"); !bytes.Equal(got, want) {
		t.Errorf("public key %x", got)
	}
	for message, want := range map[string]string{
		"sample": "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
		"test":   "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
	} {
		if got := signP256(seed, []byte(message)); !bytes.Equal(got, unhex(want)) {
			t.Errorf("%s: %x", message, got)
		}
	}
}

func TestShortNumbersAreShort(t *testing.T) {
	short := map[string]int{"receipt-esp256-short-r": 0, "receipt-esp256-short-s": 32}
	for _, p := range byP256() {
		at, ok := short[p.name]
		if !ok {
			continue
		}
		delete(short, p.name)
		envelope := p.envelope()
		if signature := envelope[len(envelope)-64:]; signature[at] != 0 {
			t.Errorf("%s: %x", p.name, signature)
		}
	}
	if len(short) > 0 {
		t.Errorf("not there: %v", short)
	}
}

// The examples of the specification, section 4.
func TestDigits(t *testing.T) {
	for b, want := range map[string]string{"01020304050607": "01976943448883713", "01020304050607ff": "01976943448883713255", "00": "000", "": ""} {
		if got := digits(unhex(b)); got != want {
			t.Errorf("%s: got %s, want %s", b, got, want)
		}
	}
}

// The examples of RFC 7748, section 5.2, RFC 5869, section A.1 (its first 32
// bytes), and RFC 8439, section A.1, test vector 1.
func TestAgreementIsThatOfTheStandards(t *testing.T) {
	for _, c := range [][2][]byte{
		{x25519(unhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"), unhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
			unhex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")},
		{x25519(unhex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"), unhex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
			unhex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")},
		{hkdf32(bytes.Repeat([]byte{0x0b}, 22), unhex("000102030405060708090a0b0c"), unhex("f0f1f2f3f4f5f6f7f8f9")),
			unhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")},
		{chacha20(make([]byte, 32), 64), unhex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586")},
	} {
		if !bytes.Equal(c[0], c[1]) {
			t.Errorf("got %x, want %x", c[0], c[1])
		}
	}
}
