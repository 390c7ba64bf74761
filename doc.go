// SPDX-License-Identifier: Apache-2.0

// Package qrcharge is the map of this module; it holds no code.
//
// A charger without a network cannot sell energy, because nobody can tell it
// who the customer is, what the price is, and how far his money goes. Here the
// customer's phone is the courier between the charger and the operator's
// server. Four QR codes do it: the charger shows an identity, the server
// answers with a signed start order that holds the price, the charger ends with
// a signed settlement, and a receipt closes the loop. Beside them a snapshot of
// trust says who may sell, and a stop order ends a sale from afar. The phone is
// trusted with nothing; the charger needs neither a network nor a clock; the
// server can verify everything later, from the records alone.
//
// # Layers
//
// An arrow means "imports". Arrows only point down.
//
//	examples                                       programs, a module of its own
//	   │
//	settle/{server,charger}                        the parties
//	   │
//	settle                                         what the parties must compute alike
//	   │
//	qrproto                                        what the codes are
//	   │
//	tariff                                         what a session costs
//	   │
//	the standard library
//
// # Packages
//
// tariff is the ground. Money, tariffs, and from a meter's readings through
// quantities to a bill, in integers only. It imports the standard library and
// nothing else, so that it can be used where there is no QR code at all.
//
//   - tariff/billtext writes a bill for people, in Chinese and English.
//   - tariff/ocpi and tariff/ykc: the formats of others.
//
// qrproto holds the kinds of code, seals and opens them, and knows keys and
// trust. Its text is qrproto/SPEC.md, which binds other languages too.
//
//   - qrproto/internal/... is the format below the API (signature envelope,
//     digits, strict CBOR); it never imports qrproto.
//   - qrproto/qrimage makes an image of a text, qrproto/qrscan a text of an
//     image. Only these two know image code, and nothing in settle imports them:
//     firmware has its own display and its own scanner.
//   - qrproto/keyfile keeps private keys in files, under a passphrase or in the
//     forms of others.
//
// settle is what charger, server and phone must compute alike: the price of a
// settlement, its verification, and the next link of a charger's chain.
//
//   - settle/charger is the firmware's side. It opens no file and no socket and
//     reads no clock: journal and clock are given to it.
//   - settle/server is the operator's side, over ports for storage, directory
//     and payments. It never imports settle/charger, nor the other way round:
//     what they share is in settle.
//   - settle/settletest holds a store, a journal and a payment provider in
//     memory, and the suites for whoever brings one of his own.
//   - settle/journal (to come): a file that survives a power cut. It will know
//     no payloads.
//   - settle/ledger (to come): a pure double-entry ledger.
//   - settle/sqlstore/... (to come): the server's state in SQL databases, over
//     *sql.DB; the driver will be the program's choice.
//   - settle/phone (to come): the driver's side in types that a phone's language
//     can carry.
//
// testdata holds the golden vectors, which other languages test against too;
// fuzz holds the fuzz targets over the public API.
//
// # Who takes what
//
// Firmware imports settle/charger: no database, HTTP, cgo, network or image code
// comes with it. A server imports settle/server and brings a store. A phone's
// backend imports qrproto.
//
// The library requires at most four modules: a CBOR codec, the extended Go
// cryptography, a QR encoder and a QR decoder. What needs more than these is in
// examples, which has its own go.mod.
//
// # What holds the map true
//
// The tests beside this file list the packages and their imports, and fail when
// an arrow points up or sideways, when a package has no place on this map, when
// the map shows what is not there without saying so, or when the library reads a
// clock, starts a goroutine, logs, or keeps global state.
package qrcharge
