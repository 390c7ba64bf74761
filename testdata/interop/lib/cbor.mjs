// SPDX-License-Identifier: Apache-2.0

// Section 8: the part of CBOR that payloads and tariffs are of. cbor2 decides
// what the deterministic encoding is; what it would let through because it is
// right in CBOR at large (tags, floats, null) is found by a walk over the heads.
// Integers come out as bigint, maps as Map.

import { cdeDecodeOptions, cdeEncodeOptions, decode, diagnose, encode } from 'cbor2';
import { refuse, same } from './bytes.mjs';

const MANY = 64; // items of an array of a payload

export function readCBOR(bytes, depth, many = MANY) {
  const seen = walk(bytes, depth);
  let value;
  try {
    value = decode(bytes, cdeDecodeOptions);
  } catch (error) {
    // What the walk has found well formed is either text that is none, or not
    // in its one encoding.
    refuse(/utf-8/i.test(error.message) ? 112 : 113, error.message);
  }
  // One head may hide behind another value: 1.0 comes out of cbor2 as 1 does.
  if (seen.others > 0) refuse(114, 'a float or a simple value');
  if (seen.most > many) refuse(114, `an array of ${seen.most} items`);
  value = plain(value);
  if (!same(writeCBOR(value), bytes)) refuse(113, 'another encoding of the same');
  return value;
}

export const writeCBOR = (value) => encode(value, cdeEncodeOptions);

export const showCBOR = (bytes) => diagnose(bytes);

// plain gives each integer as a bigint, and also the empty map as a Map. A key that
// is no integer is unknown in the map that is the whole, and a fault of a field below.
function plain(value, unknown = 116) {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, 114));
  if (value instanceof Map) {
    const keys = [...value].map(([key, item]) => [plain(key, 114), plain(item, 114)]);
    if (keys.some(([key]) => typeof key !== 'bigint')) refuse(unknown, 'a key that is no integer');
    return new Map(keys);
  }
  if (value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    if (Object.keys(value).length > 0) refuse(unknown, 'a key that is text');
    return new Map();
  }
  return value;
}

// walk goes over the heads of one item that fills all bytes.
function walk(bytes, depth) {
  const seen = { at: 0, others: 0, most: 0 };
  item(bytes, seen, depth);
  if (seen.at !== bytes.length) refuse(112, 'bytes behind the item');
  return seen;
}

function item(bytes, seen, depth) {
  const [major, count] = head(bytes, seen);
  if (major === 6) refuse(112, 'a tag');
  if (major === 7) seen.others++;
  if (major === 2 || major === 3) seen.at += count;
  if (seen.at > bytes.length) refuse(112, 'cut short');
  if (major !== 4 && major !== 5) return;
  if (depth === 0) refuse(114, 'nested too deep');
  if (major === 4) seen.most = Math.max(seen.most, count);
  const items = major === 4 ? count : 2 * count;
  for (let i = 0; i < items; i++) item(bytes, seen, depth - 1);
}

// head gives major type and argument; an argument beyond all bytes is as good as
// any other that is, so that a binary64 number holds it.
function head(bytes, seen) {
  if (seen.at >= bytes.length) refuse(112, 'cut short');
  const first = bytes[seen.at++];
  const info = first & 31;
  if (info > 27) refuse(112, 'an indefinite length, or a reserved head');
  if (info < 24) return [first >> 5, info];
  let count = 0;
  for (let left = 1 << (info - 24); left > 0; left--) {
    if (seen.at >= bytes.length) refuse(112, 'cut short');
    count = count * 256 + bytes[seen.at++];
  }
  return [first >> 5, count];
}
