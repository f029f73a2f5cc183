export { assert, InvariantViolation, unreachable } from './assert.js';
export { base62, randomBase62, timeOrdered26 } from './base-n.js';
export { canonicalJson, type Json } from './canonical-json.js';
export { Clock, fromInstant, SystemClock, toInstant } from './clock.js';
export { CREDIT_UNIT, parseAmount } from './credits.js';
export { DAY_MS, parseDurationMs } from './duration.js';
export { IdSource, isUid, RandomIds, SeededIds, type Uid, uidFrom, type UidPrefix, uuidFrom } from './ids.js';
export { type FieldError, LedgerError, type LedgerErrorOptions } from './ledger-error.js';
export { Secret } from './secret.js';
