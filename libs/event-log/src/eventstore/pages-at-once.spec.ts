import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { openOnDouble } from '../testing/eventstore-double/double-log.js';
import type { EventStoreDouble } from '../testing/eventstore-double/eventstore-double.js';
import { appendOf, type LogUnderTest, newStream } from '../testing/log-under-test.js';
import { START } from '../position.js';

const PAGE = 1_000;
const READERS = 24;

describe('Many reads at once on a double of the server', () => {
  let opened: LogUnderTest & { readonly double: EventStoreDouble };
  beforeEach(async () => {
    opened = await openOnDouble()(new ManualClock());
  });
  afterEach(() => opened.close());

  it('are pages of which what checks wait for overtakes most', async () => {
    const { log, double } = opened;
    const stream = newStream('account');
    for (let events = 0; events < PAGE; events += 100) {
      await log.append({ streams: [appendOf(stream, events === 0 ? 'noStream' : BigInt(events - 1), 100)] });
    }
    await log.securityHead();
    const before = double.eventsSent;
    const readings = Array.from({ length: READERS }, (_, reader) =>
      reader % 2 === 0 ? log.readStream(stream, { limit: PAGE }) : log.readAll({ after: START, limit: PAGE }),
    );
    await log.securityHead();
    expect(double.eventsSent - before).toBeLessThan((READERS * PAGE) / 2);
    await Promise.all(readings);
    expect(double.eventsSent - before).toBeGreaterThan(READERS * PAGE * 0.9);
  });
});
