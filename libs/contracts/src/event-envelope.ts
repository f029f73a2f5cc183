import { type IdSource, toInstant } from '#libs/kernel';
import { EVENT_CONTRACTS, type EventType, type Fact } from './events/index.js';

/** Who performed a recorded action. */
export interface Actor {
  readonly type: 'user' | 'organization' | 'token' | 'system' | 'job' | 'anonymous';
  /** Uid; for `system`, `job` and `anonymous` its name. */
  readonly uid: string;
}

/** What is known of a command besides its content; becomes the metadata of its events. */
export interface CommandContext {
  readonly actor: Actor;
  /** Uid of the token through which the actor acted; absent for system and jobs. */
  readonly credential?: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly ip?: string;
  readonly userAgent?: string;
  /** Instant of the command, epoch milliseconds; repeated unchanged when the command is retried. */
  readonly at: number;
  readonly ids: IdSource;
  /** SHA-256 (hex) of caller and idempotency key, where one was given, and of the canonical request. */
  readonly idempotency?: { readonly keyHash: string; readonly fingerprint: string };
}

/** A flat map of strings: every store can carry it. */
export type EventMetadata = Readonly<Record<string, string>>;

/** An event that is ready to be appended. */
export interface NewEvent<T extends EventType = EventType> {
  /** UUID, drawn from the command's ids: the same command gives the same id. */
  readonly id: string;
  readonly type: T;
  readonly data: Fact<T>['data'];
  readonly metadata: EventMetadata;
  /** Never exported or listed; a proof covers its SHA-256 only. */
  readonly private?: Readonly<Record<string, string>>;
}

/** What of a context its events tell. */
export type ToldContext = Omit<CommandContext, 'ids' | 'idempotency'>;

/** What a context tells, whatever happens in it. Member by member: spreading the optional ones costs more than all others. */
export function metadataOf(context: ToldContext): Record<string, string> {
  const metadata: Record<string, string> = {
    $correlationId: context.correlationId,
    requestId: context.requestId,
    actorType: context.actor.type,
    actorUid: context.actor.uid,
    occurredAt: toInstant(context.at),
  };
  if (context.credential !== undefined) metadata['credential'] = context.credential;
  if (context.ip !== undefined) metadata['ip'] = context.ip;
  if (context.userAgent !== undefined) metadata['userAgent'] = context.userAgent;
  return metadata;
}

/** The metadata of an event of this type. */
export function eventMetadataOf(context: ToldContext, type: EventType): EventMetadata {
  const metadata = metadataOf(context);
  metadata['schemaVersion'] = SCHEMA_VERSIONS[type];
  return metadata;
}

/** The version that events of each type are written in, as their metadata says it. */
export const SCHEMA_VERSIONS = Object.fromEntries(
  Object.values(EVENT_CONTRACTS).map(({ type, version }) => [type, String(version)]),
) as Readonly<Record<EventType, string>>;

/** Facts of a decision, made ready to be appended: each with an id and the command's metadata. */
export function toEvents(facts: readonly Fact[], context: CommandContext): NewEvent[] {
  return facts.map((fact) => ({
    id: context.ids.uuid(),
    type: fact.type,
    data: fact.data,
    metadata: eventMetadataOf(context, fact.type),
    ...(fact.private === undefined ? {} : { private: fact.private }),
  }));
}
