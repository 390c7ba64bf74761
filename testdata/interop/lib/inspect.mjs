// SPDX-License-Identifier: Apache-2.0

// What the command of this repository says of a code, and the same from here:
// its hash, or the number under which it is refused.

import { execFile } from 'node:child_process';
import { open } from './code.mjs';
import { attempt } from './verdict.mjs';

export async function ours(text, keys) {
  const { value, ...refused } = await attempt(() => open(text, keys));
  return value ? { hash: value.hash } : refused;
}

// theirs gives what `qrcharge inspect` says under the keys of a file. It has no
// JSON for a snapshot that it does not take.
export function theirs(qrcharge, text, trust, ...flags) {
  return new Promise((resolve, reject) => {
    execFile(qrcharge, ['inspect', text, '--json', `--trust=${trust}`, ...flags], (error, out, err) => {
      if (error && error.code !== 1 && error.code !== 2) return reject(new Error(`${error.code}: ${err}`));
      if (out === '') return resolve({ number: Number(/^qrcharge: snapshot.*? E-(\d+) /.exec(err)[1]), why: err });
      const said = JSON.parse(out);
      resolve(said.verified ? { hash: said.content.hash } : { number: said.error.code, why: said.error.message });
    });
  });
}
