// SPDX-License-Identifier: Apache-2.0

package ykc

import "encoding/binary"

// maxU40 is the largest meter register: 109 951 162.7775 kWh.
const maxU40 = 1<<40 - 1

// reader takes fields off the front of a body whose length was checked.
type reader struct {
	rest []byte
	err  error // the first one
}

func (r *reader) bytes(n int) []byte {
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) u8() uint8   { return r.bytes(1)[0] }
func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.bytes(4)) }
func (r *reader) time() Time  { return readTime(r.bytes(timeSize)) }

func (r *reader) u40() uint64 {
	low := r.u32()
	return uint64(low) | uint64(r.u8())<<32
}

// digits copies binary-coded decimal into dst.
func (r *reader) digits(dst []byte, path string) {
	copy(dst, r.bytes(len(dst)))
	if err := checkBCD(dst); err != nil && r.err == nil {
		r.err = &Error{path, err}
	}
}

func appendU40(dst []byte, v uint64) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(v)), byte(v>>32))
}
