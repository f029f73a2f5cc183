import type { CommandContext } from '#libs/contracts';
import type { LedgerJob } from '#libs/jobs';
import { DAY_MS, parseDurationMs } from '#libs/kernel';
import type { Agenda } from './agenda.js';
import { type Calendar, HISTORY_DAYS } from './calendar.js';
import type { DemoWorld } from './demo-world.js';
import { TOKEN_GROUPS } from './token-plans.js';

export interface DemoJobs {
  readonly expireTokens: LedgerJob;
  readonly flagUnusedTokens: LedgerJob;
}

const DEFAULT_LIFETIME = '90d';
/** So long after an instant has passed the job comes round that records it. */
const JOB_TURN_MS = 12_000;
/** Days between two sweeps for unused tokens; a ledger that runs makes one each day. */
const FLAG_EVERY_DAYS = 4;

/** The jobs run as time goes by: when a token has expired, and every few nights for those that nobody uses. */
export function addJobs(agenda: Agenda, world: DemoWorld, calendar: Calendar, jobs: DemoJobs): void {
  for (const expiresAt of expiries(calendar)) {
    agenda.add(expiresAt + JOB_TURN_MS, () => runJob(world, jobs.expireTokens));
  }
  for (let day = FLAG_EVERY_DAYS; day < HISTORY_DAYS - 1; day += FLAG_EVERY_DAYS) {
    agenda.add(calendar.on(day, '03:00'), () => runJob(world, jobs.flagUnusedTokens));
  }
}

/** When tokens of the plan expire, where that lies in the history. */
function expiries(calendar: Calendar): number[] {
  const plans = TOKEN_GROUPS.flatMap(({ tokens }) => tokens);
  return plans
    .map(({ day, details }) => {
      const lifetimeMs = parseDurationMs(details?.expiresIn ?? DEFAULT_LIFETIME);
      return lifetimeMs === null ? Infinity : calendar.on(day, MADE_BY) + lifetimeMs;
    })
    .filter((at) => at < calendar.nowMs - DAY_MS);
}

/** Tokens of a day are made before. */
const MADE_BY = '10:59';

async function runJob(world: DemoWorld, job: LedgerJob): Promise<void> {
  await world.untilRead();
  await world.settled(job.run(contextOf(world, job)));
}

function contextOf({ clock, ids }: DemoWorld, { name }: LedgerJob): CommandContext {
  const requestId = ids.uid('req');
  return { actor: { type: 'job', uid: name }, requestId, correlationId: requestId, at: clock.now(), ids };
}
