// SPDX-License-Identifier: Apache-2.0

// Sections 5 and 6: which keys are taken, and what a signature under them is.
//
// Each signature is judged twice, by the equation of the specification over the
// points of @noble/curves and by WebCrypto, and both have to say the same.
// (ed25519.verify of @noble/curves multiplies by the cofactor and so accepts
// more than this wire does. That is why the equation stands here.)

import { createHash, webcrypto } from 'node:crypto';
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { big, hex, join, little, refuse, same, unhex } from './bytes.mjs';

export const ED25519 = -19;
export const ESP256 = -9;

const Ed = ed25519.Point ?? ed25519.ExtendedPoint;
const P = p256.Point ?? p256.ProjectivePoint;
const ED_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const ED_FIELD = 2n ** 255n - 19n;
const P_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const P_FIELD = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;

// loadKeys gives the keys of a vector by kid. One bad key spoils the set. A kid
// of a size that no header has is none: no code can name the key.
export function loadKeys(list) {
  const keys = new Map();
  for (const item of list) {
    if (keys.has(item.kid)) refuse(111, `two keys ${item.kid}`);
    keys.set(item.kid, loadKey(item));
  }
  return keys;
}

function loadKey({ kid, alg, kinds, number, public: key }) {
  const bytes = unhex(key);
  if (/[IS]/.test(kinds)) checkNumber(kid, number);
  if (alg === ED25519) checkEd25519(bytes);
  else if (alg === ESP256) checkP256(bytes);
  else refuse(111, `algorithm ${alg}`);
  return { kid, alg, kinds, number, bytes };
}

function checkNumber(kid, number) {
  const size = unhex(number).length;
  if (size < 1 || size > 7) refuse(111, `a number of ${size} bytes`);
  if (kid.length !== number.length + 2 || !kid.startsWith(number)) refuse(111, 'a kid that is not the number and a generation');
}

function checkEd25519(bytes) {
  if (bytes.length !== 32) refuse(111, `${bytes.length} bytes`);
  const fault = faultOfEd25519(bytes);
  if (fault) refuse(111, fault);
  let point;
  try {
    point = Ed.fromHex(hex(bytes));
  } catch (error) {
    refuse(111, error.message);
  }
  if (point.isSmallOrder()) throw new Error('@noble/curves has a point of small order more');
}

const yOf = (bytes) => little(bytes) & (2n ** 255n - 1n);
const SMALL = new Set(ED25519_TORSION_SUBGROUP.map((point) => yOf(unhex(point))));

// faultOfEd25519 gives what is wrong with a key, as far as y alone tells it.
export function faultOfEd25519(bytes) {
  const y = yOf(bytes);
  if (y >= ED_FIELD) return 'y is not below the prime';
  return SMALL.has(y) ? 'a point of small order' : '';
}

function checkP256(bytes) {
  if (bytes.length !== 65 || bytes[0] !== 4) refuse(111, 'no uncompressed point');
  const [x, y] = [big(bytes.subarray(1, 33)), big(bytes.subarray(33))];
  if (x >= P_FIELD || y >= P_FIELD) refuse(111, 'a coordinate that is not below the prime');
  try {
    P.fromAffine({ x, y }).assertValidity();
  } catch (error) {
    refuse(111, error.message);
  }
}

export async function verify(key, message, signature) {
  const [here, there] = key.alg === ED25519
    ? [byEquation(key.bytes, message, signature), await byWebCrypto(key, message, signature, 'Ed25519', 'Ed25519')]
    : [byCurve(key.bytes, message, signature),
      await byWebCrypto(key, message, signature, { name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' })];
  if (here !== there) throw new Error(`@noble/curves says ${here} of a signature, WebCrypto ${there}`);
  if (!here) refuse(106, 'the signature does not verify');
}

// byEquation: R' = [S]B − [k]A, and the encoding of R' is R.
function byEquation(key, message, signature) {
  const [r, s] = [signature.subarray(0, 32), little(signature.subarray(32))];
  if (s >= ED_ORDER) return false;
  const k = little(createHash('sha512').update(join(r, key, message)).digest()) % ED_ORDER;
  const minus = k === 0n ? Ed.ZERO : Ed.fromHex(hex(key)).multiply(k).negate();
  const point = (s === 0n ? Ed.ZERO : Ed.BASE.multiply(s)).add(minus);
  return same(point.toBytes ? point.toBytes() : point.toRawBytes(), r);
}

function byCurve(key, message, signature) {
  const [r, s] = [big(signature.subarray(0, 32)), big(signature.subarray(32))];
  if (r === 0n || r >= P_ORDER || s === 0n || s >= P_ORDER) return false;
  return p256.verify(signature, message, key, { prehash: true, lowS: false, format: 'compact' });
}

async function byWebCrypto(key, message, signature, curve, algorithm) {
  const loaded = await webcrypto.subtle.importKey('raw', key.bytes, curve, false, ['verify']);
  return webcrypto.subtle.verify(algorithm, loaded, signature, message);
}

// sign makes the signature of a vector again: Ed25519 has only one, and nonces
// of ESP256 are those of RFC 6979.
export function sign({ alg, seed }, message) {
  if (alg === ED25519) return ed25519.sign(message, unhex(seed));
  const signature = p256.sign(message, unhex(seed), { prehash: true, lowS: false });
  return signature.toBytes?.('compact') ?? signature.toCompactRawBytes();
}
