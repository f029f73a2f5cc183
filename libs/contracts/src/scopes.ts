/** Scopes of the management API. A granted `*` or `family:*` covers what it begins. */
export const MANAGEMENT_SCOPES = [
  'tokens:read',
  'tokens:write',
  'tokens:verify',
  'directory:read',
  'directory:write',
  'billing:read',
  'billing:write',
  'audit:read',
  'jobs:run',
] as const;

export type ManagementScope = (typeof MANAGEMENT_SCOPES)[number];

/** True when one of the granted scopes is `needed`, `*`, or a prefix that ends in `*`, as `models:*`. */
export function scopesCover(granted: readonly string[], needed: string): boolean {
  return granted.some(
    (scope) => scope === needed || scope === '*' || (scope.endsWith('*') && needed.startsWith(scope.slice(0, -1))),
  );
}
