// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The tables of section 26 are the diagrams that the charger and the server draw
// of their own tables: what runs, and what is told, cannot come apart.

var diagramLine = regexp.MustCompile(`(?m)^    (\[\*\]|\w+) --> (\[\*\]|\w+)(?:: ([\w ,]+?)(?: / ([\w ]+))?)?$`)

// change is one arrow of a diagram.
type change struct{ from, to, event, does string }

func diagramOf(t testing.TB, file string) (out []change) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range diagramLine.FindAllStringSubmatch(string(b), -1) {
		out = append(out, change{m[1], m[2], m[3], m[4]})
	}
	if arrows := strings.Count(string(b), "-->"); arrows != len(out) || arrows < 10 {
		t.Fatalf("%s: %d arrows, %d understood", file, arrows, len(out))
	}
	return out
}

var diagrams = map[string]struct {
	file string
	does bool // the arrows say what is done first
}{
	"device-states": {"../settle/charger/STATES.md", true},
	"server-states": {"../settle/server/STATES.md", false},
}

func TestSpecStates(t *testing.T) {
	for name, d := range diagrams {
		var b strings.Builder
		b.WriteString("| in | event | then |")
		if d.does {
			b.WriteString(" before that, durable |")
		}
		b.WriteString("\n|" + strings.Repeat("---|", strings.Count(b.String(), "|")-1) + "\n")
		for _, c := range diagramOf(t, d.file) {
			switch {
			case c.event == "":
				continue // where a diagram begins and ends
			case c.from == "[*]":
				c.from = ""
			}
			fmt.Fprintf(&b, "| %s | %s | %s |", c.from, c.event, c.to)
			if d.does {
				does := strings.TrimPrefix(c.does, "write ")
				if does == c.does {
					does = "" // nothing is written
				}
				fmt.Fprintf(&b, " %s |", does)
			}
			b.WriteString("\n")
		}
		holdPart(t, name, b.String())
	}
}

// TestSpecTellsOfEachStateAndEvent: section 26 says in words what each name of a
// diagram is, and of no other.
func TestSpecTellsOfEachStateAndEvent(t *testing.T) {
	row := regexp.MustCompile(`(?m)^\| (\w+) \|[^|\n]*\|$`)
	for name, d := range diagrams {
		_, _, behind := part(t, name)
		text, _, _ := strings.Cut(behind, "\n### ")
		told := map[string]bool{}
		for _, m := range row.FindAllStringSubmatch(text, -1) {
			told[m[1]] = true
		}
		used := map[string]bool{}
		for _, c := range diagramOf(t, d.file) {
			event, _, _ := strings.Cut(c.event, ",")
			for _, n := range []string{c.from, c.to, event} {
				if n != "" && n != "[*]" {
					used[n] = true
				}
			}
		}
		for n := range used {
			if !told[n] {
				t.Errorf("%s: the spec does not say what %q is", name, n)
			}
		}
		for n := range told {
			if !used[n] && n != "state" && n != "event" {
				t.Errorf("%s: nothing is called %q in %s", name, n, d.file)
			}
		}
	}
}
