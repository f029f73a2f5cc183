import { setTimeout as pause } from 'node:timers/promises';
import { Dice } from './dice.js';
import { KeptConnection } from './kept-connection.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { percentileOf } from './statistics.js';

/** Requests that come at a rate of their own, whatever becomes of those before them. */
export interface OpenLoad {
  /** Of what is loaded, for the message of a failure. */
  readonly name: string;
  readonly url: string;
  /** Whole requests as they go over the wire, sent in turn. */
  readonly requests: readonly Buffer[];
  readonly perSecond: number;
  readonly seconds: number;
  /** Requests that can be under way; one that finds none of them free waits, and its clock runs. */
  readonly connections: number;
}

/** Latencies are counted from the moment at which a request was due, not from when it could be sent. */
export interface OpenResult {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** How late requests were sent: the sender's own share of the latencies, and the wait for a connection. */
  readonly lateP99Ms: number;
}

const SEED = 7;
/** As fine as the timers of Node go. */
const TICK_MS = 1;
const ANSWERED_WITHIN_MS = 10_000;

/**
 * Sends requests at random moments of a fixed mean rate (a Poisson process), as independent clients would. A server that
 * stands still for a moment is thereby asked as often as before, and every request that was due in that moment counts with
 * all of its wait: a closed loop, whose callers wait with it, would count one for each caller ("coordinated omission").
 * Throws BenchmarkFailed when an answer is not 2xx or does not come.
 */
export async function runOpenLoop(load: OpenLoad): Promise<OpenResult> {
  const connections = await Promise.all(Array.from({ length: load.connections }, () => KeptConnection.open(load.url)));
  try {
    return await new OpenLoop(load, connections).run();
  } finally {
    for (const connection of connections) connection.close();
  }
}

class OpenLoop {
  private readonly dice = new Dice(SEED);
  private readonly latencies: number[] = [];
  private readonly lateness: number[] = [];
  private began = 0;
  /** When the next request is due, in ms from the beginning. */
  private due = 0;
  private sent = 0;
  private refused = 0;

  constructor(
    private readonly load: OpenLoad,
    private readonly free: KeptConnection[],
  ) {}

  async run(): Promise<OpenResult> {
    const { seconds } = this.load;
    const endsAt = seconds * 1000;
    this.began = performance.now();
    this.draw();
    while (this.due < endsAt) {
      this.sendDue();
      await pause(TICK_MS);
    }
    const until = performance.now() + ANSWERED_WITHIN_MS;
    while (this.latencies.length + this.refused < this.sent && performance.now() < until) await pause(TICK_MS);
    return this.result();
  }

  private draw(): void {
    this.due += (-Math.log(1 - this.dice.roll()) * 1000) / this.load.perSecond;
  }

  private sendDue(): void {
    const { requests, seconds } = this.load;
    for (; this.due < seconds * 1000; this.draw()) {
      const now = performance.now() - this.began;
      const connection = now < this.due ? undefined : this.free.pop();
      if (connection === undefined) return;
      this.lateness.push(now - this.due);
      void this.ask(connection, requests[this.sent % requests.length] as Buffer, this.due);
      this.sent += 1;
    }
  }

  private async ask(connection: KeptConnection, request: Buffer, due: number): Promise<void> {
    if (await connection.ask(request).catch(() => false)) this.latencies.push(performance.now() - this.began - due);
    else this.refused += 1;
    this.free.push(connection);
    // Not only at the next tick: what is due by now need not wait for it.
    this.sendDue();
  }

  private result(): OpenResult {
    const { latencies, lateness, sent } = this;
    if (latencies.length !== sent) {
      const unanswered = sent - latencies.length - this.refused;
      throw new BenchmarkFailed(
        `${this.load.name}: ${this.refused} answers were not 2xx or broke off, ${unanswered} did not come`,
      );
    }
    const of = percentileOf(latencies);
    return {
      requests: sent,
      perSecond: sent / this.load.seconds,
      p50Ms: of(0.5),
      p99Ms: of(0.99),
      p999Ms: of(0.999),
      maxMs: of(1),
      lateP99Ms: percentileOf(lateness)(0.99),
    };
  }
}
