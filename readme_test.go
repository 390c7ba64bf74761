// SPDX-License-Identifier: Apache-2.0

package qrcharge_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func readmeText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// squeeze makes indentation and blank lines not count.
func squeeze(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// TestReadmeProgramsAreTheOnesThatRun holds the Go code of the README against
// the examples, which the compiler and go test have seen.
func TestReadmeProgramsAreTheOnesThatRun(t *testing.T) {
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readmeText(t), -1)
	sources := []string{"settle/charger/example_test.go", "settle/server/example_test.go"}
	if len(blocks) != len(sources) {
		t.Fatalf("%d programs, want the firmware's and the server's", len(blocks))
	}
	for i, source := range sources {
		b, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		program := squeeze(blocks[i][1])
		if program == "" || !strings.Contains(squeeze(string(b)), program) {
			t.Errorf("program %d is not in %s", i+1, source)
		}
		if n := strings.Count(program, "\n") + 1; n > 25 {
			t.Errorf("program %d has %d lines", i+1, n)
		}
	}
}

func TestReadmeLinksLeadSomewhere(t *testing.T) {
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(readmeText(t), -1) {
		if strings.Contains(link[1], "://") {
			continue
		}
		if _, err := os.Stat(filepath.FromSlash(link[1])); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// TestReadmeSizesAreThoseOfTheSpec compares the tables of sizes with those in SPEC.md,
// which tests of qrproto hold against the code.
func TestReadmeSizesAreThoseOfTheSpec(t *testing.T) {
	spec, err := os.ReadFile("qrproto/SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string]int{"sizes": 10, "parts-sizes": 6} {
		_, table, _ := strings.Cut(string(spec), "<!-- begin "+name+" -->\n")
		table, _, _ = strings.Cut(table, "<!-- end")
		if n := strings.Count(table, "\n") - 2; n < rows {
			t.Errorf("%s: %d rows", name, n)
		}
		if !strings.Contains(readmeText(t), "\n"+table+"\n") {
			t.Errorf("README.md does not have the table\n%s", table)
		}
	}
}
