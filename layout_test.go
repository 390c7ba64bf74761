// SPDX-License-Identifier: Apache-2.0

package qrcharge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/seed81979277/qrcharge"

// The four modules that the library may require.
const (
	cbor    = "github.com/fxamacker/cbor/v2"
	xcrypto = "golang.org/x/crypto"
	encoder = "github.com/skip2/go-qrcode"
	decoder = "github.com/makiuchi-d/gozxing"
)

var budget = []string{cbor, xcrypto, encoder, decoder}

// indirect lists what those four need themselves.
var indirect = []string{
	"github.com/x448/float16",
	"golang.org/x/sys",
	"golang.org/x/text",
	"golang.org/x/xerrors",
}

// Patterns: "x" is x alone, "x/..." is x and all below it. Paths in the module
// begin with "./" in imports and stand bare in at; the root package is "".

// A place says what the packages at it may import, beside the standard library.
type place struct {
	at  string
	may []string
}

// layout is the map in doc.go as data. The first place that matches counts; a
// package without a place is a violation.
var layout = []place{
	{"", nil},
	{"testdata/...", nil},
	{"tariff", nil},
	{"tariff/...", []string{"./tariff/..."}},
	{"qrproto/internal/...", []string{"./qrproto/internal/...", cbor}},
	{"qrproto/qrimage", []string{"./qrproto", "./qrproto/internal/...", encoder + "/..."}},
	{"qrproto/qrscan", []string{"./qrproto", "./qrproto/internal/...", decoder + "/..."}},
	{"qrproto/keyfile", []string{"./qrproto", "./qrproto/internal/...", xcrypto + "/..."}},
	{"qrproto", []string{"./tariff", "./qrproto/internal/...", cbor, xcrypto + "/..."}},
	{"settle/internal/...", []string{"./tariff", "./qrproto", "./settle", "./settle/internal/..."}},
	{"settle", []string{"./tariff", "./qrproto", "./settle/internal/..."}},
	{"settle/journal", nil},
	{"settle/ledger", []string{"./tariff"}},
	{"settle/charger", []string{"./tariff", "./qrproto", "./settle", "./settle/internal/...", cbor, xcrypto + "/..."}},
	{"settle/server", []string{"./tariff", "./qrproto", "./settle", "./settle/internal/...", "./settle/ledger", cbor, xcrypto + "/..."}},
	{"settle/sqlstore/...", []string{"./tariff", "./qrproto", "./settle", "./settle/internal/...", "./settle/ledger", "./settle/server", "./settle/sqlstore/..."}},
	{"settle/phone", []string{"./tariff/...", "./qrproto", "./settle", "./settle/internal/..."}},
	{"settle/settletest", []string{"./tariff/...", "./qrproto", "./settle/..."}},
	{"fuzz/...", []string{"./tariff/...", "./qrproto/...", "./settle/...", "./testdata"}},
}

// A ban says what the packages at it must not reach, by however many steps, or
// (direct) must not import themselves.
type ban struct {
	name   string
	at     []string
	except []string
	reach  []string
	direct bool
}

var (
	library   = []string{"tariff/...", "qrproto/...", "settle/..."}
	imageless = []string{"qrproto/qrimage", "qrproto/qrscan"}
)

var bans = []ban{
	{
		// Firmware and phones have displays and cameras of their own.
		name: "no image code", at: library, except: imageless,
		reach: []string{"./qrproto/qrimage", "./qrproto/qrscan", encoder + "/...", decoder + "/...", "image/..."},
	},
	{
		// Nobody is forced to take a network, or cgo, which net brings in.
		name: "no network", at: library, except: imageless,
		reach: []string{"net", "net/http/...", "net/rpc/...", "crypto/tls", "crypto/x509", "runtime/cgo", "C"},
	},
	{
		name: "no database", at: library, except: []string{"settle/sqlstore/..."},
		reach: []string{"database/..."},
	},
	{
		name: "no logging, no processes", at: library, except: imageless,
		reach: []string{"log/...", "os/exec", "os/signal", "plugin", "expvar"},
	},
	{
		name: "no logging, no processes, image code itself", at: imageless, direct: true,
		reach: []string{"log/...", "os/exec", "os/signal", "net", "net/http/..."},
	},
	{
		// A journal is a file; nothing else has a reason to meet the system.
		name: "no operating system", at: library, except: []string{"settle/journal"}, direct: true,
		reach: []string{"os", "syscall", "flag", "runtime/debug", "unsafe"},
	},
	{
		// Chance comes from a reader that the caller gives.
		name: "no weak randomness", at: library, except: []string{"settle/settletest"}, direct: true,
		reach: []string{"math/rand/..."},
	},
	{
		name: "no test code", at: library, except: []string{"settle/settletest"},
		reach: []string{"testing/..."},
	},
	{
		name: "nothing imports the examples", at: append([]string{"", "fuzz/...", "testdata/..."}, library...),
		reach: []string{"./examples/..."},
	},
}

