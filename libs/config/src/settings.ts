import { resolve } from 'node:path';
import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** What a process does: everything, or one part of it beside other processes on the same database. */
export const ROLES = ['all', 'api', 'worker', 'projector'] as const;
export type Role = (typeof ROLES)[number];

const environment = z.object({
  ROLE: z.enum(ROLES).default('all'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  EVENT_STORE_URL: z
    .string()
    .regex(/^esdb(\+discover)?:\/\//, 'must begin with esdb:// or esdb+discover://')
    .optional(),
  EVENT_STORE_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,31}$/, 'must be 1 to 32 small letters and digits, a letter first')
    .optional(),
  EVENT_STORE_LEASE_MS: z.coerce.number().int().min(50).max(60_000).default(1_000),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis://')
    .optional(),
  TOKEN_BRAND: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,7}$/, 'must be 2 to 8 characters, a letter first, then letters and digits')
    .default('tl'),
  INIT_ADMIN_API_TOKENS: z.string().default(''),
  TOKEN_LEDGER_DATA_DIR: z.string().min(1).default('./.token-ledger'),
  TOKEN_LEDGER_SECRETS_FILE: z.string().min(1).optional(),
  TOKEN_LEDGER_SECRETS: z.string().min(1).optional(),
  TOKEN_LEDGER_CLOCK_OFFSET_MS: z.coerce.number().int().default(0),
  TOKEN_LEDGER_NODE: z
    .string()
    .regex(/^[a-z0-9]{1,32}$/, 'must be 1 to 32 small letters and digits')
    .optional(),
  TOKEN_LEDGER_TRUSTED_PROXIES: z.string().default(''),
  TOKEN_LEDGER_CORS_ORIGINS: z
    .string()
    .refine(
      (text) => splitList(text).every(isOrigin),
      'must be origins such as https://app.example.com, separated by commas',
    )
    .default(''),
  TOKEN_LEDGER_JOBS: flag.default(true),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The names of all settings, as environment variables. */
export const SETTING_NAMES: readonly string[] = Object.keys(environment.shape);

/** What a setting is when its variable is not set; undefined for one that has no value then, or one that is made up. */
export const SETTING_DEFAULTS: Readonly<Record<string, unknown>> = environment.parse({});

/** Variables of clients and of the launcher, which a server's shell may hold as well. */
const FOREIGN = ['TOKEN_LEDGER_API_TOKEN', 'TOKEN_LEDGER_ENDPOINT', 'TOKEN_LEDGER_REQUESTER_UID'];

/** Everything an operator can set, validated once. Read only here. */
export interface Settings {
  readonly role: Role;
  readonly host: string;
  readonly port: number;
  /** False when PORT is not set: a busy default port then moves on to the next free one. */
  readonly portIsChosen: boolean;
  /** Null: the ledger runs its own PostgreSQL below the data directory. */
  readonly databaseUrl: string | null;
  /** Of the EventStoreDB that keeps the event log; null: the log is in PostgreSQL. */
  readonly eventStoreUrl: string | null;
  /** Begins the names of the ledger's streams in EventStoreDB, with a dot behind it; null: nothing does. */
  readonly eventStorePrefix: string | null;
  /** With EventStoreDB: how long its leader is believed after a majority was last heard of, in milliseconds. */
  readonly eventStoreLeaseMs: number;
  /** Null: jobs are queued in PostgreSQL. */
  readonly redisUrl: string | null;
  readonly brand: string;
  readonly initialAdminTokens: readonly string[];
  readonly dataDir: string;
  readonly secretsFile: string;
  /** The content of a secrets file, given in its place; null: the file holds it. */
  readonly secretsText: string | null;
  readonly clockOffsetMs: number;
  /** Name of this process in usage streams; null: made at start. */
  readonly node: string | null;
  readonly trustedProxies: readonly string[];
  /** Origins whose pages may call the API with a token. */
  readonly corsOrigins: readonly string[];
  readonly jobs: boolean;
  readonly logLevel: string;
}

