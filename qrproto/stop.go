// SPDX-License-Identifier: Apache-2.0

package qrproto

// StopOrder ends a sale from afar: it names an order that runs on a device, and
// does nothing anywhere else, however often it is shown. The issuer signs it; a
// phone shows it to the device, which never stores it.
//
//	{ ? 0: extensions, 1: order hash }
type StopOrder struct {
	Ext   Extensions `cbor:"0,keyasint,omitempty"`
	Order Ref        `cbor:"1,keyasint"` // hash of the start order
}

// Kind is KindStopOrder.
func (*StopOrder) Kind() Kind               { return KindStopOrder }
func (*StopOrder) number() []byte           { return nil }
func (*StopOrder) setNumber([]byte)         {}
func (x *StopOrder) extensions() Extensions { return x.Ext }

func (x *StopOrder) validate() error { return x.Ext.validate() }
