// SPDX-License-Identifier: Apache-2.0

package charger_test

import (
	"bytes"
	"crypto/ecdh"
	"strings"
	"testing"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/tariff"
)

// signed seals a payload with another key than the rig's issuer.
func signed(t testing.TB, p qrproto.Payload, s qrproto.Signer) string {
	t.Helper()
	code, err := qrproto.Seal(p, s)
	if err != nil {
		t.Fatal(err)
	}
	return code.Text()
}

func TestTextThatIsNoTrustedCodeWritesNothing(t *testing.T) {
	r := newRig(t, nil)
	id := r.identity(1)
	good := r.seal(r.order(id, nil))
	damaged := good[:len(good)-1] + string('0'+(good[len(good)-1]-'0'+1)%10)
	own := r.c.Do(1).Text
	for _, c := range []struct {
		name, text string
		want       qrproto.ErrorCode
	}{
		{"nothing", "", qrproto.ErrText},
		{"a shopping list", "milk, eggs", qrproto.ErrText},
		{"a page", "HTTPS://PAY.EXAMPLE.COM/C/A/", qrproto.ErrText},
		{"more than any code has", strings.Repeat("QO1/", 4000), qrproto.ErrTooLarge},
		{"a later version", "QO2/" + good[4:], qrproto.ErrVersion},
		{"a kind of the future", "QZ1/" + good[4:], qrproto.ErrKind},
		{"letters for digits", "QO1/ABC", qrproto.ErrDigits},
		{"half an order", good[:len(good)/2], qrproto.ErrEnvelope},
		{"the beginning of an order", good[:6], qrproto.ErrDigits},
		{"an order with a digit changed", damaged, qrproto.ErrSignature},
		{"an order as a receipt", "QR1/" + good[4:], qrproto.ErrSignature},
		{"an order under a stolen id", signed(t, r.order(id, nil), qrproto.Signer{ID: "iss1", Key: key("thief")}), qrproto.ErrSignature},
		{"an order of an unknown issuer", signed(t, r.order(id, nil), qrproto.Signer{ID: "iss2", Key: key("thief")}), qrproto.ErrUnknownKey},
		{"its own identity", own, qrproto.ErrUnknownKey},
	} {
		r.refused(c.name, c.want, r.scan(c.text))
	}
	if _, err := r.c.Accept(good); err != nil {
		t.Errorf("the order itself: %v", err)
	}
}

func TestKindThatNoChargerTakesIsRefused(t *testing.T) {
	r := newRig(t, nil)
	other := []byte{0x99}
	signer := qrproto.Signer{ID: qrproto.DeviceKeyID(other, 1), Key: key("neighbour")}
	r.device.Keys = append(r.device.Keys,
		qrproto.Key{ID: signer.ID, Public: signer.Key.Public(), Number: other, Kinds: []qrproto.Kind{qrproto.KindIdentity}},
		qrproto.Key{ID: "till", Public: key("till").Public(), Kinds: []qrproto.Kind{qrproto.KindReceipt}})
	r.boot()
	id := r.identity(1)
	neighbour := *id
	neighbour.Number = other
	r.refused("a neighbour's identity", qrproto.ErrKind, r.scan(signed(t, &neighbour, signer)))
	r.refused("an order of the till's", qrproto.ErrKeyUsage, r.scan(signed(t, r.order(id, nil), qrproto.Signer{ID: "till", Key: key("till")})))
}

func TestOrderThatDoesNotFitIsRefused(t *testing.T) {
	unheld := qrproto.Ref{1}
	for _, c := range []struct {
		name   string
		want   qrproto.ErrorCode
		change func(*qrproto.StartOrder)
	}{
		{"for another charger", charger.ErrOtherCharger, func(o *qrproto.StartOrder) { o.Charger = []byte{1} }},
		{"for a connector that is not there", charger.ErrConnector, func(o *qrproto.StartOrder) { o.Connector = 3 }},
		{"for the other connector's code", charger.ErrChallenge, func(o *qrproto.StartOrder) { o.Connector = 2 }},
		{"with a nonce never shown", charger.ErrChallenge, func(o *qrproto.StartOrder) { o.Challenge.Nonce[0]++ }},
		{"with the counter of another showing", charger.ErrChallenge, func(o *qrproto.StartOrder) { o.Challenge.Counter++ }},
		{"that needs a trust snapshot", charger.ErrEpoch, func(o *qrproto.StartOrder) { o.Epoch = 1 }},
		{"with bytes for a tariff", qrproto.ErrTariff, func(o *qrproto.StartOrder) { o.Tariff = []byte{1, 2, 3} }},
		{"with a tariff that is not held", settle.ErrOtherTariff, func(o *qrproto.StartOrder) { o.Tariff, o.TariffHash = nil, &unheld }},
		{"with a limit beyond every meter", settle.ErrPlan, func(o *qrproto.StartOrder) { o.Limits.Energy = tariff.MaxEnergy + 1 }},
		{"that acknowledges what was never written", charger.ErrAck, func(o *qrproto.StartOrder) { o.Ack = &qrproto.Ack{Seq: 1} }},
	} {
		r := newRig(t, nil)
		o := r.order(r.identity(1), c.change)
		r.refused("an order "+c.name, c.want, r.scan(r.seal(o)))
		r.accept(1, nil) // and a good one is taken after it
	}
}

