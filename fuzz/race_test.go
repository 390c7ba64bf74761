// SPDX-License-Identifier: Apache-2.0

//go:build race

package fuzz_test

// raceDetector: its own allocations count too, so bounds of memory are held by
// the runs without it.
const raceDetector = true
