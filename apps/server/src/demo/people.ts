import type { InstanceRole } from '#libs/contracts';
import { CreateUser, SetInstanceRoles, UpdateUser } from '#libs/directory';
import { CreateToken, type NewTokenWish } from '#libs/tokens';
import type { Agenda } from './agenda.js';
import type { Calendar } from './calendar.js';
import type { Client, DemoWorld } from './demo-world.js';

/** Who acts before there is anybody: the token that the ledger made for whoever started it. */
export const BOOTSTRAP = 'bootstrap';
export const PLATFORM_ADMIN = 'ada-okafor';
export const AUDITOR = 'jonas-weber';
export const BILLING_CLERK = 'mei-tanaka';

interface Person {
  readonly handle: string;
  readonly name: string;
  readonly company: string;
  readonly day: number;
  readonly roles?: readonly InstanceRole[];
  /** The token through which the person calls the management API; null: somebody who never does. */
  readonly console: (Client & Pick<NewTokenWish, 'name' | 'expiresIn' | 'scopes'>) | null;
}

const CHROME = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const AUDITS = ['audit:read', 'tokens:read', 'directory:read', 'billing:read'];
const BILLS = ['billing:*', 'directory:read'];

const desk = (name: string, ip: string, userAgent: string, expiresIn = '180d') => ({ name, ip, userAgent, expiresIn });

const PEOPLE: readonly Person[] = [
  {
    handle: PLATFORM_ADMIN,
    name: 'Ada Okafor',
    company: 'platform',
    day: 0,
    roles: ['admin'],
    console: desk('Admin console', '192.0.2.10', CHROME, '365d'),
  },
  {
    handle: AUDITOR,
    name: 'Jonas Weber',
    company: 'platform',
    day: 1,
    roles: ['auditor'],
    console: { ...desk('Audit desk', '192.0.2.11', FIREFOX, '365d'), scopes: AUDITS },
  },
  {
    handle: BILLING_CLERK,
    name: 'Mei Tanaka',
    company: 'platform',
    day: 1,
    roles: ['billing'],
    console: { ...desk('Billing desk', '192.0.2.12', CHROME, '365d'), scopes: BILLS },
  },
  {
    handle: 'lena-fischer',
    name: 'Lena Fischer',
    company: 'harbor',
    day: 2,
    console: desk('Workstation', '198.51.100.20', FIREFOX),
  },
  { handle: 'tomas-novak', name: 'Tomas Novak', company: 'harbor', day: 4, console: null },
  { handle: 'priya-raman', name: 'Priya Raman', company: 'harbor', day: 6, console: null },
  {
    handle: 'amara-diallo',
    name: 'Amara Diallo',
    company: 'lumen',
    day: 2,
    console: desk('Laptop', '198.51.100.40', CHROME),
  },
  { handle: 'david-cohen', name: 'David Cohen', company: 'lumen', day: 7, console: null },
  {
    handle: 'sofia-rossi',
    name: 'Sofia Rossi',
    company: 'atlas',
    day: 3,
    console: desk('Laptop', '198.51.100.60', CHROME),
  },
  { handle: 'omar-haddad', name: 'Omar Haddad', company: 'atlas', day: 30, console: null },
  {
    handle: 'noah-lindqvist',
    name: 'Noah Lindqvist',
    company: 'quiet',
    day: 5,
    console: desk('Studio desktop', '198.51.100.80', FIREFOX, '365d'),
  },
  {
    handle: 'ines-almeida',
    name: 'Ines Almeida',
    company: 'meridian',
    day: 8,
    console: desk('Notebook', '198.51.100.100', CHROME),
  },
  { handle: 'yuki-sato', name: 'Yuki Sato', company: 'meridian', day: 10, console: null },
];

/** Days on which the auditor looks into the ledger. */
const AUDIT_DAYS = [9, 37, 65, 93, 116];

/** People join and look after things; one of them is locked out towards the end. */
export function addPeople(agenda: Agenda, world: DemoWorld, calendar: Calendar): void {
  PEOPLE.forEach((person, index) => {
    const minute = String(index * 4).padStart(2, '0');
    agenda.add(calendar.on(person.day, `08:${minute}`), () => join(world, person));
  });
  for (const day of AUDIT_DAYS) agenda.add(calendar.on(day, '15:05'), () => world.visit(AUDITOR));
  agenda.add(calendar.on(95, '16:42'), async () => {
    const change = { status: 'disabled', reason: 'sign-ins from two continents within an hour' } as const;
    const user = world.owner('yuki-sato');
    await world.perform(PLATFORM_ADMIN, (principal, context) => new UpdateUser(principal, context, user, change));
  });
}

async function join(world: DemoWorld, { handle, name, company, roles, console: client }: Person): Promise<void> {
  const by = handle === PLATFORM_ADMIN ? BOOTSTRAP : PLATFORM_ADMIN;
  const email = `${handle.replace('-', '.')}@${company}.example`;
  const created = await world.perform(by, (principal, context) => {
    return new CreateUser(principal, context, { handle, email, name });
  });
  const { uid } = created.body;
  world.nameOwner(handle, uid);
  if (roles !== undefined) {
    await world.perform(by, (principal, context) => new SetInstanceRoles(principal, context, uid, roles));
  }
  if (client === null) return;
  const { ip, userAgent, ...wish } = client;
  const { body } = await world.perform(by, (principal, context) => {
    const access = { operations: true };
    return new CreateToken(principal, context, { type: 'personal', owner: { user: uid }, access, ...wish });
  });
  if (body.secret !== null) world.signIn(handle, body.secret, { ip, userAgent });
}
