import { setTimeout as pause } from 'node:timers/promises';
import type { NewEvent } from '#libs/contracts';
import type { AppendResult, EventLog, StreamAppend } from './event-log.js';

/** What a command adds to one stream, after its last revision `base` (-1n: it holds nothing). */
export interface CommandAppend {
  readonly stream: string;
  readonly base: bigint;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

interface Member {
  /** Last revision of each of its streams. */
  readonly revisions: readonly bigint[];
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** So many commands at most: the log must not have to part them. */
const MEMBERS_MAX = 64;

/** One append of several commands; what each adds to a stream lies behind what the one before added. */
export class SharedAppend {
  isSent = false;
  /** The one that is put together meanwhile, on top of this one. */
  next: SharedAppend | null = null;
  /** Resolves when this one is stored, or has failed. */
  readonly settled: Promise<void>;
  private done: () => void = () => undefined;
  private readonly added = new Map<string, { readonly base: bigint; readonly events: NewEvent[] }>();
  private readonly members: Member[] = [];
  private result: AppendResult | null = null;

  constructor() {
    this.settled = new Promise((resolve) => {
      this.done = resolve;
    });
  }

  get isFull(): boolean {
    return this.members.length >= MEMBERS_MAX;
  }

  get streams(): Iterable<string> {
    return this.added.keys();
  }

  /** Last revision of one of its streams when it is stored. */
  tailOf(stream: string): bigint {
    const { base, events } = this.added.get(stream)!;
    return base + BigInt(events.length);
  }

  /** Resolves and rejects with `settle`. */
  add(streams: readonly CommandAppend[]): Promise<AppendResult> {
    const revisions = streams.map(({ stream, base, events }) => {
      const row = this.added.get(stream) ?? { base, events: [] };
      row.events.push(...events);
      this.added.set(stream, row);
      return this.tailOf(stream);
    });
    return new Promise((resolve, reject) => {
      this.members.push({ revisions, resolve, reject });
    });
  }

  /** Null when it is stored, otherwise why it is not; `gatherMs`: how long others may join it yet. */
  async send(log: EventLog, gatherMs: number): Promise<unknown> {
    if (gatherMs > 0) await pause(gatherMs);
    this.isSent = true;
    try {
      const streams = [...this.added].map(([stream, row]) => asStreamAppend({ stream, ...row }));
      this.result = await log.append({ streams });
      return null;
    } catch (error) {
      return error;
    }
  }

  /** Answers its commands. */
  settle(error: unknown): void {
    this.done();
    for (const { revisions, resolve, reject } of this.members) {
      if (this.result === null) reject(error);
      else resolve({ ...this.result, revisions });
    }
  }
}

/** Under the very revision that it comes after. */
export function asStreamAppend({ stream, base, events }: CommandAppend): StreamAppend {
  return { stream, expected: base === -1n ? 'noStream' : base, events };
}
