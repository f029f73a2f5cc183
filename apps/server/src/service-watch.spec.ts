import { describe, expect, it } from '@jest/globals';
import { ServiceWatch } from './service-watch.js';

/** A service that is there or not, as the test says. */
class Service {
  isThere = true;
  asked = 0;
  readonly lines: { fields: Record<string, unknown>; message: string }[] = [];
  private onLine: () => void = () => undefined;
  private onAsked: () => void = () => undefined;
  readonly watch = new ServiceWatch({
    name: 'PostgreSQL',
    probe: () => this.probe(),
    log: { warn: this.line.bind(this), error: this.line.bind(this) } as never,
    lookEveryMs: 1,
  });

  line(fields: Record<string, unknown>, message: string): void {
    this.lines.push({ fields, message });
    this.onLine();
  }

  async untilLines(count: number): Promise<void> {
    while (this.lines.length < count) await new Promise<void>((told) => (this.onLine = told));
  }

  async untilAsked(count: number): Promise<void> {
    while (this.asked < count) await new Promise<void>((told) => (this.onAsked = told));
  }

  private probe(): Promise<void> {
    this.asked += 1;
    this.onAsked();
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', client: {} });
    return this.isThere ? Promise.resolve() : Promise.reject(refused);
  }
}

describe('ServiceWatch', () => {
  it('tells once that a service is away, and once that it is back, with how long and what failed', async () => {
    const service = new Service();
    service.isThere = false;
    for (let call = 0; call < 5; call += 1) service.watch.suspect('calls');
    await service.untilLines(1);
    expect(service.watch.isUp).toBe(false);
    service.watch.suspect('jobs');
    await service.untilAsked(5);
    service.isThere = true;
    await service.untilLines(2);
    expect(service.lines).toEqual([
      { fields: { err: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' } }, message: 'PostgreSQL is away' },
      {
        fields: { awayMs: expect.any(Number), failures: { calls: 5, jobs: 1 } },
        message: 'PostgreSQL is back',
      },
    ]);
    expect(service.watch.isUp).toBe(true);
  });

  it('says nothing where a failure was not for want of the service, and does not ask at each', async () => {
    const service = new Service();
    service.watch.suspect('calls');
    await service.untilAsked(1);
    await service.watch.stop();
    for (let call = 0; call < 100; call += 1) service.watch.suspect('calls');
    expect(service.asked).toBe(1);
    expect(service.lines).toEqual([]);
  });

  it('asks no more once it was stopped', async () => {
    const service = new Service();
    service.isThere = false;
    service.watch.suspect('calls');
    await service.untilLines(1);
    await service.watch.stop();
    const { asked } = service;
    service.watch.suspect('calls');
    expect(service.asked).toBe(asked);
    expect(service.lines).toHaveLength(1);
  });
});
