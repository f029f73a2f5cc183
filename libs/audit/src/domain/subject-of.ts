import type { Fact, TokenOwner } from '#libs/contracts';
import type { Json } from '#libs/kernel';

/** What an event is about, as far as reviewers filter by it. */
export interface Subject {
  readonly target: { readonly type: string; readonly uid: string } | null;
  readonly tokenUid: string | null;
  /** What lists show of the token string, where the fact says it: when it was made, and with each use. */
  readonly tokenPrefix: string | null;
  /** Organization that it concerns: as payer, as owner of the token, or itself. */
  readonly organization: string | null;
  /** Uid of the owner of the token; who owns a token may see what happened to it. */
  readonly ownerUid: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly reason: string | null;
  readonly changes: Json | null;
}

/** Members that the facts of the ledger share; each fact has some of them. */
export interface CommonData {
  readonly tokenUid?: string | null;
  readonly tokenPrefix?: string | null;
  readonly owner?: TokenOwner | null;
  readonly payer?: string | null;
  readonly userUid?: string;
  readonly organizationUid?: string;
  readonly accountUid?: string;
  readonly scope?: string | null;
  readonly code?: string;
  readonly job?: string;
  readonly reason?: string | null;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
  readonly changes?: Json;
  readonly before?: Json;
  readonly after?: Json;
}

/** Reads the subject from a fact: pure, so that a rebuilt audit log is the same row for row. */
export function subjectOf(fact: Fact): Subject {
  const data = fact.data as CommonData;
  return {
    target: targetOf(fact, data),
    tokenUid: data.tokenUid ?? null,
    tokenPrefix: fact.type === 'TokenCreated' ? fact.data.prefix : (data.tokenPrefix ?? null),
    organization: organizationOf(fact, data),
    ownerUid: data.owner?.uid ?? null,
    ip: data.ip ?? null,
    userAgent: data.userAgent ?? null,
    reason: data.reason ?? data.code ?? null,
    changes: changesOf(data),
  };
}

function targetOf(fact: Fact, data: CommonData): Subject['target'] {
  if (fact.type === 'PolicyChanged') return { type: 'settings', uid: fact.data.scope };
  if (data.accountUid !== undefined) return { type: 'account', uid: data.accountUid };
  if (typeof data.tokenUid === 'string') return { type: 'token', uid: data.tokenUid };
  if (data.userUid !== undefined) return { type: 'user', uid: data.userUid };
  if (data.organizationUid !== undefined) return { type: 'organization', uid: data.organizationUid };
  return data.job === undefined ? null : { type: 'job', uid: data.job };
}

/** The first organization among those that it names, as payer, as owner of the token, or itself. */
export function organizationOf(fact: Fact, data: CommonData): string | null {
  const { organizationUid, accountUid, payer, owner } = data;
  if (isOrganization(organizationUid)) return organizationUid;
  if (isOrganization(accountUid)) return accountUid;
  if (isOrganization(payer)) return payer;
  if (isOrganization(owner?.uid)) return owner.uid;
  return fact.type === 'PolicyChanged' && isOrganization(fact.data.scope) ? fact.data.scope : null;
}

function isOrganization(uid: string | null | undefined): uid is string {
  return uid?.startsWith('org_') === true;
}

function changesOf(data: CommonData): Json | null {
  if (data.changes !== undefined) return data.changes;
  return data.before === undefined ? null : { before: data.before, after: data.after };
}
