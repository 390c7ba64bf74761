// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/ecdh"
	"errors"
	"fmt"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
)

type inspectCmd struct {
	Code  string `arg:"" name:"TEXT|FILE|-" help:"Text of a code or link, an image or text file that holds it, or - for standard input."`
	Trust string `placeholder:"FILE" help:"JWK Set or COSE_KeySet of the keys to trust, of either algorithm. Without it nothing can be verified."`

	Snapshot   string `placeholder:"TEXT|FILE" help:"Trust as a device does that has taken this trust snapshot: roots of --trust verify it, and of issuers only those in it are trusted."`
	Agreement  string `placeholder:"FILE" help:"Private X25519 key of the server, to read the records that an identity carries."`
	Passphrase string `name:"passphrase-file" placeholder:"FILE" help:"Passphrase of --agreement: this file, one line, or - for standard input."`

	JSON bool `help:"Print one JSON object."`
}

// Help is printed by inspect --help.
func (*inspectCmd) Help() string {
	var b strings.Builder
	b.WriteString(`Exit code 0: everything about the code holds. 1: it could be read but not verified; what it says is then shown as unverified and proves nothing. 2: no code could be read. The reason is on standard error.

With --json: verified, error {code, path, message}, text, link_base, size {bytes, digits, qr_version, link_qr_version}, and content or, for what is not verified, unverified: {kind, kind_name, key_id, key, hash, diagnostic, fields}. A field is {value, unit, text}, with fields or items below it. The fields are:`)
	for _, f := range forms() {
		names := make([]string, len(f.fields))
		for i := range f.fields {
			names[i] = jsonName(f.fields[i].name)
		}
		fmt.Fprintf(&b, "\n\n%v, %s: %s.", f.kind, f.name, strings.Join(names, ", "))
	}
	return b.String()
}

// errNoTrust is E-109 with what to do about it.
var errNoTrust = fmt.Errorf("%w: no keys are given to trust (--trust FILE)", qrproto.ErrUnknownKey)

// Run shows the code. What it returns is why the code is not verified.
func (c *inspectCmd) Run(std *stdio) error {
	keys, err := c.keys(std)
	if err != nil {
		return err
	}
	server, err := c.server(std)
	if err != nil {
		return misuse(err)
	}
	f, refused := c.examine(std, keys)
	if refused == nil {
		if f.carried, err = carriedBy(f.key, f.payload, server); err != nil {
			return misuse(err)
		}
	}
	var out bytes.Buffer
	switch {
	case c.JSON:
		if err := printJSON(&out, f.json(refused)); err != nil {
			return err
		}
	case f.code != nil:
		f.print(&out, refused)
	}
	if _, err := std.out.Write(out.Bytes()); err != nil {
		return err
	}
	return refused
}

// keys are those to trust.
func (c *inspectCmd) keys(std *stdio) (qrproto.Keys, error) {
	var keys qrproto.KeyList
	if c.Trust != "" {
		var err error
		if keys, err = readKeys(c.Trust); err != nil {
			return nil, misuse(err)
		}
	}
	if c.Snapshot != "" {
		return underSnapshot(keys, c.Snapshot, std.in)
	}
	return keys, nil
}

// server is the private key that records are encrypted to; nil where none is
// named.
func (c *inspectCmd) server(std *stdio) (*ecdh.PrivateKey, error) {
	switch {
	case c.Agreement == "":
		return nil, nil
	case c.Passphrase == "-" && c.Code == "-":
		return nil, errBothStdin
	}
	return readAgreement(c.Agreement, c.Passphrase, std)
}

// examine reads and opens the code. The findings hold whatever could be read.
func (c *inspectCmd) examine(std *stdio, keys qrproto.Keys) (findings, error) {
	text, err := readText(c.Code, std.in)
	if err != nil {
		return findings{}, unreadable(err)
	}
	code, err := qrproto.ParseCode(text)
	switch {
	case err != nil && len(text) > maxText && (c.Code == "-" || isFile(c.Code)):
		return findings{}, unreadable(fmt.Errorf("%s: %w (%w)", c.Code, errLong, err))
	case errors.Is(err, qrproto.ErrPart):
		return findings{}, unreadable(fmt.Errorf("%w (scan --parts puts parts together)", err))
	case err != nil:
		return findings{}, unreadable(err)
	}
	f := findings{code: &code, text: text}
	opened, err := qrproto.Open(text, keys)
	if err == nil {
		f.opened(opened)
		return f, nil
	}
	f.refused(err)
	if c.Trust == "" {
		err = errNoTrust
	}
	return f, &failure{exitUnverified, "not verified", err}
}

// opened takes over what is verified.
func (f *findings) opened(o *qrproto.Opened) {
	f.key, f.id = o.Key, o.Key.ID
	f.payload, f.sum = o.Payload, o.Sum.String()
}

// refused takes over what can be read of a code that is not verified.
func (f *findings) refused(err error) {
	_, f.id, _ = qrproto.Peek(f.text)
	var e *qrproto.Error
	if !errors.As(err, &e) || e.Unverified == nil {
		return
	}
	f.payload = e.Unverified
	if sum, err := qrproto.Sum(f.payload); err == nil {
		f.sum = sum.String()
	}
}
