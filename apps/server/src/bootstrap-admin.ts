import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandContext, type EventData, type Fact, streamOf } from '#libs/contracts';
import type { Decider, StreamRepository } from '#libs/event-log';
import { KIND_OF_TYPE } from '#libs/tokens/domain';
import type { MintedToken, TokenMint } from '#libs/tokens';

const OWNER = { type: 'installation', uid: 'installation' } as const;
/** The first token that the installation owned: one that was revoked is not made again at the next start. */
const FIRST_TOKEN: Decider<string | null> = {
  initial: () => null,
  evolve: (first, { data }) => first ?? (data as EventData<'TokenSlotTaken'>).tokenUid,
};
const KEY_ID: Decider<string | null> = {
  initial: () => null,
  evolve: (keyId, { type, data }) => (type === 'TokenCreated' ? (data as EventData<'TokenCreated'>).keyId : keyId),
};
const NEVER_REASON = 'first access to a new ledger; replace it by tokens of people';

export interface BootstrapParts {
  readonly streams: StreamRepository;
  readonly mint: TokenMint;
  readonly dataDir: string;
  readonly initialAdminTokens: readonly string[];
  readonly context: CommandContext;
}

/** A token string of INIT_ADMIN_API_TOKENS is not one that this ledger can take. */
export class InvalidInitialToken extends Error {
  override name = 'InvalidInitialToken';
}

/**
 * Makes the first admin tokens of an empty ledger: those that the operator gave, else one whose secret is kept in
 * `<data dir>/admin-token`. Returns the path of that file when this ledger's first token is in it.
 */
export async function bootstrapAdmin(parts: BootstrapParts): Promise<string | null> {
  const path = join(parts.dataDir, 'admin-token');
  const given = parts.initialAdminTokens.map((text, index) => adopt(parts.mint, text, index));
  if (given.length > 0) {
    await createTokens(parts, given);
    return null;
  }
  const { state: first } = await parts.streams.load(streamOf.owner(OWNER.uid), FIRST_TOKEN);
  // The secret is on disk before its token is in the log: a crash in between loses neither.
  const minted = await keptSecret(path, parts.mint, first !== null);
  if (minted === null) return null;
  if (first === null) await createTokens(parts, [minted]);
  if (await isFirstToken(parts, minted)) return path;
  // Of servers that began at once one made the token; what another has drawn meanwhile opens nothing.
  if (first === null) await rm(path);
  return null;
}

function adopt(mint: TokenMint, text: string, index: number): MintedToken {
  const minted = mint.adopt(text, KIND_OF_TYPE.admin);
  if (minted !== null) return minted;
  throw new InvalidInitialToken(
    `INIT_ADMIN_API_TOKENS: token ${index + 1} is not a well-formed admin token. npm run mint-token prints one.`,
  );
}

async function keptSecret(path: string, mint: TokenMint, wasMade: boolean): Promise<MintedToken | null> {
  const adopted = await readSecret(path, mint);
  if (adopted !== null || wasMade) return adopted;
  const minted = mint.mint(KIND_OF_TYPE.admin);
  // Not named by the process alone: in containers that share the folder all are process 1.
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${minted.secret.expose()}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // A link fails where the name exists, so servers that share the folder and start at once keep one secret.
    await link(draft, path);
    return minted;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const others = await readSecret(path, mint);
    if (others !== null) return others;
    // What stands there was never a token of this ledger.
    await rename(draft, path);
    return minted;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The token in the file; null where there is no file, or none of this ledger in it. */
async function readSecret(path: string, mint: TokenMint): Promise<MintedToken | null> {
  const kept = await readFile(path, 'utf8').catch(() => null);
  return kept === null ? null : mint.adopt(kept.trim(), KIND_OF_TYPE.admin);
}

async function isFirstToken({ streams }: BootstrapParts, minted: MintedToken): Promise<boolean> {
  const { state: tokenUid } = await streams.load(streamOf.owner(OWNER.uid), FIRST_TOKEN);
  if (tokenUid === null) return false;
  return (await streams.load(streamOf.token(tokenUid), KEY_ID)).state === minted.keyId;
}

/** Once, in an empty ledger: whoever comes second finds the owner's stream taken and makes nothing. */
async function createTokens({ streams, context }: BootstrapParts, minted: readonly MintedToken[]): Promise<void> {
  const stream = streamOf.owner(OWNER.uid);
  await streams.executeAcross(context, async (attempt) => {
    if ((await attempt.load(stream, FIRST_TOKEN)) !== null) return;
    minted.forEach((token, index) => {
      const tokenUid = attempt.ids.uid('tok');
      const handle = index === 0 ? 'bootstrap' : `bootstrap-${index + 1}`;
      attempt.append(streamOf.token(tokenUid), [created(tokenUid, handle, token)]);
      attempt.append(stream, [slotTaken(tokenUid, handle)]);
    });
  });
}

function created(tokenUid: string, handle: string, { keyId, prefix, verifier, pepperId }: MintedToken): Fact {
  return {
    type: 'TokenCreated',
    data: {
      tokenUid,
      type: 'admin',
      owner: OWNER,
      handle,
      name: 'Bootstrap admin',
      description: '',
      access: { operations: true, endpoints: 'all' },
      scopes: ['*'],
      projects: ['*'],
      environment: null,
      organizations: null,
      allowedIps: null,
      expiresAt: null,
      neverReason: NEVER_REASON,
      custody: 'sealed',
      metadata: {},
      keyId,
      prefix,
      secretVersion: 1,
    },
    private: { verifier, pepperId },
  };
}

function slotTaken(tokenUid: string, handle: string): Fact {
  const data = { ownerUid: OWNER.uid, tokenUid, type: 'admin', handle, expiresAt: null };
  return { type: 'TokenSlotTaken', data };
}
