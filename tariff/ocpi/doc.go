// SPDX-License-Identifier: Apache-2.0

// Package ocpi reads and writes the tariffs and charge detail records of OCPI
// 2.1.1, 2.2.1 and 2.3.0, and prices a record with package tariff.
package ocpi
