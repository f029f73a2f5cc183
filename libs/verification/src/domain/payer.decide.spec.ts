import { describe, expect, it } from '@jest/globals';
import { decidePayer } from './payer.decide.js';

const USER = `usr_${'0'.repeat(26)}`;
const ACME = `org_${'1'.repeat(26)}`;
const OTHER = `org_${'2'.repeat(26)}`;
const personal = {
  owner: { type: 'user' as const, uid: USER },
  organizations: null,
  memberships: new Map([[ACME, 'developer' as const]]),
};
const shared = { owner: { type: 'organization' as const, uid: ACME }, organizations: null, memberships: new Map() };

describe('decidePayer', () => {
  it('charges the owner when no requester is named', () => {
    expect(decidePayer({ ...personal, requester: null })).toEqual({ payer: USER });
    expect(decidePayer({ ...shared, requester: null })).toEqual({ payer: ACME });
  });

  it('charges the organization that a member names', () => {
    expect(decidePayer({ ...personal, requester: ACME })).toEqual({ payer: ACME });
  });

  it('refuses an organization that the owner is not in', () => {
    expect(decidePayer({ ...personal, requester: OTHER })).toEqual({ code: 'requester_not_allowed' });
  });

  it('refuses a member organization that the token is not narrowed to', () => {
    expect(decidePayer({ ...personal, organizations: [OTHER], requester: ACME })).toEqual({
      code: 'requester_not_allowed',
    });
  });

  it("lets an organization's token name its own organization and no other", () => {
    expect(decidePayer({ ...shared, requester: ACME })).toEqual({ payer: ACME });
    expect(decidePayer({ ...shared, requester: OTHER })).toEqual({ code: 'requester_not_allowed' });
  });

  it('refuses what is not the uid of an organization', () => {
    for (const requester of ['acme', USER, 'org_x', `${ACME}0`, '']) {
      expect(decidePayer({ ...personal, requester })).toEqual({ code: 'malformed_requester' });
    }
  });

  it('has nobody pay for a token of the installation, and lets it charge nobody', () => {
    const owner = { type: 'installation' as const, uid: 'installation' };
    const question = { owner, organizations: null, memberships: new Map() };
    expect(decidePayer({ ...question, requester: null })).toEqual({ payer: null });
    expect(decidePayer({ ...question, requester: ACME })).toEqual({ code: 'requester_not_allowed' });
  });
});
