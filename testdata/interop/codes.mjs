// SPDX-License-Identifier: Apache-2.0

// Alters the payloads of the positive vectors at random, signs them again, and
// holds what becomes of each code here against the command of this repository:
// both take it, with the same hash, or both refuse it. The kinds take turns.
//
//     node codes.mjs testdata/v1 path/to/qrcharge [how many] [seed]

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alterPayload } from './lib/alter.mjs';
import { unhex } from './lib/bytes.mjs';
import { sealPayload } from './lib/code.mjs';
import { source } from './lib/draw.mjs';
import { ours, theirs } from './lib/inspect.mjs';
import { writeJWKSet } from './lib/keyfiles.mjs';
import { KINDS } from './lib/kinds.mjs';
import { vectors } from './lib/walk.mjs';

const [root, qrcharge, many = '300', seed = '1'] = process.argv.slice(2);

const rnd = source(Number(seed));
const kinds = Object.keys(KINDS);
const all = vectors(root, 'positive');
const counts = Object.fromEntries(kinds.map((kind) => [kind, { taken: 0, refused: 0, different: 0, numbers: 0 }]));

async function compare(trust, kind) {
  const list = all.filter(([, v]) => v.kind === kind);
  const [name, v] = list[rnd(list.length)];
  const payload = alterPayload(unhex(v.payload_cbor), rnd);
  if (payload.length === 0 || payload.length > 920) return;
  const { text } = sealPayload(kind, payload, v.signer);
  writeFileSync(trust, writeJWKSet(v.keys));
  const [here, there] = await Promise.all([ours(text, v.keys), theirs(qrcharge, text, trust)]);
  const agree = here.hash === there.hash;
  counts[kind][!agree ? 'different' : here.hash ? 'taken' : 'refused']++;
  if (here.number && here.number === there.number) counts[kind].numbers++;
  if (!agree) console.log(`${name}, altered: ${text}\n  here:  ${JSON.stringify(here)}\n  there: ${JSON.stringify(there)}`);
}

const folder = mkdtempSync(join(tmpdir(), 'interop-'));
try {
  for (let i = 0; i < Number(many); i++) await compare(join(folder, 'keys.json'), kinds[i % kinds.length]);
} finally {
  rmSync(folder, { recursive: true });
}
for (const [kind, { taken, refused, different, numbers }] of Object.entries(counts)) {
  console.log(`altered payloads of ${kind}: ${taken} taken and ${refused} refused by both (${numbers} under one number), ${different} different`);
}
// Where all are refused, or all taken, nothing was shown.
process.exit(Object.values(counts).every((c) => c.different === 0 && c.taken > 0 && c.refused > 0) ? 0 : 1);
