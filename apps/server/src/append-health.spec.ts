import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppendActivity, LogUnavailable } from '#libs/event-log';
import { AppendHealth } from './append-health.js';

const refusedWith = (code: string) =>
  new LogUnavailable('the event log cannot be written', { cause: Object.assign(new Error('no'), { code }) });

describe('AppendHealth', () => {
  let activity: AppendActivity;
  let probes: number;
  let outcome: () => Promise<void>;
  const healthWith = (probeEveryMs: number) =>
    new AppendHealth({ activity, probe: () => ((probes += 1), outcome()), probeEveryMs });
  beforeEach(() => {
    activity = new AppendActivity();
    probes = 0;
    outcome = () => Promise.reject(Object.assign(new Error('no'), { code: '53100' }));
  });

  it('asks nothing while the last append was stored', async () => {
    expect(await healthWith(0).refusal()).toBeNull();
    activity.lastFailure = refusedWith('53100');
    activity.onFlush({ requests: 1, durationMs: 1 });
    expect(await healthWith(0).refusal()).toBeNull();
    expect(probes).toBe(0);
  });

  it.each([
    ['53100', 'disk_full'],
    ['25006', 'read_only'],
    ['58030', 'io_error'],
  ])('names why an append was refused: %s is %s', async (code, reason) => {
    activity.lastFailure = refusedWith(code);
    outcome = () => Promise.reject(Object.assign(new Error('no'), { code }));
    expect(await healthWith(0).refusal()).toBe(reason);
  });

  it('leaves what passes by itself to the other checks', async () => {
    for (const code of ['08006', '57P03', '40001', 'ECONNREFUSED']) {
      activity.lastFailure = refusedWith(code);
      expect(await healthWith(0).refusal()).toBeNull();
    }
    expect(probes).toBe(0);
  });

  it('recovers by itself as soon as something can be written, without an append', async () => {
    const health = healthWith(0);
    activity.lastFailure = refusedWith('53100');
    expect(await health.refusal()).toBe('disk_full');
    outcome = () => Promise.resolve();
    expect(await health.refusal()).toBeNull();
    expect(activity.lastFailure).toBeNull();
  });

  it('writes no more often than its interval, however often it is asked', async () => {
    const health = healthWith(3_600_000);
    activity.lastFailure = refusedWith('53100');
    for (let call = 0; call < 10; call += 1) expect(await health.refusal()).toBe('disk_full');
    expect(probes).toBe(1);
  });

  it('does not forget an append that was refused while it probed', async () => {
    activity.lastFailure = refusedWith('53100');
    outcome = () => {
      activity.lastFailure = refusedWith('25006');
      return Promise.resolve();
    };
    expect(await healthWith(0).refusal()).toBe('read_only');
  });
});
