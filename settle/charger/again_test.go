// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// Each connector tells its own last settlement, whatever else the journal holds.
func TestAgainIsTheLastOfItsConnector(t *testing.T) {
	r := newRig(t, nil)
	last := map[int]*qrproto.Settlement{}
	for _, n := range []int{1, 2, 1, 2, 2} {
		_, last[n] = r.sell(n, nil)
		r.dismiss(n)
		if d := r.c.Do(n); d.Cost != (tariff.Money{}) {
			t.Errorf("the next customer is shown %v", d.Cost)
		}
		for connector, want := range last {
			text, err := r.c.Again(connector)
			if err != nil {
				t.Fatal(err)
			}
			got, err := qrproto.As[*qrproto.Settlement](qrproto.Open(text, r.keys))
			if err != nil || got.Seq != want.Seq || refOf(t, got) != refOf(t, want) {
				t.Errorf("connector %d after %d sales: settlement %d, want %d (%v)", connector, r.c.Head().Seq, got.Seq, want.Seq, err)
			}
		}
	}
}
