import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { endianness } from 'node:os';
import type { DirectoryParts } from '#libs/directory/domain';
import type { SecurityImage } from './security-state.js';

/** How a snapshot is written. Another number whenever the bytes mean something else; typed arrays are as the machine has them. */
export const SNAPSHOT_FORMAT = `1-${endianness()}`;
/**
 * Which fold the state is of. Another number whenever an event is folded to something else than before: a snapshot of
 * another fold is not used. `security-fold.spec.ts` fails when this is forgotten.
 */
export const FOLD_VERSION = 1;

/** What is known of a snapshot without reading it. */
export interface SnapshotHead {
  readonly format: string;
  readonly fold: number;
  /** Uid of the installation that it was made in. */
  readonly installation: string;
  /** The last event that it holds, by which the log is known again. */
  readonly eventId: string;
  readonly stream: string;
  /** Decimal digits. */
  readonly revision: string;
  /** As formatPosition writes it. */
  readonly position: string;
}

export type ChunkKind = 'directory' | 'shared' | 'places' | 'quarantined' | 'wasted' | 'block';

export interface SnapshotChunk {
  readonly kind: ChunkKind;
  readonly bytes: Buffer;
}

/** Objects of one chunk; few enough that writing them keeps nobody waiting. */
const LINES_A_CHUNK = 1_000;
const CHUNK_BYTES = 1_048_576;

/**
 * A keyed checksum over a snapshot. With the key, which is not in the database, whoever can write to the database
 * cannot make a token good by writing a snapshot.
 */
export class SnapshotSeal {
  private readonly hmac: Hmac;

  constructor(key: Buffer, head: SnapshotHead) {
    const { format, fold, installation, eventId, stream, revision, position } = head;
    this.hmac = createHmac('sha256', key);
    const parts = ['security snapshot', format, fold, installation, eventId, stream, revision, position];
    this.hmac.update(parts.join('\n'));
  }

  add({ kind, bytes }: SnapshotChunk): void {
    this.hmac.update(`\n${kind} ${bytes.length}\n`).update(bytes);
  }

  /** Ends the checksum: 64 hexadecimal digits. */
  digest(): string {
    return this.hmac.digest('hex');
  }

  /** Ends the checksum, and tells whether it is this one. */
  isSealedBy(digest: string): boolean {
    const found = this.hmac.digest();
    const expected = Buffer.from(digest, 'hex');
    return expected.length === found.length && timingSafeEqual(expected, found);
  }
}

/** The chunks of an image, each made when it is asked for. */
export function* chunksOf({ tokens, directory }: SecurityImage): Generator<SnapshotChunk> {
  yield { kind: 'directory', bytes: lines([{ installation: directory.installation }]) };
  yield* objects('directory', directory.users, (user) => ({ user }));
  yield* objects('directory', directory.organizations, (organization) => ({ organization }));
  yield* objects('shared', tokens.shared, (text) => text);
  yield* pieces('places', tokens.places);
  yield* pieces('quarantined', tokens.quarantined);
  yield { kind: 'wasted', bytes: Buffer.from(String(tokens.wasted)) };
  for (const bytes of tokens.blocks) yield { kind: 'block', bytes };
}

type DirectoryLine =
  | { readonly installation: DirectoryParts['installation'] }
  | { readonly user: DirectoryParts['users'][number] }
  | { readonly organization: DirectoryParts['organizations'][number] };

/** Puts an image together again from its chunks, in their order. Nothing of them is read before `build`. */
export class ImageBuilder {
  private readonly chunks: Readonly<Record<ChunkKind, Buffer[]>> = {
    directory: [],
    shared: [],
    places: [],
    quarantined: [],
    wasted: [],
    block: [],
  };

  keep({ kind, bytes }: SnapshotChunk): void {
    this.chunks[kind].push(bytes);
  }

  /** Null when something is missing. */
  build(): SecurityImage | null {
    const { directory, shared, places: placeParts, quarantined: quarantinedParts, wasted, block: blocks } = this.chunks;
    const places = new Float64Array(joined(placeParts));
    const quarantined = new Uint8Array(joined(quarantinedParts));
    const parts = directoryOf(directory.flatMap(linesOf) as DirectoryLine[]);
    if (parts === null || wasted.length !== 1 || places.length !== quarantined.length) return null;
    const texts = shared.flatMap(linesOf) as string[];
    return { tokens: { shared: texts, places, quarantined, blocks, wasted: Number(wasted[0]) }, directory: parts };
  }
}

function directoryOf(all: readonly DirectoryLine[]): DirectoryParts | null {
  const installation = all.flatMap((line) => ('installation' in line ? [line.installation] : []))[0];
  if (installation === undefined) return null;
  return {
    installation,
    users: all.flatMap((line) => ('user' in line ? [line.user] : [])),
    organizations: all.flatMap((line) => ('organization' in line ? [line.organization] : [])),
  };
}

function* objects<T>(kind: ChunkKind, items: readonly T[], lineOf: (item: T) => unknown): Generator<SnapshotChunk> {
  for (let from = 0; from < items.length; from += LINES_A_CHUNK) {
    yield { kind, bytes: lines(items.slice(from, from + LINES_A_CHUNK).map(lineOf)) };
  }
}

function* pieces(kind: ChunkKind, { buffer, byteOffset, byteLength }: Float64Array | Uint8Array) {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    yield { kind, bytes: bytes.subarray(from, from + CHUNK_BYTES) };
  }
}

function lines(values: readonly unknown[]): Buffer {
  return Buffer.from(values.map((value) => JSON.stringify(value)).join('\n'));
}

function linesOf(bytes: Buffer): unknown[] {
  return bytes
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** In memory of its own, which begins where typed arrays can begin. */
function joined(parts: readonly Buffer[]): ArrayBuffer {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}
