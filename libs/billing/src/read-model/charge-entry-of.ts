import type { Position } from '#libs/event-log';
import { assert } from '#libs/kernel';
import type { ChargeEntry } from '../account-ledger/account-read-model.js';
import { type AccountFact, type GrantTerms, grantTermsOf } from '../domain/index.js';

/** An entry, as the log has it. */
export interface StoredEntry {
  readonly uid: string;
  /** Of its event in the account's stream. */
  readonly revision: string;
  readonly type: AccountFact['type'];
  readonly data: AccountFact['data'];
}

/** Uids of the grants that paid the charge among the entries. */
export function grantsOf(chargeUid: string, entries: readonly StoredEntry[]): string[] {
  const own = entries.find(({ uid }) => uid === chargeUid);
  return own !== undefined && 'allocations' in own.data ? own.data.allocations.map(({ grantUid }) => grantUid) : [];
}

/** The charge among the entries, with the reversals and grants that stand beside it; null when it is not there. */
export function chargeEntryOf(
  chargeUid: string,
  entries: readonly StoredEntry[],
  covered: Position,
): ChargeEntry | null {
  const own = entries.find(({ uid }) => uid === chargeUid);
  if (own === undefined) return null;
  const reversals = new Map<string, bigint>();
  const grants: GrantTerms[] = [];
  for (const entry of entries) {
    const { type, data } = entry as unknown as AccountFact;
    if (type === 'ChargeReversed' && data.reverses === chargeUid) reversals.set(data.chargeUid, -BigInt(data.amount));
    if (type === 'CreditsGranted') grants.push(grantTermsOf({ ...data, order: entry.revision }));
  }
  const { type, data } = own as unknown as AccountFact;
  assert(type === 'OrgCharged' || type === 'UserCharged' || type === 'ChargeReversed', `${type} is not a charge`);
  const charge = type === 'ChargeReversed' ? null : data;
  return { covered, accountUid: data.accountUid, charge, reversals, grants };
}
