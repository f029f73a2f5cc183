import type { EventData } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { documentsProjection } from '#libs/projections';
import { occurredAtOf } from '../domain/folded-event.js';
import { hourOf } from './hour-of.js';

/** When and from where a token was last used. */
export type LastUseColumns = {
  readonly last_used_at: string | null;
  readonly last_used_ip: string | null;
  readonly last_used_user_agent: string | null;
  /** Organization that this use named to be charged. */
  readonly last_used_requester: string | null;
};

/** What one token was called for in one hour, with one outcome. */
export type UsageColumns = LastUseColumns & {
  readonly token_uid: string;
  /** Beginning of the hour in UTC, RFC 3339. */
  readonly bucket: string;
  /** `valid`, the code of a refusal, or `seen`: a call to the ledger itself, which is not counted as a use. */
  readonly outcome: string;
  readonly calls: string;
  /** Credits. */
  readonly charged: string;
};

/** The same while it is being summed up. */
interface Usage extends Omit<UsageColumns, 'calls' | 'charged'> {
  readonly calls: number;
  readonly charged: bigint;
}

const HANDLED = ['TokenUsed', 'TokenSeen', 'TokenUseDenied'] as const;
type Handled = (typeof HANDLED)[number];

export const SEEN = 'seen';

/**
 * Calls per token, hour and outcome, with the last use of the hour; refusals where no token could be named are not
 * counted here. A sum: all that a use costs is its part of one row for all uses of its token in the batch.
 */
export const usageHoursProjection = documentsProjection<UsageColumns, Handled, Usage>({
  name: 'usage-hours',
  table: {
    name: 'usage_hours',
    columns: {
      token_uid: 'text',
      bucket: 'timestamptz',
      outcome: 'text',
      calls: 'bigint',
      charged: 'numeric',
      last_used_at: 'timestamptz',
      last_used_ip: 'text',
      last_used_user_agent: 'text',
      last_used_requester: 'text',
    },
    key: ['token_uid', 'bucket', 'outcome'],
  },
  handles: HANDLED,
  partitionOf: (event) => event.data.tokenUid ?? event.stream,
  keysOf: (event) => {
    const { tokenUid } = event.data;
    return tokenUid === null ? [] : [[tokenUid, hourOf(occurredAtOf(event)), outcomeOf(event)]];
  },
  evolve: (usage, event, key) => {
    if (event.type === 'TokenUseDenied') return refused(usage, event.data as EventData<'TokenUseDenied'>, key);
    return used(usage, event as RecordedEvent<'TokenUsed' | 'TokenSeen'>, key);
  },
  merge: {
    add: ['calls', 'charged'],
    latest: { by: 'last_used_at', columns: ['last_used_ip', 'last_used_user_agent', 'last_used_requester'] },
  },
  stored: {
    rowOf: (usage) => ({ ...usage, calls: usage.calls.toString(), charged: usage.charged.toString() }),
    stateOf: (row) => ({ ...row, calls: Number(row.calls), charged: BigInt(row.charged) }),
  },
});

function outcomeOf({ type, data }: RecordedEvent<Handled>): string {
  if (type === 'TokenUseDenied') return (data as EventData<'TokenUseDenied'>).code;
  return type === 'TokenSeen' ? SEEN : 'valid';
}

function noUsage([token_uid = '', bucket = '', outcome = '']: readonly string[]): Usage {
  return {
    token_uid,
    bucket,
    outcome,
    calls: 0,
    charged: 0n,
    last_used_at: null,
    last_used_ip: null,
    last_used_user_agent: null,
    last_used_requester: null,
  };
}

function refused(usage: Usage | null, { count }: EventData<'TokenUseDenied'>, key: readonly string[]): Usage {
  const before = usage ?? noUsage(key);
  return { ...before, calls: before.calls + count };
}

/** Uses of several processes interleave in the log: the last one is the latest by its own time. */
function used(usage: Usage | null, event: RecordedEvent<'TokenUsed' | 'TokenSeen'>, key: readonly string[]): Usage {
  const before = usage ?? noUsage(key);
  const use = event.type === 'TokenUsed' ? (event.data as EventData<'TokenUsed'>) : null;
  const cost = use === null || use.chargeUid === null ? 0n : BigInt(use.cost);
  const at = occurredAtOf(event);
  const isLatest = before.last_used_at === null || before.last_used_at < at;
  // Written out, because this is done for every use: a copy by spreading takes several times as long.
  return {
    token_uid: before.token_uid,
    bucket: before.bucket,
    outcome: before.outcome,
    calls: before.calls + 1,
    charged: before.charged + cost,
    last_used_at: isLatest ? at : before.last_used_at,
    last_used_ip: isLatest ? event.data.ip : before.last_used_ip,
    last_used_user_agent: isLatest ? event.data.userAgent : before.last_used_user_agent,
    last_used_requester: isLatest ? (use?.requester ?? null) : before.last_used_requester,
  };
}
