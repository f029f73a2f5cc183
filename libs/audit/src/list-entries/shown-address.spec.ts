import { describe, expect, it } from '@jest/globals';
import { shownAddress } from './shown-address.js';

describe('shownAddress', () => {
  it.each(['203.0.113.7', '2001:db8::1', '::ffff:203.0.113.7'])('shows %s as it was recorded', (address) => {
    expect(shownAddress(address)).toBe(address);
  });

  it.each([null, '', 'unknown', 'zzz', '203.0.113', '203.0.113.7:443', '203.0.113.0/24'])(
    'shows null for %j',
    (text) => {
      expect(shownAddress(text)).toBeNull();
    },
  );
});
