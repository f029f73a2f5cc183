import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InvalidSettings, readSettings, SETTING_DEFAULTS, SETTING_NAMES } from '#libs/config';
import { PROJECT_ROOT } from './support/project-files.js';

interface Service {
  image?: string;
  build?: string;
  profiles?: string[];
  deploy?: { replicas: number };
  environment: Record<string, string | number>;
  volumes: string[];
  ports?: string[];
  networks: string[];
  command?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
}

interface Compose {
  services: Record<
    'ledger' | 'postgres' | 'redis' | 'api' | 'worker' | 'projector' | 'eventstore' | 'gateway',
    Service
  >;
  volumes: Record<string, null>;
  networks: Record<string, { internal?: boolean } | null>;
}

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml');
  const { services, volumes, networks } = parse(text, { merge: true }) as Compose;
  const { ledger, postgres, redis } = services;
  const all = Object.entries(services);
  const ledgers = all.filter(([, { build }]) => build !== undefined);

  it.each(ledgers)('gives %s settings that there are, with values that it takes', (_name, { environment }) => {
    expect(Object.keys(environment).filter((name) => !isSetting(name))).toEqual([]);
    const env = Object.entries(environment).map(([name, value]) => [name, filledIn(String(value))]);
    expect(() => readSettings(Object.fromEntries(env))).not.toThrow();
  });

  it('runs two processes of each role in profile cluster, and nothing of it without', () => {
    const cluster = all.filter(([, { profiles }]) => profiles?.join() === 'cluster').map(([name]) => name);
    expect(cluster).toEqual(['api', 'worker', 'projector', 'eventstore', 'gateway']);
    const roles = cluster.slice(0, 3) as ('api' | 'worker' | 'projector')[];
    expect(roles.map((name) => services[name].environment['ROLE'])).toEqual(roles);
    expect(roles.map((name) => services[name].deploy)).toEqual(roles.map(() => ({ replicas: 2 })));
    const shared = ['DATABASE_URL', 'EVENT_STORE_URL', 'TOKEN_LEDGER_SECRETS_FILE'];
    for (const name of shared) expect(new Set(roles.map((role) => services[role].environment[name])).size).toBe(1);
    expect(services.eventstore.environment['EVENTSTORE_TELEMETRY_OPTOUT']).toBe('true');
  });

  it('stops with a sentence when a secret is not given, and holds none itself', () => {
    const variables = [...text.matchAll(/\$\{([A-Z_]+)([^}]*)\}/g)];
    const secrets = variables.filter(([, name = '']) => isSecret(name));
    expect(new Set(secrets.map(([, name]) => name))).toEqual(
      new Set(['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'INIT_ADMIN_API_TOKENS']),
    );
    expect(secrets.filter(([, , rest = '']) => !/^:\?.+/.test(rest))).toEqual([]);
    const literal = all.flatMap(([service, { environment }]) =>
      Object.entries(environment)
        .filter(([name, value]) => isSecret(name) && !String(value).startsWith('${'))
        .map(([name]) => `${service}: ${name}`),
    );
    expect(literal).toEqual([]);
  });

  it('reaches PostgreSQL and Redis under the names and with the passwords that these are given', () => {
    const database = new URL(filledIn(String(ledger.environment['DATABASE_URL'])));
    const { POSTGRES_USER: user, POSTGRES_DB: name } = postgres.environment;
    expect([database.hostname, database.username, database.pathname]).toEqual(['postgres', user, `/${name}`]);
    expect(database.password).toBe(filledIn(String(postgres.environment['POSTGRES_PASSWORD'])));
    const queue = new URL(filledIn(String(ledger.environment['REDIS_URL'])));
    expect([queue.hostname, queue.password]).toEqual(['redis', filledIn(redis.command?.at(-1) ?? '')]);
    expect(redis.command?.at(-2)).toBe('--requirepass');
  });

  it('names the major version of every image', () => {
    const images = all.flatMap(([, { image }]) => (image === undefined ? [] : [image]));
    expect([...new Set(images)]).toEqual([
      'postgres:18',
      'redis:7',
      'token-ledger:0.1.0',
      'eventstore/eventstore:23.10.7-bookworm-slim',
      'nginx:1.28',
    ]);
    expect(images).toContain(`token-ledger:${JSON.parse(read('package.json')).version}`);
    const bases = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).toEqual(new Set(['node:26-slim']));
    expect(ledger.build).toBe('.');
  });

  it('publishes no port but the ledger’s and its gateway’s, on loopback, and keeps the databases off the outer network', () => {
    expect(all.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['ledger', 'gateway']);
    const ports = [ledger, services.gateway].flatMap((service) => service.ports ?? []);
    expect(ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    const stores = [postgres, redis, services.eventstore, services.worker, services.projector];
    expect(stores.flatMap((service) => service.networks)).toEqual(stores.map(() => 'private'));
    expect(services.gateway.networks).not.toContain('private');
    expect(networks['private']).toEqual({ internal: true });
  });

  it.each(all)('%s runs without privileges and has time to stop in order', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], stop_grace_period: '40s' });
    expect(service.cap_add).toBeUndefined();
  });

  it.each(all)('%s has a check of its health, in words that YAML keeps whole', (_name, { healthcheck }) => {
    const test = healthcheck?.test ?? [];
    expect(test.length).toBeGreaterThan(1);
    expect(test.filter((word) => typeof word !== 'string')).toEqual([]);
  });

  it('asks the ledger on a path that it answers, and begins when the databases are healthy', () => {
    const url = /http:[^']+/.exec(ledger.healthcheck?.test.at(-1) ?? '')?.[0] ?? '';
    expect(new URL(url).port).toBe(String(ledger.environment['PORT']));
    expect(JSON.parse(read('openapi.json')).paths).toHaveProperty([new URL(url).pathname]);
    const healthy = { condition: 'service_healthy' };
    expect(ledger.depends_on).toEqual({ postgres: healthy, redis: healthy });
  });

  it('keeps on volumes what must outlive a container, where each image looks for it', () => {
    const mounts = all.flatMap(([, service]) => service.volumes.map((volume) => volume.split(':')));
    const named = mounts.map(([name = '']) => name).filter((name) => !name.startsWith('.'));
    expect([...new Set(named)].sort()).toEqual(Object.keys(volumes).sort());
    expect(services.eventstore.volumes).toEqual(['eventstore:/var/lib/eventstore']);
    expect(postgres.volumes).toEqual(['postgres:/var/lib/postgresql']);
    expect(redis.volumes).toEqual(['redis:/data']);
    const [, folder = ''] = ledger.volumes[0]?.split(':') ?? [];
    expect(ledger.environment['TOKEN_LEDGER_DATA_DIR']).toBe(folder);
    expect(read('Dockerfile')).toContain(`VOLUME ${folder}\n`);
  });

  it('lets Redis lose no job', () => {
    expect(redis.command?.join(' ')).toContain('--appendonly yes --maxmemory-policy noeviction');
  });
});

