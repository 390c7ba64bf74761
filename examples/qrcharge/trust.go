// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/keyfile"
)

type trustCmd struct {
	Sign trustSignCmd `cmd:"" help:"Sign a snapshot of whom devices trust."`
	Show trustShowCmd `cmd:"" help:"Print a snapshot in the form that trust sign reads."`
}

type trustSignCmd struct {
	Policy string    `arg:"" name:"FILE" help:"What the snapshot says, as JSON, or - for standard input."`
	Root   signFlags `embed:""`
	Keys   []string  `placeholder:"FILE" help:"JWK Set or COSE_KeySet of issuers, for keys that FILE names by their id alone. May be given again."`
	After  string    `placeholder:"TEXT|FILE" help:"The snapshot in force, which the new one must follow. What changes is told."`
	Roots  string    `placeholder:"FILE" help:"Keys of all roots, to verify --after with; without it, that of --key."`
	Out    string    `short:"o" placeholder:"FILE" help:"File to write the text of the code to. Without it, standard output."`
}

// Help is printed by trust sign --help.
func (*trustSignCmd) Help() string {
	return `FILE is {"epoch", "least", "delegations": [{"key_id", "public_key", "fleet", "currency", "amount", "quota", "rights"}]}:

  epoch       above that of every snapshot before
  least       lowest epoch that an order must name from now on; any without it
  key_id      hex
  public_key  hex; may be left out where --keys has the key
  fleet       hex with which the numbers of the devices begin; all without it
  currency    that the key may sell in; any without it
  amount      most that an order may cost, as "100.00"; no bound without it
  quota       orders that one device accepts; no bound without it
  rights      of "order", "stop", "receipt", "acknowledge"

A snapshot replaces all older ones whole: who is not in it is no longer trusted. To revoke a key, print the one in force with trust show, take the key out, raise the epoch, sign. A device takes the new one wherever it is shown to it, and only a later epoch after that: keep the number of the last one.`
}

// Run signs the snapshot, and shows it to a device of its own before it is written.
func (c *trustSignCmd) Run(std *stdio) error {
	t, err := c.read(std.in)
	if err != nil {
		return err
	}
	root, err := c.Root.private(std, qrproto.KindTrust, c.Policy)
	if err != nil {
		return misuse(err)
	}
	device, err := c.device(root.Key())
	if err != nil {
		return misuse(err)
	}
	before := new(qrproto.Trust)
	if c.After != "" {
		if before, err = applySnapshot(device, c.After, std.in); err != nil {
			return err
		}
	}
	code, err := c.seal(t, root, device)
	if err != nil {
		return misuse(err)
	}
	fmt.Fprintln(std.err, "qrcharge: "+printable(change(before, t)))
	return writeText(std, c.Out, code.Text())
}

// read returns what is to be signed.
func (c *trustSignCmd) read(stdin io.Reader) (*qrproto.Trust, error) {
	b, err := readInput(c.Policy, stdin, maxTariff)
	if err != nil {
		return nil, unreadable(err)
	}
	p, err := parsePolicy(b)
	if err != nil {
		return nil, unreadable(fmt.Errorf("%s: %w", c.Policy, err))
	}
	var keys qrproto.KeyList
	for _, name := range c.Keys {
		more, err := readKeys(name)
		if err != nil {
			return nil, misuse(err)
		}
		for _, k := range more {
			if known, _ := keys.Key(k.ID); known != nil {
				return nil, misuse(fmt.Errorf("%s: %v: %w", name, k.ID, errKeyExists))
			}
			keys = append(keys, k)
		}
	}
	t, err := p.trust(keys)
	if err != nil {
		return nil, misuse(fmt.Errorf("%s: %w", c.Policy, err))
	}
	return t, nil
}

// seal signs the snapshot. It fails where the device would not take it.
func (c *trustSignCmd) seal(t *qrproto.Trust, root *keyfile.Private, device *qrproto.TrustStore) (qrproto.Code, error) {
	code, err := qrproto.Seal(t, root.Signer())
	if err != nil {
		return code, err
	}
	if _, err := qrproto.Open(code.Text(), device); err != nil {
		return code, fmt.Errorf("%s is no root: %w", c.Root.Key, err)
	}
	return code, device.Apply(t)
}

// device has all roots.
func (c *trustSignCmd) device(root qrproto.Key) (*qrproto.TrustStore, error) {
	if c.Roots == "" {
		return qrproto.NewTrustStore(root)
	}
	keys, err := readKeys(c.Roots)
	if err != nil {
		return nil, err
	}
	var roots qrproto.KeyList
	for _, k := range keys {
		if letters(k.Kinds) == "T" {
			roots = append(roots, k)
		}
	}
	return qrproto.NewTrustStore(roots...)
}

// change says in a line what becomes of the trust in each key.
func change(before, after *qrproto.Trust) string {
	had, has := map[string]bool{}, map[string]bool{}
	for i := range before.Delegations {
		had[string(before.Delegations[i].ID)] = true
	}
	var stay, come, gone []string
	for i := range after.Delegations {
		id := qrproto.KeyID(after.Delegations[i].ID)
		has[string(id)] = true
		if had[string(id)] {
			stay = append(stay, id.String())
		} else {
			come = append(come, id.String())
		}
	}
	for i := range before.Delegations {
		if id := qrproto.KeyID(before.Delegations[i].ID); !has[string(id)] {
			gone = append(gone, id.String())
		}
	}
	least := "any epoch"
	if after.Least > 0 {
		least = fmt.Sprintf("epoch %d on", after.Least)
	}
	text := fmt.Sprintf("epoch %d, orders from %s", after.Epoch, least)
	for _, part := range []struct {
		what string
		ids  []string
	}{{"trusted still", stay}, {"trusted now", come}, {"no longer trusted", gone}} {
		if len(part.ids) > 0 {
			text += "; " + part.what + ": " + strings.Join(part.ids, ", ")
		}
	}
	if len(has) == 0 {
		text += "; nobody is trusted"
	}
	return text
}

// writeText writes a line to a file, or to standard output where it has no name.
func writeText(std *stdio, name, text string) error {
	if name == "" {
		_, err := fmt.Fprintln(std.out, text)
		return err
	}
	if err := replaceFile(name, []byte(text+"\n")); err != nil {
		return misuse(err)
	}
	return nil
}

type trustShowCmd struct {
	Code  string `arg:"" name:"TEXT|FILE|-" help:"The snapshot: text, an image or text file, or - for standard input."`
	Trust string `required:"" placeholder:"FILE" help:"Keys of the roots."`
}

// Help is printed by trust show --help.
func (*trustShowCmd) Help() string {
	return "Prints nothing of a snapshot that does not verify; inspect does. Exit codes are those of inspect."
}

// Run prints the policy of a verified snapshot.
func (c *trustShowCmd) Run(std *stdio) error {
	keys, err := readKeys(c.Trust)
	if err != nil {
		return misuse(err)
	}
	t, err := openAs[*qrproto.Trust](c.Code, std.in, keys)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(policyOf(t), "", "  ")
	if err != nil {
		return err
	}
	_, err = std.out.Write(append(bytes.TrimSpace(b), '\n'))
	return err
}
