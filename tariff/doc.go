// SPDX-License-Identifier: Apache-2.0

// Package tariff prices metered sessions exactly.
package tariff
