// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/seed81979277/qrcharge/qrproto/qrimage"
	"github.com/seed81979277/qrcharge/tariff/ocpi"
)

// commands is the command line. A command is a struct of its flags with a Run
// method, in a file of its own, and one line here.
type commands struct {
	Inspect inspectCmd `cmd:"" help:"Show what a code says and whether it verifies."`
	Scan    scanCmd    `cmd:"" help:"Read the QR codes in images."`
	Render  renderCmd  `cmd:"" help:"Draw a text as a QR code."`
	Keygen  keygenCmd  `cmd:"" help:"Make a key for a device, an issuer, a root or a server."`
	Trust   trustCmd   `cmd:"" help:"Sign and show snapshots of whom devices trust."`
	Stop    stopCmd    `cmd:"" help:"Sign a stop order."`
	Price   priceCmd   `cmd:"" help:"Price a charge detail record of OCPI."`
	StopAt  stopAtCmd  `cmd:"" help:"Say when a session must stop to stay within a budget."`
	Lint    lintCmd    `cmd:"" help:"Say what looks wrong in a tariff."`
	Tariff  tariffCmd  `cmd:"" help:"Convert tariffs between forms, and hash them."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

const description = "Look at, draw, read and make keys for the QR codes of an offline sale; say whom devices trust; price sessions and work with tariffs." +
	"\n\nExit codes: 0 done, and with inspect: verified; 1 not verified, a fault in a tariff, or a form that cannot express one;" +
	" 2 unreadable; 3 wrong usage, unusable key file, file not written, a snapshot that no device would take."

// stdio is what a command may read and write besides files.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // out is one
	typed    bool // in is one
}

func main() {
	std := &stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stdout), typed: isTerminal(os.Stdin)}
	os.Exit(run(os.Args[1:], std))
}

// run returns the exit code. Only --help and --version end the process by
// themselves.
func run(args []string, std *stdio) int {
	parser, err := kong.New(new(commands),
		kong.Name("qrcharge"), kong.Description(description), kong.Writers(std.out, std.err),
		kong.Vars{"version": version(), "scale": strconv.Itoa(qrimage.DefaultPixels), "profiles": strings.Join(ocpi.ProfileNames(), ", ")}, kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Bind(std))
	if err != nil {
		panic(err) // the tags above are constants
	}
	ctx, err := parser.Parse(joinNegative(askedForHelp(args)))
	if err != nil {
		return report(std, misuse(fmt.Errorf("%w (%s --help shows how)", err, misread(err))))
	}
	return report(std, ctx.Run())
}

// askedForHelp makes help COMMAND the flag: it is what people try first.
func askedForHelp(args []string) []string {
	if len(args) == 0 || args[0] != "help" {
		return args
	}
	return append(slices.Clone(args[1:]), "--help")
}

// misread is the command that a wrong command line got as far as.
func misread(err error) string {
	var p *kong.ParseError
	if errors.As(err, &p) {
		if command := p.Context.Selected(); command != nil {
			return command.FullPath()
		}
	}
	return "qrcharge"
}

// joinNegative makes --flag -5 one argument: a parser that takes what begins
// with - for a flag would not get to say what is wrong with the number.
func joinNegative(args []string) []string {
	var out []string
	for _, arg := range args {
		last := len(out) - 1
		negative := len(arg) > 1 && arg[0] == '-' && strings.IndexByte("0123456789.", arg[1]) >= 0
		if negative && last >= 0 && strings.HasPrefix(out[last], "--") && len(out[last]) > 2 && !strings.Contains(out[last], "=") {
			out[last] += "=" + arg
			continue
		}
		out = append(out, arg)
	}
	return out
}

// report prints an error and returns its exit code.
func report(std *stdio, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(std.err, "qrcharge: %s\n", printable(shortened(err.Error(), maxMessage)))
	var f *failure
	if errors.As(err, &f) {
		return f.exit
	}
	return exitMisuse
}

// printJSON writes one object on one line, with < and > as they are: it is read
// by programs and people, not by browsers.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return "qrcharge " + v + ", wire version 1"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
