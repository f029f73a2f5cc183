import type { SnapshotChunk, SnapshotHead } from './security-snapshot.js';

/** A snapshot as it is kept. */
export interface KeptSnapshot {
  readonly head: SnapshotHead;
  readonly chunks: AsyncIterable<SnapshotChunk>;
  /** The checksum over all of it, known once the chunks were read. */
  readonly seal: string;
}

/** Keeps the newest snapshot of the security state: a shortcut for the start, which may be missing at any time. */
export abstract class SecuritySnapshotStore {
  /** Calls `use` with the snapshot that is kept, null when there is none; its chunks can be read until `use` ends. */
  abstract read<T>(use: (kept: KeptSnapshot | null) => Promise<T>): Promise<T>;

  /**
   * Puts a snapshot in the place of the one before, all or nothing; `seal` is asked for after the last chunk was taken.
   * False when another server is writing one at the moment, or has kept one that reaches at least as far.
   */
  abstract write(head: SnapshotHead, chunks: Iterable<SnapshotChunk>, seal: () => string): Promise<boolean>;
}
