import { type EventLog, formatPosition, type RecordedEvent } from '#libs/event-log';
import type { Barrier } from './barrier.js';
import { chunksOf, FOLD_VERSION, ImageBuilder, SNAPSHOT_FORMAT, SnapshotSeal } from './security-snapshot.js';
import type { SnapshotChunk, SnapshotHead } from './security-snapshot.js';
import type { KeptSnapshot, SecuritySnapshotStore } from './security-snapshot-store.js';
import type { SecurityState } from './security-state.js';

/** Fewer new events than this are read faster than a snapshot is written. */
const EVENTS_MIN = 2_000;
/** Of the tokens, so many new events make a new snapshot worth its writing while the server runs. */
const EVENTS_SHARE = 0.05;
const LOOK_EVERY_MS = 60_000;

export interface SecuritySnapshotsParts {
  readonly state: SecurityState;
  readonly barrier: Barrier;
  readonly log: EventLog;
  readonly store: SecuritySnapshotStore;
  /** Uid of the installation. */
  readonly installation: string;
  /** Seals snapshots; kept outside the database, at least 32 bytes. */
  readonly key: Buffer;
  /** Told of what went wrong; a server without a snapshot works all the same. */
  readonly onFailure: (error: unknown) => void;
}

/** What became of the snapshot at the start; anything but `loaded` means that the log is replayed from its beginning. */
export type LoadOutcome = 'loaded' | 'none' | 'otherVersion' | 'otherLog' | 'damaged' | 'failed';

/**
 * Shortens the start of a server: the security state is written down now and then, and the next start folds only what
 * came after. A snapshot is a shortcut and no source: one of another version, of another log or with a wrong seal is
 * left alone, and the state is folded from the whole log.
 */
export class SecuritySnapshots {
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<boolean> | null = null;
  /** How many events had been folded when the snapshot that is kept was made. */
  private foldedAtWrite = 0;

  constructor(private readonly parts: SecuritySnapshotsParts) {}

  /** Brings state and barrier to the snapshot that is kept, if it can be trusted. Before anything else is folded. */
  async load(): Promise<LoadOutcome> {
    try {
      return await this.parts.store.read((kept) => (kept === null ? Promise.resolve('none') : this.take(kept)));
    } catch (error) {
      this.parts.onFailure(error);
      return 'failed';
    }
  }

  /** From now on snapshots are written when enough has changed. */
  start(): void {
    this.timer = setInterval(() => void this.writeIfWorthIt(EVENTS_SHARE), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Writes the last one, if anything worth it has changed. */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.writing;
    await this.writeIfWorthIt(0);
  }

  /** Writes a snapshot of the state as it is now. False when nothing was written. */
  write(): Promise<boolean> {
    this.writing ??= this.writeNow().finally(() => (this.writing = null));
    return this.writing;
  }

  private async writeIfWorthIt(share: number): Promise<void> {
    const { state, onFailure } = this.parts;
    const changed = state.foldedCount - this.foldedAtWrite;
    if (changed < Math.max(EVENTS_MIN, state.tokenCount * share)) return;
    await this.write().catch(onFailure);
  }

  private async writeNow(): Promise<boolean> {
    const { state, store, key } = this.parts;
    const { last, foldedCount } = state;
    if (last === null) return false;
    const head = this.headAt(last);
    const seal = new SnapshotSeal(key, head);
    const chunks = sealed(chunksOf(state.image()), seal);
    const isWritten = await store.write(head, chunks, () => seal.digest());
    // Where another server was faster, its snapshot serves as well.
    this.foldedAtWrite = foldedCount;
    return isWritten;
  }

  private async take({ head, chunks, seal: kept }: KeptSnapshot): Promise<LoadOutcome> {
    const { state, barrier, key, installation } = this.parts;
    if (head.format !== SNAPSHOT_FORMAT || head.fold !== FOLD_VERSION) return 'otherVersion';
    const last = await this.lastEventOf(head);
    if (head.installation !== installation || last === null) return 'otherLog';
    const seal = new SnapshotSeal(key, head);
    const builder = new ImageBuilder();
    for await (const chunk of chunks) {
      seal.add(chunk);
      builder.keep(chunk);
    }
    // Nothing is read out of it before all of it is known to be what this ledger wrote.
    if (!seal.isSealedBy(kept)) return 'damaged';
    const image = builder.build();
    if (image === null) return 'damaged';
    state.restore(image, last);
    barrier.resumeAt(last.position);
    return 'loaded';
  }

  /** The event that the snapshot ends with, as it stands in the log; null when another stands there, or none. */
  private async lastEventOf(head: SnapshotHead): Promise<RecordedEvent | null> {
    const [event] = await this.parts.log.readStream(head.stream, { from: BigInt(head.revision), limit: 1 });
    if (event === undefined || event.id !== head.eventId) return null;
    return formatPosition(event.position) === head.position ? event : null;
  }

  private headAt({ id, stream, revision, position }: RecordedEvent): SnapshotHead {
    return {
      format: SNAPSHOT_FORMAT,
      fold: FOLD_VERSION,
      installation: this.parts.installation,
      eventId: id,
      stream,
      revision: revision.toString(),
      position: formatPosition(position),
    };
  }
}

/** The chunks, each counted into the seal when it is taken. */
function* sealed(chunks: Iterable<SnapshotChunk>, seal: SnapshotSeal): Generator<SnapshotChunk> {
  for (const chunk of chunks) {
    seal.add(chunk);
    yield chunk;
  }
}
