import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventLogContract } from '../testing/event-log-contract.js';
import type { LogUnderTest } from '../testing/log-under-test.js';
import { ManualClock, ServerNodes } from '#libs/kernel/testing';
import { exerciseFailover } from '../testing/failover-exercise.js';
import { ALL_KILLED, nodeDisturbances } from '../testing/node-disturbances.js';
import { EventStoreEventLog } from './eventstore-event-log.js';

const connectionString = process.env['EVENTSTORE_TEST_URL'] ?? '';
/** Where the nodes take orders, and how long somebody else takes nodes down: either asks for the failover exercise. */
const nodesUrl = process.env['TEST_SERVER_NODES'] ?? '';
const failoverSeconds = Number(process.env['EVENTSTORE_FAILOVER_SECONDS'] ?? 0);
const RESUMED_WITHIN_MS = 10_000;
const EXERCISE_MS = 600_000;

/** A ledger of its own on the server: behind a prefix, because a server cannot be emptied. */
async function openOnServer(clock: ManualClock): Promise<LogUnderTest> {
  const prefix = `t${randomBytes(8).toString('hex')}.`;
  const logs: EventStoreEventLog[] = [];
  const reopen = async () => {
    const log = await EventStoreEventLog.open({ connectionString, clock, prefix });
    logs.push(log);
    return log;
  };
  const close = async () => {
    await Promise.all(logs.map((log) => log.close()));
  };
  return { log: await reopen(), answersEndOfFlush: true, reopen, close };
}

if (connectionString === '') {
  process.stdout.write(
    'The contract of the event log did not run on a real EventStoreDB: EVENTSTORE_TEST_URL is not set.\n',
  );
  describe('EventStoreEventLog on a real server', () => {
    it('is not asked for: anything but esdb:// is refused without being repeated', async () => {
      const open = EventStoreEventLog.open({ connectionString: 'http://user:secret@host', clock: { now: () => 0 } });
      await expect(open).rejects.toThrow('not a connection string of EventStoreDB');
      await expect(open).rejects.not.toThrow('secret');
    });

    it('says when the file of its certificates is not there, without the rest of the address', async () => {
      const connectionString = 'esdb://user:secret@localhost?tls=true&tlsCAFile=/no/such/ca.crt';
      const open = EventStoreEventLog.open({ connectionString, clock: { now: () => 0 } });
      await expect(open).rejects.toThrow('the certificate file that tlsCAFile names cannot be read');
      await expect(open).rejects.not.toThrow('secret');
    });
  });
} else if (nodesUrl === '' && failoverSeconds === 0) {
  eventLogContract('EventStoreEventLog on a real server', openOnServer);
} else {
  const disturbances =
    nodesUrl === ''
      ? [{ name: 'what somebody else does', make: () => pause(failoverSeconds * 1_000) }]
      : nodeDisturbances(new ServerNodes(nodesUrl));
  describe('EventStoreEventLog on a real cluster', () => {
    const exercise = async () => {
      const opened = await openOnServer(new ManualClock());
      const report = await exerciseFailover(opened, disturbances);
      process.stdout.write(`failover: ${JSON.stringify(report)}\n`);
      for (const [name, { longestMs, afterwardsMs }] of Object.entries(report.stops)) {
        // While every node is down nothing can go on: what counts is how soon it does when they are back.
        const stoppedMs = name === ALL_KILLED ? afterwardsMs : longestMs;
        expect({ name, isResumed: stoppedMs < RESUMED_WITHIN_MS }).toEqual({ name, isResumed: true });
      }
      await opened.close();
    };
    it('goes on while its nodes are taken down, and loses and doubles nothing', exercise, EXERCISE_MS);
  });
}
