import type { ErrorCode } from '#libs/contracts';
import { MINUTE_MS } from '#libs/kernel';
import { drawTokenString } from '#libs/tokens/domain';
import type { Agenda } from './agenda.js';
import type { Calendar } from './calendar.js';
import type { DemoWorld } from './demo-world.js';
import { HARBOR, LUMEN } from './organizations.js';
import { usesOf } from './plan-uses.js';
import type { SeededRandom } from './seeded-random.js';
import type { UseRunner } from './use-runner.js';
import type { Call, Workload } from './workload.js';

const INVOKE: Call = { operation: 'models.invoke', cost: 1, scope: 'models:invoke' };
const SCAN_GAP_MS = 150;

/** Somebody who is refused, once or for some days. */
interface RefusedPlan extends Pick<Workload, 'token' | 'requester' | 'userAgent'> {
  readonly code: ErrorCode;
  readonly ip: string;
  readonly call: Call;
  readonly days: readonly number[];
  readonly time: string;
  readonly uses: number;
}

const REFUSED: readonly RefusedPlan[] = [
  {
    code: 'revoked_token',
    token: 'old-gateway',
    ip: '198.51.100.24',
    userAgent: 'node',
    call: INVOKE,
    days: [50, 51, 52],
    time: '14:20',
    uses: 4,
  },
  {
    code: 'revoked_token',
    token: 'leaked',
    ip: '203.0.113.200',
    userAgent: 'python-requests/2.28.1',
    call: INVOKE,
    days: [67, 68, 70, 75],
    time: '03:11',
    uses: 7,
  },
  {
    code: 'expired_token',
    token: 'migration',
    ip: '198.51.100.46',
    userAgent: 'Java-http-client/21.0.5',
    call: { operation: 'records.import', cost: 0 },
    days: [35, 36],
    time: '09:40',
    uses: 4,
  },
  {
    code: 'expired_token',
    token: 'trial',
    ip: '198.51.100.63',
    userAgent: 'curl/8.14.1',
    call: INVOKE,
    days: [13],
    time: '15:02',
    uses: 2,
  },
  {
    code: 'disabled_token',
    token: 'backup',
    ip: '198.51.100.48',
    userAgent: 'rclone/v1.71.2',
    call: { operation: 'records.export', cost: 0 },
    days: [106, 109, 112, 115, 118],
    time: '01:07',
    uses: 2,
  },
  {
    code: 'disabled_token',
    token: 'website',
    ip: '203.0.113.81',
    userAgent: 'node',
    call: { operation: 'images.read', cost: 0 },
    days: [65],
    time: '12:30',
    uses: 6,
  },
  {
    code: 'insufficient_scope',
    token: 'tomas-1',
    requester: HARBOR,
    ip: '203.0.113.14',
    userAgent: 'curl/8.14.1',
    call: { operation: 'deployments.create', cost: 0, scope: 'deploy:production' },
    days: [41, 72, 90],
    time: '16:48',
    uses: 2,
  },
  {
    code: 'insufficient_scope',
    token: 'ci',
    ip: '203.0.113.51',
    userAgent: 'github-actions/2.329',
    call: INVOKE,
    days: [87],
    time: '11:09',
    uses: 3,
  },
  {
    code: 'resource_not_allowed',
    token: 'omar',
    ip: '203.0.113.70',
    userAgent: 'Dispatch/4.2 (Android 16)',
    call: { ...INVOKE, resource: 'deployment:prices' },
    days: [44, 103],
    time: '13:33',
    uses: 2,
  },
  {
    code: 'ip_not_allowed',
    token: 'ehr',
    ip: '203.0.113.77',
    userAgent: 'Java-http-client/21.0.5',
    call: INVOKE,
    days: [27, 93],
    time: '19:55',
    uses: 3,
  },
  {
    code: 'requester_not_allowed',
    token: 'david',
    requester: LUMEN,
    ip: '203.0.113.30',
    userAgent: 'vitest/4.0',
    call: INVOKE,
    days: [81],
    time: '10:25',
    uses: 4,
  },
  {
    code: 'owner_inactive',
    token: 'yuki',
    ip: '203.0.113.220',
    userAgent: 'python-requests/2.28.1',
    call: { operation: 'datasets.read', cost: 0 },
    days: [95, 96, 98],
    time: '21:14',
    uses: 5,
  },
];

/** Somebody who tries token strings that there are not. */
const SCANS = { days: [19, 48, 66, 83, 101, 117], time: '04:20', ip: '203.0.113.240', userAgent: 'zgrab/0.x' };
const SCANNED = 25;
const TYPING_ERROR = { days: [10, 63, 99], time: '10:58', ip: '203.0.113.14', userAgent: 'curl/8.14.1' };

interface Tools {
  readonly runner: UseRunner;
  readonly draw: SeededRandom;
}

/** Uses that are refused, each for a reason that the history gives. */
export function addRefusedUses(agenda: Agenda, world: DemoWorld, calendar: Calendar, tools: Tools): void {
  for (const plan of REFUSED) {
    for (const day of plan.days) agenda.add(calendar.on(day, plan.time), () => refuse(world, plan, tools));
  }
  for (const day of SCANS.days) {
    agenda.add(calendar.on(day, SCANS.time), () => scan(world, tools));
  }
  for (const day of TYPING_ERROR.days) {
    const token = day < 99 ? 'tomas-1' : 'tomas-2';
    agenda.add(calendar.on(day, TYPING_ERROR.time), () => mistype(world, token, tools));
  }
}

async function refuse(world: DemoWorld, plan: RefusedPlan, { runner, draw }: Tools): Promise<void> {
  const { code, token, requester, ip, userAgent, call, uses } = plan;
  await runner.run({
    presented: world.token(token).secret.expose(),
    requester: requester === undefined ? null : world.owner(requester),
    ip,
    userAgent,
    uses: usesOf([call], uses, draw),
    keyed: false,
    expected: [code],
  });
}

/** One token string after the other, well formed and made up: the first is recorded by itself, the rest as a count. */
async function scan(world: DemoWorld, { runner, draw }: Tools): Promise<void> {
  const { brand } = world.services.tokenSecrets;
  const { ip, userAgent } = SCANS;
  for (const use of usesOf([INVOKE], SCANNED, draw)) {
    const presented = drawTokenString(brand, 'o', (count) => draw.bytes(count)).text;
    await runner.run({
      presented,
      requester: null,
      ip,
      userAgent,
      uses: [{ ...use, gapMs: SCAN_GAP_MS }],
      keyed: false,
      expected: ['unknown_token'],
    });
  }
  world.clock.moveTo(world.clock.now() + MINUTE_MS);
  await world.services.verification.refusals.recordCounts();
}

async function mistype(world: DemoWorld, token: string, { runner, draw }: Tools): Promise<void> {
  const secret = world.token(token).secret.expose();
  const { ip, userAgent } = TYPING_ERROR;
  const presented = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
  const uses = usesOf([INVOKE], 1, draw);
  await runner.run({ presented, requester: null, ip, userAgent, uses, keyed: false, expected: ['checksum_mismatch'] });
}
