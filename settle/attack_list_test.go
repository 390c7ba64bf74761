// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestFortyAttacks: one test for each number from 1 to 40, each in the table of
// the wire's section on security.
func TestFortyAttacks(t *testing.T) {
	files, err := filepath.Glob("attack*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := os.ReadFile("../qrproto/SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`^TestAttack(\d\d)[A-Z][A-Za-z]+$`)
	tests := map[int]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !name.MatchString(f.Name.Name) {
				continue
			}
			n, err := strconv.Atoi(name.FindStringSubmatch(f.Name.Name)[1])
			if err != nil || tests[n] != "" {
				t.Errorf("%s and %s have one number: %v", f.Name.Name, tests[n], err)
			}
			tests[n] = f.Name.Name
		}
	}
	for n := 1; n <= 40; n++ {
		if tests[n] == "" || !bytes.Contains(spec, fmt.Appendf(nil, "TestAttack%02d…", n)) {
			t.Errorf("attack %d has the test %q, and a row in SPEC.md or not", n, tests[n])
		}
	}
	if len(tests) != 40 {
		t.Errorf("%d attacks", len(tests))
	}
}
