// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/testdata"
)

type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

// deviceVector is a device, and what it decides of what is shown to it.
type deviceVector struct {
	Comment string `json:"comment"`
	Device  struct {
		Number     octets `json:"number"`
		Connectors int    `json:"connectors"`
		Measures   string `json:"measures"`
		Keys       []struct {
			ID     octets `json:"kid"`
			Alg    int    `json:"alg"`
			Kinds  string `json:"kinds"`
			Number octets `json:"number"`
			Public octets `json:"public"`
		} `json:"keys"`
	} `json:"device"`
	Steps []deviceStep `json:"steps"`
}

type deviceStep struct {
	Comment   string `json:"comment"`
	Uptime    int64  `json:"uptime_ms"`
	Event     string `json:"event"`
	Connector int    `json:"connector"`
	Challenge struct {
		Counter uint32 `json:"counter"`
		Nonce   octets `json:"nonce"`
	} `json:"challenge"`
	Text    string `json:"text"`
	Taken   bool   `json:"taken"`
	Section string `json:"section"`
}

func (v *deviceVector) rig(t *testing.T) *rig {
	r := newRig(t, nil)
	r.journal = settletest.NewJournal(1 << 20)
	r.device.Number, r.device.Connectors, r.device.Keys = v.Device.Number, v.Device.Connectors, nil
	r.device.Key.ID = qrproto.DeviceKeyID(v.Device.Number, 1)
	if v.Device.Measures != "energy" {
		t.Fatalf("measures %s", v.Device.Measures)
	}
	for _, k := range v.Device.Keys {
		key := qrproto.Key{ID: qrproto.KeyID(k.ID), Public: ed25519.PublicKey(k.Public)}
		for _, letter := range []byte(k.Kinds) {
			key.Kinds = append(key.Kinds, qrproto.Kind(letter))
		}
		r.device.Keys = append(r.device.Keys, key)
	}
	r.boot()
	return r
}

func (s *deviceStep) play(t *testing.T, r *rig) {
	r.clock.Up = time.Duration(s.Uptime) * time.Millisecond
	switch s.Event {
	case "boots":
		r.boot()
	case "shows":
		if d := r.c.Do(s.Connector); d.Screen != charger.ScreenIdentity {
			t.Fatalf("%s: screen %v", s.Comment, d.Screen)
		}
		r.c.Drawn(s.Connector, qrproto.Challenge{Counter: s.Challenge.Counter, Nonce: [8]byte(s.Challenge.Nonce)})
	case "ends":
		for _, n := range []string{"the sale", "the settlement"} {
			if err := r.c.Stop(s.Connector, r.reading(0), qrproto.StopUser); err != nil && n == "the sale" {
				t.Errorf("%s: %s: %v", s.Comment, n, err)
			}
		}
	case "scans":
		before := r.journal.Room()
		_, err := r.c.Accept(s.Text)
		if s.Taken != (err == nil) || s.Taken != (s.Section == "") {
			t.Errorf("%s: taken %v by section %q, and here %v", s.Comment, s.Taken, s.Section, err)
		}
		if err != nil && r.journal.Room() != before {
			t.Errorf("%s: refused, and written", s.Comment)
		}
		t.Logf("%-90s %v", s.Comment, err)
	default:
		t.Fatalf("event %q", s.Event)
	}
}

// TestDeviceVectors: a charger decides what the vectors say that a device does.
func TestDeviceVectors(t *testing.T) {
	files, err := fs.Glob(testdata.V1, "v1/device/*.json")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".json"), func(t *testing.T) {
			body, err := fs.ReadFile(testdata.V1, file)
			if err != nil {
				t.Fatal(err)
			}
			var v deviceVector
			if err := json.Unmarshal(body, &v); err != nil {
				t.Fatal(err)
			}
			r := v.rig(t)
			for i := range v.Steps {
				v.Steps[i].play(t, r)
			}
		})
	}
}
