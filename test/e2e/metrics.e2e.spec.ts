import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { EVENT_STORE_URL } from './support/event-store.js';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess, ROOT } from './support/ledger-process.js';
import { metricsOf, seriesOf } from './support/prom-ql.js';
import { expectStatus, Scenario } from './support/scenario.js';

/** What Prometheus makes itself of each scrape. */
const OF_PROMETHEUS = ['up'];
const DAY_MS = 86_400_000;

describe('metrics', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  let organization: string;
  let secret: string;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
    organization = (await scenario.organization()).uid;
    await scenario.grant(organization, '100');
    ({ secret } = await scenario.organizationToken(organization));
    expect(await scenario.verify(secret, { cost: '3' })).toMatchObject({ valid: true });
    // Node tells of garbage collections once there has been one.
    const garbage = { items: Array.from({ length: 1_000 }, () => ({ token: 'garbage' })) };
    await eventually(60_000, async () => {
      expectStatus(await scenario.admin.post('/v1/verify/batch', garbage), 200);
      return seriesOf(await scrape()).has('nodejs_gc_duration_seconds_sum') ? true : null;
    });
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  const scrape = async () => expectStatus(await scenario.admin.get('/metrics'), 200) as string;
  const value = (text: string, series: string) => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };

  /** Of all series of a metric. */
  const sum = (text: string, metric: string) =>
    [...text.matchAll(new RegExp(`^${metric}\\{[^}]*\\} (\\S+)$`, 'gm'))].reduce(
      (all, [, one]) => all + Number(one),
      0,
    );

  it('are there for every expression of the dashboard and of the alert rules, with the labels that it reads', async () => {
    const series = seriesOf(await scrape());
    const alerts = parse(await readFile(join(ROOT, 'deploy/prometheus/alerts.yml'), 'utf8'));
    const dashboard = JSON.parse(await readFile(join(ROOT, 'deploy/grafana/token-ledger.json'), 'utf8'));
    const rules = alerts.groups.flatMap(({ rules: ofGroup }: Loose) => ofGroup);
    const targets = dashboard.panels.flatMap(({ targets: ofPanel = [] }: Loose) => ofPanel);
    const expressions: string[] = [...rules, ...targets].map(({ expr }: Loose) => expr);
    expect(rules.length).toBeGreaterThan(10);
    expect(targets.length).toBeGreaterThan(30);
    const missing = expressions.flatMap((expression) =>
      metricsOf(expression).flatMap(({ name, labels }) => {
        if (OF_PROMETHEUS.includes(name)) return [];
        const exported = series.get(name);
        if (exported === undefined) return [`${name} in ${expression}`];
        return labels.filter((label) => !exported.has(label)).map((label) => `${label} of ${name} in ${expression}`);
      }),
    );
    expect(missing).toEqual([]);
    expect(expressions.filter((expression) => metricsOf(expression).length === 0)).toEqual([]);
  });

  it('are those of docs/reference/metrics.md, no more and no fewer', async () => {
    const types = [...(await scrape()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const page = await readFile(join(ROOT, 'docs/reference/metrics.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `(\S+)` +\| (\w+)/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(documented.sort()).toEqual(types.filter((type) => !/^(?:nodejs|process)_/.test(type)).sort());
  });

  it('say what was decided, charged, stored and refused', async () => {
    const before = await scrape();
    const empty = (await scenario.organization()).uid;
    const poor = (await scenario.organizationToken(empty)).secret;
    for (const use of [secret, secret, poor]) await scenario.verify(use, { cost: '2' });
    for (let tries = 0; tries < 5; tries += 1) await scenario.verify(secret.replace(/^tlo/, 'xxo'));
    const after = await scrape();
    const grown = (series: string) => (value(after, series) ?? 0) - (value(before, series) ?? 0);
    const verifications = 'token_ledger_token_verifications_total';
    const durations = 'token_ledger_token_verification_duration_seconds_count';
    expect({
      valid: grown(`${verifications}{outcome="valid",kind="organization"}`),
      poor: grown(`${verifications}{outcome="insufficient_credits",kind=""}`),
      malformed: grown(`${verifications}{outcome="malformed_token",kind=""}`),
      charged: grown('token_ledger_org_credits_charged_total'),
      ofUsers: grown('token_ledger_user_credits_charged_total'),
      measured: grown(`${durations}{verdict="valid"}`),
      measuredRefusals: grown(`${durations}{verdict="refused"}`),
      unavailable: grown(`${durations}{verdict="unavailable"}`),
      dropped: grown('token_ledger_usage_dropped_total'),
      unnamed: grown('token_ledger_unnamed_refusals_total'),
      refusedByBarrier: grown('token_ledger_barrier_checks_total{result="refused"}'),
    }).toEqual({
      valid: 2,
      poor: 1,
      malformed: 5,
      charged: 4,
      ofUsers: 0,
      measured: 2,
      measuredRefusals: 6,
      unavailable: 0,
      dropped: 0,
      unnamed: 5,
      refusedByBarrier: 0,
    });
    // Of five at once from one source the first is recorded, the others are counted until their minute is over.
    expect(value(after, 'token_ledger_usage_buffer_events')).toBeGreaterThanOrEqual(4);
    const events = 'token_ledger_events_appended_total';
    expect({ used: grown(`${events}{type="TokenUsed"}`), charged: grown(`${events}{type="OrgCharged"}`) }).toEqual({
      used: 2,
      charged: 2,
    });
    const stored = sum(after, events) - sum(before, events);
    const position = (text: string) => Number(value(text, 'token_ledger_log_position'));
    const advanced = position(after) - position(before);
    // Those of PostgreSQL count events, those of EventStoreDB bytes.
    if (EVENT_STORE_URL === '') expect(stored).toBe(advanced);
    else expect(advanced).toBeGreaterThan(stored);
    expect(grown('token_ledger_append_duration_seconds_count')).toBeGreaterThan(0);
    expect(value(after, 'token_ledger_append_queue_requests')).toBe(0);
    expect(value(after, 'token_ledger_http_connections')).toBeGreaterThan(0);
  });

  it('count charges that somebody makes by a billing call', async () => {
    const before = await scrape();
    const charge = { amount: '7', operation: 'support' };
    const headers = { 'idempotency-key': 'a-billing-call' };
    expectStatus(await scenario.admin.post(`/v1/accounts/${organization}/charges`, charge, headers), 201);
    const after = await scrape();
    const credits = 'token_ledger_org_credits_charged_total';
    expect((value(after, credits) ?? 0) - (value(before, credits) ?? 0)).toBe(7);
  });

  it('count tokens by status and type, and those that will expire, as soon as a change is answered', async () => {
    const tokensOf = (text: string) => {
      const of = (status: string, kind = 'organization') =>
        value(text, `token_ledger_tokens{status="${status}",kind="${kind}"}`) ?? Number.NaN;
      const within = (span: string) => value(text, `token_ledger_tokens_expiring{within="${span}"}`) ?? Number.NaN;
      return [of('active'), of('disabled'), of('revoked'), of('expired'), within('1d'), within('7d'), within('30d')];
    };
    const before = tokensOf(await scrape());
    const grown = async () => tokensOf(await scrape()).map((count, index) => count - (before[index] ?? 0));
    const issue = async (lifetimeMs: number) => {
      const expiresAt = new Date(performance.timeOrigin + performance.now() + lifetimeMs).toISOString();
      return (await scenario.organizationToken(organization, { expiresAt })).token.uid as string;
    };
    await issue(DAY_MS / 2);
    const second = await issue(6 * DAY_MS);
    const third = await issue(20 * DAY_MS);
    await issue(60 * DAY_MS);
    expect(await grown()).toEqual([4, 0, 0, 0, 1, 2, 3]);
    expectStatus(await scenario.admin.post(`/v1/tokens/${second}/disable`, {}), 200);
    expectStatus(await scenario.admin.post(`/v1/tokens/${third}/revoke`, {}), 200);
    expect(await grown()).toEqual([2, 1, 1, 0, 1, 2, 2]);
    await issue(1_500);
    // By the clock: whether a job has recorded it makes no difference.
    await eventually(20_000, async () => ((await grown())[3] === 1 ? true : null));
    expect(await grown()).toEqual([2, 1, 1, 1, 1, 2, 2]);
    expect(value(await scrape(), 'token_ledger_tokens{status="active",kind="admin"}')).toBeGreaterThanOrEqual(1);
  });

  it('count the runs of jobs and how long they took, from 0 on', async () => {
    const runs = 'token_ledger_jobs_runs_total{name="expire-tokens",outcome="done"}';
    const before = await scrape();
    expect(value(before, 'token_ledger_jobs_runs_total{name="flag-unused-tokens",outcome="failed"}')).toBe(0);
    expectStatus(await scenario.admin.post('/v1/jobs/expire-tokens/run', {}), 202);
    const after = await eventually(20_000, async () => {
      const text = await scrape();
      return (value(text, runs) ?? 0) > (value(before, runs) ?? 0) ? text : null;
    });
    const measured = value(after, 'token_ledger_jobs_run_duration_seconds_count{name="expire-tokens"}');
    expect(measured).toBe(value(after, runs));
  });

  it('show the lag of every read model on the first scrape, too', async () => {
    const projections = expectStatus(await scenario.admin.get('/v1/projections'), 200).data;
    const text = await scrape();
    for (const { name } of projections) {
      expect(value(text, `token_ledger_projection_lag_seconds{name="${name}"}`)).toBeGreaterThanOrEqual(0);
      expect(value(text, `token_ledger_projection_position{name="${name}"}`)).toBeGreaterThan(0);
    }
  });
});

describe('the alert rules', () => {
  const read = (file: string) => readFile(join(ROOT, file), 'utf8');

  it('are those of the table in docs/operating/failure-modes.md, in the same order, no more and no fewer', async () => {
    const { groups } = parse(await read('deploy/prometheus/alerts.yml'));
    const alerts = groups.flatMap(({ rules }: Loose) => rules.map(({ alert }: Loose) => alert));
    const page = await read('docs/operating/failure-modes.md');
    const rows = [...page.matchAll(/^\| `(TokenLedger\w+)` +\| \S.*\| \S.*\|$/gm)].map(([, alert]) => alert);
    expect(rows).toEqual(alerts);
  });

  it('lead to sections that there are', async () => {
    const page = await read('docs/operating/failure-modes.md');
    const links = [...page.matchAll(/\]\((cluster\.md)?#([^)]+)\)/g)];
    const anchors = new Map([
      ['', anchorsOf(page)],
      ['cluster.md', anchorsOf(await read('docs/operating/cluster.md'))],
    ]);
    expect(links.length).toBeGreaterThan(10);
    const dead = links.filter(([, file = '', anchor = '']) => !anchors.get(file)?.includes(anchor));
    expect(dead.map(([link]) => link)).toEqual([]);
  });

  /** Of the headings of a page, as they are made where Markdown is shown. */
  function anchorsOf(page: string): string[] {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase());
    return headings.map((heading) => heading.replace(/[^\w\s-]/g, '').replaceAll(' ', '-'));
  }
});

describe('metricsOf', () => {
  it('finds metrics and labels, and takes no function, keyword, label, string or range for one', () => {
    const expression =
      'histogram_quantile(0.99, sum by (le, route) (rate(a_bucket{route=~"x|y", job="$job"}[$__rate_interval]))) ' +
      '> 0.5 and on (instance) max(b_total) unless c offset 5m';
    const found = metricsOf(expression);
    expect(found.map(({ name }) => name)).toEqual(['a_bucket', 'b_total', 'c']);
    expect(new Set(found[0]?.labels)).toEqual(new Set(['route']));
    expect(metricsOf('up{job="x"} == 0')).toEqual([{ name: 'up', labels: [] }]);
  });
});
