import type { Static } from '@sinclair/typebox';
import * as billing from './billing-events.js';
import * as directory from './directory-events.js';
import type { EventContract } from './event-contract.js';
import * as token from './token-events.js';
import * as usage from './usage-events.js';

const contracts = {
  TokenCreated: token.tokenCreated,
  TokenUpdated: token.tokenUpdated,
  TokenRevoked: token.tokenRevoked,
  TokenDisabled: token.tokenDisabled,
  TokenEnabled: token.tokenEnabled,
  TokenExpired: token.tokenExpired,
  TokenFlaggedUnused: token.tokenFlaggedUnused,
  TokenUnusedCleared: token.tokenUnusedCleared,
  TokenSlotTaken: token.tokenSlotTaken,
  TokenSlotReleased: token.tokenSlotReleased,
  TokenUsed: usage.tokenUsed,
  TokenUseDenied: usage.tokenUseDenied,
  TokenSeen: usage.tokenSeen,
  HandleTaken: directory.handleTaken,
  UserCreated: directory.userCreated,
  UserUpdated: directory.userUpdated,
  UserDisabled: directory.userDisabled,
  UserEnabled: directory.userEnabled,
  InstanceRolesChanged: directory.instanceRolesChanged,
  OrganizationCreated: directory.organizationCreated,
  OrganizationUpdated: directory.organizationUpdated,
  MemberAdded: directory.memberAdded,
  MemberRoleChanged: directory.memberRoleChanged,
  MembershipEnded: directory.membershipEnded,
  PolicyChanged: directory.policyChanged,
  InstallationInitialized: directory.installationInitialized,
  AuditStarted: directory.auditStarted,
  AuditStopped: directory.auditStopped,
  AuditLogExported: directory.auditLogExported,
  JobRequested: directory.jobRequested,
  AccountOpened: billing.accountOpened,
  AccountModeChanged: billing.accountModeChanged,
  CreditsGranted: billing.creditsGranted,
  GrantExpired: billing.grantExpired,
  OrgCharged: billing.orgCharged,
  UserCharged: billing.userCharged,
  ChargeReversed: billing.chargeReversed,
} as const;

/** Every event type of the ledger, by name. */
export const EVENT_CONTRACTS: Readonly<Record<EventType, EventContract>> = contracts;

export type EventType = keyof typeof contracts;
export type EventData<T extends EventType> = Static<(typeof contracts)[T]['schema']>;

/** An event as a decision yields it: what happened, without ids and without where it stands. */
export type Fact<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly data: EventData<K>; readonly private?: Readonly<Record<string, string>> };
}[T];

export type TokenEventType =
  | 'TokenCreated'
  | 'TokenUpdated'
  | 'TokenRevoked'
  | 'TokenDisabled'
  | 'TokenEnabled'
  | 'TokenExpired'
  | 'TokenFlaggedUnused'
  | 'TokenUnusedCleared';
export type AccountEventType =
  | 'AccountOpened'
  | 'AccountModeChanged'
  | 'CreditsGranted'
  | 'GrantExpired'
  | 'OrgCharged'
  | 'UserCharged'
  | 'ChargeReversed';

export type TokenType = EventData<'TokenCreated'>['type'];
export type TokenOwner = EventData<'TokenCreated'>['owner'];
export type TokenAccess = EventData<'TokenCreated'>['access'];
export type MemberRole = EventData<'MemberAdded'>['role'];
export type InstanceRole = EventData<'InstanceRolesChanged'>['after'][number];
export type AccountMode = EventData<'AccountOpened'>['mode'];
export type Allocation = EventData<'OrgCharged'>['allocations'][number];
export { tokenCreatedPrivate } from './token-events.js';
export { chargedUseEventId } from './usage-events.js';
export type { EventContract } from './event-contract.js';