func TestOrderIsAcceptedOnce(t *testing.T) {
	r := newRig(t, nil)
	id := r.identity(1)
	first, second := r.seal(r.order(id, nil)), r.seal(r.order(id, nil))
	if _, err := r.c.Accept(first); err != nil {
		t.Fatal(err)
	}
	states := []struct {
		name  string
		enter func()
	}{
		{"armed", func() {}},
		{"charging", func() { r.read(1, 0) }},
		{"stopped", func() { _ = r.c.Stop(1, r.reading(0), qrproto.StopUser) }},
		{"settled", func() { r.unplug(1) }},
	}
	for _, s := range states {
		s.enter()
		r.refused("the same order while "+s.name, charger.ErrUsed, r.scan(first))
		r.refused("a second order while "+s.name, charger.ErrBusy, r.scan(second))
	}
	r.dismiss(1)
	r.refused("the same order afterwards", charger.ErrUsed, r.scan(first))
	r.refused("a second order on the same code afterwards", charger.ErrChallenge, r.scan(second))
	r.boot()
	r.identity(1)
	r.refused("the same order after a restart", charger.ErrChallenge, r.scan(first))
	r.refused("a second order after a restart", charger.ErrChallenge, r.scan(second))
}

func TestOrdersUsedLongAgoAreStillRefused(t *testing.T) {
	r := newRig(t, nil)
	var used []string
	for range 20 {
		text := r.seal(r.order(r.identity(1), nil))
		if _, err := r.c.Accept(text); err != nil {
			t.Fatal(err)
		}
		used = append(used, text)
		r.dismiss(1) // takes it back
		r.dismiss(1) // and off the screen
	}
	for i, text := range used {
		want := charger.ErrUsed
		if i < 20-16 {
			want = charger.ErrChallenge // remembered by its challenge alone
		}
		r.refused("used order", want, r.scan(text))
	}
}

func TestReceiptOfAnotherSettlementIsRefused(t *testing.T) {
	r := newRig(t, nil)
	r.refused("of nothing", charger.ErrNotLast, r.scan(r.seal(&qrproto.Receipt{Time: r.wall})))
	_, older := r.sell(1, nil)
	r.dismiss(1)
	_, s := r.sell(1, nil)
	r.refused("an older one", charger.ErrNotLast, r.scan(r.receipt(older, nil)))
	r.refused("an unknown one", charger.ErrNotLast, r.scan(r.seal(&qrproto.Receipt{Settlement: qrproto.Ref{9}, Time: r.wall})))
	if n, err := r.c.Accept(r.receipt(s, ackOf(t, s))); n != 1 || err != nil {
		t.Errorf("the receipt itself: %d, %v", n, err)
	}
	r.identity(1)
}

// The lock opens for who has paid, whatever a clone has told the server.
func TestReceiptWhoseAckDoesNotFitOpensAndIsNotHeeded(t *testing.T) {
	for name, forge := range map[string]func(*qrproto.Ack){
		"never written":                func(a *qrproto.Ack) { a.Seq++ },
		"another record of that place": func(a *qrproto.Ack) { a.Sum[0]++ },
	} {
		r := newRig(t, nil)
		_, s := r.sell(1, nil)
		ack := *ackOf(t, s)
		forge(&ack)
		if n, err := r.c.Accept(r.receipt(s, &ack)); n != 1 || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		wantCarried(t, name, r.identity(1), s.Seq)
	}
}

func TestReceiptAgainChangesNothing(t *testing.T) {
	r := newRig(t, nil)
	_, first := r.sell(1, nil)
	receipt := r.receipt(first, ackOf(t, first))
	if _, err := r.c.Accept(receipt); err != nil {
		t.Fatal(err)
	}
	before := r.state()
	if n, err := r.c.Accept(receipt); n != 1 || err != nil || r.state() != before {
		t.Errorf("again: %d, %v\n%s\n%s", n, err, before, r.state())
	}
	// Nor does it close the next sale of that connector.
	r.accept(1, func(o *qrproto.StartOrder) { o.Ack = ackOf(t, first) })
	before = r.state()
	if n, err := r.c.Accept(receipt); n != 1 || err != nil || r.state() != before {
		t.Errorf("during the next sale: %d, %v", n, err)
	}
}

