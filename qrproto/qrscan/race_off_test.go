// SPDX-License-Identifier: Apache-2.0

//go:build !race

package qrscan_test

const raceDetector = false
