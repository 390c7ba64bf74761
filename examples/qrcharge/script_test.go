// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

var update = flag.Bool("update", false, "write the output into the scripts, to be read before it is committed")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"qrcharge": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			writeFixtures(t, env.WorkDir)
			data, err := filepath.Abs("testdata")
			env.Setenv("DATA", data)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "seal": seal, "jpeg": toJPEG, "json": jsonHas, "lines": lines, "blank": blank, "mode": mode, "cut": cut, "load": load,
		},
	})
}

// exits N COMMAND ARGS… runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// seal identity|receipt FILE KEYID OUT signs a fixture with a private key from a
// file.
func seal(ts *testscript.TestScript, _ bool, args []string) {
	private, err := privateKey([]byte(ts.ReadFile(args[1])))
	ts.Check(err)
	id, err := hex.DecodeString(args[2])
	ts.Check(err)
	var p qrproto.Payload = receipt()
	if args[0] == "identity" {
		i := newborn()
		i.Number = id[:len(id)-1]
		p = i
	}
	code, err := qrproto.Seal(p, qrproto.Signer{ID: qrproto.KeyID(id), Key: private})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(code.Text()), 0o644))
}

// privateKey reads the key of a file in any form that keygen writes, as its first
// bytes tell it.
func privateKey(b []byte) (crypto.Signer, error) {
	var p *keyfile.Private
	var err error
	switch {
	case bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")):
		p, err = keyfile.Decrypt(b, passphrase)
	case bytes.HasPrefix(b, []byte("{")):
		p, err = keyfile.DecodeJWK(b)
	case bytes.HasPrefix(b, []byte("-----BEGIN PRIVATE KEY-----\n")):
		block, _ := pem.Decode(b)
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		signer, _ := private.(crypto.Signer)
		return signer, err
	default:
		p, err = keyfile.DecodeCOSE(b)
	}
	if err != nil {
		return nil, err
	}
	return p.Signer().Key, nil
}

// passphrase is that of the scripts.
const passphrase = "seven horses, no staple"

// jpeg PNG OUT converts an image, as a phone would store it.
func toJPEG(ts *testscript.TestScript, _ bool, args []string) {
	img, err := png.Decode(bytes.NewReader([]byte(ts.ReadFile(args[0]))))
	ts.Check(err)
	var out bytes.Buffer
	ts.Check(jpeg.Encode(&out, img, nil))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o644))
}

// blank WIDTH HEIGHT OUT writes a PNG without a code in it.
func blank(ts *testscript.TestScript, _ bool, args []string) {
	width, err := strconv.Atoi(args[0])
	ts.Check(err)
	height, err := strconv.Atoi(args[1])
	ts.Check(err)
	var out bytes.Buffer
	ts.Check(png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), out.Bytes(), 0o644))
}

// json FILE WANT PATH… holds what stands at a path in a JSON file against JSON;
// "absent" is nothing at all.
func jsonHas(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for _, step := range args[2:] {
		switch at := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = at[step]; !ok {
				v = errors.New("absent")
			}
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			v = at[i]
		default:
			ts.Fatalf("nothing below %v", args[2:])
		}
	}
	if _, absent := v.(error); absent && args[1] == "absent" {
		return
	}
	var want any
	ts.Check(json.Unmarshal([]byte(args[1]), &want))
	got, err := json.Marshal(v)
	ts.Check(err)
	expected, err := json.Marshal(want)
	ts.Check(err)
	if !bytes.Equal(got, expected) {
		ts.Fatalf("%v is %s, want %s", args[2:], got, expected)
	}
}

// lines FILE PREFIX checks that all lines but the first and the last begin with
// a prefix.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	all := bytes.Split(bytes.TrimSpace([]byte(ts.ReadFile(args[0]))), []byte("\n"))
	if len(all) < 3 {
		ts.Fatalf("%d lines", len(all))
	}
	for _, line := range all[1 : len(all)-1] {
		if !bytes.HasPrefix(line, []byte(args[1])) {
			ts.Fatalf("%q", line)
		}
	}
}

// mode FILE OCTAL checks the permissions of a file.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	if got := info.Mode().Perm(); uint64(got) != want {
		ts.Fatalf("mode %o, want %o", got, want)
	}
}

// cut FILE N OUT writes the first N bytes of a file.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[0])[:n]), 0o644))
}

// load VAR FILE sets a variable to the text in a file, without its line end.
func load(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimRight(ts.ReadFile(args[1]), "\r\n"))
}
