import { type EventData, type Fact, type LedgerSettings, type MemberRole, refuse } from '#libs/contracts';
import { canonicalJson, type Json } from '#libs/kernel';
import { accessAfter, distinct } from '../domain/access-rule.js';
import type { UpdatableField } from '../domain/evolve-token.js';
import { resolveExpiry, wishesExpiry } from '../domain/expiry.js';
import { narrowedTo } from '../domain/narrowing-rule.js';
import { requireNoWider } from '../domain/no-wider-rule.js';
import { requireManaged } from '../domain/token-access.js';
import { type BornToken, isLiveAt, type Token } from '../domain/token.js';
import type { UpdateToken } from './update-token.command.js';

export interface UpdateTokenState {
  readonly token: BornToken;
  /** In force for the owner. */
  readonly settings: LedgerSettings;
  /** Of the owner; empty unless it is a user. */
  readonly memberships: ReadonlyMap<string, MemberRole>;
}

type Values = { readonly [K in UpdatableField]?: Token[K] | undefined };

/**
 * What changes of a live token, with before and after of each field that differs; nothing when none does. The longest
 * expiry is counted from now, not from the creation.
 * Refuses `not_found`, `permission_denied`, `token_not_active`, `validation_failed` and the refusals of an expiry.
 */
export function decideUpdateToken(
  state: UpdateTokenState,
  { principal, data }: Pick<UpdateToken, 'principal' | 'data'>,
  { at }: { readonly at: number },
): Fact<'TokenUpdated'>[] {
  const { token } = state;
  requireManaged(token, principal);
  if (!isLiveAt(token, at)) throw refuse('token_not_active');
  requireNoWider(principal, data);
  const { access, scopes, organizations, allowedIps } = data;
  const changes = changesOf(token, {
    name: data.name,
    description: data.description,
    access: access && accessAfter(token.access, access),
    scopes: scopes && distinct(scopes),
    organizations: organizations === undefined ? undefined : narrowedTo(organizations, token.type, state.memberships),
    allowedIps: allowedIps && distinct(allowedIps),
    ...(wishesExpiry(data) ? resolveExpiry(data, state.settings, at) : {}),
  });
  if (Object.keys(changes).length === 0) return [];
  return [{ type: 'TokenUpdated', data: { tokenUid: token.uid, owner: token.owner, changes } }];
}

function changesOf(token: Token, values: Values): EventData<'TokenUpdated'>['changes'] {
  const changes: EventData<'TokenUpdated'>['changes'] = {};
  for (const [field, after] of Object.entries(values) as [UpdatableField, Json | undefined][]) {
    const before = token[field] as Json;
    if (after !== undefined && canonicalJson(after) !== canonicalJson(before)) changes[field] = { before, after };
  }
  return changes;
}
