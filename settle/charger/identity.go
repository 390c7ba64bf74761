// SPDX-License-Identifier: Apache-2.0

package charger

import (
	"math"
	"time"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/tariff"
)

// wallMost is where an identity takes a wall clock for none.
const wallMost = 100_000_000_000

// showIdentity returns the identity code, a new one if the old one has been
// shown for long enough.
func (c *Charger) showIdentity(k *connector, now time.Duration) (Screen, string, time.Duration) {
	if c.options.Sticker != nil {
		return c.showSticker(k), "", now + nonceLife
	}
	if k.code != "" && now-k.made < nonceLife {
		return ScreenIdentity, k.code, k.made + nonceLife
	}
	text, err := c.identity(k, now)
	if err != nil {
		k.code = ""
		return ScreenFault, "", now + c.options.Sample
	}
	k.code, k.made = text, now
	return ScreenIdentity, text, now + nonceLife
}

// identity makes an identity code with a fresh challenge. It carries as many
// records as it was told to, or as many as fit. While it is in doubt what the
// journal holds, nothing can be said about open orders.
func (c *Charger) identity(k *connector, now time.Duration) (string, error) {
	if c.doubt != nil {
		return "", fail(ErrJournal, "in doubt")
	}
	records, first, err := c.unacknowledged(c.options.Carry)
	if err != nil {
		return "", err
	}
	if c.nonces.counter == math.MaxUint32 {
		return "", fail(ErrState, "no challenge is left in this boot")
	}
	id := c.describe(k, now)
	text, err := c.carrying(id, records)
	for ; err != nil && len(records) > 0; text, err = c.carrying(id, records) {
		records = records[:len(records)-1]
	}
	if n := len(records); n > 0 {
		c.nonces.find(k.n, id.Challenge).carried = first + uint32(n) - 1
	}
	return text, err
}

// carrying writes an identity that carries records. Whoever tries again with
// fewer has the same ones at the same places, so that nothing else is ever
// encrypted under this challenge.
func (c *Charger) carrying(id *qrproto.Identity, records [][]byte) (string, error) {
	id.Records = records
	if c.carrier == nil || len(records) == 0 {
		return c.text(id)
	}
	encrypted, err := c.carrier.Apply(id)
	if err != nil {
		return "", err
	}
	id.Records = encrypted
	return c.text(id)
}

func (c *Charger) describe(k *connector, now time.Duration) *qrproto.Identity {
	id := &qrproto.Identity{
		Number: c.device.Number, Connector: uint8(k.n), Place: c.device.Place,
		Challenge: c.nonces.fresh(k.n, now), Boot: c.boot, Rules: uint8(tariff.Rules1), Epoch: c.trust.Epoch(),
		Tariffs: c.hints, Health: qrproto.HealthGood, Alarms: c.alarms(), Open: c.openTags(),
	}
	id.Back = id.Challenge.Counter - c.nonces.oldest()
	if k.plug {
		id.State = qrproto.StatePreparing
	}
	if id.Alarms != 0 {
		id.Health = qrproto.HealthService
	}
	if k.welded {
		id.State, id.Health = qrproto.StateFaulted, qrproto.HealthFaulty
	}
	if wall, ok := c.clock.Wall(); ok && wall.Unix() > 0 && wall.Unix() < wallMost {
		id.Wall, id.Clock = wall.Unix(), qrproto.ClockInformative
	}
	if h := c.chain.head; h.Seq > 0 {
		id.Head = &qrproto.Head{Seq: h.Seq, Sum: h.Sum.Short(), Total: h.Total}
	}
	return id
}

// alarms are those of the device and of all its connectors.
func (c *Charger) alarms() (a qrproto.Alarms) {
	if c.failed || c.full {
		a |= qrproto.AlarmStorage
	}
	for i := range c.connectors {
		if c.connectors[i].welded {
			a |= qrproto.AlarmRelay
		}
		if c.connectors[i].misread {
			a |= qrproto.AlarmMeter
		}
	}
	return a
}

// openTags names the orders that are accepted and not settled, by connector.
func (c *Charger) openTags() qrproto.Hints {
	var tags qrproto.Hints
	for i := range c.connectors {
		s := c.connectors[i].sale
		if s == nil || s.end != nil {
			continue
		}
		for tags.Len() < i {
			tags = append(tags, 0, 0, 0, 0)
		}
		hint := s.hash.Hint()
		tags = append(tags, hint[:]...)
	}
	return tags
}

func (c *Charger) showSettlement(k *connector) (Screen, string) {
	if k.code == "" {
		text, err := c.text(k.sale.end)
		if err != nil {
			return ScreenFault, ""
		}
		k.code = text
	}
	return ScreenSettlement, k.code
}

// text signs a payload and writes it as the device shows codes.
func (c *Charger) text(p qrproto.Payload) (string, error) {
	code, err := qrproto.Seal(p, c.device.Key)
	if err != nil {
		return "", err
	}
	if c.device.Link == "" {
		return code.Text(), nil
	}
	return code.Link(c.device.Link)
}
