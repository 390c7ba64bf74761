// SPDX-License-Identifier: Apache-2.0

// Section 6, key files: trusted keys as a JWK Set and as a COSE_KeySet. What is
// read has the members of a key in a vector.

import { agree } from './carried.mjs';
import { hex, join, little, Refused, refuse, unhex } from './bytes.mjs';
import { readCBOR, writeCBOR } from './cbor.mjs';
import { ED25519, ESP256, loadKeys } from './keys.mjs';

const FORM = 121;
const USE = 111;

// whole checks what holds for a set in either form.
function whole(keys) {
  const ids = keys.map((k) => k.kid);
  if (new Set(ids).size !== ids.length) refuse(FORM, 'a kid twice');
  for (const k of keys) {
    if (k.kid.length < 2 || k.kid.length > 16) refuse(USE, `a kid of ${k.kid.length / 2} bytes`);
    if (!/^[A-Z]+$/.test(k.kinds)) refuse(USE, `kinds ${k.kinds}`);
    if (new Set(k.kinds).size !== k.kinds.length) refuse(USE, 'a kind twice');
    if (k.number.length > 14) refuse(USE, `a number of ${k.number.length / 2} bytes`);
    if (k.agreement !== undefined) checkAgreement(k);
  }
  loadKeys(keys);
  return keys;
}

function checkAgreement({ number, agreement }) {
  if (number === '') refuse(USE, 'an agreement key that is no device\'s');
  const u = unhex(agreement);
  if (u.length !== 32) refuse(USE, `an agreement key of ${u.length} bytes`);
  if (little(u) >= 2n ** 255n - 19n) refuse(USE, 'an agreement key that is not below the prime');
  agree(new Uint8Array(32).fill(1), u); // with one of small order, any secret is zero
}

function point(x, y) {
  if (x.length !== 32 || y.length !== 32) refuse(USE, 'a coordinate that has not 32 bytes');
  return hex(join([4], x, y));
}

export function readJWKSet(text) {
  const set = parse(text);
  ownLetters(set, ['keys']);
  if (!Array.isArray(set.keys)) refuse(FORM, 'no list of keys');
  return whole(set.keys.map(fromJWK));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    refuse(FORM, error.message);
  }
}

export const writeJWKSet = (keys) => JSON.stringify({ keys: keys.map(toJWK) });

function toJWK({ kid, alg, kinds, number, public: key }) {
  const bytes = Buffer.from(key, 'hex');
  const curve = alg === ED25519
    ? { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
    : { kty: 'EC', crv: 'P-256', x: bytes.subarray(1, 33).toString('base64url'), y: bytes.subarray(33).toString('base64url') };
  return { ...curve, kid, qrcharge_kinds: kinds, ...(number ? { qrcharge_number: number } : {}) };
}

const MEMBERS = ['kty', 'crv', 'x', 'y', 'd', 'kid', 'use', 'alg', 'key_ops', 'qrcharge_kinds', 'qrcharge_number', 'qrcharge_agreement'];

// To some readers of JSON the case does not count, and ſ is an s, the sign for kelvins a k.
const folded = (name) => name.toUpperCase().toLowerCase();

function ownLetters(object, names) {
  for (const name of Object.keys(object)) {
    if (names.includes(folded(name)) && !names.includes(name)) refuse(FORM, `${name} in other letters`);
  }
}

// Of these an absent one makes a key unusable, and one of another type is no form.
const TEXTS = ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg', 'qrcharge_kinds', 'qrcharge_number', 'qrcharge_agreement'];

function fromJWK(j) {
  if (typeof j !== 'object' || j === null || Array.isArray(j)) refuse(FORM, 'a key that is no object');
  ownLetters(j, MEMBERS);
  for (const name of TEXTS) if (name in j && typeof j[name] !== 'string') refuse(FORM, `${name} is no text`);
  if ('key_ops' in j && !(Array.isArray(j.key_ops) && j.key_ops.every((o) => typeof o === 'string'))) refuse(FORM, 'key_ops is no list of texts');
  if (j.d !== undefined) refuse(FORM, 'a private key');
  const alg = { 'OKP Ed25519': ED25519, 'EC P-256': ESP256 }[`${j.kty} ${j.crv}`];
  const names = { [ED25519]: ['Ed25519', 'EdDSA'], [ESP256]: ['ES256'] }[alg] ?? refuse(USE, `${j.kty}, ${j.crv}`);
  if (j.alg !== undefined && !names.includes(j.alg)) refuse(USE, `alg ${j.alg}`);
  if (j.use !== undefined && j.use !== 'sig') refuse(USE, `use ${j.use}`);
  if (j.key_ops !== undefined && !j.key_ops.includes('verify')) refuse(USE, `key_ops ${j.key_ops}`);
  if (j.qrcharge_number === '') refuse(USE, 'a number of no byte');
  const x = base64url(j.x ?? '');
  const agreement = j.qrcharge_agreement === undefined ? {} : { agreement: hex(base64url(j.qrcharge_agreement)) };
  return {
    kid: lower(j.kid ?? ''), alg, kinds: j.qrcharge_kinds ?? '', number: lower(j.qrcharge_number ?? ''),
    public: alg === ED25519 ? hex(x) : point(x, base64url(j.y ?? '')), ...agreement,
  };
}

function lower(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) refuse(FORM, `${text} is not lower-case hex`);
  return text;
}

