// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

func one(t *testing.T, kind qrproto.Kind) qrproto.Payload {
	for _, p := range payloads(t) {
		if p.Kind() == kind {
			return p
		}
	}
	t.Fatalf("no fixture of kind %v", kind)
	return nil
}

// leaves lists the paths of all fields down to what is one value on the wire.
func leaves(v reflect.Type, prefix string) []string {
	var out []string
	for i := range v.NumField() {
		f := v.Field(i)
		if !f.IsExported() {
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			out = append(out, leaves(inner, prefix+f.Name+".")...)
		} else {
			out = append(out, prefix+f.Name)
		}
	}
	return out
}

func TestEachFieldIsShownOnce(t *testing.T) {
	for _, f := range forms() {
		paths, names := map[string]int{}, map[string]bool{}
		for _, field := range f.fields {
			paths[field.path]++
			if names[jsonName(field.name)] {
				t.Errorf("%s: two fields are called %s", f.name, field.name)
			}
			names[jsonName(field.name)] = true
		}
		want := leaves(reflect.TypeOf(one(t, f.kind)).Elem(), "")
		for _, path := range want {
			if paths[path] != 1 {
				t.Errorf("%s: %s is shown %d times", f.name, path, paths[path])
			}
		}
		if len(paths) != len(want) {
			t.Errorf("%s: %d fields are shown, it has %d", f.name, len(paths), len(want))
		}
	}
}

// TestEachValueHasAName walks every enumeration: what the library takes has a
// name, and nothing else has.
func TestEachValueHasAName(t *testing.T) {
	for name, set := range map[string]func(n uint8) (qrproto.Payload, string){
		"State": func(n uint8) (qrproto.Payload, string) {
			i := identity()
			i.State = qrproto.State(n)
			return i, states(i.State)
		},
		"Clock": func(n uint8) (qrproto.Payload, string) {
			i := identity()
			if i.Clock = qrproto.ClockTrust(n); n == 0 {
				i.Wall = 0
			}
			return i, clocks(i.Clock)
		},
		"Health": func(n uint8) (qrproto.Payload, string) {
			i := identity()
			i.Health = qrproto.Health(n)
			return i, healths(i.Health)
		},
		"Target.Kind": func(n uint8) (qrproto.Payload, string) {
			o := startOrder(t)
			o.Target = &qrproto.Target{Kind: qrproto.TargetKind(n), Value: 1}
			return o, targets(o.Target.Kind)
		},
		"Funding": func(n uint8) (qrproto.Payload, string) {
			o := startOrder(t)
			o.Funding = qrproto.Funding(n)
			return o, fundings(o.Funding)
		},
		"Facts.Expired": func(n uint8) (qrproto.Payload, string) {
			o := sparseOrder(t)
			o.Facts.Expired = n
			return o, noYes(n)
		},
		"Reason": func(n uint8) (qrproto.Payload, string) {
			s := settlement()
			s.Reason = qrproto.StopReason(n)
			return s, stops(s.Reason)
		},
	} {
		known := 0
		for n := range 256 {
			p, text := set(uint8(n))
			_, err := qrproto.Sum(p)
			if (text != "") != (err == nil) {
				t.Errorf("%s %d is called %q, the library says %v", name, n, text, err)
			}
			if err == nil {
				known++
			}
		}
		if known < 2 {
			t.Errorf("%s: only %d values", name, known)
		}
	}
}

func shown(p qrproto.Payload, path string) row {
	for i, f := range formOf(p.Kind()).fields {
		if f.path == path {
			return rowsOf(p)[i]
		}
	}
	return row{}
}

func TestEachAlarmHasAName(t *testing.T) {
	i := identity()
	known := 0
	for bit := range 32 {
		i.Alarms = 1 << bit
		_, err := qrproto.Sum(i)
		if err == nil {
			known++
		}
		if unknown := strings.Contains(shown(i, "Alarms").text, "unknown"); unknown != (err != nil) {
			t.Errorf("alarm bit %d is shown as %q, the library says %v", bit, shown(i, "Alarms").text, err)
		}
	}
	if known != len(alarmNames()) {
		t.Errorf("%d alarms, %d names", known, len(alarmNames()))
	}
}

func TestEachRightHasAName(t *testing.T) {
	known := 0
	for bit := range 8 {
		s := snapshot(t)
		s.Delegations[0].Rights = qrproto.RightOrder | 1<<bit
		_, err := qrproto.Sum(s)
		if err == nil {
			known++
		}
		if named := len(rights(1<<bit)) == 1; named != (err == nil) {
			t.Errorf("right %d is called %v, the library says %v", bit, rights(1<<bit), err)
		}
	}
	if known != len(rightNames()) {
		t.Errorf("%d rights, %d names", known, len(rightNames()))
	}
}
