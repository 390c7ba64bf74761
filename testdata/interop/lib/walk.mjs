// SPDX-License-Identifier: Apache-2.0

// Goes through all vectors below a folder such as testdata/v1.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDERS } from './judge.mjs';

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

// vectors gives [name, JSON] of each vector of a folder.
export function vectors(root, folder) {
  const { file } = FOLDERS[folder];
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (file) return entries.filter((e) => e.isDirectory()).map((e) => [e.name, json(join(root, folder, e.name, file))]);
  const other = entries.find((e) => !e.isFile() || !e.name.endsWith('.json'));
  if (other) throw new Error(`${folder}/${other.name} is no vector`);
  return entries.map((e) => [e.name.slice(0, -'.json'.length), json(join(root, folder, e.name))]);
}

// walk judges all vectors, and gives { folder, name, problem } of each
// disagreement, and the number of vectors by folder.
export async function walk(root, folders = FOLDERS) {
  const counts = {};
  const problems = [];
  const there = readdirSync(root, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name);
  for (const folder of there) if (!(folder in folders)) problems.push({ folder, problem: 'an unknown folder' });
  for (const [folder, { judge, least }] of Object.entries(folders)) {
    const list = there.includes(folder) ? vectors(root, folder) : [];
    if (list.length < least) problems.push({ folder, problem: `${list.length} vectors, there have to be ${least}` });
    let agreed = 0;
    for (const [name, vector] of list) {
      const found = await judge(vector);
      if (found.length === 0) agreed++;
      problems.push(...found.map((problem) => ({ folder, name, problem })));
    }
    counts[folder] = { vectors: list.length, agreed };
  }
  return { counts, problems };
}
