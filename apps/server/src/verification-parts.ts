import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { LedgerSettings, TokenOwner } from '#libs/contracts';
import { streamOf } from '#libs/contracts';
import { OwnerReader, type OwnerStanding, SettingsReader, TokenHasher, type TokenSecrets } from '#libs/tokens';
import {
  Barrier,
  FreeUseKeys,
  FreeUseKeyTable,
  LeakedTokens,
  Refusals,
  SecurityState,
  TokenAuthenticator,
  TokenProof,
  UsageWriter,
  type UseCharger,
  type Verdict,
  Verifier,
} from '#libs/verification';
import type { BornToken } from '#libs/tokens/domain';
import { hasReachedHead, ThrottledLog } from '#libs/http';
import { BarrierMetrics } from './barrier-metrics.js';
import type { Store } from './open-store.js';
import { UnusedFlags } from './unused-flags.js';
import { VerdictMetrics } from './verdict-metrics.js';

/** A check that cannot be confirmed within this time is refused. */
const BARRIER_TIMEOUT_MS = 2_000;

export interface VerificationOptions {
  readonly store: Store;
  readonly tokenSecrets: TokenSecrets;
  readonly charger: UseCharger;
  readonly node: string;
  readonly logger: Logger;
}

export interface VerificationMetrics {
  readonly barrier: BarrierMetrics;
  readonly verdicts: VerdictMetrics;
  /** Uses that were answered and are not in the log. */
  readonly uses: { dropped: number };
}

/** The parts of verification, joined. */
export interface VerificationParts {
  readonly state: SecurityState;
  readonly barrier: Barrier;
  readonly verifier: Verifier;
  readonly authenticator: TokenAuthenticator;
  readonly refusals: Refusals;
  readonly leaks: LeakedTokens;
  readonly settings: SettingsReader;
  readonly owners: OwnerReader;
  readonly metrics: VerificationMetrics;
  /** Name of this process in usage streams. */
  readonly node: string;
}

/** Builds verification on the opened store. */
export function createVerification(options: VerificationOptions): VerificationParts {
  const { store, tokenSecrets, charger, node, logger } = options;
  const { clock, log, dataSource } = store;
  const state = new SecurityState((event, error) => {
    logger.error({ err: error, stream: event.stream, type: event.type }, 'a security event could not be folded');
  });
  const metrics = { barrier: new BarrierMetrics(), verdicts: new VerdictMetrics(), uses: { dropped: 0 } };
  const { onRead } = metrics.barrier;
  const barrier = new Barrier({ log, apply: (event) => state.apply(event), timeoutMs: BARRIER_TIMEOUT_MS, onRead });
  const proof = new TokenProof(state, new TokenHasher(tokenSecrets), tokenSecrets.brand);
  // A stream belongs to one run of one process, so that its revisions have one writer.
  const nameStream = () => streamOf.usage(node, randomUUID().replaceAll('-', '').slice(0, 16));
  const usage = new UsageWriter(log, nameStream, clock);
  const refusals = new Refusals(usage, clock);
  const trouble = new ThrottledLog(logger);
  const flags = new UnusedFlags(store, trouble);
  const onUseOfFlagged = (token: BornToken, usedAt: number) => flags.clear(token, usedAt);
  const shared = { state, barrier, proof, refusals, usage, clock, onUseOfFlagged };
  const onVerdict = (verdict: Verdict, durationMs: number) => {
    metrics.verdicts.onVerdict(verdict, durationMs);
    if (!verdict.valid && verdict.code === 'verification_unavailable') store.watches.log.suspect('checks');
  };
  const isCaughtUp = () => hasReachedHead(store.projections, log, BARRIER_TIMEOUT_MS);
  const freeKeys = new FreeUseKeys(new FreeUseKeyTable(dataSource, isCaughtUp), clock);
  const onRecordFailure = (err: unknown) => {
    metrics.uses.dropped += 1;
    trouble.warn({ err }, 'a use of the API could not be recorded');
  };
  return {
    state,
    barrier,
    refusals,
    leaks: new LeakedTokens(shared),
    metrics,
    node,
    verifier: new Verifier({ ...shared, charger, freeKeys, onVerdict }),
    authenticator: new TokenAuthenticator({ ...shared, onRecordFailure }),
    settings: new StateSettings(state),
    owners: new StateOwners(state),
  };
}

/** Answers from the fold that the authentication of the call under way has brought to the head of the log. */
class StateSettings extends SettingsReader {
  constructor(private readonly state: SecurityState) {
    super();
  }

  settingsFor(ownerUid: string): Promise<LedgerSettings> {
    return Promise.resolve(this.state.directory.settingsOf(ownerUid));
  }
}

class StateOwners extends OwnerReader {
  constructor(private readonly state: SecurityState) {
    super();
  }

  standingOf(owner: TokenOwner): Promise<OwnerStanding | null> {
    return Promise.resolve(this.standing(owner));
  }

  private standing({ type, uid }: TokenOwner): OwnerStanding | null {
    const { directory } = this.state;
    if (type === 'installation') return { active: true, memberships: new Map() };
    if (type === 'organization')
      return directory.organizations.has(uid) ? { active: true, memberships: new Map() } : null;
    const user = directory.users.get(uid);
    return user === undefined ? null : { active: user.status === 'active', memberships: directory.membershipsOf(uid) };
  }
}