describe('docs/operating/configuration.md', () => {
  const rows = [...read('docs/operating/configuration.md').matchAll(/^\| `([A-Z_]+)`\s*\| (.*?)\s*\| (.*?)\s*\|$/gm)];
  const documented = new Map(rows.map(([, name = '', value = '', meaning = '']) => [name, { value, meaning }]));

  it('has a row for every setting, and for nothing else', () => {
    expect(rows.length).toBe(documented.size);
    expect([...documented.keys()].sort()).toEqual([...SETTING_NAMES].sort());
    expect([...documented].filter(([, { meaning }]) => meaning.length < 20)).toEqual([]);
  });

  it('gives the default that the code has', () => {
    const defaults = Object.entries(SETTING_DEFAULTS).filter(([, value]) => value !== undefined && value !== '');
    expect(defaults.length).toBeGreaterThan(5);
    expect(defaults.map(([name]) => [name, documented.get(name)?.value])).toEqual(
      defaults.map(([name, value]) => [name, `\`${String(value)}\``]),
    );
    const without = SETTING_NAMES.filter((name) => !defaults.some(([other]) => other === name));
    expect(without.filter((name) => documented.get(name)?.value.startsWith('`') && !name.endsWith('_FILE'))).toEqual(
      [],
    );
  });

  it('names the commands of package.json', () => {
    const text = read('docs/operating/configuration.md');
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = [...text.matchAll(/npm run ([a-z-]+)/g)].map(([, name = '']) => name);
    expect(new Set(commands)).toEqual(new Set(['mint-token', 'migrate-log', 'rebuild']));
    expect(commands.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('a server', () => {
  it('refuses a misspelt setting that a compose file would give it', () => {
    expect(() => readSettings({ TOKEN_LEDGER_DATADIR: '/data' })).toThrow(InvalidSettings);
  });
});

/** ROLE is checked with the others once the settings know it: readSettings takes or refuses its value. */
function isSetting(name: string): boolean {
  return name === 'ROLE' || SETTING_NAMES.includes(name);
}

/** Whether a variable of this name holds a secret. */
function isSecret(name: string): boolean {
  return /PASSWORD|SECRET|TOKENS|AUTH$/.test(name) && !name.endsWith('_FILE');
}

/** The text with every variable replaced by its name in small letters, as if somebody had set it so. */
function filledIn(text: string): string {
  return text.replaceAll(/\$\{([A-Z_]+)[^}]*\}/g, (_whole, name: string) => name.toLowerCase());
}
