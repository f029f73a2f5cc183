import type { EventData } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { DAY_MS, fromInstant, toInstant } from '#libs/kernel';
import { documentsProjection, type Projection } from '#libs/projections';
import { occurredAtOf } from '../domain/folded-event.js';

/** Uses and refused uses of one token in one hour or day. */
export type UsageColumns = {
  readonly token_uid: string;
  /** Beginning of the hour or day in UTC, RFC 3339. */
  readonly bucket: string;
  /** Number of calls by outcome: `valid`, or the code of the refusal. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Credits. */
  readonly charged: string;
};

const HANDLED = ['TokenUsed', 'TokenUseDenied'] as const;
type Handled = (typeof HANDLED)[number];
type Counted = { readonly outcome: string; readonly count: number; readonly charged: bigint };

const NOTHING = { outcomes: {}, charged: '0' };

export const usageHoursProjection = usageProjection('usage-hours', 'usage_hours', DAY_MS / 24);
export const usageDaysProjection = usageProjection('usage-days', 'usage_days', DAY_MS);

/** Counts per token and stretch of time; refusals where no token could be named are not counted here. */
function usageProjection(name: string, table: string, stretchMs: number): Projection {
  return documentsProjection<UsageColumns, Handled>({
    name,
    table: {
      name: table,
      columns: { token_uid: 'text', bucket: 'timestamptz', outcomes: 'jsonb', charged: 'numeric' },
      key: ['token_uid', 'bucket'],
    },
    handles: HANDLED,
    partitionOf: (event) => event.data.tokenUid ?? event.stream,
    keysOf: (event) => {
      const { tokenUid } = event.data;
      if (tokenUid === null) return [];
      const at = fromInstant(occurredAtOf(event));
      return [[tokenUid, toInstant(at - (at % stretchMs))]];
    },
    evolve: (row, event, [tokenUid = '', bucket = '']) => {
      const { outcome, count, charged } = countedIn(event);
      const { outcomes, charged: before }: Pick<UsageColumns, 'outcomes' | 'charged'> = row ?? NOTHING;
      return {
        token_uid: tokenUid,
        bucket,
        outcomes: { ...outcomes, [outcome]: (outcomes[outcome] ?? 0) + count },
        charged: (BigInt(before) + charged).toString(),
      };
    },
  });
}

function countedIn({ type, data }: RecordedEvent<Handled>): Counted {
  if (type === 'TokenUseDenied') {
    const { code, count } = data as EventData<'TokenUseDenied'>;
    return { outcome: code, count, charged: 0n };
  }
  const { chargeUid, cost } = data as EventData<'TokenUsed'>;
  return { outcome: 'valid', count: 1, charged: chargeUid === null ? 0n : BigInt(cost) };
}
