// SPDX-License-Identifier: Apache-2.0

package qrcharge_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	spdx         = "// SPDX-License-Identifier: Apache-2.0\n\n"
	maxFile      = 360 // lines
	maxFunc      = 60  // lines
	goldenFolder = "testdata/v1"
)

// What a name promises nothing about collects everything.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base"}

// A use is a name of the standard library that a folder must do without.
type use struct {
	rule  string
	at    []string
	pkg   string
	names []string // nil is any
}

var forbidden = []use{
	{
		// Time is an argument. A host's zone is its owner's business.
		rule: "clock", at: library, pkg: "time",
		names: []string{"Now", "Since", "Until", "Local", "LoadLocation", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
	},
	{
		// Chance is an argument too: a test must be able to give it.
		rule: "randomness", at: library, pkg: "crypto/rand",
	},
	{
		rule: "output", at: library, pkg: "fmt",
		names: []string{"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	},
	{
		rule: "environment", at: library, pkg: "os",
		names: []string{"Getenv", "LookupEnv", "Environ", "Setenv", "Args", "Exit", "Stdin", "Stdout", "Stderr", "Hostname", "Getwd", "TempDir"},
	},
}

var (
	// A price or a state machine that rounds in binary is wrong somewhere.
	floatless = []string{"tariff/...", "qrproto", "qrproto/internal/...", "settle/..."}
	// Types whose only use is to change.
	mutable = []string{"sync.Map", "sync.Mutex", "sync.Once", "sync.Pool", "sync.RWMutex", "sync.WaitGroup", "sync.Cond"}
)

// A source is one Go file.
type source struct {
	path string
	text string
}

// faults holds the files of the tree against the rules for source. Each line
// begins with the name of its rule.
func faults(files []source) []string {
	var out []string
	folders := map[string][]source{}
	for _, f := range files {
		out = append(out, shape(f)...)
		if !strings.HasSuffix(f.path, "_test.go") && matchAny(library, path.Dir(f.path)) {
			folders[path.Dir(f.path)] = append(folders[path.Dir(f.path)], f)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		out = append(out, newFolder(dir, folders[dir]).faults()...)
	}
	return out
}

// shape checks what holds for every file, and the lengths outside of tests.
func shape(f source) []string {
	var out []string
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, f.path, f.text, parser.ParseComments)
	if err != nil {
		return []string{fmt.Sprintf("syntax: %v", err)}
	}
	generated := ast.IsGenerated(file)
	if !strings.HasPrefix(f.text, spdx) {
		out = append(out, fmt.Sprintf("license: %s does not begin with the SPDX line and an empty one", f.path))
	}
	if name := strings.TrimSuffix(file.Name.Name, "_test"); slices.Contains(vague, name) {
		out = append(out, fmt.Sprintf("name: %s is of a package called %s", f.path, name))
	}
	if strings.HasSuffix(f.path, "_test.go") || generated {
		return out
	}
	if n := strings.Count(f.text, "\n"); n > maxFile {
		out = append(out, fmt.Sprintf("file length: %s has %d lines, more than %d", f.path, n, maxFile))
	}
	for _, d := range file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > maxFunc {
			out = append(out, fmt.Sprintf("function length: %s: %s has %d lines, more than %d", f.path, fn.Name.Name, n, maxFunc))
		}
	}
	return out
}

// A folder is one package of the library with its names resolved. Imports are
// not followed: what a qualified name belongs to is known without.
type folder struct {
	dir   string
	set   *token.FileSet
	files []*ast.File
	info  types.Info
	out   []string
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not followed") }

func newFolder(dir string, sources []source) *folder {
	f := &folder{dir: dir, set: token.NewFileSet()}
	for _, s := range sources {
		if file, err := parser.ParseFile(f.set, s.path, s.text, parser.SkipObjectResolution); err == nil {
			f.files = append(f.files, file)
		}
	}
	f.info = types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	_, _ = conf.Check(module+"/"+dir, f.set, f.files, &f.info) // incomplete types are enough
	return f
}

func (f *folder) add(rule string, at ast.Node, format string, args ...any) {
	f.out = append(f.out, fmt.Sprintf("%s: %s: %s", rule, f.set.Position(at.Pos()), fmt.Sprintf(format, args...)))
}

func (f *folder) faults() []string {
	for _, file := range f.files {
		f.globals(file)
		ast.Inspect(file, func(n ast.Node) bool { f.node(n); return true })
	}
	return f.out
}

func (f *folder) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		f.selector(n)
	case *ast.GoStmt:
		f.add("goroutine", n, "the library starts none")
	case *ast.Ident:
		f.ident(n)
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			f.written(l)
		}
	case *ast.IncDecStmt:
		f.written(n.X)
	}
}

