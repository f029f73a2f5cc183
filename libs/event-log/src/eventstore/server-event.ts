import protobuf from 'protobufjs/minimal.js';
import type { Position } from '../position.js';
import { ENTRY, IDENTIFIER, UUID } from './protocol-fields.js';

/** An event as the server keeps it. */
export interface ServerEvent {
  readonly id: string;
  readonly type: string;
  /** The server's name of it. */
  readonly stream: string;
  readonly revision: bigint;
  /** What is written in one go has one number for both parts of the server's position. NO_POSITION: it does not say. */
  readonly position: Position;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export const NO_POSITION = -1n as Position;

/** What a read is answered with that is no event: that the stream does not exist, or how far a subscription has come. */
export const NO_EVENT = Symbol('no event');

const WIRE_TYPE = 7;
const EMPTY = Buffer.alloc(0);

/**
 * Reads an answer to a read, a ReadResp of the protocol (streams.proto of the server), as bytes: an event costs a third of
 * what the classes of the client take for it, and every event is read by each of its readers.
 */
export function serverEvent(answer: Buffer): ServerEvent | typeof NO_EVENT {
  const reader = protobuf.Reader.create(answer);
  let event: ServerEvent | typeof NO_EVENT = NO_EVENT;
  eachField(reader, reader.len, (field) => {
    if (field !== READ_RESP.event) return false;
    eachField(reader, reader.uint32() + reader.pos, (inner) => {
      if (inner !== READ_EVENT.event) return false;
      event = recordedEvent(reader);
      return true;
    });
    return true;
  });
  return event;
}

/** Numbers of the fields in streams.proto. */
const READ_RESP = { event: 1 } as const;
const READ_EVENT = { event: 1 } as const;
const RECORDED = { id: 1, stream: 2, revision: 3, position: 5, properties: 6, metadata: 7, data: 8 } as const;

function recordedEvent(reader: protobuf.Reader): ServerEvent {
  let [id, type, stream] = ['', '', ''];
  let revision = 0n;
  let position = NO_POSITION;
  let [data, metadata]: [Buffer, Buffer] = [EMPTY, EMPTY];
  eachField(reader, reader.uint32() + reader.pos, (field) => {
    if (field === RECORDED.id) id = textIn(reader, UUID.text);
    else if (field === RECORDED.stream) stream = textIn(reader, IDENTIFIER.name);
    else if (field === RECORDED.revision) revision = unsigned(reader);
    else if (field === RECORDED.position) position = unsigned(reader) as Position;
    else if (field === RECORDED.properties) {
      const [key, value] = property(reader);
      if (key === 'type') type = value;
    } else if (field === RECORDED.metadata) metadata = reader.bytes() as Buffer;
    else if (field === RECORDED.data) data = reader.bytes() as Buffer;
    else return false;
    return true;
  });
  return { id, type, stream, revision, position, data, metadata };
}

/** Calls `read` for each field up to `end`; it reads the value, or answers false for one to be left out. */
function eachField(reader: protobuf.Reader, end: number, read: (field: number) => boolean): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (!read(tag >>> 3)) reader.skipType(tag & WIRE_TYPE);
  }
}

/** The text in one field of a message. */
function textIn(reader: protobuf.Reader, wanted: number): string {
  let text = '';
  eachField(reader, reader.uint32() + reader.pos, (field) => {
    if (field !== wanted) return false;
    text = reader.string();
    return true;
  });
  return text;
}

/** An entry of a map. */
function property(reader: protobuf.Reader): [key: string, value: string] {
  const entry: [string, string] = ['', ''];
  eachField(reader, reader.uint32() + reader.pos, (field) => {
    entry[field === ENTRY.key ? 0 : 1] = reader.string();
    return true;
  });
  return entry;
}

function unsigned(reader: protobuf.Reader): bigint {
  const value = reader.uint64();
  if (typeof value === 'number') return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}
