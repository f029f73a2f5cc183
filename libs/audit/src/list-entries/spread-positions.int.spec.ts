import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '../domain/index.js';
import { AuditWorld } from '../testing/audit-world.js';
import { SpreadLog } from '../testing/spread-log.js';
import type { EntryConditions } from './entry-conditions.js';

const USES = 3_000;
const RARE = 97;
const PAGE = 1_000;

describe('the audit log over a log whose positions count bytes', () => {
  let world: AuditWorld;
  let log: SpreadLog;
  beforeAll(async () => {
    world = await AuditWorld.open((clock) => {
      log = new SpreadLog(clock);
      return log;
    });
    const uses = Array.from({ length: USES }, (_, index) =>
      world.event('TokenUsed', { tokenUid: index % RARE === 0 ? 'tok_rare' : 'tok_often', operation: `${index}` }),
    );
    await world.append('usage-a-1', ...uses);
    await world.engine.catchUp();
  }, 120_000);
  afterAll(() => world.close(), 60_000);

  async function all(conditions: EntryConditions): Promise<{ entries: AuditEntry[]; pages: number; reads: number }> {
    const entries: AuditEntry[] = [];
    const before = log.reads;
    let pages = 0;
    let after: string | null = null;
    do {
      const page = await world.reader().read({ kind: 'all' }, conditions, { after, limit: PAGE });
      entries.push(...page.entries);
      pages += 1;
      after = page.next;
    } while (after !== null);
    return { entries, pages, reads: log.reads - before };
  }
  const positions = ({ entries }: { entries: AuditEntry[] }) => entries.map(({ position }) => BigInt(position));

  it.each(['asc', 'desc'] as const)('has full pages, read by a handful of calls each: %s', async (order) => {
    const found = await all({ order });
    expect(found.entries).toHaveLength(USES);
    expect(new Set(positions(found)).size).toBe(USES);
    const sorted = [...positions(found)].sort((a, b) => (a < b === (order === 'asc') ? -1 : 1));
    expect(positions(found)).toEqual(sorted);
    expect(found.pages).toBeLessThanOrEqual(USES / PAGE + 1);
    expect(found.reads).toBeLessThan(found.pages * 12);
  });

  it('finds every use of a token that is seldom used, and none of another', async () => {
    const found = await all({ order: 'asc', token: 'tok_rare' });
    expect(found.entries).toHaveLength(Math.ceil(USES / RARE));
    expect(new Set(found.entries.map(({ target }) => target?.uid))).toEqual(new Set(['tok_rare']));
  });
});
