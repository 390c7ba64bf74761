// SPDX-License-Identifier: Apache-2.0

package main

import "encoding/json"

// detectJSON tells the forms in JSON apart by their members. "data" is the
// envelope of a response of OCPI.
func detectJSON(b []byte) (string, error) {
	if err := checkJSON(b); err != nil {
		return "", err
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(withoutMark(b), &top) != nil {
		return "", errForm // an array
	}
	_, ours := top["rules"]
	_, elements := top["elements"]
	_, currency := top["currency"]
	_, wrapped := top["data"]
	switch {
	case ours:
		return formJSON, nil
	case elements || currency || wrapped:
		return formOCPI, nil
	}
	return "", errForm
}
