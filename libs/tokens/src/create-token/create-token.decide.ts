import { type LedgerSettings, type MemberRole, refuse, refuseField, type TokenOwner } from '#libs/contracts';
import { accessAfter, distinct, FULL_ACCESS, NO_ACCESS } from '../domain/access-rule.js';
import { resolveExpiry } from '../domain/expiry.js';
import { handleFrom } from '../domain/handle.js';
import { narrowedTo } from '../domain/narrowing-rule.js';
import { newTokenFacts, type NewSecret, type NewTokenFacts } from '../domain/new-token.js';
import { activeSlots, type OwnerSlots } from '../domain/owner-slots.js';
import type { CreateToken } from './create-token.command.js';

/** What the decision is made on, besides the wish. */
export interface CreateTokenState {
  readonly slots: OwnerSlots;
  readonly settings: LedgerSettings;
  readonly owner: TokenOwner;
  /** Null: there is no such owner. The installation is always active, and a member of nothing. */
  readonly standing: { readonly active: boolean; readonly memberships: ReadonlyMap<string, MemberRole> } | null;
}

export interface CreateTokenFrame {
  /** Epoch ms. */
  readonly at: number;
  readonly tokenUid: string;
  /** Small letters and digits, for a handle that nobody chose. */
  readonly handleSuffix: string;
  readonly secret: NewSecret;
}

/**
 * The new token and its slot among those of its owner, which decides the limit and the uniqueness of the handle.
 * Refuses `validation_failed`, `user_disabled`, `expiry_in_past`, `expiry_too_long`, `never_not_allowed`,
 * `handle_taken` (naming the field) and `token_limit_reached`.
 */
export function decideCreateToken(
  state: CreateTokenState,
  { data }: Pick<CreateToken, 'data'>,
  frame: CreateTokenFrame,
): NewTokenFacts {
  const { owner, settings } = state;
  const { memberships } = standingOf(state);
  const access = accessAfter(data.type === 'admin' ? FULL_ACCESS : NO_ACCESS, data.access ?? {});
  const organizations = narrowedTo(data.organizations ?? null, data.type, memberships);
  const expiry = resolveExpiry(data, settings, frame.at);
  const handle = data.handle ?? handleFrom(data.name, frame.handleSuffix);
  requireSlot(state, { type: data.type, handle, at: frame.at });
  return newTokenFacts(
    {
      tokenUid: frame.tokenUid,
      type: data.type,
      owner,
      handle,
      name: data.name,
      description: data.description ?? '',
      access,
      scopes: distinct(data.scopes ?? ['*']),
      projects: ['*'],
      environment: null,
      organizations,
      allowedIps: data.allowedIps ? distinct(data.allowedIps) : null,
      ...expiry,
      custody: 'sealed',
      metadata: data.metadata ?? {},
    },
    frame.secret,
  );
}

function standingOf({ owner, standing }: CreateTokenState): NonNullable<CreateTokenState['standing']> {
  if (standing === null) throw refuseField(`owner.${owner.type}`, `there is no such ${owner.type}`);
  if (!standing.active) throw refuse('user_disabled');
  return standing;
}

interface WantedSlot {
  readonly type: CreateToken['data']['type'];
  readonly handle: string;
  readonly at: number;
}

function requireSlot({ slots, settings }: CreateTokenState, { type, handle, at }: WantedSlot): void {
  const active = activeSlots(slots, at);
  if (active.some((slot) => slot.handle === handle)) {
    throw refuseField('handle', 'is in use by another live token of this owner', 'handle_taken');
  }
  const limit = settings.maxActiveTokens[type];
  if (active.filter((slot) => slot.type === type).length >= limit) {
    throw refuse('token_limit_reached', {
      detail: `The owner has ${limit} active ${type} tokens, as many as allowed.`,
    });
  }
}
