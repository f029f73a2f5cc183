import type { EventMetadata, EventType, NewEvent } from '#libs/contracts';
import { LogUnavailable, type RecordedEvent } from '../event-log.js';
import type { ServerEvent } from './server-event.js';

/** An event as it is sent: the bytes are what the server keeps, so that they are the same in every store. */
export interface EventToStore {
  readonly id: string;
  readonly type: string;
  /** JSON. */
  readonly data: string;
  /** JSON, a flat map of strings. */
  readonly metadata: string;
}

interface EventText {
  readonly id: string;
  readonly type: EventType;
  readonly data: NewEvent['data'];
  readonly metadata: EventMetadata;
  readonly private?: Readonly<Record<string, string>>;
}

const RECORDED_AT = 'ledger.recordedAt';
const PRIVATE = 'ledger.private.';

/** An event's canonical text, made ready for the server, which has no place for our instant and the private part. */
export function toStore(text: string, recordedAt: string): EventToStore {
  const { id, type, data, metadata, private: hidden } = JSON.parse(text) as EventText;
  const own: Record<string, string> = { ...metadata, [RECORDED_AT]: recordedAt };
  for (const [key, value] of Object.entries(hidden ?? {})) own[`${PRIVATE}${key}`] = value;
  return { id, type, data: JSON.stringify(data), metadata: JSON.stringify(own) };
}

/** What an event of this adapter or of the ledger says, parsed. Throws LogUnavailable for one that neither wrote. */
export function contentOf<Content>(event: ServerEvent): Content {
  return parsed(event, event.data) as Content;
}

/** `stream`: the ledger's name of it. Throws LogUnavailable for an event that the ledger did not write. */
export function fromStore(event: ServerEvent, stream: string): RecordedEvent {
  const stored = parsed(event, event.metadata) as Record<string, string>;
  const recordedAt = stored[RECORDED_AT];
  if (recordedAt === undefined) throw foreign(event);
  const metadata: Record<string, string> = {};
  const hidden: Record<string, string> = {};
  for (const [key, value] of Object.entries(stored)) {
    if (key.startsWith(PRIVATE)) hidden[key.slice(PRIVATE.length)] = value;
    else if (key !== RECORDED_AT) metadata[key] = value;
  }
  const { id, revision, position } = event;
  const type = event.type as EventType;
  const data = contentOf<NewEvent['data']>(event);
  const read = { id, type, data, metadata, stream, revision, position, recordedAt };
  return Object.keys(hidden).length === 0 ? read : { ...read, private: hidden };
}

function parsed(event: ServerEvent, json: Buffer): object {
  try {
    const value: unknown = JSON.parse(json.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // As what is no object: it is not the ledger's.
  }
  throw foreign(event);
}

function foreign({ revision, stream }: ServerEvent): LogUnavailable {
  return new LogUnavailable(`event ${revision} of ${stream} was not written by the ledger`);
}
