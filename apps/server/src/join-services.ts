import type { Logger } from 'pino';
import { AccountLedger, AccountTables } from '#libs/billing';
import type { Settings } from '#libs/config';
import type { JobBackend } from '#libs/jobs';
import { TokenHasher, type TokenSecrets } from '#libs/tokens';
import { AccountUseCharger } from './account-use-charger.js';
import { nodeNameOf } from './node-name.js';
import type { Store } from './open-store.js';
import type { Services } from './services.js';
import { createVerification } from './verification-parts.js';

/** Joins billing and verification on the opened store. */
export function joinServices(settings: Settings, store: Store, logger: Logger): Services {
  const { brand } = settings;
  const node = nodeNameOf(settings);
  const { pepper, pepperId } = store.secrets;
  const tokenSecrets: TokenSecrets = { brand, pepper, pepperId };
  const accounts = new AccountLedger({ log: store.log, readModel: new AccountTables(store.dataSource, store.log) });
  const charger = new AccountUseCharger(accounts, store.clock);
  const verification = createVerification({ store, tokenSecrets, charger, node, logger });
  const jobBackend = jobBackendOf(settings, store);
  return { store, jobBackend, logger, tokenSecrets, hasher: new TokenHasher(tokenSecrets), accounts, verification };
}

function jobBackendOf({ redisUrl }: Settings, { connectionString }: Store): JobBackend {
  return redisUrl === null ? { kind: 'postgres', connectionString } : { kind: 'redis', url: redisUrl };
}
