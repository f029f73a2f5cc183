import { stat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#libs/config';
import { comparePositions, START } from '#libs/event-log';
import { Secret } from '#libs/kernel';
import { ExpireTokensJob, FlagUnusedTokensJob } from '#libs/tokens';
import type { Store } from '../open-store.js';
import type { Services } from '../services.js';
import { Agenda } from './agenda.js';
import { Calendar } from './calendar.js';
import { DemoClock } from './demo-clock.js';
import { loginsFileOf, writeLogins } from './demo-logins.js';
import { DemoWorld } from './demo-world.js';
import { addJobs } from './jobs.js';
import { addMoney } from './money.js';
import { addOrganizations } from './organizations.js';
import { addPeople, BOOTSTRAP } from './people.js';
import { DemoProgress } from './progress.js';
import { addRefusedUses } from './refused-uses.js';
import { SeededRandom } from './seeded-random.js';
import { addTokens } from './tokens.js';
import { UseRunner } from './use-runner.js';
import { addUses, addUsesOfToday } from './uses.js';

const SEED = 20_240_229;
const BOOTSTRAP_CLIENT = { ip: '127.0.0.1', userAgent: 'curl/8.14.1' };

/** A demo is asked for in a ledger that holds something else; the message says what to do. */
export class LedgerNotEmpty extends Error {
  override name = 'LedgerNotEmpty';

  constructor() {
    super(
      '--demo fills an empty ledger, and this one holds events already, perhaps of a demo that was interrupted. ' +
        'Start without --demo, or name a new directory in TOKEN_LEDGER_DATA_DIR.',
    );
  }
}

/**
 * Fills an empty ledger with the history of some organizations, through the commands, the verifier and the jobs that
 * everybody uses; only the clock is set to when it happened. `begin` comes before anything is recorded, `fill` before
 * anything else runs.
 */
export class Demo {
  /** The clock of the server: in the past from `begin` to the end of `fill`. */
  readonly clock: DemoClock;
  private readonly progress: DemoProgress;
  private readonly calendar: Calendar;
  private isFilled = false;

  constructor(private readonly settings: Settings) {
    this.clock = new DemoClock(settings.clockOffsetMs);
    this.calendar = new Calendar(this.clock.now());
    this.progress = new DemoProgress(this.calendar);
  }

  /** Path of the file that holds the tokens of the demo's logins. */
  get loginsFile(): string {
    return loginsFileOf(this.settings.dataDir);
  }

  /** Goes back to where the history begins, unless it was told before. Throws LedgerNotEmpty. */
  async begin({ log }: Store): Promise<void> {
    const { all } = await log.heads();
    if (comparePositions(all, START) === 0) return this.clock.moveTo(this.calendar.on(0, '07:30'));
    if (!(await exists(this.loginsFile))) throw new LedgerNotEmpty();
    this.isFilled = true;
  }

  /** Tells the history, or that it was told before. */
  async fill(app: NestFastifyApplication, services: Services): Promise<void> {
    if (this.isFilled) return this.progress.alreadyFilled();
    const { clock, calendar, progress } = this;
    const world = new DemoWorld({ commands: app.get(CommandBus), services, clock });
    world.signIn(BOOTSTRAP, await this.bootstrapToken(), BOOTSTRAP_CLIENT);
    const tools = { runner: new UseRunner(world), draw: new SeededRandom(SEED) };
    const agenda = new Agenda();
    addPeople(agenda, world, calendar);
    addOrganizations(agenda, world, calendar);
    addTokens(agenda, world, calendar);
    addMoney(agenda, world, calendar);
    addUses(agenda, world, calendar, tools);
    addRefusedUses(agenda, world, calendar, tools);
    addJobs(agenda, world, calendar, {
      expireTokens: app.get(ExpireTokensJob, { strict: false }),
      flagUnusedTokens: app.get(FlagUnusedTokensJob, { strict: false }),
    });
    progress.begin();
    await agenda.carryOut(clock, (at) => progress.reach(at, tools.runner.acceptedUses));
    await addUsesOfToday(world, calendar, tools);
    clock.release();
    await writeLogins(world, this.settings.dataDir);
    await world.untilRead();
    progress.end(tools.runner.acceptedUses, tools.runner.refusedUses);
  }

  private async bootstrapToken(): Promise<Secret> {
    const { dataDir, initialAdminTokens } = this.settings;
    const [given] = initialAdminTokens;
    return new Secret(given ?? (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim());
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
