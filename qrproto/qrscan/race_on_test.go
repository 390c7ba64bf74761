// SPDX-License-Identifier: Apache-2.0

//go:build race

package qrscan_test

// The race detector makes the pictures ten times as slow, in a package without
// goroutines.
const raceDetector = true
