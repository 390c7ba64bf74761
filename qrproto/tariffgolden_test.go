// SPDX-License-Identifier: Apache-2.0

package qrproto_test

import (
	"encoding/json"
	"path"
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
	"github.com/seed81979277/qrcharge/testdata"
)

// TestGoldenTariffsInBytes: each tariff of the golden bills has canonical bytes
// that lead back to its normal form, and under what comes back its session has
// the bill that is kept for it.
func TestGoldenTariffsInBytes(t *testing.T) {
	const root = "v1/tariff"
	folders, err := testdata.V1.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	count, embedded, largest := 0, 0, 0
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		t.Run(f.Name(), func(t *testing.T) {
			size := goldenInBytes(t, path.Join(root, f.Name()))
			largest = max(largest, size)
			if count++; size <= qrproto.MaxEmbedded {
				embedded++
			}
		})
	}
	// The scenarios are of tariffs in the field, and those fit into an order.
	if count < 189 || embedded != count {
		t.Errorf("%d tariffs, %d of them fit into an order", count, embedded)
	}
	t.Logf("%d tariffs, the largest of %d bytes", count, largest)
}

// goldenInBytes returns how many bytes the tariff of a scenario has.
func goldenInBytes(t *testing.T, folder string) int {
	t.Helper()
	var list tariff.Tariff
	var kept tariff.Bill
	var session struct{ Session tariff.Session }
	for name, dst := range map[string]any{"tariff.json": &list, "session.json": &session, "bill.json": &kept} {
		text, err := testdata.V1.ReadFile(path.Join(folder, name))
		if err == nil {
			err = json.Unmarshal(text, dst)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	bytes, err := qrproto.EncodeTariff(&list)
	if err != nil {
		t.Fatal(err)
	}
	back, err := qrproto.DecodeTariff(bytes)
	if err != nil {
		t.Fatal(err)
	}
	normal, err := list.Normalize()
	if err != nil || !reflect.DeepEqual(back, normal) {
		t.Errorf("comes back as %+v\nwant %+v, %v", back, normal, err)
	}
	got, want := asJSON(t, billOf(t, back, &session.Session)), asJSON(t, &kept)
	if got != want {
		t.Errorf("costs %s\nwant  %s", got, want)
	}
	return len(bytes)
}

func billOf(t *testing.T, list *tariff.Tariff, s *tariff.Session) *tariff.Bill {
	t.Helper()
	plan, err := list.Compile(s.Limits, s.Offsets)
	if err != nil {
		t.Fatal(err)
	}
	var q tariff.Quantities
	if err := plan.Measure(&q, s.Readings); err != nil {
		t.Fatal(err)
	}
	bill := new(tariff.Bill)
	if err := plan.Price(bill, q); err != nil {
		t.Fatal(err)
	}
	return bill
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
