// SPDX-License-Identifier: Apache-2.0

// Command genvectors writes the golden vectors of the wire.
//
//	go run ./examples/genvectors -out testdata/v1     writes them
//	go run ./examples/genvectors -check testdata/v1   compares, writes nothing
//
// Payloads, envelopes, signatures and digits are written by this program's own
// few lines, from the specification; what comes out is held against qrproto,
// and a disagreement is a failure. The vectors depend on nothing but this
// source: no clock, no chance.
//
// With -check it exits with 1 and names each file that differs, is missing, or
// is there and should not be.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// goldenBills is the folder of bills that other tests hold: not of this program.
const goldenBills = "tariff"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "genvectors:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("genvectors", flag.ContinueOnError)
	dir := flags.String("out", filepath.Join("testdata", "v1"), "`folder` of the vectors")
	check := flags.Bool("check", false, "compare the folder with what would be written")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		*dir = flags.Arg(0)
	}
	files, err := generate()
	if err != nil {
		return err
	}
	if *check {
		return compare(*dir, files)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := write(filepath.Join(*dir, filepath.FromSlash(name)), files[name]); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%d vectors in %s\n", len(files), *dir)
	return nil
}

// generate returns the files by their names below the folder.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	var faults []error
	put := func(name string, vector any, fault error) {
		body, err := indent(vector)
		if _, twice := files[name]; twice {
			err = errors.Join(err, errors.New("two vectors of this name"))
		}
		if err = errors.Join(err, fault); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
		files[name] = body
	}
	putCodes(put)
	putKeys(put)
	putParts(put)
	putBenches(put)
	return files, errors.Join(faults...)
}

// putter takes a file's name, what it holds, and what is wrong with that.
type putter func(name string, vector any, fault error)

func putCodes(put putter) {
	for _, p := range positives() {
		put("positive/"+p.name+".json", p.vector(), p.check())
	}
	for _, n := range negatives() {
		put(fmt.Sprintf("negative/%d-%s.json", n.code, n.name), n.vector(), n.check())
	}
	for _, t := range tariffs() {
		put("tariff-positive/"+t.name+".json", t.vector(), t.check())
	}
	for _, t := range badTariffs() {
		put("tariff-negative/"+t.name+".json", t.vector(), t.check())
	}
	for _, l := range badLinks() {
		put("link-negative/"+l.name+".json", l.vector(), l.check())
	}
}

func putKeys(put putter) {
	for _, k := range keySets() {
		put("keys-positive/"+k.name+".json", k.vector(), k.check())
	}
	for _, k := range badKeySets() {
		put(fmt.Sprintf("keys-negative/%d-%s.json", k.code, k.name), k.vector(), k.check())
	}
	for _, s := range trustSets() {
		put("trust/"+s.name+".json", s.vector(), s.check())
	}
	for _, c := range carriedVectors() {
		put("carried/"+c.name+".json", c.vector(), c.check())
	}
	for _, c := range badCarriedVectors() {
		put("carried-negative/"+c.name+".json", c.vector(), c.check())
	}
}

func putParts(put putter) {
	for _, s := range partSets() {
		put("parts-positive/"+s.name+".json", s.vector(), s.check())
	}
	for _, b := range badPartSets() {
		put(fmt.Sprintf("parts-negative/%d-%s.json", b.code, b.name), b.vector(), b.check())
	}
	for _, q := range sequences() {
		put("parts-sequence/"+q.name+".json", q.vector(), q.check())
	}
}

// indent writes a vector as JSON of two spaces, with a line feed at its end.
func indent(v any) ([]byte, error) {
	b, err := compact(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, b, "", "  ")
	out.WriteByte('\n')
	return out.Bytes(), err
}

func write(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o644)
}

func compare(dir string, files map[string][]byte) error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(files)) {
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			faults = append(faults, fmt.Errorf("missing: %s", name))
		case err != nil:
			faults = append(faults, err)
		case !bytes.Equal(body, files[name]):
			faults = append(faults, fmt.Errorf("differs: %s", name))
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && path == filepath.Join(dir, goldenBills) {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if _, ok := files[filepath.ToSlash(name)]; !ok && err == nil {
			faults = append(faults, fmt.Errorf("extra: %s", filepath.ToSlash(name)))
		}
		return err
	})
	return errors.Join(append(faults, err)...)
}
