import { formatPosition } from '#libs/event-log';
import { timeOfUid } from '#libs/kernel';
import { documentsProjection } from '#libs/projections';
import { isForgotten } from './free-use-keys.js';

/** One row of `read_model.free_use_keys`. */
export interface FreeUseKeyColumns {
  readonly [column: string]: string;
  readonly key_hash: string;
  readonly use_id: string;
  readonly fingerprint: string;
  readonly position: string;
}

/**
 * Keyed uses that cost nothing, by key; charged ones stand in the read model of charges. The first of a
 * key counts, until it is forgotten.
 */
export const freeUseKeysProjection = documentsProjection<FreeUseKeyColumns, 'TokenUsed'>({
  name: 'free-use-keys',
  table: {
    name: 'free_use_keys',
    key: ['key_hash'],
    columns: { key_hash: 'text', use_id: 'text', fingerprint: 'text', position: 'bigint' },
  },
  handles: ['TokenUsed'],
  partitionOf: ({ data }) => (data as { tokenUid: string }).tokenUid,
  keysOf: ({ data }) => {
    const { idempotencyKeyHash, chargeUid } = data as { idempotencyKeyHash: string | null; chargeUid: string | null };
    return idempotencyKeyHash === null || chargeUid !== null ? [] : [[idempotencyKeyHash]];
  },
  evolve: (row, event, [keyHash = '']) => {
    const { useId, fingerprint } = event.data as { useId: string; fingerprint: string | null };
    if (row && !isForgotten({ useId: row.use_id }, timeOfUid(useId))) return row;
    return {
      key_hash: keyHash,
      use_id: useId,
      fingerprint: fingerprint ?? '',
      position: formatPosition(event.position),
    };
  },
});
