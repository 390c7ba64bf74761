// SPDX-License-Identifier: Apache-2.0

package main

import (
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

// The examples of the specification, section 4.
func TestDigits(t *testing.T) {
	for b, want := range map[string]string{"01020304050607": "01976943448883713", "01020304050607ff": "01976943448883713255", "00": "000", "": ""} {
		if got := digits(unhex(b)); got != want {
			t.Errorf("%s: got %s, want %s", b, got, want)
		}
	}
}
