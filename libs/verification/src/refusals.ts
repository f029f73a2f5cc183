import type { ErrorCode, Fact } from '#libs/contracts';
import type { Position } from '#libs/event-log';
import type { Clock } from '#libs/kernel';
import type { BornToken } from '#libs/tokens/domain';
import { principalActor } from './principal-actor.js';
import { type UnnamedRefusal, UnnamedRefusals } from './unnamed-refusals.js';
import type { UsageWriter } from './usage-writer.js';
import type { UseRequest } from './domain/use-request.js';

const ANONYMOUS = { type: 'anonymous', uid: 'anonymous' } as const;

export interface Refusal {
  readonly code: ErrorCode;
  /** Null where no token can be named: nothing usable was presented, or its secret was not proven. */
  readonly token: BornToken | null;
  readonly request: UseRequest;
  readonly requestId: string;
}

/** Records refused uses: of a named token each one, of others the first per source, code and minute, and counts. */
export class Refusals {
  /** Counted, for metrics. */
  readonly unnamed = new UnnamedRefusals();

  constructor(
    private readonly usage: UsageWriter,
    private readonly clock: Clock,
  ) {}

  /** Stores what there is to store of a refusal; null when it was only counted. Throws what the log throws. */
  async record({ code, token, request, requestId }: Refusal): Promise<Position | null> {
    if (token === null && !this.unnamed.isFirst(request.ip, code, this.clock.now())) return null;
    const actor = token === null ? ANONYMOUS : principalActor(token);
    const append = this.usage.append(deniedFact({ code, token, request, count: 1 }), { actor, requestId });
    return (await this.usage.store(append)).position;
  }

  /**
   * Stores the counts of minutes that are over; of all minutes when the process is about to end. Throws what the log
   * throws; what was not stored is stored by the next call.
   */
  async recordCounts(everything = false): Promise<void> {
    const refusals = this.unnamed.takeFinished(this.clock.now(), everything);
    const stored = await Promise.allSettled(refusals.map((refusal) => this.recordCount(refusal)));
    const failures = stored.map((result) =>
      result.status === 'rejected' ? { error: result.reason as unknown } : null,
    );
    this.unnamed.giveBack(refusals.filter((_, index) => failures[index] !== null));
    const failure = failures.find((found) => found !== null);
    if (failure) throw failure.error;
  }

  private recordCount({ source, code, count }: UnnamedRefusal): Promise<unknown> {
    const fact = deniedFact({ code, token: null, request: { ...NO_REQUEST, ip: source }, count });
    return this.usage.store(this.usage.append(fact, { actor: ANONYMOUS, requestId: 'summary' }));
  }
}

type RequestFields = Omit<UseRequest, 'cost' | 'idempotencyKey'>;

const NO_REQUEST: RequestFields = {
  requester: null,
  scope: null,
  resource: null,
  project: null,
  environment: null,
  operation: null,
  ip: null,
  userAgent: null,
};

interface Denied {
  readonly code: ErrorCode;
  readonly token: BornToken | null;
  readonly request: RequestFields;
  readonly count: number;
}

function deniedFact({ code, token, request, count }: Denied): Fact<'TokenUseDenied'> {
  const { operation, scope, resource, project, environment, requester, ip, userAgent } = request;
  return {
    type: 'TokenUseDenied',
    data: {
      tokenUid: token?.uid ?? null,
      tokenPrefix: token?.prefix ?? null,
      owner: token?.owner ?? null,
      code,
      count,
      operation,
      scope,
      resource,
      project,
      environment,
      requester,
      ip,
      userAgent,
    },
  };
}
