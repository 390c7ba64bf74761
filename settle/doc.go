// SPDX-License-Identifier: Apache-2.0

// Package settle holds what a charger, a server and a phone must compute alike:
// the plan of an order, the price of a settlement, whether the two agree, and
// whether a settlement is the next of its device's chain.
//
// [Compile] turns an order's tariff into a plan under the order's local time and
// limits. [Price] prices a settlement with it: the charger to state an amount,
// everybody else to check it. [Verify] is that check, from the records alone;
// its *[Dispute] says which number differs. [Next] follows the chain.
//
// All of it is pure. Nothing here reads a clock or keeps a state: the packages
// charger and server below this one do, each for its side. [Plans] remembers
// tariffs to compile them sooner; no result depends on it.
package settle
