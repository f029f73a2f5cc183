import type { ProposedEvent } from './proposed-event.js';

/** An event as the double keeps it. */
export interface StoredEvent extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  /** .NET ticks since 1970. */
  readonly created: string;
}

/** Last revision that a stream must have: -1n for none. `null`: whatever it has. */
export type ExpectedByServer = bigint | 'exists' | null;

export type StoredOutcome =
  | { readonly stored: true; readonly revision: bigint; readonly position: bigint; readonly isRepeated: boolean }
  | { readonly stored: false; readonly actual: bigint };

/** Beyond 2^53, so that a position which passes through a number somewhere is found out. */
const FIRST_POSITION = 9_007_199_254_740_993n;
const TICKS_PER_MS = 10_000n;

/**
 * The streams of the double, which live as long as it does: a restart of its server keeps them. Positions count bytes, as
 * in the real server, and every now and then an event of the server's own lies between those of the ledger.
 */
export class StoredStreams {
  readonly all: StoredEvent[] = [];
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly listeners = new Set<(event: StoredEvent) => void>();
  private end = FIRST_POSITION;

  tailOf(stream: string): bigint {
    return BigInt(this.streams.get(stream)?.length ?? 0) - 1n;
  }

  /** What a reader of the stream sees: from where its metadata says that it begins. */
  visible(stream: string): StoredEvent[] {
    const begin = this.truncateBefore(stream);
    return (this.streams.get(stream) ?? []).filter(({ revision }) => revision >= begin);
  }

  append(stream: string, expected: ExpectedByServer, events: readonly ProposedEvent[]): StoredOutcome {
    const actual = this.tailOf(stream);
    const fits = expected === null || (expected === 'exists' ? actual >= 0n : expected === actual);
    const repeated = this.repeated(stream, expected, events);
    if (repeated) return { stored: true, revision: repeated.revision, position: repeated.position, isRepeated: true };
    if (!fits) return { stored: false, actual };
    for (const event of events) this.store(stream, event);
    const last = this.all.at(-1) as StoredEvent;
    const outcome = { stored: true, revision: last.revision, position: last.position, isRepeated: false } as const;
    if (this.all.length % 7 === 0 && !stream.startsWith('$')) this.store('$stats-double', STATISTICS);
    return outcome;
  }

  onStored(listener: (event: StoredEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The same ids after the expected revision are the same append; without one, as on a quiet node, at the end. */
  private repeated(stream: string, expected: ExpectedByServer, events: readonly ProposedEvent[]): StoredEvent | null {
    if (typeof expected !== 'bigint') return null;
    const standing = this.streams.get(stream) ?? [];
    const from = Number(expected) + 1;
    const isSame = events.every(({ id }, index) => standing[from + index]?.id === id);
    return isSame ? (standing[from + events.length - 1] ?? null) : null;
  }

  private store(stream: string, event: ProposedEvent): void {
    const events = this.streams.get(stream) ?? [];
    this.streams.set(stream, events);
    const created = (BigInt(Math.floor(performance.timeOrigin + performance.now())) * TICKS_PER_MS).toString();
    const stored = { ...event, stream, revision: BigInt(events.length), position: this.end, created };
    this.end += BigInt(128 + stream.length + event.data.length + event.metadata.length);
    events.push(stored);
    this.all.push(stored);
    for (const listener of [...this.listeners]) listener(stored);
  }

  private truncateBefore(stream: string): bigint {
    const last = this.streams.get(`$$${stream}`)?.at(-1);
    if (!last) return 0n;
    const { $tb } = JSON.parse(Buffer.from(last.data).toString('utf8')) as { $tb?: number };
    return BigInt($tb ?? 0);
  }
}

const STATISTICS: ProposedEvent = {
  id: '00000000-0000-4000-8000-000000000000',
  type: '$statsCollected',
  contentType: 'application/json',
  data: Buffer.from('{}'),
  metadata: Buffer.from(''),
};
