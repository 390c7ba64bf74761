// SPDX-License-Identifier: Apache-2.0

// Package server is the operator's side of qrcharge: it sells energy through
// devices that it cannot reach, by way of customers' phones.
//
// # The loop
//
// A phone uploads the identity code that a device shows. [Server.Quote] verifies
// it, takes in the settlements of earlier customers that it carries, and says
// what this customer pays there. [Server.Issue] has the payment provider hold
// an amount, signs a start order with this customer's own tariff, and stores it
// before it gives it away. Later a phone, this one or any other, uploads the
// settlement code; [Server.Settle] stores it, holds it against its order and
// recomputes the price to the last digit. [Server.Pay] captures exactly that and
// releases the rest; [Server.Receipt] closes the loop.
//
// # How to hold it
//
// A [Server] is set up like an http.Server: a struct whose fields are the ports
// to what the operator has already. [Store] keeps orders, devices and records;
// [Directory] knows the devices and who pays what; [Payments] is the provider.
// Package settletest has an in-memory store, a provider that fails in all the
// ways that real ones do, and the conformance suite for stores.
//
// Every method may be called again after any failure, by anybody, at the same
// time: a settlement is known by its full hash, a payment by a key made from
// the order's id. The phone is trusted with nothing. Who uploads a settlement
// does not matter either: the account is that of the order.
//
// # Who calls Pay
//
// Whoever uploads a settlement calls Pay next, and so for what Quote returns as
// Carried. A process that dies in between, an Issue without a Quote, a provider
// that did not answer leave settled orders behind. From time to time, Pay for
// each order that Store.Find returns for StateSettled: it is safe to repeat.
//
// Release goes with it: for each order in StateDead, as somebody was giving its
// hold back, and for each one that has been placed or issued for some hours, as
// its customer may never come back; and for each in StateVoid and those that have
// been in StateSelling for some hours, as a price may have been taken for nothing.
// It refuses where a settlement could still come. Nothing else has to be
// remembered.
//
// # What may happen to an order
//
// STATES.md draws it; the table behind it is the one that the code runs on.
// An account has one open order at a time. While the first is not charging yet,
// a second one for the same connector replaces it under the same hold, as the
// device takes at most one of the two. Where the first could have been settled
// already, that is not so, and it stays until its settlement is here. So it does
// once its hold is too old to outlast another session (Policy.HoldFor).
//
// Most orders that are never settled were never scanned. Once the device has
// restarted, or has shown so many codes that the order's is closed, and all that
// it settled is here, such an order is dead: the next Issue of the account gives
// its hold back and places a new one. A device that settles a dead order all the
// same contradicts what it has signed: the settlement is stored, fails with
// ErrDead and charges nothing.
//
// # Chains
//
// The settlements of a device are numbered without gaps and chained by hash.
// An order or receipt acknowledges the highest record up to which all are
// stored and the chain holds. It says stored, never agreed: a settlement whose
// price is wrong is a dispute between operator and device, and blocks nothing.
// Two records of one place are a fork, a cloned key or a restored memory: both
// are kept, neither is acknowledged, and the orders of the later one are not
// charged until somebody has looked. An identity can show the same before any
// second record comes: by a head that is not the record stored, or by a restart
// after which the device does not know what it wrote before. It sells on, as far
// as it was acknowledged; Device.Contested tells the operator.
//
// # Who may sell
//
// Devices that are offline for months learn by snapshots whose keys are good
// now. A root signs one, elsewhere; Server.Trust has the newest. Each order names
// its epoch, so that a phone that keeps the snapshot back has an order that the
// device refuses, and where the newest identity is behind, Quote and Order bear
// the code that the phone has to show first. What the snapshot does not delegate
// to Issuer is refused before any money is held: ErrDelegation. So is a device
// that knows a newer snapshot than the server: ErrNewerTrust. Settle, Pay and
// Release do not look at it: what was sold is taken in, whoever may sell now.
//
// # Stopping from afar
//
// [Server.Stop] makes a code that ends one order wherever it runs, and does
// nothing else anywhere. It needs a phone at the device, as everything does, and
// the settlement comes as ever. Whether the one who asks may, the application
// knows.
//
// # Devices without a display
//
// Some devices have a scanner and a printed sticker, which a phone's camera leads
// to a page of the operator's. [Server.Offer] says what is bought there, and
// [Server.Sell] takes the price and signs an order that answers no identity: it
// has the device's next number, which is stored with it in one change. Captured
// comes before signed, and nothing of what was signed goes back, as nobody hears of
// what the device did. Directory says which devices these are, and how much they take: Site.Sticker.
//
// A device forgets what is below the number that it took last. So a second order
// would end the first if it came before, and is refused until the first has had
// its time: ErrOutstanding. A customer who asks again in that time, because the
// answer got lost, has the same order again. A sale that is not signed yet keeps
// nobody from anything: who has paid first has the next number.
//
// # What it never does
//
// It starts no goroutine, keeps no state, reads no clock but Now, draws no
// random number but from Rand, opens no connection, logs nothing. It never
// charges on a code that does not verify, never twice for one order, never
// above the hold.
package server
