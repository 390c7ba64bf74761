// SPDX-License-Identifier: Apache-2.0

// Section 23: whom a device trusts, and what it does with snapshots.

import { ECDH } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { hex, refuse } from './bytes.mjs';
import { open } from './code.mjs';
import { ED25519, ESP256, loadKeys } from './keys.mjs';

const P = p256.Point ?? p256.ProjectivePoint;

const RIGHTS = [[1, 'O'], [2, 'X'], [4, 'R']];

const isRoot = (key) => key.kinds.includes('T');

export class TrustStore {
  // provisioned are the keys that the device was given by hand, as in a vector.
  constructor(provisioned) {
    loadKeys(provisioned);
    this.roots = provisioned.filter(isRoot);
    for (const root of this.roots) if (root.kinds !== 'T') refuse(111, `a root that may also sign ${root.kinds}`);
    this.trusted = provisioned.filter((key) => !isRoot(key));
    this.epoch = 0;
    this.least = 0;
    this.hash = '';
    this.delegations = []; // as they stand in the snapshot in force
  }

  // show takes the text of a snapshot. Where it refuses, nothing has changed.
  async show(text) {
    const { kind, fields, hash } = await open(text, [...this.roots, ...this.trusted]);
    if (kind !== 'T') refuse(104, `${kind} in place of a snapshot`);
    const { epoch, least = 0, delegations = [] } = fields;
    if (epoch === this.epoch && hash !== this.hash) refuse(130, `two snapshots of epoch ${epoch}`);
    if (epoch <= this.epoch) refuse(129, `epoch ${epoch}, and ${this.epoch} is in force`);
    const trusted = delegations.map(keyOf);
    loadKeys([...this.roots, ...trusted]); // also where a kid is that of a root
    Object.assign(this, { trusted, epoch, least, hash, delegations });
  }
}

// keyOf gives the key that a delegation stands for.
function keyOf({ kid, public: key, rights }) {
  const kinds = RIGHTS.filter(([right]) => rights & right).map(([, letter]) => letter).join('');
  const [alg, point] = key.length === 64 ? [ED25519, key] : [ESP256, decompress(key)];
  return { kid, alg, kinds, number: '', public: point };
}

// decompress gives the whole point, found twice, by @noble/curves and by OpenSSL.
function decompress(key) {
  const here = attempt(() => hex(P.fromHex(key).toBytes(false)));
  const there = attempt(() => ECDH.convertKey(key, 'prime256v1', 'hex', 'hex', 'uncompressed'));
  if (here !== there) throw new Error(`@noble/curves makes ${here} of ${key}, OpenSSL ${there}`);
  return here ?? refuse(111, 'no point of the curve');
}

function attempt(f) {
  try {
    return f();
  } catch {
    return undefined;
  }
}
