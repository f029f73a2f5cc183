import { describe, expect, it } from '@jest/globals';
import { parsePostmasterPid } from './postmaster-pid.js';

const READY = '3333\n/data\n1795570340\n5432\n/data/socket\n\n 11657345         4\nready   \n';

describe('parsePostmasterPid', () => {
  it('reads a complete file', () => {
    expect(parsePostmasterPid(READY)).toEqual({ pid: 3333, socketDirectory: '/data/socket', status: 'ready' });
  });

  it('reads a file that is still being written', () => {
    expect(parsePostmasterPid('3333\n/data\n1795570340\n5432\n')).toEqual({ pid: 3333 });
    expect(parsePostmasterPid('3333')).toEqual({ pid: 3333 });
  });

  it('finds nothing in an empty or damaged file', () => {
    expect(parsePostmasterPid('')).toBeUndefined();
    expect(parsePostmasterPid('no number\n/data\n')).toBeUndefined();
  });

  it('takes the pid of a stand-alone backend, which is written as a negative number', () => {
    expect(parsePostmasterPid('-3333\n/data\n')).toEqual({ pid: 3333 });
  });
});
