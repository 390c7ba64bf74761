// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// named shows an enumeration by name, and the number beside it.
func named[T ~uint8](names func(T) string) format {
	return func(_ scope, v any) row {
		n := integer(v)
		name := names(T(n))
		if name == "" {
			name = "unknown"
		}
		return row{value: name, text: fmt.Sprintf("%s  (%d)", name, n), bare: true}
	}
}

// pick is the name at an index, empty beyond the last.
func pick[T ~uint8](n T, first T, names ...string) string {
	if n < first || int(n-first) >= len(names) {
		return ""
	}
	return names[n-first]
}

func states(s qrproto.State) string {
	return pick(s, qrproto.StateAvailable, "available", "preparing", "occupied", "reserved", "unavailable", "faulted")
}

func clocks(c qrproto.ClockTrust) string {
	return pick(c, qrproto.ClockUnknown, "unknown", "relative", "informative", "synchronised")
}

func healths(h qrproto.Health) string {
	return pick(h, qrproto.HealthUnknown, "unknown", "good", "service", "faulty")
}

func targets(t qrproto.TargetKind) string {
	return pick(t, qrproto.TargetEnergy, "energy", "volume", "amount", "time")
}

func fundings(f qrproto.Funding) string {
	return pick(f, qrproto.FundingPostpaid, "postpaid", "hold", "prepaid", "deposit", "gift", "direct debit")
}

func stops(r qrproto.StopReason) string {
	return pick(r, qrproto.StopUser, "user", "remote", "full", "target", "limit", "unplugged", "timeout", "power loss", "fault", "emergency")
}

func noYes(n uint8) string { return pick(n, 0, "no", "yes") }

// alarmNames are those of the bits from the lowest on.
func alarmNames() []string {
	return []string{"power lost", "temperature", "humidity", "moved", "tamper", "meter", "storage", "relay", "emergency"}
}

func alarms(_ scope, v any) row {
	set := uint64(integer(v))
	names := alarmNames()
	var list []string
	for ; set != 0; set &= set - 1 {
		name := "unknown"
		if bit := bits.TrailingZeros64(set); bit < len(names) {
			name = names[bit]
		}
		list = append(list, name)
	}
	return row{value: list, text: fmt.Sprintf("%s  (%d)", strings.Join(list, ", "), integer(v)), bare: true}
}
