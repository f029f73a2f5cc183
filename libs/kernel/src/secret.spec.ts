import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

describe('Secret', () => {
  it('prints as nothing that could be used, however it is printed', () => {
    const secret = new Secret('hunter2');
    const printed = [
      String(secret),
      ['', secret].join(''),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ a: [secret] }),
    ];
    expect(printed.join()).not.toContain('hunter2');
    expect(secret.expose()).toBe('hunter2');
  });
});