// Receipts are not fresh: whoever holds two of them must not be able to fill the
// journal with them, or to make the charger carry again what is stored.
func TestReceiptsInTurnsWriteNothing(t *testing.T) {
	r := newRig(t, nil)
	_, one := r.sell(1, nil)
	_, two := r.sell(2, nil)
	receipts := []string{r.receipt(one, ackOf(t, one)), r.receipt(two, ackOf(t, two))}
	for _, text := range receipts {
		if _, err := r.c.Accept(text); err != nil {
			t.Fatal(err)
		}
	}
	before := r.state()
	for i := range 10 {
		if _, err := r.c.Accept(receipts[i%2]); err != nil {
			t.Fatal(err)
		}
	}
	if r.state() != before {
		t.Errorf("was\n%s\nis\n%s", before, r.state())
	}
}

func TestCallsThatMakeNoSenseAreRefused(t *testing.T) {
	r := newRig(t, nil)
	for _, n := range []int{-1, 0, 3, 1 << 30} {
		r.refused("meter", charger.ErrConnector, func() error { return r.c.Meter(n, r.reading(0)) })
		r.refused("start", charger.ErrConnector, func() error { return r.c.Start(n, r.reading(0)) })
		r.refused("stop", charger.ErrConnector, func() error { return r.c.Stop(n, r.reading(0), qrproto.StopUser) })
		r.refused("again", charger.ErrConnector, func() error { _, err := r.c.Again(n); return err })
		if d := r.c.Do(n); d.Relay || d.Lock || d.Screen != charger.ScreenFault || d.Wake <= r.clock.Up {
			t.Errorf("do %d: %+v", n, d)
		}
	}
	r.refused("stop while idle", charger.ErrState, func() error { return r.c.Stop(1, r.reading(0), qrproto.StopUser) })
	r.refused("again before anything", charger.ErrState, func() error { _, err := r.c.Again(1); return err })
	r.accept(1, nil)
	r.read(1, 0)
	_ = r.c.Stop(1, r.reading(0), qrproto.StopUser)
	r.refused("stop while stopped", charger.ErrState, func() error { return r.c.Stop(1, r.reading(0), qrproto.StopUser) })
}

func TestWeldedContactSellsNothing(t *testing.T) {
	r := newRig(t, nil)
	r.pass(2 * time.Second)
	welded := r.reading(0)
	welded.Relay, welded.Plugged = true, false
	if err := r.c.Meter(1, welded); err != nil {
		t.Fatal(err)
	}
	id := r.identity(1)
	if id.State != qrproto.StateFaulted || id.Health != qrproto.HealthFaulty || id.Alarms != qrproto.AlarmRelay {
		t.Errorf("identity: %+v", id)
	}
	r.refused("an order", charger.ErrFaulted, r.scan(r.seal(r.order(id, nil))))
	// The other connector is sound, and does not end the alarm of this one.
	r.read(2, 0)
	r.accept(2, nil)
	r.pass(45 * time.Second)
	if id := r.identity(1); id.Alarms != qrproto.AlarmRelay {
		t.Errorf("alarms %b", id.Alarms)
	}
	r.unplug(1) // its contact reports open again
	r.accept(1, nil)
}

