import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventLogContract } from '../testing/event-log-contract.js';
import type { LogUnderTest } from '../testing/log-under-test.js';
import { ManualClock } from '#libs/kernel/testing';
import { exerciseFailover } from '../testing/failover-exercise.js';
import { EventStoreEventLog } from './eventstore-event-log.js';

const connectionString = process.env['EVENTSTORE_TEST_URL'] ?? '';
const failoverSeconds = Number(process.env['EVENTSTORE_FAILOVER_SECONDS'] ?? 0);
const nodePids = (process.env['EVENTSTORE_NODE_PIDS'] ?? '').split(',').filter(Boolean).map(Number);
const RESUME_WITHIN_MS = 10_000;
const STOPPED_MS = 5_000;
/** Until a node that was continued has found its place in the cluster. */
const SETTLED_MS = 10_000;

/** Each node in turn answers nothing for a while, and does not know. */
async function stopInTurn(): Promise<void> {
  for (const pid of nodePids) {
    process.kill(pid, 'SIGSTOP');
    await pause(STOPPED_MS);
    process.kill(pid, 'SIGCONT');
    await pause(SETTLED_MS);
  }
}

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
  });
} else {
  eventLogContract('EventStoreEventLog on a real server', openOnServer);
}

/** For whoever takes nodes of the server's cluster down meanwhile, or has named their processes. */
const failoverMs = failoverSeconds * 1_000 || nodePids.length * (STOPPED_MS + SETTLED_MS);
if (connectionString !== '' && failoverMs > 0) {
  describe('EventStoreEventLog on a real cluster', () => {
    const exercise = async () => {
      const { log, close } = await openOnServer(new ManualClock());
      const report = await exerciseFailover(log, failoverSeconds > 0 ? pause(failoverMs) : stopInTurn());
      process.stdout.write(`failover: ${JSON.stringify(report)}\n`);
      expect(report.longestStopMs).toBeLessThan(RESUME_WITHIN_MS);
      await close();
    };
    it('goes on while its nodes are taken down, and loses and doubles nothing', exercise, failoverMs + 60_000);
  });
}
