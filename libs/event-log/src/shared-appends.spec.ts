import { beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandContext, type Fact, refuse } from '#libs/contracts';
import { RandomIds, SeededIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import type { Decider } from './append-chain.js';
import { type AppendRequest, LogUnavailable } from './event-log.js';
import { MemoryEventLog } from './memory/memory-event-log.js';
import { StreamRepository } from './stream-repository.js';

const seen: Decider<readonly string[]> = {
  initial: () => [],
  evolve: (ips, { data }) => [...ips, (data as { ip: string }).ip],
};

const fact = (ip: string): Fact => ({
  type: 'TokenSeen',
  data: { tokenUid: 'tok_1', tokenPrefix: 'tlp_1', owner: { type: 'user', uid: 'usr_1' }, ip, userAgent: null },
});

const ids = new RandomIds(() => 0);

function contextOf(seed: string, keyHash?: string): CommandContext {
  const common = { actor: { type: 'system', uid: 'spec' }, correlationId: 'cor_1', at: 1_000 } as const;
  const context = { ...common, requestId: `req_${seed}`, ids: new SeededIds(seed, 1_000) };
  return keyHash === undefined ? context : { ...context, idempotency: { keyHash, fingerprint: 'f' } };
}

/** Holds requests back until it is told what becomes of them. */
class HeldLog extends MemoryEventLog {
  readonly requests: AppendRequest[] = [];
  private gate: Promise<void> | null = null;

  /** From now on requests wait; what is returned lets all of them go, or fail. */
  hold(): (error?: Error) => void {
    let open: (error?: Error) => void = () => undefined;
    this.gate = new Promise((resolve, reject) => {
      open = (error) => {
        this.gate = null;
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    return open;
  }

  override async append(request: AppendRequest) {
    this.requests.push(request);
    await this.gate;
    return super.append(request);
  }
}

describe('commands of one process on one stream', () => {
  let log: HeldLog;
  let streams: StreamRepository;
  beforeEach(() => {
    log = new HeldLog(new ManualClock());
    streams = new StreamRepository(log);
  });

  /** Adds how many stood before it, so that a decision on anything else than what is stored shows. */
  const count = (repository = streams) =>
    repository.execute({
      stream: 'owner-1',
      decider: seen,
      context: contextOf(ids.uuid()),
      decide: (ips) => [fact(`${ips.length}`)],
    });
  const stateOf = async (stream: string) => (await new StreamRepository(log.reopen()).load(stream, seen)).state;
  const numbers = (length: number) => Array.from({ length }, (_, index) => `${index}`);
  /** Until what was begun has come to its append, or waits for that of another. */
  const begun = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it('share appends while one is under way, each decided on what those before it add', async () => {
    const open = log.hold();
    const commands = numbers(50).map(() => count());
    await begun();
    open();
    await Promise.all(commands);
    expect(log.requests).toHaveLength(2);
    expect(await stateOf('owner-1')).toEqual(numbers(50));
  });

  it('have the revisions of their own events as their answer', async () => {
    const open = log.hold();
    const results = numbers(3).map((name) =>
      streams.executeAcross(contextOf(name), async (attempt) => {
        await attempt.load('owner-1', seen);
        attempt.append(`token-${name}`, [fact('made')]);
        attempt.append('owner-1', [fact(name), fact(name)]);
      }),
    );
    await begun();
    open();
    const revisions = (await Promise.all(results)).map(({ appended }) => appended?.revisions);
    expect(revisions).toEqual([
      [0n, 1n],
      [0n, 3n],
      [0n, 5n],
    ]);
  });

  it('are decided again when what they were decided on is not stored, and never stand on what another process wrote', async () => {
    const other = new StreamRepository(log.reopen());
    const open = log.hold();
    const mine = numbers(4).map(() => count());
    await begun();
    // At the very revision that the first of mine was meant for.
    await count(other);
    open();
    await Promise.all(mine);
    expect(await stateOf('owner-1')).toEqual(numbers(5));
  });

  it('are given up with the append that they rest on, when nobody knows what became of it', async () => {
    const open = log.hold();
    const commands = numbers(3).map(() => count());
    await begun();
    open(new LogUnavailable('away'));
    for (const command of commands) await expect(command).rejects.toMatchObject({ code: 'not_ready' });
    expect(await stateOf('owner-1')).toEqual([]);
    await count();
    expect(await stateOf('owner-1')).toEqual(['0']);
  });

  const takeOnce = (name: string, context = contextOf(name)) =>
    streams.execute({
      stream: 'owner-1',
      decider: seen,
      context,
      decide: (ips) => {
        if (ips.includes('handle')) throw refuse('handle_taken');
        return [fact('handle')];
      },
    });

  it('refuse nothing because of what is not stored in the end', async () => {
    const open = log.hold();
    const first = takeOnce('first');
    await begun();
    const second = takeOnce('second');
    await begun();
    await count(new StreamRepository(log.reopen()));
    open();
    // Both lost the race; one of them takes the handle, and the other one is refused for it.
    const outcomes = await Promise.allSettled([first, second]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await stateOf('owner-1')).toEqual(['0', 'handle']);
  });

  it('answer that nothing had to change only when what they saw is stored', async () => {
    const end = (name: string) =>
      streams.execute({
        stream: 'token-1',
        decider: seen,
        context: contextOf(name),
        decide: (ips) => (ips.length > 0 ? [] : [fact('revoked')]),
      });
    const open = log.hold();
    const first = end('first');
    await begun();
    let isAnswered = false;
    const second = end('second').then((executed) => {
      isAnswered = true;
      return executed;
    });
    await begun();
    expect(isAnswered).toBe(false);
    open();
    expect((await first).appended).not.toBeNull();
    expect(await second).toEqual({ state: ['revoked'], appended: null });
  });

  it('write nothing elsewhere on the strength of what is not stored', async () => {
    const open = log.hold();
    const first = count();
    await begun();
    const second = streams.executeAcross(contextOf('second'), async (attempt) => {
      const owner = await attempt.load('owner-1', seen);
      attempt.append('token-1', [fact(`with ${owner.length}`)]);
    });
    await begun();
    expect(log.requests).toHaveLength(1);
    open();
    await Promise.all([first, second]);
    expect(await stateOf('token-1')).toEqual(['with 1']);
  });

  it('are one command under one idempotency key, also at the same time', async () => {
    const open = log.hold();
    const [one, same] = [takeOnce('seed', contextOf('seed', 'key')), takeOnce('seed', contextOf('seed', 'key'))];
    await begun();
    const between = count();
    await begun();
    open();
    const answers = (await Promise.all([one, same])).map(({ appended }) => appended?.duplicate);
    expect(answers.sort()).toEqual([false, true]);
    await between;
    expect(await stateOf('owner-1')).toEqual(['handle', '1']);
  });
});
