import { describe, expect, it } from '@jest/globals';
import type { Entry } from '../history.js';
import { checkRun } from './check-run.js';
import { type SampleRun, sampleRun } from './sample-run.js';

/** What the checker finds in the sample run after `spoil` has changed it. */
async function found(spoil: (run: SampleRun) => void): Promise<string[]> {
  const run = sampleRun();
  spoil(run);
  const { violations } = await checkRun(run);
  return [...new Set(violations.map(({ kind }) => kind))].sort();
}

const typed = (run: SampleRun, type: string) => run.events.filter((event) => event.type === type);

/** Changes the data of the nth event of a type; the rest of it stays. */
function change(run: SampleRun, type: string, data: object, nth = 0): void {
  const event = typed(run, type)[nth]!;
  Object.assign(event.data, data);
}

/** Takes an event out as if it had never been: what comes later moves up. */
function forget(run: SampleRun, type: string, nth = 0): void {
  const gone = typed(run, type)[nth]!;
  run.events = run.events
    .filter((event) => event !== gone)
    .map((event) => ({
      ...event,
      position: event.position > gone.position ? event.position - 1n : event.position,
      revision: event.stream === gone.stream && event.revision > gone.revision ? event.revision - 1n : event.revision,
    }));
  run.views.audit.entries = run.views.audit.entries
    .filter(({ position }) => position !== gone.position)
    .map(({ position, action }) => ({ position: position > gone.position ? position - 1n : position, action }));
}

function entry(run: SampleRun, request: string, outcome: Entry['outcome']): Entry {
  return run.history.find((one) => one.request === request && one.outcome === outcome)!;
}

