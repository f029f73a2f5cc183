import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { ManualClock } from '#libs/kernel/testing';
import type { EventLog } from '../event-log.js';
import { openOnDouble } from '../testing/eventstore-double/double-log.js';
import type { EventStoreDouble } from '../testing/eventstore-double/eventstore-double.js';
import { appendOf, idsOf, type LogUnderTest, newStream } from '../testing/log-under-test.js';

describe('Reads of security events on a double of the server', () => {
  let opened: LogUnderTest & { readonly double: EventStoreDouble };
  let log: EventLog;
  beforeEach(async () => {
    opened = await openOnDouble({ leaseMs: 20 })(new ManualClock());
    log = opened.log;
  });
  afterEach(() => opened.close());

  /** A use that rests on the security events up to their head. */
  const use = async () =>
    log.append({
      streams: [appendOf(newStream('account'), 'noStream'), appendOf(newStream('usage'), 'next')],
      securityAt: await log.securityHead(),
    });

  it('do not look through the uses since the last one, and miss none', async () => {
    await log.append({ streams: [appendOf(newStream(), 'noStream')] });
    const folded = await log.securityHead();
    let passed = folded;
    // Until a stretch of uses has been there for a lease, and the security stream was read after that.
    for (let uses = 0; opened.double.searchedFrom <= folded; uses += 1) {
      expect(uses).toBeLessThan(500);
      passed = (await use()).position;
      await pause(1);
      const { events } = await log.readAll({ after: folded, limit: 10, categories: ['security'] });
      expect(events).toEqual([]);
    }
    expect(opened.double.searchedFrom > folded && opened.double.searchedFrom <= passed).toBe(true);
    const other = await opened.reopen();
    const revoked = appendOf(newStream(), 'noStream');
    await other.append({ streams: [revoked] });
    expect(await log.securityHead()).toBeGreaterThan(passed);
    const { events } = await log.readAll({ after: folded, limit: 10, categories: ['security'] });
    expect(idsOf(events)).toEqual(idsOf(revoked.events));
    await other.close();
  });
});
