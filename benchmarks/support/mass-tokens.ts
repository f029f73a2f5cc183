import {
  type CommandContext,
  DEFAULT_SETTINGS,
  type LedgerSettings,
  type NewEvent,
  streamOf,
  toEvents,
} from '#libs/contracts';
import { type CreateTokenState, decideCreateToken, type NewTokenWish, TokenMint } from '#libs/tokens';
import { evolveSlots, initialSlots, type OwnerSlots } from '#libs/tokens/domain';
import { systemContext } from '../../apps/server/src/system-context.js';
import { Dice } from './dice.js';
import { eachOf } from './each-of.js';
import type { InProcessLedger } from './in-process-ledger.js';
import { type MintedSecret, SCOPE } from './population.js';

const WIDTH = 6;
const SEED = 1_000_003;
const STANDING = { active: true, memberships: new Map() } as const;
const LIMIT = 1_000_000;
const WORDS = ['harbor', 'crane', 'manifest', 'berth', 'tide', 'customs', 'ledger', 'reefer', 'tug', 'quay'] as const;
/** Sets of scopes that tokens are usually given; all of them reach what the benchmark asks for. */
const SCOPE_SETS = [[SCOPE], [SCOPE, 'pipelines:run'], ['*'], [SCOPE, 'datasets:read', 'datasets:write']] as const;

export interface MassToken extends MintedSecret {
  /** What of the token string is shown and recorded. */
  readonly prefix: string;
}

/** How many tokens each organization gets, and of how many of them the secret is wanted. */
export interface MassSize {
  readonly perOrganization: number;
  /** By the number of the organization. */
  readonly secretsOf: (organization: number) => number;
}

/**
 * Puts tokens into the log as fast as it takes them: decided one by one as by the command, appended a whole
 * organization at a time. Their settings allow any number. Returns some of the secrets, in the order of the organizations.
 */
export async function createMassTokens(
  { services }: InProcessLedger,
  organizationUids: readonly string[],
  size: MassSize,
): Promise<MassToken[]> {
  const { store, tokenSecrets, hasher } = services;
  const mint = new TokenMint(tokenSecrets, hasher);
  const filled = await eachOf(organizationUids, WIDTH, async (uid, number) => {
    const maker = new TokenMaker(mint, uid, systemContext(store.clock));
    const tokens = Array.from({ length: size.perOrganization }, (_, index) =>
      maker.make(number * size.perOrganization + index),
    );
    await store.log.append({
      streams: [
        { stream: streamOf.owner(uid), expected: 'noStream', events: tokens.map(({ slot }) => slot) },
        ...tokens.map(({ stream, created }) => ({ stream, expected: 'noStream' as const, events: [created] })),
      ],
    });
    return tokens.slice(0, size.secretsOf(number)).map(({ secret }) => secret);
  });
  return filled.flat();
}

interface MadeToken {
  readonly stream: string;
  readonly slot: NewEvent;
  readonly created: NewEvent;
  readonly secret: MassToken;
}

/** Makes the tokens of one organization, each decided on the slots that the ones before it left. */
class TokenMaker {
  private slots: OwnerSlots = initialSlots;

  constructor(
    private readonly mint: TokenMint,
    private readonly organizationUid: string,
    private readonly context: CommandContext,
  ) {}

  make(number: number): MadeToken {
    const { context } = this;
    const minted = this.mint.mint('o');
    const tokenUid = context.ids.uid('tok');
    const frame = { at: context.at, tokenUid, handleSuffix: tokenUid.slice(-6).toLowerCase(), secret: minted };
    const facts = decideCreateToken(this.state(), { data: wishOf(number) }, frame);
    const [slot, created] = toEvents([facts.slot, facts.created], context) as [NewEvent, NewEvent];
    this.slots = evolveSlots(this.slots, slot);
    const { organizationUid } = this;
    const secret = { uid: tokenUid, secret: minted.secret.expose(), organizationUid, prefix: minted.prefix };
    return { stream: streamOf.token(tokenUid), slot, created, secret };
  }

  private state(): CreateTokenState {
    const owner = { type: 'organization', uid: this.organizationUid } as const;
    return { slots: this.slots, settings: ROOMY, owner, standing: STANDING };
  }
}

const ROOMY: LedgerSettings = {
  ...DEFAULT_SETTINGS,
  maxActiveTokens: { ...DEFAULT_SETTINGS.maxActiveTokens, organization: LIMIT },
};

/** Names, notes and reach as they vary between the tokens of an organization; the same for the same number. */
function wishOf(number: number): NewTokenWish {
  const dice = new Dice(SEED + number);
  const name = `${dice.pick(WORDS)} ${dice.pick(WORDS)} ${number}`;
  return {
    type: 'organization',
    name,
    handle: name.replaceAll(' ', '-'),
    ...(dice.roll() < 0.3 ? { description: `Runs the ${dice.pick(WORDS)} of berth ${dice.upTo(400)}` } : {}),
    access: { endpoints: 'all' },
    scopes: dice.pick(SCOPE_SETS),
    expiresIn: `${30 + dice.upTo(300)}d`,
    ...(dice.roll() < 0.1 ? { allowedIps: ['203.0.113.0/24'] } : {}),
    ...(dice.roll() < 0.1 ? { metadata: { team: dice.pick(WORDS) } } : {}),
  };
}
