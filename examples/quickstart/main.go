// SPDX-License-Identifier: Apache-2.0

// Command quickstart plays the whole loop once: an offline charger sells
// energy, QR codes are the only link, and nobody gets through who should not.
//
//	go run ./examples/quickstart -out DIR
//
// Charger, server, phone and payment provider are the real library in one
// process; time is virtual, so three hours of charging take a moment. Each code
// is written as a PNG, photographed by a shaky camera, scanned back, and only
// then used. DIR gets trust, identity, order, settlement, receipt and stop as .png
// and .txt, keys.json with the public keys, roots included, and the bill as
// bill.txt and bill.json:
//
//	go run ./examples/qrcharge inspect --trust DIR/keys.json DIR/order.png
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	dir := flag.String("out", "out", "folder for the codes, the keys and the bill")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "quickstart: unexpected argument %s (quickstart -h shows how)\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(os.Stdout, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run plays the loop, then the attacks, and writes the files.
func run(out io.Writer, dir string) error {
	w, err := newWorld(out, dir)
	if err != nil {
		return err
	}
	for _, part := range []func(*world) error{sale, attacks, remoteStop, walkAway} {
		if err := part(w); err != nil {
			return err
		}
	}
	if err := w.writePicture(); err != nil {
		return err
	}
	return w.writeKeys()
}
