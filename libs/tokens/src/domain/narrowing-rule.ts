import { type MemberRole, refuseField, type TokenType } from '#libs/contracts';
import { distinct } from './access-rule.js';

/**
 * The organizations that a token is narrowed to; null: all of its owner. Refuses `validation_failed` for any but
 * personal tokens, and for an organization that the owner is not a member of, whether or not it exists.
 */
export function narrowedTo(
  organizations: readonly string[] | null,
  type: TokenType,
  memberships: ReadonlyMap<string, MemberRole>,
): string[] | null {
  if (organizations === null) return null;
  if (type !== 'personal') throw refuseField('organizations', 'narrows personal tokens only');
  if (!organizations.every((uid) => memberships.has(uid))) {
    throw refuseField('organizations', 'names an organization that the owner is not a member of');
  }
  return distinct(organizations);
}
