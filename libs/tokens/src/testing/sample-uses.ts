import type { EventData, Fact } from '#libs/contracts';
import { ORGANIZATION, OWNER, USER } from './sample-token.js';

const request = {
  operation: null,
  scope: null,
  resource: null,
  project: null,
  environment: null,
  requester: null,
  ip: '203.0.113.7',
  userAgent: 'curl/8',
};

let drawn = 0;

/** An accepted use of a token, free unless a cost is given. */
export function used(tokenUid: string, over: Partial<EventData<'TokenUsed'>> = {}): Fact {
  drawn += 1;
  const suffix = String(drawn).padStart(26, '0');
  const cost = over.cost ?? '0';
  return {
    type: 'TokenUsed',
    data: {
      ...request,
      useId: `use_${suffix}`,
      tokenUid,
      tokenPrefix: 'tlp_01234567',
      owner: OWNER,
      principal: USER,
      payer: ORGANIZATION,
      cost,
      chargeUid: cost === '0' ? null : `chg_${suffix}`,
      idempotencyKeyHash: null,
      fingerprint: null,
      ...over,
    },
  };
}

/** Refused uses; of no known token where the uid is null. */
export function denied(tokenUid: string | null, code: string, count = 1): Fact {
  const named = tokenUid === null ? { owner: null, tokenPrefix: null } : { owner: OWNER, tokenPrefix: 'tlp_01234567' };
  return { type: 'TokenUseDenied', data: { ...request, ...named, tokenUid, code, count } };
}

/** A call to the ledger's own API. */
export function seen(tokenUid: string, ip = '127.0.0.1'): Fact {
  return { type: 'TokenSeen', data: { tokenUid, tokenPrefix: 'tlp_01234567', owner: OWNER, ip, userAgent: 'node' } };
}
