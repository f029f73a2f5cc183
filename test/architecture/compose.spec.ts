import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InvalidSettings, readSettings, SETTING_DEFAULTS, SETTING_NAMES } from '#libs/config';
import { PROJECT_ROOT } from './support/project-files.js';

interface Service {
  image?: string;
  build?: string;
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
  services: Record<'ledger' | 'postgres' | 'redis', Service>;
  volumes: Record<string, null>;
  networks: Record<string, { internal?: boolean } | null>;
}

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml');
  const { services, volumes, networks } = parse(text) as Compose;
  const { ledger, postgres, redis } = services;
  const all = Object.entries(services);

  it('gives the ledger settings that there are, with values that it takes', () => {
    expect(Object.keys(ledger.environment).filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
    const env = Object.entries(ledger.environment).map(([name, value]) => [name, filledIn(String(value))]);
    expect(() => readSettings(Object.fromEntries(env))).not.toThrow();
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
    expect(images).toEqual(['postgres:18', 'redis:7']);
    const bases = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).toEqual(new Set(['node:20-bookworm-slim']));
    expect(ledger.build).toBe('.');
  });

  it('publishes no port but the ledger’s, on loopback, and keeps the databases off the outer network', () => {
    expect(all.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['ledger']);
    expect(ledger.ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    expect([postgres.networks, redis.networks]).toEqual([['private'], ['private']]);
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
    expect(mounts.map(([name]) => name).sort()).toEqual(Object.keys(volumes).sort());
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

/** Whether a variable of this name holds a secret. */
function isSecret(name: string): boolean {
  return /PASSWORD|SECRET|TOKENS|AUTH$/.test(name);
}

/** The text with every variable replaced by its name in small letters, as if somebody had set it so. */
function filledIn(text: string): string {
  return text.replaceAll(/\$\{([A-Z_]+)[^}]*\}/g, (_whole, name: string) => name.toLowerCase());
}