func (f *folder) selector(s *ast.SelectorExpr) {
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return
	}
	p, ok := f.info.Uses[x].(*types.PkgName)
	if !ok {
		return
	}
	for _, u := range forbidden {
		if matchAny(u.at, f.dir) && u.pkg == p.Imported().Path() && (u.names == nil || slices.Contains(u.names, s.Sel.Name)) {
			f.add(u.rule, s, "%s.%s", u.pkg, s.Sel.Name)
		}
	}
}

func (f *folder) ident(id *ast.Ident) {
	switch o := f.info.Uses[id].(type) {
	case *types.TypeName:
		if o.Pkg() == nil && strings.HasPrefix(o.Name(), "float") && matchAny(floatless, f.dir) {
			f.add("float", id, "%s", o.Name())
		}
	case *types.Builtin:
		if o.Name() == "print" || o.Name() == "println" {
			f.add("output", id, "%s", o.Name())
		}
	}
}

// written reports an assignment to a variable of the package or to a part of it.
func (f *folder) written(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
			continue
		case *ast.SelectorExpr:
			e = x.X
			continue
		case *ast.StarExpr:
			e = x.X
			continue
		case *ast.ParenExpr:
			e = x.X
			continue
		case *ast.Ident:
			if v, ok := f.info.Uses[x].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				f.add("global state", x, "%s is changed", x.Name)
			}
		}
		return
	}
}

// globals lets a package have variables that are constants in all but name:
// error values, tables with an initial value, assertions, embedded files.
func (f *folder) globals(file *ast.File) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			f.global(s.(*ast.ValueSpec))
		}
	}
}

func (f *folder) global(s *ast.ValueSpec) {
	typ := s.Type
	if typ == nil && len(s.Values) > 0 {
		if lit, ok := s.Values[0].(*ast.CompositeLit); ok {
			typ = lit.Type
		}
	}
	embedded := types.ExprString(orBlank(s.Type)) == "embed.FS"
	for _, name := range s.Names {
		switch {
		case name.Name == "_":
		case slices.Contains(mutable, types.ExprString(orBlank(typ))):
			f.add("global state", name, "%s can only be there to change", name.Name)
		case len(s.Values) == 0 && !embedded:
			f.add("global state", name, "%s has no initial value", name.Name)
		case name.IsExported() && !strings.HasPrefix(name.Name, "Err"):
			f.add("global state", name, "%s can be changed by anyone", name.Name)
		}
	}
}

func orBlank(e ast.Expr) ast.Expr {
	if e == nil {
		return ast.NewIdent("_")
	}
	return e
}

func TestSource(t *testing.T) {
	files := readSources(t)
	if len(files) < 3 {
		t.Fatalf("only %d Go files found", len(files))
	}
	for _, f := range faults(files) {
		t.Error(f)
	}
}

// TestVectorsHoldNoCode: the golden vectors are data for all languages; what
// makes and checks them lives elsewhere.
func TestVectorsHoldNoCode(t *testing.T) {
	for _, f := range readSources(t) {
		if strings.HasPrefix(f.path, goldenFolder+"/") || strings.HasPrefix(f.path, "testdata/") && strings.HasSuffix(f.path, "_test.go") {
			t.Errorf("%s does not belong there", f.path)
		}
	}
}