// A pkg is what a rule sees of a package.
type pkg struct {
	path    string   // in the module; "" is the root
	imports []string // of the package itself
	deps    []string // all that it reaches
	tests   []string // imports of its tests
}

func match(pattern, path string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}

func matchAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, path) })
}

// inStd takes an import path without a dot in its first element for the standard
// library's, as the go command does.
func inStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != "" && !strings.Contains(first, ".")
}

// violations holds packages against layout and bans. Each line begins with the
// name of the rule.
func violations(pkgs []pkg) []string {
	var out []string
	for _, p := range pkgs {
		out = append(out, misplaced(p)...)
		out = append(out, banned(p)...)
		for _, i := range p.tests {
			if !inStd(i) && !match("./...", i) && !slices.ContainsFunc(budget, func(m string) bool { return match(m+"/...", i) }) {
				out = append(out, fmt.Sprintf("test imports: %q: %s", p.path, i))
			}
		}
	}
	return out
}

func misplaced(p pkg) []string {
	n := slices.IndexFunc(layout, func(l place) bool { return match(l.at, p.path) })
	if n < 0 {
		return []string{fmt.Sprintf("place: %q has none in the layout", p.path)}
	}
	var out []string
	for _, i := range p.imports {
		if !inStd(i) && !matchAny(layout[n].may, i) {
			out = append(out, fmt.Sprintf("arrows: %q must not import %s", p.path, i))
		}
	}
	return out
}

func banned(p pkg) []string {
	var out []string
	for _, b := range bans {
		if !matchAny(b.at, p.path) || matchAny(b.except, p.path) {
			continue
		}
		reached := p.imports
		if !b.direct {
			reached = slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.imports, p.deps))))
		}
		for _, i := range reached {
			if matchAny(b.reach, i) {
				out = append(out, fmt.Sprintf("%s: %q reaches %s", b.name, p.path, i))
			}
		}
	}
	return out
}

func TestLayout(t *testing.T) {
	pkgs := listPackages(t)
	if len(pkgs) < 2 {
		t.Fatalf("go list names %d packages", len(pkgs))
	}
	for _, v := range violations(pkgs) {
		t.Error(v)
	}
}

// TestMapNamesEachPackage keeps the essay in doc.go complete.
func TestMapNamesEachPackage(t *testing.T) {
	essay, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layout {
		name := strings.TrimSuffix(l.at, "/...")
		if strings.HasSuffix(name, "/internal") && name != "qrproto/internal" {
			continue // nobody outside can import it
		}
		if !bytes.Contains(essay, []byte(name)) {
			t.Errorf("doc.go does not name %s", name)
		}
	}
}

// mentions finds the packages that a text names, and whether it marks them as
// "(to come)". Several at once stand in braces: "settle/{server,charger}".
func mentions(text string) map[string][]bool {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "//", " ")), " ")
	out := map[string][]bool{}
	for _, m := range regexp.MustCompile(`\b(tariff|qrproto|settle|fuzz|testdata)\b((?:/[a-z0-9]+)*)(?:/\{([a-z,]+)\})?(?:/\.\.\.)?( \(to come\))?`).FindAllStringSubmatch(text, -1) {
		for last := range strings.SplitSeq(m[3], ",") {
			name := strings.TrimSuffix(m[1]+m[2]+"/"+last, "/")
			out[name] = append(out[name], m[4] != "")
		}
	}
	return out
}

