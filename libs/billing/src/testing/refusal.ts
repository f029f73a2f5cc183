import { expect } from '@jest/globals';
import type { ErrorCode } from '#libs/contracts';

/** What `toThrow` and `rejects.toEqual` take: the expected refusal with this code, for this field if one is named. */
export function refusal(code: ErrorCode, field?: string): Error {
  const fields = [expect.objectContaining({ field, code })];
  const options = field === undefined ? {} : { options: expect.objectContaining({ fields }) };
  return expect.objectContaining({ name: 'LedgerError', code, ...options }) as unknown as Error;
}
