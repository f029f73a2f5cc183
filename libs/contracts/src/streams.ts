/** Names of streams, and the one place that knows which facts decide whether a token is good. */
export const streamOf = {
  token: (uid: string) => `token-${uid}`,
  owner: (uid: string) => `owner-${uid}`,
  user: (uid: string) => `user-${uid}`,
  organization: (uid: string) => `organization-${uid}`,
  handle: (handle: string) => `handle-${handle}`,
  account: (uid: string) => `account-${uid}`,
  usage: (node: string, boot: string) => `usage-${node}-${boot}`,
  system: 'system',
} as const;

/**
 * Category of a stream. `security`: every fact that decides whether a token is good; short, and what the barrier of
 * verification watches. `account`: money. `usage`: uses and refusals; the only streams that may be dropped by age.
 */
export type StreamCategory = 'security' | 'account' | 'usage';

export function categoryOf(stream: string): StreamCategory {
  if (stream.startsWith('usage-')) return 'usage';
  return stream.startsWith('account-') ? 'account' : 'security';
}
