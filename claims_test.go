// SPDX-License-Identifier: Apache-2.0

package qrcharge_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// claims are the documents that say which test holds what they say.
var claims = []string{"qrproto/SPEC.md", "qrproto/COMPAT.md", "SECURITY.md"}

// TestDocumentsNameTestsThatAre: a name in backquotes is that of a test, and one
// that ends in … begins the name of a test.
func TestDocumentsNameTestsThatAre(t *testing.T) {
	tests := testNames(t)
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z0-9]\\w*)(…?)`")
	found := 0
	for _, file := range claims {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(b), -1) {
			found++
			if !tests[m[1]+m[2]] {
				t.Errorf("%s: there is no test %s%s", file, m[1], m[2])
			}
		}
	}
	if found < 10 {
		t.Errorf("%d tests are named", found)
	}
}

// TestEachPromiseIsHeld: a row of a table with the column "held by" tells by what.
func TestEachPromiseIsHeld(t *testing.T) {
	b, err := os.ReadFile("qrproto/COMPAT.md")
	if err != nil {
		t.Fatal(err)
	}
	tables, rows, held := 0, 0, false
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		switch {
		case len(cells) < 3:
			held = false
		case strings.TrimSpace(cells[len(cells)-2]) == "held by":
			held = true
			tables++
		case held:
			rows++
			if strings.TrimSpace(cells[len(cells)-2]) == "" {
				t.Errorf("held by nothing: %s", line)
			}
		}
	}
	if tables != 2 || rows < 20 {
		t.Errorf("%d rows in %d tables", rows, tables)
	}
}

// TestSpecGoesThroughEachAttack: section 19 has forty rows, in their order, each with
// what counters the attack, where that is told, and the test that plays it.
func TestSpecGoesThroughEachAttack(t *testing.T) {
	b, err := os.ReadFile("qrproto/SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| (\\d+) \\| [^|]{10,} \\| [^|]{10,} \\| ([\\d., ]+) \\| `TestAttack(\\d\\d)…` \\|$")
	rows := row.FindAllStringSubmatch(string(b), -1)
	if len(rows) != 40 {
		t.Errorf("%d rows", len(rows))
	}
	for i, m := range rows {
		if want := fmt.Sprint(i + 1); m[1] != want || m[3] != fmt.Sprintf("%02d", i+1) {
			t.Errorf("row %d is of attack %s and test %s", i+1, m[1], m[3])
		}
		for place := range strings.SplitSeq(m[2], ", ") {
			if !regexp.MustCompile(`(?m)^###? ` + regexp.QuoteMeta(place) + `\.? `).Match(b) {
				t.Errorf("row %d: there is no section %s", i+1, place)
			}
		}
	}
}

// testNames has each test of the repository, and each beginning of a name up to
// a number, with … behind it.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	def := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(\w+ \*testing\.`)
	begin := regexp.MustCompile(`^[A-Za-z]+\d+`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range def.FindAllStringSubmatch(string(b), -1) {
			out[m[1]], out[begin.FindString(m[1])+"…"] = true, true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
