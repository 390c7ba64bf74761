// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

var update = flag.Bool("update", false, "write STATES.md from the table")

// notes say in words what each event is.
var notes = map[event]string{
	accepted:  "Accept takes an order that passes every check",
	plugged:   "the first reading with order and plug both there",
	stop:      "by hand, by a stop order, at a target or limit, by a fault",
	unplugged: "a reading without the plug",
	receipt:   "Accept takes the receipt of this settlement",
	button:    "Stop while the settlement is shown",
	timeout:   "armed without a plug for 90 s; settlement shown for 120 s after the plug is out",
}

// name tells a row from all others.
func (t transition) name() string {
	return strings.TrimSpace(fmt.Sprintf("%v %v %v %v", t.from, t.event, t.to, t.when))
}

// diagram draws the table in Mermaid.
func diagram() string {
	var b strings.Builder
	b.WriteString("# The states of a connector\n\nGenerated from the table in states.go: `go test ./settle/charger -run StateDiagram -update`.\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> idle\n")
	for _, t := range table() {
		on := t.event.String()
		if t.when != both {
			on += ", " + t.when.String()
		}
		fmt.Fprintf(&b, "    %v --> %v: %s / %v\n", t.from, t.to, on, t.do)
	}
	b.WriteString("```\n\nWhat a transition writes is durable before the new state is entered. The relay is closed while charging,\n")
	b.WriteString("and in no other state; a write that failed opens it at once. After a power cut every connector is idle: what was open is settled first.\n")
	b.WriteString("A device without a display shows no settlement: once it is made, the connector is idle.\n\n")
	b.WriteString("| event | what it is |\n|---|---|\n")
	for e := accepted; e <= timeout; e++ {
		fmt.Fprintf(&b, "| %v | %s |\n", e, notes[e])
	}
	return b.String()
}

func TestStateDiagram(t *testing.T) {
	const file = "STATES.md"
	if *update {
		if err := os.WriteFile(file, []byte(diagram()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != diagram() {
		t.Error("STATES.md is not what the table says; run the test with -update")
	}
}

func TestStateTableLeavesNothingOpen(t *testing.T) {
	rows, used, reached := map[string]bool{}, map[event]bool{}, map[state]bool{idle: true}
	for range table() {
		for _, row := range table() {
			if reached[row.from] {
				reached[row.to] = true
			}
		}
	}
	for _, row := range table() {
		key := fmt.Sprint(row.from, row.event, row.when)
		if rows[key] || rows[fmt.Sprint(row.from, row.event, both)] {
			t.Errorf("two rows for %s", row.name())
		}
		if row.when == atUnplug {
			if _, ok := next(row.from, row.event, atStop); !ok {
				t.Errorf("%s has no other case", row.name())
			}
		}
		rows[key], used[row.event] = true, true
	}
	for s := idle; s <= settled; s++ {
		if !reached[s] {
			t.Errorf("%v is not reached", s)
		}
	}
	for e := accepted; e <= timeout; e++ {
		if !used[e] || notes[e] == "" {
			t.Errorf("%v has no row or note", e)
		}
	}
}

func TestWhatHasNoRowChangesNothing(t *testing.T) {
	refused := 0
	for s := idle; s <= settled; s++ {
		for e := accepted; e <= timeout; e++ {
			if _, ok := next(s, e, atStop); ok {
				continue
			}
			refused++
			c := &Charger{connectors: make([]connector, 1)}
			k := &c.connectors[0]
			k.state = s
			if err := c.fire(k, e); qrproto.CodeOf(err) != ErrState || k.state != s {
				t.Errorf("%v in %v: %v, now %v", e, s, err, k.state)
			}
		}
	}
	if rows := len(table()) - 1; refused+rows != 5*7 { // one row has two cases
		t.Errorf("%d refused and %d rows", refused, rows)
	}
}
