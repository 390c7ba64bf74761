// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

// A negative vector is a code with one fault, and beside it a sound one that
// differs from it in nothing else.
type negative struct {
	code          qrproto.ErrorCode
	name, comment string
	faulty, sound draft
}

type negativeJSON struct {
	Comment   string    `json:"comment"`
	Error     int       `json:"error"`
	ErrorName string    `json:"error_name"`
	Kind      string    `json:"kind"`
	Keys      []key     `json:"keys"`
	Payload   octetsHex `json:"payload_cbor"`
	Text      string    `json:"text"`
	Sound     soundJSON `json:"sound"`
}

type soundJSON struct {
	Keys []key  `json:"keys"`
	Text string `json:"text"`
}

func (n negative) vector() any {
	return negativeJSON{
		Comment: n.comment, Error: int(n.code), ErrorName: errorName(n.code), Kind: n.faulty.kind, Keys: n.faulty.keys,
		Payload: n.faulty.payload.bytes(), Text: n.faulty.text(), Sound: soundJSON{n.sound.keys, n.sound.text()},
	}
}

func (n negative) check() error {
	if _, err := qrproto.Open(n.sound.text(), trust(n.sound.keys)); err != nil {
		return fmt.Errorf("the sound one: %w", err)
	}
	o, err := qrproto.Open(n.faulty.text(), trust(n.faulty.keys))
	if o != nil {
		return fmt.Errorf("opens")
	}
	return mustRefuse(err, n.code)
}

func errorName(code qrproto.ErrorCode) string {
	return map[qrproto.ErrorCode]string{
		qrproto.ErrTooLarge: "ErrTooLarge", qrproto.ErrText: "ErrText", qrproto.ErrVersion: "ErrVersion",
		qrproto.ErrKind: "ErrKind", qrproto.ErrDigits: "ErrDigits", qrproto.ErrSignature: "ErrSignature",
		qrproto.ErrEnvelope: "ErrEnvelope", qrproto.ErrAlgorithm: "ErrAlgorithm", qrproto.ErrUnknownKey: "ErrUnknownKey",
		qrproto.ErrKeyUsage: "ErrKeyUsage", qrproto.ErrBadKey: "ErrBadKey", qrproto.ErrMalformed: "ErrMalformed",
		qrproto.ErrNotCanonical: "ErrNotCanonical", qrproto.ErrField: "ErrField", qrproto.ErrMissing: "ErrMissing",
		qrproto.ErrUnknownField: "ErrUnknownField", qrproto.ErrCritical: "ErrCritical", qrproto.ErrTariff: "ErrTariff",
		qrproto.ErrLink: "ErrLink", qrproto.ErrPart: "ErrPart", qrproto.ErrBadPart: "ErrBadPart",
		qrproto.ErrForeignPart: "ErrForeignPart", qrproto.ErrPartConflict: "ErrPartConflict",
		qrproto.ErrKeyFile: "ErrKeyFile", qrproto.ErrStaleTrust: "ErrStaleTrust", qrproto.ErrTrustConflict: "ErrTrustConflict",
	}[code]
}

func negatives() []negative {
	var all []negative
	all = append(all, badTexts()...)
	all = append(all, badEnvelopes()...)
	all = append(all, badSignatures()...)
	all = append(all, badKeys()...)
	all = append(all, badP256()...)
	all = append(all, badEncodings()...)
	for _, kind := range kinds() {
		all = append(all, badMaps(kind)...)
		all = append(all, missing(kind)...)
		all = append(all, zeros(kind)...)
		all = append(all, wrongTypes(kind)...)
	}
	all = append(all, badIdentities()...)
	all = append(all, badOrders()...)
	all = append(all, badSettlements()...)
	all = append(all, badReceipts()...)
	all = append(all, badStickers()...)
	all = append(all, badStops()...)
	all = append(all, badTrusts()...)
	return append(all, badVouchers()...)
}

// altered is a vector whose faulty code is the sound one with a change.
func altered(code qrproto.ErrorCode, name, comment string, sound draft, change func(*draft)) negative {
	faulty := sound
	change(&faulty)
	return negative{code, name, comment, faulty, sound}
}

