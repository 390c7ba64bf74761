// SPDX-License-Identifier: Apache-2.0

package qrcharge_test

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "add lines for new vectors to testdata/v1.sha256")

const manifestFile = "testdata/v1.sha256"

// manifest is the lines of a file as sha256sum writes them, by path.
type manifest map[string]string

func parseManifest(text string) (manifest, error) {
	m := manifest{}
	line := regexp.MustCompile(`^([0-9a-f]{64})  (v1/\S+)$`)
	last := ""
	for l := range strings.Lines(text) {
		parts := line.FindStringSubmatch(strings.TrimSuffix(l, "\n"))
		if parts == nil || !strings.HasSuffix(l, "\n") || parts[2] <= last {
			return nil, fmt.Errorf("not a line of a manifest, or not in order: %q", l)
		}
		last, m[parts[2]] = parts[2], parts[1]
	}
	return m, nil
}

func (m manifest) String() string {
	var lines []string
	for path, sum := range m {
		lines = append(lines, path+"\x00"+sum)
	}
	slices.Sort(lines)
	for i, l := range lines {
		path, sum, _ := strings.Cut(l, "\x00")
		lines[i] = sum + "  " + path + "\n"
	}
	return strings.Join(lines, "")
}

// sums is the manifest of the vectors that are there.
func sums(files fs.FS) (manifest, error) {
	m := manifest{}
	err := fs.WalkDir(files, "v1", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		b, err := fs.ReadFile(files, path)
		m[path] = fmt.Sprintf("%x", sha256.Sum256(b))
		return err
	})
	return m, err
}

// against compares what was frozen with what is there. Added are paths without a
// line; broken says what is gone or changed, which no update mends.
func (m manifest) against(there manifest) (added, broken []string) {
	for path, sum := range m {
		switch there[path] {
		case sum:
		case "":
			broken = append(broken, "gone: "+path)
		default:
			broken = append(broken, "changed: "+path)
		}
	}
	for path := range there {
		if m[path] == "" {
			added = append(added, path)
		}
	}
	slices.Sort(added)
	slices.Sort(broken)
	return added, broken
}

// TestReleasedVectorsAreFrozen: from the first release on, which CHANGELOG.md
// tells, no vector changes or goes. qrproto/COMPAT.md says how one is added.
func TestReleasedVectorsAreFrozen(t *testing.T) {
	changes, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(manifestFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	released, begun := strings.Contains(string(changes), "\n## [0.1.0]"), err == nil
	switch {
	case *update:
	case begun != released:
		t.Fatalf("CHANGELOG.md has a release 0.1.0: %v; %s is there: %v", released, manifestFile, begun)
	case !released:
		return // nothing is frozen yet
	}
	frozen, err := parseManifest(string(text))
	if err != nil {
		t.Fatal(err)
	}
	holdFrozen(t, frozen)
}

// holdFrozen compares a manifest with the vectors, and with -update adds lines.
func holdFrozen(t *testing.T, frozen manifest) {
	t.Helper()
	there, err := sums(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	added, broken := frozen.against(there)
	if len(broken) > 0 {
		t.Errorf("frozen in %s, and\n%s", manifestFile, strings.Join(broken, "\n"))
	}
	if !*update {
		if len(added) > 0 {
			t.Errorf("no line in %s (go test . -run %s -update):\n%s", manifestFile, t.Name(), strings.Join(added, "\n"))
		}
		return
	}
	for _, path := range added {
		frozen[path] = there[path]
	}
	if err := os.WriteFile(manifestFile, []byte(frozen.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestManifestSeesEachChange(t *testing.T) {
	files := fstest.MapFS{"v1/a/1.json": {Data: []byte("1")}, "v1/a/2.json": {Data: []byte("2")}, "v1/README.md": {Data: []byte("3")}}
	there, err := sums(files)
	if err != nil || len(there) != 2 {
		t.Fatal(there, err)
	}
	frozen, err := parseManifest(there.String())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, data    string // "" takes the file away
		added, broken string
	}{
		"nothing": {"v1/a/1.json", "1", "", ""},
		"changed": {"v1/a/1.json", "1\n", "", "changed: v1/a/1.json"},
		"gone":    {"v1/a/2.json", "", "", "gone: v1/a/2.json"},
		"added":   {"v1/b/1.json", "1", "v1/b/1.json", ""},
	} {
		other := fstest.MapFS{}
		for path, f := range files {
			other[path] = f
		}
		other[c.path] = &fstest.MapFile{Data: []byte(c.data)}
		if c.data == "" {
			delete(other, c.path)
		}
		now, err := sums(other)
		if err != nil {
			t.Fatal(err)
		}
		added, broken := frozen.against(now)
		if strings.Join(added, " ") != c.added || strings.Join(broken, " ") != c.broken {
			t.Errorf("%s: added %v, broken %v", name, added, broken)
		}
	}
	line := strings.Repeat("ab", 32)
	for _, text := range []string{line + " v1/a", line + "  v2/a\n", line + "  v1/b\n" + line + "  v1/a\n", line + "  v1/a\n" + line + "  v1/a\n", "x\n"} {
		if _, err := parseManifest(text); err == nil {
			t.Errorf("%q is no manifest", text)
		}
	}
}
