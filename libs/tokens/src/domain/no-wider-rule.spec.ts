import { describe, expect, it } from '@jest/globals';
import type { Principal } from '#libs/contracts';
import { requireNoWider } from './no-wider-rule.js';

const [X, Y] = [`org_${'1'.repeat(26)}`, `org_${'2'.repeat(26)}`];

function caller(scopes: string[], organizations: string[] | null = null): Principal {
  return { token: { scopes, organizations } } as unknown as Principal;
}

const denied = expect.objectContaining({ code: 'permission_denied' });

describe('requireNoWider', () => {
  it('lets a token with all scopes give any', () => {
    expect(() => requireNoWider(caller(['*']), { scopes: ['*', 'models:invoke'], organizations: null })).not.toThrow();
  });

  it('lets a token give what its own scopes cover, and nothing beyond', () => {
    const narrow = caller(['tokens:*', 'models:invoke']);
    expect(() => requireNoWider(narrow, { scopes: ['tokens:read', 'models:invoke'] })).not.toThrow();
    expect(() => requireNoWider(narrow, { scopes: ['*'] })).toThrow(denied);
    expect(() => requireNoWider(narrow, { scopes: ['tokens:read', 'billing:write'] })).toThrow(denied);
    expect(() => requireNoWider(narrow, { scopes: ['models:*'] })).toThrow(denied);
  });

  it('keeps a token that is narrowed to organizations within them', () => {
    const narrow = caller(['*'], [X]);
    expect(() => requireNoWider(narrow, { organizations: [X] })).not.toThrow();
    expect(() => requireNoWider(narrow, { organizations: [X, Y] })).toThrow(denied);
    expect(() => requireNoWider(narrow, { organizations: null })).toThrow(denied);
  });

  it('asks nothing of what does not change', () => {
    expect(() => requireNoWider(caller(['tokens:write'], [X]), {})).not.toThrow();
  });
});
