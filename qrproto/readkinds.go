// SPDX-License-Identifier: Apache-2.0

package qrproto

import (
	"github.com/seed81979277/qrcharge/qrproto/internal/canon"
	"github.com/seed81979277/qrcharge/tariff"
)

// Each read takes the value under a key, those of the tags in the struct. A key
// that is none is a fault.

func (i *Identity) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		i.Ext = readExtensions(r)
	case 1:
		i.Connector = r.Small()
	case 2:
		i.State = State(r.Small())
	case 3:
		i.Place = readText(r)
	case 4:
		i.Challenge = readChallenge(r)
	case 5:
		i.Boot = readUint32(r)
	case 6:
		i.Wall = r.Int()
	case 7:
		i.Clock = ClockTrust(r.Small())
	case 8:
		i.Epoch = readUint32(r)
	case 9:
		i.Rules = r.Small()
	case 10:
		i.Tariffs = readBytes(r)
	default:
		i.readRest(key, r)
	}
}

func (i *Identity) readRest(key int64, r *canon.Reader) {
	switch key {
	case 11:
		i.Health = Health(r.Small())
	case 12:
		i.Alarms = Alarms(readUint32(r))
	case 13:
		i.Head = readHead(r)
	case 14:
		i.Open = readBytes(r)
	case 15:
		i.Back = readUint32(r)
	case 16:
		i.Records = readRecords(r)
	default:
		r.Fail()
	}
}

func (o *StartOrder) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		o.Ext = readExtensions(r)
	case 1:
		readInto(r, o.ID[:])
	case 2:
		o.Charger = readBytes(r)
	case 3:
		o.Connector = r.Small()
	case 4:
		o.Challenge = readChallenge(r)
	case 5:
		o.Issued = r.Int()
	case 6:
		o.Held = readUint16(r)
	case 7:
		o.Window = readUint16(r)
	case 8:
		o.Tariff = readBytes(r)
	case 9:
		o.TariffHash = readRef(r)
	default:
		o.readRest(key, r)
	}
}

func (o *StartOrder) readRest(key int64, r *canon.Reader) {
	switch key {
	case 10:
		o.Offsets = readInts(r, maxOffsets)
	case 11:
		o.Scale = r.Small()
	case 12:
		o.Target = readTarget(r)
	case 13:
		o.Limits = readLimits(r)
	case 14:
		o.Funding = Funding(r.Small())
	case 15:
		o.Facts = readFacts(r)
	case 16:
		o.Uncertainty = readUint16(r)
	case 17:
		o.Epoch = readUint32(r)
	case 18:
		o.Ack = readAck(r)
	default:
		r.Fail()
	}
}

func (s *Settlement) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		s.Ext = readExtensions(r)
	case 1:
		s.Connector = r.Small()
	case 2:
		s.Seq = readUint32(r)
	case 3:
		readInto(r, s.Previous[:])
	case 4:
		readInto(r, s.Order[:])
	case 5:
		s.Boot = readUint32(r)
	case 6:
		s.Start = r.Int()
	case 7:
		s.Duration = r.Int()
	case 8:
		s.Uncertainty = readUint16(r)
	case 9:
		s.Register = r.Int()
	case 10:
		s.Delivered = r.Int()
	default:
		s.readRest(key, r)
	}
}

func (s *Settlement) readRest(key int64, r *canon.Reader) {
	switch key {
	case 11:
		s.Cells = readInts(r, 2*maxCells)
	case 12:
		s.Last = readIndices(r, maxLast)
	case 13:
		s.Flats = readIndices(r, maxFlats)
	case 14:
		s.Payable = r.Int()
	case 15:
		s.Waived = r.Int()
	case 16:
		s.Reason = StopReason(r.Small())
	case 17:
		s.Total = r.Int()
	case 18:
		s.Marks = readInts(r, 3*maxMarks)
	case 19:
		s.Evidence = readRef(r)
	default:
		r.Fail()
	}
}

func (c *Receipt) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		c.Ext = readExtensions(r)
	case 1:
		readInto(r, c.Settlement[:])
	case 2:
		c.Paid = r.Int()
	case 3:
		c.Refunded = r.Int()
	case 4:
		c.Time = r.Int()
	case 5:
		c.Ack = readAck(r)
	case 6:
		c.Anchor = new(Anchor)
		readInto(r, c.Anchor[:])
	default:
		r.Fail()
	}
}

func (x *StopOrder) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		x.Ext = readExtensions(r)
	case 1:
		readInto(r, x.Order[:])
	default:
		r.Fail()
	}
}

func (t *Trust) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		t.Ext = readExtensions(r)
	case 1:
		t.Epoch = readUint32(r)
	case 2:
		t.Least = readUint32(r)
	case 3:
		t.Delegations = readDelegations(r)
	default:
		r.Fail()
	}
}

func (v *Voucher) read(key int64, r *canon.Reader) {
	switch key {
	case 0:
		v.Ext = readExtensions(r)
	case 1:
		readInto(r, v.ID[:])
	case 2:
		v.Amount = r.Int()
	case 3:
		v.Scale = r.Small()
	case 4:
		v.Currency = tariff.Currency(readText(r))
	case 5:
		v.From = r.Int()
	case 6:
		v.Until = r.Int()
	default:
		r.Fail()
	}
}
