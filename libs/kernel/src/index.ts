export { assert, InvariantViolation, unreachable } from './assert.js';
export { base62, randomBase62, timeOrdered26 } from './base-n.js';
export { canonicalJson, type Json } from './canonical-json.js';
export { Clock, fromInstant, SystemClock, toInstant } from './clock.js';
export { CREDIT_UNIT, parseAmount } from './credits.js';
export { DAY_MS, HOUR_MS, MINUTE_MS, parseDurationMs } from './duration.js';
export { errorChain, type ErrorLike, withoutPasswords } from './error-chain.js';
export {
  IdSource,
  isUid,
  RandomIds,
  SeededIds,
  timeOfUid,
  type Uid,
  uidFrom,
  type UidPrefix,
  uuidFrom,
} from './ids.js';
export { type FieldError, LedgerError, type LedgerErrorOptions } from './ledger-error.js';
export { parseInstant } from './parse-instant.js';
export { Secret } from './secret.js';
export { SharedRead } from './shared-read.js';
export { within } from './within.js';
