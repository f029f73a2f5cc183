import { Type } from '@sinclair/typebox';
import { eventContract } from './event-contract.js';
import { changes, handle, organizationUid, reason, userUid } from './fields.js';

const USER = 'usr_01JD00000000000000000000VS';
const ORGANIZATION = 'org_01JD00000000000000000000RG';

export const memberRole = Type.Union([
  Type.Literal('admin'),
  Type.Literal('developer'),
  Type.Literal('endpoint_user'),
  Type.Literal('billing'),
  Type.Literal('auditor'),
]);
export const instanceRole = Type.Union([Type.Literal('admin'), Type.Literal('auditor'), Type.Literal('billing')]);

export const handleTaken = eventContract({
  type: 'HandleTaken',
  version: 1,
  stream: 'handle-<handle>',
  writtenWhen: 'A user or an organization is created; in the same request, with the stream expected to hold nothing.',
  guarantees: 'Users and organizations share one namespace of handles.',
  schema: Type.Object({ handle, holder: Type.String() }),
  example: { handle: 'acme', holder: ORGANIZATION },
});

export const userCreated = eventContract({
  type: 'UserCreated',
  version: 1,
  stream: 'user-<uid>',
  writtenWhen: 'An instance admin creates a user.',
  guarantees: 'First event of its stream; the personal account opens in the same request.',
  schema: Type.Object({ userUid, handle, email: Type.String(), name: Type.String() }),
  example: { userUid: USER, handle: 'ada', email: 'ada@example.com', name: 'Ada' },
});

export const userUpdated = eventContract({
  type: 'UserUpdated',
  version: 1,
  stream: 'user-<uid>',
  writtenWhen: 'Name or e-mail address of a user change.',
  guarantees: 'Only fields that differ are listed.',
  schema: Type.Object({ userUid, changes }),
  example: { userUid: USER, changes: { name: { before: 'Ada', after: 'Ada L.' } } },
});

export const userDisabled = eventContract({
  type: 'UserDisabled',
  version: 1,
  stream: 'user-<uid>',
  writtenWhen: 'An instance admin disables a user.',
  guarantees: 'Every check that starts after its acknowledgement refuses all personal tokens of the user.',
  schema: Type.Object({ userUid, reason }),
  example: { userUid: USER, reason: 'left the company' },
});

export const userEnabled = eventContract({
  type: 'UserEnabled',
  version: 1,
  stream: 'user-<uid>',
  writtenWhen: 'A disabled user is enabled again.',
  guarantees: 'Only after UserDisabled.',
  schema: Type.Object({ userUid, reason }),
  example: { userUid: USER, reason: null },
});

export const instanceRolesChanged = eventContract({
  type: 'InstanceRolesChanged',
  version: 1,
  stream: 'user-<uid>',
  writtenWhen: 'The instance roles of a user change.',
  guarantees: 'Holds the whole set before and after.',
  schema: Type.Object({ userUid, before: Type.Array(instanceRole), after: Type.Array(instanceRole) }),
  example: { userUid: USER, before: [], after: ['auditor'] },
});

export const organizationCreated = eventContract({
  type: 'OrganizationCreated',
  version: 1,
  stream: 'organization-<uid>',
  writtenWhen: 'A user or an instance admin creates an organization.',
  guarantees: 'First event of its stream; its account opens in the same request.',
  schema: Type.Object({ organizationUid, handle, name: Type.String() }),
  example: { organizationUid: ORGANIZATION, handle: 'acme', name: 'Acme' },
});

export const organizationUpdated = eventContract({
  type: 'OrganizationUpdated',
  version: 1,
  stream: 'organization-<uid>',
  writtenWhen: 'The name of an organization changes.',
  guarantees: 'Only fields that differ are listed.',
  schema: Type.Object({ organizationUid, changes }),
  example: { organizationUid: ORGANIZATION, changes: { name: { before: 'Acme', after: 'Acme Inc.' } } },
});

export const memberAdded = eventContract({
  type: 'MemberAdded',
  version: 1,
  stream: 'organization-<uid>',
  writtenWhen: 'A user becomes a member.',
  guarantees: 'At most once until MembershipEnded of the same user.',
  schema: Type.Object({ organizationUid, userUid, role: memberRole }),
  example: { organizationUid: ORGANIZATION, userUid: USER, role: 'developer' },
});

export const memberRoleChanged = eventContract({
  type: 'MemberRoleChanged',
  version: 1,
  stream: 'organization-<uid>',
  writtenWhen: 'The role of a member changes.',
  guarantees: 'Only for members.',
  schema: Type.Object({ organizationUid, userUid, before: memberRole, after: memberRole }),
  example: { organizationUid: ORGANIZATION, userUid: USER, before: 'developer', after: 'admin' },
});

export const membershipEnded = eventContract({
  type: 'MembershipEnded',
  version: 1,
  stream: 'organization-<uid>',
  writtenWhen: 'A user stops to be a member.',
  guarantees:
    'Every check that starts after its acknowledgement refuses this organization to the personal tokens of the user.',
  schema: Type.Object({ organizationUid, userUid, reason }),
  example: { organizationUid: ORGANIZATION, userUid: USER, reason: null },
});

export const policyChanged = eventContract({
  type: 'PolicyChanged',
  version: 1,
  stream: 'system, user-<uid> or organization-<uid>',
  writtenWhen: 'Settings of the installation, of an organization or of a user change.',
  guarantees: 'Only settings that differ are listed; `after: null` returns to the setting of the installation.',
  schema: Type.Object({ scope: Type.String({ description: '`installation`, or the uid.' }), changes }),
  example: { scope: 'installation', changes: { unusedAfterDays: { before: 90, after: 60 } } },
});

export const installationInitialized = eventContract({
  type: 'InstallationInitialized',
  version: 1,
  stream: 'system',
  writtenWhen: 'The first server starts on an empty ledger.',
  guarantees: 'First event of its stream.',
  schema: Type.Object({ installationUid: Type.String() }),
  example: { installationUid: 'ins_01JD00000000000000000000NS' },
});

export const auditStarted = eventContract({
  type: 'AuditStarted',
  version: 1,
  stream: 'system',
  writtenWhen: 'A server begins to record.',
  guarantees: 'One for each start of a server.',
  schema: Type.Object({ node: Type.String() }),
  example: { node: 'node-1' },
});

export const auditStopped = eventContract({
  type: 'AuditStopped',
  version: 1,
  stream: 'system',
  writtenWhen: 'A server stops in order.',
  guarantees: 'Absent after a crash.',
  schema: Type.Object({ node: Type.String() }),
  example: { node: 'node-1' },
});

export const auditLogExported = eventContract({
  type: 'AuditLogExported',
  version: 1,
  stream: 'system',
  writtenWhen: 'Somebody starts an export of the audit log; appended before the first row is sent.',
  guarantees: 'One for each export.',
  schema: Type.Object({
    format: Type.String(),
    filter: Type.Record(Type.String(), Type.String(), { description: 'The filters as they were given.' }),
    upTo: Type.String({ description: 'Position of the last entry that the export can hold.' }),
  }),
  example: { format: 'csv', filter: { action: 'TokenRevoked' }, upTo: '4711' },
});

export const jobRequested = eventContract({
  type: 'JobRequested',
  version: 1,
  stream: 'system',
  writtenWhen: 'Somebody asks for a run of a job out of turn.',
  guarantees: 'Appended before the job is queued.',
  schema: Type.Object({ job: Type.String() }),
  example: { job: 'expire-tokens' },
});
