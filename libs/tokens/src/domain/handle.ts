/** Human id of a token, unique among the live tokens of its owner; never changes. 1 to 63 characters. */
export const HANDLE = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

const STEM_MAX = 48;

/**
 * A handle made from a display name, for those who name none: `CI deploy (prod)` and `4f2a9c` give
 * `ci-deploy-prod-4f2a9c`. `suffix`: 1 to 14 small letters and digits.
 */
export function handleFrom(name: string, suffix: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+/g, '')
    .slice(0, STEM_MAX)
    .replaceAll(/-+$/g, '');
  return `${words === '' ? 'token' : words}-${suffix}`;
}
