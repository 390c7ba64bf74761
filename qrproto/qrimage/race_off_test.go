// SPDX-License-Identifier: Apache-2.0

//go:build !race

package qrimage_test

const raceDetector = false
