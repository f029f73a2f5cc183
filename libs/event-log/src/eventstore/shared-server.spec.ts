import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { START } from '../position.js';
import { EventStoreDouble } from '../testing/eventstore-double/eventstore-double.js';
import { appendOf, idsOf, newStream, readToEnd } from '../testing/log-under-test.js';
import { EventStoreEventLog } from './eventstore-event-log.js';

describe('Several ledgers on a double of one server', () => {
  it('each read their own events, and leave those of the others to the server', async () => {
    const double = await EventStoreDouble.start();
    const { connectionString } = double;
    const open = (prefix: string) => EventStoreEventLog.open({ connectionString, clock: new ManualClock(), prefix });
    const logs = await Promise.all([open('acme.'), open('zeta.'), open('')]);
    const own: string[][] = logs.map(() => []);
    for (let round = 0; round < 30; round += 1) {
      for (const [index, log] of logs.entries()) {
        const append = appendOf(newStream(round % 2 === 0 ? 'account' : 'token'), 'noStream', 2);
        await log.append({ streams: [append] });
        own[index]?.push(...idsOf(append.events));
      }
    }
    for (const [index, log] of logs.entries()) {
      expect(idsOf(await readToEnd(log))).toEqual(own[index]);
      const { events, next } = await log.readAll({ after: START, limit: 1_000 });
      expect(events).toHaveLength(60);
      expect((await log.readAll({ after: next, limit: 1_000 })).events).toEqual([]);
    }
    // Its own events alone were sent to it.
    const sent = double.eventsSent;
    await logs[0]?.readAll({ after: START, limit: 1_000 });
    expect(double.eventsSent - sent).toBeLessThan(80);
    await Promise.all(logs.map((log) => log.close()));
    double.kill();
  });

  it('look through what others wrote for the end of their own once, whether there is anything or not', async () => {
    const double = await EventStoreDouble.start();
    const { connectionString } = double;
    const open = (prefix: string) => EventStoreEventLog.open({ connectionString, clock: new ManualClock(), prefix });
    const [busy, quiet] = await Promise.all([open('busy.'), open('quiet.')]);
    const sentFor = async (read: () => Promise<unknown>): Promise<number> => {
      const before = double.eventsSent;
      await read();
      return double.eventsSent - before;
    };
    const writeMuch = async () => {
      for (let round = 0; round < 30; round += 1) {
        await busy.append({ streams: [appendOf(newStream('account'), 'noStream', 100)] });
      }
    };
    await writeMuch();
    expect((await quiet.heads()).all).toBe(START);
    expect(await sentFor(() => quiet.heads())).toBeLessThan(100);
    const { position } = await quiet.append({ streams: [appendOf(newStream('account'), 'noStream', 1)] });
    await writeMuch();
    expect((await quiet.heads()).all).toBe(position);
    expect(await sentFor(() => quiet.heads())).toBeLessThan(100);
    await Promise.all([busy.close(), quiet.close()]);
    double.kill();
  });
});
