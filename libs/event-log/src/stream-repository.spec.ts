import { beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandContext, type Fact, isRefusal, refuse } from '#libs/contracts';
import { SeededIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import type { Decider } from './append-chain.js';
import { type AppendRequest, LogUnavailable } from './event-log.js';
import { MemoryEventLog } from './memory/memory-event-log.js';
import { StreamRepository } from './stream-repository.js';

/** The ips that were seen, in order. */
const seen: Decider<readonly string[]> = {
  initial: () => [],
  evolve: (ips, { data }) => [...ips, (data as { ip: string }).ip],
};
const count: Decider<number> = { initial: () => 0, evolve: (events) => events + 1 };

const fact = (ip: string): Fact => ({
  type: 'TokenSeen',
  data: { tokenUid: 'tok_1', tokenPrefix: 'tlp_1', owner: { type: 'user', uid: 'usr_1' }, ip, userAgent: null },
});

function contextOf(seed: string, keyHash?: string): CommandContext {
  return {
    actor: { type: 'system', uid: 'spec' },
    requestId: `req_${seed}`,
    correlationId: 'cor_1',
    at: 1_000,
    ids: new SeededIds(seed, 1_000),
    ...(keyHash === undefined ? {} : { idempotency: { keyHash, fingerprint: 'f' } }),
  };
}

/** Counts what the log is asked for, and lets somebody else in before an append. */
class WatchedLog extends MemoryEventLog {
  readonly reads: string[] = [];
  readonly requests: AppendRequest[] = [];
  beforeAppend: () => Promise<void> = async () => undefined;
  isAway = false;

  override async readStream(stream: string, options: { from?: bigint } = {}) {
    if (this.isAway) throw new LogUnavailable('away');
    this.reads.push(`${stream}@${options.from ?? 0n}`);
    return super.readStream(stream, options);
  }

  override async append(request: AppendRequest) {
    if (this.isAway) throw new LogUnavailable('away');
    this.requests.push(request);
    await this.beforeAppend();
    return super.append(request);
  }
}

describe('StreamRepository', () => {
  let log: WatchedLog;
  let streams: StreamRepository;
  beforeEach(() => {
    log = new WatchedLog(new ManualClock());
    streams = new StreamRepository(log);
  });

  async function appendByOther(stream: string, ip: string): Promise<void> {
    const other = new StreamRepository(log.reopen());
    await other.execute({ stream, decider: seen, context: contextOf(`other ${ip}`), decide: () => [fact(ip)] });
  }

  const add = (stream: string, ip: string, context = contextOf(ip)) =>
    streams.execute({ stream, decider: seen, context, decide: () => [fact(ip)] });

  describe('load', () => {
    it('gives the initial state and revision -1 for a stream that holds nothing', async () => {
      expect(await streams.load('token-1', seen)).toEqual({ state: [], revision: -1n });
    });

    it('reads only the tail after what it knows, and sees what others appended meanwhile', async () => {
      await appendByOther('token-1', 'a');
      await appendByOther('token-1', 'b');
      expect(await streams.load('token-1', seen)).toEqual({ state: ['a', 'b'], revision: 1n });
      await appendByOther('token-1', 'c');
      log.reads.length = 0;
      expect(await streams.load('token-1', seen)).toEqual({ state: ['a', 'b', 'c'], revision: 2n });
      expect(log.reads).toEqual(['token-1@2']);
    });

    it('keeps the states of different deciders apart', async () => {
      await appendByOther('token-1', 'a');
      expect((await streams.load('token-1', seen)).state).toEqual(['a']);
      expect((await streams.load('token-1', count)).state).toBe(1);
      expect((await streams.load('token-1', seen)).state).toEqual(['a']);
    });

    it('forgets the stream that was used least recently, and only what it knew', async () => {
      streams = new StreamRepository(log, { maxCached: 2 });
      for (const stream of ['token-1', 'token-2', 'token-3']) await appendByOther(stream, stream);
      for (const stream of ['token-1', 'token-2', 'token-1', 'token-3']) await streams.load(stream, seen);
      log.reads.length = 0;
      for (const stream of ['token-1', 'token-3', 'token-2']) {
        expect((await streams.load(stream, seen)).state).toEqual([stream]);
      }
      expect(log.reads).toEqual(['token-1@1', 'token-3@1', 'token-2@0']);
    });

    it('keeps the younger of two states that were loaded at the same time', async () => {
      await appendByOther('token-1', 'a');
      const [early] = await Promise.all([streams.load('token-1', seen), streams.load('token-1', seen)]);
      await appendByOther('token-1', 'b');
      await streams.load('token-1', seen);
      expect(early.state).toEqual(['a']);
      expect((await streams.load('token-1', seen)).state).toEqual(['a', 'b']);
    });
  });

  describe('execute', () => {
    it('appends what was decided, under the revision that the decision saw', async () => {
      const first = await add('token-1', 'a');
      const second = await add('token-1', 'b');
      expect(log.requests.map(({ streams: [append] }) => append?.expected)).toEqual(['noStream', 0n]);
      expect(first).toMatchObject({ state: ['a'], appended: { revisions: [0n] } });
      expect(second).toMatchObject({ state: ['a', 'b'], appended: { revisions: [1n] } });
      const [event] = await log.readStream('token-1');
      expect(event).toMatchObject({ metadata: { requestId: 'req_a', actorUid: 'spec', schemaVersion: '1' } });
    });

    it('appends nothing when nothing was decided', async () => {
      await add('token-1', 'a');
      const command = { stream: 'token-1', decider: seen, context: contextOf('x'), decide: () => [] };
      expect(await streams.execute(command)).toEqual({ state: ['a'], appended: null });
      expect(log.requests).toHaveLength(1);
    });

    it('passes a refusal on', async () => {
      const decide = () => {
        throw refuse('token_not_active');
      };
      const refused = streams.execute({ stream: 'token-1', decider: seen, context: contextOf('x'), decide });
      await expect(refused).rejects.toMatchObject({ code: 'token_not_active' });
    });

    it('loads and decides again when another writer was faster, with the same ids', async () => {
      const drawn: string[] = [];
      let others = 0;
      log.beforeAppend = async () => {
        others += 1;
        if (others <= 3) await appendByOther('token-1', `other ${others}`);
      };
      const { state } = await streams.execute({
        stream: 'token-1',
        decider: seen,
        context: contextOf('mine'),
        decide: (ips, ids) => {
          drawn.push(ids.uid('tok'));
          return [fact(`after ${ips.length}`)];
        },
      });
      expect(state).toEqual(['other 1', 'other 2', 'other 3', 'after 3']);
      expect(drawn).toHaveLength(4);
      expect(new Set(drawn).size).toBe(1);
      expect(new Set(log.requests.map(({ streams: [append] }) => append?.events[0]?.id)).size).toBe(1);
    });

    it('gives up with the time to wait when others were faster for as long as it may take', async () => {
      let others = 0;
      log.beforeAppend = () => appendByOther('token-1', `other ${(others += 1)}`);
      const impatient = new StreamRepository(log, { retryForMs: 100 });
      const command = { stream: 'token-1', decider: seen, context: contextOf('mine'), decide: () => [fact('mine')] };
      await expect(impatient.execute(command)).rejects.toMatchObject({
        code: 'not_ready',
        options: { headers: { 'retry-after': '1' } },
      });
      expect(log.requests.length).toBeGreaterThan(2);
      // Pauses grow: the store is not flooded meanwhile.
      expect(log.requests.length).toBeLessThan(50);
    });

    it('carries out every one of many commands that write to one stream at once, in two processes', async () => {
      const other = new StreamRepository(log);
      const context = (index: number) => contextOf(`writer ${index}`);
      const writers = Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? streams : other).execute({
          stream: 'token-1',
          decider: seen,
          context: context(index),
          decide: () => [fact(`writer ${index}`)],
        }),
      );
      await Promise.all(writers);
      const { state } = await streams.load('token-1', seen);
      expect([...state].sort()).toEqual(writers.map((_, index) => `writer ${index}`).sort());
    });

    it('answers not_ready with the time to wait when the log is away', async () => {
      log.isAway = true;
      const notReady = { code: 'not_ready', options: { headers: { 'retry-after': '1' } } };
      await expect(streams.load('token-1', seen)).rejects.toMatchObject(notReady);
      await expect(add('token-1', 'a')).rejects.toMatchObject(notReady);
      log.isAway = false;
      log.beforeAppend = () => Promise.reject(new LogUnavailable('away'));
      const refused = await add('token-1', 'a').catch((error: unknown) => error);
      expect(isRefusal(refused, 'not_ready')).toBe(true);
    });
  });

  describe('executeAcross', () => {
    it('stores the facts of all streams in one request, each under the revision it was loaded at', async () => {
      await add('owner-1', 'a');
      const { result, appended } = await streams.executeAcross(contextOf('x'), async (attempt) => {
        const owner = await attempt.load('owner-1', seen);
        attempt.append('owner-1', [fact('slot')]);
        attempt.append('token-1', [fact('created')]);
        attempt.append('owner-1', [fact('another')]);
        attempt.append('token-2', []);
        return owner;
      });
      expect(result).toEqual(['a']);
      expect(appended?.revisions).toEqual([2n, 0n]);
      const request = log.requests.at(-1)!;
      expect(request.streams.map(({ stream, expected }) => [stream, expected])).toEqual([
        ['owner-1', 0n],
        ['token-1', 'noStream'],
      ]);
      expect(new Set(request.streams.flatMap(({ events }) => events.map(({ id }) => id))).size).toBe(3);
    });

    it('stores nothing of a command that lost a race, and all of it in the end', async () => {
      let others = 0;
      log.beforeAppend = async () => {
        others += 1;
        if (others === 1) await appendByOther('owner-1', 'other');
      };
      await streams.executeAcross(contextOf('x'), async (attempt) => {
        const owner = await attempt.load('owner-1', seen);
        attempt.append('owner-1', [fact('slot')]);
        attempt.append('token-1', [fact(`with ${owner.length} before`)]);
      });
      expect((await streams.load('owner-1', seen)).state).toEqual(['other', 'slot']);
      expect((await streams.load('token-1', seen)).state).toEqual(['with 1 before']);
    });

    it('notices what came between two looks at one stream', async () => {
      await add('owner-1', 'a');
      let tries = 0;
      await streams.executeAcross(contextOf('x'), async (attempt) => {
        tries += 1;
        await attempt.load('owner-1', seen);
        if (tries === 1) await appendByOther('owner-1', 'between');
        const looked = await attempt.load('owner-1', count);
        attempt.append('owner-1', [fact(`${looked}`)]);
      });
      expect(tries).toBe(2);
      expect((await streams.load('owner-1', seen)).state).toEqual(['a', 'between', '2']);
    });
  });

  describe('a command that is sent again under its idempotency key', () => {
    const createUnlessTaken = (context: CommandContext) =>
      streams.executeAcross(context, async (attempt) => {
        const owner = await attempt.load('owner-1', seen);
        if (owner.includes('handle')) throw refuse('handle_taken');
        const uid = attempt.ids.uid('tok');
        attempt.append('owner-1', [fact('handle'), fact('slot')]);
        attempt.append(`token-${uid}`, [fact('created')]);
        return uid;
      });

    it('decides on the state of the first time, makes the same append, and has the same result', async () => {
      await add('owner-1', 'before');
      const first = await createUnlessTaken(contextOf('seed', 'key'));
      await add('owner-1', 'after');
      streams = new StreamRepository(log);
      const again = await createUnlessTaken(contextOf('seed', 'key'));
      expect(again).toEqual({ ...first, appended: { ...first.appended, duplicate: true } });
      expect((await streams.load('owner-1', seen)).state).toEqual(['before', 'handle', 'slot', 'after']);
    });

    it('is another command under another key', async () => {
      await createUnlessTaken(contextOf('seed', 'key'));
      await expect(createUnlessTaken(contextOf('other', 'other key'))).rejects.toMatchObject({ code: 'handle_taken' });
    });

    it('sees the log as it is when the first one was never stored', async () => {
      log.isAway = true;
      await expect(createUnlessTaken(contextOf('seed', 'key'))).rejects.toMatchObject({ code: 'not_ready' });
      log.isAway = false;
      await add('owner-1', 'before');
      const { appended } = await createUnlessTaken(contextOf('seed', 'key'));
      expect(appended?.duplicate).toBe(false);
    });
  });
});
