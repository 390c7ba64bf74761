// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/seed81979277/qrcharge/qrproto"
)

func badSettlements() []negative {
	base := full("S").without(18)
	all := edges("S", base, []edge{
		{1, "connector-0", "connector zero", number(0), number(1)},
		{1, "connector-256", "connector 256", number(256), number(255)},
		{2, "seq-high", "seq 2^32", number(1 << 32), number(maxUint32)},
		{3, "previous-15", "a previous hash of 15 bytes", repeat(7, 15), repeat(7, 16)},
		{3, "previous-17", "a previous hash of 17 bytes", repeat(7, 17), repeat(7, 16)},
		{3, "previous-zero", "no previous hash, and not the first record", repeat(0, 16), repeat(7, 16)},
		{4, "order-15", "an order's hash of 15 bytes", repeat(6, 15), repeat(6, 16)},
		{4, "order-17", "an order's hash of 17 bytes", repeat(6, 17), repeat(6, 16)},
		{5, "boot-0", "no boot so far", number(0), number(1)},
		{5, "boot-high", "2^32 boots", number(1 << 32), number(maxUint32)},
		{6, "start-0", "a start at no time", number(0), number(1)},
		{6, "start-high", "a start beyond 10^11 s", number(maxUnix + 1), number(maxUnix)},
		{7, "duration-negative", "a duration below zero", number(-1), number(0)},
		{7, "duration-high", "a duration of more than 366 days", number(maxDuration + 1), number(maxDuration)},
		{8, "uncertainty-65536", "an uncertainty of 2^16 s", number(65536), number(65535)},
		{8, "uncertainty-negative", "an uncertainty below zero", number(-1), number(0)},
		{9, "register-negative", "a register below zero", number(-1), number(0)},
		{9, "register-high", "a register above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{10, "delivered-negative", "less than nothing was delivered", number(-1), number(0)},
		{10, "delivered-above-total", "more was delivered than the total of all settlements", number(412_375_679_025), number(412_375_679_024)},
		{14, "payable-high", "an amount above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{14, "payable-low", "an amount below -2^60", number(-maxQuantity - 1), number(-maxQuantity)},
		{15, "waived-high", "a waived amount above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{15, "waived-negative", "a waived amount below zero", number(-1), number(1)},
		{16, "reason-0", "no reason", number(0), number(1)},
		{16, "reason-11", "a reason that does not exist", number(11), number(10)},
		{17, "total-high", "a total above 2^60", number(maxQuantity + 1), number(maxQuantity)},
		{17, "total-negative", "a total below zero", number(-1), number(412_375_679_024)},
		{19, "evidence-15", "an evidence hash of 15 bytes", repeat(4, 15), repeat(4, 16)},
		{19, "evidence-32", "an evidence hash in full", repeat(4, 32), repeat(4, 16)},
	})
	first := minimal("S")
	all = append(all,
		fault(qrproto.ErrField, "S", "seq-0", "seq zero; the first is 1", first.with(2, number(0)), first),
		fault(qrproto.ErrField, "S", "previous-of-first", "a previous hash in the first record", first.with(3, repeat(7, 16)), first),
	)
	return slices.Concat(all, edges("S", base, cellEdges()), edges("S", base, componentEdges()), edges("S", base, markEdges()))
}

func cellEdges() []edge {
	pairs := make([]int64, 66)
	for i := range int64(33) {
		pairs[2*i], pairs[2*i+1] = i, 1
	}
	return []edge{
		{11, "cells-half", "a component without a quantity", numbers(0, 1, 2), numbers(0, 1)},
		{11, "cells-33", "33 cells; the most is 32", numbers(pairs...), numbers(pairs[:64]...)},
		{11, "cells-order", "components in descending order", numbers(2, 1, 0, 1), numbers(0, 1, 2, 1)},
		{11, "cells-twice", "one component twice", numbers(0, 1, 0, 1), numbers(0, 1, 1, 1)},
		{11, "cells-zero", "a quantity of zero; such cells are left out", numbers(0, 0), numbers(0, 1)},
		{11, "cells-index-negative", "a component below zero", numbers(-1, 1), numbers(0, 1)},
		{11, "cells-index-high", "component 65536", numbers(65536, 1), numbers(65535, 1)},
		{11, "cells-quantity-high", "a quantity above 2^60", numbers(0, maxQuantity+1), numbers(0, maxQuantity)},
		{11, "cells-quantity-negative", "a quantity below zero, which no cell of wire 1 has", numbers(0, -1), numbers(0, 1)},
	}
}

func componentEdges() []edge {
	return []edge{
		{12, "last-order", "components in descending order", numbers(2, 1), numbers(1, 2)},
		{12, "last-twice", "one component twice", numbers(1, 1), numbers(1, 2)},
		{12, "last-17", "17 components; the most is 16", numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
			numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)},
		{12, "last-65536", "component 65536", numbers(65536), numbers(65535)},
		{12, "last-negative", "a component below zero", numbers(-1), numbers(0)},
		{13, "flats-order", "components in descending order", numbers(2, 1), numbers(1, 2)},
		{13, "flats-17", "17 flats; the most is 16", numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
			numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)},
		{13, "flats-65536", "component 65536", numbers(65536), numbers(65535)},
	}
}

// markEdges are for a session of 9876 s that delivered 30000123.
func markEdges() []edge {
	most := make([]int64, 51)
	return []edge{
		{18, "marks-two-numbers", "a mark without a cause", numbers(0, 0), numbers(0, 0, 0)},
		{18, "marks-17", "17 marks; the most is 16", numbers(most...), numbers(most[:48]...)},
		{18, "marks-order", "an offset before the one before", numbers(2, 0, 0, 1, 0, 0), numbers(2, 0, 0, 2, 0, 0)},
		{18, "marks-delivered-order", "less delivered than at the mark before", numbers(1, 2, 0, 2, 1, 0), numbers(1, 2, 0, 2, 2, 0)},
		{18, "marks-offset-negative", "an offset before the start", numbers(-1, 0, 0), numbers(0, 0, 0)},
		{18, "marks-offset-high", "an offset after the end", numbers(9877, 0, 0), numbers(9876, 0, 0)},
		{18, "marks-register-negative", "a register below that of the start", numbers(0, -1, 0), numbers(0, 0, 0)},
		{18, "marks-register-high", "a register above that of the end", numbers(0, 30_000_124, 0), numbers(0, 30_000_123, 0)},
		{18, "marks-cause-256", "cause 256", numbers(0, 0, 256), numbers(0, 0, 255)},
		{18, "marks-cause-negative", "a cause below zero", numbers(0, 0, -1), numbers(0, 0, 0)},
	}
}
