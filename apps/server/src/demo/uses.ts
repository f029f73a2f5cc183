import type { Agenda } from './agenda.js';
import type { Calendar } from './calendar.js';
import type { DemoWorld } from './demo-world.js';
import { type Burst, planBursts, type PlannedUse, usesOf } from './plan-uses.js';
import type { SeededRandom } from './seeded-random.js';
import { HONEST, type UseRunner } from './use-runner.js';
import { PRODUCTION } from './harbor-workloads.js';
import { WORKLOADS } from './workloads.js';

/** Uses that are accepted in the end, exactly. */
export const ACCEPTED_USES = 10_000;

const BURST = [12, 30] as const;
/** The history ends so long before the machine's clock goes on. */
const LAST_MS = 60_000;

/** Everything that uses a token as it may. */
export function addUses(agenda: Agenda, world: DemoWorld, calendar: Calendar, tools: Tools): void {
  for (const burst of planBursts(WORKLOADS, calendar, tools.draw, ACCEPTED_USES)) {
    agenda.add(burst.at, () => runBurst(world, burst, tools.runner));
  }
}

export interface Tools {
  readonly runner: UseRunner;
  readonly draw: SeededRandom;
}

/** Uses of today in the place of those that were refused because credits had run out. */
export async function addUsesOfToday(world: DemoWorld, calendar: Calendar, { runner, draw }: Tools): Promise<void> {
  const bursts: PlannedUse[][] = [];
  for (let missing = ACCEPTED_USES - runner.acceptedUses; missing > 0;) {
    const uses = usesOf(PRODUCTION.calls, Math.min(missing, draw.int(...BURST)), draw);
    bursts.push(uses);
    missing -= uses.length;
  }
  const begin = world.clock.now();
  const stepMs = Math.floor((calendar.nowMs - LAST_MS - begin) / (bursts.length + 1));
  for (const [index, uses] of bursts.entries()) {
    const at = begin + stepMs * (index + 1);
    await runBurst(world, { at, workload: PRODUCTION, ip: draw.pick(PRODUCTION.ips), uses }, runner);
  }
}

async function runBurst(world: DemoWorld, { at, workload, ip, uses }: Burst, runner: UseRunner): Promise<void> {
  world.clock.moveTo(at);
  const { token, requester, userAgent, keyed = false } = workload;
  await runner.run({
    presented: world.token(token).secret.expose(),
    requester: requester === undefined ? null : world.owner(requester),
    ip,
    userAgent,
    uses,
    keyed,
    expected: HONEST,
  });
}
