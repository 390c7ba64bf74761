// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"strings"

	"github.com/seed81979277/qrcharge/qrproto/internal/digits"
)

// The text of a code is "Q", its kind, the version of the wire, "/", and the
// bytes as decimal digits. A link is an address with that text behind it, so
// that any phone's camera opens the right page.
const (
	wireVersion = '1'
	markLen     = len("QI1/")
	// maxText bounds what is looked at: the digits of MaxBytes behind the
	// longest link.
	maxText = 2560 + MaxLink
	// MaxLink is the largest length of a link's base.
	MaxLink = 256
)

// Code is a signed code: what Seal and ParseCode return. The zero Code is none:
// its text is empty.
type Code struct {
	kind  Kind
	bytes []byte
}

// CodeOfBytes is the code of that kind with these bytes, as Bytes told them to
// whoever keeps codes where their text would be long. It keeps b, and looks at
// nothing: that is for Open, on its Text.
func CodeOfBytes(kind Kind, b []byte) Code { return Code{kind, b} }

// Kind is the kind of the code.
func (c Code) Kind() Kind { return c.kind }

// Bytes is the envelope, a COSE_Sign1, at most MaxBytes. The caller must not
// change it.
func (c Code) Bytes() []byte { return c.bytes }

// Text is the code as text, to be shown as a QR code: "QO1/0123…".
func (c Code) Text() string {
	if c.kind == 0 {
		return ""
	}
	return string(c.appendText(make([]byte, 0, markLen+digits.EncodedLen(len(c.bytes)))))
}

// Link is the text behind a base such as "HTTPS://EXAMPLE.COM/C/". The base
// must be of the characters that a QR code holds at 5.5 bits each (capitals,
// digits, and $%*+-./: without the space), begin with "HTTPS://" and end with
// "/": else ErrLink. The zero Code has no link: ErrText.
func (c Code) Link(base string) (string, error) {
	if err := checkBase(base); err != nil {
		return "", err
	}
	if c.kind == 0 {
		return "", &Error{Code: ErrText, Why: "no code"}
	}
	return string(c.appendText([]byte(base))), nil
}

// MarshalText returns Text, so that a code can stand in JSON or in a column.
func (c Code) MarshalText() ([]byte, error) { return []byte(c.Text()), nil }

// UnmarshalText reads what MarshalText writes, as ParseCode does; an empty text
// is the zero Code.
func (c *Code) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*c = Code{}
		return nil
	}
	*c, err = ParseCode(string(text))
	return err
}

func (c Code) appendText(dst []byte) []byte {
	dst = append(dst, 'Q', byte(c.kind), wireVersion, '/')
	return digits.AppendEncode(dst, c.bytes)
}

func checkBase(base string) error {
	fail := func(why string) error { return &Error{Code: ErrLink, Why: why} }
	host, ok := strings.CutPrefix(base, "HTTPS://")
	switch {
	case len(base) > MaxLink:
		return fail("longer than 256 characters")
	case !ok || strings.HasPrefix(host, "/") || !strings.HasSuffix(host, "/"):
		return fail("not HTTPS://…/")
	}
	for _, r := range base {
		if !strings.ContainsRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:", r) {
			return fail("a character that is not alphanumeric in a QR code")
		}
	}
	return nil
}

// split finds the code in a text: what follows the last Q<kind>1/. What stands
// before it is ignored, trailing CR and LF are stripped.
func split(text string) (Kind, string, error) {
	if len(text) > maxText {
		return 0, "", &Error{Code: ErrTooLarge, Why: "text"}
	}
	text = strings.TrimRight(text, "\r\n")
	slash := lastSlash(text)
	if slash < markLen-1 {
		return 0, "", &Error{Code: ErrText}
	}
	mark, rest := text[slash-markLen+1:slash], text[slash+1:]
	kind, version := Kind(mark[1]), mark[2]
	switch {
	case mark[0] != 'Q' || kind < 'A' || kind > 'Z' || version < '0' || version > '9':
		return 0, "", &Error{Code: ErrText}
	case version != wireVersion:
		return 0, "", &Error{Code: ErrVersion, Kind: kind}
	case kind != partMark && kind.newPayload() == nil:
		return 0, "", &Error{Code: ErrKind, Kind: kind}
	}
	return kind, rest, nil
}

// lastSlash is strings.LastIndexByte for the few slashes that there are, all at
// the beginning: that function goes through the digits one by one.
func lastSlash(text string) int {
	last := -1
	for {
		i := strings.IndexByte(text[last+1:], '/')
		if i < 0 {
			return last
		}
		last += i + 1
	}
}

// parseText returns the kind and the bytes of a text. Behind the bytes there is
// room for what is signed of them, which is about as long.
func parseText(text string) (Kind, []byte, error) {
	kind, rest, err := split(text)
	if err != nil {
		return 0, nil, err
	}
	if kind == partMark {
		return 0, nil, &Error{Code: ErrPart}
	}
	n, err := digits.DecodedLen(len(rest))
	switch {
	case err != nil || n == 0:
		return kind, nil, &Error{Code: ErrDigits, Kind: kind, Err: err}
	case n > MaxBytes:
		return kind, nil, &Error{Code: ErrTooLarge, Kind: kind}
	}
	b, err := digits.AppendDecode(make([]byte, 0, 2*n), rest)
	if err != nil {
		return kind, nil, &Error{Code: ErrDigits, Kind: kind, Err: err}
	}
	return kind, b, nil
}

// ParseCode reads the text of a code without verifying anything, for who only
// passes codes on: a phone that turns a downloaded order into an image. What
// the code says stays closed; Open opens it. It fails as Peek does.
func ParseCode(text string) (Code, error) {
	kind, b, err := parseText(text)
	if err != nil {
		return Code{}, err
	}
	if _, err := parseEnvelope(kind, b); err != nil {
		return Code{}, err
	}
	return Code{kind, b}, nil
}