function base64url(text) {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) refuse(FORM, `${text} is not base64url`);
  return bytes;
}

const LABELS = { 1: 'bigint', 2: 'bytes', 3: 'bigint', 4: 'list', '-1': 'bigint', '-2': 'bytes', '-3': 'bytes', '-4': 'bytes', '-70001': 'string', '-70002': 'bytes', '-70003': 'bytes' };

const typeOf = (v) => (v instanceof Uint8Array ? 'bytes' : Array.isArray(v) ? 'list' : typeof v);

export function readKeySet(bytes) {
  let set;
  try {
    set = readCBOR(bytes, 3);
  } catch (error) {
    if (error instanceof Refused) refuse(FORM, error.message);
    throw error;
  }
  if (!Array.isArray(set) || set.length === 0) refuse(FORM, 'no list of keys');
  return whole(set.map(fromCOSE));
}

function fromCOSE(m) {
  if (!(m instanceof Map)) refuse(FORM, 'a key that is no map');
  for (const [label, value] of m) if (LABELS[label] !== typeOf(value)) refuse(FORM, `label ${label}`);
  if (m.has(-4n)) refuse(FORM, 'a private key');
  const ofUse = [m.get(1n), m.get(3n), m.get(4n)?.join(), m.get(-1n)].join(' ');
  const alg = { '1 -19 2 6': ED25519, '2 -9 2 1': ESP256 }[ofUse] ?? refuse(USE, `kty, alg, key_ops, crv are ${ofUse}`);
  if (m.get(-70002n)?.length === 0) refuse(USE, 'a number of no byte');
  const get = (label) => m.get(label) ?? unhex('');
  const agreement = m.has(-70003n) ? { agreement: hex(get(-70003n)) } : {};
  return {
    kid: hex(get(2n)), alg, kinds: m.get(-70001n) ?? '', number: hex(get(-70002n)),
    public: alg === ED25519 ? hex(get(-2n)) : point(get(-2n), get(-3n)), ...agreement,
  };
}

// writeKeySet gives the one COSE_KeySet of trusted keys.
export const writeKeySet = (keys) => writeCBOR(keys.map(toCOSE));

function toCOSE({ kid, alg, kinds, number, public: key, agreement }) {
  const bytes = unhex(key);
  const [kty, crv, ...numbers] = alg === ED25519 ? [1n, 6n, bytes] : [2n, 1n, bytes.subarray(1, 33), bytes.subarray(33)];
  const labels = [[1n, kty], [2n, unhex(kid)], [3n, BigInt(alg)], [4n, [2n]], [-1n, crv], [-2n, numbers[0]], [-3n, numbers[1]],
    [-70001n, kinds], [-70002n, number && unhex(number)], [-70003n, agreement && unhex(agreement)]];
  return new Map(labels.filter(([, value]) => value));
}
