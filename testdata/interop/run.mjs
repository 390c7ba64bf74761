// SPDX-License-Identifier: Apache-2.0

// Judges all vectors, and exits with 1 if it disagrees with one.
//
//     node run.mjs [testdata/v1]

import { fileURLToPath } from 'node:url';
import { walk } from './lib/walk.mjs';

const root = process.argv[2] ?? fileURLToPath(new URL('../v1', import.meta.url));
const { counts, problems } = await walk(root);

for (const { folder, name = '', problem } of problems) console.log(`${folder}/${name}: ${problem.slice(0, 2000)}`);
for (const [folder, { vectors, agreed }] of Object.entries(counts)) {
  console.log(`${folder.padEnd(16)} ${String(vectors).padStart(5)} vectors, ${agreed} agreed, ${vectors - agreed} disagreed`);
}
if (problems.length > 0) {
  console.log(`${problems.length} disagreements`);
  process.exit(1);
}
