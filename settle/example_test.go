// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/tariff"
)

// Charger, server and phone price a settlement with the same plan: that of the
// order.
func ExamplePrice() {
	o := order(new(testing.T)) // 1.20 yuan a kWh from noon on, 0.50 before
	plan, err := settle.Compile(o, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := settlement(new(testing.T), o) // 10 kWh after noon and 4 before
	var bill tariff.Bill
	if err := settle.Price(&bill, o, plan, s); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bill.Payable)
	// Output: 14.00 CNY
}

// A settlement that states another amount than its quantities cost is told
// apart from one that is damaged: it is authentic, and wrong.
func ExampleVerify() {
	o := order(new(testing.T))
	plan, err := settle.Compile(o, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := settlement(new(testing.T), o)
	s.Payable = 1000
	_, err = settle.Verify(o, plan, s)
	var dispute *settle.Dispute
	if errors.As(err, &dispute) {
		fmt.Println(dispute.Path, "claimed", dispute.Claimed, "computed", dispute.Computed)
	}
	// Output: Payable claimed 1000 computed 1400
}

// The head of a device's chain moves from settlement to settlement, and says
// where one is missing.
func ExampleNext() {
	s := settlement(new(testing.T), order(new(testing.T)))
	head, err := settle.Next(settle.Head{Seq: s.Seq - 1, Sum: s.Previous, Total: s.Total - s.Delivered}, s)
	fmt.Println(head.Seq == s.Seq, err)
	s.Seq, s.Previous = s.Seq+2, head.Sum
	_, err = settle.Next(head, s)
	fmt.Println(errors.Is(err, settle.ErrGap))
	// Output:
	// true <nil>
	// true
}

// A server that settles many orders under few tariffs keeps a Plans: to compile
// an order whose tariff was met before takes a twentieth of the time.
func ExamplePlans() {
	var plans settle.Plans
	for range 2 {
		o := order(new(testing.T))
		plan, err := plans.Compile(o, o.Tariff)
		if err != nil {
			fmt.Println(err)
			return
		}
		bill, err := settle.Verify(o, plan, settlement(new(testing.T), o))
		fmt.Println(bill.Payable, err)
	}
	// Output:
	// 14.00 CNY <nil>
	// 14.00 CNY <nil>
}
