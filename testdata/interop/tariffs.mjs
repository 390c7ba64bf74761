// SPDX-License-Identifier: Apache-2.0

// Holds the normal form and the bytes of tariffs that are in no vector against
// the command of this repository: those of the golden bills, and random ones.
// Both sides have to give the same bytes, or both refuse.
//
//     node tariffs.mjs testdata/v1 path/to/qrcharge [how many random ones] [seed]

import { spawn } from 'node:child_process';
import { hex, Refused } from './lib/bytes.mjs';
import { drawTariff, source } from './lib/draw.mjs';
import { fromJSON } from './lib/tariff-json.mjs';
import { writeTariff } from './lib/tariff-write.mjs';
import { vectors } from './lib/walk.mjs';

const [root, qrcharge, many = '200', seed = '1'] = process.argv.slice(2);

function ours(json) {
  try {
    return hex(writeTariff(fromJSON(json)));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return `refused: ${error.message}`;
  }
}

// theirs gives the bytes in hex; exit code 1 is a fault in the tariff.
function theirs(json) {
  return new Promise((resolve, reject) => {
    const child = spawn(qrcharge, ['tariff', 'convert', '-', '--from=json', '--to=canonical-hex']);
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out.trim());
      else if (code === 1 || code === 2) resolve(`refused: ${err.trim() || out.trim()}`);
      else reject(new Error(`exit code ${code}: ${err}`));
    });
    child.stdin.end(JSON.stringify(json));
  });
}

const rnd = source(Number(seed));
const all = vectors(root, 'tariff');
for (let i = 0; i < Number(many); i++) all.push([`random tariff ${i} of seed ${seed}`, drawTariff(rnd)]);

const counts = { same: 0, refused: 0, different: 0 };
for (const [name, json] of all) {
  const [here, there] = [ours(json), await theirs(json)];
  const refused = here.startsWith('refused') && there.startsWith('refused');
  counts[refused ? 'refused' : here === there ? 'same' : 'different']++;
  if (refused || here === there) continue;
  console.log(`${name}:\n  ${JSON.stringify(json)}\n  here:  ${here}\n  there: ${there}`);
}
console.log(`${all.length} tariffs: ${counts.same} of the same bytes, ${counts.refused} refused by both, ${counts.different} different`);
process.exit(counts.different === 0 && counts.same > all.length / 2 ? 0 : 1);
