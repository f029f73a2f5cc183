import type { Entry } from '../history.js';
import type { LogEvent } from './log-event.js';
import type { FeedItem, TableDigest, Views } from './views.js';

/** A small run, in parts that a test may change before it is checked. */
export interface SampleRun {
  history: Entry[];
  events: LogEvent[];
  views: {
    balances: { account: string; server: string; balance: string }[];
    feeds: Map<string, FeedItem[]>;
    audit: Views['audit'] & { entries: { position: bigint; action: string }[] };
    digests: { followed: TableDigest[]; rebuilt: TableDigest[] };
  };
}

const ACCOUNT = 'org_1';
const TOKEN = 'tok_1';

const booked = (charge: string, chargeNumber: string, amount: string, balanceAfter: string) => ({
  accountUid: ACCOUNT,
  chargeUid: charge,
  chargeNumber,
  amount,
  balanceAfter,
});

const FACTS: readonly (readonly [stream: string, type: string, data: object])[] = [
  ['account-org_1', 'AccountOpened', { accountUid: ACCOUNT, limit: '0' }],
  [
    'account-org_1',
    'CreditsGranted',
    { accountUid: ACCOUNT, grantUid: 'grt_1', amount: '10', balanceAfter: '10', reason: 'g1' },
  ],
  ['token-tok_1', 'TokenCreated', { tokenUid: TOKEN, name: 'c1' }],
  ['owner-org_1', 'TokenSlotTaken', { tokenUid: TOKEN }],
  ['account-org_1', 'OrgCharged', { ...booked('chg_1', '1', '3', '7'), useId: 'use_1', operation: 'u1' }],
  ['usage-a-1', 'TokenUsed', { useId: 'use_1', tokenUid: TOKEN, chargeUid: 'chg_1', cost: '3', operation: 'u1' }],
  ['usage-a-1', 'TokenUsed', { useId: 'use_2', tokenUid: TOKEN, chargeUid: null, cost: '0', operation: 'u2' }],
  ['account-org_1', 'OrgCharged', { ...booked('chg_2', '2', '4', '3'), useId: null, operation: 'd1' }],
  ['account-org_1', 'ChargeReversed', { ...booked('chg_3', '3', '-4', '7'), reverses: 'chg_2', reason: 'r1' }],
  ['account-org_1', 'OrgCharged', { ...booked('chg_4', '4', '1', '6'), useId: 'use_3', operation: 'u3' }],
  ['usage-b-1', 'TokenUsed', { useId: 'use_3', tokenUid: TOKEN, chargeUid: 'chg_4', cost: '1', operation: 'u3' }],
  ['token-tok_1', 'TokenRevoked', { tokenUid: TOKEN, reason: 'v1' }],
];

/** A run without a fault in it: of `u3` the answer was lost, and `u4` came after the revocation. */
export function sampleRun(): SampleRun {
  const events = numbered(FACTS);
  return {
    events,
    history: history(),
    views: {
      balances: ['a', 'b'].map((server) => ({ account: ACCOUNT, server, balance: '6' })),
      feeds: new Map([[ACCOUNT, feed()]]),
      audit: { upTo: 12n, entries: auditOf(events) },
      digests: {
        followed: [{ table: 'tokens', rows: 1, digest: 'd1' }],
        rebuilt: [{ table: 'tokens', rows: 1, digest: 'd1' }],
      },
    },
  };
}

function numbered(facts: typeof FACTS): LogEvent[] {
  const revisions = new Map<string, bigint>();
  return facts.map(([stream, type, data], index) => {
    const revision = revisions.get(stream) ?? 0n;
    revisions.set(stream, revision + 1n);
    return { id: `id-${index}`, type, stream, revision, position: BigInt(index + 1), data: { ...data } };
  });
}

function auditOf(events: readonly LogEvent[]): { position: bigint; action: string }[] {
  const audited = events.filter(({ type }) => type !== 'TokenSlotTaken');
  return audited.map(({ position, type }) => ({ position, action: type }));
}

function feed(): FeedItem[] {
  const amounts = ['3', '4', '-4', '1'];
  return amounts.map((amount, index) => ({
    id: `chg_${index + 1}`,
    sequence: String(index + 1).padStart(20, '0'),
    amount,
  }));
}

type Answer = Pick<Entry, 'outcome' | 'status' | 'code' | 'answered'>;
const acknowledged = (answered: Entry['answered']): Answer => ({
  outcome: 'acknowledged',
  status: 200,
  code: null,
  answered,
});

function history(): Entry[] {
  const lost: Answer = { outcome: 'unknown', status: null, code: null, answered: {} };
  const revoked: Answer = { outcome: 'refused', status: 401, code: 'revoked_token', answered: {} };
  const lines: readonly (readonly [string, Entry['kind'], Answer])[] = [
    ['g1', 'grant', acknowledged({ grant: 'grt_1', balance: '10' })],
    ['c1', 'createToken', acknowledged({ token: TOKEN })],
    ['u1', 'use', acknowledged({ useId: 'use_1', charge: 'chg_1', balance: '7' })],
    ['u2', 'use', acknowledged({ useId: 'use_2' })],
    ['d1', 'charge', lost],
    ['d1', 'charge', acknowledged({ charge: 'chg_2', chargeNumber: '2' })],
    ['r1', 'reversal', acknowledged({ charge: 'chg_3', chargeNumber: '3' })],
    ['u3', 'use', lost],
    ['v1', 'revokeToken', acknowledged({ token: TOKEN })],
    ['u4', 'use', revoked],
  ];
  return lines.map(([request, kind, answer], index) => ({
    request,
    kind,
    server: index % 2 === 0 ? 'a' : 'b',
    startedAt: index * 10,
    endedAt: index * 10 + 5,
    asked: { account: ACCOUNT, token: TOKEN },
    ...answer,
  }));
}
