import { ChargeAccount, GrantCredits, ReverseCharge, UpdateAccount } from '#libs/billing';
import { DAY_MS, toInstant } from '#libs/kernel';
import type { Agenda } from './agenda.js';
import type { Calendar } from './calendar.js';
import type { DemoWorld } from './demo-world.js';
import { ATLAS, HARBOR, LUMEN, MERIDIAN, QUIET } from './organizations.js';
import { BILLING_CLERK } from './people.js';

interface GrantPlan {
  readonly account: string;
  readonly day: number;
  readonly wish: Omit<GrantCredits['wish'], 'expiresAt' | 'effectiveAt'>;
  /** Days after which what is left of it is gone; absent: never. */
  readonly lastsDays?: number;
}

const paid = (amount: string, invoice: number) => ({ amount, kind: 'paid', reason: `invoice ${invoice}` }) as const;
const promotional = (amount: string, reason: string) =>
  ({ amount, kind: 'promotional', reason, priority: 10 }) as const;

const GRANTS: readonly GrantPlan[] = [
  { account: HARBOR, day: 2, wish: promotional('1000', 'welcome credits'), lastsDays: 60 },
  { account: HARBOR, day: 5, wish: paid('6000', 1001) },
  { account: HARBOR, day: 61, wish: paid('4000', 1017) },
  { account: LUMEN, day: 3, wish: promotional('500', 'welcome credits'), lastsDays: 60 },
  { account: ATLAS, day: 4, wish: promotional('500', 'welcome credits'), lastsDays: 60 },
  { account: ATLAS, day: 7, wish: paid('2000', 1004) },
  { account: ATLAS, day: 84, wish: paid('1200', 1022) },
  // More than a small studio uses in a month: the rest of it expires.
  { account: QUIET, day: 9, wish: promotional('2000', 'welcome credits'), lastsDays: 30 },
  { account: QUIET, day: 39, wish: paid('2500', 1011) },
  { account: 'tomas-novak', day: 10, wish: promotional('100', 'conference voucher'), lastsDays: 90 },
  { account: 'priya-raman', day: 30, wish: paid('400', 1009) },
];

interface TermsPlan {
  readonly account: string;
  readonly day: number;
  readonly patch: UpdateAccount['patch'];
}

const TERMS: readonly TermsPlan[] = [
  { account: LUMEN, day: 3, patch: { mode: 'postpaid' } },
  { account: ATLAS, day: 7, patch: { limit: '100' } },
  { account: MERIDIAN, day: 9, patch: { mode: 'postpaid', limit: '20000' } },
];

interface ChargePlan {
  readonly key: string;
  readonly account: string;
  readonly day: number;
  readonly wish: ChargeAccount['wish'];
}

const storage = (amount: string, quantity: string) => ({ amount, quantity, operation: 'storage.gigabyte-months' });

const CHARGES: readonly ChargePlan[] = [
  { key: 'harbor-1', account: HARBOR, day: 31, wish: storage('120', '60') },
  { key: 'harbor-2', account: HARBOR, day: 61, wish: storage('164', '82') },
  { key: 'harbor-3', account: HARBOR, day: 92, wish: storage('210', '105') },
  { key: 'lumen-1', account: LUMEN, day: 31, wish: storage('80', '40') },
  { key: 'lumen-2', account: LUMEN, day: 61, wish: storage('96', '48') },
  { key: 'lumen-twice', account: LUMEN, day: 61, wish: storage('96', '48') },
  { key: 'lumen-3', account: LUMEN, day: 92, wish: storage('112', '56') },
  {
    key: 'lumen-support',
    account: LUMEN,
    day: 45,
    wish: { amount: '900', operation: 'support.plan', reason: 'first year' },
  },
  { key: 'meridian-1', account: MERIDIAN, day: 61, wish: storage('310', '155') },
  { key: 'meridian-2', account: MERIDIAN, day: 92, wish: storage('350', '175') },
];

interface ReversalPlan {
  readonly charge: string;
  readonly day: number;
  /** Absent: all of the charge. */
  readonly amount?: string;
  readonly reason: string;
}

const REVERSALS: readonly ReversalPlan[] = [
  { charge: 'lumen-twice', day: 62, reason: 'billed twice' },
  { charge: 'meridian-2', day: 94, amount: '50', reason: 'half a week of downtime' },
];

/** Credits are granted, accounts get their terms, and storage is billed by hand. */
export function addMoney(agenda: Agenda, world: DemoWorld, calendar: Calendar): void {
  for (const plan of TERMS) agenda.add(calendar.on(plan.day, '09:50'), () => setTerms(world, plan));
  for (const plan of GRANTS) agenda.add(calendar.on(plan.day, '09:55'), () => grant(world, plan));
  const charged = new Map<string, string>();
  for (const plan of CHARGES) {
    agenda.add(calendar.on(plan.day, '07:30'), async () => {
      charged.set(plan.key, await charge(world, plan));
    });
  }
  for (const { charge: key, day, reason, amount } of REVERSALS) {
    agenda.add(calendar.on(day, '11:15'), async () => {
      // Found in the read model, as for a person who looks it up.
      await world.untilRead();
      const wish = amount === undefined ? { reason } : { reason, amount };
      await world.performOnce(BILLING_CLERK, (principal, context) => {
        return new ReverseCharge(principal, context, charged.get(key) ?? '', wish);
      });
    });
  }
}

async function grant(world: DemoWorld, { account, wish, lastsDays }: GrantPlan): Promise<void> {
  const expiry = lastsDays === undefined ? {} : { expiresAt: toInstant(world.clock.now() + lastsDays * DAY_MS) };
  const uid = world.owner(account);
  await world.performOnce(BILLING_CLERK, (principal, context) => {
    return new GrantCredits(principal, context, uid, { ...wish, ...expiry });
  });
}

async function setTerms(world: DemoWorld, { account, patch }: TermsPlan): Promise<void> {
  const uid = world.owner(account);
  await world.perform(BILLING_CLERK, (principal, context) => new UpdateAccount(principal, context, uid, patch));
}

async function charge(world: DemoWorld, { account, wish }: ChargePlan): Promise<string> {
  const uid = world.owner(account);
  const { body } = await world.performOnce(BILLING_CLERK, (principal, context) => {
    return new ChargeAccount(principal, context, uid, wish);
  });
  return body.uid;
}
