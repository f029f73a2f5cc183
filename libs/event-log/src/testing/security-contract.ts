import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { type EventLog, RevisionConflict, SecurityMoved } from '../event-log.js';
import { appendOf, type LogUnderTest, newStream, type OpenLog } from './log-under-test.js';

export function securityContract(open: OpenLog): void {
  describe('a request that rests on the security events up to a position', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      opened = await open(new ManualClock());
      log = opened.log;
      await log.append({ streams: [appendOf(newStream('token'), 'noStream')] });
    });
    afterAll(() => opened.close());

    const use = () => [appendOf(newStream('account'), 'noStream'), appendOf(newStream('usage'), 'next')];
    const securityAt = async () => (await log.heads()).security;

    it('is stored while none stands after it, whatever else was appended', async () => {
      const at = await securityAt();
      await log.append({ streams: use() });
      expect(await log.append({ streams: use(), securityAt: at })).toMatchObject({ duplicate: false });
      expect(await securityAt()).toBe(at);
      // The reader of the log may have come further than its last security event.
      const { all } = await log.heads();
      expect(await log.append({ streams: use(), securityAt: all })).toMatchObject({ duplicate: false });
    });

    it('fails with SecurityMoved, and stores nothing, as soon as one does', async () => {
      const at = await securityAt();
      await log.append({ streams: [appendOf(newStream('token'), 'noStream')] });
      const streams = use();
      await expect(log.append({ streams, securityAt: at })).rejects.toBeInstanceOf(SecurityMoved);
      for (const { stream } of streams) expect(await log.readStream(stream)).toEqual([]);
      expect(await log.append({ streams, securityAt: await securityAt() })).toMatchObject({ duplicate: false });
    });

    it('sees what another log over the same events appended', async () => {
      const at = await securityAt();
      const other = await opened.reopen();
      await other.append({ streams: [appendOf(newStream('token'), 'noStream')] });
      await expect(log.append({ streams: use(), securityAt: at })).rejects.toBeInstanceOf(SecurityMoved);
      await other.close();
    });

    it('conflicts where another log was faster on its stream, and stores none of it', async () => {
      const [account, usage] = [newStream('account'), newStream('usage')];
      const at = await securityAt();
      const use = (expected: 'noStream' | bigint) => ({
        streams: [appendOf(account, expected), appendOf(usage, 'next')],
        securityAt: at,
      });
      await log.append(use('noStream'));
      const other = await opened.reopen();
      await other.append({ streams: [appendOf(account, 0n)] });
      await other.close();
      const elsewhere = { streams: [appendOf(newStream('account'), 'noStream')], securityAt: at };
      const outcomes = await Promise.allSettled([use(0n), elsewhere, use(1n)].map((request) => log.append(request)));
      expect(outcomes[0]).toMatchObject({ reason: { stream: account, expected: 0n, actual: 1n } });
      expect(outcomes.slice(1)).toMatchObject([{ status: 'fulfilled' }, { value: { revisions: [2n, 1n] } }]);
      expect((await log.readStream(usage)).map(({ revision }) => revision)).toEqual([0n, 1n]);
    });

    it('fails alone: those that wait with it are stored, and only those that built on it conflict', async () => {
      const at = await securityAt();
      await log.append({ streams: [appendOf(newStream('token'), 'noStream')] });
      const now = await securityAt();
      const [account, usage] = [newStream('account'), newStream('usage')];
      const requests = [
        { streams: [appendOf(newStream('account'), 'noStream')] },
        { streams: [appendOf(account, 'noStream'), appendOf(usage, 'next')], securityAt: at },
        { streams: use(), securityAt: now },
        { streams: [appendOf(account, 0n), appendOf(usage, 'next')], securityAt: now },
        { streams: [appendOf(newStream('account'), 'noStream'), appendOf(usage, 'next')] },
      ];
      const outcomes = await Promise.allSettled(requests.map((request) => log.append(request)));
      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(outcomes[1]).toMatchObject({ reason: expect.any(SecurityMoved) as unknown });
      expect(outcomes[3]).toMatchObject({ reason: expect.any(RevisionConflict) as unknown });
      expect(await log.readStream(usage)).toHaveLength(1);
    });

    it('is not asked of a request with security events', async () => {
      const streams = [appendOf(newStream('token'), 'noStream')];
      await expect(log.append({ streams, securityAt: await securityAt() })).rejects.toThrow('under securityAt');
    });
  });
}
