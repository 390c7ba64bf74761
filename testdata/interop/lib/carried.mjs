// SPDX-License-Identifier: Apache-2.0

// Section 10.1: the records of an identity, encrypted to the server. The secret
// is computed twice, by @noble/curves and by Node, and both have to agree.

import { createCipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';
import { hex, join, refuse, same, unhex, utf8 } from './bytes.mjs';

export const SALT = utf8('qrcharge/1/carried');

const bare = (bytes) => Buffer.from(bytes).toString('base64url');

export const publicOf = (own) => x25519.getPublicKey(own);

function byNode(own, peer) {
  const jwk = { kty: 'OKP', crv: 'X25519', x: bare(peer) };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const privateKey = createPrivateKey({ key: { ...jwk, x: bare(publicOf(own)), d: bare(own) }, format: 'jwk' });
  return diffieHellman({ privateKey, publicKey });
}

const attempt = (f) => {
  try {
    return f();
  } catch {
    return undefined;
  }
};

// agree gives the shared secret, and refuses a public key of small order.
export function agree(own, peer) {
  const here = attempt(() => x25519.getSharedSecret(own, peer));
  const there = attempt(() => byNode(own, peer));
  const zero = (b) => b === undefined || b.every((v) => v === 0);
  if (zero(here) !== zero(there) || (!zero(here) && !same(here, there))) throw new Error('@noble/curves and Node disagree on a secret');
  if (zero(here)) refuse(111, 'a public key of small order');
  return here;
}

function word(n) {
  const b = Buffer.alloc(4);
  b.writeUInt32BE(Number(n));
  return b;
}

export function infoOf(fields, place) {
  const number = unhex(fields.number);
  return join([number.length], number, word(fields.boot), word(fields.challenge.counter), unhex(fields.challenge.nonce),
    word(fields.head.seq), unhex(fields.head.sum), [place]);
}

export const keyOf = (shared, info) => new Uint8Array(hkdfSync('sha256', shared, SALT, info, 32));

// combine encrypts or decrypts. Node's nonce is the counter and the nonce.
export const combine = (key, record) => new Uint8Array(createCipheriv('chacha20', key, Buffer.alloc(16)).update(record));

// apply encrypts or decrypts all records of an identity, as hex.
export const apply = (shared, fields, records) => records.map((r, i) => hex(combine(keyOf(shared, infoOf(fields, i)), unhex(r))));
