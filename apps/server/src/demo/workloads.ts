import { ATLAS, HARBOR, LUMEN } from './organizations.js';

/** One thing that a token is used for. */
export interface Call {
  readonly operation: string;
  /** Credits. */
  readonly cost: number;
  readonly scope?: string;
  readonly resource?: string;
}

/** Something that uses a token again and again. */
export interface Workload {
  /** Key of the token. */
  readonly token: string;
  /** Handle of the organization that is named to pay; absent: whoever owns the token. */
  readonly requester?: string;
  readonly ips: readonly string[];
  readonly userAgent: string;
  readonly calls: readonly Call[];
  /** First and last day. */
  readonly days: readonly [number, number];
  /** Bursts a day, on average. */
  readonly rate: number;
  /** Fewest and most uses in a burst. */
  readonly burst: readonly [number, number];
  /** First and last hour in which a burst begins. */
  readonly hours: readonly [number, number];
  /** Share of the rate that is left at weekends; absent: half. */
  readonly weekend?: number;
  /** Sends an idempotency key with each use. */
  readonly keyed?: boolean;
}

const LAST_DAY = 118;
const OFFICE = [7, 17] as const;
const ALL_DAY = [0, 22] as const;
const PYTHON = 'python-requests/2.32.5';
const GO = 'Go-http-client/2.0';
const NODE = 'node';
const JAVA = 'Java-http-client/21.0.5';
const CURL = 'curl/8.14.1';

const invoke = (cost: number, resource?: string): Call => ({
  operation: 'models.invoke',
  cost,
  scope: 'models:invoke',
  ...(resource === undefined ? {} : { resource }),
});
const free = (operation: string, scope?: string): Call => ({
  operation,
  cost: 0,
  ...(scope === undefined ? {} : { scope }),
});

/** The main load: the one that also fills up the last day. */
export const PRODUCTION: Workload = {
  token: 'production',
  ips: ['198.51.100.21', '198.51.100.22', '198.51.100.23'],
  userAgent: GO,
  calls: [
    invoke(1, 'deployment:grasp-v3'),
    invoke(1, 'deployment:grasp-v3'),
    invoke(2, 'deployment:depth-v1'),
    free('models.status'),
  ],
  days: [6, LAST_DAY],
  rate: 2,
  burst: [6, 18],
  hours: [5, 21],
};

const HARBOR_LOAD: readonly Workload[] = [
  PRODUCTION,
  { token: 'old-gateway', ips: ['198.51.100.24'], userAgent: NODE, calls: [invoke(1)], days: [3, 49], rate: 0.7, burst: [3, 8], hours: OFFICE },
  { token: 'nightly-report', ips: ['198.51.100.25'], userAgent: PYTHON, calls: [{ operation: 'reports.render', cost: 10, scope: 'reports:write' }], days: [8, LAST_DAY], rate: 1, burst: [1, 1], hours: [2, 2], weekend: 1 },
  { token: 'ci', ips: ['203.0.113.50', '203.0.113.51'], userAgent: 'github-actions/2.329', calls: [free('deployments.create', 'deploy:production'), free('deployments.status', 'deploy:staging')], days: [3, LAST_DAY], rate: 0.9, burst: [2, 4], hours: OFFICE, weekend: 0.1 },
  { token: 'staging', ips: ['198.51.100.26'], userAgent: GO, calls: [invoke(1), free('models.status')], days: [46, LAST_DAY], rate: 0.5, burst: [3, 8], hours: OFFICE, weekend: 0 },
  { token: 'notebook', ips: ['198.51.100.27'], userAgent: PYTHON, calls: [invoke(2)], days: [51, LAST_DAY], rate: 0.3, burst: [3, 9], hours: OFFICE },
  { token: 'load-test', ips: ['203.0.113.90'], userAgent: 'k6/1.3.0', calls: [invoke(1)], days: [70, 70], rate: 3, burst: [40, 60], hours: [13, 16], weekend: 1 },
  { token: 'tomas-1', requester: HARBOR, ips: ['203.0.113.14'], userAgent: CURL, calls: [invoke(1), free('models.list', 'models:invoke')], days: [10, 98], rate: 0.5, burst: [2, 7], hours: OFFICE, weekend: 0.1 },
  { token: 'tomas-1', ips: ['203.0.113.14'], userAgent: CURL, calls: [invoke(1)], days: [12, 60], rate: 0.1, burst: [1, 4], hours: [18, 21] },
  { token: 'tomas-2', requester: HARBOR, ips: ['203.0.113.14'], userAgent: CURL, calls: [invoke(1)], days: [100, LAST_DAY], rate: 0.6, burst: [2, 6], hours: OFFICE, weekend: 0.1 },
  { token: 'priya-1', ips: ['203.0.113.15'], userAgent: PYTHON, calls: [invoke(1)], days: [31, 58], rate: 0.5, burst: [2, 6], hours: OFFICE },
  { token: 'priya-2', requester: HARBOR, ips: ['203.0.113.15', '203.0.113.16'], userAgent: PYTHON, calls: [invoke(1), invoke(3)], days: [63, LAST_DAY], rate: 0.5, burst: [2, 8], hours: OFFICE },
  { token: 'leaked', ips: ['203.0.113.15'], userAgent: PYTHON, calls: [invoke(1)], days: [55, 65], rate: 0.4, burst: [1, 3], hours: OFFICE },
];

