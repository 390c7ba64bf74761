// SPDX-License-Identifier: Apache-2.0

package charger

// state is what one connector is doing.
type state uint8

const (
	idle     state = iota // shows its identity
	armed                 // has an order, waits for a plug
	charging              // sells
	stopped               // sells no more, the plug is still in
	settled               // shows its settlement
)

func (s state) String() string {
	return [...]string{"idle", "armed", "charging", "stopped", "settled"}[s]
}

// event is what can happen to a connector.
type event uint8

const (
	accepted  event = iota // an order passed every check
	plugged                // the first reading with order and plug both there
	stop                   // by hand, by a stop order, by limit, by target, by fault
	unplugged              // the plug is out
	receipt                // for this settlement
	button                 // at the device
	timeout                // of the state
)

func (e event) String() string {
	return [...]string{"accepted", "plugged", "stop", "unplugged", "receipt", "button", "timeout"}[e]
}

// action is what a transition does before the new state is entered. If it
// fails, the old state stays.
type action uint8

const (
	none   action = iota
	open          // open the session: checkpoint of zero, durable
	begin         // begin delivery: first reading, durable, before the relay closes
	finish        // stop delivery: relay opens, checkpoint
	seal          // make the settlement, durable, before it is shown
	leave         // forget the session
)

func (a action) String() string {
	return [...]string{"", "write the acceptance", "write the start", "write the stop", "write the settlement", "forget the sale"}[a]
}

type transition struct {
	from  state
	event event
	to    state
	do    action
	// when tells the two ways of sealing apart; both is for either.
	when when
}

type when uint8

const (
	both     when = iota
	atUnplug      // Options.Seal is SealAtUnplug, and the plug is still in
	atStop        // any other stop
)

func (w when) String() string {
	return [...]string{"", "plugged in, sealed at unplug", "otherwise"}[w]
}

// table is the whole life of a connector. What it does not list is ErrState,
// or for an order ErrBusy.
func table() []transition {
	return []transition{
		{idle, accepted, armed, open, both},
		{armed, plugged, charging, begin, both},
		{armed, stop, settled, seal, both},
		{armed, timeout, settled, seal, both},
		{charging, stop, stopped, finish, atUnplug},
		{charging, stop, settled, seal, atStop},
		{charging, unplugged, settled, seal, both},
		{stopped, unplugged, settled, seal, both},
		{settled, receipt, idle, leave, both},
		{settled, button, idle, leave, both},
		{settled, timeout, idle, leave, both},
	}
}

// next finds the transition for an event.
func next(from state, e event, w when) (transition, bool) {
	for _, t := range table() {
		if t.from == from && t.event == e && (t.when == both || t.when == w) {
			return t, true
		}
	}
	return transition{}, false
}
