// SPDX-License-Identifier: Apache-2.0

// Package settletest helps to test what plugs into the packages server and
// charger.
//
// # Conformance
//
// [TestStore] says in code what a server.Store must do. An implementation
// calls it from one of its own tests:
//
//	func TestStore(t *testing.T) {
//		settletest.TestStore(t, func() server.Store { return open(t) })
//	}
//
// # Doubles
//
// [NewStore] is a store in memory, which passes it. [NewProvider] is a payment
// provider that keeps balances and holds, and that fails in the ways that real
// ones do: it answers late, never, or after the effect, tells the same thing
// twice and in the wrong order. Which call fails how comes from a script or
// from a seed. Its Check proves after a test that no money came from nowhere.
//
// Nothing here is for production: the store forgets, the provider pays nobody.
package settletest
