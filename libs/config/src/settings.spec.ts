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
});
