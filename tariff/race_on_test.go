// SPDX-License-Identifier: Apache-2.0

//go:build race

package tariff_test

// raceDetector: the race detector makes everything several times slower, and
// random worlds have no threads to find races between.
const raceDetector = true
