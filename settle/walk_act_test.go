// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"fmt"

	"github.com/seed81979277/qrcharge/settle/charger"
)

// act is one thing that can happen. Its numbers are those of the maze that it
// happens in.
type act struct {
	verb verb
	a, b uint8
}

type verb uint8

const (
	actLook      verb = iota // at the screen of charger a, connector b
	actPlug                  // in or out, at charger a, connector b
	actStop                  // the button of charger a, connector b
	actScan                  // order b at charger a
	actReceive               // receipt b at charger a
	actCut                   // the power of charger a
	actCopy                  // the flash of charger a
	actRestore               // the copy
	actWait                  // so many s as waits[a]
	actSee                   // the server is shown photo a, by nobody
	actIssue                 // on photo a, to account b
	actIssueLost             // and the payment provider's answer is lost
	actUpload                // bill a
	actPay                   // order a, and its receipt
	actPayLost               // and the answer is lost
	actRelease               // order a
	actRevoke                // the server has the second snapshot from now on
	actReveal                // snapshot b to charger a
	actForge                 // an order on photo a; with an acknowledgement for b
	actHalt                  // the stop order of order b, at charger a
)

func (a act) String() string {
	names := [...]string{"look at %d.%d", "plug %d.%d", "stop %d.%d", "at charger %d scan order %d", "at charger %d scan receipt %d",
		"cut %d", "copy flash of %d", "restore %d", "wait %d", "show photo %d to the server", "order on photo %d for account %d",
		"order on photo %d for account %d, answer lost", "upload settlement %d", "pay order %d", "pay order %d, answer lost", "release order %d",
		"revoke", "at charger %d scan snapshot %d", "forge an order on photo %d, acknowledging %d",
		"at charger %d scan stop of order %d"}
	if a.verb == actWait {
		return fmt.Sprintf("wait %d s", waits[a.a])
	}
	args := []any{a.a, a.b}
	n := 0
	for _, c := range names[a.verb] {
		if c == '%' {
			n++
		}
	}
	return fmt.Sprintf(names[a.verb], args[:n]...)
}

// waits are the times that can pass at once, s. Seconds beside the bounds of the
// protocol are for tests of charger and server alone: 20 s are below what may be
// lost at a cut, 90 s end an armed connector, and two of them a window, 400 s
// are within what a server may hold an identity, and not with 90 s more.
var waits = [...]int64{20, 90, 400}

// acts are all that can happen in a maze. What only says again what was said is
// among them: any code, to any side, any number of times.
func (m *maze) acts() (out []act) {
	s := &m.stage.sizes
	for n, p := range m.posts {
		out = append(out, m.postActs(n)...)
		if !p.begun() {
			break // chargers are alike: the first used is the first
		}
	}
	first := m.posts[0]
	if s.images > 0 && first.image == nil {
		out = append(out, act{verb: actCopy})
	} else if first.image != nil && m.used.images < s.images {
		out = append(out, act{verb: actRestore})
	}
	if m.used.waits < s.waits && first.begun() {
		for i := range waits {
			out = append(out, act{actWait, uint8(i), 0})
		}
	}
	if s.trust {
		out = append(out, m.theftActs()...)
	}
	return append(out, m.deskActs()...)
}

// postActs are those at charger n.
func (m *maze) postActs(n int) (out []act) {
	add := func(v verb, b int) { out = append(out, act{v, uint8(n), uint8(b)}) }
	s, p := &m.stage.sizes, m.posts[n]
	for k := range p.spots {
		if k > 0 && n == 0 && !p.begun() {
			break // connectors are alike too
		}
		screen := p.spots[k].screen
		if screen == charger.ScreenIdentity && len(m.photos) < s.photos {
			add(actLook, k)
		}
		add(actPlug, k)
		if screen != charger.ScreenIdentity && screen != charger.ScreenUnplug {
			add(actStop, k)
		}
	}
	for j := range m.orders {
		add(actScan, j)
		if s.halts {
			add(actHalt, j)
		}
	}
	for r := range m.receipts {
		add(actReceive, r)
	}
	if m.used.cuts < s.cuts && p.begun() {
		add(actCut, 0)
	}
	return out
}

// deskActs are those at the server.
func (m *maze) deskActs() (out []act) {
	add := func(v verb, a, b int) { out = append(out, act{v, uint8(a), uint8(b)}) }
	s := &m.stage.sizes
	for i := range m.photos {
		add(actSee, i, 0)
		for account := range min(s.accounts, 1+len(m.orders)) {
			if len(m.orders) < s.orders {
				add(actIssue, i, account)
			}
			if len(m.orders) < s.orders && m.used.lost < s.lost {
				add(actIssueLost, i, account)
			}
		}
	}
	for i := range m.bills {
		add(actUpload, i, 0)
	}
	for j := range m.orders {
		add(actPay, j, 0)
		if m.used.lost < s.lost {
			add(actPayLost, j, 0)
		}
		add(actRelease, j, 0)
	}
	return out
}
