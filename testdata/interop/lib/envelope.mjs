// SPDX-License-Identifier: Apache-2.0

// Sections 5 and 7: the COSE_Sign1 of the one shape, what is signed, what is
// hashed. Read by hand, as the specification advises.

import { createHash } from 'node:crypto';
import { hex, join, refuse, utf8 } from './bytes.mjs';

const MOST = 1024;

// A reader of heads in their shortest form, all of which are below 2^16 here.
class Heads {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  byte() {
    if (this.at >= this.bytes.length) refuse(107, 'cut short');
    return this.bytes[this.at++];
  }

  head(major) {
    const first = this.byte();
    if (first >> 5 !== major) refuse(107, `major type ${first >> 5} instead of ${major}`);
    const info = first & 31;
    if (info < 24) return info;
    if (info > 25) refuse(107, 'a head that is longer than any here');
    let argument = this.byte();
    if (info === 25) argument = argument * 256 + this.byte();
    if (argument < (info === 24 ? 24 : 256)) refuse(107, 'a head that is not the shortest');
    return argument;
  }

  exactly(major, argument) {
    if (this.head(major) !== argument) refuse(107, 'another shape');
  }

  string(least, most) {
    const size = this.head(2);
    if (size < least || size > most) refuse(107, `a byte string of ${size}`);
    if (this.at + size > this.bytes.length) refuse(107, 'cut short');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  end() {
    if (this.at !== this.bytes.length) refuse(107, 'something behind the end');
  }
}

export function readEnvelope(bytes) {
  if (bytes.length > MOST) refuse(101, 'an envelope that is too large');
  const heads = new Heads(bytes);
  heads.exactly(6, 18);
  heads.exactly(4, 4);
  const header = heads.string(1, MOST);
  heads.exactly(5, 0);
  const payload = heads.string(1, MOST);
  const signature = heads.string(64, 64);
  heads.end();
  return { ...readHeader(header), header, payload, signature };
}

function readHeader(bytes) {
  const heads = new Heads(bytes);
  heads.exactly(5, 2);
  heads.exactly(0, 1);
  const alg = -1 - heads.head(1);
  if (alg < -24) refuse(107, `algorithm ${alg}`);
  heads.exactly(0, 4);
  const kid = heads.string(1, 8);
  heads.end();
  return { alg, kid: hex(kid) };
}

export function writeHeader(alg, kid) {
  return join([0xa2, 0x01, 0x20 + (-1 - alg), 0x04], string(kid));
}

export function writeEnvelope(header, payload, signature) {
  return join([0xd2, 0x84], string(header), [0xa0], string(payload), string(signature));
}

// string writes a byte string, or a text with major 3.
function string(bytes, major = 2) {
  const n = bytes.length;
  const type = major << 5;
  if (n < 24) return join([type + n], bytes);
  if (n < 256) return join([type + 24, n], bytes);
  return join([type + 25, n >> 8, n & 255], bytes);
}

const context = (kind) => utf8(`qrcharge/1/${kind}`);

// toBeSigned is the Sig_structure of RFC 9052, section 4.4.
export function toBeSigned(kind, header, payload) {
  return join([0x84], string(utf8('Signature1'), 3), string(header), string(context(kind)), string(payload));
}

// hash is that of a payload, or of a tariff where kind is 'tariff'.
export function hash(kind, number, payload) {
  const hashed = join([0x83], string(context(kind), 3), string(number), string(payload));
  return createHash('sha256').update(hashed).digest('hex');
}
