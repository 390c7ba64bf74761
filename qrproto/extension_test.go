// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
)

// knowing is Keys of an application that knows some critical extensions.
type knowing struct {
	qrproto.Keys
	known map[string]bool // kind and number
}

func (k knowing) Knows(kind qrproto.Kind, extension int16) bool {
	return k.known[fmt.Sprintf("%v%d", kind, extension)]
}

// withExtensions sets those of any payload.
func withExtensions(p qrproto.Payload, ext qrproto.Extensions) qrproto.Payload {
	reflect.ValueOf(p).Elem().FieldByName("Ext").Set(reflect.ValueOf(ext))
	return p
}

// TestCriticalExtensions: whoever does not know one refuses the code, whatever its
// kind; whoever knows each gets them all.
func TestCriticalExtensions(t *testing.T) {
	for _, p := range fullest(t) {
		kind := p.Kind().String()
		for _, c := range []struct {
			name    string
			ext     qrproto.Extensions
			known   []string
			refused string // path
		}{
			{"none", qrproto.Extensions{32767: {1}}, nil, ""},
			{"one unknown", qrproto.Extensions{-3: {1}}, nil, "Ext.-3"},
			{"the last unknown", qrproto.Extensions{-32768: {}, 5: {1}}, nil, "Ext.-32768"},
			{"one known", qrproto.Extensions{-3: {1}, 5: {1}}, []string{kind + "-3"}, ""},
			{"one of two known", qrproto.Extensions{-3: {1}, -4: {}}, []string{kind + "-4"}, "Ext.-3"},
			{"two known", qrproto.Extensions{-3: {1}, -4: {}}, []string{kind + "-4", kind + "-3"}, ""},
			{"known for another kind", qrproto.Extensions{-3: {1}}, []string{"Z-3"}, "Ext.-3"},
			{"its positive twin known", qrproto.Extensions{-3: {1}}, []string{kind + "3"}, "Ext.-3"},
		} {
			keys := knowing{trusted(), map[string]bool{}}
			for _, k := range c.known {
				keys.known[k] = true
			}
			withExtensions(p, c.ext)
			o, err := qrproto.Open(seal(t, p).Text(), keys)
			if c.refused != "" {
				wantError(t, err, qrproto.ErrCritical, c.refused)
			} else if err != nil || !reflect.DeepEqual(o.Payload, p) {
				t.Errorf("%s, %s: %+v, %v", kind, c.name, o, err)
			}
		}
	}
}

// A reader that knows nothing of extensions says that first: the rest of such a
// code may be as it must not be.
func TestCriticalExtensionComesBeforeTheFields(t *testing.T) {
	r := receipt()
	r.Ext = qrproto.Extensions{-3: {}}
	broken := with(t, payloadOf(t, r), 4, []byte{0}) // Time
	_, err := openForged(qrproto.KindReceipt, broken)
	wantError(t, err, qrproto.ErrCritical, "Ext.-3")
	_, err = qrproto.Open(forged(qrproto.KindReceipt, broken), knowing{trusted(), map[string]bool{"R-3": true}})
	wantError(t, err, qrproto.ErrField, "Time")
}

// What could not be verified is shown to a developer by the same rule, and a
// record by itself, which no keys open, has none.
func TestCriticalExtensionsElsewhere(t *testing.T) {
	s := settlement()
	s.Ext = qrproto.Extensions{-3: {}}
	for known, shown := range map[string]bool{"S-3": true, "S-4": false} {
		_, err := qrproto.Open(seal(t, s).Text(), knowing{qrproto.KeyList{}, map[string]bool{known: true}})
		wantError(t, err, qrproto.ErrUnknownKey, "")
		if e, ok := err.(*qrproto.Error); !ok || (e.Unverified != nil) != shown {
			t.Errorf("%s known: %+v", known, err)
		}
	}
	record, err := qrproto.EncodeRecord(s)
	if err != nil {
		t.Fatal(err)
	}
	_, err = qrproto.DecodeRecord(number, record)
	wantError(t, err, qrproto.ErrCritical, "Ext.-3")
}