// untrue holds what a text says of packages against those that exist.
func untrue(text string, pkgs []pkg) []string {
	var out []string
	for name, marks := range mentions(text) {
		exists := slices.ContainsFunc(pkgs, func(p pkg) bool { return match(name+"/...", p.path) })
		for _, toCome := range marks {
			switch {
			case exists && toCome:
				out = append(out, name+" is there and called to come")
			case !exists && !toCome:
				out = append(out, name+" is not there and not called to come")
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestMapTellsWhatIsThere: nobody should look for a package that is a plan.
func TestMapTellsWhatIsThere(t *testing.T) {
	essay, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(mentions(string(essay))); n < len(layout)/2 {
		t.Fatalf("doc.go mentions %d packages", n)
	}
	for _, u := range untrue(string(essay), listPackages(t)) {
		t.Error(u)
	}
}

func TestMapCanBeUntrue(t *testing.T) {
	pkgs := []pkg{{path: "settle"}, {path: "settle/server"}, {path: "qrproto/internal/cose"}}
	for text, want := range map[string][]string{
		"settle, settle/server, qrproto/internal/...":      nil,
		"// settle/ledger\n// (to come) and settle/server": nil,
		"settle/{server,phone}":                            {"settle/phone is not there and not called to come"},
		"settle/sqlstore/... keeps":                        {"settle/sqlstore is not there and not called to come"},
		"settle/server (to come)":                          {"settle/server is there and called to come"},
	} {
		if got := untrue(text, pkgs); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRequirements(t *testing.T) {
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
		Replace, Exclude, Tool []any
	}
	if err := json.Unmarshal(runGo(t, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if !slices.Contains(budget, r.Path) && !slices.Contains(indirect, r.Path) {
			t.Errorf("go.mod requires %s", r.Path)
		}
		if !slices.Contains(budget, r.Path) && !r.Indirect {
			t.Errorf("go.mod requires %s directly", r.Path)
		}
	}
	if len(mod.Replace)+len(mod.Exclude)+len(mod.Tool) > 0 {
		t.Error("go.mod replaces, excludes or has tools; those who import the library would not get the same")
	}
}

// listPackages asks the go command for the packages of the root module.
// ./testdata is named because ./... leaves it out. A package that does not
// compile is still listed: that it must compile is for the build to say.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(runGo(t, "list", "-e", "-json=ImportPath,Module,Imports,Deps,TestImports,XTestImports", "./...", "./testdata")))
	var pkgs []pkg
	for {
		var l struct {
			ImportPath                               string
			Imports, Deps, TestImports, XTestImports []string
		}
		err := d.Decode(&l)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, pkg{
			path:    strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(l.ImportPath, module), "/"), "./"),
			imports: relative(l.Imports), deps: relative(l.Deps),
			tests: relative(slices.Concat(l.TestImports, l.XTestImports)),
		})
	}
}

func relative(paths []string) []string {
	out := make([]string, 0, len(paths))
	for _, p := range paths {
		if match(module+"/...", p) {
			p = "." + strings.TrimPrefix(p, module)
		}
		out = append(out, p)
	}
	return out
}

// runGo runs the go command on the root module alone: in the workspace, what the
// examples require could stand in for what the library does.
func runGo(t *testing.T, args ...string) []byte {
	t.Helper()
	tool, err := exec.LookPath("go")
	if err != nil && os.Getenv("QRCHARGE_REQUIRE_TOOLS") == "1" {
		t.Fatal("no go command: ", err)
	}
	if err != nil {
		t.Skip("no go command: ", err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(tool, args...)
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly", "CGO_ENABLED=1", "GOOS=linux", "GOARCH=amd64")
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// A clean tree, and for each rule a tree that breaks it and nothing else: a rule
// that cannot fail holds nothing.
var clean = []pkg{
	{path: ""},
	{path: "testdata", imports: []string{"embed"}, deps: []string{"embed"}},
	{path: "tariff", imports: []string{"math/bits", "time"}},
	{path: "tariff/billtext", imports: []string{"./tariff"}},
	{path: "qrproto/internal/cose", imports: []string{cbor, "crypto"}},
	{path: "qrproto", imports: []string{"./tariff", "./qrproto/internal/cose", "crypto"}, deps: []string{cbor, "github.com/x448/float16", "os"}},
	{path: "qrproto/qrimage", imports: []string{encoder, "image/png"}, deps: []string{"log", "os"}, tests: []string{"testing", "os/exec"}},
	{path: "qrproto/qrscan", imports: []string{decoder + "/qrcode", "image"}, tests: []string{"./qrproto/qrimage", encoder}},
	{path: "settle", imports: []string{"./tariff", "./qrproto"}},
	{path: "settle/charger", imports: []string{"./settle", "./qrproto", "iter"}, tests: []string{"./settle/settletest", "./settle/server"}},
	{path: "settle/journal", imports: []string{"os", "hash/crc32"}},
	{path: "settle/server", imports: []string{"context", "./settle", "./settle/ledger"}},
	{path: "settle/sqlstore/sqlite", imports: []string{"./settle/server", "database/sql"}, deps: []string{"database/sql"}},
	{path: "settle/settletest", imports: []string{"./settle/charger", "./settle/server", "testing"}},
	{path: "fuzz"},
}

var broken = []struct {
	rule string
	pkg  pkg
}{
	{"place", pkg{path: "util"}},
	{"place", pkg{path: "settle/notify"}},
	{"arrows", pkg{path: "", imports: []string{"./tariff"}}},
	{"arrows", pkg{path: "testdata", imports: []string{"./qrproto"}}},
	{"arrows", pkg{path: "tariff", imports: []string{"./qrproto"}}},
	{"arrows", pkg{path: "tariff", imports: []string{"./tariff/billtext"}}},
	{"arrows", pkg{path: "tariff", imports: []string{cbor}}},
	{"arrows", pkg{path: "tariff/ocpi", imports: []string{"./qrproto"}}},
	{"arrows", pkg{path: "qrproto/internal/cose", imports: []string{"./qrproto"}}},
	{"arrows", pkg{path: "qrproto", imports: []string{"./settle"}}},
	{"arrows", pkg{path: "qrproto/qrimage", imports: []string{decoder}}},
	{"arrows", pkg{path: "qrproto/qrscan", imports: []string{encoder}}},
	{"arrows", pkg{path: "settle", imports: []string{"./settle/charger"}}},
	{"arrows", pkg{path: "settle/journal", imports: []string{"./qrproto"}}},
	{"arrows", pkg{path: "settle/ledger", imports: []string{"./settle"}}},
	{"arrows", pkg{path: "settle/charger", imports: []string{"./settle/server"}}},
	{"arrows", pkg{path: "settle/charger", imports: []string{"./settle/journal"}}},
	{"arrows", pkg{path: "settle/server", imports: []string{"./settle/charger"}}},
	{"arrows", pkg{path: "settle/server", imports: []string{"./settle/sqlstore/sqlite"}}},
	{"arrows", pkg{path: "settle/sqlstore/sqlite", imports: []string{"modernc.org/sqlite"}}},
	{"arrows", pkg{path: "settle/phone", imports: []string{"./settle/charger"}}},
	{"arrows", pkg{path: "settle/settletest", imports: []string{"github.com/google/go-cmp/cmp"}}},
	{"test imports", pkg{path: "tariff", tests: []string{"pgregory.net/rapid"}}},
	{"no image code", pkg{path: "settle/charger", deps: []string{"./qrproto/qrscan"}}},
	{"no image code", pkg{path: "qrproto", imports: []string{"image/png"}}},
	{"no network", pkg{path: "settle/journal", deps: []string{"net"}}},
	{"no network", pkg{path: "settle/server", imports: []string{"net/http"}}},
	{"no network", pkg{path: "qrproto", imports: []string{"crypto/x509"}}},
	{"no database", pkg{path: "settle/server", deps: []string{"database/sql"}}},
	{"no logging, no processes", pkg{path: "qrproto", deps: []string{"log"}}},
	{"no logging, no processes", pkg{path: "settle/server", imports: []string{"log/slog"}}},
	{"no logging, no processes, image code itself", pkg{path: "qrproto/qrscan", imports: []string{"os/exec"}}},
	{"no operating system", pkg{path: "settle/charger", imports: []string{"os"}}},
	{"no weak randomness", pkg{path: "settle/server", imports: []string{"math/rand/v2"}}},
	{"no test code", pkg{path: "settle/charger", deps: []string{"testing"}}},
	{"nothing imports the examples", pkg{path: "settle/server", deps: []string{"./examples/server"}}},
}

func TestEachLayoutRuleCanFail(t *testing.T) {
	if v := violations(clean); len(v) > 0 {
		t.Fatalf("the clean tree violates: %q", v)
	}
	proven := map[string]bool{}
	for _, b := range broken {
		proven[b.rule] = true
		v := violations(append(slices.Clone(clean), b.pkg))
		if len(v) != 1 || !strings.HasPrefix(v[0], b.rule+": ") {
			t.Errorf("%s, broken by %+v: got %q", b.rule, b.pkg, v)
		}
	}
	for _, b := range bans {
		if !proven[b.name] {
			t.Errorf("nothing proves that %q can fail", b.name)
		}
	}
}
