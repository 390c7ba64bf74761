// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestFortyAttacks: one test for each number from 1 to 40. That SPEC.md names each,
// the root of the repository tests.
func TestFortyAttacks(t *testing.T) {
	files, err := filepath.Glob("attack*_test.go")
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
		if tests[n] == "" {
			t.Errorf("attack %d has no test", n)
		}
	}
	if len(tests) != 40 {
		t.Errorf("%d attacks", len(tests))
	}
}