const LUMEN_LOAD: readonly Workload[] = [
  { token: 'ehr', ips: ['198.51.100.33', '198.51.100.34'], userAgent: JAVA, calls: [{ operation: 'records.summarise', cost: 2, scope: 'models:invoke', resource: 'deployment:summaries' }, free('records.lookup', 'records:read')], days: [10, LAST_DAY], rate: 1.4, burst: [4, 12], hours: [6, 20], keyed: true },
  { token: 'triage', ips: ['198.51.100.45'], userAgent: PYTHON, calls: [invoke(1)], days: [15, LAST_DAY], rate: 0.25, burst: [18, 36], hours: [3, 5], weekend: 1 },
  { token: 'migration', ips: ['198.51.100.46'], userAgent: JAVA, calls: [free('records.import')], days: [4, 33], rate: 0.6, burst: [5, 12], hours: OFFICE },
  { token: 'pager', ips: ['198.51.100.47'], userAgent: NODE, calls: [free('alerts.send', 'alerts:send')], days: [5, 17], rate: 0.6, burst: [1, 3], hours: ALL_DAY },
  { token: 'backup', ips: ['198.51.100.48'], userAgent: 'rclone/v1.71.2', calls: [free('records.export', 'records:export')], days: [17, 104], rate: 0.3, burst: [1, 3], hours: [1, 1], weekend: 1 },
  { token: 'david', requester: LUMEN, ips: ['203.0.113.30'], userAgent: 'vitest/4.0', calls: [invoke(1), free('models.list')], days: [16, 79], rate: 0.4, burst: [2, 6], hours: OFFICE, weekend: 0 },
];

const ATLAS_LOAD: readonly Workload[] = [
  { token: 'planner', ips: ['198.51.100.61', '198.51.100.62'], userAgent: JAVA, calls: [{ operation: 'routes.plan', cost: 4, resource: 'deployment:routes' }], days: [8, LAST_DAY], rate: 1.1, burst: [6, 14], hours: [3, 19] },
  { token: 'trial', ips: ['198.51.100.63'], userAgent: CURL, calls: [invoke(1)], days: [4, 9], rate: 1, burst: [1, 4], hours: OFFICE, weekend: 1 },
  { token: 'customs', ips: ['198.51.100.64'], userAgent: JAVA, calls: [{ operation: 'documents.extract', cost: 3, scope: 'documents:read' }], days: [8, 22], rate: 0.8, burst: [2, 5], hours: OFFICE },
  { token: 'scanners', ips: ['198.51.100.65', '198.51.100.66'], userAgent: 'okhttp/5.3.0', calls: [free('labels.read', 'models:invoke')], days: [16, LAST_DAY], rate: 0.6, burst: [3, 9], hours: [4, 20] },
  { token: 'webhook', ips: ['198.51.100.67'], userAgent: NODE, calls: [free('events.send', 'events:send')], days: [82, 84], rate: 1, burst: [2, 4], hours: OFFICE, weekend: 1 },
  { token: 'omar', requester: ATLAS, ips: ['203.0.113.70'], userAgent: 'Dispatch/4.2 (Android 16)', calls: [{ operation: 'routes.preview', cost: 0, resource: 'deployment:routes' }], days: [38, LAST_DAY], rate: 0.5, burst: [2, 5], hours: OFFICE },
];

const OTHER_LOAD: readonly Workload[] = [
  { token: 'render', ips: ['198.51.100.81'], userAgent: 'Blender/5.0', calls: [{ operation: 'images.render', cost: 5, scope: 'images:render' }], days: [10, LAST_DAY], rate: 0.45, burst: [3, 9], hours: [9, 21] },
  { token: 'website', ips: ['203.0.113.81', '203.0.113.82'], userAgent: NODE, calls: [free('images.read', 'images:read')], days: [11, 63], rate: 0.5, burst: [2, 5], hours: ALL_DAY },
  { token: 'website', ips: ['203.0.113.81'], userAgent: NODE, calls: [free('images.read', 'images:read')], days: [67, LAST_DAY], rate: 0.4, burst: [2, 5], hours: ALL_DAY },
  { token: 'preview', ips: ['203.0.113.83'], userAgent: NODE, calls: [free('images.read')], days: [41, 87], rate: 0.3, burst: [1, 4], hours: OFFICE },
  { token: 'simulation', ips: ['198.51.100.101'], userAgent: 'libcurl/8.14.1', calls: [{ operation: 'simulations.step', cost: 6 }], days: [12, LAST_DAY], rate: 0.4, burst: [10, 24], hours: ALL_DAY, weekend: 1 },
  { token: 'lake', ips: ['198.51.100.102'], userAgent: 'arrow/22.0', calls: [free('datasets.read', 'datasets:read'), { operation: 'datasets.scan', cost: 1, scope: 'datasets:read' }], days: [14, LAST_DAY], rate: 0.5, burst: [3, 8], hours: OFFICE },
  { token: 'workshop', ips: ['203.0.113.110'], userAgent: PYTHON, calls: [invoke(1)], days: [117, LAST_DAY], rate: 1, burst: [4, 9], hours: OFFICE, weekend: 1 },
  { token: 'yuki', ips: ['203.0.113.120'], userAgent: PYTHON, calls: [free('datasets.read')], days: [21, 94], rate: 0.4, burst: [2, 5], hours: [9, 21] },
  { token: 'ines', ips: ['203.0.113.121'], userAgent: 'FieldNotes/2.8 (iPad)', calls: [free('datasets.read')], days: [34, LAST_DAY], rate: 0.25, burst: [1, 4], hours: OFFICE },
];

/** Everything that uses tokens as it may. */
export const WORKLOADS: readonly Workload[] = [...HARBOR_LOAD, ...LUMEN_LOAD, ...ATLAS_LOAD, ...OTHER_LOAD];
