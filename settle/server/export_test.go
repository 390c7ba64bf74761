// SPDX-License-Identifier: Apache-2.0

package server

// Changes returns the table of the state machine as pairs of states.
func Changes() map[[2]State]bool {
	out := map[[2]State]bool{}
	for _, t := range transitions {
		out[[2]State{t.from, t.to}] = true
	}
	return out
}
