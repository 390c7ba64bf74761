// SPDX-License-Identifier: Apache-2.0

// Package bench measures the library against yardsticks that stand beside it in
// the same run: a bare signature check, another COSE implementation, and decimals
// and integers of any size doing the same sum. A test shows that the sums agree:
//
//	go test -run '^$' -bench . ./examples/bench
//
// Each iteration runs the yardstick and ours one after the other, so that
// whatever slows the machine down meets both; what is printed are medians and
// their ratio.
package bench
