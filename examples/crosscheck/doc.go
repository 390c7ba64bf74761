// SPDX-License-Identifier: Apache-2.0

// Package crosscheck holds what the library writes against the implementations
// of others, and the other way round: signatures and envelopes against go-cose,
// encrypted key files against age. It has tests only.
package crosscheck
