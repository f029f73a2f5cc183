import type { AccountMode } from '#libs/contracts';
import type { AccountState, Grant, GrantKind } from './account-state.js';

interface GrantSnapshot {
  readonly uid: string;
  readonly kind: GrantKind;
  readonly remaining: string;
  readonly effectiveAt: number;
  readonly expiresAt: number | null;
  readonly priority: number;
  readonly order: string;
}

/** An account state as JSON: it can be stored, and read again exactly. */
export interface AccountSnapshot {
  readonly uid: string;
  readonly revision: string;
  readonly unit: string;
  readonly mode: AccountMode;
  readonly limit: string | null;
  readonly grants: readonly GrantSnapshot[];
  readonly overdraft: string;
  readonly chargeNumber: string;
}

export function snapshotOf(state: AccountState): AccountSnapshot {
  return {
    uid: state.uid,
    revision: state.revision.toString(),
    unit: state.unit,
    mode: state.mode,
    limit: state.limit === null ? null : state.limit.toString(),
    grants: state.grants.map(grantSnapshotOf),
    overdraft: state.overdraft.toString(),
    chargeNumber: state.chargeNumber.toString(),
  };
}

export function restoreAccount(snapshot: AccountSnapshot): AccountState {
  return {
    uid: snapshot.uid,
    revision: BigInt(snapshot.revision),
    unit: snapshot.unit,
    mode: snapshot.mode,
    limit: snapshot.limit === null ? null : BigInt(snapshot.limit),
    grants: snapshot.grants.map(restoreGrant),
    overdraft: BigInt(snapshot.overdraft),
    chargeNumber: BigInt(snapshot.chargeNumber),
  };
}

function grantSnapshotOf({ uid, kind, remaining, effectiveAt, expiresAt, priority, order }: Grant): GrantSnapshot {
  const [rest, place] = [remaining.toString(), order.toString()];
  return { uid, kind, remaining: rest, effectiveAt, expiresAt, priority, order: place };
}

function restoreGrant({ uid, kind, remaining, effectiveAt, expiresAt, priority, order }: GrantSnapshot): Grant {
  return { uid, kind, remaining: BigInt(remaining), effectiveAt, expiresAt, priority, order: BigInt(order) };
}