// badTexts are refused before a byte of the envelope is looked at.
func badTexts() []negative {
	sound := newDraft("O", minimal("O"))
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment string, write func(digits string) string) {
		all = append(all, altered(code, name, comment, sound, func(d *draft) { d.write = write }))
	}
	fixed := func(text string) func(string) string { return func(string) string { return text } }
	mark := func(m string) func(string) string { return func(digits string) string { return m + digits } }

	add(qrproto.ErrText, "empty", "no text at all", fixed(""))
	add(qrproto.ErrText, "no-mark", "digits without a mark", mark(""))
	add(qrproto.ErrText, "no-slash", "the mark has no slash", mark("QO1"))
	add(qrproto.ErrText, "lower-case-q", "the mark begins with q", mark("qO1/"))
	add(qrproto.ErrText, "lower-case-kind", "the kind is a small letter", mark("Qo1/"))
	add(qrproto.ErrText, "other-letter", "the mark begins with another letter", mark("PO1/"))
	add(qrproto.ErrText, "version-letter", "the version is not a digit", mark("QOA/"))
	add(qrproto.ErrText, "mark-cut", "the text begins within the mark", mark("O1/"))
	add(qrproto.ErrText, "address-only", "an address without a code behind it", fixed(linkBase))
	add(qrproto.ErrText, "slash-behind", "something with a slash behind the code", func(digits string) string { return "QO1/" + digits + "/x" })
	add(qrproto.ErrVersion, "0", "version 0 of the wire", mark("QO0/"))
	add(qrproto.ErrVersion, "2", "version 2 of the wire", mark("QO2/"))
	add(qrproto.ErrVersion, "9", "version 9 of the wire", mark("QO9/"))
	add(qrproto.ErrKind, "a", "no kind has the letter A", mark("QA1/"))
	add(qrproto.ErrKind, "q", "no kind has the letter Q", mark("QQ1/"))
	add(qrproto.ErrPart, "alone", "one part where a whole code is asked for", fixed(newDraft("O", full("O")).cut(2)[0].text()))
	add(qrproto.ErrKind, "z", "no kind has the letter Z", mark("QZ1/"))

	add(qrproto.ErrDigits, "none", "no digits behind the mark", fixed("QO1/"))
	add(qrproto.ErrDigits, "one-missing", "the last digit is missing: no bytes have so many digits", func(d string) string { return "QO1/" + d[:len(d)-1] })
	add(qrproto.ErrDigits, "one-more", "a digit too many: no bytes have so many digits", func(d string) string { return "QO1/" + d + "0" })
	add(qrproto.ErrDigits, "letter", "a letter among the digits", func(d string) string { return "QO1/" + d[:20] + "O" + d[21:] })
	add(qrproto.ErrDigits, "space", "a space for a digit", func(d string) string { return "QO1/" + d[:20] + " " + d[21:] })
	add(qrproto.ErrDigits, "sign", "a group begins with a plus sign", func(d string) string { return "QO1/+" + d[1:] })
	add(qrproto.ErrDigits, "minus", "a group begins with a minus sign", func(d string) string { return "QO1/-" + d[1:] })
	add(qrproto.ErrDigits, "line-feed-within", "a line feed among the digits; only trailing ones are stripped",
		func(d string) string { return "QO1/" + d[:20] + "\n" + d[21:] })
	add(qrproto.ErrDigits, "space-behind", "a trailing space is not stripped", func(d string) string { return "QO1/" + d + " " })
	add(qrproto.ErrDigits, "full-width", "a full-width digit", func(d string) string { return "QO1/" + d[:20] + "０" + d[23:] })
	add(qrproto.ErrDigits, "group-2-56", "the first group is 2^56, one more than 7 bytes hold", func(d string) string { return "QO1/72057594037927936" + d[17:] })
	add(qrproto.ErrDigits, "group-largest", "the first group is the largest of 17 digits", func(d string) string { return "QO1/99999999999999999" + d[17:] })
	add(qrproto.ErrDigits, "rest-largest", "the last group, of fewer bytes, is too large for them",
		func(d string) string { return "QO1/" + d[:len(d)-len(d)%17] + strings.Repeat("9", len(d)%17) })

	all = append(all, longTexts()...)
	return append(all, badEnds()...)
}

// badEnds are of texts that end in lines, as scanners give them, and of marks that
// only look like one. Each sound text has line ends of its own.
func badEnds() []negative {
	var all []negative
	add := func(code qrproto.ErrorCode, name, comment, front, end, soundEnd string) {
		sound := newDraft("O", minimal("O"))
		sound.write = func(digits string) string { return "QO1/" + digits + soundEnd }
		all = append(all, altered(code, name, comment, sound, func(d *draft) {
			d.write = func(digits string) string { return front + digits + end }
		}))
	}
	add(qrproto.ErrDigits, "space-before-line-end", "a space before the line end", "QO1/", " \r\n", "\r\n")
	add(qrproto.ErrDigits, "tab-behind-line-end", "a tabulator behind the line end; many line ends are stripped, of either kind", "QO1/", "\n\r\n\t", "\n\r\n\r\r")
	add(qrproto.ErrDigits, "form-feed", "a form feed is no line end", "QO1/", "\f", "\n")
	add(qrproto.ErrDigits, "line-separator", "U+2028 is no line end", "QO1/", "\u2028", "\r")
	add(qrproto.ErrText, "line-feed-in-mark", "a line feed within the mark", "QO1\n/", "\n", "\n")
	add(qrproto.ErrText, "other-alphabet", "the letter of the kind is of another alphabet", "QÖ1/", "\n", "\n")
	add(qrproto.ErrText, "full-width-version", "the version is a digit, but not of ASCII", "QO１/", "\n", "\n")
	return all
}

// longTexts are above a limit, by one.
func longTexts() []negative {
	head := full("I").get(13)
	records := func(last int) draft {
		return newDraft("I", minimal("I").with(13, head).with(16, list{repeat(1, 256), repeat(2, 256), repeat(3, 256), repeat(4, last)}))
	}
	behind := func(length int) draft {
		d := newDraft("O", minimal("O"))
		d.write = func(digits string) string { return strings.Repeat("X", length-len(digits)-4) + "QO1/" + digits }
		return d
	}
	ended := func(length int) draft {
		d := newDraft("O", minimal("O"))
		d.write = func(digits string) string { return "QO1/" + digits + strings.Repeat("\n", length-len(digits)-4) }
		return d
	}
	return []negative{
		{qrproto.ErrTooLarge, "line-ends-2817-bytes", "a text of 2817 bytes, most of which are line ends: they count", ended(2817), ended(2816)},
		{qrproto.ErrTooLarge, "1025-bytes", "an envelope of 1025 bytes; the limit is 1024", records(114), records(113)},
		{qrproto.ErrTooLarge, "text-2817-bytes", "a text of 2817 bytes; the limit is 2816, whatever stands in it", behind(2817), behind(2816)},
	}
}
