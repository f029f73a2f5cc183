import { describe } from '@jest/globals';
import { idempotencyStoreContract, MemoryIdempotencyStore } from '../testing/index.js';

describe('MemoryIdempotencyStore', () => {
  idempotencyStoreContract(() => Promise.resolve(new MemoryIdempotencyStore()));
});
