import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { peakMbDuring, residentMb } from './support/server-memory.js';

const ENTRIES = 200_000;
const ITEMS = 1_000;
const SLOW = 40;

describe('long exports, and clients that ask and do not read', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  let organization: string;
  let secret: string;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
    organization = (await scenario.organization()).uid;
    await scenario.grant(organization, '1000000');
    ({ secret } = await scenario.organizationToken(organization));
    for (let done = 0; done < ENTRIES; done += ITEMS) {
      // The first ones are charged, for the feed; the audit log does not care.
      const cost = done < 2 * ITEMS ? '1' : '0';
      const items = Array.from({ length: ITEMS }, () => ({ token: secret, cost, operation: 'pipeline.run' }));
      const { results } = expectStatus(await scenario.admin.post('/v1/verify/batch', { items }), 200);
      expect(results.filter(({ valid }: Loose) => !valid)).toEqual([]);
    }
    await eventually(120_000, async () => {
      const { data } = expectStatus(
        await scenario.admin.get('/v1/projections', { headers: { 'ledger-min-position': '0' } }),
        200,
      );
      return data.every(({ lagEvents }: Loose) => lagEvents === 0) ? true : null;
    });
  }, 300_000);
  afterAll(() => ledger?.dispose(), 60_000);

  /** Reads a whole export and checks that it says itself how much it is, and what. */
  async function readExport(): Promise<number> {
    const call = request(`${ledger.url}/v1/audit/export?format=ndjson`, {
      headers: { authorization: `Bearer ${ledger.adminToken}`, te: 'trailers' },
    }).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    const hash = createHash('sha256');
    let lines = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      for (const byte of chunk) if (byte === 10) lines += 1;
    }
    expect(response.trailers['ledger-entry-count']).toBe(String(lines));
    expect(response.trailers['ledger-content-sha256']).toBe(hash.digest('hex'));
    return lines;
  }

  /** Asks, reads the beginning of the answer, and nothing after it. */
  async function askAndStop(path: string): Promise<Socket> {
    const { hostname, port } = new URL(ledger.url);
    const socket = connect({ port: Number(port), host: hostname, noDelay: true }).on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${ledger.adminToken}\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.pause();
    expect(first.toString('latin1')).toMatch(/^HTTP\/1\.1 200 /);
    return socket;
  }

  it(`an export of ${ENTRIES} entries is whole, and takes no more memory than a page of it`, async () => {
    const { pid = 0 } = ledger.child;
    // Once before: what runs for the first time takes memory that it keeps.
    expect(await readExport()).toBeGreaterThanOrEqual(ENTRIES);
    const before = await residentMb(pid);
    const { peakMb, result } = await peakMbDuring(pid, readExport);
    expect(result).toBeGreaterThanOrEqual(ENTRIES);
    expect(peakMb - before).toBeLessThan(150);
  }, 180_000);

  it(`${SLOW} exports and ${SLOW} feeds that nobody reads cost neither memory nor anybody's answer`, async () => {
    const { pid = 0 } = ledger.child;
    const before = await residentMb(pid);
    const paths = ['/v1/audit/export?format=ndjson', `/v1/organizations/${organization}/charges?limit=1000`];
    const slow: Socket[] = [];
    try {
      const { peakMb } = await peakMbDuring(pid, async () => {
        const asked = paths.flatMap((path) => Array.from({ length: SLOW }, () => askAndStop(path)));
        slow.push(...(await Promise.all(asked)));
        const times: number[] = [];
        for (let check = 0; check < 200; check += 1) {
          const started = performance.now();
          expect(await scenario.verify(secret, { cost: '1' })).toMatchObject({ valid: true });
          times.push(performance.now() - started);
        }
        expect(times.sort((a, b) => a - b)[100]).toBeLessThan(100);
        expect(await readExport()).toBeGreaterThanOrEqual(ENTRIES);
        const feed = await scenario.admin.get(`/v1/organizations/${organization}/charges?limit=1000`);
        expect(expectStatus(feed, 200)).toHaveLength(1_000);
      });
      expect(slow.filter((socket) => socket.destroyed)).toEqual([]);
      expect(peakMb - before).toBeLessThan(400);
    } finally {
      slow.forEach((socket) => socket.destroy());
    }
  }, 180_000);
});
