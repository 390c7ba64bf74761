// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"crypto/ed25519"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
)

// theft is an issuer's key in the adversary's hands: delegated by the first
// snapshot for one order at each device, and by the second no more.
type theft struct {
	root, stolen qrproto.Signer
	snapshots    [2]qrproto.Code // of epochs 1 and 2
}

const stolenQuota = 1

func newTheft(weak *weakness) (*theft, error) {
	t := &theft{root: memo(signer("root")), stolen: memo(signer("stl1"))}
	good := delegated("iss1", qrproto.RightOrder|qrproto.RightReceipt|qrproto.RightAcknowledge, 0)
	bad := delegated("stl1", qrproto.RightOrder|weak.rights, stolenQuota)
	for i, list := range [][]qrproto.Delegation{{good, bad}, {good}} {
		var err error
		t.snapshots[i], err = qrproto.Seal(&qrproto.Trust{Epoch: uint32(i + 1), Delegations: list}, t.root)
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func delegated(id qrproto.KeyID, rights qrproto.Rights, quota uint32) qrproto.Delegation {
	return qrproto.Delegation{ID: []byte(id), Public: signer(id).Key.Public().(ed25519.PublicKey), Rights: rights, Quota: quota}
}

func (t *theft) roots() qrproto.Key {
	return qrproto.Key{ID: t.root.ID, Public: t.root.Key.Public(), Kinds: []qrproto.Kind{qrproto.KindTrust}}
}

// newest is the snapshot that the operator has given to his server.
func (m *maze) newest() qrproto.Code {
	if m.used.revoked {
		return m.stage.theft.snapshots[1]
	}
	return m.stage.theft.snapshots[0]
}

func (m *maze) theftActs() (out []act) {
	add := func(v verb, a, b int) { out = append(out, act{v, uint8(a), uint8(b)}) }
	if !m.used.revoked {
		add(actRevoke, 0, 0)
	}
	for n := range m.posts {
		add(actReveal, n, 0)
		if m.used.revoked {
			add(actReveal, n, 1)
		}
	}
	for i, p := range m.photos {
		if m.used.forged < m.stage.sizes.forged && len(m.orders) < m.stage.sizes.orders {
			add(actForge, i, 0)
		}
		if m.used.forged < m.stage.sizes.forged && len(m.orders) < m.stage.sizes.orders && p.id.Head != nil {
			add(actForge, i, 1)
		}
	}
	return out
}

// reveal shows the snapshot of an epoch to charger n.
func (m *maze) reveal(n int, epoch uint32) error {
	p := m.at(n)
	if _, err := p.charger.Accept(m.stage.theft.snapshots[epoch-1].Text()); err != nil {
		return nil // an older one, or no room for it
	}
	if epoch < p.epoch && !p.setBack {
		return broken(propRevoked, "charger %d is at epoch %d, and takes %d", n, p.epoch, epoch)
	}
	if epoch > p.epoch {
		p.sold = 0
	}
	p.epoch = epoch
	return m.checkPost(n)
}

// forge signs an order on a photo with the stolen key, now and for this epoch. It
// may acknowledge the head that the photo shows, which nobody asks the server for.
func (m *maze) forge(n int, acknowledges bool) error {
	p, s := m.photos[n], m.stage
	b, err := qrproto.EncodeTariff(s.tariff)
	if err != nil {
		return err
	}
	id := qrproto.OrderID{0xff, byte(n), byte(len(m.orders))}
	o := &qrproto.StartOrder{ID: id, Charger: p.id.Number, Connector: p.id.Connector, Challenge: p.id.Challenge,
		Issued: noonUnix + m.now, Window: qrproto.MaxWindow, Tariff: b, Scale: 2,
		Limits: &qrproto.Limits{Amount: 100_00}, Funding: qrproto.FundingHold, Epoch: 1}
	if acknowledges {
		o.Ack = &qrproto.Ack{Seq: p.id.Head.Seq, Sum: p.id.Head.Sum}
	}
	code, err := qrproto.Seal(o, s.theft.stolen)
	if err != nil {
		return err
	}
	sum, err := qrproto.Sum(o)
	m.used.forged++
	m.orders = append(m.orders, sale{id: id, text: code.Text(), hash: sum.Ref(), issued: o.Issued, photo: p, forged: true, epoch: 1})
	return err
}

// halt shows a stop order for order j to charger n. It ends that sale, and does
// nothing anywhere else.
func (m *maze) halt(n, j int) error {
	o := &m.orders[j]
	code, err := qrproto.Seal(&qrproto.StopOrder{Order: o.hash}, m.stage.server.Issuer)
	if err != nil {
		return err
	}
	p := m.at(n)
	k, err := p.charger.Accept(code.Text())
	if err != nil {
		return nil
	}
	at := &p.spots[k-1]
	if at.order != j || at.screen != charger.ScreenPlug && at.screen != charger.ScreenCharging {
		return broken(propOnce, "a stop order for order %d stops connector %d, which has order %d", j, k, at.order)
	}
	if at.screen == charger.ScreenCharging {
		o.written, o.durable = m.now, o.flowed
	}
	return m.after(n, k-1)
}

// checkTrusted: a key that is revoked sells nowhere where that is known, and one
// that is not no more than it may.
func (m *maze) checkTrusted(n, j int) error {
	o, p := &m.orders[j], m.posts[n]
	if o.forged {
		p.sold++
	}
	switch {
	case p.setBack:
		return nil
	case o.epoch > p.epoch:
		return broken(propRevoked, "order %d names epoch %d, charger %d knows %d", j, o.epoch, n, p.epoch)
	case o.forged && p.epoch != 1:
		return broken(propRevoked, "order %d is of a stolen key, charger %d is at epoch %d", j, n, p.epoch)
	case p.sold > stolenQuota:
		return broken(propRevoked, "charger %d took %d orders of a key that may sell %d", n, p.sold, stolenQuota)
	}
	return nil
}