describe('the checker', () => {
  it('finds nothing in a run in which nothing is wrong, and counts what it saw', async () => {
    expect(await checkRun(sampleRun())).toEqual({
      violations: [],
      events: 12,
      attempts: 10,
      acknowledged: 7,
      unknown: 2,
      revocations: 1,
      latestAcceptanceMs: 0,
      bookings: 4,
    });
  });

  it('finds a use that was acknowledged and is gone', async () => {
    expect(await found((run) => forget(run, 'TokenUsed', 1))).toEqual(['lost acknowledgement']);
  });

  it('finds an acknowledged token, grant, charge, reversal and revocation that is not there', async () => {
    for (const [request, answered] of [
      ['c1', { token: 'tok_9' }],
      ['g1', { grant: 'grt_9' }],
      ['d1', { charge: 'chg_9' }],
      ['r1', { charge: 'chg_3', chargeNumber: '9' }],
      ['v1', { token: 'tok_9' }],
    ] as const) {
      const kinds = await found((run) => Object.assign(entry(run, request, 'acknowledged'), { answered }));
      expect({ request, kinds }).toEqual({ request, kinds: ['lost acknowledgement'] });
    }
  });

  it('finds a request that was charged twice', async () => {
    const kinds = await found((run) => {
      change(run, 'OrgCharged', { operation: 'u1' }, 2);
      change(run, 'TokenUsed', { operation: 'u1' }, 2);
    });
    expect(kinds).toEqual(['recorded twice']);
  });

  it('finds a use that two charges name', async () => {
    expect(await found((run) => change(run, 'OrgCharged', { useId: 'use_1' }, 2))).toContain('charged twice');
  });

  it('finds a refused use that was recorded all the same', async () => {
    const kinds = await found((run) => {
      const lost = entry(run, 'u3', 'unknown');
      Object.assign(lost, { outcome: 'refused', status: 402, code: 'insufficient_credits' });
    });
    expect(kinds).toEqual(['refused and recorded']);
  });

  it('finds two different answers to one request', async () => {
    const kinds = await found((run) => {
      const first = entry(run, 'd1', 'unknown');
      Object.assign(first, { outcome: 'acknowledged', status: 201, answered: { charge: 'chg_9' } });
    });
    expect(kinds).toEqual(['two answers']);
  });

  it('finds a token that a check accepted which began after its revocation was acknowledged', async () => {
    const late = (run: SampleRun, startedAt: number) => {
      const lost = entry(run, 'u3', 'unknown');
      const answered = { useId: 'use_3', charge: 'chg_4' };
      Object.assign(lost, { outcome: 'acknowledged', status: 200, answered, startedAt, endedAt: 100 });
    };
    expect(await found((run) => late(run, 85.001))).toEqual(['late acceptance']);
    // It began before the acknowledgement had arrived: it may be answered either way.
    expect(await found((run) => late(run, 84.999))).toEqual([]);
    // Where the store may change its leader, a bound is stated, and held.
    const spoiled = sampleRun();
    late(spoiled, 95.001);
    const kinds = async (lateByMs: number) =>
      (await checkRun({ ...spoiled, lateByMs })).violations.map(({ kind }) => kind);
    expect(await kinds(10)).toEqual(['late acceptance']);
    expect(await kinds(11)).toEqual([]);
    expect((await checkRun(spoiled)).latestAcceptanceMs).toBeCloseTo(10.001);
  });

  it('finds a token that a check did not know which began after its creation was acknowledged', async () => {
    const kinds = await found((run) => Object.assign(entry(run, 'u4', 'refused'), { code: 'unknown_token' }));
    expect(kinds).toEqual(['unknown after creation']);
  });

  it('finds a gap in a stream, a gap in the log, and an event that is stored twice', async () => {
    expect(await found((run) => Object.assign(typed(run, 'TokenRevoked')[0]!, { revision: 2n }))).toEqual([
      'gap in a stream',
    ]);
    const gap = await found((run) => {
      Object.assign(run.events.at(-1)!, { position: 13n });
      Object.assign(run.views.audit.entries.at(-1)!, { position: 13n });
      Object.assign(run.views.audit, { upTo: 13n });
    });
    expect(gap).toEqual(['gap in the log']);
    expect(await found((run) => Object.assign(run.events[3]!, { id: 'id-2' }))).toEqual(['event stored twice']);
  });

  it('finds a gap in the charge numbers', async () => {
    const kinds = await found((run) => {
      change(run, 'OrgCharged', { chargeNumber: '5' }, 2);
      Object.assign(run.views.feeds.get('org_1')!.at(-1)!, { sequence: '5' });
    });
    expect(kinds).toEqual(['gap in the charge numbers']);
  });

  it('finds a balance that is not the sum of what moved it, in an event and in an answer', async () => {
    expect(await found((run) => change(run, 'OrgCharged', { balanceAfter: '5' }, 2))).toEqual(['wrong balance']);
    expect(await found((run) => Object.assign(run.views.balances[1]!, { balance: '7' }))).toEqual(['wrong balance']);
  });

  it('finds a balance below its limit', async () => {
    const kinds = await found((run) => change(run, 'AccountOpened', { limit: '-7' }));
    expect(kinds).toEqual(['balance below its limit']);
  });

  it('finds a charge whose use is missing, and a use whose charge is missing', async () => {
    expect(await found((run) => forget(run, 'TokenUsed', 2))).toEqual(['charge without use']);
    expect(await found((run) => change(run, 'TokenUsed', { chargeUid: 'chg_9' }, 2))).toEqual([
      'charge without use',
      'use without charge',
    ]);
    expect(await found((run) => change(run, 'TokenUsed', { cost: '2' }, 2))).toEqual(['charge without use']);
  });

  it('finds an item that a feed lacks, has too much, or shows differently', async () => {
    const feedOf = (run: SampleRun) => run.views.feeds.get('org_1')!;
    const kind = ['feed differs from the log'];
    expect(await found((run) => feedOf(run).splice(1, 1))).toEqual(kind);
    expect(await found((run) => feedOf(run).push({ id: 'chg_5', sequence: '5', amount: '1' }))).toEqual(kind);
    expect(await found((run) => Object.assign(feedOf(run)[0]!, { amount: '4' }))).toEqual(kind);
  });

  it('finds an entry that the audit log lacks, has twice, or shows as something else', async () => {
    const { entries } = sampleRun().views.audit;
    const kind = ['audit log differs from the log'];
    expect(await found((run) => run.views.audit.entries.pop())).toEqual(kind);
    expect(await found((run) => run.views.audit.entries.push({ ...entries[0]! }))).toEqual(kind);
    expect(await found((run) => Object.assign(run.views.audit.entries[0]!, { action: 'TokenUsed' }))).toEqual(kind);
  });

  it('finds a read model that is another one when it is filled anew, or that is not there', async () => {
    const rebuilt = (run: SampleRun) => run.views.digests.rebuilt;
    const kind = ['read model differs from the log'];
    expect(await found((run) => Object.assign(rebuilt(run)[0]!, { digest: 'd2' }))).toEqual(kind);
    expect(await found((run) => rebuilt(run).pop())).toEqual(kind);
  });

  it('finds a token that two runs of a job have ended', async () => {
    const kinds = await found((run) => {
      const last = run.events.at(-1)!;
      const data = { tokenUid: 'tok_2' };
      for (const step of [1n, 2n]) {
        const [position, revision] = [last.position + step, step - 1n];
        run.events.push({ id: `id-x${step}`, type: 'TokenExpired', stream: 'token-tok_2', revision, position, data });
      }
    });
    expect(kinds).toEqual(['fact recorded twice']);
  });

  it('keeps the first details of what happened very often, and counts the rest', async () => {
    const run = sampleRun();
    const many = { ...run.views.balances[0]!, balance: '0' };
    run.views.balances = Array.from({ length: 1_000 }, () => many);
    const { violations } = await checkRun(run);
    expect(violations).toHaveLength(21);
    expect(violations.at(-1)).toEqual({ kind: 'wrong balance', detail: 'and 980 more' });
  });
});
