import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '../domain/audit-entry.js';
import { encodeEntries } from './encode-entries.js';

const entry: AuditEntry = {
  position: '7',
  entryUid: 'evt_1',
  time: '2026-11-25T08:00:00.000Z',
  recordedAt: '2026-11-25T08:00:00.001Z',
  action: 'TokenRevoked',
  outcome: 'success',
  actor: { type: 'user', uid: 'usr_1' },
  target: { type: 'token', uid: 'tok_1' },
  tokenPrefix: 'tlp_01234567',
  organization: null,
  ip: '203.0.113.7',
  userAgent: '@SUM(1+1)',
  requestId: 'req_1',
  correlationId: 'req_1',
  reason: '=HYPERLINK("http://x","y")',
  changes: { name: { before: 'a', after: 'b' } },
};

async function* entries(count: number) {
  for (let index = 0; index < count; index += 1) yield await Promise.resolve({ ...entry, position: String(index) });
}

describe('encodeEntries', () => {
  it('writes one JSON document a line, and tells count and digest of what it sent', async () => {
    const encoded = encodeEntries(entries(3), 'ndjson');
    const sent = await text(encoded.stream);
    expect(
      sent
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).position),
    ).toEqual(['0', '1', '2']);
    expect(encoded.count()).toBe(3);
    expect(encoded.sha256()).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  it('may be asked for count and digest before its end, and goes on', async () => {
    const encoded = encodeEntries(entries(3), 'ndjson');
    expect(encoded.sha256()).toBe(createHash('sha256').digest('hex'));
    const sent = await text(encoded.stream);
    expect(encoded.sha256()).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  it('writes CSV with a header, in which no cell is run as a formula', async () => {
    const sent = await text(encodeEntries(entries(1), 'csv').stream);
    const [header, row] = sent.trim().split('\n');
    expect(header).toMatch(/^position,entryUid,time,/);
    expect(row).toContain(`"'=HYPERLINK(""http://x"",""y"")"`);
    expect(row).toContain(`'@SUM(1+1)`);
  });

  it('breaks the transfer when the source fails, instead of ending it', async () => {
    async function* failing() {
      yield* entries(10);
      throw new Error('connection lost');
    }
    await expect(text(encodeEntries(failing(), 'ndjson').stream)).rejects.toThrow('connection lost');
  });

  it('stops reading the source when the receiver goes away', async () => {
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield* entries(1_000);
      } finally {
        ended = true;
      }
    }
    const { stream } = encodeEntries(endless(), 'ndjson');
    for await (const chunk of stream) {
      expect(chunk).toBeDefined();
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.destroyed).toBe(true);
    expect(ended).toBe(true);
  });
});
