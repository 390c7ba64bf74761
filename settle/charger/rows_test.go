// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
)

// row is a row of the state table as it is seen from outside.
type row struct {
	seal charger.Seal
	to   charger.Screen
	wait time.Duration
	do   func(*rig) error
}

// enter takes connector 1 to the state that a row begins with.
func (r *rig) enter(state string) {
	r.t.Helper()
	if state == "idle" {
		return
	}
	r.accept(1, nil)
	if state == "armed" {
		return
	}
	r.read(1, 0)
	switch state {
	case "stopped":
		_ = r.c.Stop(1, r.reading(0), qrproto.StopUser)
	case "settled":
		r.unplug(1)
	}
}

func out(r *rig) error {
	at := r.reading(0)
	at.Plugged = false
	return r.c.Meter(1, at)
}

func stop(r *rig) error { return r.c.Stop(1, r.reading(0), qrproto.StopUser) }
func wait(*rig) error   { return nil }

var rows = map[string]row{
	"idle accepted armed": {to: charger.ScreenPlug, do: func(r *rig) error {
		_, err := r.c.Accept(r.seal(r.order(r.identity(1), nil)))
		return err
	}},
	"armed plugged charging":                             {to: charger.ScreenCharging, do: func(r *rig) error { return r.c.Start(1, r.reading(0)) }},
	"armed stop settled":                                 {to: charger.ScreenSettlement, do: stop},
	"armed timeout settled":                              {to: charger.ScreenSettlement, wait: 90 * time.Second, do: wait},
	"charging stop stopped plugged in, sealed at unplug": {to: charger.ScreenUnplug, do: stop},
	"charging stop settled otherwise":                    {seal: charger.SealAtStop, to: charger.ScreenSettlement, do: stop},
	"charging unplugged settled":                         {to: charger.ScreenSettlement, do: out},
	"stopped unplugged settled":                          {to: charger.ScreenSettlement, do: out},
	"settled receipt idle": {to: charger.ScreenIdentity, do: func(r *rig) error {
		_, err := r.c.Accept(r.receipt(r.settlement(1), nil))
		return err
	}},
	"settled button idle":  {to: charger.ScreenIdentity, do: stop},
	"settled timeout idle": {to: charger.ScreenIdentity, wait: 120 * time.Second, do: wait},
}

func TestEveryRowOfTheStateTable(t *testing.T) {
	all := charger.Rows()
	for name := range rows {
		if !slices.Contains(all, name) {
			t.Errorf("the table has no row %q", name)
		}
	}
	for _, name := range all {
		row, ok := rows[name]
		if !ok {
			t.Errorf("nothing tests the row %q", name)
			continue
		}
		r := newRig(t, &charger.Options{Seal: row.seal})
		var from string
		for _, from = range []string{"idle", "armed", "charging", "stopped", "settled"} {
			if len(name) > len(from) && name[:len(from)] == from {
				break
			}
		}
		r.enter(from)
		before := r.c.Do(1).Screen
		r.pass(row.wait)
		if err := row.do(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := r.c.Do(1); d.Screen != row.to || d.Screen == before || d.Relay != (row.to == charger.ScreenCharging) {
			t.Errorf("%s: from screen %d to %+v", name, before, d)
		}
	}
}

func TestDefaultsAreThoseOfTheDocumentation(t *testing.T) {
	zero, nothing := newRig(t, &charger.Options{Armed: -1, Record: 1000}), newRig(t, nil)
	for _, r := range []*rig{zero, nothing} {
		r.accept(1, nil)
		if d := r.c.Do(1); d.Wake != r.clock.Up+5*time.Second {
			t.Errorf("sample every %v", d.Wake-r.clock.Up)
		}
		r.pass(90*time.Second - 1)
		if d := r.c.Do(1); d.Screen != charger.ScreenPlug {
			t.Error("armed for less than 90 s")
		}
	}
}