/** A setting that cannot be used; the message says which, why, and what would do. */
export class InvalidSettings extends Error {
  override name = 'InvalidSettings';
}

/** Reads the settings from the environment. Throws InvalidSettings. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  refuseUnknown(env);
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InvalidSettings(`${String(issue?.path[0])}: ${issue?.message ?? 'is not valid'}.`);
  }
  const values = parsed.data;
  refuseMisfit(values);
  const dataDir = resolve(values.TOKEN_LEDGER_DATA_DIR);
  return {
    role: values.ROLE,
    host: values.HOST,
    port: values.PORT ?? 3000,
    portIsChosen: values.PORT !== undefined,
    databaseUrl: values.DATABASE_URL ?? null,
    eventStoreUrl: values.EVENT_STORE_URL ?? null,
    eventStorePrefix: values.EVENT_STORE_PREFIX ?? null,
    eventStoreLeaseMs: values.EVENT_STORE_LEASE_MS,
    redisUrl: values.REDIS_URL ?? null,
    brand: values.TOKEN_BRAND,
    initialAdminTokens: splitList(values.INIT_ADMIN_API_TOKENS),
    dataDir,
    secretsFile: resolve(values.TOKEN_LEDGER_SECRETS_FILE ?? `${dataDir}/secrets`),
    secretsText: values.TOKEN_LEDGER_SECRETS ?? null,
    clockOffsetMs: values.TOKEN_LEDGER_CLOCK_OFFSET_MS,
    node: values.TOKEN_LEDGER_NODE ?? null,
    trustedProxies: splitList(values.TOKEN_LEDGER_TRUSTED_PROXIES),
    corsOrigins: splitList(values.TOKEN_LEDGER_CORS_ORIGINS),
    jobs: values.TOKEN_LEDGER_JOBS,
    logLevel: values.LOG_LEVEL,
  };
}

/** Settings that are each well formed, and cannot be meant together. */
function refuseMisfit(values: z.infer<typeof environment>): void {
  const { ROLE: role, DATABASE_URL: databaseUrl, TOKEN_LEDGER_SECRETS: secrets } = values;
  const secretsFile = values.TOKEN_LEDGER_SECRETS_FILE;
  if (secrets !== undefined && secretsFile !== undefined) {
    throw new InvalidSettings('TOKEN_LEDGER_SECRETS: give the secrets here or in TOKEN_LEDGER_SECRETS_FILE, not both.');
  }
  if (role === 'all') return;
  // A process of another role never stands alone: what it does not share, it cannot work with.
  if (databaseUrl === undefined) {
    throw new InvalidSettings(
      `DATABASE_URL: ROLE=${role} works on a database that other processes share; name it here. ` +
        'Only ROLE=all starts a PostgreSQL of its own.',
    );
  }
  if (secrets === undefined && secretsFile === undefined) {
    throw new InvalidSettings(
      `TOKEN_LEDGER_SECRETS_FILE: ROLE=${role} needs the secrets that all processes of the ledger share. Name their ` +
        'file here, or give its content in TOKEN_LEDGER_SECRETS.',
    );
  }
  if (role === 'worker' && !values.TOKEN_LEDGER_JOBS) {
    throw new InvalidSettings('TOKEN_LEDGER_JOBS: ROLE=worker does nothing but run jobs; do not switch them off.');
  }
}

function refuseUnknown(env: Readonly<Record<string, string | undefined>>): void {
  const known = [...SETTING_NAMES, ...FOREIGN];
  const unknown = Object.keys(env).find((name) => name.startsWith('TOKEN_LEDGER_') && !known.includes(name));
  if (unknown === undefined) return;
  const nearest = known
    .filter((name) => name.startsWith('TOKEN_LEDGER_'))
    .sort((a, b) => distance(a, unknown) - distance(b, unknown))[0];
  throw new InvalidSettings(`${unknown} is not a setting of the ledger. Did you mean ${nearest}?`);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Scheme, host and port of a page, as browsers send them. */
function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Levenshtein distance, for the hint alone. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
