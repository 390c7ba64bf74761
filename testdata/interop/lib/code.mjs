// SPDX-License-Identifier: Apache-2.0

// A whole code: opened in the order of section 17, and made again from its fields.

import { refuse, same, unhex } from './bytes.mjs';
import { readCBOR, writeCBOR } from './cbor.mjs';
import { hash, readEnvelope, toBeSigned, writeEnvelope, writeHeader } from './envelope.mjs';
import { loadKeys, sign, verify } from './keys.mjs';
import { KINDS } from './kinds.mjs';
import { readText, writeText } from './text.mjs';

const DEPTH = 4;

export async function open(text, trusted) {
  const keys = loadKeys(trusted);
  const { kind, bytes } = readText(text);
  const envelope = readEnvelope(bytes);
  const { header, payload, signature } = envelope;
  const key = keys.get(envelope.kid) ?? refuse(109, envelope.kid);
  if (!key.kinds.includes(kind)) refuse(110, kind);
  if (key.alg !== envelope.alg) refuse(108, `${envelope.alg} in the header, ${key.alg} of the key`);
  const signed = toBeSigned(kind, header, payload);
  await verify(key, signed, signature);
  const fields = readPayload(kind, payload);
  const number = KINDS[kind].device ? key.number : '';
  return {
    kind,
    kid: envelope.kid,
    envelope: bytes,
    payload,
    signed,
    fields: number ? { number, ...fields } : fields,
    hash: hash(kind, unhex(number), payload),
  };
}

export function readPayload(kind, payload) {
  const { shape, check } = KINDS[kind];
  const value = readCBOR(payload, DEPTH);
  const fields = shape.read(value);
  check(fields);
  // The shapes have to know the one way to write what they read.
  if (!same(writePayload(kind, fields), payload)) refuse(113, 'another encoding of the same fields');
  return fields;
}

export const writePayload = (kind, fields) => writeCBOR(KINDS[kind].shape.write(fields));

// seal makes the code that says fields, under the private key of a vector.
export const seal = (kind, fields, signer) => sealPayload(kind, writePayload(kind, fields), signer);

export function sealPayload(kind, payload, signer) {
  const header = writeHeader(signer.alg, unhex(signer.kid));
  const signature = sign(signer, toBeSigned(kind, header, payload));
  const envelope = writeEnvelope(header, payload, signature);
  return { envelope, text: writeText(kind, envelope) };
}
