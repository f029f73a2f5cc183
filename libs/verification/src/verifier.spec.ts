import { describe, expect, it } from '@jest/globals';
import { type Fact, streamOf, toEvents } from '#libs/contracts';
import { MemoryEventLog, type RecordedEvent, START } from '#libs/event-log';
import { SeededIds, toInstant } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { TokenHasher, TokenMint } from '#libs/tokens';
import { Barrier } from './barrier.js';
import { EMPTY_REQUEST, type UseRequest } from './domain/use-request.js';
import { FreeUseKeyReader, FreeUseKeys } from './free-use-keys.js';
import { Refusals } from './refusals.js';
import { SecurityState } from './security-state.js';
import { TokenProof } from './token-proof.js';
import { UsageWriter } from './usage-writer.js';
import { type ChargedUse, UseCharger } from './use-charger.js';
import { Verifier } from './verifier.js';

const USER = `usr_${'1'.repeat(26)}`;
const TOKEN = `tok_${'2'.repeat(26)}`;
const HOUR_MS = 3_600_000;

class NoKeys extends FreeUseKeyReader {
  find(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** Uses of these tests are free: nothing may ever be charged. */
class NoCharges extends UseCharger {
  charge(): Promise<ChargedUse> {
    throw new Error('a free use is not charged');
  }

  chargedBefore(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** A ledger with one user and one token, on the memory log. */
async function open() {
  const clock = new ManualClock();
  const log = new MemoryEventLog(clock);
  const secrets = { brand: 'tl', pepperId: 'p1', pepper: Buffer.alloc(32, 7) };
  const hasher = new TokenHasher(secrets);
  const minted = new TokenMint(secrets, hasher).mint('p');
  const quarantined: RecordedEvent[] = [];
  const state = new SecurityState((event) => quarantined.push(event));
  const barrier = new Barrier({ log, apply: (event) => state.apply(event) });
  const usage = new UsageWriter(log, () => streamOf.usage('n', 'b'), clock);
  const refusals = new Refusals(usage, clock);
  const parts = {
    state,
    barrier,
    refusals,
    usage,
    clock,
    charger: new NoCharges(),
    freeKeys: new FreeUseKeys(new NoKeys(), clock),
  };
  const proof = new TokenProof(state, hasher, 'tl');
  const verifier = new Verifier({ ...parts, proof, onUseOfFlagged: () => Promise.resolve() });

  let commands = 0;
  const record = async (stream: string, expected: 'noStream' | 'exists', fact: Fact) => {
    const ids = new SeededIds(`command ${(commands += 1)}`, clock.now());
    const context = {
      actor: { type: 'system', uid: 'system' },
      requestId: 'r',
      correlationId: 'r',
      at: clock.now(),
      ids,
    } as const;
    await log.append({ streams: [{ stream, expected, events: toEvents([fact], context) }] });
  };
  const onToken = (fact: Fact) => record(streamOf.token(TOKEN), 'exists', fact);
  await record(streamOf.user(USER), 'noStream', {
    type: 'UserCreated',
    data: { userUid: USER, handle: 'ada', email: 'a@b.c', name: 'Ada' },
  });
  await record(
    streamOf.token(TOKEN),
    'noStream',
    created(minted.keyId, minted.prefix, minted.verifier, clock.now() + HOUR_MS),
  );

  const ask = async (presented: string | null, request: Partial<UseRequest> = {}) =>
    (
      await verifier.verify({
        presented,
        request: { ...EMPTY_REQUEST, ...request },
        caller: 'c',
        requestId: 'r',
        confirmed: false,
      })
    ).verdict;
  const used = async () => {
    const { events } = await log.readAll({ after: START, limit: 1_000, categories: ['usage'] });
    return events.map((event) => event.type);
  };
  const atOnce = async (presented: string | null, request: Partial<UseRequest> = HERE) => {
    const check = { presented, caller: 'c', requestId: 'r', confirmed: false };
    return (await verifier.verifyAtOnce({ ...check, request: { ...EMPTY_REQUEST, ...request } }))?.verdict ?? null;
  };
  return { clock, log, state, secret: minted.secret.expose(), ask, atOnce, used, onToken, record, quarantined };
}

function created(keyId: string, prefix: string, verifier: string, expiresAtMs: number): Fact {
  const data = {
    ...{ tokenUid: TOKEN, type: 'personal' as const, owner: OWNER, handle: 'ci', name: 'CI', description: '' },
    ...{ access: { operations: false, endpoints: ['r:1'] }, scopes: ['s:1'], projects: ['*'], environment: null },
    ...{
      organizations: null,
      allowedIps: ['203.0.113.0/24'],
      neverReason: null,
      custody: 'sealed' as const,
      metadata: {},
    },
    expiresAt: toInstant(expiresAtMs),
    ...{ keyId, prefix, secretVersion: 1 },
  };
  return { type: 'TokenCreated', data, private: { verifier, pepperId: 'p1' } };
}

const OWNER = { type: 'user' as const, uid: USER };
const HERE = { ip: '203.0.113.7' };

describe('Verifier', () => {
  it('accepts a good token, and has recorded the use when it answers', async () => {
    const { ask, secret, used } = await open();
    expect(await ask(secret, HERE)).toMatchObject({ valid: true, tokenUid: TOKEN, principal: USER, payer: USER });
    expect(await used()).toEqual(['TokenUsed']);
  });

  it('asks status before reach, reach before requester, and records each refusal of a named token', async () => {
    const { ask, secret, onToken, used } = await open();
    const wrong = { ip: '198.51.100.1', scope: 's:2', resource: 'r:2', requester: 'acme' };
    expect(await ask(secret, wrong)).toMatchObject({ valid: false, code: 'ip_not_allowed' });
    expect(await ask(secret, { ...wrong, ...HERE })).toMatchObject({ code: 'insufficient_scope' });
    expect(await ask(secret, { ...wrong, ...HERE, scope: 's:1' })).toMatchObject({ code: 'resource_not_allowed' });
    expect(await ask(secret, { ...wrong, ...HERE, scope: 's:1', resource: 'r:1' })).toMatchObject({
      code: 'malformed_requester',
    });
    await onToken({ type: 'TokenDisabled', data: { tokenUid: TOKEN, owner: OWNER, reason: null } });
    expect(await ask(secret, wrong)).toMatchObject({ code: 'disabled_token', status: 401, tokenUid: TOKEN });
    await onToken({ type: 'TokenRevoked', data: { tokenUid: TOKEN, owner: OWNER, reason: null } });
    expect(await ask(secret, wrong)).toMatchObject({ code: 'revoked_token' });
    expect(await used()).toEqual(Array.from({ length: 6 }, () => 'TokenUseDenied'));
  });

  it('E2: refuses at the very millisecond of the expiry, with no job and no event', async () => {
    const { ask, secret, clock } = await open();
    clock.advance(HOUR_MS - 1);
    expect(await ask(secret, HERE)).toMatchObject({ valid: true });
    clock.advance(1);
    expect(await ask(secret, HERE)).toMatchObject({ valid: false, code: 'expired_token' });
  });

  it('refuses a token that is bound to addresses when none is known', async () => {
    const { ask, secret } = await open();
    expect(await ask(secret)).toMatchObject({ code: 'ip_not_allowed' });
  });

  it('counts refusals that no token can be named for: the first of a source and minute is recorded', async () => {
    const { ask, used } = await open();
    for (let count = 0; count < 50; count += 1) await ask('garbage', HERE);
    expect(await used()).toEqual(['TokenUseDenied']);
  });

  it('refuses a token whose events cannot be folded, and goes on with all others', async () => {
    const { ask, secret, record, state, quarantined } = await open();
    await record(streamOf.token(TOKEN), 'exists', { type: 'AuditStarted', data: { node: 'n' } });
    expect(await ask(secret, HERE)).toMatchObject({ valid: false, code: 'unknown_token' });
    expect(quarantined).toHaveLength(1);
    expect(state.directory.users.has(USER)).toBe(true);
  });

  it('refuses the tokens of a disabled owner', async () => {
    const { ask, secret, record } = await open();
    await record(streamOf.user(USER), 'exists', { type: 'UserDisabled', data: { userUid: USER, reason: null } });
    expect(await ask(secret, HERE)).toMatchObject({ code: 'owner_inactive', status: 401 });
  });

  it('records a keyed free use once, whatever the number of callers, and refuses another use under its key', async () => {
    const { ask, secret, used } = await open();
    const keyed = { ...HERE, idempotencyKey: 'k' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(secret, keyed)));
    expect(new Set(answers.map((answer) => (answer.valid ? answer.useId : answer.code))).size).toBe(1);
    expect(await ask(secret, { ...keyed, operation: 'other' })).toMatchObject({
      code: 'idempotency_key_reused',
      status: 422,
    });
    expect(await used()).toEqual(['TokenUsed']);
  });

  it('answers `verification_unavailable` when the log takes nothing, and charges nothing', async () => {
    const { ask, secret, log } = await open();
    await log.close();
    expect(await ask(secret, HERE)).toMatchObject({ valid: false, code: 'verification_unavailable', status: 503 });
  });

  it('accepts at once, by the append that records the use, what the state at hand shows to be good', async () => {
    const { ask, atOnce, secret, used } = await open();
    // Nothing has been folded yet, so nothing is known of the token.
    expect(await atOnce(secret)).toBeNull();
    await ask(secret, HERE);
    expect(await atOnce(secret)).toMatchObject({ valid: true, tokenUid: TOKEN });
    expect(await used()).toEqual(['TokenUsed', 'TokenUsed']);
  });

  it('never accepts at once what is revoked in the log, though the state at hand does not show it', async () => {
    const { ask, atOnce, secret, used, onToken, state } = await open();
    await ask(secret, HERE);
    await onToken({ type: 'TokenRevoked', data: { tokenUid: TOKEN, owner: OWNER, reason: null } });
    expect(state.byUid(TOKEN)?.state.phase).toBe('live');
    expect(await atOnce(secret)).toBeNull();
    expect(await used()).toEqual(['TokenUsed']);
    expect(await ask(secret, HERE)).toMatchObject({ valid: false, code: 'revoked_token' });
  });

  it('leaves refusals and keyed free uses to the barrier, and records nothing of them at once', async () => {
    const { ask, atOnce, secret, used } = await open();
    await ask(secret, HERE);
    for (const request of [{ ip: '198.51.100.1' }, { ...HERE, scope: 's:2' }, { ...HERE, idempotencyKey: 'k' }]) {
      expect(await atOnce(secret, request)).toBeNull();
    }
    expect(await atOnce('garbage')).toBeNull();
    expect(await atOnce(null)).toBeNull();
    expect(await used()).toEqual(['TokenUsed']);
  });

  it('does not try again, nor accept, when a use that was handed in at once may have been stored', async () => {
    const { ask, atOnce, secret, log } = await open();
    await ask(secret, HERE);
    await log.close();
    expect(await atOnce(secret)).toMatchObject({ valid: false, code: 'verification_unavailable' });
  });
});
