// SPDX-License-Identifier: Apache-2.0

// Package settletest helps to test what plugs into the packages server and
// charger.
//
// # Conformance
//
// [TestStore] says in code what a server.Store must do, and [TestJournal] what
// a charger.Journal must. An implementation calls it from one of its own tests:
//
//	func TestStore(t *testing.T) {
//		settletest.TestStore(t, func(t *testing.T) server.Store { return open(t) })
//	}
//
// # Doubles
//
// For the firmware's side, [NewJournal] is a journal in memory, which passes its
// suite: it outlives the charger that writes it, so that a test can cut the power,
// and its writes fail as they are told to. [Clock] is time that passes when told
// to.
//
// For the operator's, [NewStore] is a store in memory, which passes its suite.
// [NewProvider] is a payment provider that keeps balances and holds, and that
// fails in the ways that real ones do: it answers late, never, or after the
// effect, tells the same thing twice and in the wrong order. Which call fails how
// comes from a script or from a seed. Its Check proves after a test that no money
// came from nowhere.
//
// Nothing here is for production: journal and store forget, the provider pays
// nobody.
package settletest
