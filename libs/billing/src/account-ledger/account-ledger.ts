import { isRefusal, refuse } from '#libs/contracts';
import { type EventLog, LogUnavailable, type Position, RevisionConflict, SecurityMoved } from '#libs/event-log';
import { type AccountFact, type AccountState, evolveAccount } from '../domain/index.js';
import { type AccountCommand, type AccountDecision, type AccountOutcome, CommandRun } from './account-command.js';
import type { AccountReadModel, RecordedEntry } from './account-read-model.js';
import type { AppendBatch } from './append-batch.js';
import { AppendWaves } from './append-waves.js';
import { KeyLookups } from './key-lookups.js';
import type { DurableAccount, LiveAccount } from './live-account.js';
import { LiveAccounts } from './live-accounts.js';
import { ReadModelAway } from './read-model-away.js';
import { isRemembered, RecentEntries, type RecentEntry } from './recent-entries.js';

export interface AccountLedgerOptions {
  readonly log: EventLog;
  readonly readModel: AccountReadModel;
  /** Accounts kept in memory; default 50,000. */
  readonly accountsMax?: number;
  /** Keyed entries that the read model has not reached, and that are remembered here; default 1,000,000. */
  readonly recentMax?: number;
  /** Commands that may wait for their answer; those beyond are refused. Default 20,000. */
  readonly waitingMax?: number;
}

const TRIES = 24;
const ACCOUNTS_MAX = 50_000;
const RECENT_MAX = 1_000_000;
/** While the log is not written, decisions on it would pile up: as many as it takes itself, and no more. */
const WAITING_MAX = 20_000;

/**
 * Through this goes every decision on an account, in this process. Accounts are kept in memory; a command is decided at
 * once on the newest state, which the next command builds on, and answered when the log has stored it. Another node that
 * writes to the same account makes the append fail: then everything that was built on it is void, the account is read
 * again, and decided again. So no balance falls below its limit, no charge number is missing or given twice, and no key
 * is charged twice, on any number of nodes.
 */
export class AccountLedger {
  private readonly recent = new RecentEntries();
  private readonly recentMax: number;
  private readonly waitingMax: number;
  private waiting = 0;
  private readonly accounts: LiveAccounts;
  private readonly lookups: KeyLookups;
  private readonly waves: AppendWaves;
  /** True where a charge may be left without its TokenUsed, which is then written from what the charge says. */
  readonly mayPartUses: boolean;

  constructor({ log, readModel, accountsMax = ACCOUNTS_MAX, ...bounds }: AccountLedgerOptions) {
    const { recentMax = RECENT_MAX, waitingMax = WAITING_MAX } = bounds;
    this.recentMax = recentMax;
    this.waitingMax = waitingMax;
    this.mayPartUses = log.mayPartRequests;
    this.accounts = new LiveAccounts({ log, readModel, recent: this.recent, capacity: accountsMax });
    this.lookups = new KeyLookups(readModel, this.recent);
    this.waves = new AppendWaves(log, {
      stored: (account, batch, position) => this.confirm(account, batch, position),
      failed: (account, batch, error) => this.discard(account, batch, error),
    });
  }

  /**
   * Decides, and answers when that is stored. With `context.idempotency` at most once: a retry gets the recorded fact,
   * whichever node recorded it, and callers at once get the same one. Refuses what `decide` refuses, `not_found`,
   * `idempotency_key_reused`, and `not_ready` or `verification_unavailable` when it cannot be confirmed:
   * nothing happened then, or it is not known whether it did (the log went away), which a retry under the same key finds.
   * Throws SecurityMoved when the command rests on security events that are not the last ones: nothing happened then.
   */
  execute(command: AccountCommand): Promise<AccountOutcome> {
    if (this.waiting >= this.waitingMax) {
      return Promise.reject(refuse(command.unavailable ?? 'not_ready', { headers: RETRY }));
    }
    this.waiting += 1;
    const outcome = this.decideAndStore(command);
    const done = (): void => void (this.waiting -= 1);
    outcome.then(done, done);
    return outcome;
  }

  private async decideAndStore(command: AccountCommand): Promise<AccountOutcome> {
    const run = new CommandRun(command);
    for (let tries = 1; tries <= TRIES; tries += 1) {
      try {
        const outcome = await this.attempt(run);
        if (outcome !== null) return outcome;
      } catch (error) {
        considerAgain(error, run);
      }
    }
    throw refuse(command.unavailable ?? 'not_ready', { headers: RETRY, cause: run.conflict });
  }

  /** The account as the log holds it at a moment after this call. Refuses `not_found` and `not_ready`. */
  async read(accountUid: string): Promise<DurableAccount> {
    try {
      return await this.accounts.newest(this.accounts.get(accountUid) ?? (await this.accounts.load(accountUid)));
    } catch (error) {
      throw refusalOf(error, {});
    }
  }

  /**
   * What was recorded under a key, on this account first, by what this node knows and the read models hold. Refuses
   * `verification_unavailable`.
   */
  async entryOf(keyHash: string, accountUid: string): Promise<AccountFact | null> {
    try {
      const known = this.recent.find(keyHash, accountUid);
      await known?.stored;
      return (known ?? (await this.lookups.find(keyHash, accountUid)).entry)?.fact ?? null;
    } catch (error) {
      // Overtaken: whether the key is taken is known once the command under it has been tried again.
      const isOvertaken = error instanceof RevisionConflict || error instanceof SecurityMoved;
      throw refusalOf(isOvertaken ? new LogUnavailable(error.message) : error, {
        unavailable: 'verification_unavailable',
      });
    }
  }

