import { createHash } from 'node:crypto';
import { chargedUseEventId, type CommandContext } from '#libs/contracts';
import { type EventLog, MemoryEventLog, type RecordedEvent } from '#libs/event-log';
import { RandomIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { AccountLedger, type AccountLedgerOptions } from '../account-ledger/account-ledger.js';
import type { AccountReadModel } from '../account-ledger/account-read-model.js';
import { type ChargedUse, chargeUse } from '../account-ledger/charge-use.js';
import { decideGrant, decideTerms } from '../domain/index.js';
import { AT, opened } from './account-facts.js';
import { FaultyLog } from './faulty-log.js';
import { MemoryAccountReadModel } from './memory-account-read-model.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export interface UseWish {
  readonly amount?: bigint;
  /** Idempotency key; none when absent. */
  readonly key?: string;
  /** What the fingerprint of the request is made of, besides the account. */
  readonly body?: string;
}

interface LedgerNodeParts {
  readonly world: LedgerWorld;
  readonly name: string;
  readonly log: EventLog;
  readonly options: Partial<AccountLedgerOptions>;
}

/** A process of its own, on the log that it shares with others. */
export class LedgerNode {
  readonly log: FaultyLog;
  readonly ledger: AccountLedger;
  private readonly world: LedgerWorld;
  private readonly name: string;

  constructor({ world, name, log, options }: LedgerNodeParts) {
    this.world = world;
    this.name = name;
    this.log = new FaultyLog(log);
    this.ledger = new AccountLedger({ log: this.log, readModel: world.readModel, ...options });
  }

  /** Charges a use, as the verifier does. */
  charge(accountUid: string, { amount = 1n, key, body = '' }: UseWish = {}): Promise<ChargedUse> {
    const context = this.world.context(key, `${accountUid}:${amount}:${body}`);
    const useId = context.ids.uid('use');
    return chargeUse(this.ledger, {
      accountUid,
      amount,
      useId,
      tokenUid: 'tok_01JD00000000000000000000TK',
      tokenPrefix: 'tlp_01234567',
      principal: 'usr_01JD00000000000000000000VS',
      operation: 'test',
      context,
      securityAt: null,
      used: (charge) => this.usage({ useId: charge.useId ?? useId, chargeUid: charge.chargeUid }),
    });
  }

  grant(accountUid: string, amount: bigint) {
    const context = this.world.context();
    const terms = { kind: 'paid' as const, effectiveAt: null, expiresAt: null, priority: 50, reason: null };
    const grant = { grantUid: context.ids.uid('grt'), amount, ...terms };
    const decide = (account: { state: Parameters<typeof decideGrant>[0] }) => ({
      facts: decideGrant(account.state, grant, context),
    });
    return this.ledger.execute({ accountUid, context, decide });
  }

  limit(accountUid: string, limit: bigint | null) {
    const context = this.world.context();
    const decide = (account: { state: Parameters<typeof decideTerms>[0] }) => ({
      facts: decideTerms(account.state, { limit }, context),
    });
    return this.ledger.execute({ accountUid, context, decide });
  }

  private usage(data: { readonly useId: string; readonly chargeUid: string }) {
    const event = { id: chargedUseEventId(data.useId), type: 'TokenUsed' as const, data: data as never, metadata: {} };
    return { stream: `usage-${this.name}-1`, expected: 'next' as const, events: [event] };
  }
}

export interface LedgerWorldParts {
  readonly clock: ManualClock;
  readonly log: EventLog;
  readonly readModel: AccountReadModel;
}

/** Ledgers on one log, with one read model. */
export class LedgerWorld {
  readonly clock: ManualClock;
  readonly log: EventLog;
  readonly readModel: AccountReadModel;
  readonly ids = new RandomIds(() => this.clock.now());
  private nodes = 0;

  constructor({ clock, log, readModel }: LedgerWorldParts) {
    this.clock = clock;
    this.log = log;
    this.readModel = readModel;
  }

  /** Another process, with a log of its own over the same events if one is given. */
  node(log = this.log, options: Partial<AccountLedgerOptions> = {}): LedgerNode {
    this.nodes += 1;
    return new LedgerNode({ world: this, name: String(this.nodes), log, options });
  }

  context(key?: string, body = ''): CommandContext {
    const idempotency = key === undefined ? {} : { idempotency: { keyHash: sha256(key), fingerprint: sha256(body) } };
    return {
      actor: { type: 'system', uid: 'test' },
      requestId: 'request',
      correlationId: 'request',
      at: this.clock.now(),
      ids: this.ids,
      ...idempotency,
    };
  }

  /** Opens an account, as whoever creates its owner does. */
  async open(accountUid: string, limit: string | null = '0'): Promise<void> {
    const { type, data } = opened(accountUid, limit);
    const events = [{ id: this.ids.uuid(), type, data, metadata: { occurredAt: '2026-11-25T08:00:00.000Z' } }];
    await this.log.append({ streams: [{ stream: `account-${accountUid}`, expected: 'noStream', events }] });
  }

  stream(accountUid: string): Promise<RecordedEvent[]> {
    return this.log.readStream(`account-${accountUid}`);
  }

  /** All TokenUsed events. */
  async uses(): Promise<{ useId: string; chargeUid: string }[]> {
    const found: RecordedEvent[] = [];
    for (let node = 1; node <= this.nodes; node += 1) found.push(...(await this.log.readStream(`usage-${node}-1`)));
    return found.map(({ data }) => data as unknown as { useId: string; chargeUid: string });
  }
}

/** The same in memory; the read model is as far as it was brought. */
export class MemoryWorld extends LedgerWorld {
  declare readonly log: MemoryEventLog;
  declare readonly readModel: MemoryAccountReadModel;

  constructor() {
    const clock = new ManualClock(AT);
    const log = new MemoryEventLog(clock);
    super({ clock, log, readModel: new MemoryAccountReadModel(log) });
  }

  /** Another process, with a log of its own. */
  process(options: Partial<AccountLedgerOptions> = {}): LedgerNode {
    return this.node(this.log.reopen(), options);
  }
}
