import { type LedgerSettings, type Principal, streamOf } from '#libs/contracts';
import type { Decider, StreamRepository } from '#libs/event-log';
import { type DirectoryRef, parseRef } from './domain/directory-ref.js';
import { factOf } from './domain/folded-event.js';
import { evolveHolder } from './domain/handle.js';
import { evolveOrganization, initialOrganization, type Organization } from './domain/organization.js';
import { evolveSettings, initialSettings } from './domain/settings.js';
import { evolveUser, initialUser, type User } from './domain/user.js';
import type { UserTarget } from './domain/user-access.js';
import { seesEverything } from './domain/visibility.js';

const HOLDER: Decider<string | null> = { initial: () => null, evolve: evolveHolder };
const USER: Decider<User | null> = { initial: () => initialUser, evolve: evolveUser };
const ORGANIZATION: Decider<Organization | null> = { initial: () => initialOrganization, evolve: evolveOrganization };
const SETTINGS: Decider<LedgerSettings> = {
  initial: () => initialSettings,
  evolve: (state, event) => {
    const fact = factOf(event);
    return fact.type === 'PolicyChanged' ? evolveSettings(state, fact.data) : state;
  },
};

/** What reads the state of a stream: the try of a command, or the repository outside of one. */
export interface StreamReader {
  load<State>(stream: string, decider: Decider<State>): Promise<State>;
}

/** Reads as of now, outside of a command. */
export function readerOf(repository: StreamRepository): StreamReader {
  return { load: async (stream, decider) => (await repository.load(stream, decider)).state };
}

/** Uid of who has the handle; null: it is free. */
export function loadHolder(reader: StreamReader, handle: string): Promise<string | null> {
  return reader.load(streamOf.handle(handle), HOLDER);
}

/** The user that `text` names by uid or handle; null when there is none. */
export async function loadUser(reader: StreamReader, text: string): Promise<User | null> {
  const uid = await uidOf(reader, parseRef(text, 'usr'));
  return uid === null ? null : reader.load(streamOf.user(uid), USER);
}

/** The organization that `text` names by uid or handle; null when there is none. */
export async function loadOrganization(reader: StreamReader, text: string): Promise<Organization | null> {
  const uid = await uidOf(reader, parseRef(text, 'org'));
  return uid === null ? null : reader.load(streamOf.organization(uid), ORGANIZATION);
}

/** The settings of the installation. */
export function loadSettings(reader: StreamReader): Promise<LedgerSettings> {
  return reader.load(streamOf.system, SETTINGS);
}

/** The user that `text` names, and whether the caller may know of it: as itself, by a shared organization or a role. */
export async function loadUserTarget(reader: StreamReader, principal: Principal, text: string): Promise<UserTarget> {
  const user = await loadUser(reader, text);
  if (user === null) return { user, visible: false };
  if (seesEverything(principal) || user.uid === principal.userUid) return { user, visible: true };
  for (const organizationUid of principal.memberships.keys()) {
    const organization = await loadOrganization(reader, organizationUid);
    if (organization?.members.has(user.uid)) return { user, visible: true };
  }
  return { user, visible: false };
}

/** A handle may be that of the other kind: then its stream of this kind holds nothing. */
async function uidOf(reader: StreamReader, ref: DirectoryRef | null): Promise<string | null> {
  if (ref === null) return null;
  return 'uid' in ref ? ref.uid : loadHolder(reader, ref.handle);
}
