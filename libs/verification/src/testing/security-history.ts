import fc from 'fast-check';
import { DEFAULT_SETTINGS, type Fact, streamOf, type TokenOwner } from '#libs/contracts';
import type { Position, RecordedEvent } from '#libs/event-log';
import { toInstant } from '#libs/kernel';

const START_MS = Date.parse('2026-11-25T08:00:00.000Z');
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TOKENS = 6;
const PEOPLE = 3;

const uidOf = (prefix: string, number: number): string => `${prefix}_${(CROCKFORD[number] ?? '0').repeat(26)}`;
export const tokenUid = (number: number): string => uidOf('tok', number);
export const userUid = (number: number): string => uidOf('usr', number);
export const organizationUid = (number: number): string => uidOf('org', number);
/** Key id of the first secret of a token. */
export const keyIdOf = (number: number): string => `key${String(number).padStart(13, '0')}`;

/** A fact and the stream that it belongs to. */
interface Placed {
  readonly stream: string;
  readonly fact: Fact;
}

const number = (below: number) => fc.nat(below - 1);
const text = fc.oneof(fc.constant(''), fc.string({ unit: 'grapheme', maxLength: 20 }));
const names = fc.array(fc.constantFrom('models:invoke', 'pipelines:run', '*'), { minLength: 1, maxLength: 2 });
const instant = fc.oneof(
  fc.constant(null),
  fc.integer({ min: START_MS, max: START_MS * 2 }).map(toInstant),
  fc.constant('2027-02-23T08:00:00Z'),
);

function ownerOf(token: number): TokenOwner {
  return token % 2 === 0
    ? { type: 'user', uid: userUid(token % PEOPLE) }
    : { type: 'organization', uid: organizationUid(token % PEOPLE) };
}

const created: fc.Arbitrary<Placed> = fc
  .record({ token: number(TOKENS), name: text, description: text, scopes: names, expiresAt: instant, metadata: text })
  .map(({ token, metadata, ...rest }) =>
    onToken(token, {
      type: 'TokenCreated',
      data: {
        tokenUid: tokenUid(token),
        type: token % 2 === 0 ? 'personal' : 'organization',
        owner: ownerOf(token),
        handle: `t-${token}`,
        access: { operations: true, endpoints: token === 0 ? 'all' : ['a', 'b'] },
        projects: ['*'],
        environment: null,
        organizations: token === 2 ? [organizationUid(1)] : null,
        allowedIps: token === 3 ? ['203.0.113.0/24'] : null,
        neverReason: null,
        custody: 'sealed',
        metadata: metadata === '' ? {} : { note: metadata },
        keyId: keyIdOf(token),
        prefix: `tlp_${token}`,
        secretVersion: 1,
        ...rest,
      },
      ...(token === 4 ? {} : { private: { verifier: String(token).repeat(64), pepperId: '0a1b2c3d' } }),
    }),
  );

const changed: fc.Arbitrary<Placed> = fc
  .record({ token: number(TOKENS), change: number(7), text, at: instant, scopes: names })
  .map(({ token, change, text: reason, at, scopes }) => {
    const base = { tokenUid: tokenUid(token), owner: ownerOf(token) };
    const facts: Fact[] = [
      { type: 'TokenUpdated', data: { ...base, changes: { scopes: { before: [], after: scopes } } } },
      { type: 'TokenUpdated', data: { ...base, changes: { expiresAt: { before: null, after: at } } } },
      { type: 'TokenDisabled', data: { ...base, reason } },
      { type: 'TokenEnabled', data: { ...base, reason: null } },
      { type: 'TokenRevoked', data: { ...base, reason } },
      { type: 'TokenExpired', data: { ...base, expiresAt: '2027-02-23T08:00:00.000Z' } },
      { type: 'TokenUnusedCleared', data: { ...base, usedAt: '2027-02-23T08:00:00.000Z' } },
    ];
    return onToken(token, facts[change] as Fact);
  });

const ofDirectory: fc.Arbitrary<Placed> = fc
  .record({ person: number(PEOPLE), group: number(PEOPLE), change: number(7), text, days: number(300) })
  .map(({ person, group, change, text: name, days }) => {
    const [user, organization] = [userUid(person), organizationUid(group)];
    const facts: Fact[] = [
      { type: 'UserCreated', data: { userUid: user, handle: `u-${person}`, email: 'a@b.c', name } },
      { type: 'UserDisabled', data: { userUid: user, reason: null } },
      { type: 'OrganizationCreated', data: { organizationUid: organization, handle: `o-${group}`, name } },
      { type: 'MemberAdded', data: { organizationUid: organization, userUid: user, role: 'developer' } },
      {
        type: 'MemberRoleChanged',
        data: { organizationUid: organization, userUid: user, before: 'developer', after: 'admin' },
      },
      { type: 'MembershipEnded', data: { organizationUid: organization, userUid: user, reason: null } },
      {
        type: 'PolicyChanged',
        data: {
          scope: [user, organization, 'installation'][group] ?? 'installation',
          changes: { maxLifetimeDays: { before: DEFAULT_SETTINGS.maxLifetimeDays, after: days + 1 } },
        },
      },
    ];
    const stream = change < 2 ? streamOf.user(user) : streamOf.organization(organization);
    return { stream, fact: facts[change] as Fact };
  });

function onToken(token: number, fact: Fact): Placed {
  return { stream: streamOf.token(tokenUid(token)), fact };
}

/**
 * Histories of security events in which anything may follow anything: what no fold takes (a second TokenCreated, a
 * change of a token that there is not) quarantines or is left out, and that must be the same however the state is made.
 */
export const securityHistory: fc.Arbitrary<RecordedEvent[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: created },
      { weight: 5, arbitrary: changed },
      { weight: 4, arbitrary: ofDirectory },
    ),
    {
      maxLength: 60,
    },
  )
  .map((placed) => placed.map(recorded));

function recorded({ stream, fact }: Placed, index: number): RecordedEvent {
  const at = toInstant(START_MS + index * 1_000);
  return {
    ...fact,
    id: `event-${index}`,
    metadata: { occurredAt: at, actorType: 'user', actorUid: userUid(index % PEOPLE) },
    stream,
    revision: BigInt(index),
    position: BigInt(index + 1) as Position,
    recordedAt: at,
  };
}
