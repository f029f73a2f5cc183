import type { EventData, LedgerSettings } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import type { Json } from '#libs/kernel';
import { documentsProjection, type Row } from '#libs/projections';
import { policyScopeOf } from '../domain/policy-scope.js';
import { evolveSettings, initialSettings } from '../domain/settings.js';

interface SettingsRow extends Row {
  readonly scope: string;
  readonly settings: Json;
}

/** Settings of the installation; those of users and organizations stand with their owners. */
export const settingsProjection = documentsProjection<SettingsRow, 'PolicyChanged'>({
  name: 'settings',
  table: { name: 'settings', columns: { scope: 'text', settings: 'jsonb' }, key: ['scope'] },
  handles: ['PolicyChanged'],
  partitionOf: (event) => event.data.scope,
  keysOf: (event) => (policyScopeOf(event.data) === 'installation' ? [[event.data.scope]] : []),
  evolve: (row, event: RecordedEvent<'PolicyChanged'>) => {
    const policy: EventData<'PolicyChanged'> = event.data;
    const current = row === null ? initialSettings : (row.settings as unknown as LedgerSettings);
    return { scope: policy.scope, settings: evolveSettings(current, policy) as unknown as Json };
  },
});
