// SPDX-License-Identifier: Apache-2.0

// Package bench measures the library against yardsticks that stand beside it in
// the same run: a bare signature check, and another COSE implementation. It has
// benchmarks only:
//
//	go test -run '^$' -bench . ./examples/bench
//
// Each iteration runs the yardstick and ours one after the other, so that
// whatever slows the machine down meets both; what is printed are medians and
// their ratio.
package bench
