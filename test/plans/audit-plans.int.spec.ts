import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendHistory, HISTORY_BEGINS, SOUGHT, spreadRows } from './large-audit-log.js';
import { LargeLedger, ROWS_READ_MAX } from './large-ledger.js';
import { costsOf } from './plan-reader.js';

const DAY_MS = 24 * 60 * 60_000;
const PATIENCE_MS = 300_000;
/** What of the audit log grows with the ledger; uses are read from the log itself, by position (libs/event-log). */
const LARGE = ['audit_entries', 'audit_terms', 'audit_minutes', 'audit_entry_spans'];

const FILTERS = [
  '',
  `actor=${SOUGHT.actor}`,
  'actor=usr_nobody',
  'action=JobRequested',
  'action=TokenRevoked',
  'action=TokenUsed',
  'action=GrantExpired',
  `token=${SOUGHT.token}`,
  `organization=${SOUGHT.organization}`,
  `ip=${SOUGHT.ip}`,
  'outcome=success',
  'outcome=denied',
  `from=${SOUGHT.days(40)}`,
  `to=${SOUGHT.days(1)}`,
  `from=${SOUGHT.days(20)}&to=${SOUGHT.days(21)}`,
  `from=${SOUGHT.days(400)}`,
  `to=${SOUGHT.days(-400)}`,
  'q=leaked',
  'q=Harbor/2.1',
  'q=rotation',
  'q=nothing-of-the-kind',
  `q=${SOUGHT.target}`,
  `q=${SOUGHT.request}`,
  `q=${SOUGHT.correlation}`,
  'q=evt_00000000000000000000000000',
  `q=leaked&action=TokenRevoked`,
  `q=harbor&from=${SOUGHT.days(20)}&to=${SOUGHT.days(21)}`,
  `token=${SOUGHT.token}&outcome=denied`,
  `organization=${SOUGHT.organization}&action=TokenRevoked&from=${SOUGHT.days(3)}&to=${SOUGHT.days(9)}`,
];

describe('the audit log of a large ledger', () => {
  let ledger: LargeLedger;
  const secrets = { member: '', chief: '', auditor: '' };

  beforeAll(async () => {
    ledger = await LargeLedger.start(LARGE, HISTORY_BEGINS - DAY_MS);
    const create = (path: string, body: object) => ledger.call('POST', path, { body });
    const organization = (await create('/v1/organizations', { handle: 'plans' }))['uid'] as string;
    const tokenOf = async (handle: string) => {
      const user = (await create('/v1/users', { handle, email: `${handle}@example.com` }))['uid'] as string;
      const personal = { type: 'personal', name: 'p', owner: { user }, access: { operations: true } };
      return { user, secret: (await create('/v1/tokens', personal))['secret'] as string };
    };
    const chief = await tokenOf('chief');
    await ledger.call('PUT', `/v1/organizations/${organization}/members/${chief.user}`, { body: { role: 'auditor' } });
    secrets.chief = chief.secret;
    secrets.member = (await tokenOf('member')).secret;
    const auditor = await tokenOf('auditor');
    await ledger.call('PUT', `/v1/users/${auditor.user}/roles`, { body: { roles: ['auditor'] } });
    secrets.auditor = auditor.secret;
    const { log, projections } = ledger.server.services.store;
    await appendHistory(log);
    const { all } = await log.heads();
    expect(await projections.waitFor(all, PATIENCE_MS)).toBe(true);
    await spreadRows(ledger.client);
    ledger.watch();
  }, PATIENCE_MS);
  afterAll(() => ledger.stop());

  const paths = (filter: string) => ['desc', 'asc'].map((order) => `/v1/audit/entries?order=${order}&${filter}`);

  it.each(FILTERS)('is listed with "%s" by an index, from either end', async (filter) => {
    for (const path of paths(filter)) await ledger.expectIndexed(path);
  });

  it.each(FILTERS)('is listed with "%s" by an index for somebody who may see some of it', async (filter) => {
    for (const path of paths(filter)) {
      for (const secret of Object.values(secrets)) await ledger.expectIndexed(path, secret);
    }
  });

  it('the test would notice a filter that reads everything', async () => {
    const parameters = ['req-77'];
    const sql = `SELECT * FROM read_model.audit_entries WHERE upper(request_id) = $1 ORDER BY position DESC LIMIT 51`;
    const { rowsRead } = await costsOf(ledger.client, { sql, parameters });
    expect(rowsRead).toBeGreaterThan(ROWS_READ_MAX);
  });
});
