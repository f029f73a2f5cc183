import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_SETTINGS, type LedgerSettings } from '#libs/contracts';
import { toInstant } from '#libs/kernel';
import { HANDLE } from '../domain/handle.js';
import { evolveSlots, initialSlots, type OwnerSlots } from '../domain/owner-slots.js';
import { refusalOf } from '../testing/refusal-of.js';
import {
  CREATED_MS,
  metadataAt,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  OWNER,
  TOKEN,
  USER,
} from '../testing/sample-token.js';
import type { NewTokenWish } from './create-token.command.js';
import { type CreateTokenState, decideCreateToken } from './create-token.decide.js';

const secret = { keyId: '0123456789ABCDEf', prefix: 'tlp_01234567', verifier: 'ab'.repeat(32), pepperId: '01234567' };
const frame = { at: CREATED_MS, tokenUid: TOKEN, handleSuffix: '4f2a9c', secret };
const active: NonNullable<CreateTokenState['standing']> = {
  active: true,
  memberships: new Map([[ORGANIZATION, 'developer']]),
};
const wish: NewTokenWish = { type: 'personal', name: 'CI deploy', access: { operations: true } };

function given(over: Partial<CreateTokenState> = {}): CreateTokenState {
  return { slots: initialSlots, settings: DEFAULT_SETTINGS, owner: OWNER, standing: active, ...over };
}

function limitedTo(personal: number): LedgerSettings {
  return { ...DEFAULT_SETTINGS, maxActiveTokens: { ...DEFAULT_SETTINGS.maxActiveTokens, personal } };
}

interface Taken {
  readonly uid: string;
  readonly handle: string;
  readonly expiresAt: string | null;
  readonly type?: string;
}

function slotsOf(...taken: readonly Taken[]): OwnerSlots {
  return taken.reduce(
    (slots, { uid, handle, expiresAt, type = 'personal' }) =>
      evolveSlots(slots, {
        type: 'TokenSlotTaken',
        data: { ownerUid: USER, tokenUid: uid, type, handle, expiresAt },
        metadata: metadataAt(CREATED_MS),
      }),
    initialSlots,
  );
}

const refusal = (over: Partial<NewTokenWish>, state = given()): string =>
  refusalOf(() => decideCreateToken(state, { data: { ...wish, ...over } }, frame));

describe('a new token', () => {
  it('has everything that is not said by default, and its verifier in the private part alone', () => {
    const { created, slot } = decideCreateToken(given(), { data: wish }, frame);
    expect(created).toEqual({
      type: 'TokenCreated',
      data: {
        tokenUid: TOKEN,
        type: 'personal',
        owner: OWNER,
        handle: 'ci-deploy-4f2a9c',
        name: 'CI deploy',
        description: '',
        access: { operations: true, endpoints: [] },
        scopes: ['*'],
        projects: ['*'],
        environment: null,
        organizations: null,
        allowedIps: null,
        expiresAt: '2027-02-23T08:00:00.000Z',
        neverReason: null,
        custody: 'sealed',
        metadata: {},
        keyId: secret.keyId,
        prefix: secret.prefix,
        secretVersion: 1,
      },
      private: { verifier: secret.verifier, pepperId: secret.pepperId },
    });
    expect(slot).toEqual({
      type: 'TokenSlotTaken',
      data: {
        ownerUid: USER,
        tokenUid: TOKEN,
        type: 'personal',
        handle: 'ci-deploy-4f2a9c',
        expiresAt: '2027-02-23T08:00:00.000Z',
      },
    });
  });

  it('has what is said', () => {
    const said = {
      handle: 'mine',
      description: 'for tests',
      scopes: [],
      organizations: [ORGANIZATION],
      allowedIps: ['203.0.113.0/24'],
      metadata: { team: 'blue' },
    };
    const access = { endpoints: ['deployment:a', 'deployment:a'] };
    const data = { ...wish, ...said, access, expiresIn: '24h' };
    expect(decideCreateToken(given(), { data }, frame).created.data).toMatchObject({
      ...said,
      access: { operations: false, endpoints: ['deployment:a'] },
      expiresAt: '2026-11-26T08:00:00.000Z',
    });
  });

  it('of the installation reaches everything unless it says otherwise', () => {
    const owner = { type: 'installation', uid: 'installation' } as const;
    const { data } = decideCreateToken(given({ owner }), { data: { type: 'admin', name: 'ops' } }, frame).created;
    expect(data.access).toEqual({ operations: true, endpoints: 'all' });
  });

  it.each([{ access: undefined }, { access: {} }, { access: { operations: false, endpoints: [] } }])(
    'B3: needs one kind of access at least: %j is refused',
    ({ access }) => {
      const { access: _access, ...rest } = wish;
      const data = access === undefined ? rest : { ...rest, access };
      expect(refusalOf(() => decideCreateToken(given(), { data }, frame))).toBe('validation_failed access');
    },
  );

  it('is narrowed to organizations of its owner, and to no other, whether it exists or not', () => {
    expect(refusal({ organizations: [ORGANIZATION] })).toBe('none');
    expect(refusal({ organizations: [ORGANIZATION, OTHER_ORGANIZATION] })).toBe('validation_failed organizations');
  });

  it('is narrowed to organizations only where it is personal', () => {
    const owner = { type: 'organization', uid: ORGANIZATION } as const;
    const state = given({ owner });
    expect(refusal({ type: 'organization', organizations: [ORGANIZATION] }, state)).toBe(
      'validation_failed organizations',
    );
  });

  it('needs an owner that exists and is active', () => {
    expect(refusal({}, given({ standing: null }))).toBe('validation_failed owner.user');
    expect(refusal({}, given({ standing: { ...active, active: false } }))).toBe('user_disabled');
  });

  it('keeps the bounds of its expiry', () => {
    expect(refusal({ expiresIn: '400d' })).toBe('expiry_too_long expiresIn');
  });
});

