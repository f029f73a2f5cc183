import { createHash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { AuditEntry } from '../domain/audit-entry.js';
import type { ExportFormat } from './export-filter.dto.js';

const CSV_COLUMNS = [
  'position',
  'entryUid',
  'time',
  'recordedAt',
  'action',
  'outcome',
  'actorType',
  'actorUid',
  'targetType',
  'targetUid',
  'organization',
  'ip',
  'userAgent',
  'requestId',
  'correlationId',
  'reason',
  'changes',
  'tokenPrefix',
];

export interface EncodedEntries {
  readonly stream: Readable;
  readonly count: () => number;
  readonly sha256: () => string;
}

/**
 * Encodes entries as they are read, in constant memory. In CSV a text that a spreadsheet would run as a formula is
 * made plain text (CWE-1236). An error of the source destroys the stream, so that the receiver sees a broken transfer.
 */
export function encodeEntries(source: AsyncIterable<AuditEntry>, format: ExportFormat): EncodedEntries {
  let count = 0;
  const hash = createHash('sha256');
  async function* lines(): AsyncGenerator<string | Record<string, string | null>> {
    for await (const entry of source) {
      count += 1;
      yield format === 'csv' ? rowOf(entry) : `${JSON.stringify(entry)}\n`;
    }
  }
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const encoder = format === 'csv' ? stringify({ header: true, columns: CSV_COLUMNS, escape_formulas: true }) : bytes();
  // The receiver sees an error as a broken transfer; one that stops reading early ends the query as well.
  const stream = pipeline(Readable.from(lines()), encoder, measured, () => undefined);
  // Of a copy: one who asks too early gets the digest of what was sent by then, and does not end the hash.
  return { stream, count: () => count, sha256: () => hash.copy().digest('hex') };
}

function bytes(): Transform {
  return new Transform({
    writableObjectMode: true,
    transform(line: string, _encoding, done) {
      done(null, line);
    },
  });
}

function rowOf(entry: AuditEntry): Record<string, string | null> {
  const { actor, target, changes, ...plain } = entry;
  return {
    ...plain,
    actorType: actor.type,
    actorUid: actor.uid,
    targetType: target?.type ?? null,
    targetUid: target?.uid ?? null,
    changes: changes === null ? null : JSON.stringify(changes),
  };
}
