// SPDX-License-Identifier: Apache-2.0

package server

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

var update = flag.Bool("update", false, "write STATES.md from the table")

// notes say in words what each event is.
var notes = map[event]string{
	eventPlace:   "Issue stores the order and asks for a hold",
	eventHold:    "the provider holds the money; the order is signed and given out",
	eventDecline: "the provider refuses the hold",
	eventReplace: "another order of the account stands in its place, or was taken by the device",
	eventSettle:  "a settlement arrives that agrees with the order",
	eventDispute: "a settlement arrives that contradicts the order, or at a contested place of the chain",
	eventPay:     "the provider has captured what is payable and released the rest",
	eventOwe:     "the bill is below zero, and the provider has released the hold",
	eventDie:     "the device has shown that it will never settle the order, or nothing was signed and nobody will any more",
	eventRelease: "the provider has given back what was held for a dead order, or taken for a void one",
	eventSell:    "Sell stores the order and asks for the money",
	eventTake:    "the provider has taken the money; the order has the device's next number, is signed and given out",
}

// diagram draws the table in Mermaid.
func diagram() string {
	var b strings.Builder
	b.WriteString("# The states of an order\n\nGenerated from the table in states.go: `go test ./settle/server -run StateDiagram -update`.\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	leaves := map[State]bool{}
	for _, t := range transitions {
		leaves[t.from] = true
	}
	for _, t := range transitions {
		from := "[*]"
		if t.from != 0 {
			from = t.from.String()
		}
		fmt.Fprintf(&b, "    %s --> %v: %v\n", from, t.to, t.on)
	}
	for s := StatePlacing; s <= lastState; s++ {
		if !leaves[s] {
			fmt.Fprintf(&b, "    %v --> [*]\n", s)
		}
	}
	b.WriteString("```\n\n| event | what it is |\n|---|---|\n")
	for e := eventPlace; e <= lastEvent; e++ {
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

// TestStateTable: from the beginning every state is reached, no state and event
// lead to two states, and each event has a row and a name.
func TestStateTable(t *testing.T) {
	reached := map[State]bool{0: true}
	for range transitions {
		for _, row := range transitions {
			if reached[row.from] {
				reached[row.to] = true
			}
		}
	}
	for s := StatePlacing; s <= lastState; s++ {
		if !reached[s] || s.String() == "unknown" {
			t.Errorf("state %v is not reached, or has no name", s)
		}
	}
	rows := map[string]bool{}
	used := map[event]bool{}
	for _, row := range transitions {
		key := fmt.Sprint(row.from, row.on)
		if rows[key] {
			t.Errorf("two rows for %v in state %v", row.on, row.from)
		}
		rows[key], used[row.on] = true, true
		if !reached[row.from] {
			t.Errorf("the row of %v in state %v is not reached", row.on, row.from)
		}
	}
	for e := eventPlace; e <= lastEvent; e++ {
		if !used[e] || notes[e] == "" || e.String() == "unknown" {
			t.Errorf("event %v has no row, note or name", e)
		}
	}
	if (lastEvent+1).String() != "unknown" || (lastState+1).String() != "unknown" {
		t.Error("a state or event behind the last has a name: this test does not know it")
	}
}

// TestStateRefusesTheRest: what is not in the table is ErrState.
func TestStateRefusesTheRest(t *testing.T) {
	refused := 0
	for s := State(0); s <= lastState; s++ {
		for e := eventPlace; e <= lastEvent; e++ {
			if _, err := s.after(e); errors.Is(err, ErrState) {
				refused++
			} else if err != nil {
				t.Errorf("%v in %v: %v", e, s, err)
			}
		}
	}
	if all := (int(lastState) + 1) * int(lastEvent); refused+len(transitions) != all {
		t.Errorf("%d refused and %d rows, of %d", refused, len(transitions), all)
	}
	o := &Order{State: StatePaid, Version: 5}
	if err := o.move(eventSettle); !errors.Is(err, ErrState) || o.State != StatePaid || o.Version != 5 {
		t.Errorf("a refused event has moved the order to %v, version %d: %v", o.State, o.Version, err)
	}
}

// TestRulesUnknownToTheDevice needs a tariff of rules that do not exist yet.
func TestRulesUnknownToTheDevice(t *testing.T) {
	i := &qrproto.Identity{Connector: 1, Boot: 1, Rules: 1, Challenge: qrproto.Challenge{Counter: 1}}
	seen := &sighting{identity: i, device: &Device{Newest: i}}
	s := &Server{}
	if err := s.admit(seen, &deal{terms: &Terms{}, tariff: &tariff.Tariff{Rules: 2}}); !errors.Is(err, ErrRules) {
		t.Errorf("got %v", err)
	}
}
