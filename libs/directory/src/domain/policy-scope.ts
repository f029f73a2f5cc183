import type { EventData } from '#libs/contracts';

/** Whose settings a PolicyChanged is about. */
export function policyScopeOf(policy: EventData<'PolicyChanged'>): 'user' | 'organization' | 'installation' {
  if (policy.scope.startsWith('usr_')) return 'user';
  return policy.scope.startsWith('org_') ? 'organization' : 'installation';
}
