import { Dice } from './dice.js';
import { eachOf } from './each-of.js';
import { type InProcessLedger, verifyUse } from './in-process-ledger.js';
import {
  createMember,
  createOrganizationToken,
  createPopulation,
  grant,
  type MintedSecret,
  SCOPE,
} from './population.js';
import { BenchmarkFailed } from './run-benchmark.js';

/** How a believable ledger is filled. */
export interface HistoryOptions {
  /** Events that the log holds at least. */
  readonly events: number;
  readonly organizations: number;
  readonly tokens: number;
  readonly callers: number;
}

/** What a step of the history does, and how often of a thousand events it is the cause. */
const SHARES = { chargedUse: 900, freeUse: 30, denial: 35, tokenLife: 25, grant: 10 } as const;
type Step = keyof typeof SHARES;
/** Events that a step appends, roughly: a step is chosen the less often the more it appends. */
const EVENTS: Readonly<Record<Step, number>> = { chargedUse: 2, freeUse: 1, denial: 1, tokenLife: 7, grant: 1 };
const SEED = 20_261_125;
const COST_MAX = 9;
/** Of the uses, so many come with an idempotency key. */
const KEY_SHARE = 0.1;
const MEMBERS_AT_ONCE = 8;

/** Fills a ledger through the verifier and the API: charged uses, free ones, denials, lives of tokens, grants. */
export class MixedHistory {
  private readonly dice = new Dice(SEED);
  private readonly weights = weigh();
  private steps = 0;

  private constructor(
    private readonly ledger: InProcessLedger,
    private readonly tokens: readonly MintedSecret[],
  ) {}

  /** Returns the number of events in the log. */
  static async fill(ledger: InProcessLedger, options: HistoryOptions): Promise<number> {
    const { admin } = ledger;
    const { organizations, tokens } = await createPopulation(admin, options);
    const members = await eachOf(organizations, MEMBERS_AT_ONCE, ({ uid }, index) =>
      createMember(admin, uid, `member-${index}`),
    );
    const history = new MixedHistory(ledger, [...tokens, ...members]);
    const { log } = ledger.services.store;
    const head = async (): Promise<number> => Number((await log.heads()).all);
    let events = await head();
    while (events < options.events) {
      // In stretches, because the head of the log is the only honest count of events.
      const steps = Math.max(options.callers, Math.ceil((options.events - events) / 4));
      await history.perform(steps, options.callers);
      events = await head();
    }
    return events;
  }

  private async perform(steps: number, callers: number): Promise<void> {
    const until = this.steps + steps;
    const caller = async (): Promise<void> => {
      while (this.steps < until) await this.step((this.steps += 1));
    };
    await Promise.all(Array.from({ length: callers }, caller));
  }

  private step(number: number): Promise<void> {
    const token = this.dice.pick(this.tokens);
    switch (this.choose()) {
      case 'chargedUse':
        return this.use(token, { number, cost: BigInt(this.dice.upTo(COST_MAX)) });
      case 'freeUse':
        return this.use(token, { number, cost: 0n });
      case 'denial':
        return this.use(token, { number, cost: 1n, scope: 'models:delete' });
      case 'tokenLife':
        return this.live(token.organizationUid, number);
      case 'grant':
        return grant(this.ledger.admin, token.organizationUid, BigInt(this.dice.upTo(10_000)));
    }
  }

  private choose(): Step {
    const rolled = this.dice.roll();
    return (this.weights.find(({ upTo }) => rolled < upTo) ?? this.weights[0]!).step;
  }

  private async use(
    { secret, organizationUid: requester }: MintedSecret,
    { number, cost, scope = SCOPE }: { readonly number: number; readonly cost: bigint; readonly scope?: string },
  ): Promise<void> {
    const requestId = `history-${number}`;
    const idempotencyKey = this.dice.roll() < KEY_SHARE ? requestId : null;
    const verdict = await verifyUse(this.ledger, { secret, cost, requester, scope, idempotencyKey, requestId });
    if (verdict.valid === (scope === SCOPE)) return;
    throw new BenchmarkFailed(`a use went otherwise than planned: ${JSON.stringify(verdict)}`);
  }

  /** A token is made, renamed, switched off and on, used, and ended in the end. */
  private async live(organizationUid: string, number: number): Promise<void> {
    const { admin } = this.ledger;
    const token = await createOrganizationToken(admin, organizationUid, `life-${number}`);
    await admin.patch(`/v1/tokens/${token.uid}`, { name: `Life ${number}`, description: 'renamed' });
    await admin.post(`/v1/tokens/${token.uid}/disable`, {});
    await admin.post(`/v1/tokens/${token.uid}/enable`, {});
    await this.use(token, { number, cost: 0n });
    await admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'the end of its life' });
  }
}

/** Upper bounds on a scale from 0 to 1. */
function weigh(): { readonly step: Step; readonly upTo: number }[] {
  const steps = Object.keys(SHARES) as Step[];
  const total = steps.reduce((sum, step) => sum + SHARES[step] / EVENTS[step], 0);
  let reached = 0;
  return steps.map((step) => {
    reached += SHARES[step] / EVENTS[step] / total;
    return { step, upTo: reached };
  });
}
