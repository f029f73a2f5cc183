import { fromInstant } from '#libs/kernel';
import type { BornToken, SecretVersion } from '#libs/tokens/domain';
import { RecordReader, RecordWriter } from './record-bytes.js';
import { frozen, type SharedValues } from './shared-values.js';
import type { TokenStanding } from './token-standings.js';

/** What a token is found by and counted by. */
export interface TokenOutline extends TokenStanding {
  readonly uid: string;
  /** Of every secret. */
  readonly keyIds: readonly string[];
}

/**
 * A token as bytes: some 200 of them instead of the 2,000 that its objects take. First what it is found by, then what
 * is its own, and the number of what it shares with others. What is read back equals what was written, whatever fields
 * a later build adds to a token.
 */
export class TokenRecords {
  private readonly writer = new RecordWriter();

  constructor(private readonly shared: SharedValues) {}

  /** Good until the next call. */
  encode(token: BornToken): Buffer {
    const { uid, secretVersions, owner, createdBy, handle, name, prefix, createdAt, expiresAt, ...others } = token;
    const { expiresAtMs: _derived, ...rest } = others;
    const { writer } = this;
    writer.begin();
    writer.text(uid);
    this.secrets(secretVersions);
    this.value(owner);
    this.value(createdBy);
    for (const text of [handle, name, prefix]) writer.text(text);
    writer.instant(createdAt);
    writer.instant(expiresAt);
    const { common, own } = split(rest);
    this.value(common);
    writer.text(Object.keys(own).length === 0 ? '' : JSON.stringify(own));
    return writer.written;
  }

  /** The token whose record begins at `at`. What it shares with others is frozen. */
  decode(bytes: Buffer, at: number): BornToken {
    return this.decodeFrom(new RecordReader(bytes, at));
  }

  /** Only what the token is found and counted by; of a million tokens nothing else is read at the start. */
  outlineAt(bytes: Buffer, at: number): TokenOutline {
    const reader = new RecordReader(bytes, at);
    const uid = reader.text();
    const keyIds = Array.from({ length: reader.number() }, () => {
      reader.number();
      const keyId = reader.text();
      reader.skipDigest();
      this.skip(reader);
      reader.skipInstant();
      reader.skipInstant();
      return keyId;
    });
    for (let shared = 0; shared < 2; shared += 1) this.skip(reader);
    for (let text = 0; text < 3; text += 1) reader.skipText();
    reader.skipInstant();
    const expiresAtMs = reader.instantMs() ?? Number.POSITIVE_INFINITY;
    const { type, phase, disabled } = this.read(reader) as TokenStanding;
    return { uid, keyIds, type, phase, disabled: disabled === true, expiresAtMs };
  }

  uidAt(bytes: Buffer, at: number): string {
    return new RecordReader(bytes, at).text();
  }

  /** Bytes that the record takes. */
  lengthAt(bytes: Buffer, at: number): number {
    const reader = new RecordReader(bytes, at);
    this.decodeFrom(reader);
    return reader.position - at;
  }

  private decodeFrom(reader: RecordReader): BornToken {
    const uid = reader.text();
    const secretVersions = this.readSecrets(reader);
    const owner = this.read(reader) as BornToken['owner'];
    const createdBy = this.read(reader) as BornToken['createdBy'];
    const handle = reader.text();
    const name = reader.text();
    const prefix = reader.text();
    const createdAt = reader.instant() ?? '';
    const expiresAt = reader.instant();
    const expiresAtMs = expiresAt === null ? Number.POSITIVE_INFINITY : fromInstant(expiresAt);
    const common = this.read(reader) as object;
    const own = reader.text();
    const token = { uid, secretVersions, owner, createdBy, handle, name, prefix, createdAt, expiresAt, expiresAtMs };
    const all: object = { ...common, ...token, ...(own === '' ? {} : (JSON.parse(own) as object)) };
    return all as BornToken;
  }

  private secrets(versions: readonly SecretVersion[]): void {
    const { writer } = this;
    writer.number(versions.length);
    for (const { version, keyId, verifier, pepperId, createdAt, retiresAt } of versions) {
      writer.number(version);
      writer.text(keyId);
      writer.digest(verifier);
      this.value(pepperId);
      writer.instant(createdAt);
      writer.instant(retiresAt);
    }
  }

  private readSecrets(reader: RecordReader): SecretVersion[] {
    return Array.from({ length: reader.number() }, () => ({
      version: reader.number(),
      keyId: reader.text(),
      verifier: reader.digest(),
      pepperId: this.read(reader) as string | null,
      createdAt: reader.instant() ?? '',
      retiresAt: reader.instant(),
    }));
  }

  /** A value that others are likely to have as well: its number + 1, or 0 and its text where there is no room. */
  private value(value: unknown): void {
    const text = JSON.stringify(value);
    const id = this.shared.idOf(text);
    this.writer.number(id === null ? 0 : id + 1);
    if (id === null) this.writer.text(text);
  }

  private skip(reader: RecordReader): void {
    if (reader.number() === 0) reader.skipText();
  }

  private read(reader: RecordReader): unknown {
    const id = reader.number();
    return id === 0 ? frozen(JSON.parse(reader.text())) : this.shared.valueOf(id - 1);
  }
}

/** Reach and state: many tokens have the same. */
const COMMON: ReadonlySet<string> = new Set([
  'phase',
  'disabled',
  'type',
  'access',
  'scopes',
  'projects',
  'environment',
  'organizations',
  'allowedIps',
  'custody',
]);

/** Fields that tokens have in common, those that are empty among them, and what a token has for itself. */
function split(fields: Readonly<Record<string, unknown>>) {
  const common: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (COMMON.has(field) || isEmpty(value)) common[field] = value;
    else own[field] = value;
  }
  return { common, own };
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
}
