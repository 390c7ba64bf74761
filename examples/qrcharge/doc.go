// SPDX-License-Identifier: Apache-2.0

// Command qrcharge looks at the codes of an offline sale, draws them and reads
// them, makes the keys that they are signed with, says whom devices trust, and
// works with tariffs: prices sessions exactly, says when to stop, lints and
// converts.
//
//	qrcharge help COMMAND            what a command takes
//	qrcharge inspect TEXT|FILE|-     what a code says, and whether to believe it
//	qrcharge scan [FILE|-]...        images in, texts out
//	qrcharge render TEXT|FILE|-      text in, PNG, SVG, GIF or terminal out
//	qrcharge keygen                  a new key for a device, an issuer, a root or a server
//	qrcharge trust sign FILE         a snapshot of whom devices trust: rotation, revocation
//	qrcharge trust show TEXT|FILE|-  a snapshot in the form that trust sign reads
//	qrcharge stop ORDER              a stop order for a start order
//	qrcharge price --cdr FILE        what a charge detail record of OCPI costs
//	qrcharge stop-at --tariff FILE   when a session must stop to stay within a budget
//	qrcharge lint FILE               what looks wrong in a tariff
//	qrcharge tariff convert FILE     a tariff in another form
//	qrcharge tariff hash FILE        the hash that names a tariff in an order
//
// It is a tool for developers and for whoever answers the phone. It opens no
// network connection and changes no file but those it is told to write.
//
// # Where a code comes from
//
// An argument that names an existing file is that file: an image (PNG, JPEG or
// GIF, told by its first bytes) is scanned, anything else is read as text. "-"
// is standard input, of both kinds too. Any other argument is the text itself,
// bare or as a link.
//
// Of a file at most 64 MiB are read, of a charge detail record 16 MiB and of a
// tariff 4 MiB; JSON may be nested 32 levels deep. What is beyond is unreadable.
//
// # Codes in parts
//
// render --parts VERSION shows a code that is too large for a QR version in up to
// four parts: moving in a GIF, else in files of their own or one below the other.
// scan --parts puts the pictures of all its files together. Without it scan reads
// one code a file, of a GIF that of its first picture.
//
// # Private keys
//
// keygen writes a private key as an age file under a passphrase, as a JWK, as a
// COSE_Key (not of X25519), or as PKCS #8 in PEM: the key of an issuer, a root or
// a server in the clear only where --format asks for it. trust sign, stop and inspect
// --agreement read these and tell them apart by their content. PEM has no id:
// --key-id gives it.
//
// # Whom devices trust
//
// A root signs snapshots of whom devices trust, each of which replaces all before
// it. What a snapshot says is a file of JSON that people keep and review:
//
//	{"epoch": 2, "least": 2, "delegations": [
//	  {"key_id": "69737332", "fleet": "3201", "currency": "CNY", "amount": "100.00",
//	   "quota": 50, "rights": ["order", "stop", "receipt", "acknowledge"]}]}
//
// The help of trust sign describes its members; any other is refused. A key that
// --keys has must be one for its rights: keygen --kinds OXR makes an issuer's that
// may stop sales too. Revoking a key is a later epoch without it:
//
//	qrcharge trust show now.txt --trust roots.json > next.json
//	$EDITOR next.json
//	qrcharge trust sign next.json --key root.age --passphrase-file pass \
//	    --after now.txt --roots roots.json -o next.txt
//	qrcharge render --parts 10 -o next.gif next.txt
//
// trust sign refuses what a device with the snapshot of --after would refuse, and
// says on standard error what changes. inspect --snapshot trusts as a device does
// that has taken the snapshot. It shows the bounds of the key, and does not hold
// the code against them.
//
// Vouchers are inspected and not signed here: one that no server has on record
// buys nothing.
//
// # Forms of a tariff
//
// stop-at, lint and the tariff commands read a tariff in any of these forms and
// tell them apart by their content; --from names one where it does not tell:
//
//	ocpi-2.1.1, ocpi-2.2.1, ocpi-2.3.0   JSON of OCPI
//	json                                 JSON of this project (package tariff)
//	canonical, canonical-hex             what an order carries and the hash is of
//	ykc, ykc-hex                         the 90 bytes of a billing model of YKC 1.6
//
// Amounts and quantities are read as they are printed and never pass through
// binary fractions.
//
// # Local time
//
// Prices by the time of day need a zone. For price it is --timezone, else the
// time_zone of the location in the record, else the zone of its country if the
// country has one local time, else UTC, with a finding. For stop-at it is
// --timezone, else the offset in --start, else UTC, with a finding where prices
// depend on it. Zones are those of the host's tz database, or of the one built
// in where the host has none; countries are those of package ocpi.
//
// # Findings
//
// A finding is {severity, code, file, path, message}: info, warning or fault; a
// code that is stable; and, for some, the file and the path in it. Paths that
// begin with "$" lead into JSON, others into the fields of package tariff.
//
// # Exit codes
//
//	0  done; inspect: the code is verified
//	1  inspect, trust, stop: a code could be read but not verified; lint: a fault,
//	   with --strict also a warning; tariff: the other form cannot express it
//	2  unreadable: no such file, no QR code in the image, no code in the text, no
//	   tariff, record or snapshot to sign in the file; price and stop-at: nothing
//	   can be computed by it
//	3  wrong usage, an unusable key file, a file that cannot be written, a snapshot
//	   that no device would take
//
// The reason stands on standard error, with its E-number where the library has
// one. Without --trust nothing can be verified, so inspect ends with 1.
//
// # The JSON of inspect
//
// With --json, inspect prints one object with exit codes 0, 1 and 2. Members may be
// added; these keep their names and meanings:
//
//	verified          whether everything about the code holds
//	error             {code, path, message}, only if not; code is the number of
//	                  the E-number and absent where there is none
//	text              the bare text of the code
//	link_base         what stood before it: an address that nobody has signed
//	size              {bytes, digits, qr_version, link_qr_version}; versions are
//	                  those at error correction level M
//	content           what a verified code says
//	unverified        the same for any other code: a claim that proves nothing
//
// Only one of content and unverified is there, so that a program that reads
// content never acts on a forgery. Both have the members
//
//	kind, kind_name   "O", "start order"
//	key_id            hex
//	key               {kinds, number, bounds} of the trusted key; only in content.
//	                  bounds {fleet, currency, amount, quota} are fields, and those
//	                  of a key that a snapshot delegates
//	hash              of the payload, 64 hex digits
//	diagnostic        the COSE_Sign1 in CBOR diagnostic notation
//	fields            an object of fields by name; inspect --help lists the names
//
// A field is {value, unit, text}: value as it is signed (integers as integers,
// which may exceed 2^53; bytes in hex; enumerations by name; null where an
// optional field is absent), unit where it has one, text for people. Structured
// fields have "fields" (an object like the outer one) or "items" (an array of
// fields, each with a "name"). The items of delegations are named by key id and
// have the fields algorithm, public_key, fleet, currency, amount, quota and rights, a
// bound being null where there is none. The items of records have the fields of a
// settlement where they are in the clear, or decrypted by --agreement; their value
// is what is signed, encrypted or not.
//
// With --json, scan prints one object a line, {file, text} or {file, error}, or
// with --parts one object, {text, parts} or {error, parts}, parts being {have,
// count}; and keygen prints {key_id, algorithm, kinds, number, private_key,
// agreement_key, form, keys, jwk_set}, for x25519 {key_id, algorithm, private_key,
// form, jwk}. The help of price, stop-at and lint describes what they
// print. Where a record does not tell the tax of something, price cannot say the
// amount with it: in total and exact, of the whole, of a dimension and of a line,
// exact.incl_tax is then null and total.incl_tax the amount without tax.
package main
