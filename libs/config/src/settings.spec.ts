import { describe, expect, it } from '@jest/globals';
import { readSettings } from './settings.js';

describe('readSettings', () => {
  it('serves on loopback with everything embedded when nothing is set', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({ host: '127.0.0.1', port: 3000, portIsChosen: false, databaseUrl: null });
    expect(settings.secretsFile).toBe(`${settings.dataDir}/secrets`);
  });

  it('names the variable and the reason when a value cannot be used', () => {
    expect(() => readSettings({ DATABASE_URL: 'mysql://x' })).toThrow('DATABASE_URL: must begin with postgres://');
    expect(() => readSettings({ PORT: '99999' })).toThrow(/^PORT: /);
  });

  it('keeps the log in PostgreSQL unless an EventStoreDB is named, by a connection string that its client reads', () => {
    expect(readSettings({})).toMatchObject({ eventStoreUrl: null, eventStoreLeaseMs: 1_000 });
    expect(readSettings({ EVENT_STORE_URL: 'esdb://h:2113?tls=false' }).eventStoreUrl).toBe('esdb://h:2113?tls=false');
    expect(() => readSettings({ EVENT_STORE_URL: 'kurrentdb://h' })).toThrow(
      'EVENT_STORE_URL: must begin with esdb://',
    );
    expect(readSettings({ EVENT_STORE_PREFIX: 'acme' }).eventStorePrefix).toBe('acme');
    expect(() => readSettings({ EVENT_STORE_PREFIX: 'acme.' })).toThrow(/^EVENT_STORE_PREFIX: must be 1 to 32 small/);
    expect(() => readSettings({ EVENT_STORE_LEASE_MS: '0' })).toThrow(/^EVENT_STORE_LEASE_MS: /);
  });

  it('refuses a misspelt variable and names the nearest one', () => {
    expect(() => readSettings({ TOKEN_LEDGER_DATADIR: 'x' })).toThrow(
      'TOKEN_LEDGER_DATADIR is not a setting of the ledger. Did you mean TOKEN_LEDGER_DATA_DIR?',
    );
  });

  it('leaves the variables of clients alone', () => {
    expect(() => readSettings({ TOKEN_LEDGER_API_TOKEN: 'x', TOKEN_LEDGER_ENDPOINT: 'y' })).not.toThrow();
  });

  describe('with a role', () => {
    const shared = { DATABASE_URL: 'postgres://h/ledger', TOKEN_LEDGER_SECRETS_FILE: '/run/secrets/ledger' };

    it('does everything when none is named, and takes no other than those there are', () => {
      expect(readSettings({}).role).toBe('all');
      expect(() => readSettings({ ...shared, ROLE: 'reader' })).toThrow(/^ROLE: /);
      for (const role of ['api', 'worker', 'projector'])
        expect(readSettings({ ...shared, ROLE: role }).role).toBe(role);
    });

    it('refuses one that shares no database or no secrets with others, and says which setting is missing', () => {
      for (const ROLE of ['api', 'worker', 'projector']) {
        expect(() => readSettings({ ...shared, ROLE, DATABASE_URL: '' })).toThrow(/^DATABASE_URL: ROLE=/);
        expect(() => readSettings({ ...shared, ROLE, TOKEN_LEDGER_SECRETS_FILE: '' })).toThrow(
          /^TOKEN_LEDGER_SECRETS_FILE: ROLE=/,
        );
      }
    });

    it('takes the secrets from a file or from the environment, never from both', () => {
      const given = { ...shared, ROLE: 'api', TOKEN_LEDGER_SECRETS_FILE: undefined, TOKEN_LEDGER_SECRETS: '{}' };
      expect(readSettings(given).secretsText).toBe('{}');
      expect(readSettings(shared).secretsText).toBeNull();
      expect(() => readSettings({ ...shared, TOKEN_LEDGER_SECRETS: '{}' })).toThrow(/^TOKEN_LEDGER_SECRETS: /);
    });

    it('refuses a worker that is told to run no jobs', () => {
      expect(() => readSettings({ ...shared, ROLE: 'worker', TOKEN_LEDGER_JOBS: 'false' })).toThrow(
        /^TOKEN_LEDGER_JOBS: /,
      );
    });
  });
});
