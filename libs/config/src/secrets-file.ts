import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const shape = z.object({
  version: z.literal(1),
  pepperId: z.string().regex(/^[0-9a-f]{8}$/),
  pepper: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

/** What must never stand in the database: without it no stored verifier can be confirmed or forged. */
export interface InstallationSecrets {
  readonly pepperId: string;
  readonly pepper: Buffer;
  /** SHA-256 that the ledger remembers, so that a server with other secrets refuses to start. */
  readonly fingerprint: string;
}

/** The secrets file cannot be used; the message says why and what to do. */
export class InvalidSecretsFile extends Error {
  override name = 'InvalidSecretsFile';
}

/** Reads the secrets file, or makes it (mode 0600) where there is none. Of two servers that start at once, one makes it. */
export async function openSecretsFile(path: string): Promise<InstallationSecrets> {
  return readSecrets((await read(path)) ?? (await create(path)), path);
}

/** Reads the content of a secrets file; `source` says in an error where it came from. Throws InvalidSecretsFile. */
export function readSecrets(text: string, source: string): InstallationSecrets {
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new InvalidSecretsFile(
      `${source} does not hold the content of a secrets file of the ledger. Restore it from your backup; without it no ` +
        'token can be verified.',
    );
  }
  const pepper = Buffer.from(parsed.data.pepper, 'base64url');
  const fingerprint = createHash('sha256').update('fingerprint').update(pepper).digest('hex');
  return { pepperId: parsed.data.pepperId, pepper, fingerprint };
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function create(path: string): Promise<string> {
  const secrets = {
    version: 1,
    pepperId: randomBytes(4).toString('hex'),
    pepper: randomBytes(32).toString('base64url'),
  };
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  // A hard link fails where the name exists: whoever is first wins, whole, and the other reads the winner's.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readFile(path, 'utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
