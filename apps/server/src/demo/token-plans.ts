import type { NewTokenWish } from '#libs/tokens';
import { ATLAS, HARBOR, LUMEN, MERIDIAN, QUIET } from './organizations.js';
import { PLATFORM_ADMIN } from './people.js';

type Details = Omit<NewTokenWish, 'type' | 'name' | 'owner'>;

export interface TokenPlan {
  /** How the rest of the history names it. */
  readonly key: string;
  readonly name: string;
  readonly day: number;
  /** Access to all endpoints, every scope and 90 days where it does not say otherwise. */
  readonly details?: Details;
}

/** Tokens of one owner, made by one person. */
export interface TokenGroup {
  readonly type: NewTokenWish['type'];
  /** Handle of a user or an organization; null: the installation. */
  readonly owner: string | null;
  readonly by: string;
  readonly tokens: readonly TokenPlan[];
}

export const EHR_NETWORK = '198.51.100.32/28';

const YEAR = { expiresIn: '365d' };
const HALF_YEAR = { expiresIn: '180d' };
const MONTH = { expiresIn: '30d' };
const WEEK = { expiresIn: '7d' };
const INVOKE = { scopes: ['models:invoke'] };

const HARBOR_TOKENS: readonly TokenPlan[] = [
  {
    key: 'ci',
    name: 'CI deploy',
    day: 3,
    details: {
      scopes: ['deploy:*'],
      expiresIn: 'never',
      neverReason: 'the build farm cannot be given a new secret without downtime; reviewed every quarter',
    },
  },
  { key: 'old-gateway', name: 'Old gateway', day: 3, details: { ...YEAR, ...INVOKE } },
  {
    key: 'production',
    name: 'Production inference',
    day: 5,
    details: {
      ...YEAR,
      ...INVOKE,
      description: 'Serves the pick-and-place line in hall 3',
      access: { endpoints: ['deployment:grasp-v3', 'deployment:depth-v1'] },
      metadata: { team: 'perception', pager: 'harbor-oncall' },
    },
  },
  { key: 'nightly-report', name: 'Nightly report', day: 8, details: { ...YEAR, scopes: ['reports:write'] } },
  { key: 'partner', name: 'Partner sandbox', day: 12, details: { ...HALF_YEAR, ...INVOKE } },
  { key: 'staging', name: 'Staging inference', day: 45, details: INVOKE },
  { key: 'notebook', name: 'Notebook service', day: 50, details: YEAR },
  { key: 'load-test', name: 'Load test', day: 70, details: { expiresIn: '24h', ...INVOKE } },
];

const LUMEN_TOKENS: readonly TokenPlan[] = [
  { key: 'migration', name: 'Migration from the old system', day: 4, details: MONTH },
  { key: 'pager', name: 'Pager bridge', day: 5, details: { ...YEAR, scopes: ['alerts:send'] } },
  {
    key: 'ehr',
    name: 'EHR bridge',
    day: 9,
    details: {
      ...YEAR,
      description: 'Health records; only from the clinic’s own network',
      scopes: ['models:invoke', 'records:read'],
      allowedIps: [EHR_NETWORK],
    },
  },
  { key: 'triage', name: 'Batch triage', day: 14, details: { ...HALF_YEAR, ...INVOKE } },
  { key: 'backup', name: 'Backup export', day: 16, details: { ...YEAR, scopes: ['records:export'] } },
];

const ATLAS_TOKENS: readonly TokenPlan[] = [
  { key: 'trial', name: 'Trial', day: 4, details: WEEK },
  { key: 'customs', name: 'Customs declarations', day: 6, details: { ...YEAR, scopes: ['documents:*'] } },
  { key: 'webhook', name: 'Forgotten webhook', day: 6, details: { ...YEAR, scopes: ['events:send'] } },
  { key: 'planner', name: 'Route planner', day: 7, details: { ...YEAR, access: { endpoints: ['deployment:routes'] } } },
  { key: 'scanners', name: 'Depot scanners', day: 15, details: { ...HALF_YEAR, ...INVOKE } },
];

const QUIET_TOKENS: readonly TokenPlan[] = [
  { key: 'render', name: 'Render farm', day: 9, details: { ...YEAR, scopes: ['images:render'] } },
  { key: 'website', name: 'Website', day: 10, details: { ...YEAR, scopes: ['images:read'] } },
  { key: 'preview', name: 'Client preview', day: 40, details: HALF_YEAR },
];

const MERIDIAN_TOKENS: readonly TokenPlan[] = [
  {
    key: 'simulation',
    name: 'Simulation cluster',
    day: 11,
    details: { expiresIn: 'never', neverReason: 'runs last for months, and a run cannot change its credential' },
  },
  { key: 'lake', name: 'Data lake', day: 13, details: { ...YEAR, scopes: ['datasets:*'] } },
  { key: 'workshop', name: 'Workshop', day: 116, details: { ...WEEK, ...INVOKE } },
  { key: 'new-gateway', name: 'New gateway', day: 118, details: YEAR },
];

const organization = (owner: string, by: string, tokens: readonly TokenPlan[]): TokenGroup => ({
  type: 'organization',
  owner,
  by,
  tokens,
});
const personal = (owner: string, ...tokens: TokenPlan[]): TokenGroup => ({
  type: 'personal',
  owner,
  by: PLATFORM_ADMIN,
  tokens,
});

/** Every token of the history but those through which people call the management API. */
export const TOKEN_GROUPS: readonly TokenGroup[] = [
  organization(HARBOR, 'lena-fischer', HARBOR_TOKENS),
  organization(LUMEN, 'amara-diallo', LUMEN_TOKENS),
  organization(ATLAS, 'sofia-rossi', ATLAS_TOKENS),
  organization(QUIET, 'noah-lindqvist', QUIET_TOKENS),
  organization(MERIDIAN, 'ines-almeida', MERIDIAN_TOKENS),
  personal(
    'tomas-novak',
    { key: 'tomas-1', name: 'Local development', day: 10, details: INVOKE },
    { key: 'tomas-2', name: 'Local development, second', day: 99, details: INVOKE },
  ),
  personal(
    'priya-raman',
    { key: 'priya-1', name: 'Notebook experiments', day: 30, details: { ...MONTH, ...INVOKE } },
    { key: 'priya-2', name: 'Notebook experiments, longer', day: 62, details: INVOKE },
    { key: 'leaked', name: 'Blog post demo', day: 55, details: { ...YEAR, ...INVOKE } },
  ),
  personal('david-cohen', { key: 'david', name: 'Integration tests', day: 15, details: HALF_YEAR }),
  personal('omar-haddad', {
    key: 'omar',
    name: 'Dispatch terminal',
    day: 37,
    details: { access: { endpoints: ['deployment:routes'] }, ...INVOKE },
  }),
  personal('yuki-sato', { key: 'yuki', name: 'Thesis run', day: 20, details: YEAR }),
  personal('ines-almeida', { key: 'ines', name: 'Field tablet', day: 33, details: HALF_YEAR }),
  {
    type: 'admin',
    owner: null,
    by: PLATFORM_ADMIN,
    tokens: [
      { key: 'terraform', name: 'Infrastructure code', day: 18, details: MONTH },
      { key: 'automation', name: 'Directory synchronisation', day: 47, details: HALF_YEAR },
    ],
  },
];
