import { type Actor, type CommandContext, type Fact, type NewEvent, streamOf, toEvents } from '#libs/contracts';
import { type EventLog, type RecordedEvent, START } from '#libs/event-log';
import { type AccountState, decideCharge, evolveAccount, initialAccount } from '#libs/billing/domain';
import { RandomIds, toInstant } from '#libs/kernel';
import { Dice } from './dice.js';
import type { MassToken } from './mass-tokens.js';
import { SCOPE } from './population.js';

/** The stretch of time that a history covers, in epoch milliseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** By uid of the account: the revision of the first event, and the events. */
type Charges = Map<string, { readonly first: bigint; readonly events: NewEvent[] }>;

const SEED = 20_261_129;
/** Checks that share a flush: as many as callers usually keep waiting. */
const CHECKS = 64;
const FREE_SHARE = 0.025;
const DENIED_SHARE = 0.025;
const COST_MAX = 9;
const ADDRESSES = 250;

/** Flush after flush of checks as a ledger under load would have recorded them: charged uses, free ones, and refusals. */
export class MassUses {
  private readonly dice = new Dice(SEED);
  private readonly stream = streamOf.usage('bench', 'history');
  private usageRevision = -1n;
  private at: number;
  private readonly ids = new RandomIds(() => this.at);

  private constructor(
    private readonly tokens: readonly MassToken[],
    /** By uid, as the events so far leave them. */
    readonly accounts: Map<string, AccountState>,
    period: Period,
  ) {
    this.at = period.from;
  }

  /** Goes on where the log leaves the accounts of the tokens. */
  static async begin(log: EventLog, tokens: readonly MassToken[], period: Period): Promise<MassUses> {
    const accounts = new Map<string, AccountState>();
    for (const uid of new Set(tokens.map(({ organizationUid }) => organizationUid))) {
      const events = await log.readStream(streamOf.account(uid));
      const facts = events as unknown as readonly Parameters<typeof evolveAccount>[1][];
      accounts.set(uid, facts.reduce(evolveAccount, initialAccount(uid)));
    }
    return new MassUses(tokens, accounts, period);
  }

  /** The events of the next flush, made at an instant; one stream after the other, as its rows stand in the log. */
  flush(at: number): RecordedEvent[] {
    this.at = at;
    const usage: NewEvent[] = [];
    const charges: Charges = new Map();
    for (let check = 0; check < CHECKS; check += 1) {
      const token = this.dice.pick(this.tokens);
      const context = this.contextOf(token);
      const rolled = this.dice.roll();
      if (rolled < DENIED_SHARE) usage.push(...toEvents([deniedFact(token, this.address())], context));
      else if (rolled < DENIED_SHARE + FREE_SHARE) usage.push(...toEvents([this.usedFact(token, 0, null)], context));
      else this.charge(token, { context, usage, charges });
    }
    const recorded = this.recorded(this.stream, this.usageRevision + 1n, usage);
    this.usageRevision += BigInt(usage.length);
    for (const [uid, { first, events }] of charges) {
      for (const event of this.recorded(streamOf.account(uid), first, events)) recorded.push(event);
    }
    return recorded;
  }

  private charge(
    token: MassToken,
    { context, usage, charges }: { context: CommandContext; usage: NewEvent[]; charges: Charges },
  ): void {
    const { organizationUid, uid: tokenUid, prefix: tokenPrefix } = token;
    const state = this.accounts.get(organizationUid) ?? initialAccount(organizationUid);
    const cost = this.dice.upTo(COST_MAX);
    const chargeUid = this.ids.uid('chg');
    const used = this.usedFact(token, cost, chargeUid);
    const { useId, operation, principal } = used.data;
    const wanted = { chargeUid, kind: 'use', useId, tokenUid, tokenPrefix, principal, operation } as const;
    const charge = { ...wanted, quantity: null, reason: null, amount: BigInt(cost) };
    const facts = decideCharge(state, charge, { at: this.at });
    this.accounts.set(organizationUid, facts.reduce(evolveAccount, state));
    usage.push(...toEvents([used], context));
    const known = charges.get(organizationUid) ?? { first: state.revision + 1n, events: [] };
    known.events.push(...toEvents(facts, context));
    charges.set(organizationUid, known);
  }

  private usedFact(token: MassToken, cost: number, chargeUid: string | null): Fact<'TokenUsed'> {
    const { uid, prefix, organizationUid } = token;
    return {
      type: 'TokenUsed',
      data: {
        useId: this.ids.uid('use'),
        tokenUid: uid,
        tokenPrefix: prefix,
        owner: { type: 'organization', uid: organizationUid },
        principal: organizationUid,
        payer: organizationUid,
        cost: cost.toString(),
        chargeUid,
        ...requestOf(this.address()),
        idempotencyKeyHash: null,
        fingerprint: null,
      },
    };
  }

  private contextOf({ organizationUid }: MassToken): CommandContext {
    const actor: Actor = { type: 'organization', uid: organizationUid };
    const requestId = this.ids.uid('req');
    return { actor, requestId, correlationId: requestId, at: this.at, ids: this.ids };
  }

  private address(): string {
    return `203.0.113.${this.dice.upTo(ADDRESSES)}`;
  }

  /** Positions are the importer's to give. */
  private recorded(stream: string, first: bigint, events: readonly NewEvent[]): RecordedEvent[] {
    const recordedAt = toInstant(this.at);
    return events.map((event, index) => ({
      ...event,
      stream,
      revision: first + BigInt(index),
      position: START,
      recordedAt,
    }));
  }
}

function requestOf(ip: string) {
  const nowhere = { resource: null, project: null, environment: null, requester: null };
  return { operation: 'pipeline.run', scope: SCOPE, ...nowhere, ip, userAgent: 'curl/8' };
}

function deniedFact({ uid, prefix, organizationUid }: MassToken, ip: string): Fact<'TokenUseDenied'> {
  return {
    type: 'TokenUseDenied',
    data: {
      tokenUid: uid,
      tokenPrefix: prefix,
      owner: { type: 'organization', uid: organizationUid },
      code: 'insufficient_scope',
      count: 1,
      ...requestOf(ip),
    },
  };
}
