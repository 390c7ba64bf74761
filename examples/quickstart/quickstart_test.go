// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/qrproto/qrscan"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
)

// playOnce runs the program once and returns its folder and what it printed.
func playOnce(t *testing.T) (dir, printed string) {
	t.Helper()
	dir = t.TempDir()
	var out bytes.Buffer
	if err := run(&out, dir); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return dir, out.String()
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEachImageHoldsItsTextAndVerifies(t *testing.T) {
	dir, _ := playOnce(t)
	var keys qrproto.KeyList
	if err := json.Unmarshal(read(t, dir, "keys.json"), &keys); err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]qrproto.Kind{
		"identity": 'I', "order": 'O', "settlement": 'S', "receipt": 'R', "trust": 'T', "stop": 'X', "walkaway/identity": 'I',
	} {
		img, err := png.Decode(bytes.NewReader(read(t, dir, name+".png")))
		if err != nil {
			t.Fatal(err)
		}
		scanned, err := qrscan.Scan(img)
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSuffix(string(read(t, dir, name+".txt")), "\n"); scanned != want {
			t.Errorf("%s.png reads %q, %s.txt says %q", name, scanned, name, want)
		}
		opened, err := qrproto.Open(scanned, keys)
		if err != nil || opened.Payload.Kind() != kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheBillAddsUp recomputes the bill from its JSON with big fractions: what
// was measured times the price, and no other figure of it.
func TestTheBillAddsUp(t *testing.T) {
	dir, _ := playOnce(t)
	var bill struct {
		Exact   string
		Payable struct{ Amount string }
		Lines   []struct {
			Kind  string
			MWh   int64 `json:"billed_mWh"`
			Rate  string
			Price struct{ Amount string } `json:"price_per_kWh"`
		}
	}
	if err := json.Unmarshal(read(t, dir, "bill.json"), &bill); err != nil {
		t.Fatal(err)
	}
	sum, rates := new(big.Rat), map[string]bool{}
	for _, l := range bill.Lines {
		if l.Kind != "charge" {
			continue
		}
		rates[l.Rate] = true
		price, ok := new(big.Rat).SetString(l.Price.Amount)
		if !ok {
			t.Fatalf("price %q", l.Price.Amount)
		}
		sum.Add(sum, price.Mul(price, big.NewRat(l.MWh, 1_000_000)))
	}
	if want, ok := new(big.Rat).SetString(bill.Exact); !ok || sum.Cmp(want) != 0 {
		t.Errorf("lines add up to %v, bill says exactly %s", sum, bill.Exact)
	}
	if got := sum.FloatString(2); got != bill.Payable.Amount {
		t.Errorf("rounded that is %s, bill says %s", got, bill.Payable.Amount)
	}
	if len(rates) != 3 {
		t.Errorf("a session over two price boundaries has rates %v", rates)
	}
}

func TestEveryAttackIsRefusedWithItsCode(t *testing.T) {
	_, printed := playOnce(t)
	for _, code := range []qrproto.ErrorCode{
		charger.ErrUsed, charger.ErrOtherCharger, charger.ErrExpired, charger.ErrChallenge, qrproto.ErrSignature,
		charger.ErrVoucher, charger.ErrAmount, qrproto.ErrStaleTrust,
		settle.ErrFork, server.ErrTariffChanged, qrproto.ErrUnknownKey,
	} {
		if want := fmt.Sprintf("refused  E-%d ", int(code)); !strings.Contains(printed, want) {
			t.Errorf("nothing %q in\n%s", want, printed)
		}
	}
	if n := strings.Count(printed, "refused  E-"); n != 13 {
		t.Errorf("%d attempts are refused, README speaks of thirteen", n)
	}
	if !strings.Contains(printed, "stopped from afar") {
		t.Errorf("no session is stopped from afar:\n%s", printed)
	}
	if !strings.Contains(printed, "same answer") {
		t.Errorf("the settlement shown twice is not told of:\n%s", printed)
	}
	if !strings.Contains(printed, "taken in: record 2") {
		t.Errorf("the walk-away's record did not come in:\n%s", printed)
	}
}

// frame is a picture without its codes, which differ from run to run: what is
// left is where they stand and what is written beside them.
func frame(picture []byte) string {
	of := regexp.MustCompile(` d="[^"]*"| viewBox="0 0 \d\d \d\d"|<rect width="\d\d" height="\d\d"`)
	return of.ReplaceAllString(string(picture), "")
}

// TestThePictureIsUpToDate: the README shows the one that is checked in. When
// this fails, copy loop.svg out of a new run.
func TestThePictureIsUpToDate(t *testing.T) {
	dir, _ := playOnce(t)
	fresh, shown := frame(read(t, dir, "loop.svg")), frame(read(t, ".", "loop.svg"))
	if fresh != shown {
		t.Errorf("loop.svg shows\n%s\na run draws\n%s", shown, fresh)
	}
	if strings.Count(shown, "<path") != 4 || len(shown) > 4000 {
		t.Errorf("not four codes, or more than a frame is left of it:\n%s", shown)
	}
}
