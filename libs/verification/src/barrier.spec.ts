import { describe, expect, it } from '@jest/globals';
import type { EventLog, Position, ReadAllOptions, RecordedEvent } from '#libs/event-log';
import { Barrier } from './barrier.js';

/** A log whose security head is answered when the test says so, and as it stood when it was asked for. */
class SteppedLog {
  readonly events: RecordedEvent[] = [];
  readonly pending: { release(): void; fail(error: Error): void }[] = [];

  record(position: bigint): void {
    this.events.push({ position: position as Position } as RecordedEvent);
  }

  securityHead(): Promise<Position> {
    const head = (this.events.at(-1)?.position ?? 0n) as Position;
    return new Promise((resolve, reject) => {
      this.pending.push({ release: () => resolve(head), fail: reject });
    });
  }

  readAll({ after, limit }: ReadAllOptions) {
    const events = this.events.filter((event) => event.position > after).slice(0, limit);
    return Promise.resolve({ events, next: events.at(-1)?.position ?? after });
  }
}

function open(timeoutMs?: number, checksMax?: number) {
  const log = new SteppedLog();
  const applied: bigint[] = [];
  const barrier = new Barrier({
    log: log as unknown as EventLog,
    apply: (event) => applied.push(event.position),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(checksMax === undefined ? {} : { checksMax }),
  });
  return { log, applied, barrier };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Barrier', () => {
  it('confirms only after a read that started after the check arrived: one that is under way does not count', async () => {
    const { log, applied, barrier } = open();
    const early = barrier.confirm();
    log.record(1n);
    let confirmed = false;
    const late = barrier.confirm().then(() => (confirmed = true));
    log.pending[0]?.release();
    await early;
    await turn();
    expect(confirmed).toBe(false);
    log.pending[1]?.release();
    await late;
    expect(applied).toEqual([1n]);
  });

  it('shares the next read among all checks that arrive while one is under way', async () => {
    const { log, barrier } = open();
    const first = barrier.confirm();
    const others = Array.from({ length: 100 }, () => barrier.confirm());
    log.pending[0]?.release();
    await first;
    await turn();
    log.pending[1]?.release();
    await Promise.all(others);
    expect(log.pending).toHaveLength(2);
  });

  it('folds each event once and in order, over any number of reads', async () => {
    const { log, applied, barrier } = open();
    for (let position = 1n; position <= 5_000n; position += 1n) log.record(position);
    const confirmed = barrier.confirm();
    log.pending[0]?.release();
    await confirmed;
    expect(applied).toEqual(log.events.map((event) => event.position));
  });

  it('fails closed when the log does not answer, and recovers with the next check', async () => {
    const { log, barrier } = open();
    const refused = barrier.confirm();
    log.pending[0]?.fail(new Error('connection lost'));
    await expect(refused).rejects.toMatchObject({ code: 'verification_unavailable' });
    const confirmed = barrier.confirm();
    log.pending[1]?.release();
    await confirmed;
  });

  it('fails closed when the log hangs longer than the bound', async () => {
    const { barrier } = open(20);
    await expect(barrier.confirm()).rejects.toMatchObject({
      code: 'verification_unavailable',
      options: { headers: { 'retry-after': '1' } },
    });
  });

  it('takes so many checks while a read hangs and no more, and takes them again afterwards', async () => {
    const { log, barrier } = open(undefined, 100);
    const first = barrier.confirm();
    const waiting = Array.from({ length: 100 }, () => barrier.confirm());
    for (let tries = 0; tries < 50; tries += 1) {
      await expect(barrier.confirm()).rejects.toMatchObject({
        code: 'verification_unavailable',
        options: { headers: { 'retry-after': '1' } },
      });
    }
    log.pending[0]?.release();
    await first;
    await turn();
    log.pending[1]?.release();
    await Promise.all(waiting);
    const again = barrier.confirm();
    log.pending[2]?.release();
    await again;
  });
});
