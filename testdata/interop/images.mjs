// SPDX-License-Identifier: Apache-2.0

// Draws each positive vector with the command of this repository, and reads the
// pictures with two other decoders, zxing-wasm and zbarimg.
//
//     node images.mjs testdata/v1 path/to/qrcharge
//
// Without zbarimg its half is left out, unless QRCHARGE_REQUIRE_TOOLS is 1.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { vectors } from './lib/walk.mjs';

const LEAST = 77;
const run = promisify(execFile);
const [root, qrcharge] = process.argv.slice(2);

// Left to itself, zxing-wasm fetches its module from the network.
const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer } });

// What a device shows is a link, what it is shown is the text alone; both kinds
// of picture are drawn of each code that a device makes. Of a code in parts, each.
function* texts() {
  for (const [name, { kind, text, link }] of vectors(root, 'positive')) {
    yield [name, text];
    if ('IS'.includes(kind)) yield [`${name}-link`, link];
  }
  for (const [name, { parts }] of vectors(root, 'parts-positive')) {
    for (const [i, { text }] of parts.entries()) yield [`${name}-${i + 1}`, text];
  }
}

// versionOf gives the QR version of a picture of 4 pixels a module, with a quiet
// zone of 4 modules, by the width in the head of the PNG.
const versionOf = (path) => (readFileSync(path).readUInt32BE(16) / 4 - 8 - 17) / 4;

// A set says in which version each of its parts fits.
function checkVersions(drawn) {
  for (const [name, { parts, qr_version: want }] of vectors(root, 'parts-positive')) {
    const got = Math.max(...parts.map((_, i) => drawn.get(`${name}-${i + 1}`)));
    if (got <= want) continue;
    problems++;
    console.log(`${name}: drawn in version ${got}, and the vector says ${want}`);
  }
}

async function zxing(path) {
  const found = await readBarcodes(readFileSync(path), { formats: ['QRCode'] });
  return found.map((f) => f.text).join('\n');
}

async function zbar(path) {
  const { stdout } = await run('zbarimg', ['--quiet', '--raw', '--nodbus', '-Sdisable', '-Sqrcode.enable', path]);
  return stdout.trimEnd();
}

async function readers() {
  try {
    await run('zbarimg', ['--version']);
    return { 'zxing-wasm': zxing, zbarimg: zbar };
  } catch (error) {
    if (error.code !== 'ENOENT' || process.env.QRCHARGE_REQUIRE_TOOLS === '1') throw error;
    console.log('there is no zbarimg; going on without');
    return { 'zxing-wasm': zxing };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'interop-'));
let problems = 0;
try {
  const all = [...texts()];
  const drawn = new Map();
  const decoders = Object.entries(await readers());
  for (const [name, text] of all) {
    const path = join(folder, `${name}.png`);
    await run(qrcharge, ['render', text, '--out', path]);
    const read = await Promise.all(decoders.map(([decoder, read]) => read(path).catch((error) => `${decoder}: ${error.message}`)));
    decoders.forEach(([decoder], i) => {
      if (read[i] === text) return;
      problems++;
      console.log(`${name}: ${decoder} reads ${JSON.stringify(read[i].slice(0, 200))}`);
    });
    drawn.set(name, versionOf(path));
    rmSync(path);
  }
  checkVersions(drawn);
  console.log(`${all.length} pictures, the same text from ${decoders.map(([decoder]) => decoder).join(' and ')}; ${problems} read as something else`);
  if (all.length < LEAST) throw new Error(`there have to be ${LEAST}`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(problems === 0 ? 0 : 1);
