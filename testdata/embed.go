// SPDX-License-Identifier: Apache-2.0

// Package testdata embeds the golden vectors of the wire, for tests in Go. Its
// README.md describes them for readers in any language.
package testdata

import "embed"

// V1 holds the vectors of wire version 1, below the folder v1.
//
//go:embed v1
var V1 embed.FS