  /**
   * One try; null: the account has changed in the meantime, so try again. Throws RevisionConflict to the same end. From
   * here to the append no function is `async`: all charges pass, and each layer of it costs as much as the decision.
   */
  private attempt(run: CommandRun): Promise<AccountOutcome | null> {
    const { accountUid } = run.command;
    const account = this.accounts.get(accountUid);
    if (account !== undefined) return this.attemptOn(account, run);
    return this.accounts.load(accountUid).then((loaded) => this.attemptOn(loaded, run));
  }

  private attemptOn(account: LiveAccount, run: CommandRun): Promise<AccountOutcome | null> {
    if (account.isLost) return AGAIN;
    const { accountUid, context } = run.command;
    if (context.idempotency === undefined) return this.decide(account, run);
    const { keyHash } = context.idempotency;
    const known = this.recent.find(keyHash, accountUid);
    if (known !== undefined) return this.replay(known, run);
    if (run.isCovered(account.since)) return this.decide(account, run);
    return this.lookUp(keyHash, run);
  }

  /** Answers a key that was used before; null when it is free, which the next try rests on. */
  private async lookUp(keyHash: string, run: CommandRun): Promise<AccountOutcome | null> {
    const { covered, entry } = await this.lookups.find(keyHash, run.command.accountUid);
    if (entry !== undefined) return this.replay(entry, run);
    run.cover(covered);
    return null;
  }

  private async replay(entry: RecentEntry | RecordedEntry, { command }: CommandRun): Promise<AccountOutcome> {
    // Whether the key is taken, and by what, is only known once that is stored.
    const position = await ('stored' in entry ? entry.stored : entry.position);
    const { fact, accountUid } = entry;
    const fingerprint = 'fingerprint' in fact.data ? fact.data.fingerprint : null;
    if (accountUid !== command.accountUid || fingerprint !== command.context.idempotency?.fingerprint) {
      throw refuse('idempotency_key_reused');
    }
    return { fact, position, replayed: true };
  }

  private decide(account: LiveAccount, run: CommandRun): Promise<AccountOutcome | null> {
    const { command } = run;
    const { state } = account;
    if (command.context.idempotency !== undefined && this.recent.size >= this.recentMax) throw tooFarBehind();
    let decision: AccountDecision;
    try {
      decision = command.decide(account, run.conflict);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.isNewest(account, state).then((isNewest) => {
        if (isNewest) throw error;
        return null;
      });
    }
    if (decision.facts.length > 0) return this.append(account, decision, run);
    return this.isNewest(account, state).then((isNewest) => (isNewest ? NOTHING_CHANGED : null));
  }

  /**
   * True when the account was in this state at a moment after the call. A decision that appends is confirmed by its
   * append; a refusal must not rest on credits that another node has added to, or on a charge that is never stored.
   */
  private async isNewest(account: LiveAccount, state: AccountState): Promise<boolean> {
    const [newest] = await Promise.all([this.accounts.newest(account), account.newestBatch?.stored]);
    return !account.isLost && newest.state.revision <= state.revision;
  }

  private append(account: LiveAccount, decision: AccountDecision, run: CommandRun): Promise<AccountOutcome> {
    const { facts, also = [] } = decision;
    const events = run.eventsOf(facts);
    let { state } = account;
    for (const fact of facts) state = evolveAccount(state, fact);
    // Nothing below may fail: others build on this state from here on.
    const batch = account.openBatch();
    batch.add({ after: state, events, also, securityAt: run.command.securityAt });
    account.state = state;
    const fact = facts[facts.length - 1] ?? null;
    if (fact !== null && isRemembered(fact)) {
      const entry: RecentEntry = { accountUid: state.uid, fact, stored: batch.stored };
      this.recent.add(entry);
      batch.entries.push(entry);
    }
    this.waves.submit(account);
    return batch.stored.then((position) => ({ fact, position, replayed: false }));
  }

  private confirm(account: LiveAccount, batch: AppendBatch, position: Position): void {
    account.durable = { state: batch.after, position };
    for (const entry of batch.entries) this.recent.settle(entry, position);
    batch.succeed(position);
  }

  private discard(account: LiveAccount, batch: AppendBatch, error: unknown): void {
    this.accounts.lose(account);
    for (const lost of [batch, ...account.waiting.splice(0)]) {
      for (const entry of lost.entries) this.recent.remove(entry);
      lost.fail(error);
    }
  }
}

/** What a try comes to when there has to be another one. */
const AGAIN = Promise.resolve(null);
const NOTHING_CHANGED: AccountOutcome = { fact: null, position: null, replayed: false };
const RETRY = { 'retry-after': '1' };

function tooFarBehind(): Error {
  return new ReadModelAway('the read model of accounts is too far behind to remember more keys');
}

/** Throws what another try would not mend. */
function considerAgain(error: unknown, run: CommandRun): void {
  const { command } = run;
  if (error instanceof RevisionConflict) run.conflict = error;
  // It went out with a use that rested on what has changed since, and is as good as before.
  else if (!(error instanceof SecurityMoved) || command.securityAt !== undefined) throw refusalOf(error, command);
}

/** What cannot be confirmed is refused; a mistake of the program stays one. */
function refusalOf(error: unknown, { unavailable }: Pick<AccountCommand, 'unavailable'>): unknown {
  if (!(error instanceof LogUnavailable || error instanceof ReadModelAway)) return error;
  return refuse(unavailable ?? 'not_ready', { headers: RETRY, cause: error });
}
