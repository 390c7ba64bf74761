// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrimage"
)

// findings are what inspect found out about a code.
type findings struct {
	code    *qrproto.Code // nil if there was none
	text    string        // as it was read
	key     *qrproto.Key  // nil if it is not verified
	id      qrproto.KeyID
	payload qrproto.Payload // nil if its fields could not be read
	sum     string          // empty if there is no payload

	carried carried // of a verified identity
}

// rows are the fields of the code.
func (f *findings) rows() []row {
	s := scopeOf(f.payload)
	s.carried = f.carried
	return rowsIn(s, f.payload)
}

// Headings that cannot be overlooked. Each line between them begins with a "?",
// so that one that was copied or grepped out still tells.
const (
	unverifiedAbove = "!!!! NOT VERIFIED: anybody could have written what follows. Do not act on it. !!!!"
	unverifiedBelow = "!!!! NOT VERIFIED !!!!"
)

// print writes the findings for people.
func (f *findings) print(w *bytes.Buffer, refused error) {
	prefix := ""
	if refused == nil {
		fmt.Fprintln(w, "VERIFIED")
	} else {
		prefix = "? "
		fmt.Fprintln(w, unverifiedAbove)
	}
	printRows(w, prefix, f.summary())
	fmt.Fprintln(w, strings.TrimRight(prefix, " "))
	if f.payload == nil {
		fmt.Fprintln(w, prefix+"The fields cannot be shown: the payload breaks a rule of its kind.")
	} else {
		printRows(w, prefix, f.rows())
	}
	fmt.Fprintf(w, "%s\n%sCBOR diagnostic notation:\n", strings.TrimRight(prefix, " "), prefix)
	for _, line := range diagnoseEnvelope(f.code.Bytes()) {
		fmt.Fprintln(w, prefix+line)
	}
	if refused != nil {
		fmt.Fprintln(w, unverifiedBelow)
	}
}

func (f *findings) summary() []row {
	kind := f.code.Kind()
	rows := []row{{name: "kind", text: fmt.Sprintf("%v, %s", kind, formOf(kind).name)}}
	key := row{name: "key", text: f.id.String()}
	if f.key != nil {
		key.text += ", trusted for " + letters(f.key.Kinds)
	}
	if f.key != nil && len(f.key.Number) > 0 {
		key.text += ", device " + hex.EncodeToString(f.key.Number)
	}
	rows = append(rows, key)
	if f.key != nil && f.key.Caps != nil {
		rows = append(rows, row{name: "bounds", text: bounds(f.key.Caps)})
	}
	if f.sum != "" {
		rows = append(rows, row{name: "hash", text: f.sum})
	}
	size := f.size()
	text := fmt.Sprintf("%d bytes, %d digits, QR version %d", size.Bytes, size.Digits, size.Version)
	if base := f.base(); base != "" {
		text += fmt.Sprintf("; as the link %d", size.LinkVersion)
		rows = append(rows, row{name: "link", text: base + "…  (the address in front is not signed)"})
	}
	return append(rows, row{name: "size", text: text})
}

// base is what stood before the code: that of a link.
func (f *findings) base() string {
	return strings.TrimSuffix(strings.TrimRight(f.text, "\r\n"), f.code.Text())
}

// jsonSize is the size of a code. Versions are those at level M, and absent for
// a text that is no QR code.
type jsonSize struct {
	Bytes       int `json:"bytes"`
	Digits      int `json:"digits"`
	Version     int `json:"qr_version,omitempty"`
	LinkVersion int `json:"link_qr_version,omitempty"`
}

func (f *findings) size() jsonSize {
	bare := f.code.Text()
	s := jsonSize{Bytes: len(f.code.Bytes()), Digits: len(bare) - len("QI1/"), Version: qrVersion(bare)}
	if base := f.base(); base != "" {
		s.LinkVersion = qrVersion(base + bare)
	}
	return s
}

func qrVersion(text string) int {
	m, err := qrimage.Encode(text)
	if err != nil {
		return 0
	}
	return m.Version()
}

// jsonFindings is the object of inspect --json; the package documentation
// describes it.
type jsonFindings struct {
	Verified   bool         `json:"verified"`
	Error      *jsonError   `json:"error,omitempty"`
	Text       string       `json:"text,omitempty"`
	LinkBase   string       `json:"link_base,omitempty"`
	Size       *jsonSize    `json:"size,omitempty"`
	Content    *jsonContent `json:"content,omitempty"`
	Unverified *jsonContent `json:"unverified,omitempty"`
}

type jsonError struct {
	Code    int    `json:"code,omitempty"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

type jsonContent struct {
	Kind       string             `json:"kind"`
	KindName   string             `json:"kind_name"`
	KeyID      string             `json:"key_id"`
	Key        *jsonKey           `json:"key,omitempty"`
	Hash       string             `json:"hash,omitempty"`
	Diagnostic string             `json:"diagnostic"`
	Fields     map[string]jsonRow `json:"fields,omitempty"`
}

type jsonKey struct {
	Kinds  string             `json:"kinds"`
	Number string             `json:"number,omitempty"`
	Bounds map[string]jsonRow `json:"bounds,omitempty"`
}

func newJSONKey(k *qrproto.Key) *jsonKey {
	out := &jsonKey{Kinds: letters(k.Kinds), Number: hex.EncodeToString(k.Number)}
	if k.Caps != nil {
		out.Bounds = jsonRows(boundFields(k.Caps))
	}
	return out
}

func (f *findings) json(refused error) jsonFindings {
	out := jsonFindings{Verified: refused == nil, Error: newJSONError(refused)}
	if f.code == nil {
		return out
	}
	size := f.size()
	out.Text, out.LinkBase, out.Size = f.code.Text(), f.base(), &size
	if out.Verified {
		out.Content = f.content()
	} else {
		out.Unverified = f.content()
	}
	return out
}

func newJSONError(err error) *jsonError {
	if err == nil {
		return nil
	}
	out := &jsonError{Message: err.Error()}
	var code qrproto.ErrorCode
	if errors.As(err, &code) {
		out.Code = int(code)
	}
	var e *qrproto.Error
	if errors.As(err, &e) {
		out.Path = e.Path
	}
	return out
}

func (f *findings) content() *jsonContent {
	kind := f.code.Kind()
	c := &jsonContent{
		Kind: kind.String(), KindName: formOf(kind).name, KeyID: f.id.String(), Hash: f.sum,
		Diagnostic: strings.Join(diagnoseEnvelope(f.code.Bytes()), "\n"),
	}
	if f.key != nil {
		c.Key = newJSONKey(f.key)
	}
	if f.payload != nil {
		c.Fields = jsonRows(f.rows())
	}
	return c
}
