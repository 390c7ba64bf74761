// SPDX-License-Identifier: Apache-2.0

package ocpi

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxKey is how many bytes of a key a path tells. No field has a longer name.
const maxKey = 64

// path returns the JSON path of a node from the root of its document. It is
// put together where it is asked for: a node knows no more than its parent, so
// that a document's nodes are no larger for the names above them.
func (n *node) path() string {
	var steps []string
	for ; n.parent != nil; n = n.parent {
		if n.parent.kind == object {
			steps = append(steps, "."+clip(n.parent.keys[n.index]))
			continue
		}
		steps = append(steps, "["+strconv.Itoa(n.index)+"]")
	}
	path := []byte("$")
	for _, step := range slices.Backward(steps) {
		path = append(path, step...)
	}
	return string(path)
}

// member returns the path of a member of n, whether it is there or not.
func (n *node) member(key string) string { return n.path() + "." + clip(key) }

// clip cuts a key to maxKey bytes, at the start of a character.
func clip(key string) string {
	if len(key) <= maxKey {
		return key
	}
	cut := maxKey
	for cut > maxKey-utf8.UTFMax && !utf8.RuneStart(key[cut]) {
		cut--
	}
	return key[:cut] + "…"
}