func TestDeviceProvisionedWronglyDoesNotOpen(t *testing.T) {
	weak := qrproto.Key{ID: "weak", Public: make([]byte, 3), Kinds: []qrproto.Kind{qrproto.KindStartOrder}}
	for _, c := range []struct {
		name   string
		change func(*charger.Device)
	}{
		{"without a number", func(d *charger.Device) { d.Number = nil }},
		{"with a long number", func(d *charger.Device) { d.Number = make([]byte, 8) }},
		{"with fewer than no connectors", func(d *charger.Device) { d.Connectors = -1 }},
		{"with more connectors than an identity names", func(d *charger.Device) { d.Connectors = 17 }},
		{"without a key", func(d *charger.Device) { d.Key.Key = nil }},
		{"with the key of another number", func(d *charger.Device) { d.Key.ID = qrproto.DeviceKeyID([]byte{1}, 1) }},
		{"without randomness", func(d *charger.Device) { d.Rand = nil }},
		{"with randomness that ends", func(d *charger.Device) { d.Rand = strings.NewReader("short") }},
		{"without a secret", func(d *charger.Device) { d.Secret = [32]byte{} }},
		{"that trusts nobody", func(d *charger.Device) { d.Keys = nil }},
		{"with an unusable issuer", func(d *charger.Device) { d.Keys = append(d.Keys, weak) }},
		{"with a link for humans", func(d *charger.Device) { d.Link = "https://example.com/" }},
		{"with a place that a code cannot say", func(d *charger.Device) { d.Place = strings.Repeat("x", 33) }},
		{"with an agreement key and no server's", func(d *charger.Device) { d.Agreement = agreementKey(t, 1) }},
		{"with a server's agreement key and no own", func(d *charger.Device) { d.Server = agreementKey(t, 2).PublicKey() }},
		{"with an agreement key of another curve", func(d *charger.Device) { d.Agreement, d.Server = agreementKey(t, 1), p256Key(t).PublicKey() }},
		{"with a server's agreement key above the prime", func(d *charger.Device) { d.Agreement, d.Server = agreementKey(t, 1), u25519(t, 0xff, 0x7f) }},
		{"with a server's agreement key and its highest bit", func(d *charger.Device) { d.Agreement, d.Server = agreementKey(t, 1), u25519(t, 9, 0x80) }},
		{"with a server's agreement key of small order", func(d *charger.Device) { d.Agreement, d.Server = agreementKey(t, 1), u25519(t, 0, 0) }},
		{"with a tariff that is none", func(d *charger.Device) { d.Tariffs = []*tariff.Tariff{{}} }},
	} {
		r := newRig(t, nil)
		c.change(&r.device)
		_, err := charger.Open(r.device, r.journal, r.clock, nil)
		wants(t, "a device "+c.name, err, charger.ErrDevice)
	}
	r := newRig(t, nil)
	_, err := charger.Open(r.device, r.journal, r.clock, &charger.Options{Seal: charger.SealAtStop + 1})
	wants(t, "a seal that is neither of the two", err, charger.ErrDevice)
}

// u25519 is a public key of X25519 by its first 31 bytes, all the same, and its last.
func u25519(t *testing.T, most, last byte) *ecdh.PublicKey {
	t.Helper()
	public, err := ecdh.X25519().NewPublicKey(append(bytes.Repeat([]byte{most}, 31), last))
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestOpenNeedsAJournalAndAClock(t *testing.T) {
	r := newRig(t, nil)
	_, err := charger.Open(r.device, nil, r.clock, nil)
	wants(t, "no journal", err, charger.ErrDevice)
	_, err = charger.Open(r.device, r.journal, nil, nil)
	wants(t, "no clock", err, charger.ErrDevice)
}

// The shortest and the longest number sell, on one connector and on sixteen.
func TestDevicesAtTheirEdgesOpen(t *testing.T) {
	for _, number := range [][]byte{{1}, {1, 2, 3, 4, 5, 6, 7}} {
		for _, connectors := range []int{1, 16} {
			r := newRig(t, nil)
			r.device.Number, r.device.Connectors, r.device.Key.ID = number, connectors, qrproto.DeviceKeyID(number, 1)
			r.keys[0].ID, r.keys[0].Number = r.device.Key.ID, number
			r.boot()
			if id := r.identity(connectors); int(id.Connector) != connectors {
				t.Errorf("%x: connector %d of %d", number, id.Connector, connectors)
			}
		}
	}
}

func TestJournalWithARecordThatIsNoneDoesNotOpen(t *testing.T) {
	r := newRig(t, nil)
	r.sell(2, nil)
	var settled []byte
	none := make([]byte, 8) // no order number was accepted yet
	for record := range r.journal.Records() {
		if record[0] == 'S' {
			settled = record
		}
	}
	for name, record := range map[string][]byte{
		"empty": {}, "unknown": {'Z', 1}, "a boot of three bytes": {'B', 0, 0, 1}, "an acknowledgement of nothing": {'K'},
		"a settlement of noise": {'S', 0xff}, "a draft of noise": {'D', 0xff}, "a settlement twice": settled,
		"no tally": {'C'}, "a tally of seven bytes": append([]byte{'C', 7}, none[:7]...), "a tally that is cut": append([]byte{'C', 8}, none[:7]...),
		"a count of two bytes":     append(append([]byte{'C', 10}, none...), 0, 1),
		"a byte behind a tally":    append(append([]byte{'C', 8}, none...), 0),
		"a key that is cut":        append(append([]byte{'C', 14}, none...), 0, 0, 0, 1, 2, 'i'),
		"an acceptance of nothing": append([]byte{'A', 8}, none...), "an acceptance without a tally": {'A'},
	} {
		j := r.journal.Snapshot()
		if err := j.Append(record); err != nil {
			t.Fatal(err)
		}
		_, err := charger.Open(r.device, j, r.clock, nil)
		wants(t, name, err, charger.ErrRecord)
	}
	r.device.Connectors = 1
	_, err := charger.Open(r.device, r.journal, r.clock, nil)
	wants(t, "a settlement of a connector that is gone", err, charger.ErrRecord)
}
