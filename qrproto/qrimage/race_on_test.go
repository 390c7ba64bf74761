// SPDX-License-Identifier: Apache-2.0

//go:build race

package qrimage_test

// The race detector makes encoding fifteen times as slow, in a package without
// goroutines.
const raceDetector = true
