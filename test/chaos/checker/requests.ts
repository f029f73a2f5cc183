import type { Answered, Entry, RequestKind } from '../history.js';
import type { LogEvent } from './log-event.js';
import type { Violations } from './violations.js';

/** What stands in the log of a request; the members that the answers of its kind name. */
type Recorded = Pick<Answered, 'useId' | 'charge' | 'chargeNumber' | 'grant' | 'token'>;

interface Request {
  readonly kind: RequestKind;
  attempts: number;
  acknowledged: Answered | null;
  /** False once one attempt may have been recorded. */
  isRefused: boolean;
}

/**
 * What was acknowledged stands in the log once, what was not acknowledged at most once, and what was refused not at
 * all. A request is found in the log by its name, which it gave as its operation, reason or name.
 */
export class RequestsCheck {
  private readonly recorded = new Map<string, Recorded[]>();
  private readonly requests = new Map<string, Request>();
  private readonly once = new Map<string, bigint>();

  constructor(private readonly violations: Violations) {}

  takeEvent(event: LogEvent): void {
    const { type, data, position } = event;
    const name = requestOf(event);
    if (name !== null) {
      const recorded = { ...this.recordedOf(event) };
      const all = this.recorded.get(name) ?? [];
      this.recorded.set(name, all);
      all.push(recorded);
    }
    if (type !== 'TokenExpired' && type !== 'TokenRevoked') return;
    const fact = `${type} of ${data['tokenUid']}`;
    const before = this.once.get(fact);
    if (before !== undefined) this.violations.add('fact recorded twice', `${fact} at ${before} and ${position}`);
    this.once.set(fact, position);
  }

  takeEntry(entry: Entry): void {
    const request = this.requests.get(entry.request) ?? fresh(entry.kind);
    this.requests.set(entry.request, request);
    request.attempts += 1;
    if (entry.outcome !== 'refused') request.isRefused = false;
    if (entry.outcome !== 'acknowledged') return;
    const { acknowledged } = request;
    if (acknowledged !== null && !isSame(acknowledged, entry.answered)) {
      const texts = [acknowledged, entry.answered].map((answer) => JSON.stringify(answer));
      this.violations.add('two answers', `${entry.kind} ${entry.request}: ${texts.join(' and ')}`);
    }
    request.acknowledged = entry.answered;
  }

  /** Call it when the whole log and the whole history were taken. */
  end(): void {
    for (const [name, request] of this.requests) this.compare(name, request, this.recorded.get(name) ?? []);
  }

  private compare(name: string, { kind, acknowledged, isRefused, attempts }: Request, recorded: Recorded[]): void {
    const label = `${kind} ${name} (${attempts} attempts)`;
    if (recorded.length > 1) {
      this.violations.add(
        'recorded twice',
        `${label}: ${recorded.map((found) => JSON.stringify(found)).join(' and ')}`,
      );
    }
    if (acknowledged !== null) {
      const isThere = recorded.some((found) => isSame(acknowledged, found));
      if (!isThere) this.violations.add('lost acknowledgement', `${label}: ${JSON.stringify(acknowledged)}`);
    }
    if (isRefused && recorded.length > 0) {
      this.violations.add('refused and recorded', `${label}: ${JSON.stringify(recorded[0])}`);
    }
  }

  private recordedOf({ type, data }: LogEvent): Recorded {
    switch (type) {
      case 'TokenUsed':
        return { useId: data['useId'], ...(data['chargeUid'] === null ? {} : { charge: data['chargeUid'] }) };
      case 'CreditsGranted':
        return { grant: data['grantUid'] };
      case 'TokenCreated':
      case 'TokenRevoked':
        return { token: data['tokenUid'] };
      default:
        return { charge: data['chargeUid'], chargeNumber: data['chargeNumber'] };
    }
  }
}

/** The request that an event was recorded for; of a charged use that is its TokenUsed, whose charge is checked by itself. */
function requestOf({ type, data }: LogEvent): string | null {
  switch (type) {
    case 'TokenUsed':
      return data['operation'];
    case 'OrgCharged':
    case 'UserCharged':
      return data['useId'] === null ? data['operation'] : null;
    case 'CreditsGranted':
    case 'ChargeReversed':
    case 'TokenRevoked':
      return data['reason'];
    case 'TokenCreated':
      return data['name'];
    default:
      return null;
  }
}

function fresh(kind: RequestKind): Request {
  return { kind, attempts: 0, acknowledged: null, isRefused: true };
}

/** True when both name the same record; only what both say is compared. */
function isSame(answer: Answered, other: Recorded): boolean {
  const pairs = [
    [answer.useId, other.useId],
    [answer.charge, other.charge],
    [answer.chargeNumber, other.chargeNumber],
    [answer.grant, other.grant],
    [answer.token, other.token],
  ];
  return pairs.every(([one, two]) => one === undefined || one === two);
}
