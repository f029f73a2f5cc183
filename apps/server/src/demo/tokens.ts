import { CreateToken, DisableToken, EnableToken, type NewTokenWish, RevokeToken, UpdateToken } from '#libs/tokens';
import type { Agenda } from './agenda.js';
import type { Calendar } from './calendar.js';
import type { DemoWorld } from './demo-world.js';
import { PLATFORM_ADMIN } from './people.js';
import { TOKEN_GROUPS, type TokenGroup, type TokenPlan } from './token-plans.js';

/** Tokens are made, changed, switched off and ended. */
export function addTokens(agenda: Agenda, world: DemoWorld, calendar: Calendar): void {
  for (const group of TOKEN_GROUPS) {
    group.tokens.forEach((plan, index) => {
      const minute = String(10 + index * 3).padStart(2, '0');
      agenda.add(calendar.on(plan.day, `10:${minute}`), () => create(world, group, plan));
    });
  }
  for (const { token, by, day, time, ...change } of CHANGES) {
    agenda.add(calendar.on(day, time), () => carryOut(world, { token, by, ...change }));
  }
}

async function create(world: DemoWorld, { type, owner, by }: TokenGroup, plan: TokenPlan): Promise<void> {
  const wish: NewTokenWish = {
    type,
    name: plan.name,
    ...accessOf(type),
    ...ownerOf(world, type, owner),
    ...plan.details,
  };
  const { body } = await world.perform(by, (principal, context) => new CreateToken(principal, context, wish));
  if (body.secret !== null) world.nameToken(plan.key, { uid: body.token.uid, secret: body.secret });
}

function accessOf(type: TokenGroup['type']): Pick<NewTokenWish, 'access'> {
  return type === 'admin' ? {} : { access: { endpoints: 'all' } };
}

function ownerOf(world: DemoWorld, type: TokenGroup['type'], owner: string | null): Pick<NewTokenWish, 'owner'> {
  if (owner === null) return {};
  return { owner: { [type === 'personal' ? 'user' : 'organization']: world.owner(owner) } };
}

interface Change {
  readonly token: string;
  readonly by: string;
  readonly revoke?: string;
  readonly disable?: string;
  readonly enable?: string;
  readonly update?: UpdateToken['data'];
}

const CHANGES: readonly (Change & { readonly day: number; readonly time: string })[] = [
  { token: 'terraform', by: PLATFORM_ADMIN, day: 40, time: '11:20', revoke: 'replaced by the synchronisation' },
  { token: 'old-gateway', by: 'lena-fischer', day: 50, time: '13:05', revoke: 'replaced by Production inference' },
  { token: 'leaked', by: PLATFORM_ADMIN, day: 66, time: '07:52', revoke: 'found in a public repository' },
  { token: 'david', by: PLATFORM_ADMIN, day: 82, time: '09:15', revoke: 'the owner has left' },
  { token: 'preview', by: 'noah-lindqvist', day: 88, time: '15:30', revoke: 'the project has ended' },
  { token: 'triage', by: 'amara-diallo', day: 29, time: '10:40', update: { name: 'Batch triage, radiology' } },
  {
    token: 'scanners',
    by: 'sofia-rossi',
    day: 58,
    time: '16:20',
    update: { scopes: ['models:invoke', 'labels:read'] },
  },
  { token: 'notebook', by: 'lena-fischer', day: 77, time: '11:45', update: { expiresIn: '90d' } },
  { token: 'website', by: 'noah-lindqvist', day: 64, time: '18:02', disable: 'traffic from an unknown page' },
  { token: 'website', by: 'noah-lindqvist', day: 66, time: '09:12', enable: 'it was a partner of ours' },
  { token: 'backup', by: 'amara-diallo', day: 105, time: '12:00', disable: 'paused while the auditors are here' },
];

async function carryOut(world: DemoWorld, change: Change): Promise<void> {
  const { uid } = world.token(change.token);
  const { by, revoke, disable, enable, update } = change;
  await world.perform(by, (principal, context) => {
    if (revoke !== undefined) return new RevokeToken(principal, context, uid, revoke);
    if (disable !== undefined) return new DisableToken(principal, context, uid, disable);
    if (enable !== undefined) return new EnableToken(principal, context, uid, enable);
    return new UpdateToken(principal, context, uid, update ?? {});
  });
}
