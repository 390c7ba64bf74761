// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

type scanCmd struct {
	Files []string `arg:"" optional:"" name:"FILE" help:"Images (PNG, JPEG, GIF), or - for standard input, which is the default."`
	Parts bool     `help:"Put the parts of one code together, from all files and all pictures of a GIF, and print the whole."`
	JSON  bool     `help:"One JSON object a line: {file, text} or {file, error}; with --parts one object, {text} or {error}, and parts {have, count}."`
}

// Help is printed by scan --help.
func (*scanCmd) Help() string {
	return "Prints one text a line, in the order of the files. Exit code 2 if there is a file without a readable code; the others are read all the same.\n\nWith --parts, each new part is told on standard error, and so is each picture that is none or does not belong to the others. Exit code 2 if a part is missing in the end."
}

// scanned is a line of scan --json.
type scanned struct {
	File  string `json:"file"`
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
}

// Run scans each file, and fails in the end if one of them held no code.
func (c *scanCmd) Run(std *stdio) error {
	if len(c.Files) == 0 {
		c.Files = []string{"-"}
		if std.typed {
			fmt.Fprintln(std.err, "qrcharge: no file is named; reading an image from standard input")
		}
	}
	if c.Parts {
		return c.assemble(std)
	}
	var failed error
	for _, name := range c.Files {
		text, err := scanFile(name, std)
		if err != nil {
			if failed != nil {
				report(std, failed)
			}
			failed = unreadable(err)
		}
		if err := c.print(std, name, text, err); err != nil {
			return err
		}
	}
	return failed
}

func scanFile(name string, std *stdio) (string, error) {
	b, err := readInput(name, std.in, maxInput)
	if err != nil {
		return "", err
	}
	text, err := scanBytes(b)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

func (c *scanCmd) print(std *stdio, name, text string, problem error) error {
	switch {
	case c.JSON:
		line := scanned{File: name, Text: text}
		if problem != nil {
			line.Error = problem.Error()
		}
		return printJSON(std.out, line)
	case problem == nil:
		_, err := fmt.Fprintln(std.out, strings.ReplaceAll(printable(text), "\n", `\u{A}`))
		return err
	}
	return nil
}