func readSources(t *testing.T) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		files = append(files, source{filepath.ToSlash(name), string(text)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

const cleanSource = spdx + `package tariff

import (
	"errors"
	"os"
	"time"
)

var _ error = (*fault)(nil)

// ErrRange is returned for what is out of range.
var ErrRange = errors.New("out of range")

var powers = [...]int64{1, 10, 100}

type fault struct{ at time.Time }

func (f *fault) Error() string { return os.DevNull }

// The names of the package are hidden here, so nothing global changes.
func local(now func() time.Time) time.Time {
	powers, time := []int64{1}, struct{ Now func() time.Time }{now}
	powers[0]++
	return time.Now()
}
`

func TestEachSourceRuleCanFail(t *testing.T) {
	if f := faults([]source{{"tariff/money.go", cleanSource}}); len(f) > 0 {
		t.Fatalf("the clean source has faults: %q", f)
	}
	for _, b := range []struct{ rule, path, text string }{
		{"syntax", "tariff/a.go", spdx + "package"},
		{"license", "examples/x/a.go", "package x\n"},
		{"license", "tariff/a.go", "package tariff\n\n" + spdx},
		{"license", "tariff/a_test.go", "// SPDX-License-Identifier: Apache-2.0\npackage tariff\n"},
		{"name", "settle/util/a.go", spdx + "package util\n"},
		{"name", "settle/x/a_test.go", spdx + "package common_test\n"},
		{"file length", "examples/x/a.go", spdx + "package x\n" + strings.Repeat("\n", maxFile)},
		{"function length", "examples/x/a.go", spdx + "package x\nfunc f() {" + strings.Repeat("\n", maxFunc) + "}\n"},
		{"clock", "settle/a.go", spdx + "package settle\nimport \"time\"\nvar now = time.Now\n"},
		{"clock", "tariff/a.go", spdx + "package tariff\nimport t \"time\"\nfunc f() any { return t.Local }\n"},
		{"randomness", "qrproto/a.go", spdx + "package qrproto\nimport \"crypto/rand\"\nfunc f() any { return rand.Reader }\n"},
		{"output", "settle/a.go", spdx + "package settle\nimport \"fmt\"\nfunc f() { fmt.Println() }\n"},
		{"output", "settle/a.go", spdx + "package settle\nfunc f() { println() }\n"},
		{"environment", "settle/journal/a.go", spdx + "package journal\nimport \"os\"\nfunc f() string { return os.Getenv(\"X\") }\n"},
		{"goroutine", "settle/a.go", spdx + "package settle\nfunc f() { go f() }\n"},
		{"float", "tariff/a.go", spdx + "package tariff\nfunc f(x int64) bool { return float64(x) > 1 }\n"},
		{"global state", "settle/a.go", spdx + "package settle\nvar n int\n"},
		{"global state", "settle/a.go", spdx + "package settle\nvar n = 1\nfunc f() { n++ }\n"},
		{"global state", "settle/a.go", spdx + "package settle\nvar m = map[int]struct{ a [2]int }{}\nfunc f() { (m)[1].a[0] = 1 }\n"},
		{"global state", "settle/a.go", spdx + "package settle\nvar Table = []int{1}\n"},
		{"global state", "settle/a.go", spdx + "package settle\nimport \"sync\"\nvar p = sync.Pool{}\n"},
	} {
		f := faults([]source{{"tariff/money.go", cleanSource}, {b.path, b.text}})
		if len(f) != 1 || !strings.HasPrefix(f[0], b.rule+": ") {
			t.Errorf("%s, broken by %s:\n%s\ngot %q", b.rule, b.path, b.text, f)
		}
	}
}

// TestGlobalIsSeenAcrossFiles: the variable stands in one file, the assignment
// in another.
func TestGlobalIsSeenAcrossFiles(t *testing.T) {
	f := faults([]source{
		{"settle/a.go", spdx + "package settle\nvar table = []int{1}\n"},
		{"settle/b.go", spdx + "package settle\nfunc f() { table[0] = 2 }\n"},
	})
	if len(f) != 1 || !strings.HasPrefix(f[0], "global state: settle/b.go") {
		t.Errorf("got %q", f)
	}
}
