import type { Grant, GrantTerms } from './account-state.js';

/** True when the credits of the grant count at `at`: it is effective and has not ended. */
export function counts({ effectiveAt, expiresAt }: GrantTerms, at: number): boolean {
  return effectiveAt <= at && (expiresAt === null || at < expiresAt);
}

/** True when the grant has ended at `at`, whether or not that was recorded. */
export function hasEnded({ expiresAt }: GrantTerms, at: number): boolean {
  return expiresAt !== null && expiresAt <= at;
}

/** The grants with one more, in the order of consumption. */
export function withGrant(grants: readonly Grant[], added: Grant): Grant[] {
  const index = grants.findIndex((grant) => consumptionOrder(added, grant) < 0);
  const place = index === -1 ? grants.length : index;
  return [...grants.slice(0, place), added, ...grants.slice(place)];
}

/** The grants with `amount` less of one; none is left of what is used up. */
export function withoutCredits(grants: readonly Grant[], uid: string, amount: bigint): Grant[] {
  const rest: Grant[] = [];
  for (const grant of grants) {
    if (grant.uid !== uid) rest.push(grant);
    else if (grant.remaining > amount) rest.push({ ...grant, remaining: grant.remaining - amount });
  }
  return rest;
}

/** The grants with `amount` given back to one, which may have been used up and forgotten. */
export function withCredits(grants: readonly Grant[], terms: GrantTerms, amount: bigint): Grant[] {
  const known = grants.find((grant) => grant.uid === terms.uid);
  if (known === undefined) return withGrant(grants, { ...terms, remaining: amount });
  return grants.map((grant) => (grant === known ? { ...grant, remaining: grant.remaining + amount } : grant));
}

/** Lower priority first, then what ends sooner, then what cost nothing, then the older one. Never 0 for two grants. */
export function consumptionOrder(a: GrantTerms, b: GrantTerms): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.expiresAt !== b.expiresAt) return (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity);
  if (a.kind !== b.kind) return a.kind === 'promotional' ? -1 : 1;
  return a.order < b.order ? -1 : 1;
}
