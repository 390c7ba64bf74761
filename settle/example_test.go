// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// A device prices what it has measured and states the amount; whoever holds the
// order recomputes it.
func ExampleVerify() {
	o := order(new(testing.T))
	plan, err := settle.Compile(o, nil)
	if err != nil {
		fmt.Println(err)
		return
	}

	// The device. Its meter says 10 kWh at the peak and 4 in the valley.
	s := settlement(new(testing.T), o)
	settle.Put(s, tariff.Quantities{Cells: []tariff.Cell{{Index: 0, Quantity: 10_000_000}, {Index: 2, Quantity: 4_000_000}}})
	var priced tariff.Bill
	if err := settle.Price(&priced, o, plan, s); err != nil {
		fmt.Println(err)
		return
	}
	s.Payable = priced.Payable.Units

	// The server.
	bill, err := settle.Verify(o, plan, s)
	fmt.Println(bill.Payable, err)

	s.Payable++
	_, err = settle.Verify(o, plan, s)
	fmt.Println(err, errors.Is(err, settle.ErrDispute))
	// Output:
	// 14.00 CNY <nil>
	// settle: E-204 Payable is 1401, must be 1400 true
}

func ExampleNext() {
	first := link(1, qrproto.Ref{}, 500, 500)
	head, err := settle.Next(settle.Head{}, first)
	fmt.Println(head.Seq, head.Total, err)

	_, err = settle.Next(head, link(3, qrproto.Ref{1}, 10, 520))
	fmt.Println(errors.Is(err, settle.ErrGap))
	// Output:
	// 1 500 <nil>
	// true
}
