// SPDX-License-Identifier: Apache-2.0

package settletest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
)

// The test of a store that you have written; here of the one in memory.
func ExampleTestStore() {
	_ = func(t *testing.T) { // func TestStore
		settletest.TestStore(t, func(*testing.T) server.Store { return settletest.NewStore() })
	}
}

// The test of a journal that you have written. What it cannot show is that records
// survive a power cut: test that where the power can be cut.
func ExampleTestJournal() {
	_ = func(t *testing.T) { // func TestJournal
		settletest.TestJournal(t, func(*testing.T) charger.Journal { return settletest.NewJournal(1 << 20) })
	}
}

// A write that fails may have happened all the same, and a flash image may be put
// back later.
func ExampleJournal() {
	j := settletest.NewJournal(64 << 10)
	image := j.Snapshot()
	j.Inject(settletest.FaultLost, settletest.FaultAfter)
	for range 3 {
		err := j.Append([]byte("a record"))
		fmt.Println("failed:", errors.Is(err, settletest.ErrInjected), "records:", j.Len())
	}
	fmt.Println("in the image:", image.Len())
	// Output:
	// failed: true records: 0
	// failed: true records: 1
	// failed: false records: 2
	// in the image: 0
}
