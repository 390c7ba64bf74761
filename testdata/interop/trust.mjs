// SPDX-License-Identifier: Apache-2.0

// Shows one device here and the one of `qrcharge inspect` a random snapshot of
// trust, and then a code of an issuer: both refuse the snapshot, or both take the
// code, with the same hash, or both refuse it.
//
//     node trust.mjs testdata/v1 path/to/qrcharge [how many] [seed]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hex } from './lib/bytes.mjs';
import { seal } from './lib/code.mjs';
import { source } from './lib/draw.mjs';
import { ours, theirs } from './lib/inspect.mjs';
import { writeJWKSet } from './lib/keyfiles.mjs';
import { ED25519 } from './lib/keys.mjs';
import { TrustStore } from './lib/trust.mjs';
import { attempt } from './lib/verdict.mjs';
import { vectors } from './lib/walk.mjs';

const [root, qrcharge, many = '150', seed = '1'] = process.argv.slice(2);
const rnd = source(Number(seed));
const one = (list) => list[rnd(list.length)];

// The roots, and all that sign something else than a device does, of either
// algorithm; some share a kid.
const all = vectors(root, 'positive').map(([, v]) => v).filter((v) => !'IS'.includes(v.kind));
const signers = [...new Map(all.map(({ signer }) => [signer.public, signer])).values()];
const roots = signers.filter((s) => s.kinds === 'T');
const issuers = signers.filter((s) => s.kinds !== 'T');

const someBytes = (size) => Uint8Array.from({ length: size }, () => rnd(256));

const compressed = ({ alg, public: key }) => (alg === ED25519 ? key : `${'02468ace'.includes(key.at(-1)) ? '02' : '03'}${key.slice(2, 66)}`);

// About half of what is no key of anybody is no point either.
const strange = () => (rnd(2) ? hex(someBytes(32)) : one(['02', '03']) + hex(someBytes(32)));

function delegation(signer) {
  const bound = rnd(2) === 1;
  return {
    kid: rnd(30) ? signer.kid : one(roots).kid,
    public: rnd(15) ? compressed(rnd(8) ? signer : one(issuers)) : strange(),
    fleet: '',
    currency: bound ? 'CNY' : '',
    amount: bound ? rnd(100000) : 0,
    quota: rnd(3),
    rights: one([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15]),
  };
}

// drawSnapshot names the signer of the code mostly, and some others.
function drawSnapshot(signer) {
  const named = [...(rnd(8) ? [signer] : []), ...Array.from({ length: rnd(4) }, () => one(issuers))];
  const byKid = new Map(named.map(delegation).map((d) => [d.kid, d]));
  const delegations = [...byKid.values()].sort((a, b) => (a.kid < b.kid ? -1 : 1));
  return { epoch: 1 + rnd(9), ...(delegations.length > 0 ? { delegations } : {}) };
}

async function after(snapshot, keys, text) {
  const store = new TrustStore(keys);
  const { why, number } = await attempt(() => store.show(snapshot));
  return why ? { number, why: `snapshot: ${why}`, snapshot: true } : ours(text, [...store.roots, ...store.trusted]);
}

const counts = { taken: 0, refused: 0, snapshots: 0, different: 0 };

async function compare(file) {
  const v = one(all);
  const own = one(roots);
  const keys = [own, one(issuers)];
  const { text: snapshot } = seal('T', drawSnapshot(v.signer), rnd(15) ? own : one(roots));
  writeFileSync(file, writeJWKSet(keys));
  const [here, there] = await Promise.all([after(snapshot, keys, v.text), theirs(qrcharge, v.text, file, `--snapshot=${snapshot}`)]);
  const agree = here.hash === there.hash && here.number === there.number;
  counts[!agree ? 'different' : here.hash ? 'taken' : here.snapshot ? 'snapshots' : 'refused']++;
  if (!agree) console.log(`${snapshot}\n  ${v.text}\n  here:  ${JSON.stringify(here)}\n  there: ${JSON.stringify(there)}`);
}

const folder = mkdtempSync(join(tmpdir(), 'interop-'));
try {
  for (let i = 0; i < Number(many); i++) await compare(join(folder, 'keys.json'));
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`codes after a random snapshot: ${counts.taken} taken and ${counts.refused} refused by both, ${counts.snapshots} snapshots refused by both, ${counts.different} different`);
process.exit(counts.different === 0 && counts.taken > 0 && counts.refused > 0 && counts.snapshots > 0 ? 0 : 1);