describe('I3: the handle of a new token', () => {
  const taken = { uid: 'tok_1', handle: 'mine', expiresAt: toInstant(CREATED_MS + 1) };

  it('is refused, naming the field, while a live token of the owner has it', () => {
    expect(refusal({ handle: 'mine' }, given({ slots: slotsOf(taken) }))).toBe('handle_taken handle');
  });

  it('is free again once that token has expired by the clock', () => {
    const expired = { ...taken, expiresAt: toInstant(CREATED_MS) };
    expect(refusal({ handle: 'mine' }, given({ slots: slotsOf(expired) }))).toBe('none');
  });

  it('is made from the name and well-formed, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 100 }), (name) => {
        const { created } = decideCreateToken(given(), { data: { ...wish, name } }, frame);
        expect(created.data.handle).toMatch(HANDLE);
      }),
    );
  });
});

describe('P4: the limit of active tokens', () => {
  const five = Array.from({ length: 5 }, (_, index) => ({ uid: `tok_${index}`, handle: `h${index}`, expiresAt: null }));

  it('refuses the sixth', () => {
    expect(refusal({}, given({ slots: slotsOf(...five.slice(1)) }))).toBe('none');
    expect(refusal({}, given({ slots: slotsOf(...five) }))).toBe('token_limit_reached');
  });

  it('counts no token that has expired by the clock', () => {
    const [first, ...others] = five as [Taken, ...Taken[]];
    const slots = slotsOf({ ...first, expiresAt: toInstant(CREATED_MS) }, ...others);
    expect(refusal({}, given({ slots }))).toBe('none');
  });

  it('counts tokens of its own type only', () => {
    const slots = slotsOf(...five.map((slot) => ({ ...slot, type: 'client' })));
    expect(refusal({}, given({ slots }))).toBe('none');
  });

  it('is the one in force for the owner', () => {
    expect(refusal({}, given({ slots: slotsOf(...five), settings: limitedTo(6) }))).toBe('none');
    expect(refusal({}, given({ settings: limitedTo(0) }))).toBe('token_limit_reached');
  });

  it('is never exceeded, whatever is created, expires and ends in between', () => {
    const step = fc.record({ lifetimeMs: fc.integer({ min: 1, max: 50 }), waitMs: fc.integer({ min: 0, max: 20 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 4 }), (steps, limit) => {
        const settings = limitedTo(limit);
        const live: number[] = [];
        let slots = initialSlots;
        let at = CREATED_MS;
        for (const [index, { lifetimeMs, waitMs }] of steps.entries()) {
          at += waitMs;
          const data = { ...wish, handle: `h${index}`, expiresAt: toInstant(at + lifetimeMs) };
          const alive = live.filter((expiresMs) => expiresMs > at).length;
          const decide = () =>
            decideCreateToken(given({ slots, settings }), { data }, { ...frame, at, tokenUid: `tok_${index}` });
          expect(refusalOf(decide)).toBe(alive < limit ? 'none' : 'token_limit_reached');
          if (alive >= limit) continue;
          slots = evolveSlots(slots, { ...decide().slot, metadata: metadataAt(at) });
          live.push(at + lifetimeMs);
        }
      }),
    );
  });
});
