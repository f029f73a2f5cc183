import { describe, expect, it } from '@jest/globals';
import { InvalidArguments, readArguments } from './arguments.js';

describe('the command line of the server', () => {
  it('asks for nothing, or for the demo', () => {
    expect(readArguments([])).toEqual({ demo: false });
    expect(readArguments(['--demo'])).toEqual({ demo: true });
  });

  it('is refused where it says anything else, by what it says', () => {
    for (const args of [['--dmeo'], ['--demo', 'now'], ['--help'], ['--demo=true']]) {
      const wrong = args.at(-1) ?? '';
      expect(() => readArguments(args)).toThrow(InvalidArguments);
      expect(() => readArguments(args)).toThrow(wrong);
      expect(() => readArguments(args)).toThrow('--demo');
    }
  });
});
