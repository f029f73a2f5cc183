import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '#libs/kernel';
import { CreateToken } from '#libs/tokens';
import type { DemoWorld } from './demo-world.js';
import { AUDITOR, BILLING_CLERK, PLATFORM_ADMIN } from './people.js';

/** Where the tokens of a demo's logins are kept. That the file is there means that the demo is complete. */
export function loginsFileOf(dataDir: string): string {
  return join(dataDir, 'demo-tokens');
}

const LOGINS = [
  {
    variable: 'DEMO_AUDITOR_TOKEN',
    user: AUDITOR,
    name: 'Demo auditor',
    scopes: ['audit:read', 'tokens:read', 'directory:read', 'billing:read'],
  },
  {
    variable: 'DEMO_BILLING_TOKEN',
    user: BILLING_CLERK,
    name: 'Demo billing',
    scopes: ['billing:*', 'directory:read'],
  },
] as const;

const HEAD =
  '# Tokens to look around in the demo with, as shell variables. They are secrets: keep this file to yourself.';

/** Makes tokens for two people of the demo and writes them to a file that only its owner may read (0600). */
export async function writeLogins(world: DemoWorld, dataDir: string): Promise<void> {
  const lines: string[] = [];
  for (const { variable, user, name, scopes } of LOGINS) {
    const owner = { user: world.owner(user) };
    const access = { operations: true };
    const { body } = await world.perform(PLATFORM_ADMIN, (principal, context) => {
      const wish = { type: 'personal', name, owner, access, scopes, expiresIn: '30d' } as const;
      return new CreateToken(principal, context, wish);
    });
    assert(body.secret !== null, 'a new token has a secret');
    lines.push(`${variable}=${body.secret.expose()}`);
  }
  await writePrivately(loginsFileOf(dataDir), [HEAD, ...lines, ''].join('\n'));
}

/** Whole or not at all. */
async function writePrivately(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
