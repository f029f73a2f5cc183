import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from '../../../benchmarks/support/dice.js';
import { type ServerName, SERVER_NAMES } from '../faults/schedule.js';
import type { Asked, Entry, HistoryFile, RequestKind } from '../history.js';
import type { Judgement } from './judge.js';
import type { Wire } from './wire.js';

/** One request, which may take several attempts. */
export interface Question {
  readonly kind: RequestKind;
  /** Its name, see `Entry.request`. */
  readonly request: string;
  readonly asked: Asked;
  /** Sends it to one server. */
  readonly send: (wire: Wire) => Promise<Judgement>;
}

/** Pause after an attempt of which nothing is known: the server may be away. */
const AGAIN_AFTER_MS = 100;

/** Sends requests and writes down what became of each attempt. */
export class Recorder {
  acknowledged = 0;
  /** Set when a run is given up: nothing more is asked, whatever is not known then. */
  isGivenUp = false;
  private readonly began = performance.now();
  private requests = 0;

  constructor(
    private readonly wires: ReadonlyMap<ServerName, Wire>,
    private readonly history: HistoryFile,
    readonly dice: Dice,
  ) {}

  /** A name that no other request of the run has. */
  name(letter: string): string {
    this.requests += 1;
    return `${letter}-${this.requests}`;
  }

  someServer(): ServerName {
    return this.dice.pick(SERVER_NAMES);
  }

  wire(server: ServerName): Wire {
    return this.wires.get(server)!;
  }

  /** Milliseconds since the run began, on the clock of the whole history. */
  now(): number {
    return performance.now() - this.began;
  }

  /** One attempt on one server. */
  async once(question: Question, server: ServerName): Promise<Judgement> {
    const startedAt = this.now();
    const judgement = await question.send(this.wire(server));
    this.add({ ...question, server, startedAt }, judgement);
    if (judgement.outcome === 'unknown') await pause(AGAIN_AFTER_MS);
    return judgement;
  }

  /** Attempts on one server or another until something is known of it; the request must be one that may be repeated. */
  async untilKnown(question: Question): Promise<Judgement> {
    for (;;) {
      const judgement = await this.once(question, this.someServer());
      if (judgement.outcome !== 'unknown' || this.isGivenUp) return judgement;
    }
  }

  /** Writes an attempt down whose answer was one of several in a reply. */
  add(attempt: Pick<Entry, 'kind' | 'request' | 'server' | 'startedAt' | 'asked'>, judgement: Judgement): void {
    const { kind, request, server, startedAt, asked } = attempt;
    if (judgement.outcome === 'acknowledged') this.acknowledged += 1;
    this.history.add({ request, kind, server, startedAt, endedAt: this.now(), ...judgement, asked });
  }
}
