// SPDX-License-Identifier: Apache-2.0

//go:build !race

package tariff_test

const raceDetector = false
