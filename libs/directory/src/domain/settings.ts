import { DEFAULT_SETTINGS, type EventData, type LedgerSettings, type TokenType } from '#libs/contracts';

/** One setting, as PolicyChanged names it. */
export type SettingName = `maxActiveTokens.${TokenType}` | Exclude<keyof LedgerSettings, 'maxActiveTokens'>;
export type SettingValue = number | LedgerSettings['neverExpires'];
type SettingValues = Readonly<Record<SettingName, SettingValue>>;

/** What a user or an organization has of its own; what is absent follows the installation. */
export interface OwnerSettings {
  readonly overrides: Readonly<Partial<SettingValues>>;
  /** Overrides that an instance admin allowed to be wider than the installation's setting. */
  readonly exceptions: readonly SettingName[];
}

/** A wish to change settings; absent: as it is, null (of an owner's setting): as the installation has it. */
export interface SettingsPatch {
  readonly maxActiveTokens?: Readonly<Partial<Record<TokenType, number | null>>>;
  readonly maxLifetimeDays?: number | null;
  readonly neverExpires?: LedgerSettings['neverExpires'] | null;
  readonly unusedAfterDays?: number | null;
  readonly neverUsedAfterDays?: number | null;
}

/** Inclusive bounds of what may be set. */
export const SETTING_RANGES = {
  maxActiveTokens: { min: 0, max: 100_000 },
  maxLifetimeDays: { min: 1, max: 3650 },
  unusedAfterDays: { min: 1, max: 365 },
  neverUsedAfterDays: { min: 1, max: 365 },
} as const;

export const NO_OWNER_SETTINGS: OwnerSettings = { overrides: {}, exceptions: [] };
export const initialSettings: LedgerSettings = DEFAULT_SETTINGS;

/** Name in PolicyChanged for the list of an owner's exceptions; no setting has this name. */
const EXCEPTIONS = 'exceptions';
/** The days after which a token is flagged open nothing to anybody, so an owner sets them freely. */
const UNBOUNDED: readonly SettingName[] = ['unusedAfterDays', 'neverUsedAfterDays'];

/**
 * The settings in force for one owner. An override that is wider than the installation's setting counts only as an
 * exception: when the installation is narrowed, everybody is, except where an instance admin decided otherwise.
 */
export function effectiveSettings(installation: LedgerSettings, owner: OwnerSettings): LedgerSettings {
  const values: Record<SettingName, SettingValue> = { ...flatten(installation) };
  for (const [name, override] of Object.entries(owner.overrides) as [SettingName, SettingValue][]) {
    if (owner.exceptions.includes(name) || !isWider(name, override, values[name])) values[name] = override;
  }
  return nest(values);
}

/** Folds a PolicyChanged of the installation. */
export function evolveSettings(state: LedgerSettings, policy: EventData<'PolicyChanged'>): LedgerSettings {
  const values: Record<SettingName, SettingValue> = { ...flatten(state) };
  for (const [name, { after }] of Object.entries(policy.changes)) values[name as SettingName] = after as SettingValue;
  return nest(values);
}

/** Folds a PolicyChanged of a user or an organization. */
export function evolveOwnerSettings(state: OwnerSettings, policy: EventData<'PolicyChanged'>): OwnerSettings {
  const overrides: Partial<Record<SettingName, SettingValue>> = { ...state.overrides };
  let exceptions = state.exceptions;
  for (const [name, { after }] of Object.entries(policy.changes)) {
    if (name === EXCEPTIONS) exceptions = after as SettingName[];
    else if (after === null) delete overrides[name as SettingName];
    else overrides[name as SettingName] = after as SettingValue;
  }
  return { overrides, exceptions };
}

/** The settings that a patch names, by their names in PolicyChanged. */
export function namedIn(patch: SettingsPatch): [SettingName, SettingValue | null][] {
  const { maxActiveTokens = {}, ...others } = patch;
  const limits = Object.entries(maxActiveTokens).map(([type, value]) => [`maxActiveTokens.${type}`, value]);
  return [...limits, ...Object.entries(others)].filter(([, value]) => value !== undefined) as [
    SettingName,
    SettingValue | null,
  ][];
}

/** True when `value` allows more than `bound` does. */
export function isWider(name: SettingName, value: SettingValue, bound: SettingValue): boolean {
  if (UNBOUNDED.includes(name)) return false;
  if (typeof value === 'number' && typeof bound === 'number') return value > bound;
  return value === 'with_reason' && bound === 'forbidden';
}

/** Every setting by its name in PolicyChanged. */
export function flatten(settings: LedgerSettings): SettingValues {
  const { maxActiveTokens, ...others } = settings;
  const limits = Object.entries(maxActiveTokens).map(([type, value]) => [`maxActiveTokens.${type}`, value] as const);
  return { ...Object.fromEntries(limits), ...others } as SettingValues;
}

function nest(values: SettingValues): LedgerSettings {
  const types = Object.keys(DEFAULT_SETTINGS.maxActiveTokens) as TokenType[];
  const limits = types.map((type) => [type, values[`maxActiveTokens.${type}`]] as const);
  return {
    maxActiveTokens: Object.fromEntries(limits),
    maxLifetimeDays: values.maxLifetimeDays,
    neverExpires: values.neverExpires,
    unusedAfterDays: values.unusedAfterDays,
    neverUsedAfterDays: values.neverUsedAfterDays,
  } as LedgerSettings;
}
