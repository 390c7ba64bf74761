// SPDX-License-Identifier: Apache-2.0

// Draws the codes of the vectors with the command of this repository, and reads
// the pictures with two other decoders, zxing-wasm and zbarimg. The longest code of
// each kind is also drawn as SVG, and in parts, as pictures and as a moving GIF, which
// are put together again here.
//
//     node images.mjs testdata/v1 path/to/qrcharge
//
// Without zbarimg its half is left out, unless QRCHARGE_REQUIRE_TOOLS is 1.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { KINDS } from './lib/kinds.mjs';
import { Assembly } from './lib/parts.mjs';
import { attempt } from './lib/verdict.mjs';
import { vectors } from './lib/walk.mjs';

const LEAST = 254;
const run = promisify(execFile);
const [root, qrcharge] = process.argv.slice(2);

// Left to itself, zxing-wasm fetches its module from the network.
const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer } });

// What a device shows is a link, and so is what a phone shows to a phone; what a
// device is shown is the text alone. Both are drawn where there can be both.
const LINKED = 'ISTV';

function* texts() {
  for (const [name, { kind, text, link }] of vectors(root, 'positive')) {
    yield [name, text];
    if (LINKED.includes(kind)) yield [`${name}-link`, link];
  }
  for (const [name, { steps }] of vectors(root, 'trust')) {
    for (const [i, { text }] of steps.entries()) yield [`${name}-${i + 1}`, text];
  }
  for (const [name, { text }] of vectors(root, 'carried')) yield [`carried-${name}`, text];
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

// longest gives [kind, text] of the longest code of each kind.
function longest() {
  const all = vectors(root, 'positive').map(([, v]) => v);
  const of = (kind) => all.filter((v) => v.kind === kind).reduce((a, b) => (b.text.length > a.text.length ? b : a));
  return Object.keys(KINDS).map((kind) => [kind, of(kind).text]);
}

// drawInParts draws a code in the smallest version in which it fits four parts,
// and gives the paths of these.
async function drawInParts(kind, text) {
  for (let version = 1; ; version++) {
    try {
      await run(qrcharge, ['render', text, `--parts=${version}`, '--out', join(folder, `parts-${kind}.png`)]);
    } catch (error) {
      if (version < 40 && error.code > 0) continue;
      throw error;
    }
    return readdirSync(folder).filter((name) => name.startsWith(`parts-${kind}-`)).map((name) => join(folder, name));
  }
}

// raster paints an SVG of ours, which has one path of rows of modules.
function raster(svg) {
  const scale = 4;
  const width = scale * Number(/viewBox="0 0 (\d+) \1"/.exec(svg)[1]);
  const data = new Uint8ClampedArray(4 * width * width).fill(255);
  for (const [, x, y, n] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let row = scale * y; row < scale * (Number(y) + 1); row++) {
      for (let column = scale * x; column < scale * (Number(x) + Number(n)); column++) data.fill(0, 4 * (row * width + column), 4 * (row * width + column) + 3);
    }
  }
  return { data, width, height: width, colorSpace: 'srgb' };
}

async function checkSVG(kind, text) {
  const path = join(folder, `${kind}.svg`);
  await run(qrcharge, ['render', text, '--out', path]);
  const found = await readBarcodes(raster(readFileSync(path, 'utf8')), { formats: ['QRCode'] });
  if (found.length === 1 && found[0].text === text) return;
  problems++;
  console.log(`${kind} as SVG: zxing-wasm reads ${JSON.stringify(found.map((f) => f.text.slice(0, 200)))}`);
}

// checkGIF takes zbarimg, which reads each frame.
async function checkGIF(kind, text, count) {
  const path = join(folder, `${kind}.gif`);
  for (let version = 1; ; version++) {
    try {
      await run(qrcharge, ['render', text, `--parts=${version}`, '--out', path]);
      break;
    } catch (error) {
      if (version === 40 || !(error.code > 0)) throw error;
    }
  }
  const frames = (await zbar(path)).split('\n');
  const assembly = new Assembly();
  for (const frame of frames) await attempt(async () => assembly.take(frame));
  if (frames.length === count && assembly.whole === text) return;
  problems++;
  console.log(`${kind} as a GIF: ${frames.length} frames of ${count} are read, which are not put together`);
}

async function checkParts(decoder, read, kind, text, paths) {
  const assembly = new Assembly();
  for (const path of paths) await attempt(async () => assembly.take(await read(path)));
  if (paths.length > 1 && assembly.whole === text) return;
  problems++;
  console.log(`${kind} in ${paths.length} parts: what ${decoder} reads is not put together`);
}

const folder = mkdtempSync(join(tmpdir(), 'interop-'));
let problems = 0;

// checkPicture gives the QR version of the picture.
async function checkPicture(decoders, name, text) {
  const path = join(folder, `${name}.png`);
  await run(qrcharge, ['render', text, '--out', path]);
  const read = await Promise.all(decoders.map(([decoder, read]) => read(path).catch((error) => `${decoder}: ${error.message}`)));
  decoders.forEach(([decoder], i) => {
    if (read[i] === text) return;
    problems++;
    console.log(`${name}: ${decoder} reads ${JSON.stringify(read[i].slice(0, 200))}`);
  });
  return versionOf(path);
}

try {
  const all = [...texts()];
  const drawn = new Map();
  const decoders = Object.entries(await readers());
  for (const [name, text] of all) drawn.set(name, await checkPicture(decoders, name, text));
  checkVersions(drawn);
  for (const [kind, text] of longest()) {
    const paths = await drawInParts(kind, text);
    for (const [decoder, read] of decoders) await checkParts(decoder, read, kind, text, paths);
    await checkSVG(kind, text);
    if (decoders.length > 1) await checkGIF(kind, text, paths.length);
  }
  console.log(`${all.length} pictures, and the longest code of each kind as SVG, in parts and as a GIF, the same from ${decoders.map(([decoder]) => decoder).join(' and ')}; ${problems} read as something else`);
  if (all.length < LEAST) throw new Error(`there have to be ${LEAST}`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(problems === 0 ? 0 : 1);
