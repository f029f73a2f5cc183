import type { AllStreamRecordedEvent, RecordedEvent as ClientEvent } from '@eventstore/db-client';
import type { EventMetadata, EventType, NewEvent } from '#libs/contracts';
import { LogUnavailable, type RecordedEvent } from '../event-log.js';
import type { Position } from '../position.js';

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

/** Where an event lies. What is written in one go has one number for both parts of the server's position. */
export function positionOf({ position }: ClientEvent): Position {
  if (position === undefined) throw new LogUnavailable('the server does not tell positions');
  return position.commit as Position;
}

/** `stream`: the ledger's name of it. Throws LogUnavailable for an event that the ledger did not write. */
export function fromStore(event: ClientEvent | AllStreamRecordedEvent, stream: string): RecordedEvent {
  const stored = event.metadata as Record<string, string> | undefined;
  const recordedAt = stored?.[RECORDED_AT];
  if (stored === undefined || recordedAt === undefined || typeof event.data !== 'object') {
    throw new LogUnavailable(`event ${event.revision} of ${event.streamId} was not written by the ledger`);
  }
  const metadata: Record<string, string> = {};
  const hidden: Record<string, string> = {};
  for (const [key, value] of Object.entries(stored)) {
    if (key.startsWith(PRIVATE)) hidden[key.slice(PRIVATE.length)] = value;
    else if (key !== RECORDED_AT) metadata[key] = value;
  }
  const { id, revision } = event;
  const type = event.type as EventType;
  const data = event.data as unknown as NewEvent['data'];
  const read = { id, type, data, metadata, stream, revision, position: positionOf(event), recordedAt };
  return Object.keys(hidden).length === 0 ? read : { ...read, private: hidden };
}
