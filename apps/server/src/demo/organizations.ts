import type { MemberRole } from '#libs/contracts';
import { CreateOrganization, EndMembership, SetMember, UpdateOrganization } from '#libs/directory';
import type { Agenda } from './agenda.js';
import type { Calendar } from './calendar.js';
import type { DemoWorld } from './demo-world.js';

export const HARBOR = 'harbor-robotics';
export const LUMEN = 'lumen-clinic';
export const ATLAS = 'atlas-freight';
export const QUIET = 'quiet-studio';
export const MERIDIAN = 'meridian-labs';

interface Membership {
  readonly user: string;
  readonly role: MemberRole;
  readonly day: number;
}

interface OrganizationPlan {
  readonly handle: string;
  readonly name: string;
  /** Makes it, and is its admin from then on. */
  readonly admin: string;
  readonly day: number;
  readonly members: readonly Membership[];
}

const ORGANIZATIONS: readonly OrganizationPlan[] = [
  {
    handle: HARBOR,
    name: 'Harbor Robotics',
    admin: 'lena-fischer',
    day: 2,
    members: [
      { user: 'tomas-novak', role: 'developer', day: 4 },
      { user: 'priya-raman', role: 'developer', day: 6 },
      { user: 'ines-almeida', role: 'auditor', day: 20 },
      // The same person in another role: a change of role and not a second membership.
      { user: 'tomas-novak', role: 'admin', day: 60 },
    ],
  },
  {
    handle: LUMEN,
    name: 'Lumen Clinic',
    admin: 'amara-diallo',
    day: 2,
    members: [
      { user: 'david-cohen', role: 'developer', day: 7 },
      { user: 'noah-lindqvist', role: 'billing', day: 25 },
    ],
  },
  {
    handle: ATLAS,
    name: 'Atlas Freight',
    admin: 'sofia-rossi',
    day: 3,
    members: [{ user: 'omar-haddad', role: 'endpoint_user', day: 30 }],
  },
  { handle: QUIET, name: 'Quiet Studio', admin: 'noah-lindqvist', day: 5, members: [] },
  {
    handle: MERIDIAN,
    name: 'Meridian Labs',
    admin: 'ines-almeida',
    day: 8,
    members: [{ user: 'yuki-sato', role: 'developer', day: 10 }],
  },
];

/** Organizations are made by those who run them, and their members come and go. */
export function addOrganizations(agenda: Agenda, world: DemoWorld, calendar: Calendar): void {
  for (const plan of ORGANIZATIONS) {
    agenda.add(calendar.on(plan.day, '09:05'), () => create(world, plan));
    for (const membership of plan.members) {
      agenda.add(calendar.on(membership.day, '09:30'), () => setMember(world, plan, membership));
    }
  }
  agenda.add(calendar.on(35, '14:10'), async () => {
    const patch = { settings: { neverUsedAfterDays: 21 } };
    const target = world.owner(ATLAS);
    await world.perform('sofia-rossi', (principal, context) => {
      return new UpdateOrganization(principal, context, target, patch);
    });
  });
  agenda.add(calendar.on(80, '17:00'), async () => {
    const target = { organization: world.owner(LUMEN), user: world.owner('david-cohen') };
    await world.perform('amara-diallo', (principal, context) => {
      return new EndMembership(principal, context, target, 'left the clinic');
    });
  });
}

async function create(world: DemoWorld, { handle, name, admin }: OrganizationPlan): Promise<void> {
  const { body } = await world.perform(admin, (principal, context) => {
    return new CreateOrganization(principal, context, { handle, name });
  });
  world.nameOwner(handle, body.uid);
}

async function setMember(world: DemoWorld, plan: OrganizationPlan, { user, role }: Membership): Promise<void> {
  const target = { organization: world.owner(plan.handle), user: world.owner(user) };
  await world.perform(plan.admin, (principal, context) => new SetMember(principal, context, target, role));
}
